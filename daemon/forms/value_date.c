#include <ctype.h>
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
	const char *said = request->text;

	if (text_istarts(said, "by "))
		said += 3;
	int32_t day = judge_day(request->arena, said, ret_reason);

	if (day == DAY_NONE)
		return NULL;
	date_format_iso(day, text);
	return arena_strdup(request->arena, text);
}

/* "am" or "pm" at the end, taken off; "" without it. */
static const char *
take_half(char *text)
{
	static const char *const halves[] = {"am", "pm"};
	size_t len = strlen(text);

	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		if (len <= 2 || strcmp(text + len - 2, halves[i]) != 0)
			continue;
		for (len -= 2; len > 0 && text[len - 1] == ' ';)
			len--;
		text[len] = '\0';
		return halves[i];
	}
	return "";
}

/* "14:30", "1430", and with a half of the day "2". Minutes, -1 for none. */
static int
clock_minutes(const char *text, const char *half)
{
	size_t head = strspn(text, "0123456789");
	size_t tail =
	    text[head] == ':' ? strspn(text + head + 1, "0123456789") : 0;
	long number = strtol(text, NULL, 10);

	if (head >= 1 && head <= 2 && tail == 2 && text[head + 3] == '\0')
		return (int)(number * 60 + strtol(text + head + 1, NULL, 10)) +
		       (text[head + 1] > '5' ? 100000 : 0);
	if (text[head] != '\0')
		return -1;
	if (head == 4)
		return (int)(number / 100 * 60 + number % 100) +
		       (number % 100 > 59 ? 100000 : 0);
	return (head == 1 || head == 2) && *half != '\0' ? (int)number * 60
							 : -1;
}

/* "14:30", "14.30", "2.30 pm", "9am", "1430". */
const char *
value_time(const struct value_request *request, const char **ret_reason)
{
	char *text = text_lower(request->arena, request->text);
	const char *half = take_half(text);

	*ret_reason = "we could not read it as a time.";
	for (char *p = text; *p != '\0'; p++)
		if (*p == '.')
			*p = ':';
	int minutes = clock_minutes(text, half);
	if (minutes < 0 || minutes >= 24 * 60)
		return NULL;
	if (*half != '\0') {
		if (minutes < 60 || minutes >= 13 * 60)
			return NULL;
		minutes = minutes % (12 * 60) + (*half == 'p' ? 12 * 60 : 0);
	}
	return arena_printf(request->arena, "%02d:%02d", minutes / 60,
	    minutes % 60);
}
