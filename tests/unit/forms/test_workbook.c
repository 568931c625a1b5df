/* Workbooks, JSON and schemas of the shipped forms: what stands in them, and
 * what a condition of the definition becomes. How they look and whether other
 * programs read them is tested with those programs. */
#include <jansson.h>
#include <zip.h>

#include "base/limits.h"
#include "base/macros.h"
#include "forms/guide.h"
#include "forms/workbook.h"
#include "forms/workbook_file.h"
#include "forms/workbook_rule.h"
#include "tests/unit/forms/support.h"

static const struct workbook_head g_head = {
    .partnership = "Fairbourne Partnership",
    .address = "lscp@partnership.example",
    .phone = "020 7946 0396",
    .concern = "Worried about a child now? Call 999.",
    .marking = "OFFICIAL & more",
    .instance = "0123456789abcdef",
    .agency = "Northbank <Trust>",
    .person = "Amara Okafor",
    .due = "Friday 27 February 2026",
};

/* --- what is in the file ----------------------------------------------------------- */

static const char *
part_of(const struct buf *file, const char *name)
{
	zip_error_t fault;
	zip_stat_t stat;

	zip_error_init(&fault);
	zip_t *archive =
	    zip_open_from_source(zip_source_buffer_create(file->data, file->len,
				     0, &fault),
		ZIP_RDONLY | ZIP_CHECKCONS, &fault);
	assert_non_null(archive);
	zip_file_t *part = zip_fopen(archive, name, 0);
	assert_non_null(part);
	assert_int_equal(zip_stat(archive, name, 0, &stat), 0);
	char *text = arena_alloc(g_arena, stat.size + 1);
	assert_int_equal(zip_fread(part, text, stat.size), stat.size);
	(void)zip_fclose(part);
	zip_discard(archive);
	return text;
}

static void
make(const struct workbook *workbook, struct buf *out)
{
	struct err err = {0};

	buf_init(out, LIMIT_MAIL_BYTES);
	if (workbook_write(workbook, out, &err) < 0)
		print_error("%s\n", err.text);
	assert_int_equal(err.code, 0);
}

static const struct form *
shipped(const char *name)
{
	const struct form *form = forms_find(&g_forms, name);

	assert_non_null(form);
	return form;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		print_error("lacks %s\n", part);
	assert_non_null(strstr(text, part));
}

static void
every_form_is_a_sound_workbook(void **state)
{
	(void)state;
	for (size_t i = 0; i < g_forms.count; i++) {
		CLEANUP(buf_done)
		struct buf out;
		const struct blank blank = {.form = g_forms.items[i],
		    .ref = "X-2026/NHT",
		    .round = "X-2026",
		    .agency = "NHT"};
		make(&(struct workbook){.blank = &blank, .head = &g_head},
		    &out);
		const char *sheet = part_of(&out, "xl/worksheets/sheet1.xml");
		const char *book = part_of(&out, "xl/workbook.xml");
		const char *strings = part_of(&out, "xl/sharedStrings.xml");
		assert_has(sheet, "<sheetProtection sheet=\"1\"");
		assert_null(strstr(sheet, "password"));
		assert_has(sheet, "paperSize=\"9\"");
		assert_has(sheet, "orientation=\"landscape\"");
		assert_has(sheet, "fitToHeight=\"0\"");
		assert_has(sheet, "OFFICIAL &amp;&amp; more");
		assert_has(sheet, "<conditionalFormatting");
		assert_has(sheet, " ht=\"");
		assert_null(strstr(sheet, "customHeight"));
		assert_null(strstr(sheet, "<f>"));
		assert_has(book, "name=\"_lscpd\" sheetId=");
		assert_has(book, "state=\"hidden\"");
		assert_has(book, "<definedName name=\"lscpd.");
		assert_has(strings, "Northbank &lt;Trust&gt;");
		assert_has(strings, "Friday 27 February 2026");
		assert_has(strings, "date of birth, NHS number");
		assert_has(strings, "0123456789abcdef");
	}
}

/* Nobody's words become a formula, a number stays one, and what a cell cannot
 * hold does not break the file. */
static void
answers_stand_as_they_are(void **state)
{
	static char endless[40000];
	static const struct form_answer answers[] = {
	    {"", "", "completed_by", "=HYPERLINK(\"http://evil.example\")", 1},
	    {"", "", "role", "-2+3", 2},
	    {"", "", "staff_in_scope", "4200", 6},
	    {"", "", "services_covered", endless, 7},
	    {"standards", "1", "due", "2026-05-14", 8},
	    {"standards", "1", "score", "3", 9},
	    {"standards", "1", "gap", "a\x01\nb <&>\"", 9},
	};
	CLEANUP(buf_done)
	struct buf out;
	const struct blank blank = {.form = shipped("section-11"),
	    .ref = "R-000001",
	    .round = "",
	    .agency = "",
	    .answers = answers,
	    .answer_count = COUNT_OF(answers)};

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	make(&(struct workbook){.blank = &blank, .head = &g_head, .copy = 1},
	    &out);
	const char *sheet = part_of(&out, "xl/worksheets/sheet1.xml");
	const char *strings = part_of(&out, "xl/sharedStrings.xml");
	assert_null(strstr(sheet, "<f>"));
	assert_has(strings, "=HYPERLINK(\"http://evil.example\")");
	assert_has(strings, ">-2+3<");
	assert_has(strings, "a_x0001_\nb &lt;&amp;&gt;");
	assert_has(sheet, "<v>4200</v>");
	assert_has(sheet, "<v>46156</v>"); /* 14 May 2026 */
}

static void
notes_stand_beside_what_is_wrong(void **state)
{
	static const struct form_problem problems[] = {
	    {"standards", "5", "score", "Mostly", "",
		"we could not tell which score you mean.", "3, 2, 1, 0 or NA",
		false, 1},
	    {"standards", "6", "due", "", "", "it is missing.", "any date",
		true, 2},
	};
	static const struct workbook_note notes[] = {{"A", &problems[0]},
	    {"B", &problems[1]}};
	static const struct workbook_fact facts[] = {{"Reference", "R-000001"},
	    {"Version 1", ""}};
	CLEANUP(buf_done)
	struct buf out;
	const struct blank blank = {.form = shipped("section-11"),
	    .ref = "R-000001",
	    .round = "",
	    .agency = ""};

	(void)state;
	make(&(struct workbook){.blank = &blank,
		 .head = &g_head,
		 .copy = 2,
		 .notes = notes,
		 .note_count = COUNT_OF(notes),
		 .facts = facts,
		 .fact_count = COUNT_OF(facts)},
	    &out);
	const char *strings = part_of(&out, "xl/sharedStrings.xml");
	assert_has(strings, "A. You wrote: Mostly\nThe problem: we could not");
	assert_has(strings, "You can use: 3, 2, 1, 0 or NA");
	assert_has(strings, "B. Still missing.");
	assert_has(part_of(&out, "xl/comments1.xml"), "Mostly");
	assert_has(part_of(&out, "xl/workbook.xml"), "About this copy");
	assert_has(strings, ">copy<");
}

/* An inserted row keeps the rows of a grid together, and a name its cell. */
static void
names_say_where_answers_are(void **state)
{
	CLEANUP(buf_done)
	struct buf out;
	const struct blank blank = {.form = shipped("training-return"),
	    .ref = "training-return",
	    .round = "",
	    .agency = ""};

	(void)state;
	make(&(struct workbook){.blank = &blank, .head = &g_head}, &out);
	const char *book = part_of(&out, "xl/workbook.xml");
	assert_has(book,
	    "<definedName name=\"lscpd.period\">'Safeguarding training "
	    "return'!$B$");
	assert_has(book,
	    "<definedName name=\"lscpd.levels\">'Safeguarding training "
	    "return'!$A$");
}

static void
sheets_have_names_that_they_may_have(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
	    {"Standards", "Standards"},
	    {"a/b\\c:d*e?f[g]h", "a b c d e f g h"},
	    {"'quoted'", "quoted"},
	    {"A title of more than thirty-one characters",
		"A title of more than thirty-one"},
	    {"ééééééééééééééééééééééééééééééééé",
		"ééééééééééééééééééééééééééééééé"},
	    {"??", "Form"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(workbook_sheet_name(g_arena, cases[i].text),
		    cases[i].name);
}

/* --- conditions ---------------------------------------------------------------------- */

static const char *
letter_cell(const void *ctx, const char *field)
{
	(void)ctx;
	return strcmp(field, "nowhere") == 0
		   ? NULL
		   : arena_printf(g_arena, "$%c1", field[0] - 'a' + 'A');
}

static bool
is_percent(const void *ctx, const char *field)
{
	(void)ctx;
	return field[0] == 'p';
}

static void
conditions_become_formulas(void **state)
{
	static const struct {
		const char *rule, *formula; /* NULL: cannot be said */
	} cases[] = {
	    {"score is one of 2, 3", "OR(($S1&\"\")=\"2\",($S1&\"\")=\"3\")"},
	    {"status is 'not \"available\"'",
		"OR(($S1&\"\")=\"not \"\"available\"\"\")"},
	    {"score is not 3",
		"AND(LEN(TRIM($S1))>0,NOT(OR(($S1&\"\")=\"3\")))"},
	    {"date is filled", "LEN(TRIM($D1))>0"},
	    {"date is empty", "AND(NOT(LEN(TRIM($D1))>0))"},
	    {"due is in the future", "AND(ISNUMBER($D1),$D1>TODAY())"},
	    {"not due is within 12 months",
		"AND(LEN(TRIM($D1))>0,NOT(AND(ISNUMBER($D1),$D1<=EDATE("
		"TODAY(),12),$D1>=EDATE(TODAY(),-12))))"},
	    {"trained <= scope",
		"AND(LEN(TRIM($T1))>0,LEN(TRIM($S1))>0,($T1<=$S1))"},
	    {"percent within 0.5 of 100 * in / scope",
		"AND(LEN(TRIM($P1))>0,LEN(TRIM($I1))>0,LEN(TRIM($S1))>0,"
		"ABS(($P1*100)-((100*$I1)/$S1))<=0.5)"},
	    {"a is filled and b is x or c is y",
		"OR(AND(LEN(TRIM($A1))>0,OR(($B1&\"\")=\"x\")),"
		"OR(($C1&\"\")=\"y\"))"},
	    {"period is closed", NULL},
	    {"nowhere is filled", NULL},
	};
	static const struct workbook_cells cells = {NULL, letter_cell,
	    is_percent};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CLEANUP(buf_done)
		struct buf out;
		struct rule *rule;
		struct err err = {0};
		buf_init(&out, 4096);
		assert_int_equal(rule_parse(g_arena, cases[i].rule, &rule,
				     &err),
		    0);
		bool said = workbook_rule_formula(rule, &cells, &out);
		if (said != (cases[i].formula != NULL))
			print_error("%s\n", cases[i].rule);
		assert_int_equal(said, cases[i].formula != NULL);
		if (said)
			assert_string_equal(buf_text(&out), cases[i].formula);
	}
}

static void
conditions_become_words(void **state)
{
	static const struct form_field fields[] = {
	    {.name = "score", .label = "Score (0 to 3)"},
	    {.name = "due", .label = "By when"},
	};

	static const struct {
		const char *rule, *words;
	} cases[] = {
	    {"score is one of 2, 3", "Score is 2 or 3"},
	    {"score is one of 1, 2, 3", "Score is 1, 2 or 3"},
	    {"score is not 3", "Score is not 3"},
	    {"due is filled", "By when is filled in"},
	    {"due is empty", "By when is empty"},
	    {"not due is within 12 months", "By when is not within 12 months"},
	    {"score is 3 and due is empty", "Score is 3 and By when is empty"},
	    {"score > 3", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rule *rule;
		struct err err = {0};
		assert_int_equal(rule_parse(g_arena, cases[i].rule, &rule,
				     &err),
		    0);
		const char *words = workbook_rule_words(g_arena, rule, fields,
		    COUNT_OF(fields));
		if (cases[i].words == NULL)
			assert_null(words);
		else
			assert_string_equal(words, cases[i].words);
	}
}

static void
a_guide_says_what_scores_mean(void **state)
{
	const struct form_field *field = guide_field(shipped("section-11"));

	(void)state;
	assert_non_null(field);
	assert_string_equal(field->name, "score");
	assert_string_equal(guide_meaning(field->choice, "1"),
	    "we do part of this");
	/* A synonym for one of the grades explains none of them. */
	assert_null(guide_field(shipped("audit-return")));
}

/* --- JSON ---------------------------------------------------------------------------- */

static json_t *
json_of(void (*write)(struct buf *, const struct blank *),
    const struct blank *blank)
{
	CLEANUP(buf_done)
	struct buf out;

	buf_init(&out, LIMIT_MAIL_BYTES);
	write(&out, blank);
	assert_false(out.over);
	json_t *root = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static json_t *
at(json_t *object, const char *path)
{
	char **keys = text_split(g_arena, path, "/");

	for (; *keys != NULL; keys++)
		object = json_is_array(object)
			     ? json_array_get(object, (size_t)atoi(*keys))
			     : json_object_get(object, *keys);
	assert_non_null(object);
	return object;
}

static void
json_is_filled_in(void **state)
{
	static const struct form_answer answers[] = {
	    {"", "", "period", "2025-Q3", 1},
	    {"indicators", "CIN-1", "indicator", "CIN-1", 2},
	    {"indicators", "CIN-1", "numerator", "<5", 3},
	    {"indicators", "CIN-1", "denominator", "12.5", 4},
	};
	const struct blank blank = {.form = shipped("performance-return"),
	    .ref = "",
	    .round = "PR-2025-Q3",
	    .agency = "LA",
	    .answers = answers,
	    .answer_count = COUNT_OF(answers)};
	json_auto_t *root = json_of(blank_json, &blank);

	(void)state;
	assert_string_equal(json_string_value(at(root, "form")),
	    "performance-return");
	assert_string_equal(json_string_value(at(root, "agency")), "LA");
	assert_string_equal(json_string_value(at(root, "fields/period")),
	    "2025-Q3");
	assert_true(json_is_null(at(root, "fields/commentary")));
	assert_string_equal(json_string_value(
				at(root, "tables/indicators/0/numerator")),
	    "<5");
	assert_true(json_real_value(
			at(root, "tables/indicators/0/denominator")) == 12.5);
}

static void
json_of_a_blank_has_every_place(void **state)
{
	const struct blank blank = {.form = shipped("section-11"),
	    .ref = "",
	    .round = "",
	    .agency = ""};
	json_auto_t *root = json_of(blank_json, &blank);

	(void)state;
	assert_null(json_object_get(root, "round"));
	assert_int_equal(json_object_size(at(root, "fields")), 7);
	assert_int_equal(json_object_size(at(root, "tables/standards")), 8);
	assert_true(json_is_null(at(root, "tables/standards/8/due")));
}

/* Every name of the skeleton is in the schema, and of a type it allows. */
static void
schemas_describe_the_skeleton(void **state)
{
	(void)state;
	for (size_t i = 0; i < g_forms.count; i++) {
		const struct form *form = g_forms.items[i];
		const struct blank blank = {.form = form,
		    .ref = "",
		    .round = "",
		    .agency = ""};
		json_auto_t *schema = json_of(blank_schema, &blank);
		assert_string_equal(json_string_value(at(schema, "$schema")),
		    "https://json-schema.org/draft/2020-12/schema");
		assert_string_equal(json_string_value(
					at(schema, "properties/form/const")),
		    form->name);
		for (size_t f = 0; f < form->field_count; f++) {
			json_t *one =
			    at(schema, arena_printf(g_arena,
					   "properties/fields/properties/%s",
					   form->fields[f].name));
			assert_true(json_object_get(one, "type") != NULL ||
				    json_object_get(one, "enum") != NULL);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_is_a_sound_workbook),
	    cmocka_unit_test(answers_stand_as_they_are),
	    cmocka_unit_test(notes_stand_beside_what_is_wrong),
	    cmocka_unit_test(names_say_where_answers_are),
	    cmocka_unit_test(sheets_have_names_that_they_may_have),
	    cmocka_unit_test(conditions_become_formulas),
	    cmocka_unit_test(conditions_become_words),
	    cmocka_unit_test(a_guide_says_what_scores_mean),
	    cmocka_unit_test(json_is_filled_in),
	    cmocka_unit_test(json_of_a_blank_has_every_place),
	    cmocka_unit_test(schemas_describe_the_skeleton),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
