/* Sheets and Word tables: questions are found wherever people moved them. */
#include "base/limits.h"
#include "base/macros.h"
#include "tests/unit/forms/support.h"

static struct record_table *
add_sheet(struct record *record, const char *name, const char *text)
{
	struct record_table *table = add_table(record, TABLE_SHEET,
	    record->part_count == 0 ? "S.xlsx" : "", text);

	table->name = name;
	table->part = 0;
	/* Rows of a sheet that hold nothing are left out. */
	size_t kept = 0;
	for (size_t i = 0; i < table->row_count; i++) {
		bool blank = true;
		for (size_t c = 0; c < table->rows[i].cell_count; c++)
			blank &= text_is_blank(table->rows[i].cells[c]);
		if (!blank)
			table->rows[kept++] = table->rows[i];
	}
	table->row_count = kept;
	return table;
}

static void
add_mark(struct record_table *table, uint32_t line, uint32_t column,
    unsigned kinds)
{
	*(struct record_mark *)arena_push(g_arena, &table->marks,
	    &table->mark_count, sizeof(*table->marks)) =
	    (struct record_mark){line, column, kinds};
}

static const char *
notes_text(const struct form_source *source)
{
	const char *text = "";

	for (size_t i = 0; i < source->note_count; i++)
		text = arena_printf(g_arena, "%s%s;", text, source->notes[i]);
	return text;
}

static const char *
spots_text(const struct form_source *source)
{
	const char *text = "";

	for (size_t i = 0; i < source->spot_count; i++)
		text = arena_printf(g_arena, "%s%s %s=%s;", text,
		    source->spots[i].row, source->spots[i].field,
		    source->spots[i].origin);
	return text;
}

static const struct {
	const char *form, *text, *entries, *unread;
} g_layouts[] = {
    /* Pairs above a table, its header further down and to the right. */
    {"section-11",
	"|Section 11 self-assessment\n"
	"|Completed by|A. Named\n|Job title:|Nurse\n\n"
	"||Standard|Score|What shows it\n||1|2|Policy\n||5 Staff "
	"training|3|Log\n",
	"completed_by=A. Named;role=Nurse;standards 1 score=2;"
	"standards 1 evidence=Policy;standards 5 score=3;"
	"standards 5 evidence=Log;",
	""},
    /* Pairs beside the table, in the very same rows. */
    {"section-11",
	"Completed by|A. Named||Standard|Score\nJob title|Nurse||1|2\n"
	"Your deputy|||2|1\n",
	"completed_by=A. Named;standards 1 score=2;role=Nurse;"
	"standards 2 score=1;",
	""},
    /* Pairs below it, and two in one row. */
    {"training-return",
	"Level|Staff who need it|Staff in date\nInduction|4|3\nLevel 2|9|9\n"
	"Barriers|Rotas\nPeriod|2025-26|Completed by|A. Named\n"
	"What gets in the way|Time\n",
	"levels induction in_scope=4;levels induction in_date=3;"
	"levels 2 in_scope=9;levels 2 in_date=9;!barriers=Rotas;"
	"period=2025-26;completed_by=A. Named;!barriers=Time;",
	""},
    /* Rows by their label, with guidance behind it; a heading with a hint. */
    {"section-11",
	"Standard|Score (0 to 3)|Gap\n"
	"Staff training (see page 4)|1|Few\n8. Information sharing\\|0|None\n",
	"standards 5 score=1;standards 5 gap=Few;standards 8 score=0;"
	"standards 8 gap=None;",
	""},
    /* A block for each row. */
    {"section-11",
	"Completed by|A. Named\nStandard 1: Senior management commitment\n"
	"Score|2|Needed. 3, 2, 1, 0 or NA\nWhat shows it|Policy\n\n"
	"5 Staff training\nScore|1\nWhat is missing (score 0 or 1)|Time\n"
	"By when|2026-05-14\n",
	"completed_by=A. Named;standards 1 score=2;standards 1 evidence=Policy;"
	"standards 5 score=1;standards 5 gap=Time;standards 5 due=2026-05-14;",
	"workbook, sheet A, cell C3: we did not read \"Needed. 3, 2, 1, 0 or "
	"NA\";"},
    {"action-update",
	"Action A-0112: Supervision\nStatus|done\nProgress|In use\n"
	"Action A-0113\nStatus|late\nProgress|Ill\n",
	"updates A-0112 status=done;updates A-0112 progress=In use;"
	"updates A-0113 status=late;updates A-0113 progress=Ill;",
	""},
    {"performance-return",
	"Quarter|2026-Q1\nIndicator|CSC-01\nNumerator|4\nStatus|final\n"
	"Indicator|CSC-02\nNumerator|5\nStatus|final\n",
	"period=2026-Q1;indicators  indicator=CSC-01;indicators  numerator=4;"
	"indicators  status=final;indicators  indicator=CSC-02;"
	"indicators  numerator=5;indicators  status=final;",
	""},
    /* Two pairs in a row are no header. */
    {"action-update",
	"Action A-0112\nStatus|late|Percent done|50\n"
	"Progress|Ill|Why a new date|Leave\n",
	"updates A-0112 status=late;updates A-0112 percent=50;"
	"updates A-0112 progress=Ill;updates A-0112 reason=Leave;",
	""},
    /* A repeating table; then a title, pairs and lines of their own. */
    {"performance-return",
	"Indicators\nIndicator|Numerator|Denominator|Status\n"
	"CSC-01|12|40|final\n\nCSC-02|||not available\n"
	"Commentary|Quiet\n\nSigned by the head\n",
	"indicators  indicator=CSC-01;indicators  numerator=12;"
	"indicators  denominator=40;indicators  status=final;"
	"indicators  indicator=CSC-02;indicators  status=not available;"
	"commentary=Quiet;",
	"workbook, sheet A, row 8: we did not read this line, which begins "
	"\"Signed by the head\";"},
    /* Two tables of one kind, one below the other, and an example. */
    {"performance-return",
	"Indicator|Numerator|Status\nExample|1|final\nCSC-01|12|final\n\n"
	"Health\nIndicator|Status|Numerator\nH-1|provisional|3\n",
	"indicators  indicator=CSC-01;indicators  numerator=12;"
	"indicators  status=final;indicators  indicator=H-1;"
	"indicators  status=provisional;indicators  numerator=3;",
	"workbook, sheet A, cell A2: we took this row for an example "
	"\"Example\";workbook, sheet A, row 5: we did not read this line, "
	"which begins \"Health\";"},
    /* Two halves of one table beside each other. */
    {"section-11", "Standard|Score||Standard|Score\n1|2||5|3\n2|1||6|0\n",
	"standards 1 score=2;standards 5 score=3;standards 2 score=1;"
	"standards 6 score=0;",
	""},
    /* Plain fields as a header with their answers below. */
    {"section-11", "Completed by|Job title\nA. Named|Nurse\n",
	"completed_by=A. Named;role=Nurse;", ""},
    /* Help and what the form allows are no answers. */
    {"performance-return",
	"Quarter|Such as 2026-Q1, which is April to June 2026\n"
	"Checked by|A. Named\n",
	"validated_by=A. Named;", ""},
    /* Numbered rows without answers are none; a new one gets a number. */
    {"review-action",
	"Action|Title|Due\n1|First|2026-05-14\n|Second|2026-05-15\n2|Third|\n"
	"3||\n4||\n",
	"actions 1 title=First;actions 1 due=2026-05-14;actions 3 "
	"title=Second;actions 3 due=2026-05-15;actions 2 title=Third;",
	""},
    /* What is not known is named: a row, a column, a field, a cell. */
    {"section-11",
	"Standard|Score|Risk\n1|2|low\n9|2|\n\nCompleted by|A.|Named\n"
	"Colour|red\n",
	"standards 1 score=2;completed_by=A.;",
	"workbook, sheet A, row 3: we do not know the row \"9\";"
	"workbook, sheet A, cell C5: we did not read \"Named\";"
	"workbook, sheet A, row 6: we do not know the field \"Colour\";"
	"workbook, sheet A, row 1: we do not know the column \"Risk\";"},
    /* Agency and Form are read elsewhere. */
    {"section-11", "Form|section-11\nAgency|NHT\nCompleted by|A. Named\n",
	"completed_by=A. Named;", ""},
};

static void
layouts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_layouts); i++) {
		struct record record = {.subject = ""};
		(void)add_sheet(&record, "A", g_layouts[i].text);
		struct form_source source =
		    read_record(g_layouts[i].form, &record, NULL);
		if (strcmp(entries_text(&source), g_layouts[i].entries) != 0 ||
		    strcmp(unread_text(&source), g_layouts[i].unread) != 0)
			fail_msg("%s\ngives: %s\nunread: %s", g_layouts[i].text,
			    entries_text(&source), unread_text(&source));
	}
}

static void
places_are_cells(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	(void)add_sheet(&record, "Standards",
	    "Standard|Score|By when\n1|Mostly|\n2|1|31/02/2026\n");
	(void)add_sheet(&record, "My sheet",
	    "Completed by|\nJob title|Nurse\n");
	struct form_source source = read_record("section-11", &record, NULL);
	assert_string_equal(source.entries[0].origin,
	    "workbook, sheet Standards, cell B2");
	assert_string_equal(spots_text(&source),
	    "1 due=Standards!C2; completed_by='My sheet'!B1;");
	struct judge_request request = {.form =
					    forms_find(&g_forms, "section-11"),
	    .today_day = date_parse_iso("2026-03-02"),
	    .entries = source.entries,
	    .entry_count = source.entry_count,
	    .spots = source.spots,
	    .spot_count = source.spot_count};
	struct judgement judgement;
	judge(g_arena, &request, &judgement);
	assert_string_equal(judgement.problems[0].field, "completed_by");
	assert_true(judgement.problems[0].missing);
	assert_string_equal(judgement.problems[0].place, "'My sheet'!B1");
	/* Another workbook in the mail: then the file is named. */
	struct record_table *other =
	    add_table(&record, TABLE_SHEET, "T.xlsx", "Standard|Score\n3|2\n");
	other->name = "B";
	source = read_record("section-11", &record, NULL);
	assert_string_equal(source.entries[0].origin,
	    "S.xlsx, sheet Standards, cell B2");
}

static void
marks_are_heeded(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	/* Merged: label over A:B, a title over all, a row's name over two. */
	struct record_table *table = add_sheet(&record, "A",
	    "Completed by|Completed by|A. Named|A. Named\n"
	    "Standard|Score|Gap|\n1|2||\n1||More|\n5|#REF!|x|\n6||y|\n");
	add_mark(table, 1, 1, MARK_MERGED);
	add_mark(table, 1, 3, MARK_MERGED);
	add_mark(table, 4, 0, MARK_MERGED);
	add_mark(table, 5, 1, MARK_FORMULA | MARK_ERROR);
	add_mark(table, 6, 1, MARK_FORMULA | MARK_NO_VALUE);
	table->rows[5].hidden = true;
	struct form_source source = read_record("section-11", &record, NULL);
	assert_string_equal(entries_text(&source),
	    "completed_by=A. Named;standards 1 score=2;standards 1 gap=More;"
	    "!standards 5 score=#REF!;standards 5 gap=x;"
	    "!standards 6 score=a formula;standards 6 gap=y;");
	assert_non_null(strstr(source.entries[5].fault, "formula"));
	assert_string_equal(source.entries[5].origin,
	    "workbook, sheet A, cell B6");
	assert_string_equal(notes_text(&source),
	    "Workbook, sheet A has answers in hidden rows or columns. We read "
	    "them too.;");
}

static const char g_identity[] =
    "lscpd|1\nkind|copy\nform|section-11\nversion|1\nround|S11-2026\n"
    "agency|NHT\nref|R-000001\ninstance|00112233aabbccdd\ncopy|1\n"
    "cell|table|row|field|given\nB1|||completed_by|A. Named\n"
    "B2|||staff_in_scope|4200\nB4|standards|1|score|2\n"
    "B5|standards|5|due|2026-05-14\n";

static struct form_source
read_ours(struct record *record, const char *form, const char *instance)
{
	struct form_source source;

	source_read(g_arena,
	    &(struct source_request){.form = forms_find(&g_forms, form),
		.record = record,
		.instance = instance},
	    &source);
	return source;
}

/* Version 1 as we sent it, "By when" changed, while version 2 stands. */
static void
stale_copies_change_what_differs(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	(void)add_sheet(&record, "A",
	    "Completed by|A. Named\nNumber of staff|4,200\nStandard|Score|By "
	    "when\n1|2|\n5||1 June 2026\n");
	add_sheet(&record, "_lscpd", g_identity)->hidden = true;
	struct form_source source =
	    read_ours(&record, "section-11", "00112233AABBCCDD");
	size_t ours = 0;
	for (size_t i = 0; i < source.entry_count; i++)
		ours += source.entries[i].is_ours;
	assert_int_equal(source.entry_count, 4);
	assert_int_equal(ours, 3);
	assert_string_equal(unread_text(&source), "");
	assert_string_equal(notes_text(&source), "");
	struct form_source before =
	    read_text("section-11", "Completed by: B. Other\nNumber of staff: "
				    "4300\n== 1 ==\nScore: 3\n");
	struct judgement standing = judge_over("section-11", &before, NULL);
	struct judgement now = judge_over("section-11", &source, &standing);
	assert_string_equal(answers_text(&now),
	    "completed_by=B. Other;staff_in_scope=4300;standards 1 score=3;"
	    "standards 5 due=2026-06-01;");
	/* Beside the sender's own words they are no conflict. */
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Completed by: C. Third\n");
	source = read_ours(&record, "section-11", "00112233AABBCCDD");
	now = judge_over("section-11", &source, NULL);
	assert_string_equal(answers_text(&now),
	    "completed_by=C. Third;staff_in_scope=4200;standards 1 score=2;"
	    "standards 5 due=2026-06-01;");
}

static void
unchanged_copies_say_nothing(void **state)
{
	struct record record = {.subject = ""};

	(void)state;
	(void)add_sheet(&record, "A",
	    "Completed by|A. Named\nStandard|Score|By when\n1|2|\n"
	    "5||14/05/2026\n");
	(void)add_sheet(&record, "_lscpd", g_identity);
	struct form_source source =
	    read_ours(&record, "section-11", "00112233aabbccdd");
	assert_int_equal(source.entry_count, 0);
	assert_true(source.saw_form);
	/* To another partnership the same file is all the sender's word. */
	source = read_ours(&record, "section-11", "ffffffffffffffff");
	assert_int_equal(source.entry_count, 3);
	assert_string_equal(notes_text(&source),
	    "Workbook, sheet A comes from another partnership's workbook. We "
	    "read it by its labels.;");
}

/* Offered rows in which nothing was written are none; moved ones are known. */
static void
offered_rows(void **state)
{
	static const char identity[] =
	    "lscpd|1\nkind|blank\nform|action-update\ninstance|00\n"
	    "cell|table|row|field|given\nA2|updates|1|action|A-0112\n"
	    "A3|updates|2|action|A-0113\n";
	struct record record = {.subject = ""};

	(void)state;
	(void)add_sheet(&record, "A",
	    "Action|Status|Progress\nA-0113|done|In use\nA-0112||\n"
	    "A-0200|late|Ill\n");
	(void)add_sheet(&record, "_lscpd", identity);
	struct form_source source = read_ours(&record, "action-update", "00");
	assert_string_equal(entries_text(&source),
	    "updates  action=A-0113;updates  status=done;"
	    "updates  progress=In use;updates  action=A-0200;"
	    "updates  status=late;updates  progress=Ill;");
	/* Without a key the row is known by what it still says. */
	static const char copy[] =
	    "lscpd|1\nkind|copy\nform|review-action\ninstance|00\n"
	    "cell|table|row|field|given\nA2|actions|1|title|First\n"
	    "B2|actions|1|text|Do it\nA3|actions|2|title|Second\n"
	    "B3|actions|2|text|Do that\n";
	record = (struct record){.subject = ""};
	(void)add_sheet(&record, "A",
	    "Title|What must be done\nNew|Do more\nSecond|Do that now\n"
	    "First|Do it\n");
	(void)add_sheet(&record, "_lscpd", copy);
	source = read_ours(&record, "review-action", "00");
	assert_string_equal(entries_text(&source),
	    "actions 3 title=New;actions 3 text=Do more;actions 2 "
	    "title=Second;actions 2 text=Do that now;actions 1 title=First;"
	    "actions 1 text=Do it;");
}

static void
headers_of_workbooks(void **state)
{
	struct record record = {.subject = ""};
	struct form_header header;

	(void)state;
	(void)add_sheet(&record, "A", "Agency|Northbank\nReference|R-000001\n");
	(void)add_sheet(&record, "_lscpd", g_identity);
	form_header_read(g_arena, &record, "00112233aabbccdd", &header);
	assert_string_equal(header.form, "section-11");
	assert_string_equal(header.round, "S11-2026");
	assert_string_equal(header.agency, "NHT");
	assert_string_equal(header.copy_of, "R-000001");
	assert_string_equal(header.file, "S.xlsx");
	assert_string_equal(header.conflict, "");
	add_segment(&record, BODY_PLAIN, WHOSE_NEW, "Round: S11-2025\n");
	form_header_read(g_arena, &record, "00112233aabbccdd", &header);
	assert_string_equal(header.conflict, "Round");
	form_header_read(g_arena, &record, "ff", &header);
	assert_true(header.is_foreign);
	assert_string_equal(header.form, "");
	assert_string_equal(header.copy_of, "");
}

static void
sheets_name_their_form(void **state)
{
	static const struct {
		const char *text, *forms;
	} cases[] = {
	    {"Help|x\nCompleted by|A\nJob title|B\nBoard "
	     "lead|C\nStandard|Score|"
	     "Evidence|Impact|Gap|Action|Owner|Due\n1|2|x\n",
		"section-11;"},
	    {"Completed by|A\nJob title|B\n", ""},
	    {"Owner|A\nStatus|B\n", ""},
	    {"Indicator|Status|Numerator\nx|final|1\n", "performance-return;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct record record = {.subject = ""};
		const struct form *found[4];
		const char *names = "";
		(void)add_sheet(&record, "A", cases[i].text);
		size_t count = form_guess(g_arena, &g_forms, &record, found,
		    COUNT_OF(found));
		for (size_t k = 0; k < count; k++)
			names = arena_printf(g_arena, "%s%s;", names,
			    found[k]->name);
		if (strcmp(names, cases[i].forms) != 0)
			fail_msg("%s\nis: %s", cases[i].text, names);
	}
}

enum {
	READ_BYTES = 32 * 1024 * 1024 /* of a message's 192 MB */
};

/* A great many cells, labels or marks: each form reads them within bounds. */
static void
hostile_sheets(void **state)
{
	static const char *const texts[] = {"Score|", "x|", "Standard 5|", "|",
	    "Owner|x|", "Status|Action|", "1|Score|"};
	struct arena *own = g_arena;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct buf buf;
		buf_init(&buf, 4 * LIMIT_TEXT_BYTES);
		size_t cells = 0;
		while (cells < LIMIT_CELLS) {
			for (int c = 0; c < 80; c++) {
				buf_puts(&buf, texts[i]);
				cells += (size_t)(1 + i / 4);
			}
			buf_putc(&buf, '\n');
		}
		for (size_t f = 0; f < g_forms.count; f++) {
			struct record record = {.subject = ""};
			g_arena = arena_new(LIMIT_ARENA_BYTES);
			(void)add_sheet(&record, "A", buf_text(&buf));
			size_t before = arena_used(g_arena);
			struct form_source source =
			    read_record(g_forms.items[f]->name, &record, NULL);
			assert_true(source.entry_count <= LIMIT_ANSWERS);
			assert_true(source.unread_count <= LIMIT_UNKNOWN_LINES);
			if (arena_used(g_arena) - before > READ_BYTES)
				fail_msg("%s as %s: %zu bytes", texts[i],
				    g_forms.items[f]->name,
				    arena_used(g_arena) - before);
			arena_free(g_arena);
			g_arena = own;
		}
		buf_done(&buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(layouts_are_read),
	    cmocka_unit_test(places_are_cells),
	    cmocka_unit_test(marks_are_heeded),
	    cmocka_unit_test(stale_copies_change_what_differs),
	    cmocka_unit_test(unchanged_copies_say_nothing),
	    cmocka_unit_test(offered_rows),
	    cmocka_unit_test(headers_of_workbooks),
	    cmocka_unit_test(sheets_name_their_form),
	    cmocka_unit_test(hostile_sheets),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
