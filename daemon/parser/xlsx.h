/*
 * XLSX and XLSM: what the files of this reader share of one workbook.
 */
#ifndef LSCPD_PARSER_XLSX_H
#define LSCPD_PARSER_XLSX_H

#include "parser/celltext.h"
#include "parser/office.h"
#include "parser/table.h"

struct xlsx_sheet {
	const char *name, *relation;
	bool hidden;
};

struct xlsx {
	struct package *package;
	enum cell_epoch epoch;
	struct xlsx_sheet *sheets;
	size_t sheet_count;
	const char **strings; /* shared by the sheets */
	size_t string_count, strings_left;
	struct cell_format *styles; /* by the number in a cell */
	size_t style_count;
};

/* Text of <t> elements, put together: rich text is in runs, and what tells how
 * to say a Japanese word (<rPh>) is no part of it. */
struct xlsx_text {
	struct buf text;
	bool collects;
	unsigned phonetic;
};

void xlsx_text_init(struct xlsx_text *t);
void xlsx_text_begin(struct xlsx_text *t);
void xlsx_text_start(struct xlsx_text *t, const char *name);
void xlsx_text_end(struct xlsx_text *t, const char *name);
void xlsx_text_add(struct xlsx_text *t, const char *text, size_t bytes);
/* With _x000D_ and its like decoded, and line ends as LF; in place. */
const char *xlsx_text_done(struct xlsx_text *t);

void xlsx_read_strings(struct xlsx *book, const char *part);
void xlsx_read_styles(struct xlsx *book, const char *part);
void xlsx_read_sheet(struct xlsx *book, const char *part,
    const struct xlsx_sheet *sheet);

#endif
