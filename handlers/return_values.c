#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/period.h"
#include "handlers/letters.h"
#include "handlers/parts.h"
#include "handlers/return_case.h"
#include "mail/words.h"

enum {
	UNREAD_SHOWN = 20, /* lines; all of them are kept */
	UNREAD_CHARS = 120,
	NOTES_SHOWN = 10, /* of how a file was read */
	WROTE_CHARS = 120,
	CHANGES_SHOWN = 10, /* more: all that we understood says it better */
};

bool
return_is_full(const struct return_case *rc)
{
	return strcmp(rc->place.agency.id == 0 ? "" : rc->place.agency.mail,
		   "reference-only") != 0;
}

/* --- one value in words ---------------------------------------------------------
 */

static const char *
day_words(struct arena *arena, const char *value)
{
	int32_t day = date_parse_iso(value);

	return day == DAY_NONE ? value : words_day(arena, day);
}

static const char *
period_value(struct arena *arena, const char *value)
{
	struct period period;

	return period_parse(value, &period) ? period_words(arena, &period)
					    : value;
}

static const char *
percent_value(struct arena *arena, const char *value)
{
	return arena_printf(arena, "%s %%", value);
}

typedef const char *(*words_fn)(struct arena *arena, const char *value);

static const char *
value_words(struct arena *arena, const struct form_field *field,
    const char *value)
{
	static const words_fn words[] = {
	    [TYPE_TEXT] = words_quote,
	    [TYPE_PERCENT] = percent_value,
	    [TYPE_DATE] = day_words,
	    [TYPE_MONTH] = period_value,
	    [TYPE_QUARTER] = period_value,
	    [TYPE_YEAR] = period_value,
	    [TYPE_PERIOD] = period_value,
	    [TYPE_MEETING] = NULL,
	};

	if (field == NULL || words[field->type] == NULL)
		return value;
	return words[field->type](arena, value);
}

/* What follows "and your" in the line to type. */
static const char *
ask_words(struct arena *arena, const struct form_field *field)
{
	static const char *const words[] = {
	    [TYPE_INTEGER] = "number",
	    [TYPE_DECIMAL] = "number",
	    [TYPE_PERCENT] = "number",
	    [TYPE_DATE] = "date",
	    [TYPE_TIME] = "time",
	    [TYPE_MONTH] = "month",
	    [TYPE_QUARTER] = "quarter",
	    [TYPE_YEAR] = "year",
	    [TYPE_PERIOD] = "period",
	    [TYPE_EMAIL] = "email address",
	    [TYPE_CONTACT] = "email address",
	    [TYPE_MEETING] = NULL,
	};

	if (field == NULL)
		return "answer";
	if (words[field->type] != NULL)
		return words[field->type];
	/* "your score", but not "your was the child's voice heard". */
	return field->type == TYPE_CHOICE &&
		       strpbrk(field->label, " (,:") == NULL
		   ? text_lower(arena, field->label)
		   : "answer";
}

/* --- problems ------------------------------------------------------------------ */

static const struct lettered *
find_lettered(const struct return_case *rc, const char *tbl, const char *row,
    const char *field)
{
	for (size_t i = 0; i < rc->listed_count; i++) {
		const struct form_problem *problem = rc->listed[i].problem;
		if (strcmp(problem->tbl, tbl) == 0 &&
		    strcmp(problem->row, row) == 0 &&
		    strcmp(problem->field, field) == 0)
			return &rc->listed[i];
	}
	return NULL;
}

static json_t *
problem_value(const struct return_case *rc, const struct lettered *lettered)
{
	struct arena *arena = rc->intake->desk->arena;
	const struct form_problem *problem = lettered->problem;
	const char *wrote =
	    return_is_full(rc)
		? text_first_words(arena, problem->wrote, WROTE_CHARS)
		: "";

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "letter",
	    lettered->can_answer ? lettered->letter : "", "where",
	    form_place(arena, rc->form, problem->tbl, problem->row,
		problem->field),
	    "wrote", wrote, "place", problem->place, "reason", problem->reason,
	    "allowed", problem->allowed, "ask",
	    ask_words(arena,
		form_field_find(rc->form, problem->tbl, problem->field)));
}

enum which_problems {
	WRONG_ONES,
	MISSING_ONES
};

/* What no letter can answer stands among the reasons, if we kept the rest. */
static json_t *
problem_list(const struct return_case *rc, enum which_problems which)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rc->listed_count; i++) {
		const struct lettered *lettered = &rc->listed[i];
		if (lettered->problem->missing != (which == MISSING_ONES) ||
		    (return_is_kept(rc) && !lettered->can_answer))
			continue;
		(void)json_array_append_new(list, problem_value(rc, lettered));
	}
	return list;
}

static void
add_reason(json_t *list, const char *what, const char *fix)
{
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s}", "what", what, "fix", fix));
}

static json_t *
reason_list(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;
	json_t *list = json_array();

	for (size_t i = 0; i < rc->place.reason_count; i++)
		add_reason(list, rc->place.reasons[i].what,
		    rc->place.reasons[i].fix);
	for (size_t i = 0; return_is_kept(rc) && i < rc->listed_count; i++) {
		const struct form_problem *problem = rc->listed[i].problem;
		if (rc->listed[i].can_answer)
			continue;
		add_reason(list,
		    arena_printf(arena, "%s: %s",
			form_place(arena, rc->form, problem->tbl, problem->row,
			    problem->field),
			problem->reason),
		    problem->allowed[0] == '\0'
			? "Please send that part again."
			: arena_printf(arena, "You can use: %s",
			      problem->allowed));
	}
	return list;
}

/* --- what we understood -------------------------------------------------------- */

/* The value, or where to look for what is wrong with it; NULL for nothing. */
static const char *
cell_words(const struct return_case *rc, const char *tbl, const char *row,
    const struct form_field *field)
{
	struct arena *arena = rc->intake->desk->arena;
	const struct lettered *lettered =
	    find_lettered(rc, tbl, row, field->name);
	const char *value =
	    answer_get(rc->shown, rc->shown_count, tbl, row, field->name);

	if (lettered != NULL && !lettered->problem->missing && value[0] == '\0')
		return lettered->can_answer
			   ? arena_printf(arena, "?  see %s above",
				 lettered->letter)
			   : "?  see above";
	return value[0] == '\0' ? NULL : value_words(arena, field, value);
}

static json_t *
field_list(const struct return_case *rc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rc->form->field_count; i++) {
		const struct form_field *field = &rc->form->fields[i];
		const char *value = cell_words(rc, "", "", field);
		if (value != NULL)
			(void)json_array_append_new(list,
			    json_pack("{s:s, s:s}", "label", field->label,
				"value", value));
	}
	return list;
}

static void
add_row(const struct return_case *rc, const struct form_table *table,
    const char *row, json_t *rows)
{
	const struct form_row *fixed = form_row_find(table, row);
	json_t *cells = json_array();

	for (size_t c = 0; c < table->column_count; c++) {
		const struct form_field *column = &table->columns[c];
		const char *value = cell_words(rc, table->name, row, column);
		if (value != NULL && column != table->key)
			(void)json_array_append_new(cells,
			    json_pack("{s:s, s:s}", "label", column->label,
				"value", value));
	}
	if (json_array_size(cells) == 0) {
		json_decref(cells);
		return;
	}
	const char *label = fixed == NULL ? "" : fixed->label;
	/* "Level 2" and "Induction" say both. */
	bool says_both =
	    label[0] != '\0' &&
	    strcmp(label, form_place(rc->intake->desk->arena, rc->form,
			      table->name, row, "")) == 0;
	(void)json_array_append_new(rows,
	    json_pack("{s:s, s:s, s:o}", "name", says_both ? label : row,
		"label", says_both ? "" : label, "cells", cells));
}

/* Rows with an answer, and those where all that came was wrong. */
static json_t *
row_list(const struct return_case *rc, const struct form_table *table)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < table->fixed_count; i++)
		add_row(rc, table, table->fixed[i].name, rows);
	if (table->rows == ROWS_FIXED)
		return rows;
	const char **names = answer_rows(rc->intake->desk->arena, rc->shown,
	    rc->shown_count, table->name);
	for (; *names != NULL; names++)
		add_row(rc, table, *names, rows);
	return rows;
}

static json_t *
table_list(const struct return_case *rc)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rc->form->table_count; i++) {
		const struct form_table *table = &rc->form->tables[i];
		json_t *rows = row_list(rc, table);
		if (json_array_size(rows) == 0) {
			json_decref(rows);
			continue;
		}
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:o}", "label", table->label, "rows",
			rows));
	}
	return list;
}

static json_t *
changed_list(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;
	json_t *list = json_array();
	bool changes = rc->how == RETURN_MERGES || rc->how == RETURN_AMENDS;

	for (size_t i = 0; changes && i < rc->shown_count; i++) {
		const struct form_answer *answer = &rc->shown[i];
		const struct form_field *field =
		    form_field_find(rc->form, answer->tbl, answer->field);
		if (strcmp(answer_get(rc->before, rc->before_count, answer->tbl,
			       answer->row, answer->field),
			rc->judgement.answers[i].value) == 0)
			continue;
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s}", "where",
			form_place(arena, rc->form, answer->tbl, answer->row,
			    answer->field),
			"value", value_words(arena, field, answer->value)));
	}
	if (json_array_size(list) > CHANGES_SHOWN)
		(void)json_array_clear(list);
	return list;
}

static json_t *
unread_list(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;
	json_t *list = json_array();

	for (size_t i = 0; i < rc->unread_count && i < UNREAD_SHOWN; i++)
		(void)json_array_append_new(list,
		    json_string(
			text_first_words(arena, rc->unread[i], UNREAD_CHARS)));
	if (rc->unread_count > UNREAD_SHOWN)
		(void)json_array_append_new(list,
		    json_sprintf("and %zu lines more",
			rc->unread_count - UNREAD_SHOWN));
	return list;
}

static json_t *
note_list(const struct return_case *rc)
{
	const struct form_source *source = &rc->intake->reading.source;
	json_t *list = json_array();

	for (size_t i = 0; i < rc->filing.note_count; i++)
		(void)json_array_append_new(list,
		    json_string(rc->filing.notes[i]));
	for (size_t i = 0; i < source->note_count && i < NOTES_SHOWN; i++)
		(void)json_array_append_new(list,
		    json_string(source->notes[i]));
	if (rc->intake->record->has_share_link)
		(void)json_array_append_new(list,
		    json_string(parts_link_note(rc->intake)));
	return list;
}

/* --- sentences ------------------------------------------------------------------- */

/* "6 of the 8 standards are finished." */
static const char *
progress_words(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;
	size_t finished = 0;

	if (rc->how == RETURN_NOTHING)
		return "Your earlier answers stand as they were.";
	if (rc->how == RETURN_AMENDS)
		return ""; /* it stays complete, and a note says so */
	if (rc->form->table_count == 0 || rc->form->tables[0].fixed_count == 0)
		return "";
	const struct form_table *table = &rc->form->tables[0];
	const char **rows =
	    answer_rows(arena, rc->shown, rc->shown_count, table->name);
	for (; *rows != NULL; rows++)
		if (!judge_row_has_problem(&rc->judgement, table->name, *rows))
			finished++;
	if (finished == 0)
		return arena_printf(arena,
		    "None of the %zu %s is finished yet.", table->fixed_count,
		    text_lower(arena, table->label));
	if (finished == table->fixed_count)
		return arena_printf(arena, "All %zu %s are finished.", finished,
		    text_lower(arena, table->label));
	return arena_printf(arena, "%zu of the %zu %s %s finished.", finished,
	    table->fixed_count, text_lower(arena, table->label),
	    finished == 1 ? "is" : "are");
}

static const char *
late_words(const struct return_case *rc)
{
	const struct request *request = &rc->place.request;
	int32_t due =
	    request->id != 0 ? request->due_day : rc->place.round.due_day;

	if (rc->place.round.id == 0 ||
	    (rc->how != RETURN_NEW && rc->how != RETURN_MERGES))
		return "";
	if (date_of(rc->intake->received_at) <= due)
		return rc->place.round.closed_at == 0
			   ? ""
			   : "We had closed this before it came, so it counts "
			     "as "
			     "late.";
	return arena_printf(rc->intake->desk->arena,
	    "It was due by %s, so it counts as late.",
	    words_day_short(rc->intake->desk->arena, due));
}

static const char *
due_words(const struct return_case *rc)
{
	const struct request *request = &rc->place.request;

	if (request->id == 0 || rc->place.is_not_allowed ||
	    request->round_closed_at != 0 ||
	    request->due_day < rc->intake->desk->today_day ||
	    (rc->standing.id != 0 && return_stands_complete(&rc->standing)))
		return "";
	return words_day_short(rc->intake->desk->arena, request->due_day);
}

/* A correction as it is typed; none of the lines is a valid answer. */
static json_t *
fix_lines(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;
	const struct form *form = rc->form;
	const struct form_field *field =
	    form->field_count > 0 ? &form->fields[0] : NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < form->table_count; i++) {
		const struct form_table *table = &form->tables[i];
		const char **rows =
		    answer_rows(arena, rc->shown, rc->shown_count, table->name);
		if (*rows == NULL || table->column_count == 0)
			continue;
		field = &table->columns[0];
		if (field == table->key && table->column_count > 1)
			field = &table->columns[1];
		(void)json_array_append_new(list,
		    form->table_count > 1
			? json_sprintf("== %s %s ==", table->name, *rows)
			: json_sprintf("== %s ==", *rows));
		break;
	}
	if (field != NULL)
		(void)json_array_append_new(list,
		    json_sprintf("%s: and the new %s", field->label,
			ask_words(arena, field)));
	return list;
}

static const char *
agency_words(const struct return_case *rc)
{
	const struct contact *contact = rc->intake->contact;

	if (rc->place.agency.id != 0)
		return rc->place.agency.name;
	if (rc->intake->reading.header.agency[0] != '\0')
		return "";
	/* Of several, or of all, we do not know which. */
	return contact->agency_count == 1 && (contact->roles & ROLE_STAFF) == 0
		   ? contact->agencies[0].name
		   : "";
}

/* --- all of them ------------------------------------------------------------------ */

static void
set(json_t *values, const char *name, json_t *value)
{
	(void)json_object_set_new(values, name, value);
}

/* Is it of the form that the letter speaks? */
static bool
names_form(const struct return_case *rc)
{
	return rc->asked == NULL && rc->form != NULL;
}

static void
set_head(const struct return_case *rc, json_t *values)
{
	const struct submission *submission = rc->filing.submission.id != 0
						  ? &rc->filing.submission
						  : &rc->standing;

	set(values, "form", json_boolean(names_form(rc)));
	set(values, "title",
	    json_string(rc->asked != NULL ? rc->asked
			: names_form(rc)  ? rc->form->title
					  : "email"));
	set(values, "again",
	    json_boolean(rc->asked == NULL && !rc->place.is_not_allowed));
	set(values, "agency", json_string(agency_words(rc)));
	set(values, "when", letter_when(rc->intake->received_at));
	set(values, "version",
	    json_string(return_is_kept(rc) && submission->id != 0
			    ? words_version(rc->intake->desk->arena,
				  submission->version)
			    : ""));
	set(values, "stored", json_boolean(return_is_kept(rc)));
	set(values, "full", json_boolean(return_is_full(rc)));
	set(values, "copy", json_false());
	set(values, "right",
	    json_boolean(rc->place.reason_count == 0 && rc->form != NULL &&
			 rc->judgement.is_complete));
	set(values, "completed", json_boolean(rc->how == RETURN_MERGES));
	set(values, "amended", json_boolean(rc->how == RETURN_AMENDS));
	set(values, "replaces",
	    json_string(rc->replaced == NULL ? "" : rc->replaced));
	set(values, "late", json_string(late_words(rc)));
	set(values, "due", json_string(due_words(rc)));
	set(values, "progress",
	    json_string(return_is_kept(rc) ? progress_words(rc) : ""));
	set(values, "more",
	    json_integer(rc->place.reason_count > 0
			     ? 0
			     : (json_int_t)(rc->judgement.problem_count -
					    rc->listed_count)));
	set(values, "answer_count",
	    json_integer((json_int_t)rc->judgement.answer_count));
}

json_t *
return_values(const struct return_case *rc)
{
	bool full = return_is_full(rc) && rc->form != NULL;
	json_t *values = json_object();

	set_head(rc, values);
	set(values, "reasons", reason_list(rc));
	set(values, "problems", problem_list(rc, WRONG_ONES));
	set(values, "missing", problem_list(rc, MISSING_ONES));
	set(values, "fields", full ? field_list(rc) : json_array());
	set(values, "tables", full ? table_list(rc) : json_array());
	set(values, "changed", full ? changed_list(rc) : json_array());
	set(values, "unread", full ? unread_list(rc) : json_array());
	set(values, "fix_lines", full ? fix_lines(rc) : json_array());
	set(values, "files",
	    parts_values(rc->intake,
		return_is_kept(rc) ? PARTS_FILED : PARTS_LOOSE));
	set(values, "notes", note_list(rc));
	set(values, "actions", json_array());
	return values;
}
