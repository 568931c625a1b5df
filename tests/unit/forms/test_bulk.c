/* Many returns in one mail: whose they are, and what each says. */
#include "base/limits.h"
#include "base/macros.h"
#include "forms/bulk.h"
#include "tests/unit/forms/support.h"

/* Codes of three capitals are agencies that the register knows. */
static const char *
known_agency(void *ctx, struct arena *arena, const char *text,
    const char **ret_reason)
{
	(void)ctx;
	*ret_reason = "we know no agency of that name.";
	return strlen(text) == 3 && strcmp(text, text_lower(arena, text)) != 0
		   ? text
		   : NULL;
}

static const struct form_lookup g_lookup = {.agency = known_agency};

static struct bulk_request
request_of(const char *form, const struct record *record)
{
	return (struct bulk_request){.form = forms_find(&g_forms, form),
	    .record = record,
	    .lookup = &g_lookup};
}

/* "AGENCY (PLACE): entries;" a line each, then what was not read. */
static const char *
bulk_text(const char *form, const struct record *record)
{
	struct bulk_request request = request_of(form, record);
	struct bulk bulk;
	const char *text = "";

	bulk_read(g_arena, &request, &bulk);
	for (size_t i = 0; i < bulk.count; i++) {
		struct form_source source;
		bulk_source(g_arena, &request, &bulk.sets[i], &source);
		text = arena_printf(g_arena, "%s%s%s (%s): %s\n", text,
		    bulk.sets[i].agency, bulk.sets[i].is_answer ? "*" : "",
		    bulk.sets[i].place, entries_text(&source));
	}
	for (size_t i = 0; i < bulk.unread_count; i++)
		text = arena_printf(g_arena, "%s- %s\n", text, bulk.unread[i]);
	return text;
}

struct file_case {
	const char *form, *file, *want;
};

static void
check_files(const struct file_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct record record = {0};
		add_table(&record, TABLE_CSV, "S.csv", cases[i].file);
		const char *got = bulk_text(cases[i].form, &record);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s\ngives:\n%s", cases[i].file, got);
	}
}

static void
rows_are_returns(void **state)
{
	static const struct file_case cases[] = {
	    /* A row alone, with its column, with table or row word, and as
	     * people write it. */
	    {"section-175",
		"URN|School|A1|A1: Evidence|item a2 Score|B1_action|"
		"Self-assessment J1 what you will do (score 0 or 1)\n"
		"900001|Greenhill|3|Minutes|2|Do|Plan\n\n900002||NA||||\n",
		"900001* (S.csv, line 2): urn=900001;setting=Greenhill;"
		"items A1 score=3;items A1 evidence=Minutes;"
		"items A2 score=2;items B1 action=Do;items J1 action=Plan;\n"
		"900002* (S.csv, line 4): urn=900002;items A1 score=NA;\n"},
	    /* A row's label is its name too. */
	    {"section-175",
		"unique reference number|Trips, clubs and off-site provision "
		"are checked\n1|2\n",
		"1* (S.csv, line 2): urn=1;items I3 score=2;\n"},
	    /* Agency goes before URN, filled before empty. */
	    {"section-175",
		"URN|Agency|Headteacher\n900001|GRN|A\n|OAK|B\n"
		"900003||C\n||D\n",
		"GRN (S.csv, line 2): urn=900001;head=A;\n"
		"OAK (S.csv, line 3): head=B;\n"
		"900003* (S.csv, line 4): urn=900003;head=C;\n"
		" (S.csv, line 5): head=D;\n"},
	    {"section-11",
		"Agency code|Completed by|1|1 evidence|Standard 2 "
		"score|colour\n"
		"LA|K|2|It|3|red\nPOL|M|'=1||=2|\n",
		"LA (S.csv, line 2): completed_by=K;standards 1 score=2;"
		"standards 1 evidence=It;standards 2 score=3;\n"
		"POL (S.csv, line 3): completed_by=M;standards 1 score==1;"
		"standards 2 score==2;\n"
		"- S.csv: we do not know the column \"colour\"\n"},
	    /* Two columns for one thing. */
	    {"section-175", "URN|A1|A1 score|Headteacher\n1|2|3|A\n2|2||B\n",
		"1* (S.csv, line 2): urn=1;!items A1 score=2;"
		"!items A1 score=3;head=A;\n"
		"2* (S.csv, line 3): urn=2;items A1 score=2;head=B;\n"},
	    {"section-175", "Our schools|\nURN|A1\n1|2\n",
		"1* (S.csv, line 3): urn=1;items A1 score=2;\n"
		"- S.csv, line 1: \"Our schools\"\n"},
	};

	(void)state;
	check_files(cases, COUNT_OF(cases));
}

static void
one_return_stays_one(void **state)
{
	static const struct file_case cases[] = {
	    /* Long, wide, pairs: as ever. */
	    {"section-175", "table|row|field|value\nitems|A1|score|2\n", ""},
	    {"section-175", "Item|Score|URN\nA1|2|900001\n", ""},
	    {"section-175", "URN|900001\nHeadteacher|A\n", ""},
	    {"section-11", "Agency|Standard|Score\nLA|1|2\nPOL|1|3\n", ""},
	    {"section-11", "Completed by|1\nA|2\n", ""},
	    /* Nobody's alone, or none below the header. */
	    {"section-175", "URN|Shoe size\n900001|44\n", ""},
	    {"section-175", "URN|A1\n", ""},
	    /* A table that repeats is no cell. */
	    {"performance-return",
		"Agency|Quarter|Indicator|Numerator\nLA|2025-Q3|x|1\n", ""},
	    /* Each mail is a return of its own. */
	    {"review-action", "Agency|Source|Group\nLA|x|QA\n", ""},
	};

	(void)state;
	check_files(cases, COUNT_OF(cases));
}

static void
headers_that_fit(void **state)
{
	static const struct {
		const char *form, *file;
		bool fits;
	} cases[] = {
	    {"section-175", "URN|A1|B2 action\n1|2|x\n", true},
	    {"section-11", "URN|A1|B2 action\n1|2|x\n", false},
	    {"section-175", "URN|A1|Z9\n1|2|x\n", false},
	    {"section-175", "Name|A1\n1|2\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct record record = {0};
		struct record_table *table =
		    add_table(&record, TABLE_CSV, "S.csv", cases[i].file);
		if (bulk_fits(g_arena, forms_find(&g_forms, cases[i].form),
			table) != cases[i].fits)
			fail_msg("%s", cases[i].file);
	}
}

/* Sheets of the last workbook. */
static void
add_sheet(struct record *record, const char *name, const char *text)
{
	struct record_table *table = add_table(record, TABLE_SHEET, "", text);

	table->part = (uint32_t)record->part_count - 1;
	table->name = name;
}

static struct record *
workbook(void)
{
	struct record *record = arena_alloc(g_arena, sizeof(*record));
	struct record_part *part = arena_push(g_arena, &record->parts,
	    &record->part_count, sizeof(*part));

	part->name = "All.xlsx";
	return record;
}

static const char g_sheet[] = "row|score|evidence\n1|2|It\n";

static void
sheets_are_returns(void **state)
{
	struct record *record = workbook();

	(void)state;
	add_sheet(record, "Notes", "Read me|\n");
	add_sheet(record, "NHT", g_sheet);
	add_sheet(record, "Sheet3",
	    "Agency|Fire and Rescue\nrow|score\n1|3\n2|0\n");
	add_sheet(record, "Sheet4", g_sheet);
	assert_string_equal(bulk_text("section-11", record),
	    "NHT (workbook, sheet NHT): standards 1 score=2;"
	    "standards 1 evidence=It;\n"
	    "Fire and Rescue (workbook, sheet Sheet3): standards 1 score=3;"
	    "standards 2 score=0;\n"
	    " (workbook, sheet Sheet4): standards 1 score=2;"
	    "standards 1 evidence=It;\n");
}

static void
sheets_of_one_stay_one(void **state)
{
	struct record *record = workbook();

	(void)state;
	/* Two sheets of one agency, and none that names another. */
	add_sheet(record, "NHT", g_sheet);
	add_sheet(record, "Front", "Agency|NHT\nCompleted by|A\n");
	add_sheet(record, "Sheet3", g_sheet);
	assert_string_equal(bulk_text("section-11", record), "");
	/* One sheet. */
	record = workbook();
	add_sheet(record, "NHT", g_sheet);
	assert_string_equal(bulk_text("section-11", record), "");
}

static void
cells_of_a_sheet_are_named(void **state)
{
	struct record *record = workbook();
	struct bulk_request request = request_of("section-175", record);
	struct form_source source;
	struct bulk bulk;

	(void)state;
	add_sheet(record, "Schools", "Title|\nURN|Headteacher|A1\n9|A|Q\n");
	bulk_read(g_arena, &request, &bulk);
	assert_int_equal(bulk.count, 1);
	assert_true(bulk.taken[0]);
	bulk_source(g_arena, &request, &bulk.sets[0], &source);
	assert_int_equal(source.entry_count, 3);
	assert_string_equal(source.entries[2].origin,
	    "workbook, sheet Schools, cell C3");
}

/* As many rows and columns as a file may have, and more of each than count. */
static void
hostile_sizes(void **state)
{
	struct record record = {0};
	struct record_table *table =
	    add_table(&record, TABLE_CSV, "S.csv", "URN|A1\n");
	struct bulk_request request = request_of("section-175", &record);
	struct bulk bulk;

	(void)state;
	for (uint32_t i = 0; i < LIMIT_ROWS; i++) {
		struct record_row *row = arena_push(g_arena, &table->rows,
		    &table->row_count, sizeof(*row));
		row->line = i + 2;
		row->cells = arena_array(g_arena, 2, sizeof(*row->cells));
		row->cells[0] = row->cells[1] = "7";
		row->cell_count = 2;
	}
	bulk_read(g_arena, &request, &bulk);
	assert_int_equal(bulk.count, LIMIT_BULK_RETURNS);
	assert_true(bulk.is_cut);

	struct record wide = {0};
	const char *text = "URN";
	for (int i = 1; i < LIMIT_COLUMNS; i++)
		text = arena_printf(g_arena, "%s|A1 score", text);
	add_table(&wide, TABLE_CSV, "S.csv",
	    arena_printf(g_arena, "%s\n%s\n", text, text));
	struct bulk_request request_wide = request_of("section-175", &wide);
	struct form_source source;
	bulk_read(g_arena, &request_wide, &bulk);
	assert_int_equal(bulk.count, 1);
	bulk_source(g_arena, &request_wide, &bulk.sets[0], &source);
	assert_int_equal(source.entry_count, LIMIT_COLUMNS);
	assert_true(*source.entries[1].fault != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_returns),
	    cmocka_unit_test(one_return_stays_one),
	    cmocka_unit_test(headers_that_fit),
	    cmocka_unit_test(sheets_are_returns),
	    cmocka_unit_test(sheets_of_one_stay_one),
	    cmocka_unit_test(cells_of_a_sheet_are_named),
	    cmocka_unit_test(hostile_sizes),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
