/* Addresses: which are sendable, and how servers know a domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/macros.h"

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
test_valid(void **state)
{
	static const char *const good[] = {"a@b.example",
	    "o'neill+x@office.example", "a@xn--bcher-kva.example"};
	static const char *const bad[] = {"", "a", "a@b", "@b.example",
	    "a@@b.example", "a b@c.example", "a@b.example\r\nRSET",
	    "<a@b.example>", "\"a b\"@c.example", "a@[127.0.0.1]",
	    ".a@b.example", "a..b@c.example", "a@-b.example", "a@b..example",
	    "zo\xc3\xab@b.example", "a@\xc3\xbcrn.example"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(address_is_valid(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(address_is_valid(bad[i]));
}

static void
test_wire(void **state)
{
	static const struct pair cases[] = {
	    {"A.B@Office.example", "A.B@Office.example"},
	    {"Zoe@B\xc3\x9c"
	     "CHER.example",
		"Zoe@xn--bcher-kva.example"},
	    /* NFD, and the full stop of another script */
	    {"zoe@bu\xcc\x88"
	     "cher\xe3\x80\x82"
	     "example",
		"zoe@xn--bcher-kva.example"},
	    {"b\xc3\xbc"
	     "cher.example",
		"xn--bcher-kva.example"},
	    /* the newer rules: a sharp s stays itself */
	    {"a@fa\xc3\x9f.example", "a@xn--fa-hia.example"},
	    {"zo\xc3\xab@b.example", "zo\xc3\xab@b.example"},
	    {"a@\xff.example", "a@\xff.example"},
	    {"", ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(address_wire(*state, cases[i].in),
		    cases[i].out);
}

/* What conversion makes of a hostile domain is still no address. */
static void
test_hostile_wire(void **state)
{
	/* the second: a full-width @ */
	static const char *const bad[] = {"a@b\xc3\xbc\r\nRSET.example",
	    "a@b\xc3\xbc\xef\xbc\xa0Z.example", "a@b\xc3\xbc>.example",
	    "a@b\xc3\xbc cher.example"};
	char many[4000];

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(address_is_valid(address_wire(*state, bad[i])));
	memset(many, 0xc3, sizeof(many));
	for (size_t i = 1; i < sizeof(many); i += 2)
		many[i] = (char)0xbc;
	many[0] = '@';
	many[sizeof(many) - 1] = '\0';
	assert_string_equal(address_wire(*state, many), many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test_setup_teardown(test_wire, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hostile_wire, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
