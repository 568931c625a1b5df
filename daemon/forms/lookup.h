/*
 * What a form needs of the register: text that a person wrote to the one
 * thing that is meant. forms/ knows no database; the caller brings these.
 */
#ifndef LSCPD_FORMS_LOOKUP_H
#define LSCPD_FORMS_LOOKUP_H

#include "base/arena.h"

/*
 * The canonical value (code, address or reference) in `arena`; or NULL with a
 * sentence for the sender in `*ret_reason` ("We know no agency of that name.").
 * Text comes trimmed and in the sender's case.
 */
typedef const char *(*form_lookup_fn)(void *ctx, struct arena *arena,
    const char *text, const char **ret_reason);

/* A function that is NULL: the value is checked by its shape alone. */
struct form_lookup {
	void *ctx;
	form_lookup_fn agency;  /* code, name or alias → code */
	form_lookup_fn contact; /* address or alias, or a name → address */
	form_lookup_fn group;   /* code or name → code */
	form_lookup_fn action;  /* reference in any case → A-0001 */
	form_lookup_fn meeting; /* → M-0001 */
};

#endif
