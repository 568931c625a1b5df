/*
 * Header fields: unfolded, decoded, bounded; addresses, message ids, Received
 * hosts and the date. Nothing here fails: what cannot be read is absent.
 */
#ifndef LSCPD_PARSER_HEADERS_H
#define LSCPD_PARSER_HEADERS_H

#include "parser/context.h"

/*
 * Fill all of the record that comes from the header of the message. Called
 * twice: GMime keeps the Content-… fields with the root part.
 */
void headers_read(struct context *ctx, GMimeHeaderList *list);

/*
 * A raw field body: unfolded, encoded words (RFC 2047, also where they stand
 * in quotes) and raw 8-bit text decoded, at most LIMIT_HEADER_BYTES.
 */
char *headers_decode(struct context *ctx, const char *raw);

/* The first `<…>` of a field, with its brackets; "" where there is none. */
char *headers_first_id(struct arena *arena, const char *value);

#endif
