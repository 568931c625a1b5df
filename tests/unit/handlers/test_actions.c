/* Actions: made by a review, told to their owners, changed by the long form
 * and by short answers, and how they are shown. */
#include "handlers/actions.h"
#include "handlers/return.h"
#include "tests/unit/handlers/fixture.h"

#define LAURA "laura.carver@fmht.example"            /* MHT, lead */
#define JAYA  "jaya.patel@fairbourne-icb.example"    /* chairs QA */
#define COLIN "colin.moss@fairbourne-police.example" /* POL, lead */

static const char REVIEW[] = "Form: review-action\n"
			     "Source: RR-2026-01\n"
			     "Group: QA\n";
static const char ROW_1[] = "== 1 ==\n"
			    "Title: Induction pack\n"
			    "Text: Write a pack for bank staff\n"
			    "Lead agency: NHT\n"
			    "Owner: " AMARA "\n"
			    "Due: 30 April 2026\n"
			    "Success measure: All know whom to call\n"
			    "Evidence expected: The pack\n";
static const char ROW_2[] = "== 2 ==\n"
			    "Text: Check that supervision is written down\n"
			    "Lead agency: NHT\n"
			    "Owner: " AMARA "\n"
			    "Due: 31/03/2026\n"
			    "Success measure: Twenty files show it\n"
			    "Evidence expected: A dip sample\n";
static const char ROW_3[] = "== 3 ==\n"
			    "Title: Share the learning\n"
			    "Text: Share it with all wards\n"
			    "Lead agency: MHT\n"
			    "Owner: " LAURA "\n"
			    "Due: 2026-05-15\n"
			    "Success measure: Each team discussed it\n"
			    "Evidence expected: Minutes\n";

/* As the engine asks: short answers before returns. */
static int
take(struct intake *intake, struct err *err)
{
	int taken = handler_find("command")->take(intake, err);

	if (taken == 0)
		taken = handler_find("short-answer")->take(intake, err);
	return taken == 0 ? return_take(intake, err) : taken;
}

static void
send(struct fixture *f, const char *from, const char *text)
{
	assert_int_equal(mail_in(f, &(struct given){.from = from, .text = text},
			     take),
	    1);
}

static void
reply_to(struct fixture *f, int64_t mail, const char *from, const char *text)
{
	const struct given given = {.from = from,
	    .text = text,
	    .answers = mail};

	assert_int_equal(mail_in(f, &given, take), 1);
}

/* The newest mail of that topic to them. */
static struct outbox
mail_to(struct fixture *f, const char *recipient, const char *topic)
{
	struct outbox mail;

	for (int64_t id = f->outbox; id > 0; id--) {
		assert_int_equal(outbox_find(f->store, f->arena, id, &mail,
				     &f->err),
		    1);
		if (strcmp(mail.recipient, recipient) == 0 &&
		    strcmp(mail.topic, topic) == 0)
			return mail;
	}
	fail_msg("no %s to %s", topic, recipient);
	return mail;
}

static const char *
text_of(struct fixture *f, int64_t mail)
{
	const char *text = "";

	OK(f, outbox_text(f->store, f->arena, mail, &text, &f->err));
	return text;
}

static struct action
the_action(struct fixture *f, const char *ref)
{
	struct action action;

	assert_int_equal(action_find(f->store, f->arena, ref, &action, &f->err),
	    1);
	return action;
}

static void
assert_action(struct fixture *f, const char *ref, const char *status,
    const char *derived, const char *shown)
{
	struct action action = the_action(f, ref);

	assert_string_equal(action.status, status);
	assert_string_equal(action.brag_derived, derived);
	assert_string_equal(action.brag_shown, shown);
}

static size_t
update_count(struct fixture *f, const char *ref)
{
	struct action_updates updates;

	OK(f, action_list_updates(f->store, f->arena, the_action(f, ref).id,
		  &updates, &f->err));
	return updates.count;
}

static const char *
join(struct fixture *f, const char *a, const char *b, const char *c)
{
	return arena_printf(f->arena, "%s%s%s%s", REVIEW, a, b, c);
}

/* A-0001 and A-0002 of Amara, A-0003 of Laura. */
static void
make_three(struct fixture *f)
{
	send(f, PRIYA, join(f, ROW_1, ROW_2, ROW_3));
	assert_string_equal(f->intake.outcome.outcome, "filed");
}

static int64_t
amaras_mail(struct fixture *f)
{
	return mail_to(f, AMARA, "new-actions").id;
}

/* --- made ------------------------------------------------------------------- */

static void
rows_become_actions(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	assert_string_equal(f->intake.outcome.ref, "R-000001");
	assert_return(f, "R-000001", "returned", 1);
	struct action action = the_action(f, "A-0001");
	assert_string_equal(action.title, "Induction pack");
	assert_string_equal(action.source, "RR-2026-01");
	assert_string_equal(action.group_code, "QA");
	assert_string_equal(action.priority, "normal");
	assert_string_equal(action.owner_email, AMARA);
	assert_int_equal(action.due_day, date_parse_iso("2026-04-30"));
	assert_action(f, "A-0001", "open", "grey", "grey");
	assert_string_equal(the_action(f, "A-0002").title,
	    "Check that supervision is written down");
	assert_string_equal(the_action(f, "A-0003").agency_code, "MHT");

	struct outbox told = mail_to(f, AMARA, "new-actions");
	assert_string_equal(told.kind, "request");
	assert_string_equal(told.ref, "A-0001;A-0002");
	assert_non_null(strstr(text_of(f, told.id), "A-0002"));
	assert_null(strstr(text_of(f, told.id), "A-0003"));
	assert_string_equal(mail_to(f, LAURA, "new-actions").ref, "A-0003");
	struct outbox receipt = mail_to(f, PRIYA, "receipt");
	assert_non_null(strstr(text_of(f, receipt.id), "A-0003"));
}

static void
right_rows_act_and_wrong_ones_come_back(void **state)
{
	struct fixture *f = *state;
	const char *wrong = "== 2 ==\n"
			    "Text: Check supervision\n"
			    "Lead agency: NHT\n"
			    "Owner: " LAURA "\n"
			    "Due: 31/03/2026\n"
			    "Success measure: x\n"
			    "Evidence expected: y\n";

	send(f, PRIYA, join(f, ROW_1, wrong, ""));
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_return(f, "R-000001", "incomplete", 1);
	assert_int_equal(count_actions(f, "R-000001", "open"), 1);
	struct outbox problems = mail_to(f, PRIYA, "problems");
	assert_non_null(strstr(text_of(f, problems.id), "A-0001 is made"));
	assert_non_null(
	    strstr(text_of(f, problems.id), "does not work for the lead"));

	reply_to(f, problems.id, PRIYA, "A: " BEN "\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_return(f, "R-000001", "returned", 2);
	assert_int_equal(count_actions(f, "R-000001", "open"), 2);
	assert_string_equal(the_action(f, "A-0002").owner_email, BEN);
}

static void
only_staff_and_the_chair_make_actions(void **state)
{
	static const struct {
		const char *from, *outcome, *reason;
	} cases[] = {
	    {AMARA, "problems", "not allowed"},
	    {COLIN, "problems", "not allowed"}, /* a member of QA */
	    {JAYA, "filed", ""},
	    {PRIYA, "filed", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		send(f, cases[i].from, join(f, ROW_1, "", ""));
		assert_string_equal(f->intake.outcome.outcome,
		    cases[i].outcome);
		assert_string_equal(f->intake.outcome.reason, cases[i].reason);
	}
	struct actions all;
	OK(f,
	    action_list(f->store, f->arena,
		&(struct action_filter){.which = ACTIONS_ALL}, &all, &f->err));
	assert_int_equal(all.count, 2);
}

/* --- the long form --------------------------------------------------------------- */

static void
the_long_form_updates(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	send(f, AMARA,
	    "Form: action-update\n"
	    "== A-0001 ==\n"
	    "Status: at risk\n"
	    "Progress: The printer is late\n"
	    "Percent: 60\n"
	    "== a-0002 ==\n"
	    "Status: stuck\n"
	    "Progress: No access\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_string_equal(newest_mail(f).topic, "action-receipt");
	assert_string_equal(newest_mail(f).ref, "A-0001;A-0002");
	assert_action(f, "A-0001", "open", "green", "amber");
	assert_action(f, "A-0002", "open", "green", "red");
	assert_string_equal(the_action(f, "A-0001").percent, "60");
	assert_says(f, "stuck");

	/* One action is meant where the mail is about one. */
	reply_to(f, mail_to(f, LAURA, "new-actions").id, LAURA,
	    "Status: done\nProgress: All teams\nPercent: 100\n"
	    "Evidence: Minutes of six teams\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_action(f, "A-0003", "done", "green", "green");
	assert_says(f, "We will look at what shows it.");
}

static void
who_may_update(void **state)
{
	static const struct {
		const char *from, *outcome;
	} cases[] = {
	    {COLIN, "problems"}, /* a lead, but elsewhere */
	    {DEVI, "problems"},  /* of the agency, but no lead */
	    {BEN, "filed"},      /* the owner's deputy */
	    {PRIYA, "filed"},
	};
	struct fixture *f = *state;

	make_three(f);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		send(f, cases[i].from,
		    arena_printf(f->arena,
			"Form: action-update\n== A-0001 ==\n"
			"Status: on track\nProgress: step %zu\n",
			i));
		assert_string_equal(f->intake.outcome.outcome,
		    cases[i].outcome);
	}
	assert_int_equal(update_count(f, "A-0001"), 2);
	send(f, COLIN,
	    "Form: action-update\n== A-0001 ==\nStatus: done\n"
	    "Progress: x\nEvidence: y\n");
	assert_string_equal(f->intake.outcome.reason, "not allowed");
	assert_int_equal(update_count(f, "A-0001"), 2);
}

static void
a_foreign_row_comes_back_alone(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	send(f, AMARA,
	    "Form: action-update\n"
	    "== A-0001 ==\nStatus: on track\nProgress: fine\n"
	    "== A-0003 ==\nStatus: on track\nProgress: fine\n"
	    "== A-0099 ==\nStatus: on track\nProgress: fine\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_string_equal(newest_mail(f).topic, "action-problems");
	assert_int_equal(update_count(f, "A-0001"), 1);
	assert_int_equal(update_count(f, "A-0003"), 0);
	assert_says(f, "looked after by somebody else");
	assert_says(f, "A-0099");
	/* Not even the title of what is somebody else's. */
	assert_silent(f, "Share the learning");
}

/* --- short answers ------------------------------------------------------------------ */

static void
short_answers_update(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	reply_to(f, amaras_mail(f), AMARA,
	    "Hello\n\n1 done - pack in use since 3 March,\nboard paper\n"
	    "2 on track - ten files looked at\n\nSorry about the wait\n\n"
	    "Kind regards\nAmara\n");
	assert_became(f, "filed", "receipt", "R-000002");
	assert_string_equal(the_return(f, "R-000002").form, "action-update");
	assert_string_equal(the_answer(f, "R-000002", "updates", "A-0001",
				"evidence"),
	    "pack in use since 3 March,\nboard paper");
	assert_string_equal(the_answer(f, "R-000002", "updates", "A-0002",
				"status"),
	    "on track");
	assert_action(f, "A-0001", "done", "green", "green");
	assert_action(f, "A-0002", "open", "green", "green");
	assert_says(f, "Sorry about the wait");
}

static void
done_alone_asks_what_shows_it(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	reply_to(f, amaras_mail(f), AMARA, "1 done\n");
	assert_became(f, "problems", "problems", "R-000002");
	assert_string_equal(newest_mail(f).topic, "action-problems");
	assert_return(f, "R-000002", "returned", 1);
	assert_action(f, "A-0001", "done", "green", "green");
	assert_false(the_action(f, "A-0001").has_evidence);
	assert_says(f, "Nothing shows it yet");
	/* The other action of hers is numbered on. */
	assert_says(f, "A-0002");

	reply_to(f, f->outbox, AMARA, "1 done - the spot check of 2 March\n");
	assert_became(f, "filed", "receipt", "R-000003");
	assert_true(the_action(f, "A-0001").has_evidence);
}

static void
a_file_is_evidence(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	const struct given given = {.from = AMARA,
	    .text = "1 done\n",
	    .file_name = "board paper.pdf",
	    .answers = amaras_mail(f)};
	assert_int_equal(mail_in(f, &given, take), 1);
	assert_became(f, "filed", "receipt", "R-000002");
	assert_true(the_action(f, "A-0001").has_evidence);
	assert_says(f, "board paper.pdf");
}

static void
more_time_waits_for_staff(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	reply_to(f, mail_to(f, LAURA, "new-actions").id, LAURA,
	    "1 need until 29 May - our trainer is on leave\n");
	assert_string_equal(f->intake.outcome.outcome, "filed");
	struct action action = the_action(f, "A-0003");
	assert_int_equal(action.due_day, date_parse_iso("2026-05-15"));
	assert_int_equal(action.wants_day, date_parse_iso("2026-05-29"));
	assert_string_equal(action.wants_reason, "our trainer is on leave");
	assert_string_equal(action.status, "open");
	assert_string_equal(mail_to(f, PRIYA, "staff-notice").ref, "A-0003");
	/* Without a reason it is not kept, and asked for. */
	reply_to(f, mail_to(f, LAURA, "new-actions").id, LAURA,
	    "need until 30 June\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_int_equal(the_action(f, "A-0003").wants_day,
	    date_parse_iso("2026-05-29"));
}

static void
on_track_after_its_day_is_asked_about(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	fixture_at(f, T0 + 42 * DAY_S); /* 7 April */
	OK(f, store_begin(f->store, &f->err));
	OK(f, actions_refresh(&f->desk, &f->err));
	OK(f, store_commit(f->store, &f->err));
	assert_action(f, "A-0002", "open", "red", "red");
	assert_action(f, "A-0001", "open", "amber", "amber");
	send(f, AMARA, "A-0002 on track - nearly there\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_int_equal(update_count(f, "A-0002"), 1);
	assert_action(f, "A-0002", "open", "red", "red");
	assert_says(f, "need until");
	assert_says(f, "late");
}

static void
what_is_not_understood_comes_back(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"1: nearly there\n", "could not tell how it stands"},
	    {"7 done - x\n", "no such number"},
	    {"done - all of it\n", "which action you mean"},
	    {"1 need until soon - ill\n", "could not read the date"},
	    {"1 need until 1 March 2026 - ill\n", "date is over"},
	};
	struct fixture *f = *state;

	make_three(f);
	fixture_at(f, T0 + 14 * DAY_S);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		reply_to(f, amaras_mail(f), AMARA, cases[i].text);
		assert_string_equal(f->intake.outcome.outcome, "problems");
		assert_string_equal(newest_mail(f).topic, "action-problems");
		assert_says(f, cases[i].says);
		assert_says(f, "stuck");
	}
	assert_int_equal(update_count(f, "A-0001"), 0);
	/* Beside what is understood it comes back too. */
	reply_to(f, amaras_mail(f), AMARA,
	    "1 on track - x\n2: hm\n7 done - y\n");
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_int_equal(update_count(f, "A-0001"), 1);
	assert_int_equal(update_count(f, "A-0002"), 0);
	assert_says(f, "hm");
	assert_says(f, "7");
}

static void
others_are_asked_by_people(void **state)
{
	struct fixture *f = *state;

	make_three(f);
	reply_to(f, amaras_mail(f), AMARA, "2 not me - Ben Tate\n");
	assert_string_equal(f->intake.outcome.outcome, "attention");
	assert_string_equal(f->intake.outcome.reason, "free text");
	assert_string_equal(mail_to(f, AMARA, "not-me").kind, "notice");
	struct outbox told = mail_to(f, PRIYA, "staff-notice");
	assert_string_equal(told.ref, "A-0002");
	assert_non_null(strstr(text_of(f, told.id), "Ben Tate"));
	reply_to(f, amaras_mail(f), AMARA, "please call me\n");
	assert_string_equal(f->intake.outcome.outcome, "attention");
	told = mail_to(f, AMARA, "please-call");
	assert_non_null(strstr(text_of(f, told.id), "020 7946 0301"));
	assert_int_equal(update_count(f, "A-0002"), 0);
}

/* Prose, or words in a mail that is none of ours, are nobody's answer. */
static void
prose_is_left_alone(void **state)
{
	static const char *const texts[] = {
	    "We are on track to see you on Monday.\n",
	    "Could somebody tell me what is meant?\n",
	    "1 of us is ill\n",
	};
	struct fixture *f = *state;

	make_three(f);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct given given = {.from = AMARA,
		    .text = texts[i],
		    .answers = amaras_mail(f)};
		assert_int_equal(mail_in(f, &given, take), 0);
	}
	const struct given given = {.from = AMARA, .text = "1 done - x\n"};
	assert_int_equal(mail_in(f, &given, take), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_become_actions),
	    TEST(right_rows_act_and_wrong_ones_come_back),
	    TEST(only_staff_and_the_chair_make_actions),
	    TEST(the_long_form_updates),
	    TEST(who_may_update),
	    TEST(a_foreign_row_comes_back_alone),
	    TEST(short_answers_update),
	    TEST(done_alone_asks_what_shows_it),
	    TEST(a_file_is_evidence),
	    TEST(more_time_waits_for_staff),
	    TEST(on_track_after_its_day_is_asked_about),
	    TEST(what_is_not_understood_comes_back),
	    TEST(others_are_asked_by_people),
	    TEST(prose_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
