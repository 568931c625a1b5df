/*
 * Lines of a text form, and what a reading of them gives: the one reader that
 * serves new text, the quoted form, and the form as we sent it. Used inside
 * forms/ alone.
 */
#ifndef LSCPD_FORMS_LINES_H
#define LSCPD_FORMS_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "forms/form.h"

enum {
	LINES_MAX = 20000,             /* of one text; more: it is cut */
	LINES_VALUE_BYTES = 64 * 1024, /* of one value; longer ones are cut */
};

struct text_line {
	const char *text;
	bool typed; /* typed by the sender between quoted lines */
};

struct text_lines {
	struct text_line *items;
	size_t count;
	bool is_cut;
};

/* One value; `typed` holds only its typed lines. */
struct text_item {
	const struct form_table *table; /* NULL for plain fields */
	const struct form_field *field;
	const char *row; /* a fixed row's name, or what the heading says */
	const char *text, *typed;
	unsigned block;
};

struct text_reading {
	struct text_item *items;
	size_t item_count;
	const char **unread;
	size_t unread_count;
	struct buf rest; /* text outside the block; the caller frees it */
	bool started, start_mark, end_mark;
};

/* Appends the lines of `text`. */
void lines_add(struct arena *arena, struct text_lines *lines, const char *text,
    bool typed);
void lines_read(struct arena *arena, const struct form *form,
    const struct text_lines *lines, struct text_reading *ret_reading);

/* `--- form REF: …` or `--- end of form ---`, quote marks and all. */
bool line_is_start(const char *line);
bool line_is_end(const char *line);
/*
 * The key in front of a line's colon, folded, and what stands behind it; false
 * where no key is known to `known`.
 */
typedef bool (*line_key_fn)(const void *ctx, const char *folded);
bool line_split(struct arena *arena, const char *line, line_key_fn known,
    const void *ctx, const char **ret_folded, const char **ret_value);

/* Without white space, quotes and dashes plain. */
const char *text_squeeze(struct arena *arena, const char *text);
/* Equal but for white space, quote signs and dashes: what clients change. */
bool text_same(struct arena *arena, const char *a, const char *b);
/* Names of one row: in any case too, and without the sign at their end. */
bool text_same_name(const char *a, const char *b);

#endif
