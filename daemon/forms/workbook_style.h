/*
 * How a workbook looks: a few quiet colours, each with words beside it. Used
 * by the writers of workbooks alone (forms/workbook*.c, ctl's export).
 */
#ifndef LSCPD_FORMS_WORKBOOK_STYLE_H
#define LSCPD_FORMS_WORKBOOK_STYLE_H

#include <xlsxwriter.h>

#include "forms/form.h"

enum workbook_style {
	STYLE_TITLE,
	STYLE_QUIET,      /* small print */
	STYLE_TEXT,       /* a paragraph */
	STYLE_STRONG,     /* a paragraph that matters */
	STYLE_BOXED,      /* one that matters more */
	STYLE_FACT_LABEL, /* of the head, and of "About this copy" */
	STYLE_FACT,
	STYLE_SECTION,   /* a band over fields or a table */
	STYLE_BLOCK,     /* a band over one row */
	STYLE_BAND_NOTE, /* small print at the right of a section's band */
	STYLE_LABEL,     /* beside an answer */
	STYLE_HELP,
	STYLE_NOTE,     /* what is wrong, beside an answer */
	STYLE_NOTE_GAP, /* what is missing */
	STYLE_HINT,     /* above the header of a grid */
	STYLE_HEADER,
	STYLE_LEAD,   /* what a row of a grid is */
	STYLE_MARGIN, /* keeps a row high enough */
	STYLE_NEEDED, /* conditional: an answer that is still needed */
	STYLE_COUNT
};

enum workbook_look {
	LOOK_PLAIN,
	LOOK_WRONG,
	LOOK_MISSING,
	LOOK_COUNT
};

/* How an answer is kept in its cell. */
enum workbook_number {
	NUMBER_TEXT,
	NUMBER_PLAIN,
	NUMBER_WHOLE,
	NUMBER_PERCENT,
	NUMBER_DATE,
	NUMBER_COUNT
};

struct workbook_styles {
	lxw_workbook *book;
	lxw_format *named[STYLE_COUNT];
	lxw_format *inputs[NUMBER_COUNT][LOOK_COUNT];
};

void workbook_styles_init(struct workbook_styles *styles, lxw_workbook *book);
/* Made when first asked for; they belong to the workbook. */
lxw_format *
workbook_style(struct workbook_styles *styles, enum workbook_style style);
/* An open cell for answers. */
lxw_format *workbook_input(struct workbook_styles *styles,
    enum workbook_number number, enum workbook_look look);

enum workbook_number workbook_number_of(enum form_type type);

/*
 * A canonical value into a cell, as a number or a date where it is one; never
 * as a formula.
 */
void workbook_put(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
    const char *value, enum workbook_number number, lxw_format *format);

/* Lines that a text takes in a column, at most; and how high they are. */
size_t workbook_lines(const char *text, double width);
double workbook_height(size_t lines);

#endif
