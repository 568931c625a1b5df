/* Returns from their first mail to their last: what is stored, and the answer. */
#include "handlers/return.h"
#include "tests/unit/handlers/forms_text.h"

/* Corrections by letter of the newest mail, as a short answer brings them. */
static const struct form_entry *g_entries;
static size_t g_entry_count;
static const char *g_ref;

static int
deed_amend(struct intake *intake, struct err *err)
{
	struct submission submission;

	if (submission_find(intake->desk->store, intake->desk->arena, g_ref,
		&submission, err) != 1)
		return -1;
	return return_amend(intake, &submission, g_entries, g_entry_count, err);
}

static int
deed_withdraw(struct intake *intake, struct err *err)
{
	struct submission submission;

	if (submission_find(intake->desk->store, intake->desk->arena, g_ref,
		&submission, err) != 1)
		return -1;
	return return_withdraw(intake, &submission, err);
}

static void
send(struct fixture *f, const char *from, const char *text)
{
	const struct given given = {.from = from, .text = text};

	assert_int_equal(mail_in(f, &given, return_take), 1);
}

/* As a reply to the newest mail of ours. */
static void
reply(struct fixture *f, const char *from, const char *text)
{
	const struct given given = {.from = from,
	    .text = text,
	    .answers = f->outbox};

	assert_int_equal(mail_in(f, &given, return_take), 1);
}

/* `A: text` to the newest mail. */
static void
answer_letter(struct fixture *f, const char *from, const char *label,
    const char *text)
{
	struct outbox_item item;
	assert_int_equal(outbox_find_item(f->store, f->arena, f->outbox, label,
			     &item, &f->err),
	    1);
	assert_string_equal(item.kind, "answer");
	const struct form_entry entry = {.tbl = item.tbl,
	    .row = item.row,
	    .field = item.field,
	    .text = text,
	    .origin = "",
	    .fault = ""};
	const struct given given = {.from = from,
	    .text = "",
	    .answers = f->outbox};

	g_entries = &entry;
	g_entry_count = 1;
	g_ref = item.ref;
	assert_int_equal(mail_in(f, &given, deed_amend), 1);
}

static void
withdraw(struct fixture *f, const char *from, const char *ref)
{
	const struct given given = {.from = from, .text = "withdraw"};

	g_ref = ref;
	assert_int_equal(mail_in(f, &given, deed_withdraw), 1);
}

static void
open_s11(struct fixture *f)
{
	open_round(f, "S11-2026", "section-11", "2026-02-27",
	    "NHT;LA;GRN;PROB");
}

/* --- filing ---------------------------------------------------------------- */

static void
a_whole_return_is_filed(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA, s11_whole(f));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_return(f, "R-000001", "returned", 1);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
	assert_string_equal(the_answer(f, "R-000001", "standards", "3",
				"score"),
	    "2");
	assert_string_equal(the_return(f, "R-000001").round_ref, "S11-2026");
	assert_string_equal(newest_mail(f).recipient, AMARA);
	assert_says(f, "Named Nurse");
	assert_says(f, "attached copy");
	assert_silent(f, "counts as late");
}

static void
problems_are_lettered_and_put_right(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA,
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5,
		"Score: Mostly\n"));
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(newest_mail(f).topic, "problems");
	assert_return(f, "R-000001", "incomplete", 1);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "incomplete");
	assert_says(f, "Mostly");
	assert_says(f, "A:");
	assert_int_equal(newest_mail(f).counts, 0);

	answer_letter(f, AMARA, "A", "3");
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(newest_mail(f).topic, "incomplete");
	assert_return(f, "R-000001", "incomplete", 2);
	answer_letter(f, AMARA, "A", "The training log");
	answer_letter(f, AMARA, "A", "Fewer children wait");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_return(f, "R-000001", "returned", 4);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "3");
	assert_says(f, "WHAT IS NEW");
}

static void
lines_for_the_same_thing_merge(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA, "Form: section-11\nCompleted by: Amara Okafor\n");
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(newest_mail(f).topic, "incomplete");
	/* another person of the agency, another mail */
	send(f, BEN, s11_whole(f));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_return(f, "R-000001", "returned", 2);
}

static void
nothing_right_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct submission submission;

	open_s11(f);
	send(f, AMARA, "Form: section-11\nNumber of staff: many\n");
	assert_became(f, "problems", "problems", "S11-2026/NHT");
	assert_int_equal(submission_find(f->store, f->arena, "R-000001",
			     &submission, &f->err),
	    0);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "sent");
	assert_says(f, "could not keep it");
	assert_int_equal(newest_mail(f).counts, 1);
}

/* --- form, round, agency --------------------------------------------------------- */

static void
what_cannot_be_placed_is_not_kept(void **state)
{
	static const struct {
		const char *from, *head, *says, *reason;
	} cases[] = {
	    {AMARA, "Agency: LA\n", "You are not on our list", "not allowed"},
	    {AMARA, "Agency: Atlantis\n", "no agency called Atlantis", ""},
	    {AMARA, "Round: S11-1999\n", "anything called S11-1999", ""},
	    {DEVI, "", "has to come from", "not allowed"},
	    {HELEN, "", "has to come from", "not allowed"},
	    {"laura.carver@fmht.example", "", "not asking", ""},
	    {"laura.carver@fmht.example", "Round: S11-2026\n", "did not ask",
		""},
	    {PRIYA, "", "which agency", ""},
	};
	struct fixture *f = *state;
	struct submission submission;

	open_s11(f);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		send(f, cases[i].from,
		    s11_with(f,
			arena_printf(f->arena, "Form: section-11\n%s%s",
			    cases[i].head, S11_APPROVED),
			0, ""));
		assert_string_equal(f->intake.outcome.outcome, "problems");
		assert_string_equal(f->intake.outcome.reason, cases[i].reason);
		assert_string_equal(newest_mail(f).kind, "problems");
		assert_says(f, cases[i].says);
	}
	assert_int_equal(submission_find(f->store, f->arena, "R-000001",
			     &submission, &f->err),
	    0);
}

static void
an_unknown_form_is_told(void **state)
{
	struct fixture *f = *state;

	send(f, AMARA, "Form: section-12\nCompleted by: me\n");
	assert_became(f, "problems", "problems", "");
	assert_says(f, "no form called section-12");
}

static void
free_text_is_no_return(void **state)
{
	struct fixture *f = *state;
	const struct given given = {.from = AMARA,
	    .text = "Could you call me about the audit?\n"};

	assert_int_equal(mail_in(f, &given, return_take), 0);
	assert_int_equal(f->outbox, 0);
	assert_string_equal(f->intake.reading.rest, given.text);
}

static void
staff_and_parents_send_for_others(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, PRIYA,
	    s11_with(f, "Form: section-11\nAgency: Northbank\n" S11_APPROVED, 0,
		""));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_return(f, "R-000001").agency_code, "NHT");
	send(f, VERA,
	    s11_with(f,
		"Form: section-11\nAgency: GRN\n"
		"Sign off by: joan.west@greenhill.example\n",
		0, ""));
	assert_became(f, "filed", "receipt", "R-000002");
	assert_string_equal(the_return(f, "R-000002").agency_code, "GRN");
}

static void
of_several_agencies_the_one_that_is_asked(void **state)
{
	struct fixture *f = *state;
	const char *text = s11_with(f,
	    "Form: section-11\nSign off by: joan.west@greenhill.example\n", 0,
	    "");

	open_s11(f);
	send(f, SAM, text);
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_return(f, "R-000001").agency_code, "GRN");
	open_round(f, "S11-X", "section-11", "2026-03-27", "GRN;ORCH");
	send(f, SAM, text);
	assert_became(f, "problems", "problems", "");
	assert_says(f, "Greenhill");
	assert_says(f, "Orchard");
}

static void
two_rounds_that_fit_are_listed(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	open_round(f, "S11-EXTRA", "section-11", "2026-04-30", "NHT");
	send(f, AMARA, s11_whole(f));
	assert_became(f, "problems", "problems", "");
	assert_says(f, "S11-2026");
	assert_says(f, "S11-EXTRA");
	send(f, AMARA,
	    s11_with(f, "Form: section-11\nRound: s11-extra\n" S11_APPROVED, 0,
		""));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(request_state(f, "S11-EXTRA/NHT"), "returned");
}

static void
thread_and_text_may_not_differ(void **state)
{
	static const char *const heads[] = {"Form: training-return\n",
	    "Round: S11-EXTRA\n", "Agency: LA\n"};
	struct fixture *f = *state;

	open_s11(f);
	open_round(f, "S11-EXTRA", "section-11", "2026-04-30", "NHT");
	send(f, AMARA,
	    s11_with(f, "Form: section-11\nRound: S11-2026\n" S11_APPROVED, 0,
		""));
	assert_became(f, "filed", "receipt", "R-000001");
	int64_t receipt = f->outbox;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		const struct given given = {.from = AMARA,
		    .text = arena_printf(f->arena,
			"%s== 5 ==\nScore: 2\nEvidence: another\n", heads[i]),
		    .answers = receipt};
		assert_int_equal(mail_in(f, &given, return_take), 1);
		assert_string_equal(f->intake.outcome.outcome, "problems");
		assert_says(f, "name only one of the two");
		assert_return(f, "R-000001", "returned", 1);
	}
}

static void
the_subject_names_it_too(void **state)
{
	struct fixture *f = *state;
	const struct given given = {.from = AMARA,
	    .subject = "AW: [LSCP S11-2026/NHT] Section 11 return",
	    .text = s11_with(f, S11_APPROVED, 0, "")};

	open_s11(f);
	open_round(f, "S11-EXTRA", "section-11", "2026-04-30", "NHT");
	assert_int_equal(mail_in(f, &given, return_take), 1);
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
}

/* A definition that changed while the round was open. */
static void
a_round_keeps_its_definition(void **state)
{
	struct fixture *f = *state;
	const struct form *today = forms_find(&f->forms, "section-11");
	struct form_faults faults = {0};
	struct form *newer;

	open_s11(f);
	const char *at = strstr(today->source, "version = 2");
	const char *label = strstr(today->source, "\"Job title\"");
	assert_true(at != NULL && label != NULL && label > at);
	const char *source = arena_printf(f->arena, "%.*sversion = 3%.*s%s%s",
	    (int)(at - today->source), today->source, (int)(label - at) - 11,
	    at + 11, "\"Position\"", label + 11);
	OK(f, form_parse(f->arena, source, "test", &faults, &newer, &f->err));
	for (size_t i = 0; i < f->forms.count; i++)
		if (f->forms.items[i] == today)
			f->forms.items[i] = newer;
	send(f, AMARA, s11_whole(f)); /* says Job title */
	assert_became(f, "filed", "receipt", "R-000001");
	assert_int_equal(the_return(f, "R-000001").form_version, 2);
	reply(f, AMARA, "Job title: Lead Nurse\n");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_answer(f, "R-000001", "", "", "role"),
	    "Lead Nurse");
}

static void
late_is_said(void **state)
{
	struct fixture *f = *state;
	const char *named = s11_with(f,
	    "Form: section-11\nRound: S11-2026\n" S11_APPROVED, 0, "");

	open_s11(f);
	fixture_at(f, T0 + 7 * DAY_S);
	close_round(f, "S11-2026");
	assert_string_equal(request_state(f, "S11-2026/NHT"), "non_return");
	send(f, AMARA, named);
	assert_became(f, "filed", "receipt", "R-000001");
	assert_says(f, "due by Friday 27 February");
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
}

/* --- once it is complete -------------------------------------------------------- */

static void
the_same_answers_are_a_duplicate(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA, s11_whole(f));
	int64_t receipt = f->outbox;
	send(f, AMARA, s11_whole(f));
	assert_became(f, "duplicate", "receipt", "R-000001");
	assert_true(f->outbox > receipt);
	assert_int_equal(newest_mail(f).answers, f->intake.message);
	assert_string_equal(newest_mail(f).ref, "R-000001");
	assert_return(f, "R-000001", "returned", 1);
}

static void
the_same_problems_are_a_duplicate(void **state)
{
	struct fixture *f = *state;
	const char *text = s11_with(f, "Form: section-11\n" S11_APPROVED, 5,
	    "Score: Mostly\n");

	open_s11(f);
	send(f, AMARA, text);
	send(f, AMARA, text);
	assert_became(f, "duplicate", "problems", "R-000001");
	assert_string_equal(f->intake.outcome.like, "problems");
	assert_return(f, "R-000001", "incomplete", 1);
}

static void
a_new_whole_return_replaces(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA,
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5, S11_LOW));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_int_equal(open_findings(f, "R-000001"), 1);
	assert_int_equal(count_actions(f, "R-000001", "proposed"), 1);
	send(f, BEN, s11_whole(f));
	assert_became(f, "filed", "receipt", "R-000002");
	assert_says(f, "R-000001");
	assert_return(f, "R-000001", "superseded", 1);
	assert_return(f, "R-000002", "returned", 1);
	assert_int_equal(open_findings(f, "R-000001"), 0);
	assert_int_equal(count_actions(f, "R-000001", "closed"), 1);
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
}

static void
a_part_beside_the_thread_unseats_nothing(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA, s11_whole(f));
	send(f, AMARA, "Form: section-11\nCompleted by: Somebody Else\n");
	assert_became(f, "problems", "problems", "R-000001");
	assert_says(f, "stands as it was");
	assert_silent(f, "STILL MISSING");
	assert_return(f, "R-000001", "returned", 1);
	assert_string_equal(the_answer(f, "R-000001", "", "", "completed_by"),
	    "Amara Okafor");
}

static void
a_reply_to_the_receipt_amends(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA,
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5, S11_LOW));
	reply(f, AMARA, "== 5 ==\nScore: 2\nEvidence: The training log\n");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_return(f, "R-000001", "returned", 2);
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "2");
	/* a better score closes what it had shown */
	assert_int_equal(open_findings(f, "R-000001"), 0);
	assert_int_equal(count_actions(f, "R-000001", "proposed"), 0);
}

static void
a_wrong_correction_unseats_nothing(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA, s11_whole(f));
	reply(f, AMARA, "== 5 ==\nScore: Mostly\n");
	assert_became(f, "problems", "problems", "R-000001");
	assert_return(f, "R-000001", "returned", 1);
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "2");
	assert_string_equal(request_state(f, "S11-2026/NHT"), "returned");
	answer_letter(f, AMARA, "A", "NA");
	/* NA needs its reason with it: the row stays as it was */
	assert_says(f, "lines again, together with what is missing");
	assert_silent(f, "reply with just this");
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(the_answer(f, "R-000001", "standards", "5",
				"score"),
	    "2");
	/* what is right of a correction is kept */
	reply(f, AMARA, "Completed by: Ben Tate\n== 5 ==\nScore: Mostly\n");
	assert_became(f, "problems", "problems", "R-000001");
	assert_return(f, "R-000001", "returned", 2);
	assert_string_equal(the_answer(f, "R-000001", "", "", "completed_by"),
	    "Ben Tate");
}

static void
time_makes_no_fault_of_what_stands(void **state)
{
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA,
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5, S11_LOW));
	fixture_at(f, T0 + 200 * DAY_S); /* the action's day is over */
	reply(f, AMARA, "Completed by: Ben Tate\n");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_return(f, "R-000001", "returned", 2);
	assert_string_equal(the_answer(f, "R-000001", "standards", "5", "due"),
	    "2026-05-14");
}

/* --- withdrawing ----------------------------------------------------------------- */

static void
who_may_withdraw(void **state)
{
	static const struct {
		const char *from, *outcome, *kind, *state;
	} cases[] = {
	    {DEVI, "problems", "problems", "returned"},
	    {"laura.carver@fmht.example", "problems", "problems", "returned"},
	    {BEN, "filed", "receipt", "withdrawn"},
	    {AMARA, "problems", "problems", "withdrawn"}, /* twice */
	};
	struct fixture *f = *state;

	open_s11(f);
	send(f, AMARA,
	    s11_with(f, "Form: section-11\n" S11_APPROVED, 5, S11_LOW));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		withdraw(f, cases[i].from, "R-000001");
		assert_string_equal(f->intake.outcome.outcome,
		    cases[i].outcome);
		assert_string_equal(newest_mail(f).kind, cases[i].kind);
		assert_return(f, "R-000001", cases[i].state, 1);
	}
	assert_string_equal(request_state(f, "S11-2026/NHT"), "sent");
	assert_int_equal(open_findings(f, "R-000001"), 0);
	assert_int_equal(count_actions(f, "R-000001", "closed"), 1);
	send(f, AMARA, s11_whole(f));
	assert_became(f, "filed", "receipt", "R-000002");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
	    T(a_whole_return_is_filed),
	    T(problems_are_lettered_and_put_right),
	    T(lines_for_the_same_thing_merge),
	    T(nothing_right_is_not_kept),
	    T(what_cannot_be_placed_is_not_kept),
	    T(an_unknown_form_is_told),
	    T(free_text_is_no_return),
	    T(staff_and_parents_send_for_others),
	    T(of_several_agencies_the_one_that_is_asked),
	    T(two_rounds_that_fit_are_listed),
	    T(thread_and_text_may_not_differ),
	    T(the_subject_names_it_too),
	    T(a_round_keeps_its_definition),
	    T(late_is_said),
	    T(the_same_answers_are_a_duplicate),
	    T(the_same_problems_are_a_duplicate),
	    T(a_new_whole_return_replaces),
	    T(a_part_beside_the_thread_unseats_nothing),
	    T(a_reply_to_the_receipt_amends),
	    T(a_wrong_correction_unseats_nothing),
	    T(time_makes_no_fault_of_what_stands),
	    T(who_may_withdraw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
