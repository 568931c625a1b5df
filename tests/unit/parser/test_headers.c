/* Header fields, addresses, ids, charsets. */
#include "mail.h"

static struct record
with_header(struct arena *arena, const char *header)
{
	return mail_parse(arena, arena_printf(arena, "%s\n\nx\n", header));
}

static void
subjects(void **state)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {
	    {"plain", "plain"},
	    {"two\r\n  lines", "two lines"},
	    {"=?utf-8?Q?caf=C3=A9_au_lait?=", "caf\xc3\xa9 au lait"},
	    {"=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?= x", "\xc3\xa9\xc3\xa9 x"},
	    /* A character torn in two, as some senders do. */
	    {"=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=", "\xc3\xa9\xc3\xa9"},
	    {"=?iso-8859-1?Q?=93quoted=94?=", "\xe2\x80\x9cquoted\xe2\x80\x9d"},
	    {"=?no-such-charset?Q?caf=E9?=", "caf\xc3\xa9"},
	    {"=?us-ascii?Q?caf=C3=A9?=", "caf\xc3\xa9"},
	    {"raw caf\xe9", "raw caf\xc3\xa9"},
	    {"raw caf\xc3\xa9", "raw caf\xc3\xa9"},
	    {"=?utf-8?Q?open", "=?utf-8?Q?open"},
	    {"=?gb2312?B?1tDOxA==?=", "\xe4\xb8\xad\xe6\x96\x87"},
	    {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac"},
	    {"a=?utf-8?Q?b?=c", "abc"},
	    {"tab\tand\x01 control", "tab and control"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = with_header(arena,
		    arena_printf(arena, "Subject: %s", cases[i].raw));
		assert_string_equal(r.subject, cases[i].want);
	}
}

static void
addresses(void **state)
{
	static const struct {
		const char *raw, *want;
		bool group;
	} cases[] = {
	    {"a@b.example", "/a@b.example;", false},
	    {"Amara Osei <Amara@Hospital.EXAMPLE>",
		"Amara Osei/Amara@hospital.example;", false},
	    {"\"Osei, Amara\" <a@b.example>, c@d.example",
		"Osei, Amara/a@b.example;/c@d.example;", false},
	    {"=?utf-8?Q?Zo=C3=AB?= <z@b.example>", "Zo\xc3\xab/z@b.example;",
		false},
	    {"Zo\xeb <z@b.example>", "Zo\xc3\xab/z@b.example;", false},
	    {"team: a@b.example, c@d.example;", "/a@b.example;/c@d.example;",
		true},
	    {"undisclosed-recipients:;", "", true},
	    {"a@b.example (Amara)", "Amara/a@b.example;", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = with_header(arena,
		    arena_printf(arena, "From: %s", cases[i].raw));
		const char *got = "";
		for (size_t k = 0; k < r.from.count; k++)
			got = arena_printf(arena, "%s%s/%s;", got,
			    r.from.items[k].name, r.from.items[k].addr);
		assert_string_equal(got, cases[i].want);
		assert_int_equal(r.from.group, cases[i].group);
	}
}

static void
two_from(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r =
	    with_header(arena, "From: a@b.example\nFrom: c@d.example");

	(void)state;
	assert_int_equal(r.from.count, 2);
}

static void
ids(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = with_header(arena,
	    "Message-ID:\n <A1@b.example>\nIn-Reply-To: <c@d> (of Monday)\n"
	    "References: <r1@x>\n\t<r2@x> <>\nDate: Wed, 18 Nov 2026 11:06:40 "
	    "+0100\nReceived: from Out.Example (x [1.2.3.4]) by MX.example\n"
	    "\twith ESMTP id 5; Wed, 18 Nov 2026 10:06:41 +0000");
	struct record none =
	    with_header(arena, "Message-ID: <>\nIn-Reply-To: your mail\nX: y");

	(void)state;
	assert_string_equal(r.message_id, "<A1@b.example>");
	assert_string_equal(r.in_reply_to, "<c@d>");
	assert_int_equal(r.reference_count, 2);
	assert_string_equal(r.references[1], "<r2@x>");
	assert_int_equal(r.date_at, 1794996400);
	assert_int_equal(r.received_count, 1);
	assert_string_equal(r.received[0].from, "out.example");
	assert_string_equal(r.received[0].by, "mx.example");
	assert_string_equal(record_header(&r, "in-reply-to"),
	    "<c@d> (of Monday)");
	assert_null(record_header(&r, "Cc"));
	assert_string_equal(none.message_id, "");
	assert_string_equal(none.in_reply_to, "");
}

static void
bodies_of_wrong_charset(void **state)
{
	static const struct {
		const char *type, *raw, *want;
	} cases[] = {
	    {"text/plain; charset=iso-8859-1", "\x93x\x94 \x80",
		"\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac"},
	    {"text/plain; charset=us-ascii", "caf\xe9", "caf\xc3\xa9"},
	    {"text/plain; charset=utf-8", "caf\xe9", "caf\xc3\xa9"},
	    {"text/plain; charset=utf-8*fr", "caf\xc3\xa9", "caf\xc3\xa9"},
	    {"text/plain", "caf\xc3\xa9", "caf\xc3\xa9"},
	    {"text/plain", "\x1b$BF|\x1b(B", "\xe6\x97\xa5"},
	    {"text/plain; charset=x-unknown", "caf\xe9", "caf\xc3\xa9"},
	    {"text/plain; charset=koi8-r", "\xc4\xc1", "\xd0\xb4\xd0\xb0"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = mail_parse(arena,
		    arena_printf(arena, "Subject: x\nContent-Type: %s\n\n%s\n",
			cases[i].type, cases[i].raw));
		assert_string_equal(mail_segments(arena, &r.bodies[0]),
		    arena_printf(arena, "N0|%s\n", cases[i].want));
	}
}

static void
nul_in_text(void **state)
{
	static const char raw[] = "Subject: a\0b\n\nx\0y\n";
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse_bytes(arena, raw, sizeof(raw) - 1);

	(void)state;
	assert_string_equal(mail_segments(arena, &r.bodies[0]), "N0|xy\n");
}

static void
no_message(void **state)
{
	static const char *const raws[] = {"", "\n\nx", "no header here\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(raws); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		int fd CLEANUP(io_close)
		= memfd_create("mail", MFD_CLOEXEC);
		struct record record;
		struct err err = {.text = ""};
		assert_int_equal(io_write_all(fd, raws[i], strlen(raws[i]),
				     &err),
		    0);
		assert_int_equal(parse_message(arena, fd, NULL, &record, &err),
		    ERR_INPUT);
		assert_int_equal(err.blame, BLAME_SENDER);
	}
}

static void
content_key(void **state)
{
	static const char body[] =
	    "Message-ID: <a@b>\nFrom: c@d.example\n\nx\n";
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record first = mail_parse(arena, body);
	struct record again =
	    mail_parse(arena, arena_printf(arena,
				  "Received: from x by y; z\n"
				  "Authentication-Results: y; dmarc=pass\n%s",
				  body));
	struct record other =
	    mail_parse(arena, arena_printf(arena, "%sy\n", body));

	(void)state;
	assert_int_equal(strlen(first.content_key), 64);
	assert_string_equal(first.content_key, again.content_key);
	assert_string_not_equal(first.content_key, other.content_key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subjects),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(two_from),
	    cmocka_unit_test(ids),
	    cmocka_unit_test(bodies_of_wrong_charset),
	    cmocka_unit_test(nul_in_text),
	    cmocka_unit_test(no_message),
	    cmocka_unit_test(content_key),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
