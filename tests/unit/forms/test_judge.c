/* From entries to answers and problems; the shipped forms, form by form. */
#include "base/macros.h"
#include "tests/unit/forms/support.h"

/* Today is Monday 2 March 2026 throughout. */

static const char g_section_11[] =
    "Completed by: A. Named\nJob title: Nurse\n"
    "Board lead for safeguarding: B. Lead\n"
    "Who will approve it (email): h.marsh@hospital.example\n"
    "Number of staff: 1,200\n"
    "== 1 ==\nScore: 3\nEvidence: Policy\nImpact: Fewer waits\n"
    "== 2 ==\nScore: fully met\nEvidence: Policy\n"
    "== 3 ==\nScore: 1\nGap: None yet\nAction: Write it\n"
    "Owner: k.brandt@hospital.example\nDue: 14 May 2026\n"
    "== 4 ==\nScore: NA\nWhy it is not for you: No children here\n"
    "== 5 ==\nScore: 2\nEvidence: Log\n== 6 ==\nScore: 2\nEvidence: Log\n"
    "== 7 ==\nScore: 2\nEvidence: Log\n== 8 ==\nScore: 2\nEvidence: Log\n";

static const char g_audit[] =
    "Theme: Neglect\nCase code: C104\nAuditor: A. Named\n"
    "Date of the audit: 2 March 2026\nOverall grade: Good\n"
    "== 1 ==\nKey line of enquiry: Was help early\nGrade: RI\n"
    "What worked well: Visits\nWhat to develop: Records\n"
    "Voice: partly\nOversight: yes\nRecommendation: Train\n"
    "== Was the plan good ==\nGrade: Good\nWhat worked well: Visits\n"
    "What to develop: Records\nVoice: yes\nOversight: yes\n";

static const char g_review[] =
    "Review or meeting: RR-2026-01\nGroup: QUAL\n"
    "== 1 ==\nWhat must be done: Write the pack\nLead agency: LGT\n"
    "Owner: k.brandt@hospital.example\nDue: 14 May 2026\n"
    "How we know it worked: All use it\nWhat will show it: An audit\n"
    "Priority: high\n";

static const char g_update[] =
    "== A-0112 ==\nStatus: done\nProgress: In use\nPercent done: 100%\n"
    "What shows it: Board paper\n"
    "== a-119 ==\nStatus: stuck\nProgress: Nobody to do it\n"
    "New date: 30 April 2026\nWhy a new date: leave\n";

static const char g_training[] =
    "Period: 2025-26\nCompleted by: A. Named\nPlaces booked: 40\n"
    "Places attended: 38\n"
    "== Induction ==\nStaff who need it: 200\nStaff in date: 151\n"
    "Percent in date: 75.5%\n"
    "== 1 ==\nIn scope: 10\nIn date: 9\n== 2 ==\nIn scope: 10\nIn date: 9\n"
    "== 3 ==\nIn scope: 3\nIn date: 1\nPercent: 33\n"
    "== 4 ==\nIn scope: 0\nIn date: 0\nPercent: 0\n"
    "== 5 ==\nIn scope: 0\nIn date: 0\n";

static const char g_performance[] =
    "Quarter: Q3 2025/26\nChecked by: A. Named\n"
    "== 1 ==\nIndicator: CSC-01\nNumerator: 12\nDenominator: 40\n"
    "Status: final\n"
    "== CSC-02 ==\nStatus: not available\nWhy it is not available: new\n";

static const struct {
	const char *form, *text;
	const char *some; /* a piece of the answers */
} g_accepted[] = {
    {"section-11", g_section_11, "staff_in_scope=1200;standards 1 score=3;"},
    {"audit-return", g_audit,
	"lines Was help early line=Was help early;lines Was help early "
	"grade=Requires improvement;"},
    {"audit-return", g_audit,
	"lines Was the plan good line=Was the plan "
	"good;"},
    {"review-action", g_review, "actions 1 due=2026-05-14;"},
    {"action-update", g_update, "updates A-0119 action=A-0119;"},
    {"training-return", g_training, "levels induction percent=75.5;"},
    {"performance-return", g_performance,
	"period=2025-Q3;validated_by=A. Named;indicators CSC-01 "
	"indicator=CSC-01;"},
};

static void
right_returns_are_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_accepted); i++) {
		struct judgement got =
		    judge_text(g_accepted[i].form, g_accepted[i].text);
		if (!got.is_complete)
			fail_msg("%s: %s", g_accepted[i].form,
			    problems_text(&got));
		if (strstr(answers_text(&got), g_accepted[i].some) == NULL)
			fail_msg("%s: %s", g_accepted[i].form,
			    answers_text(&got));
		assert_true(got.is_changed);
		assert_int_equal(got.right, got.given);
	}
}

/* A right return in which one piece is another, and what is said of it. */
static const struct {
	const char *form, *text, *from, *to, *said;
} g_refused[] = {
    {"section-11", g_section_11, "Score: 3", "Score: Mostly",
	"1 score: we could not tell which score you mean.;"},
    {"section-11", g_section_11, "Impact: Fewer waits",
	"Impact:", "?1 impact: it is missing.;"},
    {"section-11", g_section_11, "Gap: None yet",
	"Gap:", "?3 gap: it is missing.;"},
    {"section-11", g_section_11, "14 May 2026", "2 March 2026",
	"3 due: Monday 2 March 2026 is not after today.;"},
    {"section-11", g_section_11, "14 May 2026", "31/02/2026",
	"3 due: February 2026 has 28 days.;"},
    {"section-11", g_section_11, "k.brandt@hospital.example", "K. Brandt",
	"3 owner: we could not read it as an email address.;"},
    {"section-11", g_section_11, "Why it is not for you: No children here", "",
	"?4 na_reason: it is missing.;"},
    {"section-11", g_section_11, "== 8 ==\nScore: 2\nEvidence: Log\n", "",
	"?8 score: it is missing.;"},
    {"section-11", g_section_11, "Job title: Nurse", "",
	"?role: it is missing.;"},
    {"section-11", g_section_11, "1,200", "200001",
	"staff_in_scope: it is above 200000.;"},
    {"audit-return", g_audit, "C104", "Jane",
	"cohort_code: it is not a case code. Please never use a name.;"},
    {"audit-return", g_audit, "2 March 2026", "3 March 2026",
	"audited_on: Tuesday 3 March 2026 is still to come.;"},
    {"audit-return", g_audit, "Voice: partly", "Voice: maybe",
	"Was help early voice: we could not tell which"},
    {"audit-return", g_audit, "Key line of enquiry: Was help early", "",
	"?1 line: it is missing.;"},
    {"review-action", g_review, "14 May 2026", "3 March 2027",
	"?1 reason: it is missing.;"},
    {"review-action", g_review, "What must be done: Write the pack", "",
	"?1 text: it is missing.;"},
    {"review-action", g_review, "LGT", "The Trust",
	"1 lead_agency: we know no agency of that name.;"},
    {"action-update", g_update, "100%", "90%",
	"A-0112 percent: done is 100 %, and nothing else is.;"},
    {"action-update", g_update, "Status: stuck",
	"Percent done: 100\nStatus: stuck", "A-0119 percent: done is 100 %"},
    {"action-update", g_update, "What shows it: Board paper", "",
	"?A-0112 evidence: it is missing.;"},
    {"action-update", g_update, "Why a new date: leave", "",
	"?A-0119 reason: it is missing.;"},
    {"action-update", g_update, "30 April 2026", "1 March 2026",
	"A-0119 new_date: Sunday 1 March 2026 is not after today.;"},
    {"action-update", g_update, "Status: done", "Status: finished off",
	"A-0112 status: we could not tell which status you mean.;"},
    {"training-return", g_training, "Places attended: 38",
	"Places attended: 41",
	"places_attended: it is more than the places booked.;"},
    {"training-return", g_training, "75.5%", "76.1%",
	"induction percent: it does not fit the other two numbers.;"},
    {"training-return", g_training, "In scope: 10\nIn date: 9\n== 2",
	"In scope: 8\nIn date: 9\n== 2",
	"1 in_date: it is more than the staff who need it.;"},
    {"training-return", g_training, "2025-26", "March 2026",
	"period: this form does not cover a period of that length.;"},
    {"performance-return", g_performance, "Q3 2025/26", "Q4 2025/26",
	"period: January to March 2026 is not over yet.;"},
    {"performance-return", g_performance, "Denominator: 40", "Denominator: 0",
	"CSC-01 denominator: it must be above 0.;"},
    {"performance-return", g_performance, "Numerator: 12", "",
	"?CSC-01 numerator: it is missing.;"},
    {"performance-return", g_performance, "Numerator: 12", "Numerator: -1",
	"CSC-01 numerator: it is below 0.;"},
    {"performance-return", g_performance, "Why it is not available: new", "",
	"?CSC-02 reason: it is missing.;"},
};

static const char *
replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return arena_printf(g_arena, "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
}

static void
wrong_returns_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_refused); i++) {
		struct judgement got = judge_text(g_refused[i].form,
		    replaced(g_refused[i].text, g_refused[i].from,
			g_refused[i].to));
		const char *said = problems_text(&got);
		if (got.is_complete || strstr(said, g_refused[i].said) == NULL)
			fail_msg("%s: %s", g_refused[i].to, said);
		assert_int_equal(got.problem_count, 1);
		assert_int_equal(got.wrong + got.missing, 1);
	}
}

/* A reason over 12 months is enough. */
static void
a_reason_allows_longer(void **state)
{
	struct judgement got = judge_text("review-action",
	    replaced(g_review, "Due: 14 May 2026",
		"Due: 3 March 2028\nWhy it needs longer: a building"));

	(void)state;
	assert_string_equal(problems_text(&got), "");
}

static void
nothing_given_misses_all(void **state)
{
	struct judgement got = judge_text("section-11", "");
	struct judgement none = judge_text("action-update", "");

	(void)state;
	assert_int_equal(got.missing, 5 + 8);
	assert_int_equal(got.wrong, 0);
	assert_false(got.is_changed);
	assert_int_equal(got.answer_count, 0);
	assert_string_equal(problems_text(&none), "?: there is none yet.;");
	assert_string_equal(none.problems[0].tbl, "updates");
}

/* --- merging ------------------------------------------------------------------ */

static struct form_entry
entry(const char *tbl, const char *row, const char *field, const char *text)
{
	return (struct form_entry){.tbl = tbl,
	    .row = row,
	    .field = field,
	    .text = text,
	    .origin = "",
	    .fault = ""};
}

static struct judgement
correct(const char *form, const struct judgement *standing,
    struct form_entry one)
{
	struct form_source source = {.entries = &one, .entry_count = 1};

	return judge_over(form, &source, standing);
}

static void
corrections_are_laid_over(void **state)
{
	struct judgement first = judge_text("section-11",
	    replaced(g_section_11, "Score: 3", "Score: Mostly"));
	struct judgement got = correct("section-11", &first,
	    entry("standards", "1", "score", "3"));

	(void)state;
	assert_true(got.is_complete);
	assert_true(got.is_changed);
	assert_int_equal(got.given, 1);
	assert_int_equal(got.right, 1);
	assert_int_equal(got.answer_count, first.answer_count + 1);
	/* The same again changes nothing. */
	struct judgement again =
	    correct("section-11", &got, entry("standards", "1", "score", "3"));
	assert_false(again.is_changed);
	assert_true(again.is_complete);
}

static void
a_wrong_correction_unseats_nothing(void **state)
{
	static const struct {
		const char *field, *text, *said;
	} cases[] = {
	    {"score", "Mostly", "3 score: we could not tell"},
	    {"due", "1 March 2026", "3 due: Sunday 1 March 2026 is not"},
	    {"due", "31/02/2027", "3 due: February 2027 has 28 days.;"},
	};
	struct judgement first = judge_text("section-11", g_section_11);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct judgement got = correct("section-11", &first,
		    entry("standards", "3", cases[i].field, cases[i].text));
		assert_non_null(strstr(problems_text(&got), cases[i].said));
		assert_string_equal(answers_text(&got), answers_text(&first));
		assert_false(got.is_changed);
		assert_int_equal(got.wrong, 1);
		assert_string_equal(got.problems[0].wrote, cases[i].text);
	}
}

/* Between fields it is the new value that gives way. */
static void
the_new_value_is_blamed(void **state)
{
	struct judgement first = judge_text("training-return", g_training);
	struct judgement got = correct("training-return", &first,
	    entry("levels", "1", "in_scope", "5"));

	(void)state;
	assert_string_equal(problems_text(&got),
	    "1 in_scope: it is more than the staff who need it.;");
	assert_string_equal(answers_text(&got), answers_text(&first));
}

/* What was in the future when it came still stands when it is not. */
static void
standing_values_are_not_judged_again(void **state)
{
	struct judgement first = judge_text("section-11", g_section_11);
	struct judgement later;

	(void)state;
	judge(g_arena,
	    &(struct judge_request){.form = forms_find(&g_forms, "section-11"),
		.today_day = date_parse_iso("2027-01-01"),
		.standing = first.answers,
		.standing_count = first.answer_count},
	    &later);
	assert_true(later.is_complete);
	assert_false(later.is_changed);
}

static void
rows_get_their_names(void **state)
{
	/* A row without its key stands under its number until it has one. */
	struct judgement first = judge_text("performance-return",
	    replaced(g_performance, "Indicator: CSC-01\n", ""));
	struct judgement got = correct("performance-return", &first,
	    entry("indicators", "1", "indicator", "CSC-01"));
	struct judgement taken = correct("performance-return", &first,
	    entry("indicators", "1", "indicator", "CSC-02"));

	(void)state;
	assert_string_equal(answer_get(first.answers, first.answer_count,
				"indicators", "1", "numerator"),
	    "12");
	assert_string_equal(problems_text(&first),
	    "?1 indicator: it is missing.;");
	assert_true(got.is_complete);
	assert_string_equal(answer_get(got.answers, got.answer_count,
				"indicators", "CSC-01", "numerator"),
	    "12");
	const char **rows =
	    answer_rows(g_arena, got.answers, got.answer_count, "indicators");
	assert_string_equal(rows[0], "CSC-01");
	assert_string_equal(rows[1], "CSC-02");
	assert_null(rows[2]);
	assert_non_null(strstr(problems_text(&taken),
	    "1 indicator: another row has this name already.;"));
}

static void
rows_that_come_twice(void **state)
{
	struct judgement same = judge_text("action-update",
	    "== A-0112 ==\nStatus: late\nProgress: x\n"
	    "== a-112 ==\nStatus: done\nProgress: y\n");
	struct judgement heading = judge_text("section-11",
	    arena_printf(g_arena, "%s== 1 ==\nScore: 2\n", g_section_11));

	(void)state;
	assert_non_null(
	    strstr(problems_text(&same), "A-0112 : it is here twice"));
	assert_int_equal(same.wrong, 1);
	assert_true(judge_row_has_problem(&same, "updates", "A-0112"));
	assert_non_null(
	    strstr(problems_text(&heading), "1 : it is here twice"));
	assert_int_equal(heading.problem_count, 1);
	assert_string_equal(answer_get(heading.answers, heading.answer_count,
				"standards", "1", "score"),
	    "");
}

static void
a_bare_row_is_the_default_one(void **state)
{
	struct form_source source =
	    read_text("action-update", "Status: late\nProgress: x\n");
	struct judgement got, nameless;
	struct judge_request request = {.form = forms_find(&g_forms,
					    "action-update"),
	    .today_day = date_parse_iso("2026-03-02"),
	    .entries = source.entries,
	    .entry_count = source.entry_count,
	    .default_row = "A-0112"};

	(void)state;
	judge(g_arena, &request, &got);
	assert_string_equal(answers_text(&got),
	    "updates A-0112 action=A-0112;updates A-0112 status=late;"
	    "updates A-0112 progress=x;");
	assert_true(got.is_complete);
	request.default_row = "";
	judge(g_arena, &request, &nameless);
	assert_string_equal(problems_text(&nameless),
	    "?1 action: it is missing.;");
}

static void
too_many_rows(void **state)
{
	const char *text = replaced(g_review, "== 1 ==", "== 1 ==");
	const char *row = strstr(g_review, "What must");

	(void)state;
	for (int i = 2; i <= 42; i++)
		text = arena_printf(g_arena, "%s== %d ==\n%s", text, i, row);
	struct judgement got = judge_text("review-action", text);
	assert_string_equal(problems_text(&got),
	    ": there are more than 40, so we did not keep the rest.;");
	assert_string_equal(answer_get(got.answers, got.answer_count, "actions",
				"40", "due"),
	    "2026-05-14");
	assert_string_equal(answer_get(got.answers, got.answer_count, "actions",
				"41", "due"),
	    "");
}

/* --- several sources ------------------------------------------------------------ */

static void
sources_agree_or_clash(void **state)
{
	static const struct {
		const char *html, *file, *problems;
	} cases[] = {
	    {"== 1 ==\nScore: 2\nEvidence: The\nlong policy\n", "", ""},
	    {"== 1 ==\nScore: met\n", "row|score\n1|2\n", ""},
	    {"== 1 ==\nScore: 3\n", "", "1 score: you gave two"},
	    {"", "row|score\n1|1\n", "1 score: you gave two"},
	    {"", "row|score\n1|Mostly\n", "1 score: you gave two"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct record record = {.subject = ""};
		add_segment(&record, BODY_PLAIN, WHOSE_NEW,
		    "== 1 ==\nScore: 2\nEvidence: The long policy\n");
		if (*cases[i].html != '\0')
			add_segment(&record, BODY_HTML, WHOSE_NEW,
			    cases[i].html);
		if (*cases[i].file != '\0')
			(void)add_table(&record, TABLE_CSV, "S.csv",
			    cases[i].file);
		struct form_source source =
		    read_record("section-11", &record, NULL);
		struct judgement got = judge_over("section-11", &source, NULL);
		assert_int_equal(got.wrong, *cases[i].problems != '\0');
		assert_non_null(strstr(problems_text(&got), cases[i].problems));
		assert_string_equal(answer_get(got.answers, got.answer_count,
					"standards", "1", "score"),
		    got.wrong > 0 ? "" : "2");
	}
}

static void
cut_forms_are_never_complete(void **state)
{
	struct form_source source = read_text("action-update", g_update);

	(void)state;
	source.is_cut = true;
	struct judgement got = judge_over("action-update", &source, NULL);
	assert_false(got.is_complete);
	assert_int_equal(got.problem_count, 1);
	assert_non_null(strstr(problems_text(&got), "stops before its end"));
}

static void
problems_stand_in_form_order(void **state)
{
	struct judgement got = judge_text("section-11",
	    "== 8 ==\nScore: x\n== 2 ==\nScore: y\nJob title: Nurse\n"
	    "Number of staff: z\n");

	(void)state;
	for (size_t i = 1; i < got.problem_count; i++)
		assert_true(
		    got.problems[i - 1].position <= got.problems[i].position);
	assert_string_equal(got.problems[0].field, "completed_by");
	for (size_t i = 1; i < got.answer_count; i++)
		assert_true(
		    got.answers[i - 1].position < got.answers[i].position);
}

/* Numbers of many entries stay within bounds and within time. */
static void
hostile_entries(void **state)
{
	size_t count = 20000;
	struct form_entry *entries =
	    arena_array(g_arena, count, sizeof(*entries));
	struct form_source source = {.entries = entries, .entry_count = count};

	(void)state;
	for (size_t i = 0; i < count; i++) {
		entries[i] = entry("indicators",
		    arena_printf(g_arena, "K%zu", i), "numerator", "1");
		entries[i].block = (unsigned)i;
	}
	struct judgement got = judge_over("performance-return", &source, NULL);
	assert_true(got.answer_count <= 2 * 200);
	assert_true(got.wrong >= 1);
	entries[0] = entry("no such", "1", "field", "1");
	entries[1] = entry("indicators", "K1", "no such", "1");
	entries[2] = entry("", "", "no such", "1");
	source.entry_count = 3;
	got = judge_over("performance-return", &source, NULL);
	assert_int_equal(got.right, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_returns_are_accepted),
	    cmocka_unit_test(wrong_returns_come_back),
	    cmocka_unit_test(a_reason_allows_longer),
	    cmocka_unit_test(nothing_given_misses_all),
	    cmocka_unit_test(corrections_are_laid_over),
	    cmocka_unit_test(a_wrong_correction_unseats_nothing),
	    cmocka_unit_test(the_new_value_is_blamed),
	    cmocka_unit_test(standing_values_are_not_judged_again),
	    cmocka_unit_test(rows_get_their_names),
	    cmocka_unit_test(rows_that_come_twice),
	    cmocka_unit_test(a_bare_row_is_the_default_one),
	    cmocka_unit_test(too_many_rows),
	    cmocka_unit_test(sources_agree_or_clash),
	    cmocka_unit_test(cut_forms_are_never_complete),
	    cmocka_unit_test(problems_stand_in_form_order),
	    cmocka_unit_test(hostile_entries),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
