/*
 * All that a form's questions may be called, sorted, so that each cell of a
 * sheet can be asked for at once. Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_LABELS_H
#define LSCPD_FORMS_LABELS_H

#include "base/arena.h"
#include "forms/form.h"

struct label {
	const char *key;                /* folded */
	const struct form_table *table; /* NULL: a plain field */
	const struct form_field *field;
};

struct labels {
	struct label *items;
	size_t count;
	bool first[256]; /* bytes that a key begins with */
};

/* The labels that one cell fits: `items` NULL where there is none. */
struct label_range {
	const struct label *items;
	size_t count;
};

void labels_build(struct arena *arena, const struct form *form,
    struct labels *ret_labels);
/*
 * By what stands in a cell, also where a hint follows behind the label, in
 * brackets or on a line of its own.
 */
struct label_range
labels_find(struct arena *arena, const struct labels *labels, const char *text);
/* Of that table (NULL: the plain fields); NULL if there is none. */
const struct form_field *
labels_pick(const struct label_range *range, const struct form_table *table);

/* `text` up to the hint that stands behind a label; NULL without one. */
const char *label_without_hint(struct arena *arena, const char *text);

#endif
