#include "forms/lines.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

enum {
	KEY_BYTES = 200, /* a colon further on is no key's */
	KEY_COLONS = 3,  /* labels hold few colons */
};

void
lines_add(struct arena *arena, struct text_lines *lines, const char *text,
    bool typed)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		if (lines->count >= LINES_MAX) {
			lines->is_cut = true;
			return;
		}
		struct text_line *line = arena_push(arena, &lines->items,
		    &lines->count, sizeof(*line));
		size_t kept = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
		line->text = arena_strndup(arena, text, kept);
		line->typed = typed;
		text += len;
		text += *text == '\n';
	}
}

/* Behind quote marks, bullets and white space. */
static const char *
skip_marks(const char *line)
{
	for (;;) {
		if (strncmp(line, "\xc2\xa0", 2) == 0)
			line += 2;
		else if (strncmp(line, "\xe2\x80\xa2", 3) == 0)
			line += 3;
		else if (*line != '\0' && strchr(" \t>|*_", *line) != NULL)
			line++;
		else
			return line;
	}
}

/* Dashes may have become one long one on the way. */
static const char *
skip_dashes(const char *line)
{
	const char *start = line = skip_marks(line);

	while (*line == '-' || strncmp(line, "\xe2\x80", 2) == 0) {
		if (*line == '-')
			line++;
		else if (line[2] == '\x93' || line[2] == '\x94')
			line += 3;
		else
			break;
	}
	return line > start ? skip_marks(line) : NULL;
}

bool
line_is_start(const char *line)
{
	const char *p = skip_dashes(line);

	return p != NULL && text_istarts(p, "form ");
}

bool
line_is_end(const char *line)
{
	const char *p = skip_dashes(line);

	return p != NULL && text_istarts(p, "end of form");
}

/* Bytes of a colon at `p`, plain or full-width; 0 if there is none. */
static size_t
colon_bytes(const char *p)
{
	if (*p == ':')
		return 1;
	if (strncmp(p, "\xef\xbc\x9a", 3) == 0 ||
	    strncmp(p, "\xef\xb9\x95", 3) == 0)
		return 3;
	return 0;
}

/* Bold marks around `**Key:** value` leave a `**` in front of the value. */
static const char *
value_behind(struct arena *arena, const char *text, bool marked)
{
	char *value = text_trim(arena, text);

	while (*value == ':')
		value++;
	if (marked) {
		while (*value == '*' || *value == '_')
			value++;
		size_t len = strlen(value);
		while (
		    len > 0 && (value[len - 1] == '*' || value[len - 1] == '_'))
			value[--len] = '\0';
	}
	return text_trim(arena, value);
}

bool
line_split(struct arena *arena, const char *line, line_key_fn known,
    const void *ctx, const char **ret_folded, const char **ret_value)
{
	const char *start = skip_marks(line);
	int colons = 0;

	for (const char *p = start;
	     *p != '\0' && p - start < KEY_BYTES && colons < KEY_COLONS; p++) {
		size_t colon = colon_bytes(p);
		if (colon == 0)
			continue;
		colons++;
		const char *folded = text_fold(arena,
		    arena_strndup(arena, start, (size_t)(p - start)));
		if (*folded == '\0' || !known(ctx, folded))
			continue;
		bool marked = memchr(line, '*', (size_t)(p - line)) != NULL ||
			      memchr(line, '_', (size_t)(start - line)) != NULL;
		*ret_folded = folded;
		*ret_value = value_behind(arena, p + colon, marked);
		return true;
	}
	return false;
}

/* Bytes of the sign at `p`, and what it is plainly: '\0' for white space. */
static size_t
plain_sign(const char *p, char *ret_plain)
{
	static const struct {
		const char *from;
		char to;
	} plain[] = {
	    {"\xe2\x80\x98", '\''},
	    {"\xe2\x80\x99", '\''},
	    {"\xe2\x80\x9c", '"'},
	    {"\xe2\x80\x9d", '"'},
	    {"\xe2\x80\x93", '-'},
	    {"\xe2\x80\x94", '-'},
	    {"\xe2\x80\x91", '-'},
	    {"\xe2\x80\x8b", '\0'},
	    {"\xc2\xa0", '\0'},
	    {"\xe2\x80\xaf", '\0'},
	};

	*ret_plain = *p == ' ' || (*p >= '\t' && *p <= '\r') ? '\0' : *p;
	if ((unsigned char)*p < 0x80)
		return 1;
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		size_t len = strlen(plain[i].from);
		if (strncmp(p, plain[i].from, len) != 0)
			continue;
		*ret_plain = plain[i].to;
		return len;
	}
	return 1;
}

const char *
text_squeeze(struct arena *arena, const char *text)
{
	char *copy = text_clean(arena, text);
	char *end = copy;

	for (const char *p = copy; *p != '\0';) {
		char plain;
		p += plain_sign(p, &plain);
		if (plain != '\0')
			*end++ = plain;
	}
	*end = '\0';
	return copy;
}

/* The next sign that is no white space, small; '\0' at the end. */
static char
next_sign(const char **p)
{
	while (**p != '\0') {
		char plain;
		*p += plain_sign(*p, &plain);
		if (plain != '\0')
			return (char)tolower((unsigned char)plain);
	}
	return '\0';
}

bool
text_same_name(const char *a, const char *b)
{
	static const char ends[] = ".?:;!";
	char x, y;

	/* Most names differ in their first letter. */
	if (isalnum((unsigned char)*a) && isalnum((unsigned char)*b) &&
	    tolower((unsigned char)*a) != tolower((unsigned char)*b))
		return false;
	do {
		x = next_sign(&a);
		y = next_sign(&b);
	} while (x == y && x != '\0');
	/* "Seen alone?" and "Seen alone" */
	while (x != '\0' && strchr(ends, x) != NULL)
		x = next_sign(&a);
	while (y != '\0' && strchr(ends, y) != NULL)
		y = next_sign(&b);
	return x == '\0' && y == '\0';
}

bool
text_same(struct arena *arena, const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return true;
	return strcmp(text_squeeze(arena, a), text_squeeze(arena, b)) == 0;
}
