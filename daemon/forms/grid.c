#include "forms/grid.h"

#include <string.h>

#include "base/text.h"
#include "forms/keys.h"

enum {
	HEADER_ROWS = 10,
	HEADING_BYTES = 200
};

const char *
grid_cell(const struct record_row *row, size_t column)
{
	return column < row->cell_count ? row->cells[column] : "";
}

bool
grid_row_is_blank(const struct record_row *row)
{
	for (size_t i = 0; i < row->cell_count; i++)
		if (!text_is_blank(row->cells[i]))
			return false;
	return true;
}

static const char *
fold_heading(struct arena *arena, const char *cell)
{
	if (strlen(cell) > HEADING_BYTES)
		return "";
	return text_fold(arena, cell);
}

static bool
names_rows(struct arena *arena, const struct form_table *table,
    const char *folded)
{
	static const char *const words[] = {"row", "no", "number", "nr"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], folded) == 0)
			return true;
	return form_keys_have(&table->keys, folded) ||
	       strcmp(text_fold(arena, table->row_label), folded) == 0;
}

/* One heading under the assumption that the grid is this table. */
static struct grid_column
match_heading(struct arena *arena, const struct form *form,
    const struct form_table *table, const char *cell)
{
	struct grid_column column = {ROLE_NONE, NULL, NULL, cell};
	const char *folded = fold_heading(arena, cell);

	if (*folded == '\0')
		return column;
	if (table != NULL)
		column.field = keys_find_field(table->columns,
		    table->column_count, folded);
	if (column.field != NULL)
		column.table = table;
	else
		column.field =
		    keys_find_field(form->fields, form->field_count, folded);
	if (column.field != NULL)
		column.role = ROLE_COLUMN;
	else if (table != NULL && names_rows(arena, table, folded))
		column.role = ROLE_ROW;
	return column;
}

static void
match_wide(struct arena *arena, const struct form *form,
    const struct form_table *table, const struct record_row *row,
    struct grid *ret_grid)
{
	struct grid grid = {.kind = GRID_WIDE,
	    .table = table,
	    .count = row->cell_count};
	size_t columns = 0;

	grid.columns =
	    arena_array(arena, grid.count + 1, sizeof(*grid.columns));
	for (size_t i = 0; i < grid.count; i++) {
		grid.columns[i] =
		    match_heading(arena, form, table, grid_cell(row, i));
		columns += grid.columns[i].role == ROLE_COLUMN &&
			   grid.columns[i].table == table;
		if (grid.columns[i].role != ROLE_NONE)
			grid.known++;
		else if (!text_is_blank(grid_cell(row, i)))
			grid.unknown++;
	}
	if (columns == 0 || grid.known < 2)
		grid.kind = GRID_NONE;
	*ret_grid = grid;
}

static void
match_long(struct arena *arena, const struct record_row *row,
    struct grid *ret_grid)
{
	static const struct {
		const char *word;
		enum grid_role role;
	} words[] = {
	    {"table", ROLE_TABLE},
	    {"row", ROLE_ROW},
	    {"field", ROLE_FIELD},
	    {"column", ROLE_FIELD},
	    {"value", ROLE_VALUE},
	    {"answer", ROLE_VALUE},
	};
	struct grid grid = {.kind = GRID_LONG, .count = row->cell_count};
	bool field = false, value = false;

	grid.columns =
	    arena_array(arena, grid.count + 1, sizeof(*grid.columns));
	for (size_t i = 0; i < grid.count; i++) {
		const char *folded = fold_heading(arena, grid_cell(row, i));
		grid.columns[i].heading = grid_cell(row, i);
		for (size_t k = 0; k < COUNT_OF(words); k++)
			if (strcmp(words[k].word, folded) == 0)
				grid.columns[i].role = words[k].role;
		field |= grid.columns[i].role == ROLE_FIELD;
		value |= grid.columns[i].role == ROLE_VALUE;
		if (grid.columns[i].role != ROLE_NONE)
			grid.known++;
		else if (*folded != '\0')
			grid.unknown++;
	}
	if (!field || !value)
		grid.kind = GRID_NONE;
	*ret_grid = grid;
}

/* The best that one row can be as a header: long, or the widest table. */
static void
match_row(struct arena *arena, const struct form *form,
    const struct record_row *row, struct grid *best)
{
	struct grid grid;

	match_long(arena, row, best);
	if (best->kind == GRID_LONG)
		return;
	for (size_t i = 0; i <= form->table_count; i++) {
		const struct form_table *table =
		    i < form->table_count ? &form->tables[i] : NULL;
		match_wide(arena, form, table, row, &grid);
		if (grid.kind == GRID_WIDE &&
		    (best->kind == GRID_NONE || grid.known > best->known))
			*best = grid;
	}
}

/* Two columns without a header: keys and values. */
static bool
is_pairs(struct arena *arena, const struct form *form,
    const struct record_table *table)
{
	for (size_t i = 0; i < table->row_count; i++) {
		const struct record_row *row = &table->rows[i];
		const char *folded = fold_heading(arena, grid_cell(row, 0));
		if (row->cell_count > 2 && !text_is_blank(row->cells[2]))
			return false;
		if (keys_find_field(form->fields, form->field_count, folded) !=
		    NULL)
			return true;
	}
	return false;
}

void
grid_match(struct arena *arena, const struct form *form,
    const struct record_table *table, struct grid *ret_grid)
{
	for (size_t i = 0; i < table->row_count && i < HEADER_ROWS; i++) {
		match_row(arena, form, &table->rows[i], ret_grid);
		ret_grid->header = i;
		if (ret_grid->kind != GRID_NONE)
			return;
	}
	*ret_grid = (struct grid){.kind = GRID_NONE};
	if (table->kind != TABLE_HTML && is_pairs(arena, form, table))
		ret_grid->kind = GRID_PAIRS;
}
