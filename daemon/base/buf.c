#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){.max = max_bytes};
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.max = buf->max};
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->over = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

static void
buf_reserve(struct buf *buf, size_t bytes)
{
	size_t need = buf->len + bytes + 1;

	if (need <= buf->cap)
		return;
	size_t cap = buf->cap < 64 ? 64 : buf->cap;
	while (cap < need)
		cap *= 2;
	buf->data = realloc(buf->data, cap);
	BUG_ON(buf->data == NULL);
	buf->cap = cap;
}

void
buf_add(struct buf *buf, const void *data, size_t bytes)
{
	if (buf->over)
		return;
	if (bytes > buf->max - buf->len) {
		bytes = buf->max - buf->len;
		buf->over = true;
	}
	buf_reserve(buf, bytes);
	if (bytes > 0)
		memcpy(buf->data + buf->len, data, bytes);
	buf->len += bytes;
	buf->data[buf->len] = '\0';
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	BUG_ON(len < 0);
	if (!buf->over) {
		buf_reserve(buf, (size_t)len);
		(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format,
		    args);
		buf->over = (size_t)len > buf->max - buf->len;
		buf->len = buf->over ? buf->max : buf->len + (size_t)len;
		buf->data[buf->len] = '\0';
	}
	va_end(args);
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}
