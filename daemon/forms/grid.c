#include "forms/grid.h"

#include <string.h>

#include "base/text.h"

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

static enum grid_role
long_role(struct arena *arena, const char *cell)
{
	static const struct {
		const char *word;
		enum grid_role role;
	} words[] = {
	    {"table", LONG_TABLE},
	    {"row", LONG_ROW},
	    {"field", LONG_FIELD},
	    {"column", LONG_FIELD},
	    {"value", LONG_VALUE},
	    {"answer", LONG_VALUE},
	};

	if (strlen(cell) > HEADING_BYTES)
		return LONG_NONE;
	const char *folded = text_fold(arena, cell);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i].word, folded) == 0)
			return words[i].role;
	return LONG_NONE;
}

bool
grid_find_long(struct arena *arena, const struct record_table *table,
    struct grid_long *ret_grid)
{
	for (size_t i = 0; i < table->row_count && i < HEADER_ROWS; i++) {
		const struct record_row *row = &table->rows[i];
		struct grid_long grid = {.header = i, .count = row->cell_count};
		unsigned seen = 0;
		grid.roles =
		    arena_array(arena, grid.count + 1, sizeof(*grid.roles));
		for (size_t c = 0; c < grid.count; c++) {
			grid.roles[c] = long_role(arena, row->cells[c]);
			seen |= 1U << grid.roles[c];
		}
		if ((seen & 1U << LONG_FIELD) != 0 &&
		    (seen & 1U << LONG_VALUE) != 0) {
			*ret_grid = grid;
			return true;
		}
	}
	return false;
}

const char *
grid_long_cell(const struct grid_long *grid, const struct record_row *row,
    enum grid_role role)
{
	for (size_t i = 0; i < grid->count; i++)
		if (grid->roles[i] == role)
			return grid_cell(row, i);
	return "";
}
