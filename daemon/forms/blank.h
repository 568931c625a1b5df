/*
 * Forms on their way out: as text in a mail or a file, as CSV, empty or with
 * answers in place. What is written here is read back by forms/source.h.
 */
#ifndef LSCPD_FORMS_BLANK_H
#define LSCPD_FORMS_BLANK_H

#include <jansson.h>

#include "base/buf.h"
#include "forms/form.h"
#include "forms/judge.h"

#define BLANK_START "--- form "
#define BLANK_END   "--- end of form ---"

/* A row of a repeating table to offer: its key, and words for the heading. */
struct blank_row {
	const char *tbl, *row, *title;
};

struct blank {
	const struct form *form;
	const char *ref; /* "S11-2026/LGT", "R-000123" or the form's name */
	const char *round,
	    *agency; /* for the Form:, Round:, Agency: lines; "" */
	const struct form_answer *answers; /* put in place; may be none */
	size_t answer_count;
	const struct blank_row *rows; /* of repeating tables; may be none */
	size_t row_count;
};

/* The block of a mail, from its start mark to its end mark; LF lines. */
void blank_block(struct buf *out, const struct blank *blank);
/* A file to fill in: Form:, Round:, Agency:, then the block. */
void blank_text(struct buf *out, const struct blank *blank);
/* `table,row,field,value` for all that can be answered, in form order; values
 * where there are answers. CRLF lines (RFC 4180). */
void blank_csv(struct buf *out, const struct blank *blank);
/* As JSON of the shape that is read back, with null for what is not there;
 * the end of it is a line's end. */
void blank_json(struct buf *out, const struct blank *blank);
/* The same as an object, a new reference; and one as text, without the line's
 * end. */
json_t *blank_json_object(struct arena *arena, const struct blank *blank);
void blank_json_dump(struct buf *out, const json_t *object);
/* The JSON Schema (draft 2020-12) of that shape. */
void blank_schema(struct buf *out, const struct blank *blank);

/* The rows to offer of a table: fixed ones, or offered, or answered, or a
 * first. A placeholder has no name yet: its key is asked. */
struct blank_heading {
	const char *row, *title;
	bool is_placeholder;
};

struct blank_headings {
	struct blank_heading *items;
	size_t count;
};

struct blank_headings blank_headings(struct arena *arena,
    const struct blank *blank, const struct form_table *table);

#endif
