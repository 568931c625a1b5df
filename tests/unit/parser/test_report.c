/* Delivery reports, and what servers write instead of them. */
#include "mail.h"

static const char *
recipients(struct arena *arena, const struct record *r)
{
	const char *all = "";

	for (size_t i = 0; i < r->report.recipient_count; i++)
		all = arena_printf(arena, "%s%s %s %s;", all,
		    r->report.recipients[i].addr,
		    r->report.recipients[i].action,
		    r->report.recipients[i].status);
	return all;
}

static void
standard(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena,
	    "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    " boundary=b\n\n--b\n\nsorry\n"
	    "--b\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.example\n\n"
	    "Final-Recipient: rfc822; Amara@hospital.example\n"
	    "Action: Failed\nStatus: 5.1.1 (no such user)\n\n"
	    "Original-Recipient: rfc822;b@c.example\n"
	    "Action: delayed\nStatus: 4.4.7\n"
	    "--b\nContent-Type: message/rfc822\n\n"
	    "Message-ID: <out-1@lscp.example>\nSubject: return\n\n"
	    "words\nReply code: KF7Q-29MX (please leave this line in)\n"
	    "--b--\n");

	(void)state;
	assert_true(r.report.is_dsn);
	assert_false(r.report.looks_bounce);
	assert_string_equal(recipients(arena, &r),
	    "amara@hospital.example failed 5.1.1;b@c.example delayed 4.4.7;");
	assert_int_equal(r.report.returned_id_count, 2);
	assert_string_equal(r.report.returned_ids[0], "<out-1@lscp.example>");
	assert_string_equal(r.report.returned_ids[1], "KF7Q-29MX");
}

static const struct {
	const char *name, *mail, *want;
} g_cases[] = {
    {"qmail",
	"From: MAILER-DAEMON@mx.example\nTo: l@lscp.example\n"
	"Subject: failure notice\n\n"
	"Hi. This is the qmail-send program at mx.example.\n"
	"I'm afraid I wasn't able to deliver your message to the following "
	"addresses.\nThis is a permanent error; I've given up.\n\n"
	"<amara@hospital.example>:\n550 5.1.1 user unknown\n\n"
	"--- Below this line is a copy of the message.\n\n"
	"Message-ID: <out-1@lscp.example>\nTo: other@hospital.example\n",
	"amara@hospital.example failed 5.1.1;"},
    {"exim",
	"From: Mail Delivery System <Mailer-Daemon@mx.example>\n"
	"X-Failed-Recipients: amara@hospital.example\n"
	"Subject: Mail delivery failed: returning message to sender\n\n"
	"A message that you sent could not be delivered.\n\n"
	"  amara@hospital.example\n    unrouteable address\n\n"
	"Message-ID: <out-1@lscp.example>\n",
	"amara@hospital.example failed ;"},
    {"a delay",
	"From: MAILER-DAEMON@mx.example\nSubject: Warning: could not send "
	"message for past 4 hours\n\nThis is a warning message only. You do "
	"not need to resend your message.\n"
	"Delivery to <amara@hospital.example> delayed: 4.4.1 timeout\n\n"
	"Message-ID: <out-1@lscp.example>\n",
	"amara@hospital.example delayed 4.4.1;"},
};

static void
by_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = mail_parse(arena, g_cases[i].mail);
		const char *got = recipients(arena, &r);
		if (!r.report.looks_bounce || strcmp(got, g_cases[i].want) != 0)
			fail_msg("%s: %s", g_cases[i].name, got);
		assert_int_equal(r.report.returned_id_count, 1);
		assert_string_equal(r.report.returned_ids[0],
		    "<out-1@lscp.example>");
	}
}

/* People, and machines that are merely away, are no bounce. */
static void
no_bounce(void **state)
{
	static const struct {
		const char *mail;
	} mails[] = {
	    {"From: amara@hospital.example\n"
	     "Subject: Re: Undeliverable mail\n"
	     "In-Reply-To: <x@lscp.example>\n\n"
	     "Mail to bo@hospital.example was returned: user unknown.\n"},
	    {"Return-Path: <>\nFrom: amara@hospital.example\n"
	     "Subject: Automatic reply: return\n\n"
	     "I am away until 3 May. Ask bo@hospital.example.\n"},
	    {"From: amara@hospital.example\nSubject: return\n\n"
	     "Our staff cannot reach the mailbox ward@hospital.example.\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mails); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = mail_parse(arena, mails[i].mail);
		assert_false(r.report.looks_bounce);
		assert_int_equal(r.report.recipient_count, 0);
		assert_int_equal(r.report.returned_id_count, 0);
	}
}

static void
read_receipt(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena,
	    "From: amara@hospital.example\nSubject: Read: return\n"
	    "Content-Type: multipart/report; boundary=b;\n"
	    " report-type=disposition-notification\n\n--b\n\nread\n"
	    "--b\nContent-Type: message/disposition-notification\n\n"
	    "Final-Recipient: rfc822;amara@hospital.example\n"
	    "Original-Message-ID: <out-1@lscp.example>\n"
	    "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n");

	(void)state;
	assert_true(r.report.is_mdn);
	assert_false(r.report.is_dsn);
	assert_int_equal(r.report.recipient_count, 0);
	assert_string_equal(r.report.returned_ids[0], "<out-1@lscp.example>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(standard),
	    cmocka_unit_test(by_words),
	    cmocka_unit_test(no_bounce),
	    cmocka_unit_test(read_receipt),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
