/* Workbooks and Word files, as LibreOffice, Gnumeric and openpyxl write them
 * (tests/fixtures/make_readers.py): each program's file says the same. */
#include "attach.h"

static const char g_values[] =
    "1|date|2026-03-31/2|leap day|2024-02-29/3|long date|2026-03-01/"
    "4|month|2026-04-01/5|date and time|2026-03-31 14:30/6|time|09:05/"
    "7|hours|26:30/8|percent|25%/9|percent with decimals|7.25%/10|whole|40/"
    "11|decimal|12.5/12|sum of tenths|0.3/13|large|12345678901/"
    "14|small|0.00001/15|negative|-3/16|money|1250.5/17|code|00123/"
    "18|yes|yes/19|no|no/20|number as text|0123/21|lines|one\ntwo/"
    "22|letters|Caf\xc3\xa9 \xe2\x80\x93 \xc5\x81\xc3\xb3"
    "d\xc5\xba/";

/* The same where Booleans became formulas. */
static const char g_values_truth[] =
    "1|date|2026-03-31/2|leap day|2024-02-29/3|long date|2026-03-01/"
    "4|month|2026-04-01/5|date and time|2026-03-31 14:30/6|time|09:05/"
    "7|hours|26:30/8|percent|25%/9|percent with decimals|7.25%/10|whole|40/"
    "11|decimal|12.5/12|sum of tenths|0.3/13|large|12345678901/"
    "14|small|0.00001/15|negative|-3/16|money|1250.5/17|code|00123/"
    "18|yes|=yes/19|no|=no/20|number as text|0123/21|lines|one\ntwo/"
    "22|letters|Caf\xc3\xa9 \xe2\x80\x93 \xc5\x81\xc3\xb3"
    "d\xc5\xba/";

#define LAYOUT_HEAD                                           \
	"1|Label|over two|^over two|~hidden column/3|down|1/" \
	"4|^down|2/5|^down|3/7!|hidden row/9||far/"

static const char g_layout[] =
    LAYOUT_HEAD "12|=3/13|=##DIV/0!/14|=/15|=yes/16|=ab/";
static const char g_layout_uncalculated[] =
    LAYOUT_HEAD "12|=?/13|=?/14|=?/15|=?/16|=?/";

static const char g_word[] = "1|Standard|Score|Evidence/"
			     "2|1|2|Named nurse\njob\ndescription/"
			     "3|^1|both|^both/";

static const struct {
	const char *file;
	enum record_table_kind kind;
	const char *name, *want;
} g_files[] = {
    {"values-openpyxl.xlsx", TABLE_SHEET, "Values", g_values},
    {"values-libreoffice.ods", TABLE_SHEET, "Values", g_values_truth},
    {"values-libreoffice.xlsx", TABLE_SHEET, "Values", g_values_truth},
    {"values-gnumeric.xlsx", TABLE_SHEET, "Values", g_values_truth},
    {"values-gnumeric.ods", TABLE_SHEET, "Values", g_values_truth},
    {"values1904-openpyxl.xlsx", TABLE_SHEET, "Values", g_values},
    {"values1904-libreoffice.ods", TABLE_SHEET, "Values", g_values_truth},
    {"values1904-libreoffice.xlsx", TABLE_SHEET, "Values", g_values_truth},
    {"values1904-gnumeric.xlsx", TABLE_SHEET, "Values", g_values_truth},
    {"values1904-gnumeric.ods", TABLE_SHEET, "Values", g_values_truth},
    {"layout-openpyxl.xlsx", TABLE_SHEET, "R\xc3\xa9sum\xc3\xa9 & more",
	g_layout_uncalculated},
    {"layout-libreoffice.ods", TABLE_SHEET, "R\xc3\xa9sum\xc3\xa9 & more",
	g_layout},
    {"layout-libreoffice.xlsx", TABLE_SHEET, "R\xc3\xa9sum\xc3\xa9 & more",
	g_layout},
    {"layout-gnumeric.xlsx", TABLE_SHEET, "R\xc3\xa9sum\xc3\xa9 & more",
	g_layout},
    {"layout-gnumeric.ods", TABLE_SHEET, "R\xc3\xa9sum\xc3\xa9 & more",
	g_layout},
    {"rich-hand.xlsx", TABLE_SHEET, "S1", "1|rich text|a\nb/"},
    {"strict-hand.xlsx", TABLE_SHEET, "S", "2|2026-03-31|14:30|x//"},
    {"rich-libreoffice.xlsx", TABLE_SHEET, "S1", "1|rich text|a\nb/"},
    {"word-libreoffice.docx", TABLE_WORD, "table 1", g_word},
    {"word-libreoffice.odt", TABLE_WORD, "T", g_word},
};

static void
by_every_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_files); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		/* The name says nothing: what it is, its content says. */
		struct record r =
		    attach_fixture(arena, g_files[i].file, "attachment");
		if (r.parts[0].verdict != PART_READ || r.table_count == 0)
			fail_msg("%s: not read", g_files[i].file);
		const struct record_table *t = &r.tables[0];
		const char *got = attach_grid(arena, t);
		assert_string_equal(r.parts[0].reason, "");
		assert_int_equal(t->kind, g_files[i].kind);
		assert_int_equal(t->part, 0);
		assert_string_equal(t->name, g_files[i].name);
		assert_false(t->cut);
		assert_false(t->hidden);
		if (strcmp(got, g_files[i].want) != 0)
			fail_msg("%s: %s", g_files[i].file, got);
	}
}

/* A sheet that nobody sees is read like any other. Gnumeric forgets that it
 * was hidden when it writes XLSX. */
static void
hidden_sheet(void **state)
{
	static const struct {
		const char *file;
		bool hidden;
	} files[] = {
	    {"layout-openpyxl.xlsx", true},
	    {"layout-libreoffice.ods", true},
	    {"layout-libreoffice.xlsx", true},
	    {"layout-gnumeric.xlsx", false},
	    {"layout-gnumeric.ods", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r =
		    attach_fixture(arena, files[i].file, "a.xlsx");
		assert_int_equal(r.table_count, 2); /* the blank one is left */
		assert_string_equal(r.tables[1].name, "_lscpd");
		assert_string_equal(attach_grid(arena, &r.tables[1]),
		    "1|form|section-11/");
		assert_int_equal(r.tables[1].hidden, files[i].hidden);
	}
}

/* Words beside the tables of a document are there for whoever screens it. */
static void
words_beside_tables(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();

	(void)state;
	struct record docx =
	    attach_fixture(arena, "word-libreoffice.docx", "a.docx");
	struct record odt =
	    attach_fixture(arena, "word-libreoffice.odt", "a.odt");
	assert_non_null(strstr(docx.parts[0].text, "Our return for 2026\n"));
	assert_non_null(strstr(docx.parts[0].text, "Kind\tregards"));
	assert_non_null(strstr(odt.parts[0].text, "Our return for 2026\n"));
	assert_non_null(strstr(odt.parts[0].text, "Kind\tregards"));
}

/* Two files of one mail are told apart. */
static void
parts_of_tables(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	gchar *data, *base64;
	gsize bytes;

	(void)state;
	assert_true(g_file_get_contents("tests/fixtures/readers/rich-hand.xlsx",
	    &data, &bytes, NULL));
	base64 = g_base64_encode((const guchar *)data, bytes);
	const char *part = arena_printf(arena,
	    "--b\nContent-Type: a/b; name=a.xlsx\n"
	    "Content-Transfer-Encoding: base64\n\n%s\n",
	    base64);
	struct record r = mail_parse(arena,
	    arena_printf(arena,
		"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
		"--b\n\nx\n%s%s--b\nContent-Type: message/rfc822\n\n"
		"Subject: y\nContent-Type: multipart/mixed; boundary=c\n\n"
		"--c\nContent-Type: a/b; name=a.xlsx\n"
		"Content-Transfer-Encoding: base64\n\n%s\n--c--\n\n--b--\n",
		part, part, base64));
	g_free(data);
	g_free(base64);
	assert_int_equal(r.part_count, 3);
	assert_int_equal(r.table_count, 2); /* none of the inner message */
	assert_int_equal(r.tables[0].part, 0);
	assert_int_equal(r.tables[1].part, 1);
	assert_int_equal(r.parts[2].verdict, PART_MESSAGE);
	assert_null(strstr(r.parts[2].text, "PK"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_every_program),
	    cmocka_unit_test(hidden_sheet),
	    cmocka_unit_test(words_beside_tables),
	    cmocka_unit_test(parts_of_tables),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
