/*
 * A sheet while it is looked through, row by row. Shared by the files sheet*.c,
 * and by nobody else.
 */
#ifndef LSCPD_FORMS_SHEET_STATE_H
#define LSCPD_FORMS_SHEET_STATE_H

#include "base/limits.h"
#include "forms/labels.h"
#include "forms/sheet.h"

enum {
	SHEET_REGIONS = 4, /* tables beside each other */
	/* More than a form can use, with its empty cells. */
	SHEET_CELLS = 4 * LIMIT_ANSWERS,
	SHEET_UNREAD = 2000,
};

enum sheet_role {
	ROLE_NONE,
	ROLE_ROW,   /* names the row */
	ROLE_COLUMN /* a column of the table, or a plain field */
};

struct sheet_heading {
	enum sheet_role role;
	const struct form_table *table; /* NULL: a plain field */
	const struct form_field *field;
	bool says_more; /* something stands below it that was not read */
};

/* The cells below one header. */
struct sheet_region {
	const struct form_table *table; /* NULL: plain fields as columns */
	struct sheet_heading *headings; /* by column, to - from + 1 of them */
	size_t from, to;
	size_t at;      /* the header's row */
	size_t last;    /* the last row that was read */
	bool goes_on;   /* it is a row with the one above */
	bool over;      /* something else follows */
	unsigned block; /* of that row */
};

/* Pairs below a heading that names a row of a table. */
struct sheet_block {
	const struct form_table *table; /* NULL: there is none */
	const char *row;
	unsigned number;
	bool *given; /* by column: it has had its label */
};

struct sheet_scan {
	struct arena *arena;
	const struct form *form;
	const struct record_table *table;
	size_t row_count;
	size_t width; /* of the widest row */
	struct labels labels;
	/* By row: the labels that its cells fit; NULL: not looked at yet. */
	struct label_range **looks;
	struct sheet_region regions[SHEET_REGIONS];
	size_t region_count;
	struct sheet_block block;
	unsigned blocks;     /* numbers given out */
	size_t label_column; /* of the last pair; SIZE_MAX: none yet */
	bool *used;          /* by column of the row in hand */
	struct sheet *out;
};

const char *sheet_text(const struct sheet_scan *scan, size_t at, size_t column);
/* A text, and not the repetition of a merged cell. */
bool sheet_has(const struct sheet_scan *scan, size_t at, size_t column);
/* How many such cells the row has; `ret_first`: the first one's column. */
size_t sheet_count(const struct sheet_scan *scan, size_t at, size_t *ret_first);
/* Is a label among them? */
bool sheet_has_label(struct sheet_scan *scan, size_t at);
struct label_range
sheet_look(struct sheet_scan *scan, size_t at, size_t column);
void sheet_add_cell(struct sheet_scan *scan, const struct sheet_cell *cell);
void sheet_add_unread(struct sheet_scan *scan, enum sheet_left what, size_t at,
    size_t column);

/* Does the column stand below a heading that says something? */
bool sheet_is_below(struct sheet_scan *scan, size_t column);

/* Is the row the header of tables? Written to `ret_regions`, their number is
 * returned. */
size_t sheet_find_header(struct sheet_scan *scan, size_t at,
    struct sheet_region ret_regions[static SHEET_REGIONS]);
/* "5", "Standard 5" or "Staff training", also with a hint behind it. */
const struct form_row *sheet_find_row(struct arena *arena,
    const struct form_table *table, const char *text);

/* Read the row for one region, if it is a row of it. */
void
sheet_read_row(struct sheet_scan *scan, struct sheet_region *region, size_t at);
/* Say which columns of a region were not read: behind its last row. */
void sheet_close_region(struct sheet_scan *scan, struct sheet_region *region);
/* Labels and the answers right of them, in cells that nothing else used. */
void sheet_read_pairs(struct sheet_scan *scan, size_t at);
/* Does a heading stand there, with the block of a row below it? Then the block
 * begins. */
bool sheet_open_block(struct sheet_scan *scan, size_t at);

#endif
