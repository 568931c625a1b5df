/* Addresses of servers: what is read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/server_url.h"

static const struct {
	const char *text, *scheme, *user, *host;
	int port;
	const char *path;
	bool is_loopback;
} g_good[] = {
    {"smtps://u@h.example:465", "smtps", "u", "h.example", 465, "", false},
    {"IMAPS://a@b.example@h.example/INBOX", "imaps", "a@b.example", "h.example",
	0, "INBOX", false},
    {"imap://a%40b.example@h:143/A%20B/C", "imap", "a@b.example", "h", 143,
	"A B/C", false},
    {"smtp://localhost", "smtp", "", "localhost", 0, "", true},
    {"smtp://LocalHost:25/", "smtp", "", "LocalHost", 25, "", true},
    {"http://127.1.2.3:8080/t/v2.0/token", "http", "", "127.1.2.3", 8080,
	"t/v2.0/token", true},
    {"smtp://[::1]:25", "smtp", "", "::1", 25, "", true},
    {"smtp://[fe80::1]", "smtp", "", "fe80::1", 0, "", false},
    {"smtp://127.0.0.1.evil.example", "smtp", "", "127.0.0.1.evil.example", 0,
	"", false},
    {"smtp://localhost@h.example", "smtp", "localhost", "h.example", 0, "",
	false},
};

static void
reads_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_good); i++) {
		struct server_url url;
		struct err err = {.text = ""};
		int code = server_url_parse(g_good[i].text, &url, &err);
		if (code != 0)
			fail_msg("%s: %s", g_good[i].text, err.text);
		assert_string_equal(url.scheme, g_good[i].scheme);
		assert_string_equal(url.user, g_good[i].user);
		assert_string_equal(url.host, g_good[i].host);
		assert_string_equal(url.path, g_good[i].path);
		assert_int_equal(url.port, g_good[i].port);
		assert_int_equal(server_url_is_loopback(&url),
		    g_good[i].is_loopback);
	}
}

static void
refuses_the_rest(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"", "no address of a server"},
	    {"h.example:25", "no address of a server"},
	    {"://h", "no address of a server"},
	    {"averyveryverylongscheme://h", "no address of a server"},
	    {"smtp://", "no name of a server"},
	    {"smtp://u@", "no name of a server"},
	    {"smtp://@h", "its user is empty"},
	    {"smtp://u:p@h", "no password belongs into it"},
	    {"smtp://h:0", "its port is no number"},
	    {"smtp://h:65536", "its port is no number"},
	    {"smtp://h:99999999999999999999", "its port is no number"},
	    {"smtp://h:2x", "its port is no number"},
	    {"smtp://h:", "its port is no number"},
	    {"smtp://[::1", "is not closed"},
	    {"smtp://[::1]25", "no name of a server"},
	    {"smtp://h\r\nRSET", "no name of a server"},
	    {"smtp://u%0d%0a@h", "its user is empty or not plain"},
	    {"smtp://h/a%00b", "behind its host is not plain"},
	    {"smtp://h example", "no name of a server"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_url url = {.port = -7};
		struct err err = {.text = ""};
		assert_int_equal(server_url_parse(cases[i].text, &url, &err),
		    ERR_CONFIG);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(url.port, -7); /* untouched */
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_addresses),
	    cmocka_unit_test(refuses_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
