/*
 * The check language of form definitions: small conditions over the fields of
 * one row or of the form, such as
 *
 *   score is one of 2, 3            status is not done
 *   trained <= scope                evidence is filled
 *   due is in the future            due is within 12 months or reason is filled
 *   percent within 0.5 of 100 * in_date / in_scope
 *
 * A test is `X is V`, `X is not V`, `X is one of V, V`, `X is not one of V, V`,
 * `X is filled`, `X is empty`, `X is in the future`, `X is in the past`,
 * `X is not in the future`, `X is within N months` (of today, either way),
 * `X is closed` (a period that is over), a comparison `<= < >= > = !=` between
 * sums of fields and numbers (+ - * /), or `A within N of B`. Tests are joined
 * by `and`, `or`, `not` and parentheses; `and` binds closer. A value that
 * holds one of these words, or begins with `not`, stands in single quotes.
 *
 * Truth is three-valued: a test of an empty field (but `is filled` and `is
 * empty`) is unknown, and so is what cannot be compared. Pure; parsed once by
 * forms/, evaluated through a callback.
 */
#ifndef LSCPD_DOMAIN_RULE_H
#define LSCPD_DOMAIN_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum rule_truth {
	RULE_FALSE,
	RULE_TRUE,
	RULE_UNKNOWN
};

/* How a rule uses a field: what its type must allow. */
enum rule_use {
	RULE_USE_ANY,    /* is filled, is empty */
	RULE_USE_VALUE,  /* compared with a written value */
	RULE_USE_NUMBER, /* in a sum */
	RULE_USE_ORDER,  /* compared with another field: both alike */
	RULE_USE_DAY,    /* future, past, months */
	RULE_USE_PERIOD, /* closed */
};

/* One mention of a field; `value` is the written value, else "". */
struct rule_mention {
	const char *field;
	enum rule_use use;
	const char *value;
};

struct rule_node;

struct rule {
	const char *text; /* as written */
	const struct rule_node *root;
	struct rule_mention *mentions; /* in the order of the text */
	size_t mention_count;
};

/* The canonical value of a field, "" when it is empty; never NULL. */
typedef const char *(*rule_value_fn)(const void *ctx, const char *field);

/*
 * Everything is copied into `arena`. ERR_CONFIG with words that say what would
 * be right.
 */
int rule_parse(struct arena *arena, const char *text, struct rule **ret_rule,
    struct err *err);
enum rule_truth rule_eval(const struct rule *rule, rule_value_fn value,
    const void *ctx, int32_t today_day);

#endif
