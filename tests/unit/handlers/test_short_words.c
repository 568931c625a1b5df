/* Words, labels and days as people type them: the pure part of short answers
 * and absence notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/macros.h"
#include "handlers/day_words.h"
#include "handlers/short_words.h"

static const char TODAY[] = "2026-03-10"; /* a Tuesday */

static struct arena *g_arena;

static int
setup(void **state)
{
	(void)state;
	g_arena = arena_new(64 * 1024 * 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(g_arena);
	return 0;
}

/* --- days --------------------------------------------------------------------- */

static void
check_day(const char *text, int32_t day, const char *want)
{
	char iso[DATE_TEXT_BYTES] = "none";

	if (day != DAY_NONE)
		date_format_iso(day, iso);
	if (strcmp(iso, want) != 0)
		fail_msg("\"%s\": %s, not %s", text, iso, want);
}

static void
days_are_read(void **state)
{
	static const struct {
		const char *text, *day, *rest;
	} cases[] = {
	    {"30 April - why", "2026-04-30", " - why"},
	    {"30th of April", "2026-04-30", ""},
	    {"the 30th April 2027.", "2027-04-30", "."},
	    {"Thursday 30 April, ill", "2026-04-30", ", ill"},
	    {"Thurs 30 Apr: ill", "2026-04-30", ": ill"},
	    {"April 30 then", "2026-04-30", " then"},
	    {"30/04/2026", "2026-04-30", ""},
	    {"30/4", "2026-04-30", ""},
	    {"30.04.2026 - x", "2026-04-30", " - x"},
	    {"30-4-26", "2026-04-30", ""},
	    {"2026-04-30T", "2026-04-30", "T"},
	    {"10 March", "2026-03-10", ""},
	    {"9 March", "2027-03-09", ""}, /* over this year */
	    {"Friday", "2026-03-13", ""},
	    {"Tuesday", "2026-03-17", ""}, /* not today */
	    {"30\xc2\xa0"
	     "April",
		"2026-04-30", ""},
	    {"31 April", "none", NULL},
	    {"04/30/2026", "none", NULL},
	    {"29 February 2027", "none", NULL},
	    {"soon", "none", NULL},
	    {"5pm", "none", NULL},
	    {"17.00", "none", NULL},
	    {"", "none", NULL},
	    {"3 of us", "none", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *rest = NULL;
		int32_t day =
		    day_words_read(cases[i].text, date_parse_iso(TODAY), &rest);
		check_day(cases[i].text, day, cases[i].day);
		if (cases[i].rest != NULL)
			assert_string_equal(rest, cases[i].rest);
		else
			assert_null(rest);
	}
}

static void
absences_are_read(void **state)
{
	static const struct {
		const char *text, *day;
	} cases[] = {
	    {"I am away until 14 August. For urgent", "2026-08-14"},
	    {"I am out of the office until Friday 20th March", "2026-03-20"},
	    {"I will be back on 17 August", "2026-08-16"},
	    {"I am back in the office on Monday 23 March.", "2026-03-22"},
	    {"returning Monday 23 March 2026", "2026-03-22"},
	    {"Returning to work on 23/03/2026", "2026-03-22"},
	    {"I return: 23.03.2026", "2026-03-22"},
	    {"I will not be back until 23 March", "2026-03-22"},
	    {"away from 9 March to 20 March inclusive", "2026-03-20"},
	    {"On leave from 20/02/2026 until 27/03/2026.", "2026-03-27"},
	    {"on leave from 9 March 2026 - 20 March 2026", "2026-03-20"},
	    {"off until and including 20 March", "2026-03-20"},
	    {"out\nof office until\n20 March", "2026-03-20"},
	    {"I will be back from leave on 23 March", "2026-03-22"},
	    {"Back 5 o'clock. Away until 20 March", "2026-03-20"},
	    {"away until 1 March 2026", "none"},   /* over */
	    {"away until 14 August 2028", "none"}, /* too far */
	    {"away until further notice", "none"},
	    {"I am back to back in meetings", "none"},
	    {"my untilted paperback 23 March", "none"},
	    {"", "none"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_day(cases[i].text,
		    absence_until(cases[i].text, date_parse_iso(TODAY)),
		    cases[i].day);
}

/* --- lines ------------------------------------------------------------------------- */

static struct outbox_item g_numbers[] = {
    {"1", "action", "A-0112", "", "", ""},
    {"2", "action", "A-0119", "", "", ""},
    {"3", "action", "A-0127", "", "", ""},
};
static struct outbox_item g_letters[] = {
    {"A", "answer", "R-000001", "standards", "5", "score"},
    {"B", "answer", "R-000001", "standards", "6", "due"},
    {"C", "answer", "R-000001", "standards", "6", "evidence"},
};
static const struct outbox_items g_none, g_actions = {g_numbers, 3},
					 g_problems = {g_letters, 3};

struct want {
	enum short_kind kind;
	const char *label, *status, *text, *day;
};

static void
check_lines(const char *text, const struct outbox_items *items,
    const struct want *wants, size_t count)
{
	struct short_lines lines;

	short_words_read(g_arena, text, items, date_parse_iso(TODAY), &lines);
	if (lines.count != count)
		fail_msg("\"%s\": %zu lines, not %zu", text, lines.count,
		    count);
	for (size_t i = 0; i < count; i++) {
		const struct short_line *line = &lines.items[i];
		if (line->kind != wants[i].kind)
			fail_msg("\"%s\", item %zu: kind %d, not %d", text, i,
			    (int)line->kind, (int)wants[i].kind);
		assert_string_equal(line->label, wants[i].label);
		if (wants[i].status != NULL)
			assert_string_equal(line->status, wants[i].status);
		if (wants[i].text != NULL)
			assert_string_equal(line->text, wants[i].text);
		if (wants[i].day != NULL)
			check_day(text, line->day, wants[i].day);
	}
}

static const struct {
	const char *text;
	const struct outbox_items *items;
	struct want want;
} g_lines[] = {
    {"1 done - pack in use", &g_actions,
	{SHORT_STATUS, "1", "done", "pack in use", NULL}},
    {"1. Done: pack in use", &g_actions,
	{SHORT_STATUS, "1", "done", "pack in use", NULL}},
    {"1) DONE \xe2\x80\x93 pack", &g_actions,
	{SHORT_STATUS, "1", "done", "pack", NULL}},
    {"  * 1 - done pack", &g_actions,
	{SHORT_STATUS, "1", "done", "pack", NULL}},
    {"1:done", &g_actions, {SHORT_STATUS, "1", "done", "", NULL}},
    {"1 done, thanks", &g_actions, {SHORT_STATUS, "1", "done", "", NULL}},
    {"2 on track", &g_actions, {SHORT_STATUS, "2", "on track", "", NULL}},
    {"2 On-track; first session", &g_actions,
	{SHORT_STATUS, "2", "on track", "first session", NULL}},
    {"2 stuck - no access", &g_actions,
	{SHORT_STATUS, "2", "blocked", "no access", NULL}},
    {"3 at risk \xe2\x80\x94 printer", &g_actions,
	{SHORT_STATUS, "3", "at risk", "printer", NULL}},
    {"2 need until 30 April - auditor on leave", &g_actions,
	{SHORT_UNTIL, "2", NULL, "auditor on leave", "2026-04-30"}},
    {"2 needs until Thursday 30 April: ill", &g_actions,
	{SHORT_UNTIL, "2", NULL, "ill", "2026-04-30"}},
    {"2 need until whenever", &g_actions,
	{SHORT_UNTIL, "2", NULL, NULL, "none"}},
    {"3 not me - Jo Reid", &g_actions,
	{SHORT_NOT_ME, "3", NULL, "Jo Reid", NULL}},
    {"a-0112 done - x", &g_none, {SHORT_STATUS, "A-0112", "done", "x", NULL}},
    {"A-0112: at risk", &g_none, {SHORT_STATUS, "A-0112", "at risk", "", NULL}},
    {"A-0112: nearly", &g_none, {SHORT_UNKNOWN, "A-0112", NULL, NULL, NULL}},
    {"A-0112 is what I mean", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"1 not done", &g_actions, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"1: not done", &g_actions, {SHORT_UNKNOWN, "1", NULL, NULL, NULL}},
    {"7 done", &g_actions, {SHORT_UNKNOWN, "7", NULL, NULL, NULL}},
    {"1 done", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"3 March, as agreed", &g_actions, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"1.5 hours a week", &g_actions, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"done - all of it", &g_none,
	{SHORT_STATUS, "", "done", "all of it", NULL}},
    {"Done", &g_none, {SHORT_STATUS, "", "done", "", NULL}},
    {"done my best", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"on track to see you", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"need until 3 April - ill", &g_none,
	{SHORT_UNTIL, "", NULL, "ill", "2026-04-03"}},
    {"please call me on 07700 900123", &g_none,
	{SHORT_CALL, "", NULL, "on 07700 900123", NULL}},
    {"not me - Jo", &g_none, {SHORT_NOT_ME, "", NULL, "Jo", NULL}},
    {"withdraw", &g_none, {SHORT_WITHDRAW, "", NULL, "", NULL}},
    {"withdraw the dogs", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"B: 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"b) 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"B - 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"B. 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"B\xef\xbc\x9a 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"B 14 May 2026", &g_problems,
	{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL}},
    {"A. Okafor", &g_problems, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"A full answer follows", &g_problems, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"D: 2", &g_problems, {SHORT_UNKNOWN, "D", NULL, "2", NULL}},
    {"PS: see you", &g_problems, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"B: 14 May 2026", &g_none, {SHORT_PROSE, "", NULL, NULL, NULL}},
    {"c-section: 2", &g_problems, {SHORT_PROSE, "", NULL, NULL, NULL}},
};

static void
single_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_lines); i++)
		check_lines(g_lines[i].text, g_lines[i].items, &g_lines[i].want,
		    1);
}

static void
lines_go_on(void **state)
{
	(void)state;
	check_lines("Hello Priya\n\n"
		    "1 done - pack in use since\n"
		    "3 March, board paper attached\n"
		    "2 need until 30 April - our auditor\n"
		    "is on leave\n\n"
		    "Sorry about the wait\n\n"
		    "3 on track\n"
		    "Kind regards\n"
		    "Amara Okafor\n"
		    "Named Nurse\n",
	    &g_actions,
	    (struct want
		    []){{SHORT_STATUS, "1", "done",
			    "pack in use since\n3 March, board paper attached",
			    NULL},
		{SHORT_UNTIL, "2", NULL, "our auditor\nis on leave",
		    "2026-04-30"},
		{SHORT_PROSE, "", NULL, NULL, NULL},
		{SHORT_STATUS, "3", "on track", "", NULL}},
	    4);
	check_lines("B:\n\n14 May 2026\nC: kept in the\nshared "
		    "folder\nThanks\n",
	    &g_problems,
	    (struct want[]){{SHORT_ANSWER, "B", NULL, "14 May 2026", NULL},
		{SHORT_ANSWER, "C", NULL, "kept in the\nshared folder", NULL}},
	    2);
	/* What stands behind a closing may still be an answer. */
	check_lines("Thanks\n1 done - x\n", &g_actions,
	    (struct want[]){{SHORT_STATUS, "1", "done", "x", NULL}}, 1);
	check_lines("Good morning all,\n\nThank you\nAmara\n", &g_actions, NULL,
	    0);
}

/* A hostile length is bounded, in memory and in items. */
static void
long_texts_are_bounded(void **state)
{
	const struct outbox_items none = {0};
	struct short_lines lines;
	size_t bytes = 600000;
	char *text = arena_alloc(g_arena, bytes + 1);

	(void)state;
	for (size_t i = 0; i < bytes; i += 2)
		memcpy(text + i, "x\n", 2);
	memcpy(text, "done\n", 5);
	short_words_read(g_arena, text, &none, date_parse_iso(TODAY), &lines);
	assert_int_equal(lines.count, 1);
	for (size_t i = 0; i + 10 <= bytes; i += 10)
		memcpy(text + i, "A-01 done\n", 10);
	short_words_read(g_arena, text, &none, date_parse_iso(TODAY), &lines);
	assert_int_equal(lines.count, SHORT_LINES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_are_read),
	    cmocka_unit_test(absences_are_read),
	    cmocka_unit_test_setup_teardown(single_lines_are_read, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(lines_go_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(long_texts_are_bounded, setup,
		teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
