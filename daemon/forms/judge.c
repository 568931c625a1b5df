#include "forms/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "forms/judge_state.h"
#include "forms/lines.h"

enum {
	WROTE_BYTES = 400
}; /* of a wrong value, said back */

/* --- problems ----------------------------------------------------------------- */

struct form_problem *
judge_problem(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot, const char *reason)
{
	struct judgement *out = state->out;
	struct form_problem *problem = arena_push(state->arena, &out->problems,
	    &out->problem_count, sizeof(*problem));

	*problem = (struct form_problem){.tbl = row->table != NULL
						    ? row->table->name
						    : "",
	    .row = row->name,
	    .field = slot != NULL ? slot->field->name : "",
	    .wrote = "",
	    .place = "",
	    .reason = reason,
	    .allowed =
		slot != NULL ? judge_allowed(state->arena, slot->field) : "",
	    .position = row->position};
	if (slot == NULL)
		return problem;
	slot->has_problem = true;
	problem->position += (int)(slot - row->slots);
	return problem;
}

/* What was written, short enough to be said back. */
static const char *
short_wrote(struct arena *arena, const char *text)
{
	size_t bytes = text_cut(text, WROTE_BYTES);

	if (text[bytes] == '\0')
		return text;
	return arena_printf(arena, "%.*s...", (int)bytes, text);
}

/* --- slots --------------------------------------------------------------------- */

struct reading {
	const char *value; /* NULL: wrong */
	const char *reason;
	const struct form_entry *entry;
};

/* Texts that came twice, plain and as HTML, differ in white space alone. */
static bool
agree(struct arena *arena, const struct form_field *field, const char *a,
    const char *b)
{
	return field->type == TYPE_TEXT ? text_same(arena, a, b)
					: strcmp(a, b) == 0;
}

static void
report_conflict(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot, const struct form_entry *a,
    const struct form_entry *b)
{
	struct form_problem *problem = judge_problem(state, row, slot,
	    "you gave two different answers, and we do not know which one "
	    "you mean.");

	problem->wrote = arena_printf(state->arena, "%s%s%s%s and %s%s%s%s",
	    short_wrote(state->arena, a->text), *a->origin != '\0' ? " (" : "",
	    a->origin, *a->origin != '\0' ? ")" : "",
	    short_wrote(state->arena, b->text), *b->origin != '\0' ? " (" : "",
	    b->origin, *b->origin != '\0' ? ")" : "");
}

static void
report_wrong(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot, const struct form_entry *entry, const char *reason)
{
	struct form_problem *problem = judge_problem(state, row, slot, reason);

	problem->wrote = short_wrote(state->arena, entry->text);
	problem->place = entry->origin;
}

/* The one value of all entries of a slot; false where a problem was told. */
static bool
settle_slot(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot, struct reading *ret_reading)
{
	const struct form_entry *entries = state->request->entries;
	struct reading first = {NULL, NULL, NULL};

	for (size_t i = 0; i < slot->entry_count; i++) {
		const struct form_entry *entry = &entries[slot->entries[i]];
		if (*entry->fault != '\0') {
			report_wrong(state, row, slot, entry, entry->fault);
			return false;
		}
		struct judge_value value = judge_value(state->arena,
		    state->request, slot->field, entry->text);
		if (first.entry == NULL) {
			first =
			    (struct reading){value.value, value.reason, entry};
			continue;
		}
		bool same = value.value != NULL && first.value != NULL
				? agree(state->arena, slot->field, first.value,
				      value.value)
				: text_same(state->arena, first.entry->text,
				      entry->text);
		if (!same) {
			report_conflict(state, row, slot, first.entry, entry);
			return false;
		}
	}
	if (first.value == NULL) {
		report_wrong(state, row, slot, first.entry, first.reason);
		return false;
	}
	*ret_reading = first;
	return true;
}

/*
 * What we put into a workbook ourselves gives way to the sender's own words,
 * and to what stands: a copy of an older version changes only what was changed
 * in it.
 */
static void
drop_ours(struct judge_state *state, struct judge_slot *slot)
{
	const struct form_entry *entries = state->request->entries;
	size_t own = 0;

	for (size_t i = 0; i < slot->entry_count; i++)
		if (!entries[slot->entries[i]].is_ours)
			slot->entries[own++] = slot->entries[i];
	if (own > 0 || *slot->standing != '\0')
		slot->entry_count = own;
}

static void
fill_slot(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot)
{
	bool names = row->table != NULL && slot->field == row->table->key;
	struct reading reading;

	drop_ours(state, slot);
	if (slot->entry_count == 0)
		return;
	slot->is_given = true;
	state->out->given++;
	if (row->twice || !settle_slot(state, row, slot, &reading))
		return;
	/* A row's name is its key's value: the key says it, or nobody. */
	if (names && !text_same_name(row->name, reading.value)) {
		report_wrong(state, row, slot, reading.entry,
		    "another row has this name already.");
		return;
	}
	slot->value = names ? row->name : reading.value;
	slot->wrote = short_wrote(state->arena, reading.entry->text);
	slot->place = reading.entry->origin;
	slot->is_new = true;
}

static void
fill_row(struct judge_state *state, struct judge_row *row)
{
	for (size_t i = 0; i < row->slot_count; i++)
		fill_slot(state, row, &row->slots[i]);
	if (row->twice)
		(void)judge_problem(state, row, NULL,
		    "it is here twice, so we do not know which one you "
		    "mean.");
}

/* --- the result ------------------------------------------------------------------ */

static void
write_answers(struct judge_state *state)
{
	struct judgement *out = state->out;

	for (size_t i = 0; i < state->row_count; i++) {
		struct judge_row *row = state->rows[i];
		for (size_t k = 0; k < row->slot_count; k++) {
			struct judge_slot *slot = &row->slots[k];
			out->right += slot->is_new;
			if (*slot->value == '\0')
				continue;
			*(struct form_answer *)arena_push(state->arena,
			    &out->answers, &out->answer_count,
			    sizeof(struct form_answer)) =
			    (struct form_answer){.tbl = row->table != NULL
							    ? row->table->name
							    : "",
				.row = row->name,
				.field = slot->field->name,
				.value = slot->value,
				.position = row->position + (int)k};
		}
	}
}

static int
compare_problems(const void *a, const void *b)
{
	const struct form_problem *x = a, *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return (*x->field != '\0') - (*y->field != '\0');
}

static void
count_problems(struct judgement *out)
{
	for (size_t i = 0; i < out->problem_count; i++) {
		out->missing += out->problems[i].missing;
		out->wrong += !out->problems[i].missing;
	}
	out->is_complete = out->problem_count == 0;
}

/* Part of the form may be lost: it cannot be complete by this mail. */
static void
report_cut(struct judge_state *state)
{
	struct judge_row plain = {.name = ""};
	struct form_problem *problem = judge_problem(state, &plain, NULL,
	    "your form stops before its end, so part of it may be lost.");

	problem->allowed = "the whole form, down to its last line";
	problem->position =
	    form_position(state->request->form, "", "", "") + 1000000000;
}

static bool
is_changed(const struct judge_request *request, const struct judgement *out)
{
	size_t standing = 0;

	for (size_t i = 0; i < request->standing_count; i++)
		standing += *request->standing[i].value != '\0';
	if (standing != out->answer_count)
		return true;
	for (size_t i = 0; i < out->answer_count; i++) {
		const struct form_answer *one = &out->answers[i];
		if (strcmp(one->value,
			answer_get(request->standing, request->standing_count,
			    one->tbl, one->row, one->field)) != 0)
			return true;
	}
	return false;
}

void
judge(struct arena *arena, const struct judge_request *request,
    struct judgement *ret_judgement)
{
	struct judge_request own = *request;
	struct judge_state state = {.arena = arena,
	    .request = &own,
	    .out = ret_judgement};

	*ret_judgement = (struct judgement){0};
	if (own.default_row == NULL)
		own.default_row = "";
	judge_make_rows(&state);
	for (size_t i = 0; i < state.row_count; i++)
		fill_row(&state, state.rows[i]);
	judge_apply_rules(&state);
	if (own.is_cut)
		report_cut(&state);
	write_answers(&state);
	if (ret_judgement->problem_count > 0)
		qsort(ret_judgement->problems, ret_judgement->problem_count,
		    sizeof(*ret_judgement->problems), compare_problems);
	count_problems(ret_judgement);
	ret_judgement->is_changed = is_changed(&own, ret_judgement);
}

/* --- answers ------------------------------------------------------------------------ */

const char *
answer_get(const struct form_answer *answers, size_t count, const char *tbl,
    const char *row, const char *field)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(answers[i].field, field) == 0 &&
		    strcmp(answers[i].tbl, tbl) == 0 &&
		    strcmp(answers[i].row, row) == 0)
			return answers[i].value;
	return "";
}

const char **
answer_rows(struct arena *arena, const struct form_answer *answers,
    size_t count, const char *tbl)
{
	const char **rows = NULL;
	size_t row_count = 0;

	for (size_t i = 0; i < count; i++) {
		bool known = strcmp(answers[i].tbl, tbl) != 0 ||
			     *answers[i].value == '\0';
		for (size_t k = 0; k < row_count && !known; k++)
			known = strcmp(rows[k], answers[i].row) == 0;
		if (!known)
			*(const char **)arena_push(arena, &rows, &row_count,
			    sizeof(*rows)) = answers[i].row;
	}
	*(const char **)arena_push(arena, &rows, &row_count, sizeof(*rows)) =
	    NULL;
	return rows;
}

bool
judge_row_has_problem(const struct judgement *judgement, const char *tbl,
    const char *row)
{
	for (size_t i = 0; i < judgement->problem_count; i++)
		if (strcmp(judgement->problems[i].tbl, tbl) == 0 &&
		    strcmp(judgement->problems[i].row, row) == 0)
			return true;
	return false;
}
