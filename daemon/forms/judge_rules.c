#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/period.h"
#include "forms/judge_state.h"

static const char g_missing[] = "it is missing.";

static const char *
row_value(const void *ctx, const char *field)
{
	const struct judge_slot *slot = judge_slot_find(ctx, field);

	return slot != NULL ? slot->value : "";
}

static enum rule_truth
holds(const struct judge_state *state, const struct judge_row *row,
    const struct rule *rule)
{
	return rule_eval(rule, row_value, row, state->request->today_day);
}

/* The value that came new and is named first: it is what does not fit. */
static struct judge_slot *
blamed_slot(const struct judge_row *row, const struct rule *rule)
{
	for (size_t i = 0; i < rule->mention_count; i++) {
		struct judge_slot *slot =
		    judge_slot_find(row, rule->mentions[i].field);
		if (slot != NULL && slot->is_new && *slot->value != '\0')
			return slot;
	}
	return NULL;
}

/* Why a check of a single day or period fails, in words. */
static const char *
derived_reason(const struct judge_state *state, const struct judge_slot *slot,
    const struct rule *rule)
{
	int32_t day = date_parse_iso(slot->value);
	struct period period;
	char words[40];

	if (period_parse(slot->value, &period) && day == DAY_NONE)
		return arena_printf(state->arena, "%s is not over yet.",
		    period_words(state->arena, &period));
	if (day == DAY_NONE)
		return "it does not fit the other answers.";
	(void)date_words(day, DATE_LONG, words);
	if (day > state->request->today_day)
		return arena_printf(state->arena, "%s is still to come.",
		    words);
	if (strstr(rule->text, "months") != NULL)
		return arena_printf(state->arena, "%s is too far away.", words);
	return arena_printf(state->arena, "%s is not after today.", words);
}

/* A wrong value gives way to what stood. */
static bool
refuse(struct judge_state *state, struct judge_row *row,
    struct judge_slot *slot, const struct rule *rule, const char *message)
{
	if (slot == NULL)
		return false;
	struct form_problem *problem = judge_problem(state, row, slot,
	    *message != '\0' ? message : derived_reason(state, slot, rule));
	problem->wrote = slot->wrote;
	problem->place = slot->place;
	slot->value = slot->standing;
	slot->is_new = false;
	return true;
}

/* The first check that fails, its value refused; false if all hold. */
static bool
check_row(struct judge_state *state, struct judge_row *row)
{
	const struct form *form = state->request->form;
	const struct form_check *checks =
	    row->table != NULL ? row->table->checks : form->checks;
	size_t count =
	    row->table != NULL ? row->table->check_count : form->check_count;

	for (size_t i = 0; i < row->slot_count; i++) {
		struct judge_slot *slot = &row->slots[i];
		const struct form_field *field = slot->field;
		if (field->check == NULL ||
		    holds(state, row, field->check) != RULE_FALSE)
			continue;
		if (!slot->is_new)
			slot = blamed_slot(row, field->check);
		if (refuse(state, row, slot, field->check, field->message))
			return true;
	}
	for (size_t i = 0; i < count; i++)
		if (holds(state, row, checks[i].rule) == RULE_FALSE &&
		    refuse(state, row, blamed_slot(row, checks[i].rule),
			checks[i].rule, checks[i].message))
			return true;
	return false;
}

/* The cell in which it belongs, of a workbook that came; "" without one. */
static const char *
spot_of(const struct judge_state *state, const struct judge_row *row,
    const struct judge_slot *slot)
{
	const struct judge_request *request = state->request;
	bool is_fixed = row->table == NULL || row->table->rows == ROWS_FIXED;

	for (size_t i = 0; i < request->spot_count; i++) {
		const struct form_entry *spot = &request->spots[i];
		if (strcmp(spot->field, slot->field->name) != 0 ||
		    strcmp(spot->tbl,
			row->table == NULL ? "" : row->table->name) != 0)
			continue;
		if (is_fixed ? strcmp(spot->row, row->name) == 0
			     : spot->source == row->source &&
				   spot->block == row->block)
			return spot->origin;
	}
	return "";
}

static void
find_missing(struct judge_state *state, struct judge_row *row)
{
	for (size_t i = 0; i < row->slot_count; i++) {
		struct judge_slot *slot = &row->slots[i];
		const struct form_field *field = slot->field;
		bool needed =
		    field->required ||
		    (field->required_if != NULL &&
			holds(state, row, field->required_if) == RULE_TRUE);
		if (!needed || slot->has_problem || *slot->value != '\0' ||
		    row->twice)
			continue;
		struct form_problem *problem =
		    judge_problem(state, row, slot, g_missing);
		problem->missing = true;
		problem->place = spot_of(state, row, slot);
	}
}

static void
find_too_few(struct judge_state *state, const struct form_table *table)
{
	const struct form *form = state->request->form;
	size_t count = 0;

	if (table->rows == ROWS_FIXED)
		return;
	for (size_t i = 0; i < state->row_count; i++)
		count += state->rows[i]->table == table;
	if (count >= table->min_rows)
		return;
	struct judge_row all = {.table = table,
	    .name = "",
	    .position = form_position(form, table->name, "", "")};
	struct form_problem *problem = judge_problem(state, &all, NULL,
	    count == 0 ? "there is none yet." : "there are too few of them.");
	problem->missing = true;
	problem->allowed =
	    arena_printf(state->arena, "%zu or more", table->min_rows);
}

void
judge_apply_rules(struct judge_state *state)
{
	const struct form *form = state->request->form;

	for (size_t i = 0; i < state->row_count; i++) {
		/* Each turn takes one new value away, so this ends. */
		while (check_row(state, state->rows[i]))
			;
		find_missing(state, state->rows[i]);
	}
	for (size_t i = 0; i < form->table_count; i++)
		find_too_few(state, &form->tables[i]);
}
