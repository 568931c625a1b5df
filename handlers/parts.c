#include "handlers/parts.h"

#include <string.h>

#include "base/macros.h"
#include "store/message.h"

enum {
	LOGO_BYTES = 30000, /* smaller pictures inside a text are signatures */
};

static const char g_type_or_csv[] =
    "Please type your answers, or save it as a CSV file and attach that.";

/* What each verdict of the parser means to the sender. */
static const struct {
	const char *words, *why, *fix;
} g_verdicts[] = {
    [PART_KEPT] = {"kept as proof. We did not look inside it.", NULL, NULL},
    [PART_READ] = {"read", NULL, NULL},
    [PART_UNREADABLE] = {"kept, but it is damaged. We could not read it.",
	"it is damaged.", "Please attach it again."},
    [PART_ENCRYPTED] = {"kept, but it is locked. We could not read it.",
	"it is locked.",
	"Take the password or the label off, save it and attach it again."},
    [PART_WORKBOOK] = {"kept. We cannot read this kind of file yet.",
	"we cannot read this kind of file yet.", g_type_or_csv},
    [PART_OLD_FORMAT] = {"kept. We cannot read this kind of file.",
	"we cannot read this kind of file.", g_type_or_csv},
    [PART_CALENDAR] = {"kept. We did not read this invitation.", NULL, NULL},
    [PART_MESSAGE] = {"kept. We do not read an email inside an email.", NULL,
	NULL},
    [PART_TOO_LARGE] = {"kept, but it is too large to read.",
	"it is too large to read.",
	"Please send it in smaller files, or type your answers."},
};

const char *
part_verdict_words(const struct record_part *part)
{
	return g_verdicts[part->verdict].words;
}

bool
part_has_trouble(const struct record_part *part,
    struct part_trouble *ret_trouble)
{
	if (g_verdicts[part->verdict].why == NULL)
		return false;
	ret_trouble->why = g_verdicts[part->verdict].why;
	ret_trouble->fix = g_verdicts[part->verdict].fix;
	return true;
}

static const char *
part_name(const struct record_part *part)
{
	return part->name[0] == '\0' ? "a file without a name" : part->name;
}

json_t *
parts_values(const struct intake *intake, enum parts_use use)
{
	json_t *list = json_array();

	for (size_t i = 0; i < intake->record->part_count; i++) {
		const struct record_part *part = &intake->record->parts[i];
		if (part->is_inline && part->name[0] == '\0')
			continue; /* a logo in a signature */
		const char *verdict =
		    use == PARTS_LOOSE && part->verdict == PART_KEPT
			? "not used. Please attach it to your answer again."
			: part_verdict_words(part);
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s}", "name", part_name(part), "verdict",
			verdict));
	}
	return list;
}

/* Was the file itself the form? */
static bool
is_form(const struct intake *intake, size_t part)
{
	const struct record *record = intake->record;
	const bool *read = intake->reading.source.table_read;

	for (size_t i = 0; read != NULL && i < record->table_count; i++)
		if (record->tables[i].part == part && read[i])
			return true;
	return false;
}

bool
parts_is_evidence(const struct intake *intake, size_t part)
{
	static const enum record_verdict verdicts[] = {PART_KEPT, PART_READ,
	    PART_WORKBOOK, PART_OLD_FORMAT, PART_MESSAGE};
	const struct record_part *one = &intake->record->parts[part];

	if (one->bytes == 0 || strstr(one->type, "signature") != NULL ||
	    (one->is_inline && one->bytes < LOGO_BYTES) ||
	    is_form(intake, part))
		return false;
	for (size_t i = 0; i < COUNT_OF(verdicts); i++)
		if (one->verdict == verdicts[i])
			return true;
	return false;
}

json_t *
parts_troubles(const struct intake *intake)
{
	json_t *list = json_array();
	struct part_trouble trouble;

	for (size_t i = 0; i < intake->record->part_count; i++) {
		const struct record_part *part = &intake->record->parts[i];
		if (part_has_trouble(part, &trouble))
			(void)json_array_append_new(list,
			    json_pack("{s:s, s:s, s:s}", "name",
				part_name(part), "why", trouble.why, "fix",
				trouble.fix));
	}
	if (intake->record->has_share_link)
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "name",
			"a link to a shared file", "why",
			"we cannot open links.", "fix",
			"Attach the file itself."));
	return list;
}

int
parts_store(const struct intake *intake, struct err *err)
{
	const struct record *record = intake->record;
	struct message_part *parts = arena_array(intake->desk->arena,
	    record->part_count + 1, sizeof(*parts));

	for (size_t i = 0; i < record->part_count; i++)
		parts[i] = (struct message_part){
		    .name = record->parts[i].name,
		    .type = record->parts[i].type,
		    .sha256 = record->parts[i].sha256,
		    .verdict = part_verdict_words(&record->parts[i]),
		    .encoding = record->parts[i].encoding,
		    .bytes = (int64_t)record->parts[i].bytes,
		    .offset = (int64_t)record->parts[i].offset,
		    .raw_bytes = (int64_t)record->parts[i].raw_bytes,
		};
	return message_add_parts(intake->desk->store, intake->message,
	    &(struct message_parts){parts, record->part_count}, err);
}
