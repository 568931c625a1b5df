/*
 * The sheet that is filled in, while it is written: what its writers share.
 * Used by forms/workbook*.c alone.
 */
#ifndef LSCPD_FORMS_WORKBOOK_PAGE_H
#define LSCPD_FORMS_WORKBOOK_PAGE_H

#include "forms/workbook.h"
#include "forms/workbook_style.h"

enum {
	PAGE_COLUMNS = 64,       /* of the sheet; a form has fewer */
	PAGE_TEXT_BYTES = 32000, /* of a cell: the format holds 32,767 */
};

/* How a table stands on the page. */
enum page_shape {
	SHAPE_BLOCKS, /* a row of the table: a block of label and answer */
	SHAPE_GRID
};

/* Columns from `first` to `last`; one cell, merged where they are several. */
struct page_span {
	lxw_col_t first, last;
};

struct page {
	struct arena *arena;
	const struct workbook *workbook;
	lxw_workbook *book;
	lxw_worksheet *sheet, *lists, *identity;
	const char *sheet_name; /* without quotes in it */
	struct workbook_styles styles;
	double widths[PAGE_COLUMNS]; /* in characters */
	lxw_col_t columns;           /* the margin stands behind them */
	struct page_span label, answer, help, all;
	lxw_row_t row;        /* the next one */
	lxw_row_t map_row;    /* of the identity */
	lxw_col_t list_count; /* of the lists */
	const char **said;    /* what we wrote, each once */
	size_t said_count;
	struct page_list *offered;
	size_t offered_count;
};

/* A drop-down's values, once on the sheet of lists. */
struct page_list {
	const void *of;      /* the choice, or the workbook's list */
	const char *formula; /* "=_lists!$A$1:$A$5" */
};

/* One answer on the page. */
struct page_answer {
	struct page_span span;
	const char *tbl, *row; /* by what it is found among the answers */
	const char *map_row;   /* by what the map calls its row */
	const struct form_field *field;
};

/* workbook_plan.c: what is decided before anything is written. */
enum page_shape page_shape(const struct form_table *table);
void page_plan(struct page *page);
/* The column of a grid in front of those of the form, or "". */
const char *page_lead(const struct page *page, const struct form_table *table);
/* Has a copy something to say about this table? */
bool page_table_has_notes(const struct page *page, const char *tbl);
double page_span_width(const struct page *page, struct page_span span);

/* workbook_input.c: a cell with its value, list, limits, colour and map line. */
void page_put_answer(struct page *page, lxw_row_t row,
    const struct page_answer *answer);

/* The same limits and colours for a column of a grid, from row to row. */
struct page_column {
	lxw_row_t first, last;
	const struct form_table *table;
	lxw_col_t lead;    /* columns in front of the form's */
	const char **rows; /* what each is found by among the answers */
};

void page_limit_column(struct page *page, const struct page_column *column,
    size_t index);
/* Those of one answer of the form, or of a block that begins in row `first`. */
void page_limit_answer(struct page *page, lxw_row_t row,
    const struct page_answer *answer, lxw_row_t first);
const struct workbook_note *page_note(const struct page *page, const char *tbl,
    const char *row, const char *field);
/* With its letter, and the label where that does not stand beside it. */
const char *page_note_words(const struct page *page,
    const struct workbook_note *note, const char *label);

/* workbook_words.c */
/* "Needed.", "Needed if Score is 2 or 3.", "Optional." */
const char *page_need(struct arena *arena, const struct form_field *field,
    const struct form_field *fields, size_t count);
/* Need, help, and what can be given; for beside an answer. */
const char *page_help(struct arena *arena, const struct form_field *field,
    const struct form_field *fields, size_t count);

/* workbook_head.c */
void page_write_head(struct page *page);
/* workbook_body.c */
void page_write_body(struct page *page);
/* Text over a span, in one style. */
void page_write(struct page *page, lxw_row_t row, struct page_span span,
    const char *text, enum workbook_style style);
/* The row is so many lines high, and grows with what is typed into it. */
void page_keep_lines(struct page *page, lxw_row_t row, size_t lines);

/* workbook.c: to the map of the identity. */
void page_map(struct page *page, lxw_row_t row,
    const struct page_answer *answer, const char *given);

#endif
