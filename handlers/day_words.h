/*
 * Days in running text, as people type them on a phone: "30 April", "Friday
 * 6th of March", "14/8", "3.3.2027", "Monday". Without a year the next such day
 * is meant. Short answers and absence notices are the callers; values of forms
 * are read by forms/judge.h, which is stricter.
 */
#ifndef LSCPD_HANDLERS_DAY_WORDS_H
#define LSCPD_HANDLERS_DAY_WORDS_H

#include <stdint.h>

/*
 * The day that `text` begins with; DAY_NONE if it begins with none. A day
 * without a year is the first on or after `today_day`; a weekday alone is the
 * first after it. `*ret_rest` points behind it.
 */
int32_t
day_words_read(const char *text, int32_t today_day, const char **ret_rest);

/*
 * Until when somebody is away, by the text of an absence notice ("until 14
 * August", "back on 17 August": until the day before). DAY_NONE where it does
 * not say, or names a day that is over or more than a year away.
 */
int32_t absence_until(const char *text, int32_t today_day);

#endif
