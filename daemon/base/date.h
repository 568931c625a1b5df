/*
 * Days, months and instants. A day is a date (days since 1970-01-01), never a
 * midnight; an instant is seconds since 1970 UTC. Local time is that of the
 * process's zone, set once at start by date_set_zone().
 */
#ifndef LSCPD_BASE_DATE_H
#define LSCPD_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	DATE_TEXT_BYTES = 16,    /* 2026-03-02 */
	INSTANT_TEXT_BYTES = 24, /* 2026-03-02T07:30:00Z */
	DAY_NONE = INT32_MIN,    /* no such day */
};

struct civil {
	int year, month, day; /* month and day from 1 */
};

/* False where the system does not know the zone. */
bool date_set_zone(const char *name);

bool date_is_valid(struct civil civil);
int date_days_in_month(int year, int month);
/* `civil` must be valid. */
int32_t date_from_civil(struct civil civil);
struct civil date_to_civil(int32_t day);
/* 0 Monday … 6 Sunday. */
int date_weekday(int32_t day);

/* `2026-03-02` exactly; DAY_NONE for all else. */
int32_t date_parse_iso(const char *text);
void date_format_iso(int32_t day, char ret_text[static DATE_TEXT_BYTES]);
/* `2026-03-02T07:30:00Z` exactly; false for all else. */
bool instant_parse(const char *text, int64_t *ret_at);
void instant_format(int64_t at, char ret_text[static INSTANT_TEXT_BYTES]);

/* The local date of an instant, its local minutes since midnight. */
int32_t date_of(int64_t at);
int date_minute_of(int64_t at);
/*
 * The instant of a local time of day; a time that the clocks skip is the first
 * instant after the gap, one that comes twice is the first of the two.
 */
int64_t instant_of(int32_t day, int minute);
/* The last second of the local day: what is due that day is in time until it. */
int64_t instant_day_end(int32_t day);

/* "Friday 27 February 2026", "Friday 27 February", in English. */
enum date_style {
	DATE_LONG,
	DATE_NO_YEAR
};

const char *
date_words(int32_t day, enum date_style style, char ret_text[static 40]);

#endif
