/* Whose words: plain text as mail programs of all kinds leave it. */
#include "mail.h"

static const struct {
	const char *name, *body, *want;
} g_cases[] = {
    {"new only", "done - pack in use\n", "N0|done - pack in use\n"},
    {"quote below",
	"Score: 2\n\nOn Tue, 3 Mar 2026 at 09:00, LSCP <l@l.example> wrote:\n"
	"> Hello\n> Amara\n",
	"N0|Score: 2\n\n"
	"Q1|On Tue, 3 Mar 2026 at 09:00, LSCP <l@l.example> wrote:\n"
	"Hello\nAmara\n"},
    {"attribution over lines",
	"yes\n\nOn Tuesday the 3rd of March 2026,\nLSCP team <l@l.example>\n"
	"wrote:\n\n> q\n",
	"N0|yes\n\nQ1|On Tuesday the 3rd of March 2026,\n"
	"LSCP team <l@l.example>\nwrote:\n\nq\n"},
    {"new text above an attribution stays new",
	"a@b is my address\nOp 16 aug. 2025 05:13 schreef \"c\" <c@d.example>\n"
	"het volgende geschreven:\n\n> q\n",
	"N0|a@b is my address\n"
	"Q1|Op 16 aug. 2025 05:13 schreef \"c\" <c@d.example>\n"
	"het volgende geschreven:\n\nq\n"},
    {"German", "ja\n\nAm 3. M\xc3\xa4rz 2026 schrieb X <x@x.example>:\n> q\n",
	"N0|ja\n\nQ1|Am 3. M\xc3\xa4rz 2026 schrieb X <x@x.example>:\nq\n"},
    {"inline replies", "> Score:\n2\n> What shows it:\nThe log\n> By when:\n",
	"Q1|Score:\nN0|2\nQ1|What shows it:\nN0|The log\nQ1|By when:\n"},
    {"depth", "> a\n>> b\n> > > c\n", "Q1|a\nQ2|b\nQ3|c\n"},
    {"Outlook",
	"B: 14 May 2026\n\n-----Original Message-----\nFrom: LSCP "
	"[mailto:l@l.example]\nSent: 3 March 2026 09:00\nTo: Amara\n"
	"Subject: return\n\nScore: 3\n",
	"N0|B: 14 May 2026\n\nQ1|-----Original Message-----\n"
	"From: LSCP [mailto:l@l.example]\nSent: 3 March 2026 09:00\n"
	"To: Amara\nSubject: return\n\nScore: 3\n"},
    {"Outlook, a rule",
	"see below\n________________________________\nFrom: LSCP\n"
	"Sent: 3 March 2026 09:00\nTo: Amara\nSubject: return\n\n"
	"--- form S11-2026/LGT ---\nScore: 3\n--- end of form ---\n",
	"N0|see below\nQ1|________________________________\nFrom: LSCP\n"
	"Sent: 3 March 2026 09:00\nTo: Amara\nSubject: return\n\n"
	"--- form S11-2026/LGT ---\nScore: 3\n--- end of form ---\n"},
    {"an older mail in an older mail",
	"ok\nFrom: A\nSent: 3 March\nTo: B\nSubject: s\n\nx\n"
	"From: C\nSent: 2 March\nTo: D\nSubject: s\n\ny\n",
	"N0|ok\nQ1|From: A\nSent: 3 March\nTo: B\nSubject: s\n\nx\n"
	"Q2|From: C\nSent: 2 March\nTo: D\nSubject: s\n\ny\n"},
    {"a form is no header block",
	"Form: section-11\nRound: S11-2026\nAgency: LGT\nDate: 3 March\n",
	"N0|Form: section-11\nRound: S11-2026\nAgency: LGT\nDate: 3 March\n"},
    {"marks of a form are no signature",
	"--- form S11 ---\nScore: 2\n--- end of form ---\n",
	"N0|--- form S11 ---\nScore: 2\n--- end of form ---\n"},
    {"signature", "yes\n\n-- \nAmara Osei\nNamed nurse\n",
	"N0|yes\n\nS0|--\nAmara Osei\nNamed nurse\n"},
    {"signature, then a quote", "yes\n-- \nAmara\n> q\n",
	"N0|yes\nS0|--\nAmara\nQ1|q\n"},
    {"a signature inside a quote", "> q\n> -- \n> Priya\nmine\n",
	"Q1|q\n--\nPriya\nN0|mine\n"},
    {"greeting", "Score: 2\n\nKind regards,\nAmara Osei\nTel: 020 7946 0000\n",
	"N0|Score: 2\n\nS0|Kind regards,\nAmara Osei\nTel: 020 7946 0000\n"},
    {"a greeting with answers behind it", "Thanks\n\nScore: 2\nDue: 3 May\n",
	"N0|Thanks\n\nScore: 2\nDue: 3 May\n"},
    {"answers behind a greeting in the middle", "Hi\nThanks\nB: 14 May 2026\n",
	"N0|Hi\nThanks\nB: 14 May 2026\n"},
    {"thanks alone", "Thank you.\n", "N0|Thank you.\n"},
    {"phone", "1 done - pack in use\n\nSent from my iPhone\n",
	"N0|1 done - pack in use\n\nS0|Sent from my iPhone\n"},
    {"a sentence that begins alike", "Sent from the board to all staff.\n",
	"N0|Sent from the board to all staff.\n"},
    {"forwarded",
	"fyi\n\n---------- Forwarded message ---------\n"
	"From: X <x@x.example>\nDate: Tue, 3 Mar\nSubject: s\nTo: y\n\nScore: "
	"3\n",
	"N0|fyi\n\nF1|---------- Forwarded message ---------\n"
	"From: X <x@x.example>\nDate: Tue, 3 Mar\nSubject: s\nTo: y\n\n"
	"Score: 3\n"},
    {"forwarded by Apple",
	"fyi\n\nBegin forwarded message:\n\nFrom: X <x@x.example>\n"
	"Subject: s\nDate: 3 March 2026\nTo: y\n\nScore: 3\n",
	"N0|fyi\n\nF1|Begin forwarded message:\n\nFrom: X <x@x.example>\n"
	"Subject: s\nDate: 3 March 2026\nTo: y\n\nScore: 3\n"},
    {"list footer",
	"hello\n_______________________________________________\n"
	"safeguarding mailing list\nx@lists.example\n",
	"N0|hello\nS0|_______________________________________________\n"
	"safeguarding mailing list\nx@lists.example\n"},
    {"the tail of a wrapped quote",
	"> Please tell us how Northbank Hospitals NHS Trust keeps children safe"
	" each\nday of the year\n> and night\n",
	"Q1|Please tell us how Northbank Hospitals NHS Trust keeps children "
	"safe each\nday of the year\nand night\n"},
    {"an answer below a long quote",
	"> Please tell us how Northbank Hospitals NHS Trust keeps children safe"
	" each\nWe do: 2\n> and night\n",
	"Q1|Please tell us how Northbank Hospitals NHS Trust keeps children "
	"safe each\nN0|We do: 2\nQ1|and night\n"},
    {"mailbox escape", ">From here on it is ours\n",
	"N0|From here on it is ours\n"},
    {"only CR LF", "a\r\n> b\r\n", "N0|a\nQ1|b\n"},
};

static void
segments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r =
		    mail_parse_body(arena, "text/plain", g_cases[i].body);
		assert_int_equal(r.body_count, 1);
		const char *got = mail_segments(arena, &r.bodies[0]);
		if (strcmp(got, g_cases[i].want) != 0)
			fail_msg("%s: %s", g_cases[i].name, got);
	}
}

static void
forward_by_subject(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena,
	    "From: a@a.example\nSubject: FW: return\n\nfyi\n\nFrom: X\n"
	    "Sent: 3 March 2026\nTo: y\nSubject: return\n\nScore: 3\n");

	(void)state;
	assert_string_equal(mail_segments(arena, &r.bodies[0]),
	    "N0|fyi\n\nF1|From: X\nSent: 3 March 2026\nTo: y\n"
	    "Subject: return\n\nScore: 3\n");
}

static void
flowed(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse_body(arena, "text/plain; format=flowed",
	    "What shows it: the supervision \nlog of the \nward\n"
	    "> quoted words that \n> were wrapped\n \nnext\n-- \nAmara\n");

	(void)state;
	assert_string_equal(mail_segments(arena, &r.bodies[0]),
	    "N0|What shows it: the supervision log of the ward\n"
	    "Q1|quoted words that were wrapped\n\nN0|next\nS0|--\nAmara\n");
	assert_int_equal(r.bodies[0].segments[1].line, 4);
}

static void
signed_in_text(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse_body(arena, "text/plain",
	    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
	    "Score: 2\n- --- end of form ---\n-----BEGIN PGP SIGNATURE-----\n\n"
	    "abc\n-----END PGP SIGNATURE-----\n");

	(void)state;
	assert_true(r.is_signed);
	assert_false(r.is_encrypted);
	assert_non_null(strstr(mail_segments(arena, &r.bodies[0]),
	    "N0|Score: 2\n--- end of form ---\nS0|"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments),
	    cmocka_unit_test(forward_by_subject),
	    cmocka_unit_test(flowed),
	    cmocka_unit_test(signed_in_text),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
