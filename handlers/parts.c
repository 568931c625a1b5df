#include "handlers/parts.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "store/message.h"

enum {
	LOGO_BYTES = 30000, /* smaller pictures inside a text are signatures */
};

static const char g_link_why[] =
    "we cannot open links to OneDrive, SharePoint, Google or Dropbox.";
static const char g_link_fix[] =
    "Download the file and attach the file itself. In Outlook choose Attach as "
    "copy.";
static const char g_xlsx[] =
    "Open it in Excel. Choose File, Save As, Excel Workbook (.xlsx). Attach "
    "that file.";
static const char g_docx[] =
    "Open it in Word. Choose File, Save As, Word Document (.docx). Attach that "
    "file.";

/* What each verdict of the parser means to the sender. `why` is NULL where
 * nothing is wrong. */
static const struct {
	const char *words, *why, *fix;
} g_verdicts[] = {
    [PART_KEPT] = {"kept as proof. We did not look inside it.", NULL, NULL},
    [PART_READ] = {"read", NULL, NULL},
    [PART_UNREADABLE] = {"", "it is damaged, so we could not read it.",
	"Open it, save it under a new name and attach it again."},
    [PART_ENCRYPTED] = {"", "it is locked with a password.",
	"Open it with the password. In Excel or Word choose File, Info, "
	"Protect, "
	"Encrypt with Password, and empty the box. Save it and attach it "
	"again."},
    [PART_LABELLED] = {"",
	"a sensitivity label locks it, so we cannot open it.",
	"In Outlook, Excel or Word choose Sensitivity and a label that does "
	"not encrypt. Then save it and send it again. If you may not, call "
	"us."},
    [PART_WRAPPED] = {"",
	"it is a locked message that opens on another site "
	"only.",
	"Please send it again as an ordinary email, with secure sending "
	"turned off."},
    [PART_OLD_FORMAT] = {"", "we cannot read this kind of file.", g_xlsx},
    [PART_WINMAIL] = {"",
	"Outlook packed your files into it, and we cannot "
	"open that.",
	"In Outlook choose Format Text, then HTML. Attach your files and send "
	"the email again."},
    [PART_CALENDAR] = {"kept. We did not read this invitation.", NULL, NULL},
    [PART_MESSAGE] = {"kept. We do not read an email inside an email.", NULL,
	NULL},
    [PART_TOO_LARGE] = {"", "it is too large to read.",
	"Take out pictures and sheets that we did not ask for. Or type your "
	"answers in a reply."},
};

/* The same verdict, said more exactly by what the file is called. */
static const struct {
	enum record_verdict verdict;
	const char *ending, *why, *fix;
} g_kinds[] = {
    {PART_OLD_FORMAT, ".xls", "it is an old Excel file, which we cannot read.",
	g_xlsx},
    {PART_OLD_FORMAT, ".xlsb",
	"it is a binary Excel file, which we cannot read.", g_xlsx},
    {PART_OLD_FORMAT, ".doc", "it is an old Word file, which we cannot read.",
	g_docx},
    {PART_OLD_FORMAT, ".rtf", "we cannot read this kind of file.", g_docx},
    {PART_OLD_FORMAT, ".numbers", "we cannot read files of Numbers.",
	"In Numbers choose File, Export To, Excel. Attach that file."},
    {PART_OLD_FORMAT, ".pages", "we cannot read files of Pages.",
	"In Pages choose File, Export To, Word. Attach that file."},
    {PART_ENCRYPTED, ".p7m", "your email program encrypted it.",
	"Please send it again with encryption turned off."},
    {PART_ENCRYPTED, ".asc", "your email program encrypted it.",
	"Please send it again with encryption turned off."},
    {PART_ENCRYPTED, ".pgp", "your email program encrypted it.",
	"Please send it again with encryption turned off."},
    {PART_ENCRYPTED, ".ods", "it is locked with a password.",
	"Open it with the password. Choose File, Save As, take the tick off "
	"Save with password. Attach that file."},
};

static bool
ends_with(const char *name, const char *ending)
{
	size_t len = strlen(name), tail = strlen(ending);

	return len >= tail && text_ieq(name + len - tail, ending);
}

bool
part_has_trouble(const struct record_part *part,
    struct part_trouble *ret_trouble)
{
	if (g_verdicts[part->verdict].why == NULL)
		return false;
	ret_trouble->why = g_verdicts[part->verdict].why;
	ret_trouble->fix = g_verdicts[part->verdict].fix;
	for (size_t i = 0; i < COUNT_OF(g_kinds); i++)
		if (g_kinds[i].verdict == part->verdict &&
		    ends_with(part->name, g_kinds[i].ending)) {
			ret_trouble->why = g_kinds[i].why;
			ret_trouble->fix = g_kinds[i].fix;
		}
	/* The parser knows more. */
	if (part->reason[0] != '\0')
		ret_trouble->why = part->reason;
	return true;
}

const char *
part_verdict_words(struct arena *arena, const struct record_part *part)
{
	struct part_trouble trouble;

	if (part_has_trouble(part, &trouble))
		return arena_printf(arena, "kept, but %s %s", trouble.why,
		    trouble.fix);
	const char *words = g_verdicts[part->verdict].words;
	if (part->reason[0] != '\0')
		words = arena_printf(arena, "%s, but %s", words, part->reason);
	if (part->verdict == PART_READ && part->macros)
		words = arena_printf(arena,
		    "%s%s It holds macros, which we never run. Next time "
		    "please save it as .xlsx.",
		    words, part->reason[0] == '\0' ? "." : "");
	return words;
}

static const char *
part_name(const struct record_part *part)
{
	return part->name[0] == '\0' ? "a file without a name" : part->name;
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

/* A workbook or table that is no form: it was looked through for nothing. */
static bool
holds_none(const struct intake *intake, size_t part)
{
	const struct record *record = intake->record;
	bool has_table = false;

	for (size_t i = 0; i < record->table_count; i++)
		has_table |= record->tables[i].part == part;
	return has_table && record->parts[part].verdict == PART_READ &&
	       intake->reading.form != NULL && !is_form(intake, part);
}

bool
parts_are_forms(const struct intake *intake)
{
	for (size_t i = 0; i < intake->record->part_count; i++) {
		const struct record_part *part = &intake->record->parts[i];
		bool is_logo = part->is_inline && part->bytes < LOGO_BYTES;
		if (!is_logo && !is_form(intake, i))
			return false;
	}
	return true;
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
		    part_verdict_words(intake->desk->arena, part);
		if (use == PARTS_LOOSE && part->verdict == PART_KEPT)
			verdict = "not used. Please attach it to your answer "
				  "again.";
		else if (holds_none(intake, i))
			verdict = "kept as proof. We found none of our "
				  "questions in it.";
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s}", "name", part_name(part), "verdict",
			verdict));
	}
	return list;
}

bool
parts_is_evidence(const struct intake *intake, size_t part)
{
	static const enum record_verdict verdicts[] = {PART_KEPT, PART_READ,
	    PART_OLD_FORMAT, PART_WINMAIL, PART_MESSAGE};
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

static void
add_trouble(json_t *list, const char *name, struct part_trouble trouble)
{
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s, s:s}", "name", name, "why", trouble.why,
		"fix", trouble.fix));
}

json_t *
parts_troubles(const struct intake *intake)
{
	json_t *list = json_array();
	struct part_trouble trouble;

	for (size_t i = 0; i < intake->record->part_count; i++) {
		const struct record_part *part = &intake->record->parts[i];
		if (part_has_trouble(part, &trouble))
			add_trouble(list, part_name(part), trouble);
		else if (intake->thread.found && holds_none(intake, i))
			add_trouble(list, part_name(part),
			    (struct part_trouble){"we found none of our "
						  "questions in it.",
				"Please fill in the workbook that came with "
				"our "
				"email, or type your answers in a reply."});
	}
	if (intake->record->has_share_link)
		add_trouble(list, "a link to a shared file",
		    (struct part_trouble){g_link_why, g_link_fix});
	return list;
}

json_t *
parts_notes(const struct intake *intake)
{
	struct arena *arena = intake->desk->arena;
	json_t *list = json_array();

	if (intake->record->part_count > 0)
		(void)json_array_append_new(list,
		    json_string("We keep what you attached."));
	for (size_t i = 0; i < intake->record->part_count; i++) {
		const struct record_part *part = &intake->record->parts[i];
		bool is_page = strcmp(part->type, "application/pdf") == 0 ||
			       ends_with(part->name, ".pdf") ||
			       text_istarts(part->type, "image/");
		if (is_page && !(part->is_inline && part->bytes < LOGO_BYTES))
			(void)json_array_append_new(list,
			    json_string(arena_printf(arena,
				"We did not look inside %s. If your answers "
				"are in it, please type them in a reply, or "
				"fill in the workbook that came with our "
				"email.",
				text_first_words(arena, part_name(part), 60))));
	}
	return list;
}

const char *
parts_link_note(const struct intake *intake)
{
	return intake->record->has_share_link
		   ? arena_printf(intake->desk->arena,
			 "There is a link to a shared file in your email, but "
			 "%s %s",
			 g_link_why, g_link_fix)
		   : NULL;
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
		    .verdict = part_verdict_words(intake->desk->arena,
			&record->parts[i]),
		    .encoding = record->parts[i].encoding,
		    .bytes = (int64_t)record->parts[i].bytes,
		    .offset = (int64_t)record->parts[i].offset,
		    .raw_bytes = (int64_t)record->parts[i].raw_bytes,
		};
	return message_add_parts(intake->desk->store, intake->message,
	    &(struct message_parts){parts, record->part_count}, err);
}
