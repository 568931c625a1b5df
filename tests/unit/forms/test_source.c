/* What a mail says: text, the quoted form, grids and files. */
#include "base/limits.h"
#include "base/macros.h"
#include "forms/blank.h"
#include "tests/unit/forms/support.h"

struct text_case {
	const char *text, *entries, *unread;
};

static void
check_texts(const char *form, const struct text_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct form_source source = read_text(form, cases[i].text);
		if (strcmp(entries_text(&source), cases[i].entries) != 0 ||
		    strcmp(unread_text(&source), cases[i].unread) != 0)
			fail_msg("%s\ngives: %s\nunread: %s", cases[i].text,
			    entries_text(&source), unread_text(&source));
	}
}

static void
bare_headings_are_read(void **state)
{
	static const struct text_case cases[] = {
	    /* Headings without their signs, or with half of them. */
	    {"Standard 5\nScore: 1\n6. Safer recruitment\nScore: 2\n"
	     "Information sharing\nScore: 3\n== 7\nScore: 0\n",
		"standards 5 score=1;standards 6 score=2;"
		"standards 8 score=3;standards 7 score=0;",
		""},
	    {"== 4 Service development and the voice\nof children ==\n"
	     "Score: 1\n",
		"standards 4 score=1;", ""},
	    /* The same words as an answer, or in one. */
	    {"== 1 ==\nWhat is missing:\nStaff training\nScore: 1\n"
	     "What you will do: all of\nInformation sharing\nScore: 2\n",
		"standards 1 gap=Staff training;!standards 1 score=1;"
		"standards 1 action=all of\nInformation sharing;"
		"!standards 1 score=2;",
		""},
	};

	(void)state;
	check_texts("section-11", cases, COUNT_OF(cases));
}

static void
text_is_read(void **state)
{
	static const struct text_case cases[] = {
	    {"Form: section-11\nRound: S11-2026\nCompleted by: A. Named\n"
	     "== 1 ==\nScore: 2\nEvidence: Job description\n"
	     "and the supervision log\n",
		"completed_by=A. Named;standards 1 score=2;"
		"standards 1 evidence=Job description\nand the "
		"supervision log;",
		""},
	    /* Before the block nothing is read. */
	    {"Hello\n\nHere it is.\nSee also: nothing\nScope of it\n\n"
	     "JOB TITLE: Nurse\n",
		"role=Nurse;", ""},
	    /* Headings with titles and table names, labels and names. */
	    {"== standards 5 == Staff training\nscore: 1\n"
	     "== Standard 6 ==\nSCORE: 2\n"
	     "== Information sharing ==\nScore: 3\n",
		"standards 5 score=1;standards 6 score=2;"
		"standards 8 score=3;",
		""},
	    {"== 1 ==\nWhat is missing: A\n== 2 ==\nWhat is missing "
	     "(score 0 or 1): B\n== 3 ==\nGap: C\n",
		"standards 1 gap=A;standards 2 gap=B;standards 3 gap=C;", ""},
	    /* Marks of phones and mail clients. */
	    {"*Completed by:* A. Named\n\xe2\x80\xa2 Job\xc2\xa0title"
	     "\xef\xbc\x9a Nurse\n**Board lead** : B. Lead\n"
	     "== 1 ==\n\tScore :2\n",
		"completed_by=A. Named;role=Nurse;board_lead=B. Lead;"
		"standards 1 score=2;",
		""},
	    {"== 1 ==\nWhat\xe2\x80\x99s missing: x\nBy when: 14 May 2026",
		"standards 1 due=14 May 2026;",
		"What\xe2\x80\x99s missing: x;"},
	    /* The value on the line below its key. */
	    {"Completed by:\nA. Named\n", "completed_by=A. Named;", ""},
	    /* Wrapped keys and titles. */
	    {"== 4 == Service development and the voice of children\n"
	     "and families\nScore: 1\nWhat is better for children (score\n"
	     "3): More heard\n",
		"standards 4 score=1;standards 4 impact=More heard;", ""},
	    /* A line that may be a slip is listed and kept. */
	    {"== 1 ==\nEvidence: Policy\nSorce: 2\n",
		"standards 1 evidence=Policy\nSorce: 2;", "Sorce: 2;"},
	    {"== 1 ==\nEvidence: Policy\nsee https://x.example/y and\n"
	     "at 10:30 we met\n",
		"standards 1 evidence=Policy\nsee https://x.example/y "
		"and\nat 10:30 we met;",
		""},
	    /* A value that is no text does not go on. */
	    {"== 1 ==\nScore: 2\nrather good\n", "standards 1 score=2;",
		"rather good;"},
	    /* A row that nobody knows. */
	    {"== 9 ==\nScore: 2\nGap:\n== 1 ==\nScore: 3\n",
		"standards 1 score=3;", "== 9 ==;Score: 2;"},
	    /* Given twice. */
	    {"Job title: Nurse\nRole: Matron\n", "!role=Nurse;!role=Matron;",
		""},
	    {"== 1 ==\nScore: 2\n== 2 ==\nScore: 1\n== 1 ==\nImpact: x\n",
		"!standards 1 score=2;standards 2 score=1;"
		"!standards 1 impact=x;",
		""},
	    {"Job title: Nurse\nRole:\n", "role=Nurse;", ""},
	    /* The end mark, and good wishes. */
	    {"Job title: Nurse\n--- end of form ---\nBoard lead: X\n",
		"role=Nurse;", ""},
	    {"== 1 ==\nEvidence: Policy\n\nKind regards\nAmara\n",
		"standards 1 evidence=Policy;", ""},
	    {"== 1 ==\nEvidence: Policy\n\nSecond part\n",
		"standards 1 evidence=Policy\n\nSecond part;", ""},
	    /* A column without a row. */
	    {"Score: 2\n", "", "Score: 2;"},
	    {"", "", ""},
	    {"Just a letter.\nNo form at all: none.\n", "", ""},
	};

	(void)state;
	check_texts("section-11", cases, COUNT_OF(cases));
}

static void
repeating_rows(void **state)
{
	static const struct text_case cases[] = {
	    {"== A-0112 ==\nStatus: done\nProgress: In use\n"
	     "== a-119 == Supervision\nStatus: late\n",
		"updates A-0112 status=done;updates A-0112 "
		"progress=In use;updates a-119 status=late;",
		""},
	    {"Status: done\nProgress: In use\n",
		"updates  status=done;updates  progress=In use;", ""},
	    {"Action: A-0112\nStatus: done\nAction: A-0119\nStatus: late\n",
		"updates  action=A-0112;updates  status=done;"
		"updates  action=A-0119;updates  status=late;",
		""},
	    {"Status: done\nStatus: late\n",
		"!updates  status=done;!updates  status=late;", ""},
	};
	struct form_source source = read_text("action-update", cases[2].text);

	(void)state;
	check_texts("action-update", cases, COUNT_OF(cases));
	assert_int_equal(source.entries[0].block, source.entries[1].block);
	assert_int_not_equal(source.entries[1].block, source.entries[2].block);
}

static void
rest_is_kept(void **state)
{
	struct form_source source = read_text("section-11",
	    "Hello there\n\nJob title: Nurse\n--- end of form ---\nP.S. bye\n");

	(void)state;
	assert_string_equal(source.rest, "Hello there\n\nP.S. bye");
	source = read_text("section-11", "B: 14 May 2026\n");
	assert_string_equal(source.rest, "B: 14 May 2026");
	assert_false(source.saw_form);
}

static void
cut_forms_are_seen(void **state)
{
	static const struct {
		const char *text;
		int is_cut;
	} cases[] = {
	    {"--- form X: type ---\nJob title: Nurse\n", 1},
	    {"--- form X: type ---\nJob title: Nurse\n"
	     "--- end of form ---\n",
		0},
	    {"\xe2\x80\x94 form X: type\nJob title: Nurse\n"
	     "\xe2\x80\x94 end of form \xe2\x80\x94\n",
		0},
	    {"--- form X: type ---\nJob title:\n", 0}, /* nothing in it */
	    {"Job title: Nurse\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct form_source source =
		    read_text("section-11", cases[i].text);
		assert_int_equal(source.is_cut, cases[i].is_cut);
	}
}

/* --- the quoted form ------------------------------------------------------- */

static const char g_sent[] =
    "Hello Amara\n\nPlease tell us. Score: see below\n\n"
    "--- form S11-2026/LGT: type your answers after each colon ---\n"
    "Completed by: A. Named\n"
    "Job title:\n"
    "== 1 == Senior management commitment\n"
    "Score:\n"
    "What shows it, and where it is kept:\n"
    "What is better for children (score 3):\n"
    "== 4 == Service development and the voice of children and families\n"
    "Score: 2\n"
    "What shows it, and where it is kept: Board paper of 4 November and "
    "the log\n"
    "--- end of form ---\n"
    "Reply code: KF7Q-29MX (please leave this line in)\n";

static const struct {
	const char *quoted;
	const char *entries, *unread;
} g_quotes[] = {
    /* Nothing was put in. */
    {g_sent, "", ""},
    /* Filled in place. */
    {"Hello Amara\n"
     "--- form S11-2026/LGT: type your answers after each colon ---\n"
     "Completed by: A. Named\nJob title: Nurse\n"
     "== 1 == Senior management commitment\nScore: 3\n"
     "What shows it, and where it is kept: Policy\nof May\n"
     "--- end of form ---\n",
	"role=Nurse;standards 1 score=3;standards 1 evidence=Policy\nof "
	"May;",
	""},
    /* Re-wrapped, unchanged; then one value changed. */
    {"--- form S11-2026/LGT: type your answers after each\ncolon ---\n"
     "Completed by: A.\nNamed\nJob title:\n"
     "== 1 == Senior management\ncommitment\nScore:\n"
     "What shows it, and where\nit is kept:\n"
     "What is better for children\n(score 3):\n"
     "== 4 == Service development and the voice of\nchildren and families\n"
     "Score: 1\n"
     "What shows it, and where it is kept: Board paper of\n4 November and "
     "the\nlog\n--- end of form ---\n",
	"standards 4 score=1;", "colon ---;"},
    /* A prefilled value that is emptied changes nothing. */
    {"--- form S11-2026/LGT: type your answers ---\nCompleted by:\n"
     "== 4 ==\nScore:\n--- end of form ---\n",
	"", ""},
    /* Without its marks, from the first key on. */
    {"> see\nJob title: Nurse\n== 1 ==\nScore: 2\n",
	"role=Nurse;standards 1 score=2;", ""},
};

static void
quotes_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_quotes); i++) {
		struct record record = {.subject = ""};
		add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Thank you.\n");
		add_segment(&record, BODY_PLAIN, WHOSE_QUOTED,
		    g_quotes[i].quoted);
		struct form_source source =
		    read_record("section-11", &record, g_sent);
		if (strcmp(entries_text(&source), g_quotes[i].entries) != 0)
			fail_msg("%s\ngives %s", g_quotes[i].quoted,
			    entries_text(&source));
		assert_true(source.saw_quoted);
		for (size_t k = 0; k < source.entry_count; k++)
			assert_string_equal(source.entries[k].origin,
			    "in the form below");
		/* Without our mail, and in what is forwarded: nothing. */
		source = read_record("section-11", &record, NULL);
		assert_string_equal(entries_text(&source), "");
		record.bodies[0].segments[1].whose = WHOSE_FORWARDED;
		source = read_record("section-11", &record, g_sent);
		assert_string_equal(entries_text(&source), "");
	}
}

static void
lines_typed_between(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Hello\n");
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED,
	    "--- form S11-2026/LGT: type your answers after each colon ---\n"
	    "Completed by: A. Named\n");
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "B. Other\n");
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED,
	    "== 1 == Senior management commitment\nScore:\n");
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "3\n");
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED,
	    "What shows it, and where it is kept:\n");
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Policy\nand log\n");
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED, "--- end of form ---\n");
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Amara\n");
	struct form_source source = read_record("section-11", &record, g_sent);
	assert_string_equal(entries_text(&source),
	    "completed_by=B. Other;standards 1 score=3;"
	    "standards 1 evidence=Policy\nand log;");
	assert_string_equal(source.rest, "Hello\nAmara");
}

/* Another's words, quoted deeper than our mail, never count. */
static void
deeper_quotes_are_not_read(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED, "I think so.\n");
	add_segment(&record, BODY_PLAIN, WHOSE_QUOTED,
	    "--- form S11-2026/LGT: x ---\nJob title: Nurse\n"
	    "--- end of form ---\n");
	record.bodies[0].segments[1].depth = 2;
	struct form_source source = read_record("section-11", &record, g_sent);
	assert_string_equal(entries_text(&source), "");
}

/* --- files ------------------------------------------------------------------ */

static const struct {
	const char *form, *text, *entries, *unread;
} g_files[] = {
    {"section-11",
	"Table|Row|Field|Value\n||completed_by|A. Named\n"
	"standards|1|score|2\nStandards|Standard 2|Score|1\n"
	"standards|2|Gap|\n",
	"completed_by=A. Named;standards 1 score=2;standards 2 score=1;", ""},
    {"section-11",
	"table|row|field|value\n||form|section-11\n||colour|red\n"
	"standards|9|score|2\nlines|1|score|2\n"
	"about||reference|R-000123\nfiles|x.pdf|bytes|12\n",
	"",
	"S.csv, line 3: we do not know the field \"colour\";"
	"S.csv, line 4: we do not know the row \"9\";"
	"S.csv, line 5: we do not know the table \"lines\";"},
    {"section-11",
	"table|row|field|value\nstandards|1|score|2\nstandards|1|score|3\n",
	"!standards 1 score=2;!standards 1 score=3;", ""},
    {"section-11",
	"Standard|Score|By when|Colour\n1|2||red\n\n5 Staff training|1|14 "
	"May 2026|\n",
	"standards 1 score=2;standards 5 score=1;"
	"standards 5 due=14 May 2026;",
	"S.csv, line 1: we do not know the column \"Colour\";"},
    {"section-11",
	"Section 11 of 2026|\n\nrow|score|completed_by\n1|2|A\n2|3|A\n12|3|A\n",
	"standards 1 score=2;completed_by=A;standards 2 score=3;",
	"S.csv, line 1: we did not read this line, which begins \"Section 11 "
	"of "
	"2026\";S.csv, line 6: we do not know the row \"12\";"},
    {"section-11", "row|score\n1|2\n1|3\n",
	"!standards 1 score=2;!standards 1 score=3;", ""},
    {"section-11", "row|gap\n1|'=1+1\n2|'tis\n",
	"standards 1 gap==1+1;standards 2 gap='tis;", ""},
    {"section-11", "Completed by|A. Named\nColour|red\nJob title|Nurse\n",
	"completed_by=A. Named;role=Nurse;",
	"S.csv, line 2: we do not know the field \"Colour\";"},
    {"section-11", "name|amount\nx|3\n", "",
	"S.csv: its first line has no heading that this form knows;"},
    {"performance-return",
	"Indicator|Numerator|Denominator|Status\nCSC-01|12|40|final\n"
	"CSC-02|||not available\n",
	"indicators  indicator=CSC-01;indicators  numerator=12;"
	"indicators  denominator=40;indicators  status=final;"
	"indicators  indicator=CSC-02;indicators  status=not available;",
	""},
    {"review-action", "Title|Due\nFirst|2026-05-14\nSecond|2026-05-15\n",
	"actions 1 title=First;actions 1 due=2026-05-14;"
	"actions 2 title=Second;actions 2 due=2026-05-15;",
	""},
    {"training-return",
	"Level|Staff who need it|in date\nInduction|4|3\n"
	"Level 2|9|9\n",
	"levels induction in_scope=4;levels induction in_date=3;"
	"levels 2 in_scope=9;levels 2 in_date=9;",
	""},
};

static void
files_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_files); i++) {
		struct record record = {.subject = ""};
		(void)add_table(&record, TABLE_CSV, "S.csv", g_files[i].text);
		struct form_source source =
		    read_record(g_files[i].form, &record, NULL);
		if (strcmp(entries_text(&source), g_files[i].entries) != 0 ||
		    strcmp(unread_text(&source), g_files[i].unread) != 0)
			fail_msg("%s\ngives: %s\nunread: %s", g_files[i].text,
			    entries_text(&source), unread_text(&source));
	}
}

static void
places_and_html_grids(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	(void)add_table(&record, TABLE_CSV, "Section 11.csv",
	    "row|score\n1|2\n");
	(void)add_table(&record, TABLE_HTML, "", "a|b|c\nd|e|f\n");
	(void)add_table(&record, TABLE_HTML, "", "Standard|Score\n2|1\n");
	add_table(&record, TABLE_HTML, "", "Standard|Score\n3|1\n")->whose =
	    WHOSE_QUOTED;
	add_table(&record, TABLE_CSV, "cut.csv", "row|score\n4|0\n")->cut =
	    true;
	struct form_source source = read_record("section-11", &record, NULL);
	assert_string_equal(entries_text(&source),
	    "standards 1 score=2;standards 2 score=1;standards 4 score=0;");
	assert_string_equal(source.entries[0].origin, "Section 11.csv, line 2");
	assert_string_equal(source.entries[1].origin,
	    "the table in your email, row 2");
	assert_true(source.is_cut);
	assert_true(source.table_read[0]);
	assert_false(source.table_read[1]);
	assert_true(source.table_read[2]);
	assert_false(source.table_read[3]);
}

static const struct {
	const char *text, *forms;
} g_guesses[] = {
    {"row|score|evidence\n1|2|x\n", "section-11;"},
    {"row|score|colour\n1|2|x\n", ""},
    {"table|row|field|value\nstandards|1|score|2\n", "section-11;"},
    {"table|row|field|value\n||form|x\nabout||reference|R-1\n"
     "levels|1|in_scope|2\n",
	"training-return;"},
    {"table|row|field|value\n||completed_by|A\n",
	"section-11;training-return;"},
    {"Indicator|Status|Numerator\nx|final|1\n", "performance-return;"},
    {"a|b\n1|2\n", ""},
};

static void
forms_are_guessed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_guesses); i++) {
		struct record record = {.subject = ""};
		const struct form *found[4];
		const char *names = "";
		(void)add_table(&record, TABLE_CSV, "S.csv", g_guesses[i].text);
		size_t count = form_guess(g_arena, &g_forms, &record, found,
		    COUNT_OF(found));
		for (size_t k = 0; k < count; k++)
			names = arena_printf(g_arena, "%s%s;", names,
			    found[k]->name);
		assert_string_equal(names, g_guesses[i].forms);
	}
}

static void
headers_are_read(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
	    {"Hello\n\nForm: section-11\nRound: S11-2026\n",
		"section-11|S11-2026||"},
	    {"FORM : section-11\n*Agency:* LGT\n", "section-11||LGT|"},
	    {"Form: a\nForm: A\n", "a|||"},
	    {"Form: a\nForm: b\n", "a|||Form"},
	    {"== 1 ==\nAgency: LGT\n", "|||"},
	    {"Informed: yes\n", "|||"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct record record = {.subject = ""};
		struct form_header header;
		add_segment(&record, BODY_PLAIN, WHOSE_NEW, cases[i].text);
		form_header_read(g_arena, &record, NULL, &header);
		assert_string_equal(arena_printf(g_arena, "%s|%s|%s|%s",
					header.form, header.round,
					header.agency, header.conflict),
		    cases[i].expected);
	}
}

/* Limits hold, and what is beyond them is said. */
static void
hostile_sizes(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, LIMIT_TEXT_BYTES);
	for (int i = 0; i < 60000; i++)
		buf_puts(&buf, "Status: x\n");
	struct form_source source = read_text("action-update", buf_text(&buf));
	assert_true(source.is_cut);
	assert_true(source.entry_count <= LIMIT_ANSWERS);
	buf_clear(&buf);
	buf_puts(&buf, "Progress: ");
	for (int i = 0; i < 100000; i++)
		buf_puts(&buf, "a: b\nx ");
	source = read_text("action-update", buf_text(&buf));
	assert_true(source.unread_count <= LIMIT_UNKNOWN_LINES);
	buf_clear(&buf);
	for (int i = 0; i < 100000; i++)
		buf_puts(&buf, "::::====");
	source = read_text("action-update", buf_text(&buf));
	assert_int_equal(source.entry_count, 0);
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_read),
	    cmocka_unit_test(bare_headings_are_read),
	    cmocka_unit_test(repeating_rows),
	    cmocka_unit_test(rest_is_kept),
	    cmocka_unit_test(cut_forms_are_seen),
	    cmocka_unit_test(quotes_are_compared),
	    cmocka_unit_test(lines_typed_between),
	    cmocka_unit_test(deeper_quotes_are_not_read),
	    cmocka_unit_test(files_are_read),
	    cmocka_unit_test(places_and_html_grids),
	    cmocka_unit_test(forms_are_guessed),
	    cmocka_unit_test(headers_are_read),
	    cmocka_unit_test(hostile_sizes),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
