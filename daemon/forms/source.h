/*
 * What a mail says for one form: raw entries, collected from the sender's new
 * text, from the quoted form (only what differs from what we sent), from grids
 * in HTML and from CSV files. Nothing is judged here; forms/judge.h makes
 * canonical answers and problems of the entries.
 */
#ifndef LSCPD_FORMS_SOURCE_H
#define LSCPD_FORMS_SOURCE_H

#include "base/arena.h"
#include "forms/form.h"
#include "wire/record.h"

/*
 * One value as it was written. Rows of fixed tables carry the row's name;
 * rows of repeating ones what the heading or cell said ("" without one).
 */
struct form_entry {
	const char *tbl, *row, *field; /* names; tbl and row "" for fields */
	const char *text;              /* as written; never blank */
	/* For a person: "" for new text, "in the form below",
	 * "Section 11.csv, line 7". */
	const char *origin;
	const char *fault; /* "" or why it cannot count (given twice) */
	unsigned source;   /* entries of one text or file share it */
	unsigned block;    /* entries of one row in one source share it */
};

struct form_source {
	struct form_entry *entries;
	size_t entry_count;
	const char **unread; /* lines, rows, columns not understood, in words */
	size_t unread_count;
	/* The mail's start mark of a form has no end mark: part may be lost. */
	bool is_cut;
	/* The quoted form was found and read (changed or not). */
	bool saw_quoted;
	/* A file or text had keys of this form at all. */
	bool saw_form;
	/* New text outside the form and its values: greeting and the like, for
	 * commands, short answers and the concern check. */
	const char *rest;
	/* By index of record->tables: this form was read from it. */
	bool *table_read;
};

struct source_request {
	const struct form *form;
	const struct record *record;
	/* The plain text of our mail that this one answers; NULL without. */
	const char *sent_text;
};

void source_read(struct arena *arena, const struct source_request *request,
    struct form_source *ret_source);

/* What new text (and long CSV) says of itself; "" where it says nothing. */
struct form_header {
	const char *form, *round, *agency;
	/* The same key with two values: "Form", "Round" or "Agency"; else "". */
	const char *conflict;
};

void form_header_read(struct arena *arena, const struct record *record,
    struct form_header *ret_header);

/*
 * Forms of which a header row of a CSV file or an HTML grid fits a table (or
 * the plain fields) exactly; at most `max` are written. Returns their number.
 * A long CSV (table,row,field,value) fits those that know all its names.
 */
size_t form_guess(struct arena *arena, const struct forms *forms,
    const struct record *record, const struct form **ret_forms, size_t max);

/*
 * What a text of ours, or a mail, holds between `--- form REF` and the end
 * mark: "S11-2026/LGT", or "" without a start mark.
 */
const char *form_block_ref(struct arena *arena, const char *text);

#endif
