#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
	EXPANSION = 36 /* a character may become eighteen, each of two bytes */
};

/* One character of `text` (at most `bytes` long); its length, or -1. */
static utf8proc_ssize_t
next_char(const char *text, size_t bytes, utf8proc_int32_t *ret_char)
{
	if (bytes > 0 && (unsigned char)*text < 0x80) {
		*ret_char = *text;
		return 1;
	}
	return utf8proc_iterate((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)bytes, ret_char);
}

/* How many bytes of ASCII `text` begins with: most text by far is nothing
 * else, and costs an eighth of what its characters would. */
static size_t
ascii_bytes(const char *text, size_t bytes)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t eight;
	size_t n = 0;

	for (; bytes - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, text + n, sizeof(eight));
		if ((eight & high) != 0)
			break;
	}
	while (n < bytes && (unsigned char)text[n] < 0x80)
		n++;
	return n;
}

bool
text_is_utf8(const char *text, size_t bytes)
{
	utf8proc_int32_t c;

	for (;;) {
		size_t plain = ascii_bytes(text, bytes);
		text += plain;
		bytes -= plain;
		if (bytes == 0)
			return true;
		utf8proc_ssize_t n = next_char(text, bytes, &c);
		if (n <= 0)
			return false;
		text += n;
		bytes -= (size_t)n;
	}
}

static int
ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool
text_ieq(const char *a, const char *b)
{
	while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

bool
text_istarts(const char *text, const char *prefix)
{
	while (*prefix != '\0' && ascii_lower(*text) == ascii_lower(*prefix)) {
		text++;
		prefix++;
	}
	return *prefix == '\0';
}

const char *
text_ifind(const char *text, const char *needle)
{
	for (; *text != '\0'; text++)
		if (text_istarts(text, needle))
			return text;
	return *needle == '\0' ? text : NULL;
}

static bool
is_space(utf8proc_int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200f) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x2060 ||
	       c == 0x3000 || c == 0xfeff;
}

bool
text_is_blank(const char *text)
{
	size_t left = strlen(text);
	utf8proc_int32_t c;

	while (left > 0) {
		utf8proc_ssize_t n = next_char(text, left, &c);
		if (n <= 0 || !is_space(c))
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

/* Bytes of the white space that `text` ends with. */
static size_t
space_bytes_at_end(const char *text, size_t bytes)
{
	size_t end = bytes;
	utf8proc_int32_t c;

	while (end > 0) {
		size_t first = end - 1;
		while (first > 0 && end - first < 4 &&
		       ((unsigned char)text[first] & 0xc0) == 0x80)
			first--;
		utf8proc_ssize_t n = next_char(text + first, end - first, &c);
		if (n <= 0 || (size_t)n != end - first || !is_space(c))
			break;
		end = first;
	}
	return bytes - end;
}

char *
text_trim(struct arena *arena, const char *text)
{
	size_t left = strlen(text);
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	while (left > 0 && (n = next_char(text, left, &c)) > 0 && is_space(c)) {
		text += n;
		left -= (size_t)n;
	}
	return arena_strndup(arena, text,
	    left - space_bytes_at_end(text, left));
}

char *
text_lower(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return copy;
}

/* One word with signs beyond ASCII; as it is where it is no UTF-8. */
static void
normalise_word(struct buf *out, const char *word, size_t bytes,
    utf8proc_option_t options)
{
	utf8proc_uint8_t *norm = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)word,
	    (utf8proc_ssize_t)bytes, &norm, options);

	buf_add(out, n < 0 ? word : (const char *)norm,
	    n < 0 ? bytes : (size_t)n);
	free(norm);
}

/*
 * Word by word, since no sign joins with a space: what is ASCII, as most is,
 * can only change its case.
 */
static char *
normalise(struct arena *arena, const char *text, utf8proc_option_t options)
{
	bool folds = (options & UTF8PROC_CASEFOLD) != 0;
	size_t left = strlen(text), plain = ascii_bytes(text, left);
	struct buf out CLEANUP(buf_done);

	buf_init(&out, EXPANSION * left);
	if (plain == left)
		return folds ? text_lower(arena, text)
			     : arena_strdup(arena, text);
	while (left > 0) {
		size_t word = strcspn(text, " \n");
		if (ascii_bytes(text, word) < word)
			normalise_word(&out, text, word, options);
		else
			for (size_t i = 0; i < word; i++)
				buf_putc(&out, folds
						   ? (char)ascii_lower(text[i])
						   : text[i]);
		if (word < left)
			buf_putc(&out, text[word++]);
		text += word;
		left -= word;
	}
	return arena_strdup(arena, buf_text(&out));
}

/* Apostrophes join words, whichever sign a phone made of them. */
static bool
is_apostrophe(utf8proc_int32_t c)
{
	return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 ||
	       c == 0xb4 || c == 0x02bc || c == 0x201b;
}

static bool
is_word(utf8proc_int32_t c)
{
	if (c < 0x80)
		return isalnum(c) || c == '%' || (c >= '<' && c <= '>') ||
		       c == '+';
	utf8proc_category_t k = utf8proc_category(c);

	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO;
}

char *
text_fold(struct arena *arena, const char *text)
{
	char *norm = normalise(arena, text,
	    UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
		UTF8PROC_STABLE | UTF8PROC_IGNORE);
	char *out = norm, *end = norm;
	size_t left = strlen(norm);
	bool gap = false;
	utf8proc_int32_t c;

	for (const char *p = norm; left > 0;) {
		utf8proc_ssize_t n = next_char(p, left, &c);
		if (n <= 0) {
			n = 1;
			c = ' ';
		}
		if (is_word(c)) {
			if (gap && end > out)
				*end++ = ' ';
			memmove(end, p, (size_t)n);
			end += n;
			gap = false;
		} else if (!is_apostrophe(c)) {
			gap = true;
		}
		p += n;
		left -= (size_t)n;
	}
	*end = '\0';
	return out;
}

char *
text_clean(struct arena *arena, const char *text)
{
	char *norm = normalise(arena, text, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	char *end = norm;

	for (const char *p = norm; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '\r') {
			*end++ = '\n';
			p += p[1] == '\n';
		} else if (c == '\t' || c == '\n' || (c >= ' ' && c != 0x7f)) {
			*end++ = *p;
		}
	}
	*end = '\0';
	return text_trim(arena, norm);
}

char *
text_first_words(struct arena *arena, const char *text, size_t max_chars)
{
	char *line = text_trim(arena, text);
	size_t chars = 0;
	char *cut = NULL;

	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	for (char *p = line; *p != '\0'; p++) {
		if (((unsigned char)*p & 0xc0) == 0x80)
			continue;
		if (++chars > max_chars) {
			if (cut == NULL)
				cut = p;
			return arena_printf(arena, "%.*s...", (int)(cut - line),
			    line);
		}
		if (*p == ' ')
			cut = p;
	}
	return line;
}

size_t
text_width(const char *text)
{
	size_t left = strlen(text), width = 0;
	utf8proc_int32_t c;

	while (left > 0) {
		utf8proc_ssize_t n = next_char(text, left, &c);
		if (n <= 0) {
			n = 1;
			width++;
		} else {
			width += (size_t)utf8proc_charwidth(c);
		}
		text += n;
		left -= (size_t)n;
	}
	return width;
}

size_t
text_cut(const char *text, size_t max_bytes)
{
	size_t len = strnlen(text, max_bytes + 1);

	if (len <= max_bytes)
		return len;
	len = max_bytes;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

char **
text_split(struct arena *arena, const char *text, const char *separators)
{
	char **items = NULL;
	size_t count = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, separators);
		char *item = text_trim(arena, arena_strndup(arena, text, len));
		if (*item != '\0')
			*(char **)arena_push(arena, &items, &count,
			    sizeof(*items)) = item;
		text += len;
		text += *text != '\0';
	}
	*(char **)arena_push(arena, &items, &count, sizeof(*items)) = NULL;
	return items;
}

void
text_escape_html(struct buf *out, const char *text)
{
	static const struct {
		char sign;
		const char *as;
	} escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"},
	    {'"', "&quot;"}, {'\'', "&#39;"}};

	for (;;) {
		size_t plain = strcspn(text, "&<>\"'");
		buf_add(out, text, plain);
		text += plain;
		if (*text == '\0')
			return;
		for (size_t i = 0; i < COUNT_OF(escapes); i++)
			if (escapes[i].sign == *text)
				buf_puts(out, escapes[i].as);
		text++;
	}
}

void
text_escape_control(struct buf *out, const char *text)
{
	size_t left = strlen(text);
	utf8proc_int32_t c;

	while (left > 0) {
		utf8proc_ssize_t n = next_char(text, left, &c);
		utf8proc_category_t k =
		    n > 0 ? utf8proc_category(c) : UTF8PROC_CATEGORY_CC;
		bool plain = n > 0 && k != UTF8PROC_CATEGORY_CC &&
			     k != UTF8PROC_CATEGORY_CF &&
			     k != UTF8PROC_CATEGORY_ZL &&
			     k != UTF8PROC_CATEGORY_ZP;
		size_t len = n > 0 ? (size_t)n : 1;
		if (plain)
			buf_add(out, text, len);
		else
			for (size_t i = 0; i < len; i++)
				buf_printf(out, "\\x%02x",
				    (unsigned char)text[i]);
		text += len;
		left -= len;
	}
}

/* A leading sign is harmless where all that follows is a plain number. */
static bool
is_number(const char *text)
{
	char *end;

	if (*text == '\0' || strspn(text, "+-.0123456789") != strlen(text))
		return false;
	(void)strtod(text, &end);
	return *end == '\0';
}

void
text_escape_csv(struct buf *out, const char *text)
{
	bool guard = *text != '\0' && strchr("=+-@\t\r", *text) != NULL &&
		     !is_number(text);

	if (!guard && strpbrk(text, ",;\"\n\r\t") == NULL &&
	    (*text == '\0' ||
		(*text != ' ' && text[strlen(text) - 1] != ' '))) {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	if (guard)
		buf_putc(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_putc(out, '"');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void
text_csv_row(struct buf *out, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		text_escape_csv(out, cells[i]);
	}
	buf_puts(out, "\r\n");
}
