/* Rounds: who is asked, what is refused, closing; what comes back from mail
 * servers and answering machines. */
#include "handlers/actions.h"
#include "handlers/rounds.h"
#include "tests/unit/handlers/fixture.h"

static int
run(struct fixture *f, const struct rounds_open_request *request,
    struct rounds_report *report)
{
	struct err err = {0};

	*report = (struct rounds_report){0};
	OK(f, store_begin(f->store, &f->err));
	int failed = rounds_open(&f->desk, request, report, &err);
	OK(f, store_commit(f->store, &f->err));
	f->err = err;
	find_newest(f);
	return failed;
}

static struct rounds_open_request
asking(const char *ref, const char *const *agencies, size_t count)
{
	return (struct rounds_open_request){.ref = ref,
	    .form = "section-11",
	    .due_day = date_parse_iso("2026-03-27"),
	    .agencies = agencies,
	    .agency_count = count};
}

static bool
reports(const struct rounds_report *report, const char *words)
{
	for (size_t i = 0; i < report->count; i++)
		if (strstr(report->lines[i], words) != NULL)
			return true;
	return false;
}

static void
leads_are_asked_else_deputies(void **state)
{
	static const char *const agencies[] = {"NHT", "hous", "FSCP", "NHT"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("s11-2026", agencies, 4);

	assert_int_equal(run(f, &request, &report), 0);
	assert_int_equal(report.requests, 3);
	assert_int_equal(report.mails, 2);
	assert_int_equal(report.unsent, 1);
	assert_true(reports(&report, AMARA));
	assert_true(reports(&report, "FSCP: not sent"));
	assert_string_equal(request_state(f, "S11-2026/NHT"), "sent");
	assert_string_equal(request_state(f, "S11-2026/FSCP"), "not_sent");
	/* The lead of HOUS is away: the deputy is asked. */
	assert_string_equal(newest_mail(f).recipient,
	    "nina.cole@hillside-housing.example");
	assert_string_equal(newest_mail(f).ref, "S11-2026/HOUS");
	assert_string_equal(newest_mail(f).kind, "request");
	assert_says(f, "Friday 27 March 2026");
	assert_says(f, "--- form S11-2026/HOUS");
	assert_says(f, "8 standards");
	assert_says(f, "HOUS.xlsx");
}

static void
all_agencies_with_a_lead_are_asked(void **state)
{
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("S11-2026", NULL, 0);

	assert_int_equal(run(f, &request, &report), 0);
	assert_true(report.requests > 10);
	assert_int_equal(report.unsent, 0);
	assert_true(reports(&report, "FSCP: not asked"));
	assert_string_equal(request_state(f, "S11-2026/GRN"), "sent");
}

static void
what_cannot_be_is_refused(void **state)
{
	static const char *const nobody[] = {"NHT", "NOBODY"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request good = asking("S11-2026", nobody, 1);
	struct rounds_open_request cases[] = {good, good, good, good, good,
	    good};
	static const char *const says[] = {"over", "form", "NOBODY",
	    "letters, digits", "numbered", "taken"};

	cases[0].due_day = date_parse_iso("2026-02-23");
	cases[1].form = "section-12";
	cases[2].agency_count = 2;
	cases[3].ref = "S11/2026";
	cases[4].ref = "r-000001";
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (i == 5) {
			assert_int_equal(run(f, &good, &report), 0);
			cases[5].ref = "s11-2026";
		}
		assert_int_equal(run(f, &cases[i], &report), ERR_INPUT);
		if (strstr(f->err.text, says[i]) == NULL)
			fail_msg("%zu: %s", i, f->err.text);
	}
	struct rounds all;
	OK(f, round_list_awaiting(f->store, f->arena, "section-11", 0, &all,
		  &f->err));
	assert_int_equal(all.count, 1);
}

static void
a_dry_run_changes_nothing(void **state)
{
	static const char *const agencies[] = {"NHT"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("S11-2026", agencies, 1);
	struct round round;

	request.mode = ROUNDS_DRY_RUN;
	assert_int_equal(run(f, &request, &report), 0);
	assert_true(reports(&report, AMARA));
	assert_int_equal(round_find(f->store, f->arena, "S11-2026", &round,
			     &f->err),
	    0);
	assert_int_equal(f->outbox, 0);
}

static int
close_it(struct fixture *f, const char *ref, struct rounds_report *report)
{
	struct err err = {0};

	OK(f, store_begin(f->store, &f->err));
	int failed = rounds_close(&f->desk, ref, ROUNDS_APPLY, report, &err);
	OK(f, store_commit(f->store, &f->err));
	f->err = err;
	return failed;
}

static void
closing_ends_the_waiting(void **state)
{
	static const char *const agencies[] = {"NHT", "MHT"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("S11-2026", agencies, 2);

	assert_int_equal(run(f, &request, &report), 0);
	fixture_at(f, T0 + 35 * DAY_S); /* Tuesday 31 March */
	assert_int_equal(close_it(f, "s11-2026", &report), 0);
	assert_int_equal(report.requests, 2);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "non_return");
	struct request late;
	assert_int_equal(request_find_ref(f->store, f->arena, "S11-2026/NHT",
			     &late, &f->err),
	    1);
	assert_int_equal(late.late_days, 2);
	assert_int_equal(close_it(f, "S11-2026", &report), ERR_INPUT);
	assert_int_equal(close_it(f, "S11-2027", &report), ERR_NOT_FOUND);
}

static void
lateness_is_counted_in_working_days(void **state)
{
	static const char *const agencies[] = {"NHT"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("S11-2026", agencies, 1);
	struct request late;

	assert_int_equal(run(f, &request, &report), 0);
	fixture_at(f, T0 + 34 * DAY_S); /* Monday 30 March, due on Friday */
	OK(f, store_begin(f->store, &f->err));
	OK(f, requests_refresh(&f->desk, &f->err));
	OK(f, store_commit(f->store, &f->err));
	assert_int_equal(request_find_ref(f->store, f->arena, "S11-2026/NHT",
			     &late, &f->err),
	    1);
	assert_int_equal(late.late_days, 1);
}

/* --- reports and absences ------------------------------------------------------- */

static struct record_recipient g_recipient;
static const char *g_returned;
static struct record_header g_auto = {"Auto-Submitted", "auto-replied"};

static int
report_in(struct intake *intake, struct err *err)
{
	struct record record = *intake->record;

	record.report = (struct record_report){.is_dsn = true,
	    .recipients = &g_recipient,
	    .recipient_count = 1,
	    .returned_ids = &g_returned,
	    .returned_id_count = 1};
	intake->record = &record;
	int taken = handler_find("delivery-report")->take(intake, err);
	intake->record = NULL;
	return taken;
}

static struct contact
the_contact(struct fixture *f, const char *email)
{
	struct contact contact;

	assert_int_equal(contact_find(f->store, f->arena, email, &contact,
			     &f->err),
	    1);
	return contact;
}

static void
failed_mails_mark_their_recipient(void **state)
{
	static const char *const agencies[] = {"NHT"};
	struct fixture *f = *state;
	struct rounds_report report;
	struct rounds_open_request request = asking("S11-2026", agencies, 1);
	const struct given dsn = {.from = "mailer-daemon@northbank.example"};

	assert_int_equal(run(f, &request, &report), 0);
	struct outbox sent = newest_mail(f);

	const struct {
		const char *id, *action, *outcome, *reason;
		bool bounced;
	} cases[] = {
	    {"<else@where.example>", "failed", "ignored", "not ours", false},
	    {sent.message_id, "delayed", "bounce", "", false},
	    {sent.message_id, "delivered", "bounce", "", false},
	    {sent.token, "failed", "bounce", "", true},
	    {sent.message_id, "failed", "bounce", "", true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		g_returned = cases[i].id;
		g_recipient =
		    (struct record_recipient){AMARA, cases[i].action, "5.1.1"};
		assert_int_equal(mail_in(f, &dsn, report_in), 1);
		assert_string_equal(f->intake.outcome.outcome,
		    cases[i].outcome);
		assert_string_equal(f->intake.outcome.reason, cases[i].reason);
		assert_int_equal(the_contact(f, AMARA).bounced_at != 0,
		    cases[i].bounced);
	}
	/* The server is never answered. */
	int64_t count, last_at;
	OK(f, outbox_ask(f->store,
		  &(struct outbox_question){.recipient = dsn.from,
		      .kind = "",
		      .topic = "",
		      .ref = ""},
		  &count, &last_at, &f->err));
	assert_int_equal(count, 0);
}

static int
absence_in(struct intake *intake, struct err *err)
{
	struct record record = *intake->record;

	record.headers = &g_auto;
	record.header_count = 1;
	intake->record = &record;
	int taken = handler_find("absence")->take(intake, err);
	intake->record = NULL;
	return taken;
}

static int
unproven_absence_in(struct intake *intake, struct err *err)
{
	intake->is_proven = false;
	return absence_in(intake, err);
}

static void
absences_are_noted(void **state)
{
	struct fixture *f = *state;
	const struct given away = {.from = AMARA,
	    .subject = "Automatic reply: Section 11",
	    .text = "I am on leave until 14 March.\n"};

	assert_int_equal(mail_in(f, &away, unproven_absence_in), 1);
	assert_string_equal(f->intake.outcome.outcome, "ignored");
	assert_int_equal(the_contact(f, AMARA).absent_day, DAY_NONE);
	assert_int_equal(mail_in(f, &away, absence_in), 1);
	assert_string_equal(f->intake.outcome.reason, "auto-reply");
	assert_int_equal(the_contact(f, AMARA).absent_day,
	    date_parse_iso("2026-03-14"));
	assert_int_equal(f->outbox, 0);
	const struct given stranger = {.from = "jo@elsewhere.example",
	    .subject = "Out of office",
	    .text = "back on 3 March\n"};
	assert_int_equal(mail_in(f, &stranger, absence_in), 1);
	assert_string_equal(f->intake.outcome.outcome, "ignored");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(leads_are_asked_else_deputies),
	    TEST(all_agencies_with_a_lead_are_asked),
	    TEST(what_cannot_be_is_refused),
	    TEST(a_dry_run_changes_nothing),
	    TEST(closing_ends_the_waiting),
	    TEST(lateness_is_counted_in_working_days),
	    TEST(failed_mails_mark_their_recipient),
	    TEST(absences_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
