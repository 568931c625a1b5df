#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/collect.h"
#include "forms/judge_state.h"
#include "forms/lines.h"

enum {
	ORDINAL_DIGITS = 3
};

struct judge_slot *
judge_slot_find(const struct judge_row *row, const char *field)
{
	for (size_t i = 0; i < row->slot_count; i++)
		if (strcmp(row->slots[i].field->name, field) == 0)
			return &row->slots[i];
	return NULL;
}

static struct judge_row *
new_row(struct judge_state *state, const struct form_table *table,
    const char *name)
{
	const struct form *form = state->request->form;
	const struct form_field *fields =
	    table != NULL ? table->columns : form->fields;
	struct judge_row *row = arena_alloc(state->arena, sizeof(*row));

	row->table = table;
	row->name = name;
	row->slot_count =
	    table != NULL ? table->column_count : form->field_count;
	row->slots =
	    arena_array(state->arena, row->slot_count + 1, sizeof(*row->slots));
	for (size_t i = 0; i < row->slot_count; i++) {
		row->slots[i].field = &fields[i];
		row->slots[i].standing = row->slots[i].value = "";
		row->slots[i].wrote = row->slots[i].place = "";
	}
	*(struct judge_row **)arena_push(state->arena, &state->rows,
	    &state->row_count, sizeof(struct judge_row *)) = row;
	return row;
}

static struct judge_row *
find_row(const struct judge_state *state, const struct form_table *table,
    const char *name)
{
	for (size_t i = 0; i < state->row_count; i++)
		if (state->rows[i]->table == table &&
		    text_same_name(state->rows[i]->name, name))
			return state->rows[i];
	return NULL;
}

static size_t
count_rows(const struct judge_state *state, const struct form_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < state->row_count; i++)
		count += state->rows[i]->table == table;
	return count;
}

/* --- what stands ------------------------------------------------------------ */

static void
lay_standing(struct judge_state *state)
{
	const struct judge_request *request = state->request;

	for (size_t i = 0; i < request->standing_count; i++) {
		const struct form_answer *answer = &request->standing[i];
		const struct form_table *table =
		    form_table_find(request->form, answer->tbl);
		if (*answer->tbl != '\0' && table == NULL)
			continue;
		struct judge_row *row = find_row(state, table, answer->row);
		if (row == NULL && table != NULL &&
		    table->rows == ROWS_REPEATING)
			row = new_row(state, table, answer->row);
		struct judge_slot *slot =
		    row != NULL ? judge_slot_find(row, answer->field) : NULL;
		if (slot != NULL)
			slot->standing = slot->value = answer->value;
	}
}

static void
make_fixed(struct judge_state *state)
{
	const struct form *form = state->request->form;

	(void)new_row(state, NULL, "");
	for (size_t i = 0; i < form->table_count; i++)
		for (size_t k = 0; k < form->tables[i].fixed_count; k++)
			(void)new_row(state, &form->tables[i],
			    form->tables[i].fixed[k].name);
}

/* --- which row an entry means ------------------------------------------------ */

static bool
is_ordinal(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= ORDINAL_DIGITS && text[digits] == '\0';
}

/* The entry of the same block that names the row; NULL if there is none. */
static const struct form_entry *
key_entry(const struct judge_request *request, const struct form_table *table,
    const struct form_entry *entry)
{
	for (size_t i = 0; i < request->entry_count; i++) {
		const struct form_entry *one = &request->entries[i];
		if (one->source == entry->source &&
		    one->block == entry->block &&
		    strcmp(one->tbl, table->name) == 0 &&
		    text_same_name(one->row, entry->row) &&
		    strcmp(one->field, table->key->name) == 0)
			return one;
	}
	return NULL;
}

/* The name in the spelling of the row that has it, else as it is. */
static const char *
canonical_key(const struct judge_state *state, const struct form_table *table,
    const char *text)
{
	struct judge_value value =
	    judge_value(state->arena, state->request, table->key, text);

	return value.value;
}

/* A number for a row without a name: the first that is free. */
static const char *
free_number(const struct judge_state *state, const struct form_table *table)
{
	for (size_t n = count_rows(state, table) + 1;; n++) {
		const char *name = arena_printf(state->arena, "%zu", n);
		if (find_row(state, table, name) == NULL)
			return name;
	}
}

/* "01" and "1" are one row. */
static const char *
ordinal_name(const struct judge_state *state, const char *text)
{
	return arena_printf(state->arena, "%ld", strtol(text, NULL, 10));
}

static const char *
unkeyed_name(const struct judge_state *state, const struct form_table *table,
    const struct form_entry *entry)
{
	if (is_ordinal(entry->row))
		return ordinal_name(state, entry->row);
	return *entry->row != '\0' && find_row(state, table, entry->row) != NULL
		   ? entry->row
		   : free_number(state, table);
}

/* A row that a correction names anew keeps its answers. */
static void
rename_row(struct judge_state *state, struct judge_row *row, const char *name)
{
	if (find_row(state, row->table, name) == NULL)
		row->name = name;
}

static const char *
keyed_name(struct judge_state *state, const struct form_table *table,
    const struct form_entry *entry)
{
	const struct form_entry *key = key_entry(state->request, table, entry);
	struct judge_row *there =
	    *entry->row != '\0' ? find_row(state, table, entry->row) : NULL;
	const char *name = NULL;

	if (key != NULL)
		name = canonical_key(state, table, key->text);
	if (there != NULL && name != NULL && !text_same_name(there->name, name))
		rename_row(state, there, name);
	/* A correction (block 0) speaks of that row, whatever it calls it. */
	if (there != NULL && (name == NULL || entry->block == 0 ||
				 text_same_name(there->name, name)))
		return there->name;
	if (name != NULL)
		return name;
	if (key == NULL && *entry->row != '\0' && !is_ordinal(entry->row))
		name = canonical_key(state, table, entry->row);
	if (key == NULL && *entry->row == '\0' &&
	    *state->request->default_row != '\0')
		name = state->request->default_row;
	if (name != NULL)
		return name;
	return *entry->row != '\0' ? entry->row : free_number(state, table);
}

/*
 * Entries of one block are one row, also where its name had to be made up: the
 * row that the block was given before, or NULL.
 */
static struct judge_row *
row_of_block(const struct judge_state *state, const struct form_table *table,
    const struct form_entry *entry)
{
	for (size_t i = 0; i < state->row_count; i++) {
		struct judge_row *row = state->rows[i];
		if (row->table == table && row->source == entry->source &&
		    row->block == entry->block && row->block != 0 &&
		    *entry->row == '\0')
			return row;
	}
	return NULL;
}

/* A row whose name is a key answers its key by that. */
static void
give_key(struct judge_state *state, struct judge_row *row)
{
	if (row->table->key == NULL)
		return;
	struct judge_slot *slot = judge_slot_find(row, row->table->key->name);
	bool named = !is_ordinal(row->name) &&
		     canonical_key(state, row->table, row->name) != NULL;
	if (*slot->value == '\0' && slot->entry_count == 0 && named)
		slot->value = row->name;
}

static struct judge_row *
repeating_row(struct judge_state *state, const struct form_table *table,
    const struct form_entry *entry)
{
	struct judge_row *row = row_of_block(state, table, entry);

	if (row != NULL)
		return row;
	const char *name = table->key != NULL
			       ? keyed_name(state, table, entry)
			       : unkeyed_name(state, table, entry);
	row = find_row(state, table, name);
	if (row == NULL && count_rows(state, table) >= table->max_rows)
		return NULL;
	if (row == NULL)
		row = new_row(state, table, name);
	if (row->block == 0) {
		row->source = entry->source;
		row->block = entry->block;
	} else if (row->source == entry->source && row->block != entry->block) {
		row->twice = true;
	}
	return row;
}

/* "n/a" and "-" where a number, date or name may be left out. */
static bool
says_nothing(struct arena *arena, const struct form_field *field,
    const char *text)
{
	static const char *const words[] = {"", "n a", "na", "not applicable"};

	if (field->required || field->type == TYPE_TEXT ||
	    field->type == TYPE_CHOICE || field->type == TYPE_BOOLEAN ||
	    strpbrk(text, "0123456789") != NULL || strlen(text) > 40)
		return false;
	const char *folded = text_fold(arena, text);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(folded, words[i]) == 0)
			return true;
	return false;
}

static void
give_entry(struct judge_state *state, size_t index, bool *ret_over)
{
	const struct judge_request *request = state->request;
	const struct form_entry *entry = &request->entries[index];
	const struct form_table *table =
	    form_table_find(request->form, entry->tbl);
	struct judge_row *row = NULL;

	if (table == NULL || table->rows == ROWS_FIXED)
		row = find_row(state, table, table == NULL ? "" : entry->row);
	else
		row = repeating_row(state, table, entry);
	if (row == NULL) {
		*ret_over = table != NULL && table->rows == ROWS_REPEATING;
		return;
	}
	if (entry->fault == g_fault_row_twice)
		row->twice = true;
	struct judge_slot *slot = judge_slot_find(row, entry->field);
	if (slot != NULL &&
	    !says_nothing(state->arena, slot->field, entry->text))
		*(size_t *)arena_push(state->arena, &slot->entries,
		    &slot->entry_count, sizeof(*slot->entries)) = index;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct judge_row *x = *(struct judge_row *const *)a;
	const struct judge_row *y = *(struct judge_row *const *)b;

	return (x->position > y->position) - (x->position < y->position);
}

/* Rows of a repeating table follow each other as they came. */
static void
set_positions(struct judge_state *state)
{
	const struct form *form = state->request->form;

	for (size_t i = 0; i < state->row_count; i++) {
		struct judge_row *row = state->rows[i];
		size_t before = 0;
		if (row->table == NULL || row->table->rows == ROWS_FIXED) {
			row->position = form_position(form,
			    row->table == NULL ? "" : row->table->name,
			    row->name, "");
			continue;
		}
		for (size_t k = 0; k < i; k++)
			before += state->rows[k]->table == row->table;
		row->position = form_position(form, row->table->name, "", "") +
				(int)(before * row->table->column_count);
	}
	qsort(state->rows, state->row_count, sizeof(struct judge_row *),
	    compare_rows);
}

static void
report_too_many(struct judge_state *state)
{
	const struct form *form = state->request->form;

	for (size_t i = 0; i < form->table_count; i++) {
		const struct form_table *table = &form->tables[i];
		if (table->rows == ROWS_FIXED ||
		    count_rows(state, table) < table->max_rows)
			continue;
		struct judge_row all = {.table = table,
		    .name = "",
		    .position = form_position(form, table->name, "", "")};
		(void)judge_problem(state, &all, NULL,
		    arena_printf(state->arena,
			"there are more than %zu, so we did not keep the "
			"rest.",
			table->max_rows));
	}
}

void
judge_make_rows(struct judge_state *state)
{
	const struct judge_request *request = state->request;
	bool over = false;

	make_fixed(state);
	lay_standing(state);
	for (size_t i = 0; i < request->entry_count && i < LIMIT_ANSWERS; i++)
		give_entry(state, i, &over);
	for (size_t i = 0; i < state->row_count; i++)
		if (state->rows[i]->table != NULL)
			give_key(state, state->rows[i]);
	set_positions(state);
	if (over)
		report_too_many(state);
}
