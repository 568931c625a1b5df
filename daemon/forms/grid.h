/*
 * Rows and cells of a table in a file or an HTML body, and the long shape:
 * table, row, field, value. Used inside forms/ alone; for the other shapes see
 * forms/sheet.h.
 */
#ifndef LSCPD_FORMS_GRID_H
#define LSCPD_FORMS_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "wire/record.h"

/* What the cells under one heading of the long shape are. */
enum grid_role {
	LONG_NONE,
	LONG_TABLE,
	LONG_ROW,
	LONG_FIELD,
	LONG_VALUE,
};

/* The long shape: where its header is, and what its columns are. */
struct grid_long {
	size_t header; /* index of the header row */
	enum grid_role *roles;
	size_t count;
};

/* False where none of the first rows is such a header. */
bool grid_find_long(struct arena *arena, const struct record_table *table,
    struct grid_long *ret_grid);
/* The cell of that role in a row; "" without one. */
const char *grid_long_cell(const struct grid_long *grid,
    const struct record_row *row, enum grid_role role);

/* "" where the row is shorter. */
const char *grid_cell(const struct record_row *row, size_t column);
bool grid_row_is_blank(const struct record_row *row);

#endif
