/*
 * Making strangers' words harmless before they stand in a letter or a header:
 * control characters, line ends where they could begin a line of ours, and
 * the marks that turn the direction of writing. What is not UTF-8 becomes `?`.
 * Inside the room mail only.
 */
#ifndef LSCPD_MAIL_CLEAN_H
#define LSCPD_MAIL_CLEAN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* One line: every line end and control character is a space. */
void clean_line(struct buf *out, const char *text);
/* Several lines: LF stays, CRLF becomes LF. */
void clean_block(struct buf *out, const char *text);
/* A header's value: one line, trimmed, at most `max_chars` characters. */
char *clean_header(struct arena *arena, const char *text, size_t max_chars);

#endif
