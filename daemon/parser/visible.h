/*
 * Whose words a body is made of: the sender's new ones, quoted mail, forwarded
 * mail, a signature. Nothing is deleted, only classed. Rules of thumb, with
 * this preference: what stands behind quote marks or under the header block of
 * an older mail is never the sender's, whatever it looks like; what stands
 * between quoted lines without a mark is.
 */
#ifndef LSCPD_PARSER_VISIBLE_H
#define LSCPD_PARSER_VISIBLE_H

#include "parser/lines.h"

/* Sets `whose` of each line; depth grows where a whole mail is quoted. */
void visible_judge(struct context *ctx, struct lines *lines);

/* Lines to the segments of a body, within the context's budget. */
void visible_segments(struct context *ctx, const struct lines *lines,
    struct record_body *ret_body);

#endif
