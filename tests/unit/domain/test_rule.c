/* The check language: reading, refusing, judging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/macros.h"
#include "domain/rule.h"

/* One row of values that all cases share; today is 2 March 2026. */
static const struct {
	const char *field, *value;
} g_values[] = {
    {"score", "2"},
    {"grade", "Requires improvement"},
    {"status", "not available"},
    {"due", "2026-03-31"},
    {"past", "2026-03-01"},
    {"now", "2026-03-02"},
    {"far", "2027-03-03"},
    {"scope", "120"},
    {"trained", "118"},
    {"percent", "98.3"},
    {"zero", "0"},
    {"negative", "-4"},
    {"open", "2026-Q1"},
    {"closed", "2025-Q3"},
    {"month", "2026-02"},
    {"evidence", "Board paper"},
};

static const char *
value_of(const void *ctx, const char *field)
{
	(void)ctx;
	for (size_t i = 0; i < COUNT_OF(g_values); i++)
		if (strcmp(g_values[i].field, field) == 0)
			return g_values[i].value;
	return "";
}

static const struct {
	const char *rule;
	enum rule_truth expected;
} g_rules[] = {
    {"score is 2", RULE_TRUE},
    {"score is 3", RULE_FALSE},
    {"score is not 3", RULE_TRUE},
    {"score is one of 2, 3", RULE_TRUE},
    {"score is not one of 2, 3", RULE_FALSE},
    {"score is one of 0, 1 or evidence is filled", RULE_TRUE},
    {"grade is requires improvement", RULE_TRUE},
    {"grade is one of Good, Requires improvement", RULE_TRUE},
    {"status is 'not available'", RULE_TRUE},
    {"status is one of final, 'not available'", RULE_TRUE},
    {"status is one of final, not available", RULE_TRUE},
    {"status is not 'not available'", RULE_FALSE},
    {"evidence is filled", RULE_TRUE},
    {"evidence is empty", RULE_FALSE},
    {"evidence is not empty", RULE_TRUE},
    {"missing is filled", RULE_FALSE},
    {"missing is not filled", RULE_TRUE},
    {"missing is empty", RULE_TRUE},
    {"missing is 3", RULE_UNKNOWN},
    {"missing is not 3", RULE_UNKNOWN},
    {"not missing is 3", RULE_UNKNOWN},
    {"missing is in the future", RULE_UNKNOWN},
    {"trained <= scope", RULE_TRUE},
    {"scope <= trained", RULE_FALSE},
    {"scope < 120", RULE_FALSE},
    {"scope <= 120", RULE_TRUE},
    {"scope > 119.5", RULE_TRUE},
    {"scope >= 121", RULE_FALSE},
    {"scope = 120", RULE_TRUE},
    {"scope == 120", RULE_TRUE},
    {"scope != 120", RULE_FALSE},
    {"negative < 0", RULE_TRUE},
    {"negative = -4", RULE_TRUE},
    {"missing <= scope", RULE_UNKNOWN},
    {"grade <= scope", RULE_UNKNOWN},
    {"percent within 0.5 of 100 * trained / scope", RULE_TRUE},
    {"percent within 0.01 of 100 * trained / scope", RULE_FALSE},
    {"percent within 0.5 of 100 * trained / zero", RULE_UNKNOWN},
    {"scope = trained + 2", RULE_TRUE},
    {"scope - trained = 2", RULE_TRUE},
    {"scope - 2 * 1 = trained", RULE_TRUE},
    {"due is in the future", RULE_TRUE},
    {"now is in the future", RULE_FALSE},
    {"now is not in the future", RULE_TRUE},
    {"now is in the past", RULE_FALSE},
    {"past is in the past", RULE_TRUE},
    {"past <= due", RULE_TRUE},
    {"due < past", RULE_FALSE},
    {"due is within 12 months", RULE_TRUE},
    {"due is within 12 months of today", RULE_TRUE},
    {"far is within 12 months", RULE_FALSE},
    {"far is not within 12 months", RULE_TRUE},
    {"far is within 12 months or evidence is filled", RULE_TRUE},
    {"closed is closed", RULE_TRUE},
    {"open is closed", RULE_FALSE},
    {"month is closed", RULE_TRUE},
    {"score is 2 and grade is Good or scope = 120", RULE_TRUE},
    {"score is 2 and (grade is Good or scope = 120)", RULE_TRUE},
    {"score is 3 and (grade is Good or scope = 120)", RULE_FALSE},
    {"not (score is 3 or score is 1)", RULE_TRUE},
    {"not not score is 2", RULE_TRUE},
    {"missing is 3 or score is 2", RULE_TRUE},
    {"missing is 3 and score is 2", RULE_UNKNOWN},
    {"missing is 3 and score is 3", RULE_FALSE},
};

static void
rules_are_judged(void **state)
{
	int32_t today_day = date_parse_iso("2026-03-02");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_rules); i++) {
		struct arena *arena = arena_new(1024 * 1024);
		struct rule *rule;
		struct err err = {0};
		if (rule_parse(arena, g_rules[i].rule, &rule, &err) < 0)
			fail_msg("%s", err.text);
		enum rule_truth got =
		    rule_eval(rule, value_of, NULL, today_day);
		if (got != g_rules[i].expected)
			fail_msg("`%s` is %d, not %d", g_rules[i].rule, got,
			    g_rules[i].expected);
		arena_free(arena);
	}
}

/* What is wrong, and a piece of what must be said. */
static const struct {
	const char *rule, *said;
} g_wrong[] = {
    {"", "ends too early"},
    {"score", "ends too early"},
    {"score is", "a value must stand here"},
    {"score is one of", "a value must stand here"},
    {"score is one of 2,", "a value must stand here"},
    {"score 2", "`is`, `within` or a comparison"},
    {"score is 2 and", "ends too early"},
    {"score is 2 extra = 3", "`and` or `or`"},
    {"(score is 2", "a `)`"},
    {"score is 2)", "`and` or `or`"},
    {"score is 'two", "sign without meaning"},
    {"score is 2 & due is filled", "sign without meaning"},
    {"due is within months", "is within 12 months"},
    {"due is within 12 days", "is within 12 months"},
    {"percent within half of scope", "A within 0.5 of B"},
    {"<= scope", "a field's name or a number"},
    {"and is 2", "a field's name or a number"},
    {"((((((((((((((((((((((a is 1))))))))))))))))))))))", "too many levels"},
};

static void
wrong_rules_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_wrong); i++) {
		struct arena *arena = arena_new(1024 * 1024);
		struct rule *rule = NULL;
		struct err err = {0};
		assert_int_equal(rule_parse(arena, g_wrong[i].rule, &rule,
				     &err),
		    ERR_CONFIG);
		assert_null(rule);
		if (strstr(err.text, g_wrong[i].said) == NULL)
			fail_msg("`%s`: %s", g_wrong[i].rule, err.text);
		arena_free(arena);
	}
}

static void
mentions_tell_the_use(void **state)
{
	static const struct rule_mention expected[] = {
	    {"a", RULE_USE_ORDER, ""},
	    {"b", RULE_USE_ORDER, ""},
	    {"c", RULE_USE_VALUE, "x y"},
	    {"c", RULE_USE_VALUE, "z"},
	    {"d", RULE_USE_NUMBER, ""},
	    {"e", RULE_USE_DAY, ""},
	    {"f", RULE_USE_PERIOD, ""},
	    {"g", RULE_USE_ANY, ""},
	};
	struct arena *arena = arena_new(1024 * 1024);
	struct rule *rule;
	struct err err = {0};

	(void)state;
	assert_int_equal(rule_parse(arena,
			     "a <= b and c is one of x y, z and d > 0 and e "
			     "is in the past and f is closed and g is filled",
			     &rule, &err),
	    0);
	assert_int_equal(rule->mention_count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		assert_string_equal(rule->mentions[i].field, expected[i].field);
		assert_int_equal(rule->mentions[i].use, expected[i].use);
		assert_string_equal(rule->mentions[i].value, expected[i].value);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_are_judged),
	    cmocka_unit_test(wrong_rules_are_refused),
	    cmocka_unit_test(mentions_tell_the_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
