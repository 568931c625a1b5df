/* CSV attachments: charset, separator, lines, and what is no CSV at all. */
#include <glib.h>

#include "mail.h"

static struct record
attach(struct arena *arena, const char *type, const char *data, size_t bytes)
{
	gchar *base64 = g_base64_encode((const guchar *)data, bytes);
	struct record r = mail_parse(arena,
	    arena_printf(arena,
		"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
		"--b\n\nhello\n--b\nContent-Type: %s\n"
		"Content-Transfer-Encoding: base64\n\n%s\n--b--\n",
		type, base64));

	g_free(base64);
	return r;
}

static const char *
grid(struct arena *arena, const struct record_table *t)
{
	const char *all = "";

	for (size_t i = 0; i < t->row_count; i++) {
		all = arena_printf(arena, "%s%u", all, t->rows[i].line);
		for (size_t k = 0; k < t->rows[i].cell_count; k++)
			all = arena_printf(arena, "%s|%s", all,
			    t->rows[i].cells[k]);
		all = arena_printf(arena, "%s/", all);
	}
	return all;
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *name, *data;
	size_t bytes;
	const char *want;
} g_good[] = {
    {"comma", BYTES("a,b\n1,2\n"), "1|a|b/2|1|2/"},
    {"semicolon, decimal comma", BYTES("a;b\n1,5;2,5\n"), "1|a|b/2|1,5|2,5/"},
    {"tab", BYTES("a\tb\n1\t2\n"), "1|a|b/2|1|2/"},
    {"bar", BYTES("a|b\n1|2\n"), "1|a|b/2|1|2/"},
    {"empty cells at the end of a tab line", BYTES("a\tb\tc\n1\t\t\n"),
	"1|a|b|c/2|1/"},
    {"sep line", BYTES("sep=;\r\na;b,c\r\n"), "2|a|b,c/"},
    {"quotes", BYTES("a,b\n\"x, \"\"y\"\"\nz\",2\n3,4\n"),
	"1|a|b/2|x, \"y\"\nz|2/4|3|4/"},
    {"blank lines count", BYTES("a,b\n\n\n1,2\n"), "1|a|b/4|1|2/"},
    {"UTF-8 BOM",
	BYTES("\xef\xbb\xbf"
	      "a,b\n"),
	"1|a|b/"},
    {"UTF-16LE of Excel",
	BYTES("\xff\xfe"
	      "a\0\t\0b\0\r\0\n\0\xe9\0\t\0"
	      "1\0"),
	"1|a|b/2|\xc3\xa9|1/"},
    {"UTF-16BE without a mark",
	BYTES("\0a\0,\0\xe9\0\n\0"
	      "1\0,\0"
	      "2"),
	"1|a|\xc3\xa9/2|1|2/"},
    {"UTF-16LE of plain letters without a mark",
	BYTES("a\0;\0b\0\n\0"
	      "1\0;\0"
	      "2\0"),
	"1|a|b/2|1|2/"},
    {"windows-1252", BYTES("a,caf\xe9\n"), "1|a|caf\xc3\xa9/"},
    {"told as text", BYTES("a,=\"00123\"\n"), "1|a|00123/"},
    {"an inch mark", BYTES("a,5\" pipe\nb,c\n"), "1|a|5\" pipe/2|b|c/"},
    {"lone CR", BYTES("a,b\r1,2\r"), "1|a|b/2|1|2/"},
    {"one column", BYTES("a\n1\n"), "1|a/2|1/"},
    {"NUL bytes", BYTES("a,b\0\n"), "1|a|b/"},
};

static void
good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_good); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = attach(arena, "text/csv; name=a.csv",
		    g_good[i].data, g_good[i].bytes);
		assert_int_equal(r.part_count, 1);
		if (r.parts[0].verdict != PART_READ || r.table_count != 1)
			fail_msg("%s: not read", g_good[i].name);
		assert_int_equal(r.tables[0].part, 0);
		assert_int_equal(r.tables[0].kind, TABLE_CSV);
		const char *got = grid(arena, &r.tables[0]);
		if (strcmp(got, g_good[i].want) != 0)
			fail_msg("%s: %s", g_good[i].name, got);
	}
}

static void
by_name_or_type(void **state)
{
	static const char *const types[] = {"text/csv",
	    "text/plain; name=A.CSV",
	    "application/octet-stream; name=\"a b.csv\"",
	    "application/vnd.ms-excel; name=a.csv", "text/plain; name=a.tsv"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = attach(arena, types[i], BYTES("a,b\n"));
		assert_int_equal(r.parts[0].verdict, PART_READ);
	}
}

static void
bad(void **state)
{
	static const struct {
		const char *data, *reason;
	} cases[] = {
	    {"a,b\n1,\"2\nx,y\n", "a quotation mark in line 2 of it is never "
				  "closed."},
	    {"a,b\n\"c\nd\",\"e\n1,2\n", "a quotation mark in line 2 of it is "
					 "never closed."},
	    {"", "there is nothing in it."},
	    {",,,\n,,\n", "there is nothing in it."},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = attach(arena, "text/csv", cases[i].data,
		    strlen(cases[i].data));
		assert_int_equal(r.parts[0].verdict, PART_UNREADABLE);
		assert_int_equal(r.table_count, 0);
		assert_string_equal(r.parts[0].reason, cases[i].reason);
	}
}

static void
limits(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct buf data CLEANUP(buf_done);

	(void)state;
	buf_init(&data, (size_t)8 * 1024 * 1024);
	for (int i = 0; i < LIMIT_ROWS + 100; i++)
		buf_puts(&data, "1,2\n");
	struct record rows = attach(arena, "text/csv", data.data, data.len);
	assert_true(rows.tables[0].cut);
	assert_int_equal(rows.tables[0].row_count, LIMIT_ROWS);
	assert_string_equal(rows.parts[0].reason,
	    "it holds more than 20000 rows. We read the first 20000.");

	while (data.len <= LIMIT_CSV_BYTES)
		buf_puts(&data, "1,2\n");
	struct record large = attach(arena, "text/csv", data.data, data.len);
	assert_int_equal(large.parts[0].verdict, PART_TOO_LARGE);
	assert_int_equal(large.table_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(by_name_or_type),
	    cmocka_unit_test(bad),
	    cmocka_unit_test(limits),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
