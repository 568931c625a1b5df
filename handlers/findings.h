/*
 * Findings of a return: made once for each (thing, row), closed by a later
 * version that no longer has the reason for them. For forms' own handlers,
 * from `file`.
 */
#ifndef LSCPD_HANDLERS_FINDINGS_H
#define LSCPD_HANDLERS_FINDINGS_H

#include "handlers/handler.h"

/* What one row shows. */
struct finding_note {
	const char *row, *theme;
	const char *kind, *severity; /* the words of struct finding */
	const char *text;
	/* Filled: its row, and the action that it has already (0: none). */
	int64_t ret_id, ret_action;
};

/*
 * All that this version shows: new ones are made, those of the versions before
 * that are not among them are closed, with the action that they proposed.
 */
int findings_apply(struct filing *filing, struct finding_note *notes,
    size_t count, struct err *err);

/* A value of the return as it stands now, "" without one. */
const char *filing_value(const struct filing *filing, const char *tbl,
    const char *row, const char *field);

#endif
