/*
 * A sheet while its answers are collected. Shared by collect_sheet.c and
 * collect_left.c, and by nobody else.
 */
#ifndef LSCPD_FORMS_COLLECT_SHEET_H
#define LSCPD_FORMS_COLLECT_SHEET_H

#include "forms/collect.h"
#include "forms/identity.h"
#include "forms/sheet.h"

struct sheet_reader {
	struct collector *collector;
	const struct record_table *table;
	struct sheet sheet;
	bool has_identity, is_foreign;
	struct identity identity;
	/* Rows of unkeyed tables without a number get the next one. */
	unsigned long *numbers; /* by table: the highest in use */
	bool saw_hidden;
};

/* Is it the field's own help, or what it takes, and so no answer? */
bool sheet_is_help(const struct sheet_reader *r, const struct form_field *field,
    const char *text);
/* Name what stands on the sheet and was not read, but for our own words. */
void sheet_name_left(struct sheet_reader *r);

#endif
