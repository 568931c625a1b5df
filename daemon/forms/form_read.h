/*
 * The halves of reading a definition: form_syntax.c has libconfuse parse
 * the text, form_read.c makes the tree of it, form_check.c finds what a tree gets wrong in itself. Used inside
 * forms/ alone.
 */
#ifndef LSCPD_FORMS_FORM_READ_H
#define LSCPD_FORMS_FORM_READ_H

#include <confuse.h>

#include "base/arena.h"
#include "forms/form.h"
#include "forms/scan.h"

/* Stands behind a dollar while libconfuse reads, so that it expands nothing. */
enum {
	FORM_GUARD = 2
};

struct form_reader {
	struct arena *arena;
	const char *file;
	struct form_faults *faults;
	struct scan scan;
	struct form *form;
};

/* A fault at the section or option of that path. */
void form_fault(struct form_reader *reader, const char *path,
    const char *format, ...) PRINTF(3, 4);
void form_fault_at(struct form_reader *reader, int line, const char *format,
    ...) PRINTF(3, 4);

/* Fill reader->form from the parsed section. */
void form_read(struct form_reader *reader, cfg_t *cfg);
/* Rules, references between sections, ambiguous labels, periods, senders. */
void form_check(struct form_reader *reader);
/* Keys of fields, columns, rows and tables; also ambiguous ones. */
void form_check_keys(struct form_reader *reader);

#endif
