#include "handlers/day_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	YEAR_DAYS = 366, /* an absence that is longer is a misreading */
};

static const char *const g_months[] = {"january", "february", "march", "april",
    "may", "june", "july", "august", "september", "october", "november",
    "december"};

static const char *const g_weekdays[] = {"monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday"};

static const char *
skip_gap(const char *at)
{
	for (;;) {
		if (*at == ' ' || *at == '\t' || *at == '\n' || *at == ',')
			at++;
		else if (text_istarts(at, "\xc2\xa0"))
			at += 2;
		else
			return at;
	}
}

/* The whole word of letters at `at` has this many bytes. */
static size_t
word_length(const char *at)
{
	size_t len = 0;

	while (isalpha((unsigned char)at[len]))
		len++;
	return len;
}

/* "mar", "sept", "march": its first letters, three or more; 0 if not. */
static size_t
read_name(const char *at, const char *name)
{
	size_t len = word_length(at);

	if (len < 3 || len > strlen(name) || strncasecmp(at, name, len) != 0)
		return 0;
	return at[len] == '.' ? len + 1 : len;
}

static int
read_names(const char **at, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = read_name(*at, names[i]);
		if (len > 0) {
			*at += len;
			return (int)i;
		}
	}
	return -1;
}

static bool
read_word(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (word_length(*at) != len || strncasecmp(*at, word, len) != 0)
		return false;
	*at = skip_gap(*at + len);
	return true;
}

/* A number of at most `max` digits that no further digit follows; -1. */
static int
read_number(const char **at, size_t max)
{
	size_t len = strspn(*at, "0123456789");
	int value = 0;

	if (len == 0 || len > max)
		return -1;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + ((*at)[i] - '0');
	*at += len;
	return value;
}

static int32_t
next_of(int month, int day, int32_t today_day)
{
	int year = date_to_civil(today_day).year;

	/* 29 February may be years away: then it is no day that is meant. */
	for (int y = year; y <= year + 1; y++) {
		struct civil civil = {y, month, day};
		if (date_is_valid(civil) && date_from_civil(civil) >= today_day)
			return date_from_civil(civil);
	}
	return DAY_NONE;
}

static int32_t
day_of(struct civil civil, int32_t today_day)
{
	if (civil.year == 0)
		return next_of(civil.month, civil.day, today_day);
	if (civil.year < 100)
		civil.year += 2000;
	return date_is_valid(civil) ? date_from_civil(civil) : DAY_NONE;
}

/* A year behind a month's name: four digits, else there is none. */
static int
read_year(const char **at)
{
	const char *look = skip_gap(*at);

	if (strspn(look, "0123456789") != 4)
		return 0;
	*at = look + 4;
	return atoi(look);
}

static void
skip_ordinal(const char **at)
{
	static const char *const marks[] = {"st", "nd", "rd", "th"};

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (word_length(*at) == 2 && text_istarts(*at, marks[i])) {
			*at += 2;
			return;
		}
}

/* "6 March", "6th of March 2027". */
static int32_t
read_day_month(const char **at, int32_t today_day)
{
	const char *look = *at;
	int day = read_number(&look, 2);

	if (day < 0)
		return DAY_NONE;
	skip_ordinal(&look);
	look = skip_gap(look);
	(void)read_word(&look, "of");
	int month = read_names(&look, g_months, COUNT_OF(g_months));
	if (month < 0)
		return DAY_NONE;
	*at = look;
	int year = read_year(at);
	return day_of((struct civil){year, month + 1, day}, today_day);
}

/* "March 6", "March 6th, 2027". */
static int32_t
read_month_day(const char **at, int32_t today_day)
{
	const char *look = *at;
	int month = read_names(&look, g_months, COUNT_OF(g_months));

	if (month < 0)
		return DAY_NONE;
	look = skip_gap(look);
	(void)read_word(&look, "the");
	int day = read_number(&look, 2);
	if (day < 0)
		return DAY_NONE;
	skip_ordinal(&look);
	*at = look;
	int year = read_year(at);
	return day_of((struct civil){year, month + 1, day}, today_day);
}

/* "2026-03-06"; "6/3", "06.03.2026": day first. */
static int32_t
read_figures(const char **at, int32_t today_day)
{
	const char *look = *at;
	int first = read_number(&look, 4);
	char mark = *look;
	bool is_iso = look - *at == 4;

	if (first < 0 || mark == '\0' ||
	    strchr(is_iso ? "-" : "/.-", mark) == NULL)
		return DAY_NONE;
	look++;
	int month = read_number(&look, 2);
	if (month < 0)
		return DAY_NONE;
	int third = 0;
	if (*look == mark && isdigit((unsigned char)look[1])) {
		look++;
		third = read_number(&look, is_iso ? 2 : 4);
	}
	if (third < 0 || (third == 0 && mark != '/'))
		return DAY_NONE;
	*at = look;
	if (is_iso)
		return day_of((struct civil){first, month, third}, today_day);
	return day_of((struct civil){third, month, first}, today_day);
}

static int32_t
read_date(const char **at, int32_t today_day)
{
	static int32_t (*const readers[])(const char **,
	    int32_t) = {read_day_month, read_month_day, read_figures};

	for (size_t i = 0; i < COUNT_OF(readers); i++) {
		int32_t day = readers[i](at, today_day);
		if (day != DAY_NONE)
			return day;
	}
	return DAY_NONE;
}

int32_t
day_words_read(const char *text, int32_t today_day, const char **ret_rest)
{
	const char *at = skip_gap(text);

	(void)read_word(&at, "the");
	int weekday = read_names(&at, g_weekdays, COUNT_OF(g_weekdays));
	const char *behind = at;
	if (weekday >= 0) {
		at = skip_gap(at);
		(void)read_word(&at, "the");
	}
	int32_t day = read_date(&at, today_day);
	if (day == DAY_NONE && weekday >= 0) {
		at = behind;
		day = today_day + 1 +
		      (weekday - date_weekday(today_day + 1) + 7) % 7;
	}
	if (day != DAY_NONE)
		*ret_rest = at;
	return day;
}

/* --- absences -------------------------------------------------------------- */

/* What stands before the day. The longer of two that fit stands first. */
static const struct {
	const char *words;
	int back; /* 1: the first day back, 0: the last day away */
} g_leads[] = {
    {"back until", 1},
    {"return until", 1},
    {"returning until", 1},
    {"available until", 0},
    {"up to and including", 0},
    {"until", 0},
    {"till", 0},
    {"through", 0},
    {"returning", 1},
    {"return", 1},
    {"back", 1},
};

/* Between them and the day. */
static const char *const g_fillers[] = {"and", "including", "on", "in", "to",
    "at", "the", "my", "office", "work", "desk", "again", "from", "leave",
    "date", "is", "will", "be", "end", "of"};

static const char *
skip_fillers(const char *at)
{
	at = skip_gap(at);
	for (size_t i = 0; i < COUNT_OF(g_fillers);) {
		if (*at == ':')
			at = skip_gap(at + 1);
		if (read_word(&at, g_fillers[i]))
			i = 0;
		else
			i++;
	}
	return at;
}

/* "from 3 August to 14 August": the second. */
static int32_t
read_span(const char *at, int32_t today_day)
{
	static const char *const joints[] = {"to", "until", "till", "through"};
	int32_t last = DAY_NONE;
	const char *rest;

	if (day_words_read(at, today_day, &rest) == DAY_NONE)
		return DAY_NONE;
	at = skip_gap(rest);
	for (size_t i = 0; i < COUNT_OF(joints); i++)
		if (read_word(&at, joints[i]))
			last = day_words_read(at, today_day, &rest);
	if (last == DAY_NONE &&
	    (*at == '-' || text_istarts(at, "\xe2\x80\x93")))
		last =
		    day_words_read(at + (*at == '-' ? 1 : 3), today_day, &rest);
	return last;
}

/* At a word's begin: the last day away, if the words there say one. */
static int32_t
read_absence(const char *at, int32_t today_day)
{
	const char *look = at;

	if (read_word(&look, "from"))
		return read_span(look, today_day);
	for (size_t i = 0; i < COUNT_OF(g_leads); i++) {
		size_t len = strlen(g_leads[i].words);
		if (!text_istarts(at, g_leads[i].words) ||
		    isalpha((unsigned char)at[len]))
			continue;
		const char *rest;
		int32_t day =
		    day_words_read(skip_fillers(at + len), today_day, &rest);
		if (day != DAY_NONE)
			return day - g_leads[i].back;
	}
	return DAY_NONE;
}

int32_t
absence_until(const char *text, int32_t today_day)
{
	bool in_word = false;

	for (const char *at = text; *at != '\0'; at++) {
		bool starts = !in_word && isalpha((unsigned char)*at);
		in_word = isalpha((unsigned char)*at);
		if (!starts)
			continue;
		int32_t day = read_absence(at, today_day);
		if (day != DAY_NONE && day >= today_day &&
		    day <= today_day + YEAR_DAYS)
			return day;
	}
	return DAY_NONE;
}
