/*
 * What a mail says for one form: raw entries, collected from the sender's new
 * text, from the quoted form (only what differs from what we sent), from tables
 * in HTML, workbooks and Word files, and from CSV and JSON files. Nothing is judged here; forms/judge.h makes
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
	/* It still says what we put there, in a workbook of ours: it gives way
	 * to the sender's own words, and to what stands. */
	bool is_ours;
};

struct form_source {
	struct form_entry *entries;
	size_t entry_count;
	const char **unread; /* lines, rows, columns not understood, in words */
	size_t unread_count;
	const char **loose; /* whole texts of cells that are no answers */
	size_t loose_count;
	/* Cells of a workbook for answers that are not there; `origin` is
	 * "Standards!G10". */
	struct form_entry *spots;
	size_t spot_count;
	const char **notes; /* how it was read: whole sentences */
	size_t note_count;
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
	/* Of this database: workbooks of another are read by their labels
	 * alone. NULL: not asked. */
	const char *instance;
	/* By index of record->tables: not to be read here; NULL: all are. */
	const bool *skip;
};

void source_read(struct arena *arena, const struct source_request *request,
    struct form_source *ret_source);

/* What new text (and CSV, JSON, a workbook of ours) says of itself; "" where it
 * says nothing. */
struct form_header {
	const char *form, *round, *agency;
	/* The return that a copy of ours shows: "R-000123". */
	const char *copy_of;
	/* An agency that a sheet names beside that word; it may be anything. */
	const char *sheet_agency;
	/* The file that says something of it: "" where it is the text. */
	const char *file;
	/* A workbook of another partnership is there. */
	bool is_foreign;
	/* The same key with two values: "Form", "Round" or "Agency"; else "". */
	const char *conflict;
};

/* It says nothing of anything. */
void form_header_init(struct form_header *header);
/* `instance`: of this database, to know our own workbooks by. */
void form_header_read(struct arena *arena, const struct record *record,
    const char *instance, struct form_header *ret_header);

/*
 * Forms of which a header row of a CSV file or an HTML grid fits a table (or
 * the plain fields) exactly, or of whose questions a sheet or a Word table
 * holds the most; at most `max` are written. Returns their number. A long CSV
 * (table,row,field,value) fits those that know all its names.
 */
size_t form_guess(struct arena *arena, const struct forms *forms,
    const struct record *record, const struct form **ret_forms, size_t max);

/*
 * What a text of ours, or a mail, holds between `--- form REF` and the end
 * mark: "S11-2026/LGT", or "" without a start mark.
 */
const char *form_block_ref(struct arena *arena, const char *text);

#endif
