#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "forms/value.h"

enum {
	MAX_WORDS = 6,
	FIRST_YEAR = 1900,
	LAST_YEAR = 2199
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
static const char *const g_weekdays[] = {
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
};

/* The day's words: numbers, a month, perhaps a weekday. */
struct day_words {
	int numbers[MAX_WORDS];
	size_t digits[MAX_WORDS]; /* how many each number was written with */
	size_t count;
	size_t month_at; /* how many numbers stand before the month's name */
	int month;       /* 0 without a name */
	int weekday;     /* -1 without one */
};

/* A name or its first three letters (four of "sept", "thurs" and so on). */
static int
name_index(const char *word, const char *const *names, int count)
{
	size_t len = strlen(word);

	for (int i = 0; i < count; i++)
		if (len >= 3 && len <= strlen(names[i]) &&
		    strncmp(word, names[i], len) == 0)
			return i;
	return -1;
}

/* "31", "31st"; -1 for no number. */
static int
day_number(const char *word, size_t *ret_digits)
{
	static const char *const endings[] = {"", "st", "nd", "rd", "th"};
	size_t digits = strspn(word, "0123456789");

	if (digits == 0 || digits > 4)
		return -1;
	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (strcmp(word + digits, endings[i]) == 0) {
			*ret_digits = digits;
			return (int)strtol(word, NULL, 10);
		}
	return -1;
}

/* A midnight behind the day is what spreadsheets add. */
static char *
without_midnight(struct arena *arena, const char *text)
{
	static const char *const tails[] = {"T00:00:00.000Z", "T00:00:00Z",
	    "T00:00:00", " 00:00:00", " 00:00"};
	char *copy = text_trim(arena, text);
	size_t len = strlen(copy);

	for (size_t i = 0; i < COUNT_OF(tails); i++) {
		size_t tail = strlen(tails[i]);
		if (len > tail && strcmp(copy + len - tail, tails[i]) == 0) {
			copy[len - tail] = '\0';
			break;
		}
	}
	return copy;
}

static bool
read_words(struct arena *arena, const char *text, struct day_words *words)
{
	char *folded = text_fold(arena, without_midnight(arena, text));
	char *save = NULL;

	*words = (struct day_words){.weekday = -1};
	for (char *word = strtok_r(folded, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		size_t digits = 0;
		int number = day_number(word, &digits);
		int month = name_index(word, g_months, 12);
		int weekday = name_index(word, g_weekdays, 7);
		if (number >= 0 && words->count < 3) {
			words->digits[words->count] = digits;
			words->numbers[words->count++] = number;
		} else if (month >= 0 && words->month == 0) {
			words->month = month + 1;
			words->month_at = words->count;
		} else if (weekday >= 0 && words->weekday < 0) {
			words->weekday = weekday;
		} else if (strcmp(word, "of") != 0 &&
			   strcmp(word, "the") != 0) {
			return false;
		}
	}
	return words->count > 0;
}

static const char *
month_name(struct arena *arena, int month)
{
	char *name = arena_strdup(arena, g_months[month - 1]);

	*name = (char)toupper((unsigned char)*name);
	return name;
}

static int
full_year(int year, size_t digits)
{
	return digits == 2 ? 2000 + year : year;
}

/* With a month's name: "31 March 2026", "March 31 2026", "2026 March 31". */
static bool
by_name(struct arena *arena, const struct day_words *words,
    struct civil *ret_civil, const char **ret_reason)
{
	size_t year_at = words->digits[0] == 4 ? 0 : 1;

	if (words->count == 1) {
		*ret_reason =
		    words->digits[0] == 4
			? "the day is missing."
			: arena_printf(arena, "the year is missing: which %s?",
			      month_name(arena, words->month));
		return false;
	}
	if (words->count != 2 || words->digits[year_at] < 2 ||
	    words->digits[year_at] == 3)
		return false;
	ret_civil->month = words->month;
	ret_civil->year =
	    full_year(words->numbers[year_at], words->digits[year_at]);
	ret_civil->day = words->numbers[1 - year_at];
	return words->digits[1 - year_at] <= 2;
}

/* Numbers alone: year first with four digits, else the day first. */
static bool
by_numbers(const struct day_words *words, struct civil *ret_civil,
    const char **ret_reason)
{
	const int *n = words->numbers;

	if (words->count == 2 && words->digits[0] <= 2 && words->digits[1] <= 2)
		*ret_reason = "the year is missing.";
	if (words->count != 3)
		return false;
	if (words->digits[0] == 4) {
		*ret_civil =
		    (struct civil){.year = n[0], .month = n[1], .day = n[2]};
		return words->digits[1] <= 2 && words->digits[2] <= 2;
	}
	if (words->digits[2] != 4 && words->digits[2] != 2)
		return false;
	*ret_civil = (struct civil){.year = full_year(n[2], words->digits[2]),
	    .month = n[1],
	    .day = n[0]};
	if (n[1] <= 12 || n[0] > 12 || n[1] > 31)
		return words->digits[0] <= 2 && words->digits[1] <= 2;
	*ret_reason = "please write the day first, then the month: "
		      "31/03/2026, not 03/31/2026.";
	return false;
}

static const char *
impossible(struct arena *arena, struct civil civil)
{
	if (civil.year < FIRST_YEAR || civil.year > LAST_YEAR)
		return arena_printf(arena, "the year %d cannot be right.",
		    civil.year);
	if (civil.month < 1 || civil.month > 12)
		return arena_printf(arena, "there is no month %d.",
		    civil.month);
	int days = date_days_in_month(civil.year, civil.month);
	if (civil.day >= 1 && civil.day <= days)
		return NULL;
	return arena_printf(arena, "%s %d has %d days.",
	    month_name(arena, civil.month), civil.year, days);
}

int32_t
judge_day(struct arena *arena, const char *text, const char **ret_reason)
{
	struct day_words words;
	struct civil civil = {0, 0, 0};

	*ret_reason = "we could not read it as a date.";
	if (strlen(text) > 60 || !read_words(arena, text, &words))
		return DAY_NONE;
	bool read = words.month > 0 ? by_name(arena, &words, &civil, ret_reason)
				    : by_numbers(&words, &civil, ret_reason);
	if (!read)
		return DAY_NONE;
	const char *reason = impossible(arena, civil);
	if (reason != NULL) {
		*ret_reason = reason;
		return DAY_NONE;
	}
	int32_t day = date_from_civil(civil);
	if (words.weekday >= 0 && date_weekday(day) != words.weekday) {
		char said[40];
		*ret_reason = arena_printf(arena, "that day is %s.",
		    date_words(day, DATE_LONG, said));
		return DAY_NONE;
	}
	return day;
}

const char *
value_date(const struct value_request *request, const char **ret_reason)
{
	char text[DATE_TEXT_BYTES];
	int32_t day = judge_day(request->arena, request->text, ret_reason);

	if (day == DAY_NONE)
		return NULL;
	date_format_iso(day, text);
	return arena_strdup(request->arena, text);
}

/* "14:30", "14.30", "2.30 pm", "9am", "1430". */
const char *
value_time(const struct value_request *request, const char **ret_reason)
{
	char *text = text_lower(request->arena, request->text);
	size_t len = strlen(text);
	const char *half = "";
	int hour, minute = 0, used = 0;

	*ret_reason = "we could not read it as a time.";
	for (size_t i = 0; i < len; i++)
		if (text[i] == '.')
			text[i] = ':';
	if (len > 2 && (strcmp(text + len - 2, "am") == 0 ||
			   strcmp(text + len - 2, "pm") == 0)) {
		half = text[len - 2] == 'a' ? "am" : "pm";
		text[len - 2] = '\0';
		text = text_trim(request->arena, text);
	}
	bool clock = sscanf(text, "%2d:%2d%n", &hour, &minute, &used) == 2 &&
		     text[used] == '\0';
	if (!clock) {
		minute = 0;
		bool whole = strspn(text, "0123456789") == strlen(text);
		if (!whole || (strlen(text) != 4 && *half == '\0') ||
		    (strlen(text) > 2 && strlen(text) != 4) || *text == '\0')
			return NULL;
		int number = (int)strtol(text, NULL, 10);
		hour = strlen(text) == 4 ? number / 100 : number;
		minute = strlen(text) == 4 ? number % 100 : 0;
	}
	bool twelve = *half != '\0';
	if (minute < 0 || minute > 59 || hour < 0 || hour > 23 ||
	    (twelve && (hour < 1 || hour > 12)))
		return NULL;
	if (twelve)
		hour = hour % 12 + (*half == 'p' ? 12 : 0);
	return arena_printf(request->arena, "%02d:%02d", hour, minute);
}
