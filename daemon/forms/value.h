/*
 * Values as people write them, made canonical, type by type. Used inside
 * forms/ alone; judge_value() is the way in.
 */
#ifndef LSCPD_FORMS_VALUE_H
#define LSCPD_FORMS_VALUE_H

#include <stdint.h>

#include "base/arena.h"
#include "forms/judge.h"

struct value_request {
	struct arena *arena;
	const struct judge_request *judge;
	const struct form_field *field;
	const char *text; /* trimmed, not blank */
};

/* The canonical value, or NULL and a reason. */
typedef const char *(*value_fn)(const struct value_request *, const char **);

const char *
value_number(const struct value_request *request, const char **ret_reason);
const char *
value_date(const struct value_request *request, const char **ret_reason);
const char *
value_time(const struct value_request *request, const char **ret_reason);

/* Plain decimal notation of what was written; NULL and a reason. */
const char *
number_read(struct arena *arena, const char *text, const char **ret_reason);

#endif
