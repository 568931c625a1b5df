/* Filling: 72 columns, hanging lines, tables, the form as it is. */
#include "base/text.h"
#include "mail/fill.h"
#include "mail/words.h"
#include "support.h"

#define TEN "ten chars "

static void
fills(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"", ""},
	    {"one\n\n\n\ntwo  \n", "one\n\ntwo\n"},
	    {"\n\nstart", "start\n"},
	    {TEN TEN TEN TEN TEN TEN TEN "ten chars",
		TEN TEN TEN TEN TEN TEN TEN "\nten chars\n"},
	    {"  A. " TEN TEN TEN TEN TEN TEN TEN,
		"  A. " TEN TEN TEN TEN TEN TEN "ten\n     chars\n"},
	    {"  Label:   " TEN TEN TEN TEN TEN TEN TEN,
		"  Label:   " TEN TEN TEN TEN TEN TEN "\n           ten "
		"chars\n"},
	    {"a\tb\nlonger\tc\n", "a       b\nlonger  c\n"},
	    {"  1\tx\t2\n  10\t\t3\n", "  1   x  2\n  10     3\n"},
	    {"What is wanted of each of you\tx\nBy\t"
	     "somebody.with.a.long.name@an.office.of.the.partner.example\n",
		"What is       x\nwanted of\neach of you\nBy            "
		"somebody.with.a.long.name@an.office.of.the.partner.example\n"},
	    {"--- form X: \n\n\nLabel:   \n  a\tb\n--- end of form ---\n\n\nx",
		"--- form X: \n\n\nLabel:   \n  a\tb\n--- end of form ---\n\n"
		"x\n"},
	    {TEN TEN TEN TEN TEN TEN "by Friday 27 February, or call 020 7946",
		TEN TEN TEN TEN TEN TEN
		"by\nFriday 27 February, or call 020 7946\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out, plain;
		buf_init(&out, 10000);
		buf_init(&plain, 10000);
		fill_text(&out, cases[i].in);
		/* The cases are easier to read with the space at line ends. */
		for (const char *c = cases[i].out; *c != '\0'; c++)
			if (c[0] != ' ' || c[1] != '\n' ||
			    strstr(cases[i].out, "--- form") != NULL)
				buf_putc(&plain, *c);
		assert_string_equal(buf_text(&out), buf_text(&plain));
		buf_done(&out);
		buf_done(&plain);
	}
}

static void
is_never_wider(void **state)
{
	static const char *const hostile[] = {
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxx",
	    ("  A. "
	     "全角文字全角文字全角文字全角文字全角文字全角文字全角文字全角文字"
	     "全角文字全角文字全角文字"),
	    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\t"
	     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	     "\t"
	     "c"),
	    "a\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl",
	    ("                                        deep deep deep deep deep "
	     "deep "
	     "deep deep deep deep"),
	    ("1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 "
	     "3 "
	     "4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0"),
	    "\xff\xfe\xff broken \x80",
	    "\t",
	    "\t\t\t\t\t\t\t\t\t\t",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		struct buf out;
		buf_init(&out, 10000);
		fill_text(&out, hostile[i]);
		char *copy = strdup(buf_text(&out)), *rest = copy;
		for (char *line; (line = strsep(&rest, "\n")) != NULL;)
			if (text_width(line) > FILL_COLUMNS)
				fail_msg("%zu columns: %s", text_width(line),
				    line);
		free(copy);
		buf_done(&out);
	}
}

static void
speaks_plainly(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const char *const names[] = {"a", "b", "c"};

	(void)state;
	assert_string_equal(words_when(arena, NOW_AT),
	    "Tuesday 24 February at 10:42");
	assert_string_equal(words_day(arena, date_parse_iso("2026-02-27")),
	    "Friday 27 February 2026");
	assert_string_equal(words_day_short(arena, DAY_NONE), "");
	assert_string_equal(words_count(arena, 0), "no");
	assert_string_equal(words_count(arena, 12), "twelve");
	assert_string_equal(words_count(arena, 13), "13");
	assert_string_equal(words_version(arena, 1), "first version");
	assert_string_equal(words_version(arena, 11), "version 11");
	assert_string_equal(words_letter(arena, 0), "A");
	assert_string_equal(words_letter(arena, 25), "Z");
	assert_string_equal(words_letter(arena, 26), "AA");
	assert_string_equal(words_letter(arena, 701), "ZZ");
	assert_string_equal(words_letter(arena, 702), "AAA");
	assert_string_equal(words_size(arena, 900), "900 bytes");
	assert_string_equal(words_size(arena, 3400000), "3.4 MB");
	assert_string_equal(words_size(arena, 100000000), "100 MB");
	assert_string_equal(words_size(arena, 12000), "12 KB");
	assert_string_equal(words_list(arena, names, 1, "and"), "a");
	assert_string_equal(words_list(arena, names, 3, "or"), "a, b or c");
	assert_string_equal(words_quote(arena, "short"), "\"short\"");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fills),
	    cmocka_unit_test(is_never_wider),
	    cmocka_unit_test(speaks_plainly),
	};

	assert_true(date_set_zone("Europe/London"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
