/*
 * The header row of a file with a row for each return, matched with a form.
 * Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_BULK_HEADER_H
#define LSCPD_FORMS_BULK_HEADER_H

#include "base/arena.h"
#include "forms/form.h"
#include "wire/record.h"

/* What the cells below one heading are. */
struct bulk_column {
	const struct form_table *table; /* NULL: a plain field */
	const struct form_row *row;
	const struct form_field *field; /* NULL: nothing that we know */
	bool names_agency;
};

struct bulk_header {
	size_t index; /* of the header's row */
	const char *file;
	struct bulk_column *columns;
	size_t count, known, unknown;
	bool has_twins; /* two columns for one thing */
};

/* "Agency", "URN" …, folded. */
bool bulk_is_agency_word(const char *folded);
/* Is the form one that each agency sends once? */
bool bulk_is_per_agency(const struct form *form);
/* False where none of the first rows is a header, with a row below it. */
bool bulk_header_find(struct arena *arena, const struct form *form,
    const struct record_table *table, struct bulk_header *ret_header);

#endif
