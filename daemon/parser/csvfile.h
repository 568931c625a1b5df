/*
 * A CSV file as a grid: charset and separator found out, line numbers kept,
 * Excel's `="00123"` unwrapped.
 */
#ifndef LSCPD_PARSER_CSVFILE_H
#define LSCPD_PARSER_CSVFILE_H

#include "base/buf.h"
#include "parser/context.h"

/*
 * Gives the part its verdict and, if it can be read, a table; the record has
 * room for one. `label` is its declared charset or NULL.
 */
void csvfile_read(struct context *ctx, struct record_part *part,
    const struct buf *file, const char *label);

#endif
