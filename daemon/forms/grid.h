/*
 * The header row of a table in a file or an HTML body, matched with a form.
 * Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_GRID_H
#define LSCPD_FORMS_GRID_H

#include "base/arena.h"
#include "forms/form.h"
#include "wire/record.h"

enum grid_kind {
	GRID_NONE,
	GRID_LONG,
	GRID_WIDE,
	GRID_PAIRS
};

/* What the cells under one heading are. */
enum grid_role {
	ROLE_NONE,
	ROLE_TABLE,
	ROLE_ROW,
	ROLE_FIELD,
	ROLE_VALUE,
	ROLE_COLUMN, /* a column of the table, or a plain field */
};

struct grid_column {
	enum grid_role role;
	const struct form_table *table; /* NULL: a plain field */
	const struct form_field *field;
	const char *heading;
};

struct grid {
	enum grid_kind kind;
	size_t header; /* index of the header row */
	struct grid_column *columns;
	size_t count;
	const struct form_table *table; /* of a wide grid, or NULL */
	size_t known;                   /* headings that mean something */
	size_t unknown;
};

/* GRID_NONE where no row of the first few is a header. */
void grid_match(struct arena *arena, const struct form *form,
    const struct record_table *table, struct grid *ret_grid);
/* "" where the row is shorter. */
const char *grid_cell(const struct record_row *row, size_t column);
bool grid_row_is_blank(const struct record_row *row);

#endif
