/*
 * An HTML body as lines and grids. Block elements and <br> end lines; what is
 * not shown (style, script, head, comments, display:none) is skipped; a row of
 * a two-column table is a "key: value" line, cells of other rows stand behind
 * each other with TABs; tables that only lay out the page are no tables.
 */
#ifndef LSCPD_PARSER_HTML_H
#define LSCPD_PARSER_HTML_H

#include "parser/lines.h"

/* A grid and the line at which it stands. */
struct html_table {
	struct record_table table;
	size_t line;
};

struct html_page {
	struct lines lines;
	struct html_table *tables;
	size_t table_count;
};

/*
 * Read UTF-8 HTML. False, with over_limit set in the record, if it is beyond
 * the limits and nothing was read; a page that is nested too deep is read as
 * far as that.
 */
bool html_read(struct context *ctx, const char *html, size_t bytes,
    struct html_page *ret_page);

#endif
