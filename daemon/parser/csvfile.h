/*
 * A CSV file as a grid: charset and separator found out, line numbers kept,
 * Excel's `="00123"` unwrapped.
 */
#ifndef LSCPD_PARSER_CSVFILE_H
#define LSCPD_PARSER_CSVFILE_H

#include "base/buf.h"
#include "parser/context.h"

/*
 * Read the bytes of a file. `label` is its declared charset or NULL. False if
 * it cannot be one: nothing in it, a NUL in the middle, a quote that is never
 * closed.
 */
bool csvfile_read(struct context *ctx, const struct buf *file,
    const char *label, struct record_table *ret_table);

#endif
