/*
 * Small pieces of the voice, so that all letters say the same thing the same
 * way: instants, numbers, sizes and lists in words. Callers are whoever fills
 * the values of a letter. Results live in the arena.
 */
#ifndef LSCPD_MAIL_WORDS_H
#define LSCPD_MAIL_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* "Tuesday 24 February at 10:42", local time. */
const char *words_when(struct arena *arena, int64_t at);
/* "Friday 27 February 2026"; "" for DAY_NONE. */
const char *words_day(struct arena *arena, int32_t day);
/* "Friday 27 February"; "" for DAY_NONE. */
const char *words_day_short(struct arena *arena, int32_t day);
/* "one" … "twelve", then "13". */
const char *words_count(struct arena *arena, size_t count);
/* "first version" … "tenth version", then "version 11". */
const char *words_version(struct arena *arena, int version);
/* "A" … "Z", "AA": the letter of problem `index`, from 0. */
const char *words_letter(struct arena *arena, size_t index);
/* "900 bytes", "12 KB", "3.4 MB". */
const char *words_size(struct arena *arena, int64_t bytes);
/* "a", "a and b", "a, b and c"; `last` is "and" or "or". */
const char *words_list(struct arena *arena, const char *const *items,
    size_t count, const char *last);
/* What a letter shows of a stored text: whole where short, else its first
 * words with "..."; in quotes, as what somebody wrote. */
const char *words_quote(struct arena *arena, const char *text);

#endif
