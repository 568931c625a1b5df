/* Days, instants, and London's two changes of the clocks a year. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/macros.h"

static void
test_days(void **state)
{
	char text[DATE_TEXT_BYTES];

	(void)state;
	assert_int_equal(date_parse_iso("1970-01-01"), 0);
	assert_int_equal(date_parse_iso("2026-02-30"), DAY_NONE);
	assert_int_equal(date_parse_iso("2026-2-3"), DAY_NONE);
	assert_int_equal(date_parse_iso("2026-03-02x"), DAY_NONE);
	assert_int_equal(date_weekday(date_parse_iso("2026-03-02")), 0);
	for (int32_t day = date_parse_iso("1999-01-01");
	     day < date_parse_iso("2041-01-01"); day++) {
		date_format_iso(day, text);
		assert_int_equal(date_parse_iso(text), day);
	}
}

static void
test_words(void **state)
{
	char text[40];
	int32_t day = date_parse_iso("2026-02-27");

	(void)state;
	assert_string_equal(date_words(day, DATE_LONG, text),
	    "Friday 27 February 2026");
	assert_string_equal(date_words(day, DATE_NO_YEAR, text),
	    "Friday 27 February");
}

static int64_t
at(const char *text)
{
	int64_t when = 0;

	assert_true(instant_parse(text, &when));
	return when;
}

static void
test_instants(void **state)
{
	char text[INSTANT_TEXT_BYTES];
	int64_t when;

	(void)state;
	instant_format(at("2026-03-02T07:30:00Z"), text);
	assert_string_equal(text, "2026-03-02T07:30:00Z");
	assert_false(instant_parse("2026-03-02 07:30:00", &when));
	assert_false(instant_parse("2026-03-02T24:00:00Z", &when));
}

static void
test_london(void **state)
{
	static const struct {
		const char *day;
		int minute;
		const char *utc;
	} cases[] = {
	    {"2026-03-02", 7 * 60 + 30, "2026-03-02T07:30:00Z"},
	    {"2026-07-01", 7 * 60 + 30, "2026-07-01T06:30:00Z"},
	    {"2026-03-29", 90, "2026-03-29T01:00:00Z"}, /* skipped */
	    {"2026-03-29", 120, "2026-03-29T01:00:00Z"},
	    {"2026-03-29", 7 * 60 + 30, "2026-03-29T06:30:00Z"},
	    {"2026-10-25", 90, "2026-10-25T00:30:00Z"}, /* comes twice */
	    {"2026-10-25", 7 * 60 + 30, "2026-10-25T07:30:00Z"},
	};

	(void)state;
	assert_true(date_set_zone("Europe/London"));
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(instant_of(date_parse_iso(cases[i].day),
				     cases[i].minute),
		    at(cases[i].utc));
	assert_int_equal(date_of(at("2026-06-30T23:30:00Z")),
	    date_parse_iso("2026-07-01"));
	assert_int_equal(instant_day_end(date_parse_iso("2026-03-29")),
	    at("2026-03-29T22:59:59Z"));
}

static void
test_zones(void **state)
{
	(void)state;
	assert_false(date_set_zone("Europe/Lewisham"));
	assert_false(date_set_zone("../../etc/passwd"));
	assert_true(date_set_zone("UTC"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_instants),
	    cmocka_unit_test(test_london),
	    cmocka_unit_test(test_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
