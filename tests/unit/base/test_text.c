/* Folding, cleaning, cutting and the escapes for each way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

struct pair {
	const char *in, *out;
};

static int
setup(void **state)
{
	*state = arena_new(1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
test_fold(void **state)
{
	static const struct pair cases[] = {
	    {"Completed by", "completed by"},
	    {"  Completed\xc2\xa0 by : ", "completed by"},
	    {"What\xe2\x80\x99s missing", "whats missing"},
	    {"What's missing", "whats missing"},
	    {"SCORE\xef\xbc\x9a", "score"},
	    {"Cafe\xcc\x81", "caf\xc3\xa9"},
	    {"on-track", "on track"},
	    {"**Score**", "score"},
	    {"in_scope", "in scope"},
	    {"90 %", "90 %"},
	    {"", ""},
	    {" \xe2\x80\x93 ", ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_fold(*state, cases[i].in),
		    cases[i].out);
}

static void
test_clean(void **state)
{
	static const struct pair cases[] = {
	    {" a\r\nb\rc ", "a\nb\nc"},
	    {"bell\x07 and \x1b[31mred", "bell and [31mred"},
	    {"e\xcc\x81", "\xc3\xa9"},
	    {"\xe2\x80\x8b\xc2\xa0x\xef\xbb\xbf", "x"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_clean(*state, cases[i].in),
		    cases[i].out);
}

static void
test_first_words(void **state)
{
	assert_string_equal(text_first_words(*state, "one two three", 40),
	    "one two three");
	assert_string_equal(text_first_words(*state, "one two three", 9),
	    "one two...");
	assert_string_equal(text_first_words(*state, "line\nbreak", 40),
	    "line break");
	assert_string_equal(text_first_words(*state, "\xc3\xa9\xc3\xa9\xc3\xa9",
				2),
	    "\xc3\xa9\xc3\xa9...");
}

static void
test_cut_keeps_characters_whole(void **state)
{
	(void)state;
	assert_int_equal(text_cut("a\xc3\xa9", 2), 1);
	assert_int_equal(text_cut("a\xc3\xa9", 3), 3);
	assert_int_equal(text_cut("abc", 10), 3);
}

static void
test_csv_never_makes_a_formula(void **state)
{
	static const struct pair cases[] = {
	    {"plain", "plain"},
	    {"=1+1", "\"'=1+1\""},
	    {"@SUM(A1)", "\"'@SUM(A1)\""},
	    {"-5", "-5"},
	    {"-5+cmd", "\"'-5+cmd\""},
	    {"+44 20 7946 0000", "\"'+44 20 7946 0000\""},
	    {"\ttab", "\"'\ttab\""},
	    {"say \"hi\", you", "\"say \"\"hi\"\", you\""},
	    {"two\nlines", "\"two\nlines\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 1000);
		text_escape_csv(&out, cases[i].in);
		assert_string_equal(buf_text(&out), cases[i].out);
	}
}

static void
test_control_escapes(void **state)
{
	static const struct pair cases[] = {
	    {"caf\xc3\xa9", "caf\xc3\xa9"}, {"\x1b]0;x\x07", "\\x1b]0;x\\x07"},
	    {"a\nb", "a\\x0ab"}, {"\xff\xfe", "\\xff\\xfe"},
	    {"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* right-to-left override */
	    {"\xc2\x9b", "\\xc2\\x9b"},          /* C1 control */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 1000);
		text_escape_control(&out, cases[i].in);
		assert_string_equal(buf_text(&out), cases[i].out);
	}
}

static void
test_html_escapes(void **state)
{
	struct buf out CLEANUP(buf_done);

	(void)state;
	buf_init(&out, 1000);
	text_escape_html(&out, "<b a='1'>&\"");
	assert_string_equal(buf_text(&out),
	    "&lt;b a=&#39;1&#39;&gt;&amp;&quot;");
}

static void
test_split(void **state)
{
	char **items = text_split(*state, " a; b ;;c", ";");

	assert_string_equal(items[0], "a");
	assert_string_equal(items[1], "b");
	assert_string_equal(items[2], "c");
	assert_null(items[3]);
}

static void
test_utf8(void **state)
{
	(void)state;
	assert_true(text_is_utf8("caf\xc3\xa9", 5));
	assert_false(text_is_utf8("\xc3", 1));
	assert_false(text_is_utf8("\xc0\x80", 2));
	assert_false(text_is_utf8("\xed\xa0\x80", 3));
}

static void
test_buffer_keeps_its_maximum(void **state)
{
	struct buf buf CLEANUP(buf_done);

	(void)state;
	buf_init(&buf, 4);
	buf_puts(&buf, "abc");
	assert_false(buf.over);
	buf_printf(&buf, "%d", 12);
	assert_true(buf.over);
	assert_int_equal(buf.len, 4);
	buf_puts(&buf, "more");
	assert_string_equal(buf_text(&buf), "abc1");
}

static void
test_arena_arrays_grow(void **state)
{
	int *items = NULL;
	size_t count = 0;

	for (int i = 0; i < 100; i++)
		*(int *)arena_push(*state, &items, &count, sizeof(*items)) = i;
	for (int i = 0; i < 100; i++)
		assert_int_equal(items[i], i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_fold, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_clean, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_first_words, setup, teardown),
	    cmocka_unit_test(test_cut_keeps_characters_whole),
	    cmocka_unit_test(test_csv_never_makes_a_formula),
	    cmocka_unit_test(test_control_escapes),
	    cmocka_unit_test(test_html_escapes),
	    cmocka_unit_test_setup_teardown(test_split, setup, teardown),
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_buffer_keeps_its_maximum),
	    cmocka_unit_test_setup_teardown(test_arena_arrays_grow, setup,
		teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
