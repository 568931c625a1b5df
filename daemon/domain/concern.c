#include "domain/concern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "domain/concern_words.h"

enum {
	MAX_WORDS = 120, /* of a sentence; what is longer is cut in pieces */
	SHORT_LINE = 60, /* bytes: a shorter line may end without a stop */
	MAX_TEXT_BYTES = 256 * 1024, /* judged; bounds the time it takes */
	ADULT_YEARS = 18,
	GUARD_WORDS = 4, /* how far before a match "if" makes it a rule */
};

struct sentence {
	char *words[MAX_WORDS];
	size_t count;
};

/* Is `word` one of `a|b|c` (`bytes` long)? */
static bool
in_list(const char *list, size_t bytes, const char *word)
{
	size_t len = strlen(word);
	const char *end = list + bytes;

	for (const char *p = list; p < end; p++) {
		p = memmem(p, (size_t)(end - p), word, len);
		if (p == NULL)
			return false;
		if ((p == list || p[-1] == '|') &&
		    (p + len == end || p[len] == '|'))
			return true;
	}
	return false;
}

static bool
in_set(const char *name, size_t bytes, const char *word)
{
	for (const struct concern_set *set = g_concern_sets; set->name != NULL;
	     set++)
		if (strlen(set->name) == bytes &&
		    memcmp(set->name, name, bytes) == 0)
			return in_list(set->words, strlen(set->words), word);
	bug_stop(__FILE__, __LINE__, name);
}

/* A word of a pattern: `.` any word, else items `a|b|@set`. */
static bool
word_fits(const char *want, size_t bytes, const char *word)
{
	if ((bytes == 1 && *want == '.') || in_list(want, bytes, word))
		return true;
	for (size_t at = 0; at < bytes; at++) {
		size_t len = strcspn(want + at, "| ");
		if (want[at] == '@' && in_set(want + at, len, word))
			return true;
		at += len;
	}
	return false;
}

/* Does the pattern fit from word `at` on? `~3` skips up to three words. */
static bool
fits_at(const char *pattern, const struct sentence *sentence, size_t at)
{
	size_t bytes = strcspn(pattern, " ");
	const char *rest = pattern + bytes + (pattern[bytes] == ' ');

	if (bytes == 0)
		return true;
	if (*pattern == '~') {
		size_t skip = (size_t)strtoul(pattern + 1, NULL, 10);
		for (size_t i = 0; i <= skip && at + i <= sentence->count; i++)
			if (fits_at(rest, sentence, at + i))
				return true;
		return false;
	}
	return at < sentence->count &&
	       word_fits(pattern, bytes, sentence->words[at]) &&
	       fits_at(rest, sentence, at + 1);
}

static bool
has_word(const struct sentence *sentence, size_t from, size_t to,
    const char *list)
{
	for (size_t i = from; i < to; i++)
		if (in_list(list, strlen(list), sentence->words[i]))
			return true;
	return false;
}

static bool
pattern_fires(const struct concern_pattern *pattern,
    const struct sentence *sentence)
{
	for (size_t at = 0; at < sentence->count; at++) {
		size_t guard = at > GUARD_WORDS ? at - GUARD_WORDS : 0;
		if (!fits_at(pattern->text, sentence, at))
			continue;
		if (has_word(sentence, guard, at + 1, g_concern_if))
			continue;
		if (pattern->strength == CONCERN_STRONG ||
		    !has_word(sentence, guard, at + 1, g_concern_rule))
			return true;
	}
	return false;
}

static bool
sentence_fires(const struct sentence *sentence)
{
	bool trade = has_word(sentence, 0, sentence->count, g_concern_trade);

	for (const char *const *ours = g_concern_ours; *ours != NULL; ours++)
		if (fits_at(*ours, sentence, 0))
			return false;
	for (const struct concern_pattern *pattern = g_concern_patterns;
	     pattern->text != NULL; pattern++) {
		if (trade && pattern->strength == CONCERN_WEAK)
			continue;
		if (pattern_fires(pattern, sentence))
			return true;
	}
	return false;
}

/* "7 year old" is one word for a child, "80 year old" is not. */
static void
add_word(struct sentence *sentence, char *word)
{
	size_t count = sentence->count;

	if (strcmp(word, "old") == 0 && count >= 2) {
		const char *unit = sentence->words[count - 1];
		long years = strtol(sentence->words[count - 2], NULL, 10);
		if (in_list("year|years|yr|yrs|month|months|week|weeks", 38,
			unit)) {
			static char child[] = "yearold", adult[] = "adult";
			bool is_adult = *unit == 'y' && years >= ADULT_YEARS;
			sentence->count -= 2;
			word = is_adult ? adult : child;
		}
	}
	sentence->words[sentence->count++] = word;
}

static bool
piece_fires(struct arena *arena, const char *text, size_t bytes)
{
	struct sentence sentence = {.count = 0};
	char *folded = text_fold(arena, arena_strndup(arena, text, bytes));
	char *save = NULL;

	for (char *word = strtok_r(folded, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (sentence.count == MAX_WORDS) {
			if (sentence_fires(&sentence))
				return true;
			sentence.count = 0;
		}
		add_word(&sentence, word);
	}
	return sentence.count > 0 && sentence_fires(&sentence);
}

/*
 * Bytes of the first sentence: up to a stop, an empty line, or the end of a
 * short line behind which a new sentence seems to begin.
 */
static size_t
sentence_bytes(const char *text)
{
	const char *line = text, *p = text;

	for (; *p != '\0'; p++) {
		if (strchr("!?;", *p) != NULL)
			break;
		if (*p == '.' && !isalnum((unsigned char)p[1]))
			break;
		if (*p != '\n')
			continue;
		unsigned char next = (unsigned char)p[1];
		if (next == '\n' || next == '\r' ||
		    (p - line < SHORT_LINE && !islower(next)))
			break;
		line = p + 1;
	}
	return (size_t)(p - text);
}

bool
concern_reads(struct arena *arena, const char *text)
{
	const char *end = text + text_cut(text, MAX_TEXT_BYTES);

	while (text < end) {
		size_t bytes = sentence_bytes(text);
		if (bytes > 0 && piece_fires(arena, text, bytes))
			return true;
		text += bytes;
		text += *text != '\0';
	}
	return false;
}
