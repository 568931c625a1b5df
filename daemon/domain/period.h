/*
 * Periods that a return covers: a month `2026-03`, a quarter `2026-Q1` (April
 * to June of 2026: quarters are those of the financial year), a year
 * `2025-26` (April 2025 to March 2026).
 */
#ifndef LSCPD_DOMAIN_PERIOD_H
#define LSCPD_DOMAIN_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum period_kind {
	PERIOD_MONTH = 1,
	PERIOD_QUARTER = 2,
	PERIOD_YEAR = 4
};

enum {
	PERIOD_TEXT_BYTES = 16
};

struct period {
	enum period_kind kind;
	int year; /* of a month; else the one the financial year starts in */
	int part; /* month 1..12, quarter 1..4, 0 of a year */
};

/* The canonical spellings exactly. */
bool period_parse(const char *text, struct period *ret_period);
/*
 * As people write them: "Q1 2026/27", "Quarter 1 2026-27", "2026/27 Q1",
 * "April to June 2026", "March 2026", "03/2026", "2025/26", "2025 to 2026".
 * A bare "Q1 2026" is the quarter of the financial year 2026-27.
 */
bool
period_read(struct arena *arena, const char *text, struct period *ret_period);
void period_format(const struct period *period,
    char ret_text[static PERIOD_TEXT_BYTES]);
/* "April to June 2026", "March 2026", "April 2025 to March 2026". */
const char *period_words(struct arena *arena, const struct period *period);
int32_t period_first_day(const struct period *period);
int32_t period_last_day(const struct period *period);
/* Over before `today_day`. */
bool period_is_closed(const struct period *period, int32_t today_day);

#endif
