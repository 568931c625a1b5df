/*
 * The words of concern_words.h made ready: every word a number, every place
 * of a pattern a set of numbers, so that a long mail costs little. Made once
 * in a process, at the first use. Used by concern.c alone.
 */
#ifndef LSCPD_DOMAIN_CONCERN_TABLE_H
#define LSCPD_DOMAIN_CONCERN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONCERN_WORDS = 768, /* room for different words */
	CONCERN_PLACES = 12, /* of a pattern */
	CONCERN_PATTERNS = 96,
	CONCERN_UNKNOWN = 0, /* the number of all other words */
};

struct concern_words {
	uint64_t bits[CONCERN_WORDS / 64];
};

struct concern_place {
	size_t gap; /* up to so many words may stand before it */
	bool any;   /* whatever word it is */
	struct concern_words words;
};

struct concern_row {
	bool is_weak;
	struct concern_place places[CONCERN_PLACES];
	size_t count;
};

struct concern_table {
	struct concern_row patterns[CONCERN_PATTERNS], ours[CONCERN_PATTERNS];
	size_t pattern_count, ours_count;
	struct concern_words trade, when, rule;
};

const struct concern_table *concern_table_get(void);
/* The number of a folded word. */
unsigned concern_word_number(const char *text);

static inline bool
concern_has(const struct concern_words *words, unsigned number)
{
	return (words->bits[number / 64] >> (number % 64) & 1) != 0;
}

#endif
