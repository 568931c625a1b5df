/*
 * The walk over the elements of a page that puts out its lines. Used by html.c
 * for the page and by html_grid.c for what stands in one cell.
 */
#ifndef LSCPD_PARSER_HTML_RENDER_H
#define LSCPD_PARSER_HTML_RENDER_H

#include <libxml/HTMLtree.h>

#include "base/buf.h"
#include "parser/html.h"

struct render {
	struct context *ctx;
	struct lines *lines;
	struct html_page *page; /* takes the grids; NULL inside a cell */
	struct buf text;        /* of the line in the making */
	uint32_t depth;         /* of quoting */
	uint32_t level;         /* of elements */
	enum line_mark mark;
	bool in_pre;
	bool gap;       /* white space waits for the next word */
	bool has_break; /* a <br> or an empty block made this line */
	bool has_share_link;
};

void render_init(struct render *r, struct context *ctx, struct lines *lines);
void render_done(struct render *r);
void render_children(struct render *r, const xmlNode *parent);
/* Ends the line in the making, if anything stands in it. */
void render_end_line(struct render *r);
/* A line of its own. */
void render_put_line(struct render *r, const char *text);

#endif
