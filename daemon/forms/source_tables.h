/*
 * A table of an HTML body stands in its text too, row by row. Where it is read
 * as a table, the text must not be read as well. Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_SOURCE_TABLES_H
#define LSCPD_FORMS_SOURCE_TABLES_H

#include "forms/collect.h"
#include "forms/lines.h"

/*
 * Empties the lines that are rows of a table that the form can read: one line
 * a row, or, in the plain twin of an HTML body, one line a cell.
 */
void
source_drop_tables(const struct collector *collector, struct text_lines *lines);

#endif
