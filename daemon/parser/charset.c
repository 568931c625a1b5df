#include "parser/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* The charsets served, by the name that iconv knows. */
static struct {
	const char *name;
	iconv_t to_utf8, from_utf8;
} g_sets[] = {
    {.name = "WINDOWS-1252"},
    {.name = "UTF-8"},
    {.name = "UTF-16"},
    {.name = "UTF-16LE"},
    {.name = "UTF-16BE"},
    {.name = "UTF-32"},
    {.name = "UTF-7"},
    {.name = "WINDOWS-1250"},
    {.name = "WINDOWS-1251"},
    {.name = "WINDOWS-1253"},
    {.name = "WINDOWS-1254"},
    {.name = "WINDOWS-1255"},
    {.name = "WINDOWS-1256"},
    {.name = "WINDOWS-1257"},
    {.name = "WINDOWS-1258"},
    {.name = "ISO-8859-1"},
    {.name = "ISO-8859-2"},
    {.name = "ISO-8859-3"},
    {.name = "ISO-8859-4"},
    {.name = "ISO-8859-5"},
    {.name = "ISO-8859-6"},
    {.name = "ISO-8859-7"},
    {.name = "ISO-8859-8"},
    {.name = "ISO-8859-9"},
    {.name = "ISO-8859-10"},
    {.name = "ISO-8859-13"},
    {.name = "ISO-8859-14"},
    {.name = "ISO-8859-15"},
    {.name = "ISO-8859-16"},
    {.name = "KOI8-R"},
    {.name = "KOI8-U"},
    {.name = "CP437"},
    {.name = "CP850"},
    {.name = "CP852"},
    {.name = "CP866"},
    {.name = "CP874"},
    {.name = "MACINTOSH"},
    {.name = "GB18030"},
    {.name = "BIG5-HKSCS"},
    {.name = "EUC-TW"},
    {.name = "CP932"},
    {.name = "EUC-JP"},
    {.name = "ISO-2022-JP-2"},
    {.name = "CP949"},
    {.name = "ISO-2022-KR"},
};

/* Labels that mean one of the above. */
static const struct {
	const char *label, *name;
} g_aliases[] = {
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso8859-1", "WINDOWS-1252"},
    {"iso_8859-1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"latin-1", "WINDOWS-1252"},
    {"cp1252", "WINDOWS-1252"},
    {"x-cp1252", "WINDOWS-1252"},
    {"ansi", "WINDOWS-1252"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"windows-874", "CP874"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"unicode", "UTF-16"},
    {"ucs-2", "UTF-16"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"cp950", "BIG5-HKSCS"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"iso-2022-jp", "ISO-2022-JP-2"},
    {"iso-2022-jp-1", "ISO-2022-JP-2"},
    {"x-euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601", "CP949"},
    {"korean", "CP949"},
    {"windows-949", "CP949"},
    {"cp1250", "WINDOWS-1250"},
    {"cp1251", "WINDOWS-1251"},
    {"cp1253", "WINDOWS-1253"},
    {"cp1254", "WINDOWS-1254"},
    {"koi8r", "KOI8-R"},
    {"macroman", "MACINTOSH"},
    {"x-mac-roman", "MACINTOSH"},
    {"ibm850", "CP850"},
    {"ibm866", "CP866"},
};

/* What 0x80 to 0x9f are in windows-1252; holes stay what they are. */
static const uint16_t g_c1[32] = {0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026,
    0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178};

static const char REPLACEMENT[] = "\xef\xbf\xbd";
static const iconv_t NO_ICONV = (iconv_t)-1;

void
charset_init(void)
{
	if (g_sets[0].to_utf8 != NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(g_sets); i++) {
		g_sets[i].to_utf8 = iconv_open("UTF-8", g_sets[i].name);
		g_sets[i].from_utf8 = iconv_open(g_sets[i].name, "UTF-8");
	}
}

static iconv_t
find_set(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(g_sets); i++)
		if (text_ieq(g_sets[i].name, name))
			return g_sets[i].to_utf8;
	return NO_ICONV;
}

/* The label as people write it: quoted, with a language, in any case. */
static iconv_t
find_label(const char *label)
{
	char name[64];
	size_t len;

	if (label == NULL)
		return NO_ICONV;
	label += strspn(label, " \t\"'");
	len = strcspn(label, " \t\"'*;,");
	if (len == 0 || len >= sizeof(name))
		return NO_ICONV;
	memcpy(name, label, len);
	name[len] = '\0';
	for (size_t i = 0; i < COUNT_OF(g_aliases); i++)
		if (text_ieq(g_aliases[i].label, name))
			return find_set(g_aliases[i].name);
	return find_set(name);
}

/* Errors that a text may have and still count as being in that charset. */
static size_t
tolerated(size_t bytes)
{
	return 1 + bytes / 200;
}

/*
 * Convert all of it; false (and `out` as it was) if more bytes are wrong than
 * a damaged text would have. A wrong byte becomes U+FFFD.
 */
static bool
convert(struct buf *out, iconv_t set, const char *data, size_t bytes,
    size_t allowed)
{
	/* Between escapes a wrong character takes two bytes; to skip one would
	 * put all that follows out of step. */
	size_t wide = set == find_set("ISO-2022-JP-2") ? 2 : 1;
	char chunk[4096], *in = (char *)(uintptr_t)data;
	size_t before = out->len, left = bytes, wrong = 0;

	(void)iconv(set, NULL, NULL, NULL, NULL);
	while (left > 0) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t n = iconv(set, &in, &left, &to, &room);
		buf_add(out, chunk, (size_t)(to - chunk));
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		if (++wrong > allowed) {
			out->len = before;
			return false;
		}
		buf_puts(out, REPLACEMENT);
		size_t skip = left > wide ? wide : left;
		in += skip;
		left -= skip;
	}
	return true;
}

static bool
is_ascii(const char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)data[i] >= 0x80 || data[i] == 0x1b)
			return false;
	return true;
}

/* No charset named, but the escapes of ISO-2022-JP. */
static bool
has_japanese_escape(const char *data, size_t bytes)
{
	return memmem(data, bytes, "\x1b$B", 3) != NULL ||
	       memmem(data, bytes, "\x1b$@", 3) != NULL;
}

/* How many bytes of the text are no part of a UTF-8 character. */
static size_t
count_invalid(const char *data, size_t bytes, size_t *ret_wide)
{
	size_t invalid = 0;

	*ret_wide = 0;
	while (bytes > 0) {
		size_t n = 1;
		if ((unsigned char)*data >= 0x80) {
			for (n = 2; n <= 4 && n <= bytes; n++)
				if (text_is_utf8(data, n))
					break;
			if (n > 4 || n > bytes) {
				invalid++;
				n = 1;
			} else {
				++*ret_wide;
			}
		}
		data += n;
		bytes -= n;
	}
	return invalid;
}

static void
decode_raw(struct buf *out, const char *label, const char *fallback,
    const char *data, size_t bytes)
{
	iconv_t set = find_label(label);
	iconv_t utf8 = find_set("UTF-8");
	size_t wide, invalid;

	if (is_ascii(data, bytes) && (set == NO_ICONV || set == utf8)) {
		buf_add(out, data, bytes);
		return;
	}
	if (set == utf8) {
		invalid = count_invalid(data, bytes, &wide);
		if (invalid == 0 || invalid * 8 <= wide) {
			(void)convert(out, utf8, data, bytes, bytes);
			return;
		}
	} else if (set != NO_ICONV &&
		   convert(out, set, data, bytes, tolerated(bytes))) {
		return;
	}
	if (has_japanese_escape(data, bytes) &&
	    convert(out, find_set("ISO-2022-JP-2"), data, bytes, 0))
		return;
	if (text_is_utf8(data, bytes)) {
		buf_add(out, data, bytes);
		return;
	}
	set = find_label(fallback);
	if (set == NO_ICONV || !convert(out, set, data, bytes, bytes / 20))
		(void)convert(out, find_set("WINDOWS-1252"), data, bytes,
		    bytes);
}

static void
put_char(struct buf *out, unsigned c)
{
	char utf8[3];

	if (c < 0x800) {
		utf8[0] = (char)(0xc0 | c >> 6);
		utf8[1] = (char)(0x80 | (c & 0x3f));
		buf_add(out, utf8, 2);
	} else {
		utf8[0] = (char)(0xe0 | c >> 12);
		utf8[1] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (c & 0x3f));
		buf_add(out, utf8, 3);
	}
}

/* Valid UTF-8 in; C1 controls mended, NUL dropped, a BOM at the start too. */
static void
mend(struct buf *out, const char *data, size_t bytes)
{
	size_t start = 0;

	if (bytes >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		bytes -= 3;
	}
	bool is_whole = memchr(data, '\0', bytes) == NULL &&
			memchr(data, '\xc2', bytes) == NULL;
	for (size_t i = 0; !is_whole && i < bytes; i++) {
		unsigned char c = (unsigned char)data[i];
		bool c1 = c == 0xc2 && i + 1 < bytes &&
			  (unsigned char)data[i + 1] < 0xa0;
		if (c != '\0' && !c1)
			continue;
		buf_add(out, data + start, i - start);
		if (c1)
			put_char(out, g_c1[(unsigned char)data[++i] - 0x80]);
		start = i + 1;
	}
	buf_add(out, data + start, bytes - start);
}

/* A full buffer may end in the middle of a character. */
static void
drop_partial(struct buf *out)
{
	size_t len = out->len, back = 0;

	while (back < 3 && back < len &&
	       ((unsigned char)out->data[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < len && !text_is_utf8(out->data + len - 1 - back, back + 1))
		out->len = len - 1 - back;
	if (out->data != NULL)
		out->data[out->len] = '\0';
}

/* UTF-8 as it says, or as nothing contradicts: nearly all that comes. */
static bool
is_settled(const char *label, const char *data, size_t bytes)
{
	bool may = label == NULL ? memchr(data, '\x1b', bytes) == NULL
				 : text_ieq(label, "utf-8");

	return may && text_is_utf8(data, bytes);
}

void
charset_decode(struct buf *out, const char *label, const char *fallback,
    const void *data, size_t bytes)
{
	struct buf raw CLEANUP(buf_done);

	charset_init();
	buf_init(&raw, bytes * 4 + 16);
	if (is_settled(label, data, bytes)) {
		mend(out, data, bytes);
	} else {
		decode_raw(&raw, label, fallback, data, bytes);
		mend(out, buf_text(&raw), raw.len);
	}
	if (out->over)
		drop_partial(out);
}

/* UTF-16 without a BOM: every other byte of the start is NUL. */
static const char *
guess_utf16(const unsigned char *data, size_t bytes)
{
	size_t some = bytes < 64 ? bytes / 2 * 2 : 64, even = 0, odd = 0;

	for (size_t i = 0; i < some; i += 2) {
		even += data[i] == 0;
		odd += data[i + 1] == 0;
	}
	if (some >= 8 && odd * 2 >= some * 3 / 4)
		return "UTF-16LE";
	return some >= 8 && even * 2 >= some * 3 / 4 ? "UTF-16BE" : NULL;
}

void
charset_decode_file(struct buf *out, const char *label, const char *fallback,
    const void *file, size_t bytes)
{
	const unsigned char *data = file;
	const char *found = guess_utf16(data, bytes);

	if (bytes >= 2 && data[0] == 0xff && data[1] == 0xfe)
		found = "UTF-16LE";
	else if (bytes >= 2 && data[0] == 0xfe && data[1] == 0xff)
		found = "UTF-16BE";
	else if (found == NULL && text_is_utf8(file, bytes))
		found = "UTF-8";
	charset_decode(out, found == NULL ? label : found, fallback, data,
	    bytes);
}

char *
charset_clean(struct arena *arena, const char *text, size_t max_bytes)
{
	struct buf out CLEANUP(buf_done);

	buf_init(&out, max_bytes * 3 + 16);
	charset_decode(&out, "UTF-8", NULL, text, text_cut(text, max_bytes));
	char *copy = arena_strdup(arena, buf_text(&out));
	copy[text_cut(copy, max_bytes)] = '\0';
	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return copy;
}
