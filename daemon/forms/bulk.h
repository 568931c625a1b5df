/*
 * Many returns in one mail: a file with a row for each agency (a trust's
 * schools), or a workbook with a sheet for each. Found before a mail is read
 * as one return; each is then read by itself, as if it had come alone.
 *
 * A row a return: the header names the agency's column (URN, Agency) and
 * beside it plain fields, or cells of fixed tables: row and column, "A1 Score"
 * or "A1: what you will do"; "A1" alone is the row's first required column;
 * the table's name may stand in front. A sheet a return: two sheets or more
 * that hold the form, each with an Agency cell, or named by the agency.
 *
 * Only forms that are one per agency. Called by handlers/.
 */
#ifndef LSCPD_FORMS_BULK_H
#define LSCPD_FORMS_BULK_H

#include "forms/lookup.h"
#include "forms/source.h"

struct bulk_header;

/* One return of many. */
struct bulk_set {
	const char *agency; /* as written: URN, code, name; "" : not said */
	bool is_answer;     /* a URN, which is a field of the form as well */
	const char *place;  /* "Schools.csv, line 7", "All.xlsx, sheet NHT" */
	const struct bulk_header *header; /* NULL: sheets */
	size_t table, row; /* of the record; of sheets the first one's */
};

struct bulk {
	struct bulk_set *sets; /* at most LIMIT_BULK_RETURNS */
	size_t count;
	/* Columns and lines that no return can have, in words. */
	const char **unread;
	size_t unread_count;
	const char **notes; /* how it was read: whole sentences */
	size_t note_count;
	/* By index of record->tables: read here, so not as one return. */
	bool *taken;
	bool is_cut; /* more came than is read */
};

struct bulk_request {
	const struct form *form;
	const struct record *record;
	const struct form_lookup *lookup; /* of it only `agency` */
};

/* Which tables hold many returns, and whose they are. A single row is one. */
void bulk_read(struct arena *arena, const struct bulk_request *request,
    struct bulk *ret_bulk);
/* What one of them says. */
void bulk_source(struct arena *arena, const struct bulk_request *request,
    const struct bulk_set *set, struct form_source *ret_source);
/* Has the table a header of many returns, of which every heading is known? */
bool bulk_fits(struct arena *arena, const struct form *form,
    const struct record_table *table);

#endif
