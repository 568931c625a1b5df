/* What a number in a sheet means, by its format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "parser/celltext.h"

static const struct {
	const char *code;
	double value;
	const char *want; /* counted from 1900 */
} g_formats[] = {
    {"General", 12.5, "12.5"},
    {"General", 0.1 + 0.2, "0.3"},
    {"General", 1e15, "1000000000000000"},
    {"General", 1.5e-7, "0.00000015"},
    {"General", -0.5, "-0.5"},
    {"General", -0.0, "0"},
    {"General", 0, "0"},
    {"General", 99999999999999999.0, "100000000000000000"},
    {"0", 7, "7"},
    {"00", 7, "07"},
    {"0000000", 139165, "0139165"},
    {"00000", 12.5, "12.5"},
    {"00000", -3, "-3"},
    {"0.00", 12.5, "12.5"},
    {"#,##0.00", 1250.5, "1250.5"},
    {"0.00E+00", 1250.5, "1250.5"},
    {"#,##0 \"days\"", 3, "3"},
    {"[Red]0;[Blue]-0", 3, "3"},
    {"# ?/?", 0.5, "0.5"},
    {"0%", 0.25, "25%"},
    {"0.0%", 0.07, "7%"},
    {"0%", 1.0 / 3, "33.3333333333333%"},
    {"\"100%\"", 0.25, "0.25"},
    {"dd/mm/yyyy", 46112, "2026-03-31"},
    {"dd/mm/yyyy;@", 46112, "2026-03-31"},
    {"[$-809]dd mmmm yyyy", 46112, "2026-03-31"},
    {"d\\-mmm", 46112, "2026-03-31"},
    {"mmm\\-yy", 46112, "2026-03-31"},
    {"dd/mm/yyyy", 46112.75, "2026-03-31"},
    {"dd/mm/yyyy hh:mm", 46112.75, "2026-03-31 18:00"},
    {"dd/mm/yyyy hh:mm", 46112, "2026-03-31"},
    {"dd/mm/yyyy hh:mm", 46112.999999, "2026-04-01"},
    {"yyyy-mm-dd hh:mm:ss", 46112.6041666667, "2026-03-31 14:30"},
    {"hh:mm", 0.604166666666667, "14:30"},
    {"h:mm AM/PM", 0.604166666666667, "14:30"},
    {"mm:ss", 0.000694444444, "00:01"},
    {"hh:mm:ss", 0.00001157407, "00:00:01"},
    {"hh:mm", 46112.75, "18:00"},
    {"[h]:mm", 26.5 / 24, "26:30"},
    {"[hh]:mm", 0.5, "12:00"},
    {"dd/mm/yyyy", 1, "1900-01-01"},
    {"dd/mm/yyyy", 59, "1900-02-28"},
    {"dd/mm/yyyy", 60, "1900-02-29"},
    {"dd/mm/yyyy", 61, "1900-03-01"},
    {"dd/mm/yyyy", 0, "0"},
    {"dd/mm/yyyy", -1, "-1"},
    {"dd/mm/yyyy", 2958465, "9999-12-31"},
    {"dd/mm/yyyy", 2958466, "2958466"},
    {"dd/mm/yyyy", 1e300, NULL},
    {"\"TRUE\";\"TRUE\";\"FALSE\"", 1, "yes"},
    {"\"TRUE\";\"TRUE\";\"FALSE\"", 0, "no"},
    {"\"open", 3, "3"},
    {"[open", 3, "3"},
    {"\\", 3, "3"},
    {"", 3, "3"},
};

static void
formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_formats); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 1000);
		cell_put_number(&out, g_formats[i].value,
		    cell_format_of(g_formats[i].code), EPOCH_1900);
		if (g_formats[i].want == NULL)
			assert_int_equal(strlen(buf_text(&out)), 301);
		else if (strcmp(buf_text(&out), g_formats[i].want) != 0)
			fail_msg("%s of %g: %s", g_formats[i].code,
			    g_formats[i].value, buf_text(&out));
	}
}

static void
epochs(void **state)
{
	static const struct {
		double value;
		const char *want;
	} cases[] = {{0, "1904-01-01"}, {44650, "2026-03-31"},
	    {59, "1904-02-29"}, {60, "1904-03-01"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 100);
		cell_put_number(&out, cases[i].value, cell_format_builtin(14),
		    EPOCH_1904);
		assert_string_equal(buf_text(&out), cases[i].want);
	}
}

static void
builtins(void **state)
{
	static const struct {
		unsigned id;
		enum cell_kind kind;
	} cases[] = {{0, CELL_NUMBER}, {2, CELL_NUMBER}, {9, CELL_PERCENT},
	    {10, CELL_PERCENT}, {11, CELL_NUMBER}, {14, CELL_DATE},
	    {17, CELL_DATE}, {20, CELL_TIME}, {22, CELL_DATE_TIME},
	    {30, CELL_DATE}, {33, CELL_TIME}, {46, CELL_SPAN},
	    {49, CELL_NUMBER}, {57, CELL_DATE}, {59, CELL_NUMBER},
	    {60000, CELL_NUMBER}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(cell_format_builtin(cases[i].id).kind,
		    cases[i].kind);
}

static void
of_open_document(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: not understood */
		bool (*put)(struct buf *out, const char *text);
	} cases[] = {
	    {"2026-03-31", "2026-03-31", cell_put_iso},
	    {"2026-03-31T14:30:00", "2026-03-31 14:30", cell_put_iso},
	    {"2026-03-31T14:30:00.5", "2026-03-31 14:30:01", cell_put_iso},
	    {"2026-03-31T14:30", "2026-03-31 14:30", cell_put_iso},
	    {"2026-03-31T00:00:00Z", "2026-03-31", cell_put_iso},
	    {"2026-02-30", NULL, cell_put_iso},
	    {"2026-3-1", NULL, cell_put_iso},
	    {"2026-03-31T25:00:00", NULL, cell_put_iso},
	    {"2026-03-31T10:00:nan", NULL, cell_put_iso},
	    {"", NULL, cell_put_iso},
	    {"31/03/2026", NULL, cell_put_iso},
	    {"PT14H30M00S", "14:30", cell_put_duration},
	    {"PT26H30M00S", "26:30", cell_put_duration},
	    {"PT00H00M01S", "00:00:01", cell_put_duration},
	    {"PT14H", NULL, cell_put_duration},
	    {"", NULL, cell_put_duration},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 100);
		bool known = cases[i].put(&out, cases[i].text);
		if (known != (cases[i].want != NULL) ||
		    strcmp(buf_text(&out), known ? cases[i].want : "") != 0)
			fail_msg("%s: %s", cases[i].text, buf_text(&out));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formats),
	    cmocka_unit_test(epochs),
	    cmocka_unit_test(builtins),
	    cmocka_unit_test(of_open_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
