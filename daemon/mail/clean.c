#include "mail/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/text.h"

/* Turning marks and other invisible signs of U+2000 and above that can make
 * a line read unlike what it says; zero-width joiners stay, names need them. */
static bool
is_deceptive(utf8proc_int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x200e || c == 0x200f || c == 0x061c || c == 0xfeff;
}

static bool
is_control(utf8proc_int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
	       c == 0x2029;
}

/* Bytes of printable ASCII that `at` begins with. */
static utf8proc_ssize_t
plain_bytes(const utf8proc_uint8_t *at, utf8proc_ssize_t left)
{
	utf8proc_ssize_t n = 0;

	while (n < left && at[n] >= ' ' && at[n] <= '~')
		n++;
	return n;
}

static void
clean_into(struct buf *out, const char *text, char line_end)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text);

	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = plain_bytes(at, left);
		buf_add(out, at, (size_t)n);
		at += n;
		left -= n;
		if (left == 0)
			break;
		n = utf8proc_iterate(at, left, &c);
		if (n <= 0) {
			buf_putc(out, '?');
			n = 1;
		} else if (c == '\r' && n < left && at[1] == '\n') {
			/* its LF follows */
		} else if (is_control(c)) {
			char space = ' ';
			if (c == '\n' || c == '\r')
				space = line_end;
			buf_putc(out, space);
		} else if (!is_deceptive(c)) {
			buf_add(out, at, (size_t)n);
		}
		at += n;
		left -= n;
	}
}

void
clean_line(struct buf *out, const char *text)
{
	clean_into(out, text, ' ');
}

void
clean_block(struct buf *out, const char *text)
{
	clean_into(out, text, '\n');
}

/* Bytes of the first `chars` characters. */
static size_t
prefix_bytes(const char *text, size_t chars)
{
	size_t i = 0;

	for (; text[i] != '\0'; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && chars-- == 0)
			break;
	return i;
}

char *
clean_header(struct arena *arena, const char *text, size_t max_chars)
{
	CLEANUP(buf_done)
	struct buf line;

	buf_init(&line, max_chars * 16);
	clean_line(&line, text);
	char *trimmed = text_trim(arena, buf_text(&line));
	trimmed[prefix_bytes(trimmed, max_chars)] = '\0';
	return trimmed;
}
