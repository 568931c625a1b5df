/* Definitions: what is read, and every mistake by its line. */
#include "base/macros.h"
#include "forms/blank.h"
#include "tests/unit/forms/support.h"

/* A definition that is right, with a place for something more. */
#define FORM(more)                                                             \
	"form \"test\" {\n"                                                    \
	"  title = \"Test\" senders = {lead}\n"                                \
	"  choice \"c\" { values = {\"yes\", \"not yet\"} }\n"                 \
	"  field \"a\" { label = \"First\" type = integer }\n"                 \
	"  field \"b\" { label = \"Second\" type = choice choice = c }\n" more \
	"}\n"
#define TABLE(more)                                        \
	"  table \"t\" { label = \"T\" rows = repeating\n" \
	"    column \"x\" { label = \"X\" type = text }\n" more "  }\n"

static const struct {
	const char *source;
	const char *said; /* a piece of one of the faults */
} g_wrong[] = {
    {"", "exactly one form"},
    {"form \"test\" {\n  title = \"Test\"\n", "ends inside a section"},
    {"form \"test\" {\n  title = \"Te\n}\n", "a quote is missing"},
    {FORM("  tpye = 3\n"), "t.form:6: `tpye` has no meaning in a form"},
    {FORM("  field \"d\" {\n label = \"D\"\n tipe = text }\n"),
	"t.form:8: `tipe` has no meaning in a field"},
    {FORM("  title = \"Again\"\n"), "t.form:6: `title` stands here twice"},
    {FORM("  field \"d\" { label = \"D\" }\n"), "t.form:6: a type is missing"},
    {FORM("  field \"d\" { label = \"D\" type = txt }\n"),
	"t.form:6: the type `txt` does not exist; one of: text,"},
    {FORM("  field \"d\" { type = text }\n"), "t.form:6: a label"},
    {FORM("  field \"D\" { label = \"D\" type = text }\n"),
	"the name `D` must be"},
    {FORM("  field \"d\" { label = \"D\" type = choice }\n"),
	"which choice is it"},
    {FORM("  field \"d\" { label = \"D\" type = choice choice = k }\n"),
	"the choice `k` is not defined"},
    {FORM("  field \"d\" { label = \"D\" type = text choice = c }\n"),
	"belongs to `type = choice`"},
    {FORM("  field \"d\" { label = \"D\" type = text required = so }\n"),
	"true or false, not `so`"},
    {FORM("  field \"d\" { label = \"D\" type = text max = forty }\n"),
	"t.form:6: `max` is a number"},
    {FORM("  field \"d\" { label = \"D\" type = text min = 2 }\n"),
	"`min` belongs to numbers"},
    {FORM("  field \"d\" { label = \"D\" type = date max = 2 }\n"),
	"`max` belongs to texts and numbers"},
    {FORM("  field \"d\" { label = \"D\" type = integer min = 3 max = 2 "
	  "}\n"),
	"above its `max`"},
    {FORM("  field \"d\" { label = \"First\" type = text }\n"),
	"`a` and `d` may both be called \"first\""},
    {FORM("  field \"d\" { label = \"Round\" type = text }\n"),
	"cannot be called \"round\""},
    {FORM("  field \"d\" { label = \"D\" type = text required-if = \"e is "
	  "filled\" }\n"),
	"speaks of `e`, which is no field here"},
    {FORM("  field \"d\" { label = \"D\" type = text required-if = \"b is "
	  "no\" }\n"),
	"which is no value of the choice `c`"},
    {FORM("  field \"d\" { label = \"D\" type = text required-if = \"b is "
	  "not yet\" }\n"),
	"stands in '…'"},
    {FORM("  field \"d\" { label = \"D\" type = text required-if = \"b\" "
	  "}\n"),
	"ends too early"},
    {FORM("  field \"d\" { label = \"D\" type = text check = \"d > 3\" "
	  "message = \"m\" }\n"),
	"a number is needed there"},
    {FORM("  field \"d\" { label = \"D\" type = integer check = \"d > 3\" "
	  "}\n"),
	"has a check but no message"},
    {FORM("  field \"d\" { label = \"D\" type = text required = true "
	  "required-if = \"a > 3\" }\n"),
	"keep one"},
    {FORM("  field \"d\" { label = \"D\" type = text pattern = \"[\" "
	  "message = \"m\" }\n"),
	"no extended regular expression"},
    {FORM("  field \"d\" { label = \"D\" type = text small-counts = true }\n"),
	"`small-counts` belongs to numbers"},
    {FORM("  choice \"k\" { values = {\"1\"} synonyms = {\"one = 2\"} "
	  "}\n"),
	"the synonym `one = 2` must read"},
    {FORM("  choice \"k\" { }\n"), "a choice needs values"},
    {FORM("  check \"a > 1\" { }\n"), "a message is missing"},
    {FORM("  check \"a >> 1\" { message = \"m\" }\n"), "cannot be read"},
    {FORM("  period = weekly\n"), "not `weekly`"},
    {FORM("  period = quarter\n"), "needs a field \"period\""},
    {FORM("  period = {round, quarter}\n"), "not both"},
    {FORM("  one-per = {agency, colour}\n"), "`colour` cannot stand in"},
    {FORM("  sign-off = maybe\n"), "true or false"},
    {FORM("  version = 0\n"), "`version` is a whole number from 1"},
    {FORM(TABLE("") TABLE("")), "found duplicate title 't'"},
    {FORM("  table \"t\" { label = \"T\" rows = fixed\n"
	  "    column \"x\" { label = \"X\" type = text } }\n"),
	"t.form:6: the fixed table `t` has no row"},
    {FORM("  table \"t\" { label = \"T\" rows = fixed\n"
	  "    column \"x\" { label = \"X\" type = text }\n"
	  "    row \"1\" { label = \"One\" }\n"
	  "    row \"2\" { label = \"one\" } }\n"),
	"t.form:9: the rows `1` and `2` have one label"},
    {FORM("  table \"t\" { label = \"T\" }\n"), "`rows` is fixed"},
    {FORM("  table \"t\" { label = \"T\" rows = repeating }\n"),
	"has no column"},
    {FORM(TABLE("    key = y\n")), "the key `y` must be a column"},
    {FORM(TABLE("    key = x\n")), "write required = true"},
    {FORM(TABLE("    min-rows = 5 max-rows = 2\n")), "above its"},
    {FORM(TABLE("    max-rows = many\n")), "`max-rows` is a number"},
    {FORM(TABLE("    column \"y\" { label = \"First\" type = text }\n")),
	"may both be called \"first\""},
    {FORM(TABLE("    column \"y\" { label = \"Y\" type = text required-if "
		"= \"a > 3\" }\n")),
	"`a`, which is no column here"},
    {"form \"test\" { title = \"T\" senders = {cook}\n field \"a\" { label "
     "= \"A\" type = text } }\n",
	"`cook` cannot stand in `senders`; one of: staff, lead"},
    {"form \"test\" { title = \"T\" field \"a\" { label = \"A\" type = "
     "text } }\n",
	"`senders` is missing"},
    {"form \"test\" { title = \"T\" senders = {lead} }\n",
	"the form asks nothing"},
    {"form \"a\" { title = \"T\" }\nform \"b\" { title = \"T\" }\n",
	"exactly one form"},
    {"include(\"/etc/passwd\")\n", "include"},
    {"\xff\xfe", "UTF-8"},
};

static void
mistakes_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_wrong); i++) {
		struct form_faults faults = {NULL, 0};
		struct form *form = NULL;
		struct err err = {0};
		bool said = false;
		int rc = form_parse(g_arena, g_wrong[i].source, "t.form",
		    &faults, &form, &err);
		if (rc != ERR_CONFIG || form != NULL)
			fail_msg("accepted: %s", g_wrong[i].source);
		for (size_t k = 0; k < faults.count; k++)
			said |=
			    strstr(faults.items[k], g_wrong[i].said) != NULL;
		if (!said)
			fail_msg("%s\nsays: %s", g_wrong[i].source,
			    faults.count > 0 ? faults.items[0] : "nothing");
	}
}

static void
all_mistakes_at_once(void **state)
{
	static const char source[] =
	    FORM("  field \"d\" { label = \"D\" type = txt }\n"
		 "  field \"e\" { type = text }\n"
		 "  tpye = 3\n"
		 "  colour = 3\n");
	struct form_faults faults = {NULL, 0};
	struct form *form = NULL;
	struct err err = {0};

	(void)state;
	(void)form_parse(g_arena, source, "t.form", &faults, &form, &err);
	assert_true(faults.count >= 2);
	assert_non_null(strstr(faults.items[0], "t.form:8: `tpye`"));
	assert_non_null(strstr(faults.items[1], "t.form:9: `colour`"));
}

static void
a_right_one_is_read(void **state)
{
	static const char source[] =
	    FORM("  help = \"Costs ${HOME} \\\"all in\\\"\" # not expanded\n"
		 "  period = round\n" TABLE(""));
	struct form_faults faults = {NULL, 0};
	struct form *form = NULL;
	struct err err = {0};
	char sha[SHA256_HEX_BYTES];

	(void)state;
	if (form_parse(g_arena, source, "t.form", &faults, &form, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(form->help, "Costs ${HOME} \"all in\"");
	assert_string_equal(form->source, source);
	sha256_of(source, strlen(source), sha);
	assert_string_equal(form->sha256, sha);
	assert_int_equal(form->version, 1);
	assert_int_equal(form->covers, COVERS_ROUND);
	assert_int_equal(form->one_per_count, 2);
	assert_string_equal(form->one_per[1], "round");
	assert_int_equal(form->tables[0].max_rows, 100);
	assert_string_equal(form->tables[0].row_label, "Row");
}

/* What was frozen is read again from its text alone. */
static void
shipped_forms_read_again(void **state)
{
	(void)state;
	assert_int_equal(g_forms.count, 7);
	for (size_t i = 0; i < g_forms.count; i++) {
		struct form_faults faults = {NULL, 0};
		struct form *form = NULL;
		struct err err = {0};
		assert_int_equal(form_parse(g_arena, g_forms.items[i]->source,
				     "frozen", &faults, &form, &err),
		    0);
		assert_string_equal(form->sha256, g_forms.items[i]->sha256);
	}
}

/* One to four of a field that says so, and nothing else. */
static void
small_counts_are_hidden(void **state)
{
	static const struct {
		const char *form, *tbl, *field, *value, *shown;
	} cases[] = {
	    {"section-175", "", "cp_plans", "0", "0"},
	    {"section-175", "", "cp_plans", "1", "<5"},
	    {"section-175", "", "cp_plans", "4", "<5"},
	    {"section-175", "", "cp_plans", "5", "5"},
	    {"section-175", "", "staff_total", "3", "3"},
	    {"section-175", "items", "score", "3", "3"},
	    {"performance-return", "indicators", "numerator", "4.5", "<5"},
	    {"performance-return", "indicators", "comment", "3", "3"},
	    {"performance-return", "", "none", "3", "3"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(form_shown_value(forms_find(&g_forms,
							 cases[i].form),
					cases[i].tbl, cases[i].field,
					cases[i].value),
		    cases[i].shown);
}

/* A prefix of a definition is never taken for a whole one. */
static void
cut_definitions_are_refused(void **state)
{
	const char *source = forms_find(&g_forms, "review-action")->source;
	size_t bytes = strlen(source);

	(void)state;
	for (size_t cut = 0; cut + 2 < bytes; cut += 7) {
		struct arena *arena = arena_new(32 * 1024 * 1024);
		struct form_faults faults = {NULL, 0};
		struct form *form = NULL;
		struct err err = {0};
		assert_int_equal(form_parse(arena,
				     arena_strndup(arena, source, cut),
				     "cut.form", &faults, &form, &err),
		    ERR_CONFIG);
		assert_true(faults.count > 0);
		arena_free(arena);
	}
}

static void
places_in_words(void **state)
{
	const struct form *form = forms_find(&g_forms, "SECTION-11");

	(void)state;
	assert_non_null(form);
	assert_string_equal(form_place(g_arena, form, "", "", "completed_by"),
	    "Completed by");
	assert_string_equal(form_place(g_arena, form, "standards", "5",
				"score"),
	    "Standard 5, Staff training: Score");
	assert_string_equal(form_place(g_arena, form, "standards", "5", ""),
	    "Standard 5, Staff training");
	assert_int_equal(form_position(form, "", "", "completed_by"), 1);
	assert_true(form_position(form, "standards", "2", "score") >
		    form_position(form, "standards", "1", "na_reason"));
	assert_ptr_equal(forms_find(&g_forms, "Section 11 self-assessment"),
	    form);
	assert_null(forms_find(&g_forms, "section-12"));
}

/* What goes out comes back empty, and with answers as they were. */
static void
blanks_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < g_forms.count; i++) {
		struct buf buf;
		buf_init(&buf, 1024 * 1024);
		blank_text(&buf, &(struct blank){.form = g_forms.items[i],
				     .ref = "S11-2026/LGT",
				     .round = "S11-2026",
				     .agency = "LGT"});
		assert_string_equal(form_block_ref(g_arena, buf_text(&buf)),
		    "S11-2026/LGT");
		struct form_source source =
		    read_text(g_forms.items[i]->name, buf_text(&buf));
		assert_string_equal(entries_text(&source), "");
		assert_string_equal(unread_text(&source), "");
		assert_true(source.saw_form);
		assert_false(source.is_cut);
		buf_done(&buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_are_named),
	    cmocka_unit_test(all_mistakes_at_once),
	    cmocka_unit_test(a_right_one_is_read),
	    cmocka_unit_test(shipped_forms_read_again),
	    cmocka_unit_test(small_counts_are_hidden),
	    cmocka_unit_test(cut_definitions_are_refused),
	    cmocka_unit_test(places_in_words),
	    cmocka_unit_test(blanks_come_back),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
