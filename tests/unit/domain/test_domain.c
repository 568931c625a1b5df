/* Working days, BRAG, NHS numbers, periods, quorum rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/macros.h"
#include "domain/brag.h"
#include "domain/nhs.h"
#include "domain/period.h"
#include "domain/quorum.h"
#include "domain/workday.h"

static const char *const g_holiday_texts[] = {
    "2025-12-25",
    "2025-12-26",
    "2026-01-01",
    "2026-04-03",
    "2026-04-06",
    "2026-05-04",
    "2026-05-25",
    "2026-08-31",
    "2026-12-25",
    "2026-12-28",
    "2027-01-01",
};
static int32_t g_holiday_days[COUNT_OF(g_holiday_texts)];
static const struct holidays g_holidays = {g_holiday_days,
    COUNT_OF(g_holiday_days)};
static const struct holidays g_none = {NULL, 0};

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_holiday_texts); i++)
		g_holiday_days[i] = date_parse_iso(g_holiday_texts[i]);
	return 0;
}

static int32_t
day(const char *text)
{
	return *text == '\0' ? DAY_NONE : date_parse_iso(text);
}

static void
workdays_are_added(void **state)
{
	static const struct {
		const char *from;
		int count;
		const char *expected;
	} cases[] = {
	    {"2026-03-02", 1, "2026-03-03"},
	    {"2026-03-06", 1, "2026-03-09"}, /* over a weekend */
	    {"2026-03-07", 1, "2026-03-09"},
	    {"2026-02-25", 15, "2026-03-18"}, /* a rapid review */
	    {"2026-04-02", 1, "2026-04-07"},  /* over Easter */
	    {"2026-04-07", -1, "2026-04-02"},
	    {"2025-12-24", 1, "2025-12-29"},
	    {"2025-12-24", 3, "2025-12-31"},
	    {"2025-12-31", 1, "2026-01-02"}, /* over the new year */
	    {"2026-12-24", 1, "2026-12-29"}, /* Boxing Day on Monday */
	    {"2026-03-09", -10, "2026-02-23"},
	    {"2026-03-07", 0, "2026-03-09"},
	    {"2026-03-09", 0, "2026-03-09"},
	    {"2026-04-03", 0, "2026-04-07"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[DATE_TEXT_BYTES];
		date_format_iso(workday_add(&g_holidays, day(cases[i].from),
				    cases[i].count),
		    text);
		assert_string_equal(text, cases[i].expected);
	}
}

static void
workdays_are_counted(void **state)
{
	static const struct {
		const char *from, *to;
		int expected;
	} cases[] = {
	    {"2026-02-27", "2026-03-10", 7}, /* late by 7 working days */
	    {"2026-03-09", "2026-03-10", 1},
	    {"2026-03-06", "2026-03-09", 1}, /* Friday to Monday */
	    {"2026-03-06", "2026-03-08", 0},
	    {"2026-03-09", "2026-03-09", 0},
	    {"2026-03-10", "2026-02-27", -7},
	    {"2026-04-02", "2026-04-07", 1},
	    {"2025-12-24", "2026-01-02", 4},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(workday_between(&g_holidays,
				     day(cases[i].from), day(cases[i].to)),
		    cases[i].expected);
	assert_true(workday_is(&g_none, day("2026-12-25")));
	assert_false(workday_is(&g_holidays, day("2026-12-25")));
	assert_false(workday_is(&g_none, day("2026-12-26")));
}

static void
brag_follows_the_facts(void **state)
{
	static const struct {
		const char *status, *reported;
		bool evidence;
		const char *due, *opened, *updated;
		const char *expected; /* reported derived shown */
	} cases[] = {
	    /* Today is Tuesday 10 March 2026. */
	    {"open", "", false, "2026-06-30", "2026-03-01", "", "- grey grey"},
	    {"open", "on track", false, "2026-06-30", "2026-03-01",
		"2026-03-09", "green green green"},
	    {"open", "at risk", false, "2026-06-30", "2026-03-01", "2026-03-09",
		"amber green amber"},
	    {"open", "blocked", false, "2026-06-30", "2026-03-01", "2026-03-09",
		"red green red"},
	    {"open", "late", false, "2026-06-30", "2026-03-01", "2026-03-09",
		"red green red"},
	    {"open", "on track", false, "2026-03-09", "2026-01-01",
		"2026-03-09", "green red red"},
	    {"open", "on track", false, "2026-03-10", "2026-03-01",
		"2026-03-09", "green green green"},
	    {"done", "done", true, "2026-02-01", "2026-01-01", "2026-03-09",
		"green green green"},
	    {"done", "done", false, "2026-02-01", "2026-01-01", "2026-03-09",
		"green red red"},
	    {"open", "", false, "2026-06-30", "2026-02-08", "",
		"- amber amber"}, /* 30 days */
	    {"open", "", false, "2026-06-30", "2026-02-09", "",
		"- grey grey"}, /* 29 days */
	    {"open", "", false, "2026-03-24", "2026-03-01", "",
		"- amber amber"}, /* due in 10 working days */
	    {"open", "", false, "2026-03-25", "2026-03-01", "", "- grey grey"},
	    {"open", "on track", false, "2026-03-24", "2026-01-01",
		"2026-02-23", "green amber amber"}, /* 11 ago */
	    {"open", "on track", false, "2026-03-24", "2026-01-01",
		"2026-02-24", "green green green"}, /* 10 ago */
	    {"proposed", "", false, "", "2026-03-01", "", "- grey grey"},
	    {"verified", "late", false, "2026-01-01", "2025-01-01",
		"2026-01-01", "red blue blue"},
	    {"declined", "late", false, "2026-01-01", "2025-01-01", "",
		"- - -"},
	    {"closed", "done", true, "2026-01-01", "2025-01-01", "", "- - -"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct brag_facts facts = {cases[i].status, cases[i].reported,
		    cases[i].evidence, day(cases[i].due), day(cases[i].opened),
		    day(cases[i].updated)};
		int32_t today_day = day("2026-03-10");

		enum brag got[] = {brag_reported(&facts),
		    brag_derived(&facts, today_day, &g_holidays),
		    brag_shown(&facts, today_day, &g_holidays)};

		char text[64] = "";
		for (size_t k = 0; k < COUNT_OF(got); k++) {
			const char *name = brag_name(got[k]);
			strcat(text, k > 0 ? " " : "");
			strcat(text, name != NULL ? name : "-");
		}
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("case %zu: %s, not %s", i, text,
			    cases[i].expected);
	}
}

static void
nhs_numbers_are_found(void **state)
{
	static const struct {
		const char *text;
		long offset, bytes; /* -1: none */
	} cases[] = {
	    {"9434765919", -1, 0}, /* a range that is not in use */
	    {"NHS number: 943 476 5919", 12, 12}, /* but called one */
	    {"our nhs.example order 9434765919", -1, 0},
	    {"4010232137", 0, 10},
	    {"NHS 401 023 2137.", 4, 12},
	    {"NHS no:4010232137", 7, 10},
	    {"NHS4010232137", 3, 10},
	    {"401-023-2137", 0, 12},
	    {"401\xc2\xa0"
	     "023\xc2\xa0"
	     "2137",
		0, 14},
	    {"401\xe2\x80\x93"
	     "023\xe2\x80\x93"
	     "2137",
		0, 16},
	    {"401 - 023 - 2137", 0, 16},
	    {"x 9990000018 y", 2, 10},
	    {"999 000 0018", 0, 12},
	    {"999 123 4561", -1, 0},
	    {"4010232138", -1, 0}, /* check digit */
	    {"14010232137", -1, 0},
	    {"40102321370", -1, 0},
	    {"a4010232137b", -1, 0}, /* in an identifier */
	    {"0401023213", -1, 0},
	    {"020 7946 0396", -1, 0},
	    {"07700 900123", -1, 0},
	    {"401\n023\n2137", -1, 0},
	    {"40102 32137", -1, 0},
	    {"", -1, 0},
	    {"4010232138 and 4010232137", 15, 10},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct nhs_hit hit = {0};
		int found = nhs_find(cases[i].text, 0, &hit);
		if (found != (cases[i].offset >= 0))
			fail_msg("%s: found %d", cases[i].text, found);
		if (!found)
			continue;
		assert_int_equal(hit.offset, cases[i].offset);
		assert_int_equal(hit.bytes, cases[i].bytes);
	}
}

/* Test numbers of the 999 range count as well. */
static void
nhs_ranges(void **state)
{
	static const struct {
		int head;
		int in_use;
	} cases[] = {{399, 0}, {400, 1}, {499, 1}, {500, 0}, {599, 0}, {600, 1},
	    {708, 1}, {709, 0}, {998, 0}, {999, 1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[16];
		int found = 0;
		for (int tail = 0; tail < 110 && found == 0; tail++) {
			struct nhs_hit hit;
			(void)snprintf(text, sizeof(text), "%03d%07d",
			    cases[i].head, tail);
			found = nhs_find(text, 0, &hit);
		}
		assert_int_equal(found, cases[i].in_use);
	}
}

static void
periods_are_read(void **state)
{
	static const struct {
		const char *text, *expected; /* "" where it is none */
	} cases[] = {
	    {"2026-03", "2026-03"},
	    {"March 2026", "2026-03"},
	    {"Mar 2026", "2026-03"},
	    {"Sept 2026", "2026-09"},
	    {"03/2026", "2026-03"},
	    {"2026 March", "2026-03"},
	    {"2026-Q1", "2026-Q1"},
	    {"2026-q1", "2026-Q1"},
	    {"Q1 2026/27", "2026-Q1"},
	    {"Q1 2026-27", "2026-Q1"},
	    {"Q1 2026-2027", "2026-Q1"},
	    {"2026/27 Q1", "2026-Q1"},
	    {"Q4 2026", "2026-Q4"},
	    {"Quarter 2 2026/27", "2026-Q2"},
	    {"quarter 2 of 2026", "2026-Q2"},
	    {"third quarter 2026/27", "2026-Q3"},
	    {"April to June 2026", "2026-Q1"},
	    {"April - June 2026", "2026-Q1"},
	    {"Jan to Mar 2027", "2026-Q4"},
	    {"2025-26", "2025-26"},
	    {"2025/26", "2025-26"},
	    {"2025/2026", "2025-26"},
	    {"2025 to 2026", "2025-26"},
	    {"April 2025 to March 2026", "2025-26"},
	    {"financial year 2025/26", "2025-26"},
	    {"2026", ""},
	    {"Q5 2026", ""},
	    {"Q1", ""},
	    {"2026-13", ""},
	    {"2025-27", ""},
	    {"May to July 2026", ""},
	    {"31 March 2026", ""},
	    {"Q1 2026/28", ""},
	    {"last month", ""},
	    {"", ""},
	    {"1 1 1 1 1 1 1 1 1 1 1 1 1", ""},
	    {"1800-Q1", ""},
	};
	struct arena *arena = arena_new(4 * 1024 * 1024);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct period period;
		char text[PERIOD_TEXT_BYTES] = "";
		if (period_read(arena, cases[i].text, &period))
			period_format(&period, text);
		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("\"%s\" is \"%s\", not \"%s\"", cases[i].text,
			    text, cases[i].expected);
	}
	arena_free(arena);
}

static void
periods_have_days(void **state)
{
	static const struct {
		const char *text, *first, *last, *words;
	} cases[] = {
	    {"2026-02", "2026-02-01", "2026-02-28", "February 2026"},
	    {"2026-Q1", "2026-04-01", "2026-06-30", "April to June 2026"},
	    {"2026-Q3", "2026-10-01", "2026-12-31", "October to December 2026"},
	    {"2026-Q4", "2027-01-01", "2027-03-31", "January to March 2027"},
	    {"2025-26", "2025-04-01", "2026-03-31", "April 2025 to March 2026"},
	};
	struct arena *arena = arena_new(1024 * 1024);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct period period;
		assert_true(period_parse(cases[i].text, &period));
		assert_int_equal(period_first_day(&period),
		    day(cases[i].first));
		assert_int_equal(period_last_day(&period), day(cases[i].last));
		assert_string_equal(period_words(arena, &period),
		    cases[i].words);
		assert_false(period_is_closed(&period, day(cases[i].last)));
		assert_true(period_is_closed(&period, day(cases[i].last) + 1));
	}
	arena_free(arena);
}

static void
quorum_rules_are_read(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
	    {"LA & ICB & POLICE & (chair | vice)", 0},
	    {"4 of 6 members", 0},
	    {"chair", 0},
	    {"la|icb", 0},
	    {"3 of 8 members & LA", 0},
	    {"", ERR_INPUT},
	    {"LA &", ERR_INPUT},
	    {"LA ICB", ERR_INPUT},
	    {"(LA | ICB", ERR_INPUT},
	    {"LA)", ERR_INPUT},
	    {"7 of 6 members", ERR_INPUT},
	    {"0 of 6 members", ERR_INPUT},
	    {"4 of 6", ERR_INPUT},
	    {"LA && ICB", ERR_INPUT},
	    {"((((((((((((((((((LA))))))))))))))))))", ERR_INPUT},
	};
	struct arena *arena = arena_new(1024 * 1024);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct quorum *rule = NULL;
		struct err err = {0};
		int rc = quorum_parse(arena, cases[i].text, &rule, &err);
		if (rc != cases[i].rc)
			fail_msg("%s: %d %s", cases[i].text, rc, err.text);
		assert_int_equal(rule != NULL, rc == 0);
	}
	arena_free(arena);
}

/* `&` binds closer than `|`. */
static void
quorum_binds(void **state)
{
	struct arena *arena = arena_new(1024 * 1024);
	const struct quorum *rule;
	struct err err = {0};

	(void)state;
	assert_int_equal(quorum_parse(arena, "LA & icb | vice", &rule, &err),
	    0);
	assert_int_equal(rule->kind, QUORUM_ANY);
	assert_int_equal(rule->left->kind, QUORUM_ALL);
	assert_string_equal(rule->left->right->partner, "ICB");
	assert_int_equal(rule->right->kind, QUORUM_VICE);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(workdays_are_added),
	    cmocka_unit_test(workdays_are_counted),
	    cmocka_unit_test(brag_follows_the_facts),
	    cmocka_unit_test(nhs_numbers_are_found),
	    cmocka_unit_test(nhs_ranges),
	    cmocka_unit_test(periods_are_read),
	    cmocka_unit_test(periods_have_days),
	    cmocka_unit_test(quorum_rules_are_read),
	    cmocka_unit_test(quorum_binds),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
