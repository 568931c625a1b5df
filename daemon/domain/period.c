#include "domain/period.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	FIRST_YEAR = 1990,
	LAST_YEAR = 2099,
	MAX_WORDS = 8,
	FY_MONTH = 4
};

static const char *const g_months[] = {
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
};

static bool
year_is_likely(int year)
{
	return year >= FIRST_YEAR && year <= LAST_YEAR;
}

static bool
set_period(enum period_kind kind, int year, int part, struct period *ret_period)
{
	if (!year_is_likely(year))
		return false;
	*ret_period = (struct period){.kind = kind, .year = year, .part = part};
	return true;
}

bool
period_parse(const char *text, struct period *ret_period)
{
	if (strlen(text) != 7 || strspn(text, "0123456789") != 4 ||
	    text[4] != '-')
		return false;
	int year = (int)strtol(text, NULL, 10);
	if (text[5] == 'Q')
		return text[6] >= '1' && text[6] <= '4' &&
		       set_period(PERIOD_QUARTER, year, text[6] - '0',
			   ret_period);
	if (strspn(text + 5, "0123456789") != 2)
		return false;
	int part = (int)strtol(text + 5, NULL, 10);
	/* 2009-10 could be both; a month is at most 12 and wins there. */
	if (part >= 1 && part <= 12)
		return set_period(PERIOD_MONTH, year, part, ret_period);
	return part == (year + 1) % 100 &&
	       set_period(PERIOD_YEAR, year, 0, ret_period);
}

/* "mar", "sept", "march" → 3; 0 for no month. */
static int
month_of(const char *word)
{
	size_t len = strlen(word);

	if (len < 3)
		return 0;
	if (strcmp(word, "sept") == 0)
		return 9;
	for (int i = 0; i < 12; i++)
		if (strcmp(word, g_months[i]) == 0 ||
		    (len == 3 && strncmp(word, g_months[i], 3) == 0))
			return i + 1;
	return 0;
}

/* "1" … "4", "q1", "first"; 0 for no quarter. */
static int
quarter_of(const char *word)
{
	static const char *const ordinals[][3] = {
	    {"1", "1st", "first"},
	    {"2", "2nd", "second"},
	    {"3", "3rd", "third"},
	    {"4", "4th", "fourth"},
	};

	if (*word == 'q')
		word++;
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 3; k++)
			if (strcmp(word, ordinals[i][k]) == 0)
				return i + 1;
	return 0;
}

static int
number_of(const char *word, size_t digits)
{
	if (strlen(word) != digits || strspn(word, "0123456789") != digits)
		return -1;
	return (int)strtol(word, NULL, 10);
}

/* The words of a period, folded, with "to", "the" and "of" taken out. */
struct words {
	char *items[MAX_WORDS];
	size_t count;
};

static bool
split_words(struct arena *arena, const char *text, struct words *ret_words)
{
	static const char *const noise[] = {"to", "and", "the", "of", "year",
	    "financial", "fy", "period", "for", "month"};
	char **all = text_split(arena, text_fold(arena, text), " ");

	ret_words->count = 0;
	for (size_t i = 0; all[i] != NULL; i++) {
		bool drop = false;
		for (size_t k = 0; k < COUNT_OF(noise); k++)
			drop |= strcmp(all[i], noise[k]) == 0;
		if (drop)
			continue;
		if (ret_words->count == MAX_WORDS)
			return false;
		ret_words->items[ret_words->count++] = all[i];
	}
	return ret_words->count > 0;
}

/* `2026 27`, `2026 2027` or `2026`: how many words it took, 0 for none. */
static size_t
read_years(const struct words *words, size_t at, int *ret_year)
{
	if (at >= words->count)
		return 0;
	int year = number_of(words->items[at], 4);
	if (!year_is_likely(year))
		return 0;
	*ret_year = year;
	if (at + 1 >= words->count)
		return 1;
	if (number_of(words->items[at + 1], 4) == year + 1 ||
	    number_of(words->items[at + 1], 2) == (year + 1) % 100)
		return 2;
	return 1;
}

static bool
read_quarter(const struct words *words, struct period *ret_period)
{
	struct words rest = {.count = 0};
	int quarter = 0, year;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];
		bool named = strcmp(word, "quarter") == 0 ||
			     strcmp(word, "qtr") == 0 || strcmp(word, "q") == 0;
		int number = quarter_of(word);
		bool near =
		    i > 0 && (strncmp(words->items[i - 1], "q", 1) == 0);
		if (named)
			continue;
		if (number > 0 && quarter == 0 &&
		    (near || !isdigit((unsigned char)*word) ||
			isalpha((unsigned char)word[1])))
			quarter = number;
		else
			rest.items[rest.count++] = words->items[i];
	}
	size_t took = read_years(&rest, 0, &year);
	return quarter > 0 && took > 0 && took == rest.count &&
	       set_period(PERIOD_QUARTER, year, quarter, ret_period);
}

/* "april june 2026": exactly a quarter of the financial year. */
static bool
read_span(const struct words *words, struct period *ret_period)
{
	int year;
	int first = month_of(words->items[0]);
	size_t at = 1;

	if (first == 0)
		return false;
	if (at < words->count && year_is_likely(number_of(words->items[at], 4)))
		at++;
	if (at >= words->count)
		return false;
	int last = month_of(words->items[at]);
	if (first % 3 != 1 || last != first + 2 ||
	    read_years(words, at + 1, &year) != 1 || at + 2 != words->count)
		return false;
	if (first == 1)
		return set_period(PERIOD_QUARTER, year - 1, 4, ret_period);
	return set_period(PERIOD_QUARTER, year, first / 3, ret_period);
}

static bool
read_month(const struct words *words, struct period *ret_period)
{
	int year = -1, month = 0;

	if (words->count != 2)
		return false;
	for (int i = 0; i < 2; i++) {
		const char *word = words->items[i], *other = words->items[!i];
		year = number_of(word, 4);
		month = month_of(other);
		if (month == 0 && i == 1)
			month = number_of(other, strlen(other));
		if (year_is_likely(year) && month >= 1 && month <= 12)
			return set_period(PERIOD_MONTH, year, month,
			    ret_period);
	}
	return false;
}

/* "april 2025 march 2026" or the years alone. */
static bool
read_year(const struct words *words, struct period *ret_period)
{
	int year;

	if (words->count == 4 && month_of(words->items[0]) == FY_MONTH &&
	    month_of(words->items[2]) == 3) {
		year = number_of(words->items[1], 4);
		return number_of(words->items[3], 4) == year + 1 &&
		       set_period(PERIOD_YEAR, year, 0, ret_period);
	}
	return words->count == 2 && read_years(words, 0, &year) == 2 &&
	       set_period(PERIOD_YEAR, year, 0, ret_period);
}

bool
period_read(struct arena *arena, const char *text, struct period *ret_period)
{
	struct words words;
	char *trimmed = text_trim(arena, text);

	for (char *p = trimmed; *p != '\0'; p++)
		if (*p == 'q')
			*p = 'Q';
	if (period_parse(trimmed, ret_period))
		return true;
	if (strlen(text) > 80 || !split_words(arena, text, &words))
		return false;
	return read_quarter(&words, ret_period) ||
	       read_span(&words, ret_period) ||
	       read_month(&words, ret_period) || read_year(&words, ret_period);
}

void
period_format(const struct period *period,
    char ret_text[static PERIOD_TEXT_BYTES])
{
	BUG_ON(!year_is_likely(period->year));
	if (period->kind == PERIOD_YEAR)
		(void)snprintf(ret_text, PERIOD_TEXT_BYTES, "%04d-%02d",
		    period->year, (period->year + 1) % 100);
	else if (period->kind == PERIOD_QUARTER)
		(void)snprintf(ret_text, PERIOD_TEXT_BYTES, "%04d-Q%d",
		    period->year, period->part);
	else
		(void)snprintf(ret_text, PERIOD_TEXT_BYTES, "%04d-%02d",
		    period->year, period->part);
}

/* The first month, counted from January of year 0, and how many there are. */
static int
first_month(const struct period *period, int *ret_months)
{
	int fiscal = period->year * 12 + FY_MONTH - 1;

	switch (period->kind) {
	case PERIOD_QUARTER:
		*ret_months = 3;
		return fiscal + (period->part - 1) * 3;
	case PERIOD_YEAR:
		*ret_months = 12;
		return fiscal;
	case PERIOD_MONTH:
	default:
		*ret_months = 1;
		return period->year * 12 + period->part - 1;
	}
}

static int32_t
month_start(int month)
{
	return date_from_civil((struct civil){.year = month / 12,
	    .month = month % 12 + 1,
	    .day = 1});
}

int32_t
period_first_day(const struct period *period)
{
	int months;

	return month_start(first_month(period, &months));
}

int32_t
period_last_day(const struct period *period)
{
	int months;
	int first = first_month(period, &months);

	return month_start(first + months) - 1;
}

bool
period_is_closed(const struct period *period, int32_t today_day)
{
	return period_last_day(period) < today_day;
}

static const char *
month_name(struct arena *arena, int month)
{
	char *name = arena_strdup(arena, g_months[month % 12]);

	name[0] = (char)toupper((unsigned char)name[0]);
	return name;
}

const char *
period_words(struct arena *arena, const struct period *period)
{
	int months;
	int first = first_month(period, &months);
	int last = first + months - 1;

	if (months == 1)
		return arena_printf(arena, "%s %d", month_name(arena, first),
		    first / 12);
	if (first / 12 == last / 12)
		return arena_printf(arena, "%s to %s %d",
		    month_name(arena, first), month_name(arena, last),
		    last / 12);
	return arena_printf(arena, "%s %d to %s %d", month_name(arena, first),
	    first / 12, month_name(arena, last), last / 12);
}
