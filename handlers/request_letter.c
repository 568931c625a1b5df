#include "handlers/request_letter.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "forms/blank.h"
#include "handlers/letters.h"
#include "handlers/reading.h"
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

/* The column that a fixed table asks a word of its own for; NULL if none. */
static const struct form_field *
guided_field(const struct form *form)
{
	for (size_t t = 0; t < form->table_count; t++) {
		const struct form_table *table = &form->tables[t];
		for (size_t c = 0; c < table->column_count; c++)
			if (table->columns[c].type == TYPE_CHOICE &&
			    table->columns[c].required &&
			    table->columns[c].choice->synonym_count > 0)
				return &table->columns[c];
	}
	return NULL;
}

/* The longest synonym says it best: "not applicable" rather than "n/a". */
static const char *
meaning_of(const struct form_choice *choice, const char *value)
{
	const char *best = "";

	for (size_t i = 0; i < choice->synonym_count; i++)
		if (strcmp(choice->synonyms[i].value, value) == 0 &&
		    strlen(choice->synonyms[i].said) > strlen(best))
			best = choice->synonyms[i].said;
	return best;
}

/* Only where each word has a meaning: else they speak for themselves. */
static json_t *
guide_values(const struct form_field *field)
{
	json_t *guide = json_array();

	for (size_t i = 0; field != NULL && i < field->choice->value_count;
	     i++) {
		const char *value = field->choice->values[i];
		const char *meaning = meaning_of(field->choice, value);
		if (meaning[0] == '\0') {
			json_array_clear(guide);
			break;
		}
		json_array_append_new(guide,
		    json_pack("{s:s, s:s}", "word", value, "meaning", meaning));
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
form_text(const struct form *form, const struct request *request,
    const char *ref)
{
	CLEANUP(buf_done)
	struct buf block;

	buf_init(&block, LIMIT_TEXT_BYTES);
	blank_block(&block, &(struct blank){.form = form,
				.ref = ref,
				.round = request->round_ref,
				.agency = request->agency_code});
	return json_string(buf_text(&block));
}

/* --- the letter -------------------------------------------------------------------- */

static json_t *
letter_values(struct desk *desk, const struct request *request,
    const struct form *form, const char *agency)
{
	const struct form_field *guided = guided_field(form);
	const char *ref = arena_printf(desk->arena, "%s/%s", request->round_ref,
	    request->agency_code);
	json_t *guide = guide_values(guided);
	const char *title =
	    json_array_size(guide) > 0 ? guide_title(desk->arena, guided) : "";

	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o}",
	    "title", request->title, "agency", agency, "due",
	    letter_day(request->due_day), "due_short",
	    words_day_short(desk->arena, request->due_day), "questions",
	    form_questions(desk->arena, form), "guide_title", title, "guide",
	    guide, "help", help_values(desk->arena, form), "form",
	    form_text(form, request, ref));
}

int
request_letter(struct desk *desk, const struct request *request,
    const struct contact *contact, struct err *err)
{
	const struct form *form;
	struct agency agency = {.name = ""};
	int64_t outbox;
	int failed = round_form(desk, request->round, &form, err);

	if (failed < 0 || (failed = agency_get(desk->store, desk->arena,
			       request->agency, &agency, err)) < 0)
		return failed;
	json_auto_t *values = letter_values(desk, request, form, agency.name);
	return mailer_queue(desk->mailer,
	    &(struct letter){.kind = "request",
		.topic = "request",
		.ref = arena_printf(desk->arena, "%s/%s", request->round_ref,
		    request->agency_code),
		.recipient = contact->email,
		.name = contact->name,
		.contact = contact->id,
		.origin = ORIGIN_STARTED},
	    values, &outbox, err);
}
