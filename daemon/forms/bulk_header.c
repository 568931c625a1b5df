#include "forms/bulk_header.h"

#include <string.h>

#include "base/text.h"
#include "forms/grid.h"
#include "forms/keys.h"

enum {
	HEADER_ROWS = 10,
	HEADING_BYTES = 300,
};

bool
bulk_is_agency_word(const char *folded)
{
	static const char *const words[] = {"agency", "agency code",
	    "agency name", "urn", "school urn"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], folded) == 0)
			return true;
	return false;
}

/* What follows `key` and a space, "" where nothing does; NULL: another. */
static const char *
behind(const char *folded, const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || strncmp(folded, key, len) != 0)
		return NULL;
	if (folded[len] == '\0')
		return folded + len;
	return folded[len] == ' ' ? folded + len + 1 : NULL;
}

/* The column that a row's name alone stands for. */
static const struct form_field *
main_column(const struct form_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].required)
			return &table->columns[i];
	return table->columns;
}

/* "a1", "a1 score", "leadership: action" of a fixed table. */
static bool
match_cell(const struct form_table *table, const char *folded,
    struct bulk_column *column)
{
	for (size_t r = 0; r < table->fixed_count; r++) {
		const struct form_keys *keys = &table->fixed[r].keys;
		for (size_t k = 0; k < keys->count; k++) {
			const char *rest = behind(folded, keys->items[k]);
			if (rest == NULL)
				continue;
			column->field = *rest == '\0'
					    ? main_column(table)
					    : keys_find_field(table->columns,
						  table->column_count, rest);
			column->table = table;
			column->row = &table->fixed[r];
			if (column->field != NULL)
				return true;
		}
	}
	return false;
}

/* The same with the table, or what its rows are called, in front. */
static bool
match_table(struct arena *arena, const struct form_table *table,
    const char *folded, struct bulk_column *column)
{
	const char *rest = behind(folded, text_fold(arena, table->row_label));

	if (table->rows != ROWS_FIXED)
		return false;
	if (match_cell(table, folded, column) ||
	    (rest != NULL && match_cell(table, rest, column)))
		return true;
	for (size_t k = 0; k < table->keys.count; k++) {
		rest = behind(folded, table->keys.items[k]);
		if (rest != NULL && match_cell(table, rest, column))
			return true;
	}
	return false;
}

static struct bulk_column
match_heading(struct arena *arena, const struct form *form, const char *cell)
{
	struct bulk_column column = {0};
	const char *folded =
	    strlen(cell) > HEADING_BYTES ? "" : text_fold(arena, cell);

	column.names_agency = bulk_is_agency_word(folded);
	column.field = keys_find_field(form->fields, form->field_count, folded);
	if (column.field != NULL && strcmp(column.field->name, "urn") == 0)
		column.names_agency = true;
	for (size_t i = 0;
	     column.field == NULL && *folded != '\0' && i < form->table_count;
	     i++)
		if (!match_table(arena, &form->tables[i], folded, &column))
			column.field = NULL;
	return column;
}

/* A heading that is a table's column: the grid is that table, of one return. */
static bool
is_own_column(struct arena *arena, const struct form *form, const char *cell)
{
	const char *folded = text_fold(arena, cell);

	for (size_t i = 0; i < form->table_count; i++)
		if (keys_find_field(form->tables[i].columns,
			form->tables[i].column_count, folded) != NULL)
			return true;
	return false;
}

static void
find_twins(struct bulk_header *header)
{
	for (size_t i = 0; i < header->count; i++) {
		const struct bulk_column *a = &header->columns[i];
		for (size_t k = 0; a->field != NULL && k < i; k++) {
			const struct bulk_column *b = &header->columns[k];
			header->has_twins |=
			    a->field == b->field && a->row == b->row;
		}
	}
}

/* Is this row the header of many returns? */
static bool
match_row(struct arena *arena, const struct form *form,
    const struct record_row *row, struct bulk_header *ret_header)
{
	struct bulk_header header = {.count = row->cell_count};
	bool names_agency = false;

	header.columns =
	    arena_array(arena, header.count + 1, sizeof(*header.columns));
	for (size_t i = 0; i < header.count; i++) {
		const char *cell = grid_cell(row, i);
		struct bulk_column *column = &header.columns[i];
		if (text_is_blank(cell))
			continue;
		*column = match_heading(arena, form, cell);
		names_agency |= column->names_agency;
		header.known += column->field != NULL || column->names_agency;
		header.unknown +=
		    column->field == NULL && !column->names_agency;
		if (column->field == NULL && is_own_column(arena, form, cell))
			return false;
	}
	if (!names_agency || header.known < 2)
		return false;
	find_twins(&header);
	*ret_header = header;
	return true;
}

bool
bulk_is_per_agency(const struct form *form)
{
	for (size_t i = 0; i < form->one_per_count; i++)
		if (strcmp(form->one_per[i], "agency") == 0)
			return true;
	return false;
}

bool
bulk_header_find(struct arena *arena, const struct form *form,
    const struct record_table *table, struct bulk_header *ret_header)
{
	if (table->kind == TABLE_HTML || !bulk_is_per_agency(form))
		return false;
	for (size_t i = 0; i + 1 < table->row_count && i < HEADER_ROWS; i++) {
		if (!match_row(arena, form, &table->rows[i], ret_header))
			continue;
		ret_header->index = i;
		return true;
	}
	return false;
}
