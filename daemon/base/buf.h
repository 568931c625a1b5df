/*
 * A growing byte buffer with a maximum from birth. Reaching the maximum never
 * aborts: the buffer keeps what fits, sets `over`, and ignores what follows;
 * whoever uses the result checks `over` once at the end.
 */
#ifndef LSCPD_BASE_BUF_H
#define LSCPD_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

struct buf {
	char *data; /* always terminated once anything was added; else NULL */
	size_t len, cap, max;
	bool over;
};

void buf_init(struct buf *buf, size_t max_bytes);
/* Frees; the struct may be initialised again. Works as CLEANUP(buf_done). */
void buf_done(struct buf *buf);
void buf_clear(struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t bytes);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
/* The text so far, "" when empty; valid until the next change. */
const char *buf_text(const struct buf *buf);

#endif
