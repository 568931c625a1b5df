#include "domain/concern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "domain/concern_table.h"

enum {
	MAX_WORDS = 120, /* of a sentence; what is longer is cut in pieces */
	SHORT_LINE = 60, /* bytes: a shorter line may end without a stop */
	MAX_TEXT_BYTES = 256 * 1024, /* judged; bounds the time it takes */
	ADULT_YEARS = 18,
	GUARD_WORDS = 4, /* how far before a match "if" makes it a rule */
};

struct sentence {
	unsigned words[MAX_WORDS]; /* by number */
	size_t count;
	struct concern_words all; /* those that are there */
};

/* Does the pattern fit, from its place `p` on, from word `at` on? */
static bool
fits_at(const struct concern_row *row, size_t p,
    const struct sentence *sentence, size_t at)
{
	if (p == row->count)
		return true;
	const struct concern_place *place = &row->places[p];
	for (size_t i = 0; i <= place->gap && at + i < sentence->count; i++) {
		unsigned word = sentence->words[at + i];
		if ((place->any || concern_has(&place->words, word)) &&
		    fits_at(row, p + 1, sentence, at + i + 1))
			return true;
	}
	return false;
}

static bool
share_word(const struct concern_words *a, const struct concern_words *b)
{
	for (size_t i = 0; i < COUNT_OF(a->bits); i++)
		if ((a->bits[i] & b->bits[i]) != 0)
			return true;
	return false;
}

/* Is there a word for each place at all? */
static bool
may_fit(const struct concern_row *row, const struct sentence *sentence)
{
	for (size_t i = 0; i < row->count; i++)
		if (!row->places[i].any &&
		    !share_word(&row->places[i].words, &sentence->all))
			return false;
	return true;
}

static bool
has_word(const struct sentence *sentence, size_t from, size_t to,
    const struct concern_words *words)
{
	for (size_t i = from; i < to; i++)
		if (concern_has(words, sentence->words[i]))
			return true;
	return false;
}

static bool
pattern_fires(const struct concern_table *table, const struct concern_row *row,
    const struct sentence *sentence)
{
	for (size_t at = 0; at < sentence->count; at++) {
		size_t guard = at > GUARD_WORDS ? at - GUARD_WORDS : 0;
		if (!fits_at(row, 0, sentence, at) ||
		    has_word(sentence, guard, at + 1, &table->when))
			continue;
		if (!row->is_weak ||
		    !has_word(sentence, guard, at + 1, &table->rule))
			return true;
	}
	return false;
}

static bool
sentence_fires(const struct concern_table *table,
    const struct sentence *sentence)
{
	bool trade = share_word(&table->trade, &sentence->all);

	for (size_t i = 0; i < table->ours_count; i++)
		if (fits_at(&table->ours[i], 0, sentence, 0))
			return false;
	for (size_t i = 0; i < table->pattern_count; i++) {
		const struct concern_row *row = &table->patterns[i];
		if ((!trade || !row->is_weak) && may_fit(row, sentence) &&
		    pattern_fires(table, row, sentence))
			return true;
	}
	return false;
}

/* The words of one sentence, before they are numbers. */
struct words {
	char *items[MAX_WORDS];
	size_t count;
};

static bool
is_unit(const char *word)
{
	static const char *const units[] = {"year", "years", "yr", "yrs",
	    "month", "months", "week", "weeks"};

	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (strcmp(units[i], word) == 0)
			return true;
	return false;
}

/* "7 year old" is one word for a child, "80 year old" is not. */
static void
add_word(struct words *words, char *word)
{
	static char child[] = "yearold", adult[] = "adult";
	size_t count = words->count;

	if (count >= 2 && strcmp(word, "old") == 0 &&
	    is_unit(words->items[count - 1])) {
		long years = strtol(words->items[count - 2], NULL, 10);
		bool grown =
		    *words->items[count - 1] == 'y' && years >= ADULT_YEARS;
		words->count -= 2;
		word = grown ? adult : child;
	}
	words->items[words->count++] = word;
}

static bool
words_fire(const struct words *words)
{
	const struct concern_table *table = concern_table_get();
	struct sentence sentence = {.count = words->count};

	for (size_t i = 0; i < words->count; i++) {
		unsigned number = concern_word_number(words->items[i]);
		sentence.words[i] = number;
		sentence.all.bits[number / 64] |= UINT64_C(1) << (number % 64);
	}
	return sentence_fires(table, &sentence);
}

static bool
piece_fires(struct arena *arena, const char *text, size_t bytes)
{
	struct words words = {.count = 0};
	char *folded = text_fold(arena, arena_strndup(arena, text, bytes));
	char *save = NULL;

	for (char *word = strtok_r(folded, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (words.count == MAX_WORDS) {
			if (words_fire(&words))
				return true;
			words.count = 0;
		}
		add_word(&words, word);
	}
	return words.count > 0 && words_fire(&words);
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
