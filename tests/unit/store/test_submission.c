#include "fixture.h"
#include "store/action.h"
#include "store/round.h"
#include "store/submission.h"

static struct agency
lgt(struct fixture *f)
{
	struct agency agency;

	GIVES(f, 1, agency_find(f->store, f->arena, "LGT", &agency, &f->err));
	return agency;
}

static int64_t
add_round(struct fixture *f, const char *ref)
{
	const struct round_new round = {.ref = ref,
	    .form = "section-11",
	    .form_version = 1,
	    .title = "Section 11",
	    .source = "form \"section-11\" { }",
	    .due_day = date_parse_iso("2026-03-31"),
	    .opened_at = T0};
	int64_t id = 0;

	OK(f, round_open(f->store, &round, &id, &f->err));
	return id;
}

static int64_t
add_submission(struct fixture *f, const char *thing, const char *want_ref)
{
	char ref[REFERENCE_BYTES];
	int64_t id = 0;
	const struct submission_new submission = {.form = "section-11",
	    .form_version = 1,
	    .agency = lgt(f).id,
	    .thing = thing,
	    .sender = "Ana@lgt.example",
	    .received_at = T0,
	    .state = "incomplete"};

	OK(f, submission_add(f->store, &submission, &id, ref, &f->err));
	assert_string_equal(ref, want_ref);
	return id;
}

static void
references_are_never_reused(void **state)
{
	struct fixture *f = *state;
	char ref[REFERENCE_BYTES];

	begin(f);
	OK(f, reference_next(f->store, 'R', ref, &f->err));
	assert_string_equal(ref, "R-000001");
	OK(f, reference_next(f->store, 'A', ref, &f->err));
	assert_string_equal(ref, "A-0001");
	commit(f);
	/* What was rolled back was told to nobody. */
	begin(f);
	OK(f, reference_next(f->store, 'A', ref, &f->err));
	store_rollback(f->store);
	fixture_again(f);
	begin(f);
	OK(f, reference_next(f->store, 'A', ref, &f->err));
	assert_string_equal(ref, "A-0002");
	for (int i = 3; i <= 10000; i++)
		OK(f, reference_next(f->store, 'A', ref, &f->err));
	assert_string_equal(ref, "A-10000");
	commit(f);
}

static void
answers_have_versions(void **state)
{
	struct fixture *f = *state;
	struct answer first[] = {
	    {"", "", "completed_by", "A. Named", 1},
	    {"standards", "1", "score", "2", 2},
	    {"standards", "1", "evidence", "Old words", 3},
	};
	struct answer second[] = {
	    {"standards", "1", "score", "1", 2},
	    {"", "", "completed_by", "A. Named", 1},
	    {"standards", "1", "gap", "None", 4},
	};
	struct answers answers = {first, 3}, back;
	struct submission_change change = {.sender = "dan@lgt.example",
	    .state = "returned",
	    .at = T0 + 1,
	    .period = "2026-Q1"};
	struct submission_versions versions;
	struct submission submission;
	int version = 0;

	import_example(f);
	begin(f);
	int64_t id = add_submission(f, "section-11|LGT", "R-000001");
	change.message = add_message(f, "one");
	OK(f, submission_set_answers(f->store, id, 1, &answers, &f->err));
	OK(f, submission_amend(f->store, id, &change, &version, &f->err));
	assert_int_equal(version, 2);
	answers.items = second;
	OK(f, submission_set_answers(f->store, id, 2, &answers, &f->err));
	OK(f, submission_list_answers(f->store, f->arena, id, &back, &f->err));
	assert_int_equal(back.count, 3);
	assert_string_equal(back.items[0].field, "completed_by");
	assert_string_equal(back.items[1].value, "1");
	assert_string_equal(back.items[2].field, "gap");
	/* What was taken away may come back. */
	change.period = NULL;
	change.thing = "section-11|LGT|2026-Q1";
	OK(f, submission_amend(f->store, id, &change, &version, &f->err));
	answers.items = first;
	OK(f, submission_set_answers(f->store, id, 3, &answers, &f->err));
	OK(f, submission_list_answers(f->store, f->arena, id, &back, &f->err));
	assert_int_equal(back.count, 3);
	assert_string_equal(back.items[2].value, "Old words");
	commit(f);
	OK(f, submission_list_versions(f->store, f->arena, id, &versions,
		  &f->err));
	assert_int_equal(versions.count, 3);
	assert_string_equal(versions.items[0].sender, "ana@lgt.example");
	GIVES(f, 1,
	    submission_find(f->store, f->arena, "r-000001", &submission,
		&f->err));
	assert_int_equal(submission.version, 3);
	assert_string_equal(submission.period, "2026-Q1");
	assert_string_equal(submission.thing, "section-11|LGT|2026-Q1");
	assert_string_equal(submission.agency_code, "LGT");
	GIVES(f, 1,
	    submission_find_message(f->store, f->arena, change.message,
		&submission, &f->err));
	assert_int_equal(submission.id, id);
}

static void
one_stands_for_a_thing(void **state)
{
	struct fixture *f = *state;
	struct submission submission;
	struct submissions list;
	struct submission_filter filter = {.form = "",
	    .which = SUBMISSIONS_STANDING};

	import_example(f);
	begin(f);
	int64_t one = add_submission(f, "thing", "R-000001");
	int64_t two = add_submission(f, "thing", "R-000002");
	OK(f, submission_supersede(f->store, one, two, &f->err));
	GIVES(f, 1,
	    submission_find_standing(f->store, f->arena, "thing", &submission,
		&f->err));
	assert_int_equal(submission.id, two);
	OK(f, submission_list(f->store, f->arena, &filter, &list, &f->err));
	assert_int_equal(list.count, 1);
	filter.which = SUBMISSIONS_ALL;
	filter.agency = lgt(f).id;
	OK(f, submission_list(f->store, f->arena, &filter, &list, &f->err));
	assert_int_equal(list.count, 2);
	OK(f, submission_set_state(f->store, two, "withdrawn", &f->err));
	GIVES(f, 0,
	    submission_find_standing(f->store, f->arena, "thing", &submission,
		&f->err));
	commit(f);
}

static void
problems_and_unread_lines(void **state)
{
	struct fixture *f = *state;
	struct stored_problem rows[] = {
	    {"B", "standards", "1", "due", "31/02", "line 4", "no such day",
		"a day", false},
	    {"AA", "", "", "role", "", "", "is missing", "text", true},
	};
	struct stored_problems problems = {rows, 2}, back;
	struct stored_problem problem;
	const char *lines[] = {"What is this", "Colour: blue"};
	struct unread_lines unread = {lines, 2};

	import_example(f);
	begin(f);
	int64_t id = add_submission(f, "thing", "R-000001");
	OK(f, submission_set_problems(f->store, id, &problems, &f->err));
	OK(f, submission_set_problems(f->store, id, &problems, &f->err));
	OK(f, submission_add_unread(f->store, id, 1, &unread, &f->err));
	commit(f);
	OK(f, submission_list_problems(f->store, f->arena, id, &back, &f->err));
	assert_int_equal(back.count, 2);
	assert_string_equal(back.items[0].letter, "B");
	assert_true(back.items[1].missing);
	GIVES(f, 1,
	    submission_find_problem(f->store, f->arena, id, "aa", &problem,
		&f->err));
	assert_string_equal(problem.field, "role");
	OK(f, submission_list_unread(f->store, f->arena, id, &unread, &f->err));
	assert_int_equal(unread.count, 2);
	assert_string_equal(unread.items[1], "Colour: blue");
}

static void
a_round_freezes_its_form(void **state)
{
	struct fixture *f = *state;
	struct round_new again = {.ref = "s11-2026",
	    .form = "section-11",
	    .form_version = 1,
	    .title = "T",
	    .source = "other text",
	    .due_day = date_parse_iso("2026-03-31"),
	    .opened_at = T0};
	const char *source = NULL;
	int64_t id;

	import_example(f);
	begin(f);
	(void)add_round(f, "S11-2026");
	GIVES(f, ERR_INPUT, round_open(f->store, &again, &id, &f->err));
	again.ref = "S11-2027";
	GIVES(f, ERR_INPUT, round_open(f->store, &again, &id, &f->err));
	assert_non_null(strstr(f->err.text, "raise the version"));
	again.form_version = 2;
	OK(f, round_open(f->store, &again, &id, &f->err));
	(void)add_round(f, "S11-2028");
	commit(f);
	GIVES(f, 1,
	    form_version_find(f->store, f->arena, "section-11", 1, &source,
		&f->err));
	assert_string_equal(source, "form \"section-11\" { }");
	GIVES(f, 0,
	    form_version_find(f->store, f->arena, "section-11", 3, &source,
		&f->err));
}

static void
a_round_awaits_and_closes(void **state)
{
	struct fixture *f = *state;
	struct request request;
	struct requests list;
	struct rounds rounds;
	struct round round;
	int64_t id;

	import_example(f);
	begin(f);
	struct request_new new = {.round = add_round(f, "S11-2026"),
	    .agency = lgt(f).id,
	    .due_day = date_parse_iso("2026-03-31"),
	    .state = "sent"};
	OK(f, request_add(f->store, &new, &id, &f->err));
	GIVES(f, ERR_DATABASE, request_add(f->store, &new, &id, &f->err));
	GIVES(f, 1,
	    request_find_ref(f->store, f->arena, "s11-2026/lgt", &request,
		&f->err));
	assert_int_equal(request.due_day, new.due_day);
	assert_int_equal(request.wants_day, DAY_NONE);
	GIVES(f, 0,
	    request_find_ref(f->store, f->arena, "s11-2026", &request,
		&f->err));
	OK(f, round_list_awaiting(f->store, f->arena, "section-11", new.agency,
		  &rounds, &f->err));
	assert_int_equal(rounds.count, 1);
	OK(f, request_set_wish(f->store, request.id, new.due_day + 7, "ill",
		  &f->err));
	OK(f, request_set_late(f->store, request.id, 3, &f->err));
	OK(f, request_set_state(f->store, request.id, "returned", &f->err));
	OK(f, round_list_awaiting(f->store, f->arena, "section-11", new.agency,
		  &rounds, &f->err));
	assert_int_equal(rounds.count, 0);
	OK(f, request_set_state(f->store, request.id, "incomplete", &f->err));
	OK(f, round_close(f->store, new.round, T0 + 9, &f->err));
	OK(f, request_list(f->store, f->arena,
		  &(struct request_filter){.which = REQUESTS_OPEN}, &list,
		  &f->err));
	assert_int_equal(list.count, 0);
	GIVES(f, 1,
	    request_get(f->store, f->arena, request.id, &request, &f->err));
	assert_string_equal(request.state, "non_return");
	assert_int_equal(request.wants_day, new.due_day + 7);
	assert_int_equal(request.late_days, 3);
	GIVES(f, 1,
	    round_find(f->store, f->arena, "s11-2026", &round, &f->err));
	assert_int_equal(round.closed_at, T0 + 9);
	commit(f);
}

static int64_t
add_action(struct fixture *f, int64_t submission, const char *status)
{
	struct contact owner;
	char ref[REFERENCE_BYTES];
	int64_t id = 0;

	GIVES(f, 1,
	    contact_find(f->store, f->arena, "ana@lgt.example", &owner,
		&f->err));
	const struct action action = {.source = "RR-2026-01",
	    .submission = submission,
	    .row = "1",
	    .title = "Train",
	    .text = "Train all",
	    .agency = lgt(f).id,
	    .owner = owner.id,
	    .due_day = date_parse_iso("2026-06-30"),
	    .status = status,
	    .opened_at = T0};
	OK(f, action_add(f->store, &action, &id, ref, &f->err));
	return id;
}

static void
an_update_changes_an_action(void **state)
{
	struct fixture *f = *state;
	struct action action;
	struct action_update update = {.at = T0 + 1,
	    .by = "Ana@lgt.example",
	    .status = "at risk",
	    .progress = "Half",
	    .percent = "50",
	    .new_day = date_parse_iso("2026-07-31"),
	    .reason = "staff left"};
	struct action_updates updates;

	import_example(f);
	begin(f);
	int64_t id = add_action(f, 0, "open");
	update.action = id;
	OK(f, action_add_update(f->store, &update, &f->err));
	GIVES(f, 1, action_get(f->store, f->arena, id, &action, &f->err));
	assert_string_equal(action.reported, "at risk");
	assert_int_equal(action.wants_day, update.new_day);
	assert_int_equal(action.due_day, date_parse_iso("2026-06-30"));
	assert_false(action.has_evidence);
	assert_string_equal(action.row, "1");
	update = (struct action_update){.action = id,
	    .at = T0 + 2,
	    .by = "ana@lgt.example",
	    .status = "done",
	    .evidence = "minutes",
	    .new_day = DAY_NONE};
	OK(f, action_add_update(f->store, &update, &f->err));
	OK(f, action_set_brag(f->store, id, "green", "amber", &f->err));
	GIVES(f, 1,
	    action_find(f->store, f->arena, "a-0001", &action, &f->err));
	assert_string_equal(action.status, "done");
	assert_true(action.has_evidence);
	assert_string_equal(action.percent, "50");
	assert_string_equal(action.wants_reason, "staff left");
	assert_string_equal(action.brag_shown, "amber");
	OK(f, action_set_status(f->store, id, "verified", T0 + 3, &f->err));
	GIVES(f, ERR_INPUT, action_add_update(f->store, &update, &f->err));
	OK(f, action_list_updates(f->store, f->arena, id, &updates, &f->err));
	assert_int_equal(updates.count, 2);
	commit(f);
}

static void
findings_are_made_once(void **state)
{
	struct fixture *f = *state;
	char ref[REFERENCE_BYTES];
	struct findings list;
	struct action_filter filter = {.which = ACTIONS_OPEN};
	struct actions actions;
	int64_t id, again;

	import_example(f);
	begin(f);
	int64_t submission = add_submission(f, "thing", "R-000001");
	struct finding finding = {.submission = submission,
	    .agency = lgt(f).id,
	    .thing = "thing",
	    .row = "1",
	    .text = "Gap",
	    .made_at = T0};
	GIVES(f, 1, finding_add(f->store, &finding, &id, ref, &f->err));
	assert_string_equal(ref, "F-0001");
	GIVES(f, 0, finding_add(f->store, &finding, &again, ref, &f->err));
	assert_int_equal(again, id);
	int64_t action = add_action(f, submission, "proposed");
	(void)add_action(f, submission, "open");
	OK(f, finding_set_action(f->store, id, action, &f->err));
	finding.row = "2";
	GIVES(f, 1, finding_add(f->store, &finding, &again, ref, &f->err));
	OK(f, finding_close(f->store, again, T0, &f->err));
	OK(f, finding_list(f->store, f->arena, submission, &list, &f->err));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].action, action);
	GIVES(f, 1, finding_close_all(f->store, submission, T0, &f->err));
	GIVES(f, 1, action_close_proposed(f->store, submission, &f->err));
	OK(f, action_list(f->store, f->arena, &filter, &actions, &f->err));
	assert_int_equal(actions.count, 1);
	/* Closed, it may be found anew. */
	finding.row = "1";
	GIVES(f, 1, finding_add(f->store, &finding, &id, ref, &f->err));
	assert_string_equal(ref, "F-0003");
	commit(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(references_are_never_reused),
	    TEST(answers_have_versions),
	    TEST(one_stands_for_a_thing),
	    TEST(problems_and_unread_lines),
	    TEST(a_round_freezes_its_form),
	    TEST(a_round_awaits_and_closes),
	    TEST(an_update_changes_an_action),
	    TEST(findings_are_made_once),
	};

	return cmocka_run_group_tests_name("store/submission", tests, NULL,
	    NULL);
}
