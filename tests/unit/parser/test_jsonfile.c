/* JSON attachments: the agreed shape, what strays from it, what is refused. */
#include "attach.h"

#define HEAD "1|table|row|field|value/"

static const struct {
	const char *json, *want;
} g_good[] = {
    {"{\"form\": \"section-11\", \"round\": \"S11-2026\", \"agency\": \"LGT\"}",
	HEAD "2|||form|section-11/3|||round|S11-2026/4|||agency|LGT/"},
    {"{\"fields\": {\"a\": 1}, \"form\": \"x\"}", HEAD "2|||form|x/3|||a|1/"},
    {"{\"tables\": {\"standards\": {\"1\": {\"score\": 2, \"due\": null}}}}",
	HEAD "2|standards|1|score|2/"},
    {"{\"tables\": {\"t\": [{\"a\": \"x\"}, {\"a\": \"y\"}]}}",
	HEAD "2|t|1|a|x/3|t|2|a|y/"},
    {"{\"fields\": {\"a\": true, \"b\": false, \"c\": null, \"d\": \"\","
     " \"e\": 12.5, \"f\": 1e3, \"g\": \"caf\xc3\xa9\\nx\"}}",
	HEAD "2|||a|yes/3|||b|no/4|||e|12.5/5|||f|1000/"
	     "6|||g|caf\xc3\xa9\nx/"},
    {"{\"fields\": {\"months\": [\"2026-01\", \"2026-02\"]}}",
	HEAD "2|||months|2026-01, 2026-02/"},
    {"{\"$schema\": \"x\", \"a\": \"flat\"}", HEAD "2|||a|flat/"},
    /* What strays is named by its path. */
    {"{\"fields\": {\"a\": {\"b\": [1, {\"c\": 2}]}}}",
	HEAD "2|||a.b.1|1/3|||a.b.2.c|2/"},
    {"{\"tables\": {\"t\": 5, \"u\": {\"1\": 7}, \"v\": [1, 2]}}",
	HEAD "2|||tables.t|5/3|||u.1|7/4|||tables.v.1|1/5|||tables.v.2|2/"},
    {"{\"tables\": [1, 2], \"fields\": \"x\"}",
	HEAD "2|||tables|1, 2/3|||fields|x/"},
    {"[{\"a\": 1}]", HEAD "2|||list.1.a|1/"},
    {"\xef\xbb\xbf{\"a\": 1}", HEAD "2|||a|1/"},
};

static void
good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_good); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = attach_bytes(arena, "a.json", g_good[i].json,
		    strlen(g_good[i].json));
		if (r.parts[0].verdict != PART_READ || r.table_count != 1)
			fail_msg("%s: not read", g_good[i].json);
		assert_int_equal(r.tables[0].kind, TABLE_JSON);
		const char *got = attach_grid(arena, &r.tables[0]);
		if (strcmp(got, g_good[i].want) != 0)
			fail_msg("%s: %s", g_good[i].json, got);
	}
}

static void
bad(void **state)
{
	static const struct {
		const char *json, *reason;
	} cases[] = {
	    {"{\"a\": 1,\n\"a\": 2}",
		"it gives the same name twice, in line 2."},
	    {"{\"a\": 1\n\n", "it is no sound JSON: look at line 3."},
	    {"{\"a\": \"x\\u0000y\"}", "it is no sound JSON: look at line 1."},
	    {"", "it is no sound JSON: look at line 1."},
	    {"{'a': 1}", "it is no sound JSON: look at line 1."},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = attach_bytes(arena, "a.json", cases[i].json,
		    strlen(cases[i].json));
		assert_int_equal(r.parts[0].verdict, PART_UNREADABLE);
		assert_int_equal(r.table_count, 0);
		assert_string_equal(r.parts[0].reason, cases[i].reason);
		/* What it says is still there to be screened. */
		assert_string_equal(r.parts[0].text, cases[i].json);
	}
}

static void
of_any_charset(void **state)
{
	static const char utf16[] = "{\0\"\0a\0\"\0:\0\"\0\xe9\0\"\0}\0";
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r =
	    attach_bytes(arena, "a.json", utf16, sizeof(utf16) - 1);

	(void)state;
	assert_int_equal(r.table_count, 1);
	assert_string_equal(attach_grid(arena, &r.tables[0]),
	    HEAD "2|||a|\xc3\xa9/");
}

/* As deep and as many as may be, and one more. */
static void
limits(void **state)
{
	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct buf deep CLEANUP(buf_done);
		struct buf wide CLEANUP(buf_done);
		buf_init(&deep, 1000);
		buf_init(&wide, LIMIT_JSON_BYTES);
		for (size_t i = 0; i < LIMIT_JSON_DEPTH + extra; i++)
			buf_putc(&deep, '[');
		buf_putc(&deep, '1');
		for (size_t i = 0; i < LIMIT_JSON_DEPTH + extra; i++)
			buf_putc(&deep, ']');
		buf_puts(&wide, "[0");
		for (size_t i = 0; i < LIMIT_JSON_VALUES - 2 + extra; i++)
			buf_puts(&wide, ",0");
		buf_putc(&wide, ']');
		enum record_verdict want =
		    extra == 0 ? PART_READ : PART_TOO_LARGE;
		struct record r =
		    attach_bytes(arena, "a.json", deep.data, deep.len);
		assert_int_equal(r.parts[0].verdict, want);
		r = attach_bytes(arena, "a.json", wide.data, wide.len);
		assert_int_equal(r.parts[0].verdict, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(bad),
	    cmocka_unit_test(of_any_charset),
	    cmocka_unit_test(limits),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
