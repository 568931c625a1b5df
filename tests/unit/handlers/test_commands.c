/* Commands by mail, short answers about returns and requests. */
#include "handlers/return.h"
#include "handlers/rounds.h"
#include "tests/unit/handlers/forms_text.h"

#define LAURA "laura.carver@fmht.example"   /* MHT, lead */
#define RUTH  "ruth.scott@scrutiny.example" /* scrutineer */

static int
take(struct intake *intake, struct err *err)
{
	int taken = handler_find("command")->take(intake, err);

	if (taken == 0)
		taken = handler_find("short-answer")->take(intake, err);
	return taken == 0 ? return_take(intake, err) : taken;
}

static int
try(struct fixture *f, const char *from, const char *subject, const char *text)
{
	return mail_in(f,
	    &(struct given){.from = from, .subject = subject, .text = text},
	    take);
}

static void
ask(struct fixture *f, const char *from, const char *subject, const char *text)
{
	if (try(f, from, subject, text) != 1)
		fail_msg("nobody takes \"%s\", \"%s\"", subject, text);
}

static void
reply_to(struct fixture *f, int64_t mail, const char *from, const char *text)
{
	const struct given given = {.from = from,
	    .text = text,
	    .answers = mail};

	if (mail_in(f, &given, take) != 1)
		fail_msg("nobody takes \"%s\"", text);
}

/* By the door of lscpctl, so that its mails are there. */
static void
open_s11(struct fixture *f, const char *due)
{
	static const char *const agencies[] = {"NHT", "MHT", "PROB"};
	struct rounds_report report;

	OK(f, store_begin(f->store, &f->err));
	OK(f, rounds_open(&f->desk,
		  &(struct rounds_open_request){.ref = "S11-2026",
		      .form = "section-11",
		      .due_day = date_parse_iso(due),
		      .agencies = agencies,
		      .agency_count = 3},
		  &report, &f->err));
	OK(f, store_commit(f->store, &f->err));
	find_newest(f);
}

static int64_t
request_mail(struct fixture *f, const char *ref, const char *recipient)
{
	struct outbox mail;

	assert_int_equal(outbox_find_ref(f->store, f->arena, ref, recipient,
			     &mail, &f->err),
	    1);
	return mail.id;
}

static struct request
the_request(struct fixture *f, const char *ref)
{
	struct request request;

	assert_int_equal(request_find_ref(f->store, f->arena, ref, &request,
			     &f->err),
	    1);
	return request;
}

static int64_t
count_mails(struct fixture *f, const char *recipient, const char *kind)
{
	int64_t count, last_at;

	OK(f, outbox_ask(f->store,
		  &(struct outbox_question){.recipient = recipient,
		      .kind = kind,
		      .topic = "",
		      .ref = ""},
		  &count, &last_at, &f->err));
	return count;
}

/* --- what is a command ------------------------------------------------------- */

static void
commands_are_found(void **state)
{
	static const struct {
		const char *subject, *text, *topic; /* NULL: it is none */
	} cases[] = {
	    {"help", "", "help"},
	    {"RE: Fw:  Help! ", "Thanks\n", "help"},
	    {"Re: [LSCP R-000001] [EXTERNAL] help", "", "help"},
	    {"A question", "help please\n\nAmara\n", "help"},
	    {"A question", "\n\n  HELP\n", "help"},
	    {"mine", "", "mine"},
	    {"x", "mine\n", "mine"},
	    {"status S11-2026/NHT", "", "status"},
	    {"Status: s11-2026/nht", "", "status"},
	    {"template section-11", "", "template"},
	    {"Template Section 11 self-assessment", "", "template"},
	    {"template section-12", "", "help"},
	    {"template", "", "help"},
	    {"withdraw", "", "help"},
	    {"withdraw R-000099", "", "status"},
	    {"help wanted in the ward", "", NULL},
	    {"helpful words", "", NULL},
	    {"status update of our actions", "", NULL},
	    {"Question", "Hello\nhelp\n", NULL},
	    {"Question", "mine is the red one\n", NULL},
	    {"withdraw the application", "", NULL},
	};
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int taken = try(f, AMARA, cases[i].subject, cases[i].text);
		if (taken != (cases[i].topic != NULL))
			fail_msg("\"%s\", \"%s\": %d", cases[i].subject,
			    cases[i].text, taken);
		if (taken == 0)
			continue;
		assert_string_equal(f->intake.outcome.outcome, "answered");
		if (strcmp(newest_mail(f).topic, cases[i].topic) != 0)
			fail_msg("\"%s\": %s, not %s", cases[i].subject,
			    newest_mail(f).topic, cases[i].topic);
		assert_int_equal(newest_mail(f).counts, 1);
	}
}

static void
templates_go_where_they_are_asked_for(void **state)
{
	struct fixture *f = *state;

	ask(f, AMARA, "template training-return", "");
	assert_string_equal(newest_mail(f).kind, "template");
	assert_string_equal(newest_mail(f).ref, "");
	assert_says(f, "--- form training-return");
	open_s11(f, "2026-02-27");
	ask(f, AMARA, "template section-11", "");
	assert_string_equal(newest_mail(f).ref, "S11-2026/NHT");
	assert_says(f, "--- form S11-2026/NHT");
	assert_says(f, "Friday 27 February");
	assert_says(f, "section-11.csv");
	ask(f, AMARA, "template section-12", "");
	assert_says(f, "no form called section-12");
	assert_says(f, "training-return");
}

static void
mine_lists_what_is_open(void **state)
{
	struct fixture *f = *state;

	ask(f, AMARA, "mine", "");
	assert_says(f, "Nothing is open");
	open_s11(f, "2026-02-27");
	ask(f, AMARA, "mine", "");
	assert_says(f, "S11-2026/NHT");
	assert_says(f, "Friday 27 February");
	assert_silent(f, "MHT");
	ask(f, HELEN, "mine", ""); /* an executive does not send returns */
	assert_says(f, "Nothing is open");
}

static void
status_is_for_those_who_may_see(void **state)
{
	static const struct {
		const char *from, *ref;
		int found;
	} cases[] = {
	    {AMARA, "R-000001", 1},
	    {AMARA, "r-000001", 1},
	    {BEN, "R-000001", 1},
	    {PRIYA, "R-000001", 1},
	    {RUTH, "R-000001", 1},
	    {LAURA, "R-000001", 0},
	    {AMARA, "S11-2026/NHT", 1},
	    {LAURA, "S11-2026/NHT", 0},
	    {AMARA, "S11-2026", 1},
	    {VERA, "S11-2026", 0},
	    {AMARA, "A-0001", 1},
	    {LAURA, "A-0001", 0},
	    {AMARA, "F-0001", 1},
	    {LAURA, "F-0001", 0},
	    {AMARA, "R-000099", 0},
	    {AMARA, "F-0099", 0},
	    {AMARA, "M-0001", 0},
	};
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	ask(f, AMARA, "Our return",
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5, S11_LOW));
	assert_string_equal(f->intake.outcome.outcome, "filed");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ask(f, cases[i].from,
		    arena_printf(f->arena, "status %s", cases[i].ref), "");
		assert_string_equal(f->intake.outcome.outcome, "answered");
		bool found = strstr(newest_text(f), "We have nothing") == NULL;
		if (found != (cases[i].found != 0))
			fail_msg("%s of %s: %s", cases[i].ref, cases[i].from,
			    newest_text(f));
	}
	ask(f, AMARA, "status S11-2026", "");
	assert_silent(f, "MHT");
	ask(f, PRIYA, "status S11-2026", "");
	assert_says(f, "MHT");
}

static void
check_stores_nothing(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	ask(f, AMARA, "check",
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5,
		"Score: Mostly\n"));
	assert_string_equal(f->intake.outcome.outcome, "answered");
	assert_string_equal(newest_mail(f).kind, "notice");
	assert_says(f, "Mostly");
	struct submission none;
	assert_int_equal(submission_find(f->store, f->arena, "R-000001", &none,
			     &f->err),
	    0);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "sent");
}

/* An old subject above a new form: the form counts. */
static void
a_form_beats_an_old_subject(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	ask(f, AMARA, "Re: template section-11", s11_whole(f));
	assert_string_equal(f->intake.outcome.outcome, "filed");
}

/* --- withdraw ---------------------------------------------------------------- */

static void
withdrawing_asks_again(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	assert_int_equal(count_mails(f, AMARA, "request"), 1);
	ask(f, AMARA, "Our return", s11_whole(f));
	reply_to(f, f->outbox, BEN, "withdraw\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_string_equal(f->intake.outcome.ref, "R-000001");
	assert_return(f, "R-000001", "withdrawn", 1);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "sent");
	assert_int_equal(count_mails(f, AMARA, "request"), 2);
	assert_int_equal(count_mails(f, BEN, "receipt"), 1);

	ask(f, AMARA, "Our return", s11_whole(f));
	ask(f, LAURA, "withdraw R-000002", "");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_return(f, "R-000002", "returned", 1);
	assert_int_equal(count_mails(f, AMARA, "request"), 2);
	/* In a line of its own, below a greeting. */
	reply_to(f, request_mail(f, "S11-2026/NHT", AMARA), AMARA,
	    "Hello\n\nwithdraw\n");
	assert_return(f, "R-000002", "withdrawn", 1);
}

/* --- short answers about returns ------------------------------------------------ */

static void
letters_put_right(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	ask(f, AMARA, "Our return",
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5,
		"Score: Mostly\n"));
	assert_string_equal(f->intake.outcome.outcome, "problems");
	reply_to(f, f->outbox, AMARA,
	    "Hello\n\nA: 2\nThanks\nAmara Okafor\nNamed Nurse\n");
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "2");
	reply_to(f, f->outbox, AMARA,
	    "a) The training log,\nkept by the ward\n\nRegards\nAmara\n");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"evidence"),
	    "The training log,\nkept by the ward");
}

static void
unknown_letters_come_back(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	ask(f, AMARA, "Our return",
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5,
		"Score: Mostly\n"));
	int64_t problems = f->outbox;
	reply_to(f, problems, AMARA, "D: 2\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_string_equal(newest_mail(f).topic, "problems");
	assert_says(f, "no such number or letter");
	assert_return(f, "R-000001", "incomplete", 1);
	/* Twice and differently: neither counts. */
	reply_to(f, problems, AMARA, "A: 2\nA: 3\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "");
	/* A letter of a mail to somebody else is nobody's. */
	assert_int_equal(try(f, AMARA, "x", "A: 2\n"), 0);
}

static void
more_time_is_kept(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	int64_t request = request_mail(f, "S11-2026/NHT", AMARA);
	reply_to(f, request, AMARA, "need until 6 March - two of us are ill\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_string_equal(f->intake.outcome.ref, "S11-2026/NHT");
	struct request kept = the_request(f, "S11-2026/NHT");
	assert_int_equal(kept.wants_day, date_parse_iso("2026-03-06"));
	assert_string_equal(kept.wants_reason, "two of us are ill");
	assert_int_equal(kept.due_day, date_parse_iso("2026-02-27"));
	assert_string_equal(kept.state, "sent");
	assert_int_equal(count_mails(f, AMARA, "receipt"), 1);
	assert_int_equal(count_mails(f, PRIYA, "notice"), 1);
	/* A day that cannot be read is told. */
	reply_to(f, request, AMARA, "need until a bit later\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_says(f, "could not read the date");
	/* With part of the form: both. */
	reply_to(f, request, AMARA,
	    "need until 10 March - still ill\n\nCompleted by: Amara Okafor\n");
	assert_string_equal(f->intake.outcome.ref, "R-000001");
	assert_int_equal(the_request(f, "S11-2026/NHT").wants_day,
	    date_parse_iso("2026-03-10"));
	assert_return(f, "R-000001", "incomplete", 1);
}

static void
people_are_passed_on(void **state)
{
	struct fixture *f = *state;

	open_s11(f, "2026-02-27");
	reply_to(f, request_mail(f, "S11-2026/NHT", AMARA), AMARA,
	    "Not me - Ben Tate\n");
	assert_string_equal(f->intake.outcome.outcome, "attention");
	assert_string_equal(f->intake.outcome.ref, "S11-2026/NHT");
	assert_int_equal(count_mails(f, AMARA, "notice"), 1);
	reply_to(f, request_mail(f, "S11-2026/NHT", AMARA), AMARA,
	    "Please call me\n");
	assert_string_equal(f->intake.outcome.outcome, "attention");
	assert_string_equal(f->intake.outcome.reason, "free text");
	assert_int_equal(count_mails(f, PRIYA, "notice"), 2);
	/* "Done" says nothing of a return that is not here. */
	const struct given done = {.from = AMARA,
	    .text = "done\n",
	    .answers = request_mail(f, "S11-2026/NHT", AMARA)};
	assert_int_equal(mail_in(f, &done, take), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(commands_are_found),
	    TEST(templates_go_where_they_are_asked_for),
	    TEST(mine_lists_what_is_open),
	    TEST(status_is_for_those_who_may_see),
	    TEST(check_stores_nothing),
	    TEST(a_form_beats_an_old_subject),
	    TEST(withdrawing_asks_again),
	    TEST(letters_put_right),
	    TEST(unknown_letters_come_back),
	    TEST(more_time_is_kept),
	    TEST(people_are_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
