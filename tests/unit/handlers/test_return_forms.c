/* What the shipped forms' own handlers do, and what goes along with answers:
 * files, copies, small counts, the budget, a rehearsal. */
#include <zip.h>

#include "handlers/return.h"
#include "tests/unit/handlers/forms_text.h"

static void
take(struct fixture *f, const struct given *given)
{
	assert_int_equal(mail_in(f, given, return_take), 1);
}

static void
send(struct fixture *f, const char *from, const char *text)
{
	take(f, &(struct given){.from = from, .text = text});
}

static const char *
with_approver(struct fixture *f, const char *approver)
{
	return s11_with(f,
	    arena_printf(f->arena,
		"Form: section-11\nRound: S11-2026\nSign off by: %s\n",
		approver),
	    0, "");
}

/* All parts of a workbook, one behind the other. */
static const char *
parts_text(struct fixture *f, const struct compose_file *file)
{
	zip_error_t fault;
	const char *text = "";

	zip_error_init(&fault);
	zip_t *archive =
	    zip_open_from_source(zip_source_buffer_create(file->data,
				     file->bytes, 0, &fault),
		ZIP_RDONLY, &fault);
	assert_non_null(archive);
	for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); i++) {
		zip_stat_t stat;
		zip_file_t *part = zip_fopen_index(archive, (zip_uint64_t)i, 0);
		assert_int_equal(zip_stat_index(archive, (zip_uint64_t)i, 0,
				     &stat),
		    0);
		char *data = arena_alloc(f->arena, stat.size + 1);
		assert_int_equal(zip_fread(part, data, stat.size), stat.size);
		text = arena_printf(f->arena, "%s%s\n", text, data);
		(void)zip_fclose(part);
	}
	zip_discard(archive);
	return text;
}

/* The attached copy of the newest mail; "" without one. */
static const char *
newest_copy(struct fixture *f)
{
	CLEANUP(buf_done)
	struct buf mime;
	struct compose_mail mail;

	buf_init(&mime, LIMIT_MAIL_BYTES);
	OK(f, outbox_read_mime(f->store, f->outbox, &mime, &f->err));
	OK(f, compose_read(f->arena, mime.data, mime.len, &mail, &f->err));
	return mail.file_count == 0 ? "" : parts_text(f, &mail.files[0]);
}

/* Is there a cell with that number? Those of strings hold an index. */
static bool
has_number(const char *copy, const char *number)
{
	char cell[64];

	(void)snprintf(cell, sizeof(cell), "><v>%s</v>", number);
	for (const char *p = copy; (p = strstr(p, cell)) != NULL; p++)
		if (strncmp(p - 5, "t=\"s\"", 5) != 0)
			return true;
	return false;
}

/* --- section-11 ---------------------------------------------------------------- */

static void
the_approver_is_an_executive(void **state)
{
	static const struct {
		const char *approver, *outcome;
	} cases[] = {
	    {AMARA, "problems"},                           /* the sender */
	    {BEN, "problems"},                             /* no executive */
	    {"ellen.hart@fairbourne.example", "problems"}, /* another agency */
	    {"who@northbank.example", "problems"},         /* unknown */
	};
	struct fixture *f = *state;

	open_round(f, "S11-2026", "section-11", "2026-02-27", "NHT");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		send(f, AMARA, with_approver(f, cases[i].approver));
		assert_became(f, cases[i].outcome, "problems", "R-000001");
		assert_string_equal(the_answer(f, "R-000001", "", "",
					"sign_off_by"),
		    "");
		assert_says(f, "your email address");
		assert_silent(f, "approve");
	}
	send(f, AMARA, with_approver(f, HELEN));
	assert_became(f, "filed", "receipt", "R-000001");
}

static void
low_scores_make_findings_and_proposals(void **state)
{
	struct fixture *f = *state;
	struct actions actions;
	struct findings findings;
	const char *low = S11_LOW "Owner: " BEN "\n";

	open_round(f, "S11-2026", "section-11", "2026-02-27", "NHT");
	send(f, AMARA, s11_with(f, "Form: section-11\n" S11_APPROVED, 5, low));
	assert_became(f, "filed", "receipt", "R-000001");
	OK(f, finding_list(f->store, f->arena, the_return(f, "R-000001").id,
		  &findings, &f->err));
	assert_int_equal(findings.count, 1);
	assert_string_equal(findings.items[0].row, "5");
	assert_string_equal(findings.items[0].theme, "Staff training");
	assert_true(findings.items[0].action > 0);
	OK(f, action_list(f->store, f->arena,
		  &(struct action_filter){.submission =
					      the_return(f, "R-000001").id,
		      .which = ACTIONS_ALL},
		  &actions, &f->err));
	assert_int_equal(actions.count, 1);
	assert_string_equal(actions.items[0].status, "proposed");
	assert_string_equal(actions.items[0].owner_email, BEN);
	assert_string_equal(actions.items[0].agency_code, "NHT");
	assert_string_equal(actions.items[0].source, "R-000001");
	assert_says(f, "A-0001");
	/* an amendment elsewhere makes nothing again */
	take(f, &(struct given){.from = AMARA,
		    .text = "Completed by: Ben Tate\n",
		    .answers = f->outbox});
	assert_became(f, "filed", "receipt", "R-000001");
	assert_int_equal(open_findings(f, "R-000001"), 1);
	assert_int_equal(count_actions(f, "R-000001", "proposed"), 1);
	/* another plan for the same standard takes the old one's place */
	take(f, &(struct given){.from = AMARA,
		    .text = "== 5 ==\nAction: Another plan\n",
		    .answers = f->outbox});
	assert_int_equal(open_findings(f, "R-000001"), 1);
	assert_int_equal(count_actions(f, "R-000001", "proposed"), 1);
	assert_int_equal(count_actions(f, "R-000001", "closed"), 1);
}

/* --- the others ------------------------------------------------------------------- */

static void
training_is_one_for_each_period(void **state)
{
	struct fixture *f = *state;

	send(f, DEVI, training_text(f, "2024-25", 100, 95));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_return(f, "R-000001").period, "2024-25");
	assert_int_equal(open_findings(f, "R-000001"), 0);
	send(f, DEVI, training_text(f, "2025-Q3", 100, 80));
	assert_became(f, "filed", "receipt", "R-000002");
	assert_return(f, "R-000001", "returned", 1);
	assert_int_equal(open_findings(f, "R-000002"), 6);
	send(f, BEN, training_text(f, "2025-Q3", 100, 90));
	assert_became(f, "filed", "receipt", "R-000003");
	assert_return(f, "R-000002", "superseded", 1);
	assert_int_equal(open_findings(f, "R-000003"), 0);
	/* a month is no period of this form */
	send(f, DEVI, training_text(f, "2025-11", 100, 90));
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_says(f, "Period");
	assert_says(f, "a quarter like 2026-Q1 or a year like 2025-26");
}

static void
a_period_may_come_later(void **state)
{
	struct fixture *f = *state;

	send(f, DEVI, training_text(f, "last", 100, 95));
	assert_became(f, "problems", "problems", "R-000001");
	assert_string_equal(the_return(f, "R-000001").period, "");
	take(f, &(struct given){.from = DEVI,
		    .text = "Period: 2024-25\n",
		    .answers = f->outbox});
	assert_became(f, "filed", "receipt", "R-000001");
	assert_string_equal(the_return(f, "R-000001").period, "2024-25");
	/* and then it is the one of that period */
	send(f, DEVI, training_text(f, "2024-25", 100, 95));
	assert_became(f, "duplicate", "receipt", "R-000001");
}

static void
an_audit_has_a_return_for_each_case(void **state)
{
	struct fixture *f = *state;

	open_round(f, "MA-2026", "audit-return", "2026-02-27", "NHT");
	send(f, BEN, audit_text(f, "C104", "Recommendation: Train\n"));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_int_equal(open_findings(f, "R-000001"), 1);
	assert_string_equal(request_state(f, "MA-2026/NHT"), "returned");
	send(f, BEN, audit_text(f, "C105", ""));
	assert_became(f, "filed", "receipt", "R-000002");
	assert_return(f, "R-000001", "returned", 1);
	assert_int_equal(open_findings(f, "R-000002"), 0);
	/* an incomplete one does not take the first one back */
	send(f, BEN, "Form: audit-return\nCase code: C106\nTheme: Neglect\n");
	assert_became(f, "problems", "problems", "R-000003");
	assert_string_equal(request_state(f, "MA-2026/NHT"), "returned");
}

static void
small_counts_are_for_their_sender(void **state)
{
	struct fixture *f = *state;

	send(f, DEVI, performance_text(f, ""));
	assert_became(f, "problems", "problems", "R-000001");
	assert_silent(f, "<5");
	/* somebody else of the agency completes it */
	send(f, BEN,
	    "Form: performance-return\nPeriod: 2025-Q3\n"
	    "Validated by: Ben Tate\n");
	assert_became(f, "filed", "receipt", "R-000001");
	assert_says(f, "<5");
	assert_non_null(strstr(newest_copy(f), "&lt;5"));
	assert_false(has_number(newest_copy(f), "3"));
	assert_string_equal(the_answer(f, "R-000001", "indicators", "CIN-1",
				"numerator"),
	    "3");
}

#define REVIEW_HEAD "Form: review-action\nSource: Review 7\nGroup: QA\n"
#define REVIEW_ROW                                              \
	"Text: Write the pack\nLead agency: NHT\nOwner: " AMARA \
	"\nDue: 29 May 2026\nSuccess measure: All have it\n"    \
	"Evidence expected: The list\n"

/* Each mail is a return of its own, but nothing is made twice. */
static void
rows_act_once(void **state)
{
	struct fixture *f = *state;
	const char *whole = REVIEW_HEAD "== 1 ==\n" REVIEW_ROW;
	const char *wrong =
	    REVIEW_HEAD "== 1 ==\n" REVIEW_ROW "== 2 ==\nText: And again\n";
	const char *right = REVIEW_HEAD
	    "== 1 ==\n" REVIEW_ROW
	    "== 2 ==\nText: And again\nLead agency: NHT\n"
	    "Owner: " BEN "\nDue: 29 May 2026\nSuccess measure: Done\n"
	    "Evidence expected: It\n";

	send(f, PRIYA, whole);
	assert_became(f, "filed", "receipt", "R-000001");
	assert_int_equal(count_actions(f, "R-000001", "open"), 1);
	send(f, PRIYA, whole);
	assert_string_equal(f->intake.outcome.outcome, "duplicate");
	assert_int_equal(count_actions(f, "R-000001", "open"), 1);
	/* the right row acts; the whole, corrected, is the same return */
	send(f, PRIYA, wrong);
	assert_string_equal(f->intake.outcome.outcome, "problems");
	assert_int_equal(count_actions(f, "R-000002", "open"), 1);
	send(f, PRIYA, right);
	assert_string_equal(f->intake.outcome.outcome, "filed");
	assert_string_equal(f->intake.outcome.ref, "R-000002");
	assert_int_equal(count_actions(f, "R-000002", "open"), 2);
}

/* --- what goes along ---------------------------------------------------------------- */

static void
references_only_means_no_answers(void **state)
{
	struct fixture *f = *state;

	send(f, PETRA, training_text(f, "2024-25", 4711, 4700));
	assert_became(f, "filed", "receipt", "R-000001");
	assert_silent(f, "4711");
	assert_string_equal(newest_copy(f), "");
	send(f, PETRA, training_text(f, "2025-Q3", 4711, 9999));
	assert_became(f, "problems", "problems", "R-000002");
	assert_silent(f, "4711");
	assert_silent(f, "9999");
}

static void
files_are_named_and_digested(void **state)
{
	struct fixture *f = *state;

	take(f, &(struct given){.from = DEVI,
		    .text = "Form: training-return\nPeriod: 2024-25\n"
			    "Completed by: Devi Shah\n",
		    .csv_name = "levels.csv",
		    .csv = "level,in_scope,in_date\ninduction,10,10\n1,10,10\n"
			   "2,10,10\n3,10,10\n4,10,10\n5,10,10",
		    .file_name = "Proof.pdf"});
	assert_became(f, "filed", "receipt", "R-000001");
	assert_says(f, "levels.csv");
	assert_says(f, "Proof.pdf");
	assert_says(f, "We did not look inside it");
	const char *copy = newest_copy(f);
	assert_non_null(strstr(copy, "R-000001"));
	assert_non_null(strstr(copy, "Proof.pdf"));
	assert_non_null(strstr(copy, "(1234 bytes)"));
	assert_true(has_number(copy, "10"));
	assert_non_null(strstr(copy, f->record.parts[1].sha256));
}

static void
a_rehearsal_stores_nothing(void **state)
{
	struct fixture *f = *state;
	struct submission submission;

	assert_int_equal(mail_in(f,
			     &(struct given){.from = DEVI,
				 .text = training_text(f, "2024-25", 100, 101)},
			     return_rehearse),
	    1);
	assert_became(f, "answered", "notice", "");
	assert_string_equal(newest_mail(f).topic, "check");
	assert_says(f, "more than");
	assert_int_equal(mail_in(f,
			     &(struct given){.from = DEVI,
				 .text = training_text(f, "2024-25", 100, 99)},
			     return_rehearse),
	    1);
	assert_says(f, "Nothing is wrong or missing");
	assert_int_equal(mail_in(f,
			     &(struct given){.from = DEVI, .text = "check\n"},
			     return_rehearse),
	    1);
	assert_became(f, "answered", "notice", "");
	assert_says(f, "no form");
	assert_int_equal(submission_find(f->store, f->arena, "R-000001",
			     &submission, &f->err),
	    0);
}

static int64_t
send_nonsense(struct fixture *f, int times)
{
	int64_t before = f->outbox;

	for (int i = 0; i < times; i++)
		send(f, AMARA,
		    arena_printf(f->arena, "Form: nonsense-%d\n", i));
	return f->outbox - before;
}

static void
answers_have_a_budget(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_nonsense(f, 19), 19);
	assert_int_equal(send_nonsense(f, 1), 1);
	assert_string_equal(newest_mail(f).topic, "problems");
	assert_int_equal(send_nonsense(f, 1), 1);
	assert_string_equal(newest_mail(f).topic, "budget");
	assert_int_equal(send_nonsense(f, 10), 0);
	assert_string_equal(f->intake.outcome.outcome, "problems");
	/* a receipt for what was stored is always sent */
	send(f, AMARA, training_text(f, "2024-25", 100, 95));
	assert_became(f, "filed", "receipt", "R-000001");
	fixture_at(f, f->now_at + 2 * 60 * 60);
	assert_int_equal(send_nonsense(f, 1), 1);
	assert_string_equal(newest_mail(f).topic, "problems");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
	    T(the_approver_is_an_executive),
	    T(low_scores_make_findings_and_proposals),
	    T(training_is_one_for_each_period),
	    T(a_period_may_come_later),
	    T(an_audit_has_a_return_for_each_case),
	    T(small_counts_are_for_their_sender),
	    T(rows_act_once),
	    T(references_only_means_no_answers),
	    T(files_are_named_and_digested),
	    T(a_rehearsal_stores_nothing),
	    T(answers_have_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
