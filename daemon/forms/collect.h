/*
 * Where the readers of text and of tables put what they find. Used inside
 * forms/ alone.
 */
#ifndef LSCPD_FORMS_COLLECT_H
#define LSCPD_FORMS_COLLECT_H

#include "base/arena.h"
#include "forms/grid.h"
#include "forms/source.h"

struct collector {
	struct arena *arena;
	const struct form *form;
	const struct record *record;
	struct form_source *out;
	unsigned source; /* number of the text or file that is read */
	/* Of this database, to know our own workbooks by; "" or NULL: any. */
	const char *instance;
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

/* One table of a file or an HTML body, whatever its shape. */
void collect_grid(struct collector *collector, const struct record_table *table,
    size_t index);
/* One that is not of the long shape: by its labels. */
void collect_sheet(struct collector *collector,
    const struct record_table *table, size_t index);

/* Name the tables in which nothing of the form was found: behind the last of
 * them. `skip` as in source_request. */
void collect_strange(struct collector *collector, const bool *skip);

/* "S11.csv", "workbook, sheet Standards", "the table in your email" */
const char *collect_table_name(const struct collector *collector,
    const struct record_table *table);
/* "S11.csv, line 7", "workbook, sheet Standards, row 7" */
const char *collect_row_place(const struct collector *collector,
    const struct record_table *table, const struct record_row *row);
/* "workbook, sheet Standards, cell G10"; where there are no cells, the row. */
const char *collect_cell_place(const struct collector *collector,
    const struct record_table *table, const struct record_row *row,
    size_t column);
/* 'PLACE: what "text"' among the unread. */
void collect_unread_at(struct collector *collector, const char *place,
    const char *what, const char *text);
/* "" or why a cell with these marks cannot count: a formula without a value, or
 * one that failed. */
const char *collect_mark_fault(unsigned marks);
/* Without the apostrophe that guards a leading sign. */
const char *collect_value(const char *cell);

/* Faults by which judge.c groups: compared by address. */
extern const char g_fault_twice[], g_fault_row_twice[];

#endif
