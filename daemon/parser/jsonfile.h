/*
 * An attached JSON file as a table in the long shape: table, row, field, value.
 */
#ifndef LSCPD_PARSER_JSONFILE_H
#define LSCPD_PARSER_JSONFILE_H

#include "parser/context.h"

/*
 * Gives the part its verdict and, if it can be read, a table; the record has
 * room for one. `label` is its declared charset or NULL.
 */
void jsonfile_read(struct context *ctx, struct record_part *part,
    const struct buf *file, const char *label);

#endif
