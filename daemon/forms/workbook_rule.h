/*
 * The check language said otherwise: as a formula that a spreadsheet works out
 * while a person fills it in, and in words. Used by the writers of workbooks.
 */
#ifndef LSCPD_FORMS_WORKBOOK_RULE_H
#define LSCPD_FORMS_WORKBOOK_RULE_H

#include "base/arena.h"
#include "base/buf.h"
#include "domain/rule.h"
#include "forms/form.h"

/* Where the value of a field stands: "$B$12"; NULL if nowhere. */
struct workbook_cells {
	const void *ctx;
	const char *(*find)(const void *ctx, const char *field);
	/* Is 85 % kept there as 0.85? */
	bool (*is_percent)(const void *ctx, const char *field);
};

/*
 * Append a formula without "=" that is true where the rule holds, and never
 * where it is not known. False: the rule cannot be said so, and `out` is not
 * to be used.
 */
bool workbook_rule_formula(const struct rule *rule,
    const struct workbook_cells *cells, struct buf *out);

/* "Score is 2 or 3", with the labels of these fields; NULL if words fail. */
const char *workbook_rule_words(struct arena *arena, const struct rule *rule,
    const struct form_field *fields, size_t count);

#endif
