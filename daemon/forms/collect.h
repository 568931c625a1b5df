/*
 * Where the readers of text and of grids put what they find. Used inside
 * forms/ alone.
 */
#ifndef LSCPD_FORMS_COLLECT_H
#define LSCPD_FORMS_COLLECT_H

#include "base/arena.h"
#include "forms/source.h"

struct collector {
	struct arena *arena;
	const struct form *form;
	const struct record *record;
	struct form_source *out;
	unsigned source; /* number of the text or file that is read */
};

/* A blank text is passed over; beyond LIMIT_ANSWERS the source is cut. */
void collect_entry(struct collector *collector, const struct form_entry *entry);
/* In words for a person; the same words once. */
void collect_unread(struct collector *collector, const char *text);
/*
 * Behind the last entry of a source: a value given twice, a row with two
 * headings (block differs, row equal) from entry `from` on become faults.
 */
void collect_faults(struct collector *collector, size_t from);

/* One HTML or CSV table. */
void collect_grid(struct collector *collector, const struct record_table *table,
    size_t index);

/* Faults by which judge.c groups: compared by address. */
extern const char g_fault_twice[], g_fault_row_twice[];

#endif
