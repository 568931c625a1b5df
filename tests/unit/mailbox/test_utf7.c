/* Names of folders on their way to a server. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "mailbox/utf7.h"

static const struct {
	const char *name, *wanted;
} g_names[] = {
    {"Filed", "Filed"},
    {"Filed & done", "Filed &- done"},
    {"", ""},
    {"Erledigt – geprüft", "Erledigt &IBM- gepr&APw-ft"},
    /* RFC 3501, 5.1.3 */
    {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
    {"éa", "&AOk-a"},
    {"ab\xf0\x9f\x93\x81", "ab&2D3cwQ-"},
    {"öß", "&APYA3w-"},
    {"öüß", "&APYA,ADf-"},
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_names); i++) {
		char *name = utf7_of_name(g_names[i].name);
		assert_non_null(name);
		assert_string_equal(name, g_names[i].wanted);
		g_free(name);
	}
}

static void
test_what_is_no_name(void **state)
{
	static const char *const names[] = {"a\xff", "a\r\nb", "\t", "a\x7f",
	    "\xed\xa0\x80"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_null(utf7_of_name(names[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_what_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
