#include "parser/marks.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "parser/words.h"

enum {
	OPENING_BYTES = 400,   /* an attribution is not longer */
	ATTRIBUTION_LINES = 5, /* it may be wrapped over so many */
	BLOCK_LINES = 14,      /* a header block is not longer */
};

/* Without the stars that stand for bold, and white space (NBSP too). */
static const char *
bare(const char *text)
{
	for (;;) {
		if (*text == ' ' || *text == '\t' || *text == '*')
			text++;
		else if (memcmp(text, "\xc2\xa0", strnlen(text, 2)) == 0 &&
			 *text != '\0')
			text += 2;
		else
			return text;
	}
}

static size_t
bare_len(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t*_", text[len - 1]) != NULL)
		len--;
	return len;
}

/* Length of the run of dashes or underscores in front. */
static size_t
rule_len(const char *text)
{
	size_t len = strspn(text, "-");

	if (len == 0)
		len = strspn(text, "_");
	return len;
}

static bool
is_rule(const char *text)
{
	size_t len = rule_len(text);

	return len >= 5 && text[len] == '\0';
}

/* The label of a `Label: value` line in `ret`; false if it is none. */
static bool
label_of(const char *text, char ret_label[static 32], const char **ret_value)
{
	text = bare(text);
	size_t len = strcspn(text, ":");
	const char *wide = strstr(text, "\xef\xbc\x9a");
	size_t skip = 1;

	if (wide != NULL && (size_t)(wide - text) < len) {
		len = (size_t)(wide - text);
		skip = 3;
	}
	if (text[len] == '\0' || len == 0 || len >= 32)
		return false;
	(void)snprintf(ret_label, 32, "%.*s", (int)len, text);
	ret_label[bare_len(ret_label)] = '\0';
	*ret_value = text + len + skip;
	return true;
}

/* What a line's label may be, as bits. */
enum {
	LABEL_ANY = 1,
	LABEL_FROM = 2,
	LABEL_DATED = 4,
	LABEL_LATER = 8, /* "A:" is some language's To, and our first answer */
};

void
marks_prepare(struct lines *lines)
{
	char label[32];
	const char *value;

	for (size_t i = 0; i < lines->count; i++) {
		struct line *line = &lines->items[i];
		unsigned bits = 0;
		if (label_of(line->text, label, &value) &&
		    words_in(words_labels, label))
			bits =
			    LABEL_ANY |
			    (words_in(words_from, label) ? LABEL_FROM : 0) |
			    (words_in(words_dated, label) ? LABEL_DATED : 0) |
			    (label[1] == '\0' ? LABEL_LATER : 0);
		line->label = (uint8_t)bits;
	}
}

/*
 * A header block of a quoted mail: labelled lines right below each other
 * (values may be wrapped), a From among them and a date or subject. Returns
 * its length, 0 if there is none at `i`.
 */
static size_t
header_block(const struct lines *lines, size_t i)
{
	size_t from = 0, dated = 0, others = 0, last = 0, gaps = 0, n = 0;
	uint32_t depth = lines->items[i].depth;

	if (lines->items[i].label == 0 ||
	    (lines->items[i].label & LABEL_LATER) != 0)
		return 0;
	for (; n < BLOCK_LINES && i + n < lines->count; n++) {
		const struct line *line = &lines->items[i + n];
		const char *text = line->text;
		if (line->depth != depth)
			break;
		if (text_is_blank(text)) {
			/* Some put a blank line between the fields. */
			if (from + dated + others >= 3 || ++gaps > 3)
				break;
			continue;
		}
		bool known = line->label != 0;
		if (!known && (n - last > 2 || gaps > 0))
			break;
		if (!known)
			continue;
		last = n;
		from += (line->label & LABEL_FROM) != 0;
		dated += (line->label & LABEL_DATED) != 0;
		others++;
	}
	return from > 0 && dated > 0 && others >= 3 ? last + 1 : 0;
}

/* One line made of `count`, with single spaces; false if it gets too long. */
static bool
join_lines(const struct lines *lines, size_t i, size_t count,
    char ret_text[static OPENING_BYTES])
{
	size_t len = 0;

	for (size_t k = i; k < i + count; k++) {
		const char *text = bare(lines->items[k].text);
		size_t n = strlen(text);
		if (len + n + 2 > OPENING_BYTES)
			return false;
		if (len > 0)
			ret_text[len++] = ' ';
		memcpy(ret_text + len, text, n);
		len += n;
	}
	ret_text[len] = '\0';
	ret_text[bare_len(ret_text)] = '\0';
	return true;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

static size_t
count_digits(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += isdigit((unsigned char)*text) != 0;
	return count;
}

/* What comes behind some lines. */
enum follows {
	FOLLOWS_TEXT,
	FOLLOWS_QUOTE
};

static enum follows
next_filled(const struct lines *lines, size_t i)
{
	for (; i < lines->count; i++)
		if (!text_is_blank(lines->items[i].text))
			return lines->items[i].depth > 0 ? FOLLOWS_QUOTE
							 : FOLLOWS_TEXT;
	return FOLLOWS_TEXT;
}

/* "2016-03-03 17:21 GMT+01:00 Name" and "2013/7/20 Name <addr>" */
static bool
is_dated_name(const char *text)
{
	size_t year = strspn(text, "0123456789");

	if (year != 4 || strchr("-/.", text[4]) == NULL)
		return false;
	return strstr(text, " GMT") != NULL ||
	       (strstr(text, "@") != NULL && ends_with(text, ">"));
}

/*
 * Is this joined text "On … wrote:"? Followed by quoted lines little is asked
 * of it; else it must name a day or an address, too.
 */
static bool
is_attribution(const char *text, enum follows follows)
{
	bool colon = ends_with(text, ":") || ends_with(text, "\xef\xbc\x9a") ||
		     ends_with(text, ": >") || ends_with(text, ":>");
	bool wrote = colon && words_inside(words_wrote, text);
	size_t digits = count_digits(text);
	bool addr = strchr(text, '@') != NULL;
	bool named = digits >= 3 || addr;
	bool quoted_follows = follows == FOLLOWS_QUOTE;

	if (wrote)
		return named || quoted_follows;
	if (is_dated_name(text))
		return true;
	/* "On …, Name <addr>", without a word for writing that we know. */
	if (quoted_follows && addr && digits >= 4 &&
	    (ends_with(text, ">") || ends_with(text, "wrote") || colon))
		return true;
	return quoted_follows && colon && digits >= 6 &&
	       words_start(words_attribution_start, text);
}

static bool
starts_attribution(const char *text)
{
	text = bare(text);
	return words_start(words_attribution_start, text) ||
	       isdigit((unsigned char)*text) || *text == '<' || *text == '"' ||
	       (strchr(text, '@') != NULL && strchr(text, '<') != NULL);
}

static bool
is_attribution_at(const struct lines *lines, size_t i, size_t n)
{
	char text[OPENING_BYTES];

	return join_lines(lines, i, n, text) &&
	       is_attribution(text, next_filled(lines, i + n));
}

/*
 * A `>` that closes an address may have been wrapped to the next line, where
 * it looks like a quote mark: "On … <a@b.example" and ">:".
 */
static bool
is_torn_end(const struct lines *lines, size_t i, size_t n)
{
	char text[OPENING_BYTES];
	const struct line *end = &lines->items[i + n - 1];
	const char *open;

	if (n < 2 || end->depth != lines->items[i].depth + 1 ||
	    strlen(end->text) > 12 || !ends_with(end->text, ":") ||
	    !join_lines(lines, i, n - 1, text))
		return false;
	open = strrchr(text, '<');
	return open != NULL && strchr(open, '>') == NULL &&
	       strchr(open, '@') != NULL;
}

/* Does the attribution that ends at `i + n` begin behind `i`? */
static bool
begins_later(const struct lines *lines, size_t i, size_t n)
{
	for (size_t k = 1; k < n; k++)
		if (words_start(words_attribution_start,
			bare(lines->items[i + k].text)) &&
		    is_attribution_at(lines, i + k, n - k))
			return true;
	return false;
}

/* Lines of an attribution at `i`, 0 if there is none. */
static size_t
attribution(const struct lines *lines, size_t i)
{
	bool wrapped = starts_attribution(lines->items[i].text);

	for (size_t n = 1; n <= ATTRIBUTION_LINES; n++) {
		if (i + n > lines->count || (n > 1 && !wrapped))
			return 0;
		const struct line *line = &lines->items[i + n - 1];
		if (is_torn_end(lines, i, n))
			return n;
		if (line->depth != lines->items[i].depth ||
		    (text_is_blank(line->text) && n != 2))
			return 0;
		if (is_attribution_at(lines, i, n))
			return begins_later(lines, i, n) ? 0 : n;
	}
	return 0;
}

/* A rule with words in it: ---- Original message ----. */
static enum marks_kind
ruled_words(const char *text)
{
	size_t len = rule_len(text);

	if (len < 2 || strlen(text) > 200)
		return MARKS_NONE;
	if (words_inside(words_forwarded, text + len))
		return MARKS_FORWARD;
	/* ---- On Tue, … wrote ---- */
	bool wrote = ends_with(text, "--") && count_digits(text) >= 6 &&
		     words_inside(words_wrote, text + len);
	return wrote || words_inside(words_original, text + len) ? MARKS_HEADERS
								 : MARKS_NONE;
}

/* The header block at or right behind `i`, blank lines counted in. */
static size_t
block_from(const struct lines *lines, size_t i, size_t used)
{
	size_t at = i + used;

	while (at < lines->count && at < i + used + 3 &&
	       text_is_blank(lines->items[at].text))
		at++;
	size_t block = at < lines->count ? header_block(lines, at) : 0;
	return block == 0 ? used : at - i + block;
}

struct marks_opening
marks_opening(const struct lines *lines, size_t i)
{
	const char *text = bare(lines->items[i].text);
	struct marks_opening o = {.kind = MARKS_NONE};

	if (*text == '\0')
		return o;
	o.kind = ruled_words(text);
	if (o.kind == MARKS_NONE && words_start(words_begin_forward, text) &&
	    strchr(text, ':') != NULL)
		o.kind = MARKS_FORWARD;
	if (o.kind != MARKS_NONE) {
		o.lines = block_from(lines, i, 1);
		return o;
	}
	/* Outlook's rule counts only with a header block below. */
	o.lines = is_rule(text) ? block_from(lines, i, 1) : 0;
	if (o.lines <= 1)
		o.lines = header_block(lines, i);
	if (o.lines > 0) {
		o.kind = MARKS_HEADERS;
		return o;
	}
	o.lines = attribution(lines, i);
	o.kind = o.lines > 0 ? MARKS_ATTRIBUTION : MARKS_NONE;
	return o;
}

bool
marks_signature(const char *text)
{
	return strcmp(text, "--") == 0 || strcmp(text, "-- ") == 0 ||
	       strcmp(text, "\xe2\x80\x94") == 0 || strcmp(text, "--=20") == 0;
}

bool
marks_sent_from(const char *text)
{
	text = bare(text);
	text += strspn(text, "<([ ");
	return strlen(text) <= 120 && words_start(words_sent_from, text) &&
	       strchr(text, '?') == NULL;
}

bool
marks_closing(const char *text)
{
	char word[48];

	text = bare(text);
	size_t len = strlen(text);
	while (len > 0 && strchr(" ,.!*", text[len - 1]) != NULL)
		len--;
	if (len == 0 || len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	return words_in(words_closing, word);
}

bool
marks_answer(const char *text)
{
	char label[32];
	const char *value;

	text = bare(text);
	if (strncmp(text, "==", 2) == 0 || strncmp(text, "---", 3) == 0)
		return true;
	if (isdigit((unsigned char)*text) && text[strcspn(text, " ")] == ' ' &&
	    strspn(text, "0123456789+() -") < strlen(text) &&
	    strspn(text, "0123456789") <= 2)
		return true;
	if (!label_of(text, label, &value) || strncmp(value, "//", 2) == 0 ||
	    words_in(words_contact, label))
		return false;
	/* T: and M: are a telephone, but A: and B: are answers. */
	if (label[1] == '\0' && strchr("tmefwTMEFW", label[0]) != NULL)
		return count_digits(value) < 6 && strchr(value, '@') == NULL &&
		       strchr(value, '.') == NULL;
	return true;
}

bool
marks_list_footer(const struct lines *lines, size_t i)
{
	static const char *const signs[] = {"mailing list", "unsubscribe",
	    "/mailman/listinfo/", "listserv", "yahoo! groups", NULL};
	const char *text = bare(lines->items[i].text);
	size_t rule = strspn(text, "_-=");

	if (rule < 10 || text[rule] != '\0')
		return false;
	for (size_t k = i + 1; k < i + 4 && k < lines->count; k++)
		if (words_inside(signs, lines->items[k].text))
			return true;
	return false;
}
