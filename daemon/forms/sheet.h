/*
 * Where the questions of a form stand on a sheet: found by their labels alone,
 * wherever people have moved them. Tables with a header row, one below or
 * beside the other; labels with the answer right of them; and blocks of such
 * pairs below a heading that names a row. Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_SHEET_H
#define LSCPD_FORMS_SHEET_H

#include "base/arena.h"
#include "forms/form.h"
#include "wire/record.h"

/* A cell for an answer, filled in or not. */
struct sheet_cell {
	const struct form_table *table; /* NULL: a plain field */
	const struct form_field *field;
	const char *row; /* of a fixed table its name, else what names it; "" */
	unsigned block;  /* cells of one row share it; 0: plain fields */
	size_t at, column; /* index of the row in the table, and the column */
	bool in_table;     /* below a heading, not beside a label */
};

enum sheet_left {
	LEFT_LINE,   /* a row of which nothing was understood */
	LEFT_ROW,    /* below a header, but the row is unknown */
	LEFT_COLUMN, /* a heading that is unknown, and not for nothing */
	LEFT_FIELD,  /* beside a label that is unknown */
	LEFT_CELL,   /* beside an answer */
};

/* What was not read. */
struct sheet_unread {
	enum sheet_left what;
	size_t at, column;
	const char *text;
};

struct sheet {
	struct sheet_cell *cells;
	size_t cell_count;
	struct sheet_unread *unread;
	size_t unread_count;
	size_t headers; /* header rows of tables */
	size_t unknown; /* headings in them that mean nothing */
	size_t known;   /* different questions that have a place */
};

struct sheet_request {
	const struct form *form;
	const struct record_table *table;
	/* Only so many rows are looked at; 0: all. */
	size_t max_rows;
};

void sheet_match(struct arena *arena, const struct sheet_request *request,
    struct sheet *ret_sheet);

/* Repeats the merged cell left of it, or the one above. */
bool
sheet_repeats_left(const struct record_table *table, size_t at, size_t column);
bool
sheet_repeats_above(const struct record_table *table, size_t at, size_t column);

#endif
