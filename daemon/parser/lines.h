/*
 * A body as lines, whatever it was made of: plain.c and html.c make them,
 * visible.c says whose they are, and joins them to segments.
 */
#ifndef LSCPD_PARSER_LINES_H
#define LSCPD_PARSER_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parser/context.h"

/* What the markup around a line of HTML says of it. */
enum line_mark {
	MARK_NONE = 0,
	MARK_SIGNATURE = 1,  /* inside an element made for signatures */
	MARK_QUOTED = 2,     /* inside an element made for quoted mail */
	MARK_REST_QUOTED = 3 /* here begins the mail that is answered */
};

struct line {
	const char *text; /* without quote marks and trailing white space */
	uint32_t depth;   /* levels of quoting */
	uint32_t number;  /* in the body as it came, from 1 */
	enum line_mark mark;
	enum record_whose whose; /* visible_judge() sets it */
	uint8_t label;           /* of marks.c */
	bool has_share_link;
};

struct lines {
	struct line *items;
	size_t count;
};

/* NULL, and over_limit, once the context has no more lines to give. */
struct line *lines_push(struct context *ctx, struct lines *lines);

/*
 * Lines of plain text: quote marks counted and taken off, long lines cut into
 * pieces of LIMIT_LINE_BYTES.
 */
enum plain_format {
	PLAIN_FIXED,
	PLAIN_FLOWED,
	PLAIN_FLOWED_DELSP
};

void lines_of_plain(struct context *ctx, const char *text,
    enum plain_format format, struct lines *ret_lines);

/* Is there a link to a share (OneDrive, SharePoint, Google, Dropbox)? */
bool lines_have_share_link(const char *text);

#endif
