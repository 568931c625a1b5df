/* The structure of messages: bodies, parts and where they lie, flags. */
#include <glib.h>
#include <stdio.h>

#include "base/sha256.h"
#include "mail.h"

/* A multipart of that type; parts are given with their headers. */
static struct record
parse_parts(struct arena *arena, const char *type, const char *parts)
{
	return mail_parse(arena,
	    arena_printf(arena,
		"From: a@b.example\nSubject: x\nContent-Type: %s; boundary=b\n"
		"\n%s--b--\n",
		type, parts));
}

static struct record
parse_file(struct arena *arena, const char *header, const char *content)
{
	return parse_parts(arena, "multipart/mixed",
	    arena_printf(arena, "--b\n\nhello\n--b\n%s\n\n%s\n", header,
		content));
}

static void
names(void **state)
{
	static const struct {
		const char *header, *want;
	} cases[] = {
	    {"Content-Type: a/b; name=\"x y.pdf\"", "x y.pdf"},
	    {"Content-Type: a/b; name=\"=?utf-8?Q?caf=C3=A9.pdf?=\"",
		"caf\xc3\xa9.pdf"},
	    {"Content-Type: a/b\n"
	     "Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf",
		"caf\xc3\xa9.pdf"},
	    {"Content-Type: a/b\nContent-Disposition: attachment;\n"
	     " filename*0=\"long \";\n filename*1=\"name.pdf\"",
		"long name.pdf"},
	    {"Content-Type: a/b; name=caf\xe9.pdf", "caf\xc3\xa9.pdf"},
	    {"Content-Type: a/b", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = parse_file(arena, cases[i].header, "x");
		assert_int_equal(r.part_count, 1);
		assert_string_equal(r.parts[0].name, cases[i].want);
		assert_string_equal(r.parts[0].type, "a/b");
		assert_int_equal(r.body_count, 1);
	}
}

static void
verdicts(void **state)
{
	static const struct {
		const char *name, *content;
		enum record_verdict want;
		bool macros;
	} cases[] = {
	    {"a.pdf", "%PDF-1.7 x", PART_KEPT, false},
	    {"a.pdf", "%PDF-1.7 x /Encrypt 5 0 R", PART_ENCRYPTED, false},
	    {"a.xlsx", "PK\3\4\24.\6.xxxxx", PART_UNREADABLE, false},
	    {"a.xlsm", "PK\3\4\24.\6.xxxxx", PART_UNREADABLE, true},
	    {"a.xlsx", "PK\3\4\24.\6.xl/vbaProject.bin", PART_UNREADABLE, true},
	    {"a.docx", "PK\3\4\24.\6.xxxxx", PART_UNREADABLE, false},
	    {"a.xlsx", "PK\3\4\24.\7.xxxxx", PART_ENCRYPTED, false},
	    {"a.xlsx", "hello", PART_UNREADABLE, false},
	    {"a.xlsx", "", PART_UNREADABLE, false},
	    {"a.xls", "\xd0\xcf\x11\xe0xxxx", PART_OLD_FORMAT, false},
	    {"a.doc", "\xd0\xcf\x11\xe0xxxx", PART_OLD_FORMAT, false},
	    {"winmail.dat", "x\x9f>\"", PART_WINMAIL, false},
	    {"a", "x\x9f>\"", PART_WINMAIL, false},
	    {"a.zip", "PK\3\4\24.\7.xxxxx", PART_ENCRYPTED, false},
	    {"a.zip", "PK\3\4\24.\6.xxxxx", PART_KEPT, false},
	    {"smime.p7m", "0\x82", PART_ENCRYPTED, false},
	    {"message.rpmsg", "x", PART_LABELLED, false},
	    {"a", "\x76\xe8\4`", PART_LABELLED, false},
	    {"a.pfile", "x", PART_LABELLED, false},
	    {"a.switch", "x", PART_WRAPPED, false},
	    {"a.html", "<p>Open this Egress Secure mail</p>", PART_WRAPPED,
		false},
	    {"a.numbers", "PK\3\4\24.\6.xxxxx", PART_OLD_FORMAT, false},
	    {"a", "PK\3\4\24.\6.xxxxx", PART_KEPT, false},
	    {"a.json", "{}", PART_READ, false},
	    {"a.json", "{", PART_UNREADABLE, false},
	    {"a.txt", "x", PART_KEPT, false},
	    {"a.ics", "BEGIN:VCALENDAR\nMETHOD:REPLY\n", PART_CALENDAR, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		char *content =
		    g_base64_encode((const guchar *)cases[i].content,
			strlen(cases[i].content));
		struct record r = parse_file(arena,
		    arena_printf(arena,
			"Content-Type: application/octet-stream; name=\"%s\"\n"
			"Content-Transfer-Encoding: base64",
			cases[i].name),
		    content);
		g_free(content);
		if (r.parts[0].verdict != cases[i].want ||
		    r.parts[0].macros != cases[i].macros)
			fail_msg("%s %s: %d", cases[i].name, cases[i].content,
			    (int)r.parts[0].verdict);
		assert_int_equal(r.parts[0].bytes, strlen(cases[i].content));
	}
}

static void
encrypted_package(void **state)
{
	static const char package[] =
	    "\xd0\xcf\x11\xe0...."
	    "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	char *content =
	    g_base64_encode((const guchar *)package, sizeof(package));
	struct record r = parse_file(arena,
	    "Content-Type: a/b; name=a.xlsx\n"
	    "Content-Transfer-Encoding: base64",
	    content);

	(void)state;
	g_free(content);
	assert_int_equal(r.parts[0].verdict, PART_ENCRYPTED);
}

/* What `show` and `part` will read again stands where the record says. */
static void
places(void **state)
{
	static const char mail[] =
	    "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nhello\n"
	    "--b\nContent-Type: text/plain; name=a.txt\n"
	    "Content-Transfer-Encoding: base64\n\naGVs\nbG8=\n"
	    "--b\nContent-Type: message/rfc822\n\n"
	    "Subject: inner\nMessage-ID: <i@x>\n\nwords\n"
	    "--b--\n";
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena, mail);
	char hex[SHA256_HEX_BYTES];

	(void)state;
	assert_int_equal(r.part_count, 2);
	assert_string_equal(arena_strndup(arena, mail + r.parts[0].offset,
				r.parts[0].raw_bytes),
	    "aGVs\nbG8=");
	assert_int_equal(r.parts[0].bytes, 5);
	sha256_of("hello", 5, hex);
	assert_string_equal(r.parts[0].sha256, hex);
	assert_string_equal(r.parts[0].text, "hello");
	assert_int_equal(r.parts[1].verdict, PART_MESSAGE);
	assert_string_equal(arena_strndup(arena, mail + r.parts[1].offset,
				r.parts[1].raw_bytes),
	    "Subject: inner\nMessage-ID: <i@x>\n\nwords\n");
	assert_non_null(strstr(r.parts[1].text, "words"));
	assert_int_equal(r.body_count, 1);
}

static void
whole_or_cut(void **state)
{
	static const struct {
		const char *mail;
		bool cut;
	} cases[] = {
	    {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
		false},
	    {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n", true},
	    {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n",
		true},
	    {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
	     "aGVsbG8=\n",
		false},
	    {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
	     "aGVsbG8\n",
		true},
	    {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
	     "aGVsb\n",
		true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = mail_parse(arena,
		    arena_printf(arena, "Subject: x\n%s", cases[i].mail));
		if (r.is_cut != cases[i].cut)
			fail_msg("%s", cases[i].mail);
	}
}

static void
both_bodies(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = parse_parts(arena, "multipart/alternative",
	    "--b\nContent-Type: text/plain\n\nplain\n"
	    "--b\nContent-Type: text/html\n\n<p>html</p>\n"
	    "--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN\n");

	(void)state;
	assert_int_equal(r.body_count, 2);
	assert_int_equal(r.bodies[1].kind, BODY_HTML);
	assert_true(r.has_calendar);
	assert_string_equal(r.calendar_method, "reply");
	assert_string_equal(r.content_type, "multipart/alternative");
}

static void
text_of_attached_mail_is_no_body(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = parse_parts(arena, "multipart/mixed",
	    "--b\nContent-Type: message/rfc822\n\nSubject: y\n\nScore: 3\n");

	(void)state;
	assert_int_equal(r.body_count, 0);
	assert_int_equal(r.part_count, 1);
}

static void
signed_and_sealed(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record clear = parse_parts(arena, "multipart/signed",
	    "--b\n\nreadable\n--b\nContent-Type: "
	    "application/pkcs7-signature; name=smime.p7s\n\nx\n");
	struct record sealed = mail_parse(arena,
	    "Subject: x\nContent-Type: application/pkcs7-mime; "
	    "smime-type=enveloped-data; name=smime.p7m\n\nx\n");
	struct record pgp = parse_parts(arena, "multipart/encrypted",
	    "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
	    "--b\nContent-Type: application/octet-stream\n\nx\n");

	(void)state;
	assert_true(clear.is_signed);
	assert_false(clear.is_encrypted);
	assert_string_equal(mail_segments(arena, &clear.bodies[0]),
	    "N0|readable\n");
	assert_true(sealed.is_encrypted);
	assert_true(pgp.is_encrypted);
}

/* Hostile shapes end quickly, and say so. */
static void
too_much(void **state)
{
	static const struct {
		const char *head, *again;
		int times;
	} cases[] = {
	    {"Content-Type: multipart/mixed; boundary=b\n\n",
		"--b\nContent-Type: multipart/mixed; boundary=b\n\n", 10000},
	    {"", "Content-Type: message/rfc822\n\n", 60000},
	    {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n",
		100000},
	    {"Cc: ", "a:", 100000},
	    {"Content-Type: text/html\n\n<a ", "b=1 ", 60000},
	    {"Content-Type: text/html\n\n", "<div>", 2000},
	    {"\n", "x\n", 200000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct buf mail CLEANUP(buf_done);
		buf_init(&mail, (size_t)16 * 1024 * 1024);
		buf_printf(&mail, "Subject: x\n%s", cases[i].head);
		for (int k = 0; k < cases[i].times; k++)
			buf_puts(&mail, cases[i].again);
		struct record r = mail_parse_bytes(arena, mail.data, mail.len);
		if (!r.over_limit)
			fail_msg("%s is within the limits", cases[i].again);
		assert_string_equal(r.subject, "x");
	}
}

/* A multipart that has no parts hides nothing. */
static void
loose_text(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena,
	    "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--c\n\nwords\n");

	(void)state;
	assert_int_equal(r.body_count, 1);
	assert_non_null(strstr(mail_segments(arena, &r.bodies[0]), "words"));
	assert_true(r.is_cut);
}

static void
old_mac_line_ends(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena, "Subject: x\r\ra\r> b\r");

	(void)state;
	assert_string_equal(mail_segments(arena, &r.bodies[0]), "N0|a\nQ1|b\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(verdicts),
	    cmocka_unit_test(encrypted_package),
	    cmocka_unit_test(places),
	    cmocka_unit_test(whole_or_cut),
	    cmocka_unit_test(both_bodies),
	    cmocka_unit_test(text_of_attached_mail_is_no_body),
	    cmocka_unit_test(signed_and_sealed),
	    cmocka_unit_test(too_much),
	    cmocka_unit_test(loose_text),
	    cmocka_unit_test(old_mac_line_ends),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
