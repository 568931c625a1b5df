#include "base/date.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"

static const char *const g_weekdays[] = {"Monday", "Tuesday", "Wednesday",
    "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const g_months[] = {"January", "February", "March", "April",
    "May", "June", "July", "August", "September", "October", "November",
    "December"};

bool
date_set_zone(const char *name)
{
	char path[256];

	if (strstr(name, "..") != NULL || name[0] == '/' ||
	    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name) >=
		(int)sizeof(path))
		return false;
	if (strcmp(name, "UTC") != 0 && access(path, R_OK) != 0)
		return false;
	if (setenv("TZ", name, 1) != 0) /* NOLINT(concurrency-mt-unsafe) */
		return false;
	tzset();
	return true;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int
date_days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool
date_is_valid(struct civil c)
{
	return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 &&
	       c.day >= 1 && c.day <= date_days_in_month(c.year, c.month);
}

/* Years are counted from March, so that the leap day comes last. */
int32_t
date_from_civil(struct civil c)
{
	int y = c.month <= 2 ? c.year - 1 : c.year;
	int era = y / 400;
	int yoe = y - era * 400;
	int doy =
	    (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct civil
date_to_civil(int32_t day)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){
	    .year = yoe + era * 400 + (month <= 2),
	    .month = month,
	    .day = doy - (153 * mp + 2) / 5 + 1,
	};
}

int
date_weekday(int32_t day)
{
	int w = (int)((day + INT64_C(3)) % 7);

	return w < 0 ? w + 7 : w;
}

/* `width` digits at `*text`, which is moved behind them; -1 if not. */
static int
take_digits(const char **text, int width)
{
	int value = 0;

	for (int i = 0; i < width; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return -1;
		value = value * 10 + ((*text)[i] - '0');
	}
	*text += width;
	return value;
}

static bool
take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static int32_t
take_date(const char **text)
{
	struct civil c = {0};

	if ((c.year = take_digits(text, 4)) < 0 || !take_char(text, '-') ||
	    (c.month = take_digits(text, 2)) < 0 || !take_char(text, '-') ||
	    (c.day = take_digits(text, 2)) < 0 || !date_is_valid(c))
		return DAY_NONE;
	return date_from_civil(c);
}

int32_t
date_parse_iso(const char *text)
{
	int32_t day = take_date(&text);

	return *text == '\0' ? day : DAY_NONE;
}

void
date_format_iso(int32_t day, char ret_text[static DATE_TEXT_BYTES])
{
	struct civil c = date_to_civil(day);

	(void)snprintf(ret_text, DATE_TEXT_BYTES, "%04d-%02u-%02u",
	    c.year % 10000, (unsigned)c.month % 100, (unsigned)c.day % 100);
}

bool
instant_parse(const char *text, int64_t *ret_at)
{
	int32_t day = take_date(&text);
	int h, m, s;

	if (day == DAY_NONE || !take_char(&text, 'T') ||
	    (h = take_digits(&text, 2)) < 0 || !take_char(&text, ':') ||
	    (m = take_digits(&text, 2)) < 0 || !take_char(&text, ':') ||
	    (s = take_digits(&text, 2)) < 0 || !take_char(&text, 'Z') ||
	    *text != '\0' || h > 23 || m > 59 || s > 59)
		return false;
	*ret_at = day * INT64_C(86400) + h * 3600 + m * 60 + s;
	return true;
}

void
instant_format(int64_t at, char ret_text[static INSTANT_TEXT_BYTES])
{
	int64_t day = at / 86400 - (at % 86400 < 0);
	int second = (int)(at - day * 86400);
	char date[DATE_TEXT_BYTES];

	date_format_iso((int32_t)day, date);
	(void)snprintf(ret_text, INSTANT_TEXT_BYTES, "%.10sT%02d:%02d:%02dZ",
	    date, second / 3600 % 24, second / 60 % 60, second % 60);
}

int32_t
date_of(int64_t at)
{
	struct tm tm;
	time_t t = (time_t)at;

	BUG_ON(localtime_r(&t, &tm) == NULL);
	return date_from_civil(
	    (struct civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday});
}

int
date_minute_of(int64_t at)
{
	struct tm tm;
	time_t t = (time_t)at;

	BUG_ON(localtime_r(&t, &tm) == NULL);
	return tm.tm_hour * 60 + tm.tm_min;
}

/*
 * mktime() may answer either side of a change of the clocks, so the instant is
 * searched: local time minus UTC is the same for hours around, except at the
 * change, where both offsets are tried and the earlier fit is taken.
 */
int64_t
instant_of(int32_t day, int minute)
{
	int64_t wall = day * INT64_C(86400) + minute * INT64_C(60);
	int64_t best = INT64_MAX, after_gap = INT64_MAX;

	for (int64_t probe = wall - 86400; probe <= wall + 86400;
	     probe += 86400) {
		struct tm tm;
		time_t t = (time_t)probe;
		BUG_ON(localtime_r(&t, &tm) == NULL);
		int64_t at = wall - tm.tm_gmtoff;
		if (date_of(at) == day && date_minute_of(at) == minute) {
			if (at < best)
				best = at;
		} else if (at > wall - tm.tm_gmtoff - 1 && at < after_gap) {
			after_gap = at;
		}
	}
	if (best != INT64_MAX)
		return best;
	/* In a gap: walk to the minute at which the clocks jump. */
	int64_t at = after_gap - 4 * INT64_C(3600);
	while (date_of(at) < day ||
	       (date_of(at) == day && date_minute_of(at) < minute))
		at += 60;
	return at;
}

int64_t
instant_day_end(int32_t day)
{
	return instant_of(day + 1, 0) - 1;
}

const char *
date_words(int32_t day, enum date_style style, char ret_text[static 40])
{
	struct civil c = date_to_civil(day);
	int n = snprintf(ret_text, 40, "%s %d %s",
	    g_weekdays[date_weekday(day)], c.day, g_months[c.month - 1]);

	if (style == DATE_LONG)
		(void)snprintf(ret_text + n, 40 - (size_t)n, " %d", c.year);
	return ret_text;
}
