/* The record's bytes: there and back, and nothing that is broken gets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "wire/record.h"

static const char *g_cells[] = {"a", "", "caf\xc3\xa9"};
static struct record_row g_rows[] = {
    {.line = 3, .cells = g_cells, .cell_count = 3},
    {.line = 9, .hidden = true},
};
static struct record_mark g_marks[] = {
    {.line = 0, .column = 1, .kinds = MARK_HIDDEN},
    {.line = 3, .column = 0, .kinds = MARK_FORMULA},
    {.line = 3, .column = 2, .kinds = MARK_ERROR | MARK_FORMULA},
};
static struct record_table g_tables[] = {
    {.kind = TABLE_CSV,
	.part = 0,
	.name = "",
	.rows = g_rows,
	.row_count = 2,
	.marks = g_marks,
	.mark_count = 3,
	.hidden = true,
	.cut = true},
    {.kind = TABLE_HTML,
	.whose = WHOSE_QUOTED,
	.part = UINT32_MAX,
	.name = "t"},
};
static struct record_property g_properties[] = {
    {"header", "from", "hospital.example"}};
static struct record_method g_methods[] = {{"dmarc", "pass", g_properties, 1},
    {"spf", "none", NULL, 0}};
static struct record_authres g_authres[] = {{.authserv_id = "mx",
    .received_above = 2,
    .methods = g_methods,
    .method_count = 2}};
static struct record_segment g_segments[] = {{WHOSE_NEW, 0, 1, "Score: 2\n"},
    {WHOSE_SIGNATURE, 7, 99, "--\nA\n"}};
static struct record_body g_bodies[] = {{BODY_HTML, g_segments, 2}};
static struct record_part g_parts[] = {{.name = "a.csv",
    .type = "text/csv",
    .encoding = "base64",
    .offset = 12345678901,
    .raw_bytes = 20,
    .bytes = 15,
    .sha256 = "0123456789abcdef0123456789abcdef"
	      "0123456789abcdef0123456789abcdef",
    .is_inline = true,
    .verdict = PART_TOO_LARGE,
    .reason = "it is large.",
    .text = "x"}};
static struct record_address g_from[] = {{"Amara", "a@b.example"}};
static struct record_header g_headers[] = {{"Subject", "x"}, {"X-A", ""}};
static struct record_received g_received[] = {{"a.example", "b.example"}};
static struct record_recipient g_recipients[] = {
    {"a@b.example", "failed", "5.1.1"}};
static const char *g_ids[] = {"<a@b>", "KF7Q-29MX"};

static const struct record g_record = {
    .headers = g_headers,
    .header_count = 2,
    .from = {g_from, 1, true},
    .subject = "x",
    .message_id = "<m@x>",
    .in_reply_to = "",
    .references = g_ids,
    .reference_count = 2,
    .date_at = -5,
    .authres = g_authres,
    .authres_count = 1,
    .received = g_received,
    .received_count = 1,
    .bodies = g_bodies,
    .body_count = 1,
    .tables = g_tables,
    .table_count = 2,
    .parts = g_parts,
    .part_count = 1,
    .report = {.is_mdn = true,
	.recipients = g_recipients,
	.recipient_count = 1,
	.returned_ids = g_ids,
	.returned_id_count = 2},
    .calendar_method = "reply",
    .content_type = "text/plain",
    .content_key = "",
    .is_cut = true,
    .has_share_link = true,
};

static void
encode(struct buf *bytes)
{
	buf_init(bytes, LIMIT_RECORD_BYTES);
	record_encode(&g_record, bytes);
	assert_false(bytes->over);
}

static int
decode(struct arena *arena, const void *data, size_t bytes,
    struct record *ret_record)
{
	struct err err = {.text = ""};
	int code = record_decode(arena, data, bytes, ret_record, &err);

	if (code != 0)
		assert_int_equal(code, ERR_PROTOCOL);
	return code;
}

static void
round_trip(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1024 * 1024);
	struct buf bytes CLEANUP(buf_done);
	struct buf again CLEANUP(buf_done);
	struct record r;

	(void)state;
	encode(&bytes);
	assert_int_equal(decode(arena, bytes.data, bytes.len, &r), 0);
	assert_string_equal(record_header(&r, "SUBJECT"), "x");
	assert_null(record_header(&r, "To"));
	assert_string_equal(r.from.items[0].addr, "a@b.example");
	assert_true(r.from.group);
	assert_int_equal(r.date_at, -5);
	assert_int_equal(r.parts[0].offset, 12345678901);
	assert_string_equal(r.tables[0].rows[0].cells[2], "caf\xc3\xa9");
	assert_int_equal(r.tables[1].part, UINT32_MAX);
	assert_string_equal(r.authres[0].methods[0].properties[0].value,
	    "hospital.example");
	assert_string_equal(r.sender.count == 0 ? "" : "x", "");
	assert_true(r.is_cut);
	assert_false(r.is_signed);

	/* What is read and written again is the same. */
	buf_init(&again, LIMIT_RECORD_BYTES);
	record_encode(&r, &again);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
}

static void
every_prefix_is_refused(void **state)
{
	struct buf bytes CLEANUP(buf_done);
	struct record r;

	(void)state;
	encode(&bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= arena_new(1024 * 1024);
		/* A copy of just that size, so that a sanitizer sees a read
		 * behind it. */
		char *copy = arena_alloc(arena, len == 0 ? 1 : len);
		memcpy(copy, bytes.data, len);
		assert_int_not_equal(decode(arena, copy, len, &r), 0);
	}
}

static void
what_follows_is_refused(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1024 * 1024);
	struct buf bytes CLEANUP(buf_done);
	struct record r;

	(void)state;
	encode(&bytes);
	buf_putc(&bytes, '\0');
	assert_int_not_equal(decode(arena, bytes.data, bytes.len, &r), 0);
}

/* Whatever one byte becomes: refused, or a record that can be written. */
static void
every_byte_may_be_wrong(void **state)
{
	static const unsigned char flips[] = {0x01, 0x80, 0xff, 0x20, 0x7f};
	struct buf bytes CLEANUP(buf_done);
	size_t sane = 0;

	(void)state;
	encode(&bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		for (size_t f = 0; f < COUNT_OF(flips); f++) {
			struct arena *arena CLEANUP(arena_cleanup)
			= arena_new((size_t)8 * 1024 * 1024);
			struct buf again CLEANUP(buf_done);
			struct record r;
			bytes.data[i] = (char)(bytes.data[i] ^ flips[f]);
			buf_init(&again, LIMIT_RECORD_BYTES);
			if (decode(arena, bytes.data, bytes.len, &r) == 0) {
				record_encode(&r, &again);
				assert_int_equal(again.len, bytes.len);
				sane++;
			}
			bytes.data[i] = (char)(bytes.data[i] ^ flips[f]);
		}
	}
	/* Letters of a text may change; lengths, counts and enums may not. */
	assert_true(sane > 0 && sane < bytes.len * COUNT_OF(flips));
}

/* Fields that the type system of C allows and the record does not. */
static void
lies(void **state)
{
	static const struct {
		enum {
			BAD_UTF8,
			BAD_DIGEST,
			BAD_PART,
			BAD_VERDICT,
			BAD_MARK,
			BAD_ORDER
		} what;
	} cases[] = {{BAD_UTF8}, {BAD_DIGEST}, {BAD_PART}, {BAD_VERDICT},
	    {BAD_MARK}, {BAD_ORDER}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= arena_new(1024 * 1024);
		struct buf bytes CLEANUP(buf_done);
		struct record lie = g_record, r;
		struct record_part part = g_parts[0];
		struct record_table table = g_tables[0];
		struct record_mark marks[] = {g_marks[1], g_marks[2]};
		table.marks = marks;
		table.mark_count = 2;
		lie.parts = &part;
		lie.tables = &table;
		lie.table_count = 1;
		if (cases[i].what == BAD_UTF8)
			lie.subject = "caf\xe9";
		else if (cases[i].what == BAD_DIGEST)
			part.sha256[3] = 'X';
		else if (cases[i].what == BAD_PART)
			table.part = 1;
		else if (cases[i].what == BAD_MARK)
			marks[1].column = LIMIT_COLUMNS;
		else if (cases[i].what == BAD_ORDER)
			marks[0] = marks[1];
		else
			part.verdict = (enum record_verdict)77;
		buf_init(&bytes, LIMIT_RECORD_BYTES);
		record_encode(&lie, &bytes);
		assert_int_not_equal(decode(arena, bytes.data, bytes.len, &r),
		    0);
	}
}

/* A count that promises more than the bytes hold takes no memory. */
static void
large_counts(void **state)
{
	static const unsigned char bytes[] = {2, 0, 0, 0, 0xf4, 1, 0, 0, 0, 0};
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(4096);
	struct record r;

	(void)state;
	assert_int_not_equal(decode(arena, bytes, sizeof(bytes), &r), 0);
}

static void
marks_of_cells(void **state)
{
	const struct record_table *t = &g_tables[0];

	(void)state;
	assert_int_equal(record_cell_marks(t, &g_rows[0], 0), MARK_FORMULA);
	assert_int_equal(record_cell_marks(t, &g_rows[0], 1), MARK_HIDDEN);
	assert_int_equal(record_cell_marks(t, &g_rows[0], 2),
	    MARK_ERROR | MARK_FORMULA);
	assert_int_equal(record_cell_marks(t, &g_rows[0], 3), 0);
	assert_int_equal(record_cell_marks(t, &g_rows[1], 0), MARK_HIDDEN);
	assert_int_equal(record_cell_marks(&g_tables[1], &g_rows[0], 0), 0);
}

static void
names_of_columns(void **state)
{
	static const struct {
		size_t column;
		const char *name;
	} cases[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"},
	    {255, "IV"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}};

	char name[COLUMN_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_column_name(cases[i].column, name);
		assert_string_equal(name, cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(every_prefix_is_refused),
	    cmocka_unit_test(what_follows_is_refused),
	    cmocka_unit_test(every_byte_may_be_wrong),
	    cmocka_unit_test(lies),
	    cmocka_unit_test(large_counts),
	    cmocka_unit_test(marks_of_cells),
	    cmocka_unit_test(names_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
