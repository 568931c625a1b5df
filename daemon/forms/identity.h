/*
 * What a workbook of ours says of itself on its hidden sheet (the layout:
 * forms/workbook.h), or one of another partnership's. All of it came by mail:
 * what it names is looked up, and what it says we put into the cells is only
 * compared. Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_IDENTITY_H
#define LSCPD_FORMS_IDENTITY_H

#include "base/arena.h"
#include "forms/form.h"
#include "wire/record.h"

/* What we put into one cell. */
struct identity_given {
	const char *tbl, *row, *field, *value;
};

struct identity {
	/* "" where the sheet does not say. */
	const char *instance, *form, *round, *agency, *ref;
	bool is_copy; /* of a return; else it was to be filled in */
	struct identity_given *given;
	size_t given_count;
	const char **texts; /* what we wrote around the answers, squeezed */
	size_t text_count;
};

/* Is this the hidden sheet, or the one of lists? Neither holds answers. */
bool identity_is_sheet(const struct record_table *table);
/* Of the workbook `part`; false where it has none. */
bool identity_find(struct arena *arena, const struct record *record,
    uint32_t part, struct identity *ret_identity);

/* Is it one of the words that we wrote around the answers? */
bool identity_wrote(struct arena *arena, const struct identity *identity,
    const char *text);
/* Does the cell say what we put there? Values are compared as the form
 * understands them. */
bool identity_gave(struct arena *arena, const struct form *form,
    const struct identity_given *given, const char *text);
/* What we put there; NULL if nothing. */
const struct identity_given *identity_get(const struct identity *identity,
    const char *tbl, const char *row, const char *field);

#endif
