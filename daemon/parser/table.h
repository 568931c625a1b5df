/*
 * Makes a record_table row by row: the readers of sheets, Word tables and JSON
 * say what stands where, this file keeps the budgets, leaves out what is blank,
 * spreads merged cells and puts the marks in order. Never fails: beyond a limit
 * the table is cut, and says why.
 */
#ifndef LSCPD_PARSER_TABLE_H
#define LSCPD_PARSER_TABLE_H

#include "base/limits.h"
#include "parser/context.h"

/* Lines from 1, columns from 0; both ends are in it. */
struct table_range {
	uint32_t first_line, last_line;
	size_t first_column, last_column;
};

struct table_maker {
	struct context *ctx;
	struct record_table table;
	const char *reason; /* why the table is cut, for the sender; "" */
	bool full;          /* nothing more is taken: the reader may stop */

	/* The row in the making. */
	uint32_t line, repeat;
	bool hide_row;
	size_t width;
	const char *cells[LIMIT_COLUMNS];
	unsigned char marks[LIMIT_COLUMNS];

	struct table_range *merges;
	size_t merge_count, merge_left;
};

/* `name` is cleaned and copied. The part's index is set by the caller. */
void table_begin(struct table_maker *m, struct context *ctx,
    enum record_table_kind kind, const char *name);
/*
 * Ends the row before and begins another; `line` is larger than any before.
 * The row may be hidden by setting m->hide_row, and stand for several equal
 * lines by setting m->repeat, before the next row begins.
 */
void table_row(struct table_maker *m, uint32_t line);
/* A cell of the row in any order of columns; `marks` of MARK_*, or 0. */
void table_cell(struct table_maker *m, size_t column, const char *text,
    unsigned marks);
void table_hide_columns(struct table_maker *m, size_t first, size_t last);
void table_merge(struct table_maker *m, struct table_range range);
/* The table; it may have no rows. */
void table_end(struct table_maker *m, struct record_table *ret_table);

#endif
