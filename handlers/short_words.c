#include "handlers/short_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "handlers/day_words.h"

/* --- tables ------------------------------------------------------------------ */

/* Longer ones stand before those that they begin with. */
static const struct {
	const char *words;
	enum short_kind kind;
	const char *status;
} g_words[] = {
    {"done", SHORT_STATUS, "done"},
    {"completed", SHORT_STATUS, "done"},
    {"complete", SHORT_STATUS, "done"},
    {"finished", SHORT_STATUS, "done"},
    {"on track", SHORT_STATUS, "on track"},
    {"ontrack", SHORT_STATUS, "on track"},
    {"at risk", SHORT_STATUS, "at risk"},
    {"stuck", SHORT_STATUS, "blocked"},
    {"blocked", SHORT_STATUS, "blocked"},
    {"late", SHORT_STATUS, "late"},
    {"need more time until", SHORT_UNTIL, ""},
    {"need time until", SHORT_UNTIL, ""},
    {"needs until", SHORT_UNTIL, ""},
    {"need until", SHORT_UNTIL, ""},
    {"need till", SHORT_UNTIL, ""},
    {"not my job", SHORT_NOT_ME, ""},
    {"not mine", SHORT_NOT_ME, ""},
    {"not me", SHORT_NOT_ME, ""},
    {"please call me", SHORT_CALL, ""},
    {"please phone me", SHORT_CALL, ""},
    {"please ring me", SHORT_CALL, ""},
    {"call me please", SHORT_CALL, ""},
    {"call me", SHORT_CALL, ""},
    {"withdraw", SHORT_WITHDRAW, ""},
};

/* Folded, whole lines or their first words. */
static const char *const g_greetings[] = {"hello", "hi", "dear", "good morning",
    "good afternoon", "good evening", "morning", "afternoon", "all"};

/* Folded, whole lines: what follows is a name and a signature. */
static const char *const g_closings[] = {"thanks", "thank you", "many thanks",
    "thanks again", "with thanks", "kind regards", "regards", "best regards",
    "warm regards", "best wishes", "best", "with best wishes", "yours",
    "yours sincerely", "yours faithfully", "sincerely", "cheers", "kr",
    "many thanks and kind regards", "sent from my iphone", "sent from my ipad",
    "sent from outlook for ios", "get outlook for ios",
    "sent from outlook for android", "get outlook for android"};

static bool
is_one_of(const char *folded, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(folded, words[i]) == 0)
			return true;
	return false;
}

static bool
is_closing(struct arena *arena, const char *line)
{
	return is_one_of(text_fold(arena, line), g_closings,
	    COUNT_OF(g_closings));
}

/* "Hello", "Dear Priya": no more than a few words behind it. */
static bool
is_greeting(struct arena *arena, const char *line)
{
	const char *folded = text_fold(arena, line);
	size_t words = 1;

	for (const char *c = folded; *c != '\0'; c++)
		words += *c == ' ';
	for (size_t i = 0; i < COUNT_OF(g_greetings); i++) {
		size_t len = strlen(g_greetings[i]);
		if (strncmp(folded, g_greetings[i], len) == 0 &&
		    (folded[len] == '\0' || folded[len] == ' ') && words <= 5)
			return true;
	}
	return false;
}

/* --- pieces of a line ----------------------------------------------------------- */

static const char *
skip_space(const char *at)
{
	for (;;) {
		if (*at == ' ' || *at == '\t')
			at++;
		else if (text_istarts(at, "\xc2\xa0"))
			at += 2;
		else
			return at;
	}
}

/* Bytes of the mark at `at` that separates a label or word from what follows:
 * a colon (a full-width one too), dash, bracket, equals sign …; 0 if none. */
static size_t
mark_length(const char *at)
{
	static const char *const marks[] = {":", "-", ")", "=", ".", ",", ";",
	    "!", "\xef\xbc\x9a", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x88\x92",
	    "\xe2\x80\x91", "\xe2\x80\xa2"};

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (text_istarts(at, marks[i]))
			return strlen(marks[i]);
	return 0;
}

static const char *
skip_marks(const char *at)
{
	for (;;) {
		at = skip_space(at);
		size_t len = mark_length(at);
		if (len == 0)
			return at;
		at += len;
	}
}

/* `phrase` at `at`, any case; a space may be several, or a dash. Returns the
 * place behind it, NULL if it is not there. */
static const char *
match_phrase(const char *at, const char *phrase)
{
	for (; *phrase != '\0'; phrase++) {
		if (*phrase == ' ') {
			const char *next = skip_space(at);
			if (next == at && *at == '-')
				next++;
			if (next == at)
				return NULL;
			at = next;
			continue;
		}
		if (tolower((unsigned char)*at) != *phrase)
			return NULL;
		at++;
	}
	return isalnum((unsigned char)*at) || *at == '\'' ? NULL : at;
}

/* What is said politely and means nothing is no evidence. */
static const char *
meant(struct arena *arena, const char *text)
{
	const char *trimmed = text_trim(arena, text);

	return is_closing(arena, trimmed) ? "" : trimmed;
}

/* --- words -------------------------------------------------------------------------- */

static void
read_until(struct arena *arena, const char *at, int32_t today_day,
    struct short_line *line)
{
	const char *rest = at;

	line->day = day_words_read(skip_marks(at), today_day, &rest);
	line->text = meant(arena, skip_marks(rest));
}

enum need {
	NEED_NOTHING, /* behind a label: the word is enough */
	NEED_MARK,    /* without one: a mark or the line's end must follow */
};

/* The word that `at` begins with; false if it begins with none. */
static bool
read_word(struct arena *arena, const char *at, int32_t today_day,
    enum need need, struct short_line *line)
{
	for (size_t i = 0; i < COUNT_OF(g_words); i++) {
		const char *behind = match_phrase(at, g_words[i].words);
		if (behind == NULL)
			continue;
		const char *next = skip_space(behind);
		if (need == NEED_MARK && *next != '\0' &&
		    mark_length(next) == 0 && g_words[i].kind != SHORT_UNTIL &&
		    g_words[i].kind != SHORT_CALL)
			return false;
		/* "withdraw" with more behind it is a command or prose. */
		if (g_words[i].kind == SHORT_WITHDRAW &&
		    *skip_marks(next) != '\0')
			return false;
		line->kind = g_words[i].kind;
		line->status = g_words[i].status;
		if (line->kind == SHORT_UNTIL)
			read_until(arena, behind, today_day, line);
		else
			line->text = meant(arena, skip_marks(behind));
		return true;
	}
	return false;
}

/* --- labels ----------------------------------------------------------------------------- */

struct reader {
	struct arena *arena;
	const struct outbox_items *items;
	int32_t today_day;
	bool has_numbers, has_letters; /* among the labels */
};

static bool
has_label(const struct reader *reader, const char *label)
{
	for (size_t i = 0; i < reader->items->count; i++)
		if (text_ieq(reader->items->items[i].label, label))
			return true;
	return false;
}

static const char *
upper(struct arena *arena, const char *at, size_t len)
{
	char *copy = arena_strndup(arena, at, len);

	for (char *c = copy; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

/* Is there a mark right behind the label, as in `1.` or `B :`? */
static bool
is_marked(const char *behind)
{
	return mark_length(skip_space(behind)) > 0;
}

/* `A-0112 done - …`, whatever mail it answers. */
static bool
read_reference(const struct reader *reader, const char *at,
    struct short_line *line)
{
	size_t digits;

	if ((at[0] != 'A' && at[0] != 'a') || at[1] != '-' ||
	    (digits = strspn(at + 2, "0123456789")) == 0 || digits > 9 ||
	    isalnum((unsigned char)at[2 + digits]))
		return false;
	const char *behind = at + 2 + digits;
	line->label = upper(reader->arena, at, 2 + digits);
	line->wrote = text_trim(reader->arena, skip_marks(behind));
	if (read_word(reader->arena, skip_marks(behind), reader->today_day,
		NEED_NOTHING, line))
		return true;
	if (!is_marked(behind))
		return false;
	line->kind = SHORT_UNKNOWN;
	return true;
}

/* `2 need until …`, `2. done`. */
static bool
read_number(const struct reader *reader, const char *at,
    struct short_line *line)
{
	size_t digits = strspn(at, "0123456789");
	const char *behind = at + digits;

	if (digits == 0 || digits > 3 || !reader->has_numbers ||
	    (skip_space(behind) == behind && !is_marked(behind)))
		return false;
	line->label = upper(reader->arena, at, digits);
	line->wrote = text_trim(reader->arena, skip_marks(behind));
	if (read_word(reader->arena, skip_marks(behind), reader->today_day,
		NEED_NOTHING, line)) {
		if (!has_label(reader, line->label))
			line->kind = SHORT_UNKNOWN;
		return true;
	}
	/* "3 March, as agreed" goes on with the line above; "3.5 hours" too. */
	if (!has_label(reader, line->label) || !is_marked(behind) ||
	    isdigit((unsigned char)behind[1]) || line->wrote[0] == '\0')
		return false;
	line->kind = SHORT_UNKNOWN;
	return true;
}

/* "A. Okafor" is a signature, "B. 14 May 2026" is an answer. */
static bool
looks_like_name(const char *text)
{
	size_t words = 0;

	if (!isupper((unsigned char)*text))
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if (isdigit((unsigned char)*c))
			return false;
		words += *c == ' ';
	}
	return words < 2;
}

/* Which mark stands between a letter and its value? */
static bool
is_letter_marked(const char *label, size_t len, const char *behind)
{
	const char *mark = skip_space(behind);
	size_t bytes = mark_length(mark);

	if (bytes == 0)
		/* `B 14 May`; but "A" and "I" begin sentences. */
		return mark != behind && len == 1 &&
		       isupper((unsigned char)*label) &&
		       strchr("AI", *label) == NULL;
	if (*mark == '.')
		return !looks_like_name(skip_marks(mark));
	if (*mark == ',' || *mark == ';' || *mark == '!')
		return false;
	/* `e-mail` is no letter with a dash. */
	return *mark != '-' || mark != behind || mark[1] == ' ';
}

static bool
read_letter(const struct reader *reader, const char *at,
    struct short_line *line)
{
	size_t len = 0;

	while (isalpha((unsigned char)at[len]))
		len++;
	if (len == 0 || len > 2 || !reader->has_letters ||
	    !is_letter_marked(at, len, at + len))
		return false;
	const char *label = upper(reader->arena, at, len);
	const char *value = skip_space(at + len);
	size_t mark = mark_length(value);
	if (!has_label(reader, label)) {
		/* A letter that our mail did not have; "PS:" is prose. */
		if (len > 1 || *value != ':')
			return false;
		line->kind = SHORT_UNKNOWN;
	} else {
		line->kind = SHORT_ANSWER;
	}
	line->label = label;
	line->text = text_trim(reader->arena, value + mark);
	line->wrote = line->text;
	return true;
}

/* --- lines --------------------------------------------------------------------------------- */

static struct short_line
read_line(const struct reader *reader, const char *text)
{
	static bool (*const readers[])(const struct reader *, const char *,
	    struct short_line *) = {read_reference, read_number, read_letter};
	const struct short_line blank = {.kind = SHORT_PROSE,
	    .label = "",
	    .status = "",
	    .day = DAY_NONE,
	    .text = "",
	    .wrote = text_trim(reader->arena, text)};
	const char *at = skip_space(text);

	/* A bullet in front. */
	while (*at == '*' || *at == '>' || text_istarts(at, "\xe2\x80\xa2") ||
	       (*at == '-' && at[1] == ' '))
		at = skip_space(at + (*at == '\xe2' ? 3 : 1));
	for (size_t i = 0; i < COUNT_OF(readers); i++) {
		struct short_line line = blank;
		if (readers[i](reader, at, &line))
			return line;
	}
	struct short_line line = blank;
	if (read_word(reader->arena, at, reader->today_day, NEED_MARK, &line))
		return line;
	return blank;
}

/* The item that takes the lines that go on, and its text so far. */
struct open_line {
	struct short_line *line; /* NULL: none */
	struct buf text;
	bool gap; /* a blank line stands before what may go on */
};

static void
open_line(struct open_line *open, struct short_line *line)
{
	open->line = line;
	open->gap = false;
	buf_clear(&open->text);
	buf_puts(&open->text, line->text);
}

static void
done_line(struct open_line *open)
{
	buf_done(&open->text);
}

static void
close_line(struct arena *arena, struct open_line *open)
{
	if (open->line != NULL)
		open->line->text = arena_strdup(arena, buf_text(&open->text));
	open->line = NULL;
}

static void
continue_line(struct arena *arena, struct open_line *open, const char *text)
{
	if (open->text.len > 0)
		buf_puts(&open->text, open->gap ? "\n\n" : "\n");
	open->gap = false;
	buf_puts(&open->text, text_trim(arena, text));
}

static struct reader
reader_for(struct arena *arena, const struct outbox_items *items,
    int32_t today_day)
{
	struct reader reader = {.arena = arena,
	    .items = items,
	    .today_day = today_day};

	for (size_t i = 0; i < items->count; i++) {
		if (isdigit((unsigned char)items->items[i].label[0]))
			reader.has_numbers = true;
		else
			reader.has_letters = true;
	}
	return reader;
}

/* The next line of `*text`, without its end; NULL behind the last. */
static char *
next_line(struct arena *arena, const char **text)
{
	if (**text == '\0')
		return NULL;
	size_t len = strcspn(*text, "\n");
	char *line = arena_strndup(arena, *text, len);
	*text += len + ((*text)[len] == '\n' ? 1 : 0);
	return line;
}

/* A line that is not blank; false where it says nothing that must be kept. */
static bool
take_line(const struct reader *reader, const char *text, struct open_line *open,
    bool *is_closed, struct short_line *ret_line)
{
	struct arena *arena = reader->arena;

	*ret_line = read_line(reader, text);
	if (ret_line->kind != SHORT_PROSE) {
		*is_closed = false;
		return true;
	}
	if (is_closing(arena, text)) {
		close_line(arena, open);
		*is_closed = true;
		return false;
	}
	if (open->line != NULL) {
		continue_line(arena, open, text);
		return false;
	}
	return !*is_closed && !is_greeting(arena, text);
}

void
short_words_read(struct arena *arena, const char *text,
    const struct outbox_items *items, int32_t today_day,
    struct short_lines *ret_lines)
{
	const struct reader reader = reader_for(arena, items, today_day);
	struct short_lines lines = {0};
	struct open_line open CLEANUP(done_line) = {.line = NULL};
	bool is_closed = false; /* a name and a signature follow */

	buf_init(&open.text, LIMIT_TEXT_BYTES);
	for (const char *line; lines.count < SHORT_LINES_MAX &&
			       (line = next_line(arena, &text)) != NULL;) {
		struct short_line read;
		if (text_is_blank(line)) {
			/* `B:` alone has its value below, and an answer may
			 * have paragraphs. */
			if (open.line != NULL &&
			    open.line->kind == SHORT_ANSWER)
				open.gap = open.text.len > 0;
			else if (open.text.len > 0)
				close_line(arena, &open);
			continue;
		}
		if (!take_line(&reader, line, &open, &is_closed, &read))
			continue;
		close_line(arena, &open);
		struct short_line *one =
		    arena_push(arena, &lines.items, &lines.count, sizeof(*one));
		*one = read;
		if (read.kind != SHORT_PROSE)
			open_line(&open, one);
	}
	close_line(arena, &open);
	*ret_lines = lines;
}
