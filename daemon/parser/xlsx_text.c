#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "parser/xlsx.h"

enum {
	/* One more than a cell may have, so that a longer one is noticed. */
	TEXT_BYTES = LIMIT_CELL_BYTES + 8,
	ESCAPE_BYTES = 7, /* _x000D_ */
};

void
xlsx_text_init(struct xlsx_text *t)
{
	*t = (struct xlsx_text){.collects = false};
	buf_init(&t->text, TEXT_BYTES);
}

void
xlsx_text_begin(struct xlsx_text *t)
{
	buf_clear(&t->text);
	t->collects = false;
	t->phonetic = 0;
}

void
xlsx_text_start(struct xlsx_text *t, const char *name)
{
	if (strcmp(name, "rPh") == 0)
		t->phonetic++;
	else if (strcmp(name, "t") == 0)
		t->collects = t->phonetic == 0;
}

void
xlsx_text_end(struct xlsx_text *t, const char *name)
{
	if (strcmp(name, "rPh") == 0 && t->phonetic > 0)
		t->phonetic--;
	else if (strcmp(name, "t") == 0)
		t->collects = false;
}

void
xlsx_text_add(struct xlsx_text *t, const char *text, size_t bytes)
{
	if (t->collects)
		buf_add(&t->text, text, bytes);
}

/* ECMA-376 part 1, 22.9.2.19 (ST_Xstring): a UTF-16 unit; 0x10000 if none. */
static unsigned
read_escape(const char *p)
{
	char digits[5] = "";

	if (p[0] != '_' || p[1] != 'x' ||
	    strspn(p + 2, "0123456789abcdefABCDEF") < 4 || p[6] != '_')
		return 0x10000;
	memcpy(digits, p + 2, 4);
	return (unsigned)strtoul(digits, NULL, 16);
}

/* Never longer than the escape was; controls and half characters vanish. */
static char *
put_unit(char *to, unsigned unit)
{
	if (unit == '\n' || unit == '\t' || unit == '\r' ||
	    (unit >= ' ' && unit < 0x7f)) {
		*to++ = (char)unit;
	} else if (unit >= 0xa0 && unit < 0x800) {
		*to++ = (char)(0xc0 | unit >> 6);
		*to++ = (char)(0x80 | (unit & 0x3f));
	} else if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) {
		*to++ = (char)(0xe0 | unit >> 12);
		*to++ = (char)(0x80 | (unit >> 6 & 0x3f));
		*to++ = (char)(0x80 | (unit & 0x3f));
	}
	return to;
}

static void
decode(char *text)
{
	char *to = text;

	while (*text != '\0') {
		unsigned unit = *text == '_' ? read_escape(text) : 0x10000;
		if (unit < 0x10000) {
			to = put_unit(to, unit);
			text += ESCAPE_BYTES;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

static void
unify_line_ends(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '\r')
			*to++ = *text;
		else if (text[1] != '\n')
			*to++ = '\n';
	*to = '\0';
}

const char *
xlsx_text_done(struct xlsx_text *t)
{
	if (t->text.data == NULL)
		return "";
	decode(t->text.data);
	unify_line_ends(t->text.data);
	t->text.len = strlen(t->text.data);
	return t->text.data;
}
