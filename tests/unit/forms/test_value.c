/* Types: what people write, and what becomes of it. */
#include "base/macros.h"
#include "tests/unit/forms/support.h"

static struct judge_value
value_as(enum form_type type, const char *text)
{
	static struct form form = {.name = "test",
	    .covers = COVERS_QUARTER | COVERS_YEAR};
	struct form_field field = {.name = "f",
	    .label = "Field",
	    .type = type,
	    .pattern = "",
	    .message = ""};
	struct judge_request request = {.form = &form,
	    .today_day = date_parse_iso("2026-03-02"),
	    .default_row = ""};

	return judge_value(g_arena, &request, &field, text);
}

struct value_case {
	enum form_type type;
	const char *text;
	const char *value;  /* NULL: refused */
	const char *reason; /* a piece of it */
};

static void
check_cases(const struct value_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct judge_value got = value_as(cases[i].type, cases[i].text);
		if (cases[i].value == NULL) {
			if (got.value != NULL ||
			    strstr(got.reason, cases[i].reason) == NULL)
				fail_msg("\"%s\": %s, %s", cases[i].text,
				    got.value != NULL ? got.value : "-",
				    got.reason);
		} else if (got.value == NULL ||
			   strcmp(got.value, cases[i].value) != 0) {
			fail_msg("\"%s\": %s, not %s (%s)", cases[i].text,
			    got.value != NULL ? got.value : "-", cases[i].value,
			    got.reason);
		}
	}
}

static void
dates(void **state)
{
	static const struct value_case cases[] = {
	    {TYPE_DATE, "2026-03-31", "2026-03-31", ""},
	    {TYPE_DATE, "2026/03/31", "2026-03-31", ""},
	    {TYPE_DATE, "31/03/2026", "2026-03-31", ""},
	    {TYPE_DATE, "31.3.2026", "2026-03-31", ""},
	    {TYPE_DATE, "31.3.26", "2026-03-31", ""},
	    {TYPE_DATE, "31-03-2026", "2026-03-31", ""},
	    {TYPE_DATE, "1/2/2026", "2026-02-01", ""},
	    {TYPE_DATE, "31 March 2026", "2026-03-31", ""},
	    {TYPE_DATE, "31st March, 2026", "2026-03-31", ""},
	    {TYPE_DATE, "31st Mar 2026", "2026-03-31", ""},
	    {TYPE_DATE, "31-Mar-26", "2026-03-31", ""},
	    {TYPE_DATE, "the 1st of May 2026", "2026-05-01", ""},
	    {TYPE_DATE, "March 31, 2026", "2026-03-31", ""},
	    {TYPE_DATE, "Tuesday 31 March 2026", "2026-03-31", ""},
	    {TYPE_DATE, "2026-03-31T00:00:00", "2026-03-31", ""},
	    {TYPE_DATE, "31/03/2026 00:00", "2026-03-31", ""},
	    {TYPE_DATE,
		" 31\xc2\xa0March\xc2\xa0"
		"2026 ",
		"2026-03-31", ""},
	    {TYPE_DATE, "29 February 2028", "2028-02-29", ""},
	    {TYPE_DATE, "03/31/2026", NULL, "day first"},
	    {TYPE_DATE, "14 May", NULL, "the year is missing"},
	    {TYPE_DATE, "14/5", NULL, "the year is missing"},
	    {TYPE_DATE, "May 2026", NULL, "the day is missing"},
	    {TYPE_DATE, "31/02/2026", NULL, "February 2026 has 28 days."},
	    {TYPE_DATE, "31 April 2026", NULL, "April 2026 has 30 days."},
	    {TYPE_DATE, "0 April 2026", NULL, "April 2026 has 30 days."},
	    {TYPE_DATE, "2026-13-01", NULL, "there is no month 13"},
	    {TYPE_DATE, "45/45/2026", NULL, "there is no month 45"},
	    {TYPE_DATE, "31/03/0026", NULL, "the year 26"},
	    {TYPE_DATE, "Monday 31 March 2026", NULL, "Tuesday 31 March 2026"},
	    {TYPE_DATE, "46112", NULL, "could not read"},
	    {TYPE_DATE, "soon", NULL, "could not read"},
	    {TYPE_DATE, "31/03/2026 or later", NULL, "could not read"},
	    {TYPE_DATE, "1 2 3 4 5 6", NULL, "could not read"},
	};

	(void)state;
	check_cases(cases, COUNT_OF(cases));
}

static void
numbers(void **state)
{
	static const struct value_case cases[] = {
	    {TYPE_INTEGER, "120", "120", ""},
	    {TYPE_INTEGER, "0", "0", ""},
	    {TYPE_INTEGER, "-0", "0", ""},
	    {TYPE_INTEGER, "-4", "-4", ""},
	    {TYPE_INTEGER,
		"\xe2\x88\x92"
		"4",
		"-4", ""},
	    {TYPE_INTEGER, "007", "7", ""},
	    {TYPE_INTEGER, "1,234", "1234", ""},
	    {TYPE_INTEGER, "1 234 567", "1234567", ""},
	    {TYPE_INTEGER,
		"1\xc2\xa0"
		"234",
		"1234", ""},
	    {TYPE_INTEGER, "12.0", "12", ""},
	    {TYPE_INTEGER, "12.5", NULL, "not a whole number"},
	    {TYPE_INTEGER, "1,2", NULL, "comma"},
	    {TYPE_INTEGER, "120 staff", NULL, "could not read"},
	    {TYPE_INTEGER, "twelve", NULL, "could not read"},
	    {TYPE_INTEGER, "1e5", NULL, "could not read"},
	    {TYPE_INTEGER, "--4", NULL, "could not read"},
	    {TYPE_INTEGER, "9999999999999999999", NULL, "could not read"},
	    {TYPE_DECIMAL, "12.50", "12.5", ""},
	    {TYPE_DECIMAL, "1,234.5", "1234.5", ""},
	    {TYPE_DECIMAL, "1.234", "1.234", ""},
	    {TYPE_DECIMAL, "1,5", NULL, "write a point"},
	    {TYPE_DECIMAL, "1.234,5", NULL, "commas from its point"},
	    {TYPE_DECIMAL, "1,23,4", NULL, "commas from its point"},
	    {TYPE_DECIMAL, ".5", NULL, "could not read"},
	    {TYPE_PERCENT, "25", "25", ""},
	    {TYPE_PERCENT, "25%", "25", ""},
	    {TYPE_PERCENT, "25 %", "25", ""},
	    {TYPE_PERCENT, "25 per cent", "25", ""},
	    {TYPE_PERCENT, "0.25", "0.25", ""},
	    {TYPE_PERCENT, "%", NULL, "could not read"},
	};

	(void)state;
	check_cases(cases, COUNT_OF(cases));
}

static void
words(void **state)
{
	static const struct value_case cases[] = {
	    {TYPE_TIME, "10:00", "10:00", ""},
	    {TYPE_TIME, "9.30", "09:30", ""},
	    {TYPE_TIME, "9am", "09:00", ""},
	    {TYPE_TIME, "2:30 pm", "14:30", ""},
	    {TYPE_TIME, "12 am", "00:00", ""},
	    {TYPE_TIME, "1430", "14:30", ""},
	    {TYPE_TIME, "24:00", NULL, "could not read"},
	    {TYPE_TIME, "14", NULL, "could not read"},
	    {TYPE_TIME, "13pm", NULL, "could not read"},
	    {TYPE_TIME, "-1:30", NULL, "could not read"},
	    {TYPE_BOOLEAN, "Yes", "yes", ""},
	    {TYPE_BOOLEAN, "n", "no", ""},
	    {TYPE_BOOLEAN, "perhaps", NULL, "yes or no"},
	    {TYPE_MONTH, "March 2026", "2026-03", ""},
	    {TYPE_MONTH, "2026-Q1", NULL, "that length"},
	    {TYPE_QUARTER, "Q1 2026/27", "2026-Q1", ""},
	    {TYPE_YEAR, "2025-26", "2025-26", ""},
	    {TYPE_YEAR, "2011-12", "2011-12", ""},
	    {TYPE_PERIOD, "2026-Q1", "2026-Q1", ""},
	    {TYPE_PERIOD, "2026-03", NULL, "does not cover"},
	    {TYPE_PERIOD, "soon", NULL, "which period"},
	    {TYPE_EMAIL, "H.Marsh@Hospital.example", "h.marsh@hospital.example",
		""},
	    {TYPE_EMAIL, "Helen Marsh <h.marsh@hospital.example>",
		"h.marsh@hospital.example", ""},
	    {TYPE_EMAIL,
		"h.marsh@hospital.example"
		"<mailto:h.marsh@hospital.example>",
		"h.marsh@hospital.example", ""},
	    {TYPE_EMAIL, "a@hospital.example<mailto:b@hospital.example>", NULL,
		"email address"},
	    {TYPE_EMAIL, "Helen Marsh", NULL, "email address"},
	    {TYPE_EMAIL, "a@b@c.example", NULL, "email address"},
	    {TYPE_EMAIL, "a@localhost", NULL, "email address"},
	    {TYPE_EMAIL, "a@x.example, b@x.example", NULL, "email address"},
	    {TYPE_EMAIL, "a@x.example\nBcc: b@x.example", NULL,
		"email address"},
	    {TYPE_ACTION, "a-12", "A-0012", ""},
	    {TYPE_ACTION, "A-00123", "A-0123", ""},
	    {TYPE_ACTION, "A-123456", "A-123456", ""},
	    {TYPE_ACTION, "R-000012", NULL, "reference"},
	    {TYPE_ACTION, "A-", NULL, "reference"},
	    {TYPE_MEETING, "M-7", "M-0007", ""},
	    {TYPE_AGENCY, "lgt", "LGT", ""},
	    {TYPE_AGENCY, "Northbank Hospitals", NULL, "no agency"},
	    {TYPE_TEXT, "  two\r\nlines ", "two\nlines", ""},
	    {TYPE_TEXT, "   ", NULL, "empty"},
	};

	(void)state;
	check_cases(cases, COUNT_OF(cases));
}

static void
choices(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
	    {"2", "2"},
	    {"Score 2", "2"},
	    {"2 - met", "2"},
	    {"2 (met)", "2"},
	    {"Met", "2"},
	    {"partly  met", "1"},
	    {"N/A", "NA"},
	    {"na", "NA"},
	    {"green", "2"},
	    {"2 or 3", NULL},
	    {"2 - partly met", NULL},
	    {"2?3", NULL},
	    {"Mostly", NULL},
	    {"4", NULL},
	    {"22", NULL},
	};
	const struct form *form = forms_find(&g_forms, "section-11");
	const struct form_field *score =
	    form_field_find(form, "standards", "score");
	struct judge_request request = {.form = form, .default_row = ""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct judge_value got =
		    judge_value(g_arena, &request, score, cases[i].text);
		if ((got.value == NULL) != (cases[i].value == NULL) ||
		    (got.value != NULL &&
			strcmp(got.value, cases[i].value) != 0))
			fail_msg("\"%s\" is %s", cases[i].text,
			    got.value != NULL ? got.value : "-");
		if (got.value != NULL)
			continue;
		assert_string_equal(got.allowed, "3, 2, 1, 0 or NA");
		assert_string_equal(got.reason,
		    "we could not tell which score you mean.");
	}
}

static void
limits(void **state)
{
	const struct form *form = forms_find(&g_forms, "section-11");
	const struct form_field *name =
	    form_field_find(form, "", "completed_by");
	const struct form_field *staff =
	    form_field_find(form, "", "staff_in_scope");
	struct judge_request request = {.form = form, .default_row = ""};
	char text[400] = "";

	(void)state;
	for (int i = 0; i < 120; i++)
		strcat(text, "\xc3\xa9"); /* 120 characters, 240 bytes */
	assert_non_null(judge_value(g_arena, &request, name, text).value);
	strcat(text, "x");
	struct judge_value got = judge_value(g_arena, &request, name, text);
	assert_null(got.value);
	assert_non_null(strstr(got.reason, "121 characters"));
	assert_non_null(judge_value(g_arena, &request, staff, "200000").value);
	assert_string_equal(judge_value(g_arena, &request, staff, "200001")
				.reason,
	    "it is above 200000.");
	assert_string_equal(judge_value(g_arena, &request, staff, "-1").reason,
	    "it is below 0.");
	assert_string_equal(judge_allowed(g_arena, staff),
	    "a whole number from 0 to 200000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dates),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(words),
	    cmocka_unit_test(choices),
	    cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
