/*
 * A mail with one attached file, and tables as a string that reads well: each
 * row `line|cell|cell/`, a hidden one `line!|…`; marks stand before a cell: =
 * formula, ? no value, # error, ^ merged, ~ hidden.
 */
#ifndef LSCPD_TESTS_PARSER_ATTACH_H
#define LSCPD_TESTS_PARSER_ATTACH_H

#include <fcntl.h>
#include <glib.h>

#include "mail.h"

static inline struct record
attach_bytes(struct arena *arena, const char *name, const void *data,
    size_t bytes)
{
	gchar *base64 = g_base64_encode(data, bytes);
	struct record r = mail_parse(arena,
	    arena_printf(arena,
		"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
		"--b\n\nhello\n--b\n"
		"Content-Type: application/octet-stream; name=\"%s\"\n"
		"Content-Transfer-Encoding: base64\n\n%s\n--b--\n",
		name, base64));

	g_free(base64);
	assert_int_equal(r.part_count, 1);
	return r;
}

/* A file of tests/fixtures/readers, sent under another name. */
static inline struct record
attach_fixture(struct arena *arena, const char *file, const char *name)
{
	gchar *data;
	gsize bytes;
	char *path = arena_printf(arena, "tests/fixtures/readers/%s", file);

	if (!g_file_get_contents(path, &data, &bytes, NULL))
		fail_msg("%s cannot be read", path);
	struct record r = attach_bytes(arena, name, data, bytes);
	g_free(data);
	return r;
}

static inline const char *
attach_marks(struct arena *arena, const struct record_table *t,
    const struct record_row *row, size_t column)
{
	static const char signs[] = "=?#^~";
	unsigned marks = record_cell_marks(t, row, column);
	const char *all = "";

	if (row->hidden)
		marks &= ~(unsigned)MARK_HIDDEN;
	for (size_t i = 0; i < sizeof(signs) - 1; i++)
		if ((marks >> i & 1) != 0)
			all = arena_printf(arena, "%s%c", all, signs[i]);
	return all;
}

static inline const char *
attach_grid(struct arena *arena, const struct record_table *t)
{
	const char *all = "";

	for (size_t i = 0; i < t->row_count; i++) {
		const struct record_row *row = &t->rows[i];
		all = arena_printf(arena, "%s%u%s", all, row->line,
		    row->hidden ? "!" : "");
		for (size_t k = 0; k < row->cell_count; k++)
			all = arena_printf(arena, "%s|%s%s", all,
			    attach_marks(arena, t, row, k), row->cells[k]);
		all = arena_printf(arena, "%s/", all);
	}
	return all;
}

#endif
