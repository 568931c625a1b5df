#include "handlers/request_letter.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "forms/guide.h"
#include "handlers/letters.h"
#include "handlers/reading.h"
#include "handlers/workbooks.h"
#include "mail/words.h"

/* --- the definition ---------------------------------------------------------- */

int
round_form(struct desk *desk, int64_t id, const struct form **ret_form,
    struct err *err)
{
	struct round round = {0};
	int failed = round_get(desk->store, desk->arena, id, &round, err);

	if (failed < 0)
		return failed;
	failed = reading_definition(desk, round.form, round.form_version,
	    ret_form, err);
	if (failed >= 0 && *ret_form == NULL)
		return err_set(err, ERR_DATABASE, BLAME_OPERATOR,
		    "%s: the form that it opened with is not there", round.ref);
	return failed;
}

/* --- words about it ------------------------------------------------------------- */

static const char *
count_words(struct arena *arena, size_t count, const char *what)
{
	return arena_printf(arena, "%zu %s%s", count, what,
	    count == 1 ? "" : "s");
}

const char *
form_questions(struct arena *arena, const struct form *form)
{
	const char **parts =
	    arena_array(arena, form->table_count + 1, sizeof(*parts));
	size_t count = 0;

	for (size_t i = 0; i < form->table_count; i++) {
		const struct form_table *table = &form->tables[i];
		if (table->rows == ROWS_FIXED)
			parts[count++] = count_words(arena, table->fixed_count,
			    text_lower(arena, table->row_label));
	}
	if (form->field_count > 0)
		parts[count++] =
		    count_words(arena, form->field_count, "short question");
	return words_list(arena, parts, count, "and");
}

/* Only where each word has a meaning: else they speak for themselves. */
static json_t *
guide_values(const struct form_field *field)
{
	json_t *guide = json_array();

	for (size_t i = 0; field != NULL && i < field->choice->value_count;
	     i++) {
		const char *value = field->choice->values[i];
		json_array_append_new(guide,
		    json_pack("{s:s, s:s}", "word", value, "meaning",
			guide_meaning(field->choice, value)));
	}
	return guide;
}

static const char *
guide_title(struct arena *arena, const struct form_field *field)
{
	char *title = arena_printf(arena, "%sS", field->label);

	for (char *c = title; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return title;
}

static json_t *
help_values(struct arena *arena, const struct form *form)
{
	json_t *help = json_array();
	char **lines = text_split(arena, form->help, "\n");

	for (size_t i = 0; lines[i] != NULL; i++)
		json_array_append_new(help, json_string(lines[i]));
	return help;
}

static json_t *
form_text(const struct blank *blank)
{
	CLEANUP(buf_done)
	struct buf block;

	buf_init(&block, LIMIT_TEXT_BYTES);
	blank_block(&block, blank);
	return json_string(buf_text(&block));
}

/* --- the letter -------------------------------------------------------------------- */

/* One request, and what goes with it. */
struct asking {
	const struct request *request;
	const struct blank *blank;
	const char *agency;
	struct compose_file workbook;
};

static json_t *
letter_values(struct desk *desk, const struct asking *asking)
{
	const struct request *request = asking->request;
	const struct form *form = asking->blank->form;
	const struct form_field *guided = guide_field(form);
	const char *title =
	    guided != NULL ? guide_title(desk->arena, guided) : "";

	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:o}",
	    "title", request->title, "agency", asking->agency, "due",
	    letter_day(request->due_day), "due_short",
	    words_day_short(desk->arena, request->due_day), "questions",
	    form_questions(desk->arena, form), "guide_title", title, "guide",
	    guide_values(guided), "help", help_values(desk->arena, form),
	    "workbook", asking->workbook.name, "form",
	    form_text(asking->blank));
}

static int
queue(struct desk *desk, const struct asking *asking,
    const struct contact *contact, struct err *err)
{
	json_auto_t *values = letter_values(desk, asking);
	int64_t outbox;

	return mailer_queue(desk->mailer,
	    &(struct letter){.kind = "request",
		.topic = "request",
		.ref = asking->blank->ref,
		.recipient = contact->email,
		.name = contact->name,
		.contact = contact->id,
		.origin = ORIGIN_STARTED,
		.files = &asking->workbook,
		.file_count = 1},
	    values, &outbox, err);
}

int
request_letter(struct desk *desk, const struct request *request,
    const struct contact *contact, struct err *err)
{
	struct agency agency = {.name = ""};
	struct blank blank = {
	    .ref = arena_printf(desk->arena, "%s/%s", request->round_ref,
		request->agency_code),
	    .round = request->round_ref,
	    .agency = request->agency_code,
	};
	struct asking asking = {request, &blank, "", {0}};
	int failed = round_form(desk, request->round, &blank.form, err);

	if (failed < 0 || (failed = agency_get(desk->store, desk->arena,
			       request->agency, &agency, err)) < 0)
		return failed;
	asking.agency = agency.name;
	failed = workbooks_make(desk, &(struct workbook){.blank = &blank},
	    &(struct workbook_whom){&agency, contact, request->due_day},
	    &asking.workbook, err);
	return failed < 0 ? failed : queue(desk, &asking, contact, err);
}
