/*
 * A first look over a definition's text, before libconfuse reads it: in which
 * line each section and option stands, and which names it does not know.
 * libconfuse stops at the first fault and keeps no lines; people want all
 * faults at once, each with its line. Used by form_read.c alone.
 */
#ifndef LSCPD_FORMS_SCAN_H
#define LSCPD_FORMS_SCAN_H

#include "base/arena.h"
#include "forms/form.h"

struct scan_place {
	const char *path; /* "form section-11/table standards/rows" */
	int line;
};

struct scan {
	struct scan_place *places;
	size_t count;
	int last_line;
};

/* Adds a fault `file:line: what` in words for a person. */
void fault_add(struct arena *arena, struct form_faults *faults,
    const char *file, int line, const char *format, ...) PRINTF(5, 6);

void scan_text(struct arena *arena, const char *source, const char *file,
    struct form_faults *faults, struct scan *ret_scan);
/* Of that path, or of the section it stands in. */
int scan_line(const struct scan *scan, const char *path);

#endif
