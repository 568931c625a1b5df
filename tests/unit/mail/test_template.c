/* The template language: what it renders, and what it refuses. */
#include "support.h"

struct fixture {
	char folder[40];
	struct problems problems;
	struct err err;
	struct template_set *set;
};

static int
load(struct fixture *f, const char *txt, const char *html, const char *samples)
{
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/lscpd-tpl-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	write_file(f->folder, "x.txt", txt);
	write_file(f->folder, "x.html", html);
	write_file(f->folder, "part.txt", "[{{name}}]\n");
	write_file(f->folder, "part.html", "[{{name}}]\n");
	write_file(f->folder, "loop.txt", "{{> loop}}\n");
	write_file(f->folder, "loop.html", "\n");
	write_file(f->folder, "samples.json", samples);
	problems_init(&f->problems);
	f->err = (struct err){.code = 0};
	f->set = NULL;
	json_t *common = json_pack("{s:s}", "name", "N");
	int rc =
	    templates_load(f->folder, common, &f->problems, &f->set, &f->err);
	json_decref(common);
	return rc;
}

static void
done(struct fixture *f)
{
	remove_folder(f->folder);
	problems_done(&f->problems);
	templates_free(f->set);
}

static void
render_equals(const char *body, const char *values, const char *text,
    const char *html)
{
	struct fixture f;
	char txt[500], samples[700];
	struct buf out;

	/* Each name is shown once by the sample, whatever is rendered then. */
	(void)snprintf(txt, sizeof(txt), "Subject: s\n%s", body);
	(void)snprintf(samples, sizeof(samples),
	    "{\"x\": [{\"values\": %s}, {\"values\": {\"a\": \"\", \"l\": [], "
	    "\"o\": {\"p\": \"q\"}, \"n\": 0}}, {\"values\": {\"a\": \"b\", "
	    "\"l\": [{\"a\": \"c\"}], \"o\": {\"p\": \"\"}, \"n\": 1}}]}",
	    values);
	if (load(&f, txt, body, samples) < 0)
		fail_msg("%s", buf_text(&f.problems.text));
	json_t *given = json_loads(values, 0, NULL);
	assert_non_null(given);
	assert_int_equal(json_object_set_new(given, "name", json_string("N")),
	    0);
	buf_init(&out, TEMPLATE_OUTPUT_BYTES);
	assert_int_equal(template_render(f.set, "x", TEMPLATE_TEXT, given, &out,
			     &f.err),
	    0);
	assert_string_equal(buf_text(&out), text);
	buf_clear(&out);
	assert_int_equal(template_render(f.set, "x", TEMPLATE_HTML, given, &out,
			     &f.err),
	    0);
	assert_string_equal(buf_text(&out), html);
	buf_done(&out);
	json_decref(given);
	done(&f);
}

static void
renders(void **state)
{
	static const struct {
		const char *body, *values, *text, *html;
	} cases[] = {
	    {"{{a}}", "{\"a\": \"<b>&\\\"'\"}", "<b>&\"'",
		"&lt;b&gt;&amp;&quot;&#39;"},
	    {"{{{a}}}", "{\"a\": \"<b>\"}", "<b>", "<b>"},
	    {"{{ a }}", "{\"a\": \"one\\ntwo\\r\\n\\tx\"}", "one two  x",
		"one\ntwo\n x"},
	    {"{{{a}}}", "{\"a\": \"one\\r\\ntwo\"}", "one\ntwo", "one\ntwo"},
	    {"{{a}}", "{\"a\": \"x\\u202ey\\u0007z\\u2066\"}", "xy z", "xy z"},
	    {"{{n}}", "{\"n\": 42}", "42", "42"},
	    {"{{o.p}}", "{\"o\": {\"p\": \"deep\"}}", "deep", "deep"},
	    {"a\n{{#l}}\n- {{a}}\n{{/l}}\nb\n",
		"{\"l\": [{\"a\": \"1\"}, {\"a\": \"2\"}]}", "a\n- 1\n- 2\nb\n",
		"a\n- 1\n- 2\nb\n"},
	    {"{{^l}}none{{/l}}{{#l}}some{{/l}}", "{\"l\": []}", "none", "none"},
	    {"{{#a}}[{{a}}]{{/a}}", "{\"a\": \"z\"}", "[z]", "[z]"},
	    {"{{#a}}[{{a}}]{{/a}}", "{\"a\": \"\"}", "", ""},
	    {"{{#o}}{{p}}{{/o}}", "{\"o\": {\"p\": \"in\"}}", "in", "in"},
	    {"{{#n}}n{{/n}}", "{\"n\": 0}", "", ""},
	    {"x{{! not a word }}y", "{}", "xy", "xy"},
	    {"x\n{{! a line }}\ny", "{}", "x\ny", "x\ny"},
	    {"1\n{{> part}}\n2", "{}", "1\n[N]\n2", "1\n[N]\n2"},
	    {"{{#l}}{{#a}}{{n}}{{/a}}{{/l}}",
		"{\"n\": 7, \"l\": [{\"a\": \"1\"}]}", "7", "7"},
	    {"{{a}}", "{\"a\": \"{{n}} {{#l}}\"}", "{{n}} {{#l}}",
		"{{n}} {{#l}}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		render_equals(cases[i].body, cases[i].values, cases[i].text,
		    cases[i].html);
}

static void
refuses(void **state)
{
	static const struct {
		const char *txt, *samples, *says;
	} cases[] = {
	    {"Subject: s\na\n{{b}}\n", "{\"x\": [{\"values\": {}}]}",
		"x.txt:3: there is no value named 'b'"},
	    {"Subject: s {{b}}\n", "{\"x\": [{\"values\": {}}]}",
		"x.txt:1: there is no value named 'b'"},
	    {"Subject: s\n{{#b}}\nx\n", "{\"x\": [{\"values\": {}}]}",
		"x.txt:2: section 'b' has no end"},
	    {"Subject: s\n\n{{/b}}\n", "{\"x\": [{\"values\": {}}]}",
		"x.txt:3: {{/b}} closes what is not open"},
	    {"Subject: s\n{{#a}}{{#b}}{{/a}}{{/b}}\n",
		"{\"x\": [{\"values\": {}}]}", "first comes {{/b"},
	    {"Subject: s\n{{b", "{\"x\": [{\"values\": {}}]}",
		"x.txt:2: this tag has no end"},
	    {"Subject: s\n{{b c}}", "{\"x\": [{\"values\": {}}]}",
		"x.txt:2: 'b c' is no name"},
	    {"Subject: s\n{{}}", "{\"x\": [{\"values\": {}}]}",
		"x.txt:2: '' is no name"},
	    {"Subject: s\n{{> nowhere}}", "{\"x\": [{\"values\": {}}]}",
		"x.txt:2: there is no template named 'nowhere'"},
	    {"Subject: s\n{{> loop}}", "{\"x\": [{\"values\": {}}]}",
		"templates include each other"},
	    {"Subject: s\n{{b}}", "{\"x\": [{\"values\": {\"b\": true}}]}",
		"x.txt:2: neither words nor a whole number"},
	    {"Subject: s\n\n{{#b}}\n{{c}}{{/b}}",
		"{\"x\": [{\"values\": {\"b\": \"\"}}]}",
		"x.txt:4: no sample shows 'c'"},
	    {"no subject\n", "{\"x\": [{\"values\": {}}]}",
		"lacks its first line `Subject: …`"},
	    {"Subject: s\n", "{\"x\": [{\"values\": {}}], \"y\": []}",
		"the letter 'y' lacks"},
	    {"Subject: s\n", "{\"x\": []}", "at least one sample"},
	    {"Subject: s\n", "{\"x\": [\n", "samples.json:2:"},
	    {"Subject: s\n", "[]", "must be an object"},
	    {"Subject: s\xff\n", "{\"x\": [{\"values\": {}}]}", "not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture f;
		assert_int_equal(load(&f, cases[i].txt, "", cases[i].samples),
		    ERR_CONFIG);
		if (strstr(buf_text(&f.problems.text), cases[i].says) == NULL)
			fail_msg("'%s' says: %s", cases[i].txt,
			    buf_text(&f.problems.text));
		done(&f);
	}
}

static void
is_bounded(void **state)
{
	struct fixture f;
	struct buf out;

	(void)state;
	assert_int_equal(load(&f, "Subject: s\n{{#l}}{{#l}}{{a}}{{/l}}{{/l}}",
			     "",
			     "{\"x\": [{\"values\": {\"a\": \"b\", \"l\": "
			     "[1]}}]}"),
	    0);
	json_t *many = json_array();
	for (int i = 0; i < 2000; i++)
		assert_int_equal(json_array_append_new(many, json_integer(i)),
		    0);
	json_t *values = json_pack("{s:s, s:o}", "a", "word", "l", many);
	buf_init(&out, TEMPLATE_OUTPUT_BYTES);
	assert_int_equal(template_render(f.set, "x", TEMPLATE_TEXT, values,
			     &out, &f.err),
	    ERR_LIMIT);
	assert_int_equal(template_render(f.set, "nil", TEMPLATE_TEXT, values,
			     &out, &f.err),
	    ERR_NOT_FOUND);
	buf_done(&out);
	json_decref(values);
	done(&f);
}

/* 40 sections in each other: refused when read, not when sent. */
static void
is_not_too_deep(void **state)
{
	struct fixture f;
	char txt[2000] = "Subject: s\n";

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(txt, "{{#a}}");
	for (int i = 0; i < 40; i++)
		strcat(txt, "{{/a}}");
	assert_int_equal(load(&f, txt, "", "{\"x\": [{\"values\": {}}]}"),
	    ERR_CONFIG);
	assert_non_null(strstr(buf_text(&f.problems.text), "nested too deep"));
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renders),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(is_bounded),
	    cmocka_unit_test(is_not_too_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
