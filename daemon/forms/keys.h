/*
 * What lines, columns, rows and tables may be called by people: labels and
 * names, folded for comparison. Used inside forms/ alone.
 */
#ifndef LSCPD_FORMS_KEYS_H
#define LSCPD_FORMS_KEYS_H

#include "base/arena.h"
#include "forms/form.h"

/*
 * Name, label, the label without its trailing (hint), and what `also` lists
 * (NULL-terminated, or NULL).
 */
void keys_build(struct arena *arena, const char *name, const char *label,
    const char *const *also, struct form_keys *ret_keys);
/* The first key both have, NULL if there is none. */
const char *keys_clash(const struct form_keys *a, const struct form_keys *b);
void keys_drop(struct form_keys *keys, const char *folded);

/* By what a person wrote; NULL if nothing fits. */
const struct form_field *keys_find_field(const struct form_field *fields,
    size_t count, const char *folded);
/* "5", "5 Staff training", "5. Staff", "Staff training", "Standard 5". */
const struct form_row *keys_find_row(struct arena *arena,
    const struct form_table *table, const char *text);

/* How a line that is no marked heading names a row of a fixed table. */
enum row_naming {
	ROW_BY_WORD,   /* "Standard 5": nothing else can be meant */
	ROW_BY_NUMBER, /* "5. Staff training": also found in a list */
	ROW_BY_LABEL,  /* "Staff training": also found in an answer */
};

/* False where it names none, or is a bare "5". */
bool keys_names_row(struct arena *arena, const struct form_table *table,
    const char *text, enum row_naming *ret_naming);

const struct form_table *
keys_find_table(const struct form *form, const char *folded);

#endif
