/*
 * What mail servers write instead of a delivery report: is it a bounce, and
 * whom could it not reach? By words, so never a proof: whoever acts on it asks
 * for our own Message-ID or reply code in it as well.
 */
#ifndef LSCPD_PARSER_BOUNCE_H
#define LSCPD_PARSER_BOUNCE_H

#include "parser/context.h"

/* Cheap: a report already, or a sender or a subject as of a mail server. */
bool bounce_is_possible(const struct context *ctx);
/* Push the recipients that the words of a body name. */
void bounce_read(struct context *ctx, const char *text);
/* After that: is it one? `text` is the first body. */
bool bounce_judge(const struct context *ctx, const char *text);

#endif
