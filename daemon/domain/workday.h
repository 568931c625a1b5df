/*
 * Working days: Monday to Friday without the bank holidays of England and
 * Wales. Day 1 of a period is the day after the event (Working Together 2023).
 * Pure; the table of holidays is loaded by settings/.
 */
#ifndef LSCPD_DOMAIN_WORKDAY_H
#define LSCPD_DOMAIN_WORKDAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sorted upwards, each day once; borrowed. */
struct holidays {
	const int32_t *days;
	size_t count;
};

bool workday_is(const struct holidays *holidays, int32_t day);
/*
 * The day `count` working days after `day` (before it where `count` is
 * negative). With 0: `day` itself where it is a working day, else the next.
 */
int32_t workday_add(const struct holidays *holidays, int32_t day, int count);
/*
 * Working days after `from_day` up to and with `to_day`; negative where
 * `to_day` is earlier. So a thing due on Friday is 1 working day late on
 * Monday.
 */
int workday_between(const struct holidays *holidays, int32_t from_day,
    int32_t to_day);

#endif
