/*
 * A body of the message: decoded, taken apart into lines, judged, and put into
 * the record with its grids.
 */
#ifndef LSCPD_PARSER_BODY_H
#define LSCPD_PARSER_BODY_H

#include "parser/context.h"
#include "parser/leaf.h"

/* `part` is a text part; its content has been read into `leaf`. */
void body_add(struct context *ctx, GMimePart *part, const struct leaf *leaf);

/* Text that belongs to no part, as a plain body; NULL is nothing. */
void body_add_loose(struct context *ctx, const char *text);

/* What the content type's charset parameter says; NULL if nothing. */
const char *body_charset(GMimePart *part);

/* The same text for an attached message: all of it appended to ctx->returned. */
void body_add_returned(struct context *ctx, GMimePart *part,
    const struct leaf *leaf);

#endif
