/* HTML bodies as lines and grids. */
#include "mail.h"

static const struct {
	const char *name, *body, *want;
} g_cases[] = {
    {"blocks and breaks", "<p>a</p><div>b<br>c</div><h2>d</h2>e",
	"N0|a\nb\nc\nd\ne\n"},
    {"white space", "<p>a\n  b&nbsp; c<b>d</b> e</p>", "N0|a b cd e\n"},
    {"zero width and soft hyphens", "<p>a&#8203;b&shy;c&#65279;d</p>",
	"N0|abcd\n"},
    {"an empty paragraph is a blank line", "<p>a</p><p>&nbsp;</p><p>b</p>",
	"N0|a\n\nb\n"},
    {"what is not shown",
	"<head><title>t</title><style>p{}</style></head><p>a</p>"
	"<script>x</script><!-- y --><div style=\"display: NONE\">z</div>"
	"<span style='mso-hide:all'>w</span>",
	"N0|a\n"},
    {"Outlook's conditions",
	"<![if !supportLists]>1.<![endif]><p>a</p>"
	"<!--[if mso]><p>hidden</p><![endif]--><p>b</p>",
	"N0|1.\na\nb\n"},
    {"entities and quotes", "<p>What&rsquo;s &lt;5 &amp; more</p>",
	"N0|What\xe2\x80\x99s <5 & more\n"},
    {"pairs",
	"<table><tr><td>Score</td><td>2</td></tr><tr><td>Due:</td>"
	"<td>14 May</td></tr><tr><td>Gap</td><td></td></tr></table>",
	"N0|Score: 2\nDue: 14 May\nGap:\n"},
    {"a pair of many lines",
	"<table><tr><td>Evidence</td><td><p>a</p><p>b</p></td></tr></table>",
	"N0|Evidence: a\nb\n"},
    {"a grid",
	"<table><tr><th>row</th><th>score</th><th>due</th></tr>"
	"<tr><td>1</td><td>2</td><td>3<br>May</td></tr></table>",
	"N0|row\tscore\tdue\n1\t2\t3 May\n"},
    {"a table for layout",
	"<table><tr><td><table><tr><td><p>a</p><p>b</p></td></tr></table>"
	"</td></tr></table>",
	"N0|a\nb\n"},
    {"a numbered list", "<ol start=3><li>done - x</li><li>on track</li></ol>",
	"N0|3. done - x\n4. on track\n"},
    {"a lettered list", "<ol type=A><li>2</li><li>14 May</li></ol>",
	"N0|A. 2\nB. 14 May\n"},
    {"preformatted", "<pre>Score: 2\n  Due: 3\n\nx</pre>",
	"N0|Score: 2\n  Due: 3\n\nx\n"},
    {"Gmail",
	"<div dir=ltr>mine</div><br><div class=gmail_quote><div dir=ltr "
	"class=gmail_attr>On Tue, 3 Mar 2026 at 09:00, LSCP "
	"&lt;l@l.example&gt; wrote:<br></div><blockquote class=gmail_quote>"
	"<div>Score: 3</div></blockquote></div>",
	"N0|mine\n\nQ1|On Tue, 3 Mar 2026 at 09:00, LSCP <l@l.example> wrote:\n"
	"Score: 3\n"},
    {"typed between quotes",
	"<blockquote type=cite><div>Score:</div></blockquote><div>2</div>"
	"<blockquote type=cite><div>Due:</div></blockquote>",
	"Q1|Score:\nN0|2\nQ1|Due:\n"},
    {"indented, not quoted",
	"<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">"
	"<div>mine</div></blockquote>",
	"N0|mine\n"},
    {"Outlook",
	"<p class=MsoNormal>mine</p><div><div style='border:none;"
	"border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
	"<p><b>From:</b> LSCP &lt;l@l.example&gt;<br><b>Sent:</b> 3 March "
	"2026<br><b>To:</b> A<br><b>Subject:</b> return</p></div></div>"
	"<p>Score: 3</p>",
	"N0|mine\nQ1|From: LSCP <l@l.example>\nSent: 3 March 2026\nTo: A\n"
	"Subject: return\nScore: 3\n"},
    {"Outlook on the web",
	"<div>mine</div><div id=\"x_appendonsend\"></div><hr>"
	"<div id=\"divRplyFwdMsg\"><b>From:</b> LSCP<br><b>Sent:</b> 3 March "
	"2026<br><b>To:</b> A<br><b>Subject:</b> return</div><div>Score: 3"
	"</div>",
	"N0|mine\nQ1|From: LSCP\nSent: 3 March 2026\nTo: A\n"
	"Subject: return\nScore: 3\n"},
    {"signature",
	"<div>mine</div><div class=gmail_signature>Amara<br>Nurse</div>",
	"N0|mine\nS0|Amara\nNurse\n"},
};

static void
lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r =
		    mail_parse_body(arena, "text/html", g_cases[i].body);
		assert_int_equal(r.body_count, 1);
		assert_int_equal(r.bodies[0].kind, BODY_HTML);
		const char *got = mail_segments(arena, &r.bodies[0]);
		if (strcmp(got, g_cases[i].want) != 0)
			fail_msg("%s: %s", g_cases[i].name, got);
	}
}

/* Rows parted by LF, cells by `|`, the row's number in front. */
static const char *
grid(struct arena *arena, const struct record_table *t)
{
	const char *all = "";

	for (size_t i = 0; i < t->row_count; i++) {
		all = arena_printf(arena, "%s%u", all, t->rows[i].line);
		for (size_t k = 0; k < t->rows[i].cell_count; k++)
			all = arena_printf(arena, "%s|%s", all,
			    t->rows[i].cells[k]);
		all = arena_printf(arena, "%s\n", all);
	}
	return all;
}

static void
spans(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse_body(arena, "text/html",
	    "<table><tr><td rowspan=2>a</td><td colspan=2>b</td></tr>"
	    "<tr><td>c</td><td>d</td></tr></table>");

	(void)state;
	assert_int_equal(r.table_count, 1);
	assert_int_equal(r.tables[0].kind, TABLE_HTML);
	assert_int_equal(r.tables[0].whose, WHOSE_NEW);
	assert_string_equal(grid(arena, &r.tables[0]), "1|a|b|b\n2|a|c|d\n");
}

static void
table_of_another(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse_body(arena, "text/html",
	    "<p>x</p><blockquote type=cite><table><tr><td>Score</td><td>2</td>"
	    "</tr></table></blockquote>");

	(void)state;
	assert_int_equal(r.table_count, 1);
	assert_int_equal(r.tables[0].whose, WHOSE_QUOTED);
	assert_string_equal(mail_segments(arena, &r.bodies[0]),
	    "N0|x\nQ1|Score: 2\n");
}

static void
share_links(void **state)
{
	static const struct {
		const char *body;
		bool want;
	} cases[] = {
	    {"<a href=\"https://x-my.sharepoint.com/:x:/p/a\">report</a>",
		true},
	    {"<a href=\"https://hospital.example/a\">report</a>", false},
	    {"<blockquote type=cite><a href=\"https://1drv.ms/x/a\">r</a>"
	     "</blockquote>",
		false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r =
		    mail_parse_body(arena, "text/html", cases[i].body);
		assert_int_equal(r.has_share_link, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(spans),
	    cmocka_unit_test(table_of_another),
	    cmocka_unit_test(share_links),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
