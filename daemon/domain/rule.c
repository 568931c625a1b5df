#include "domain/rule.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/period.h"
#include "domain/rule_node.h"

static enum rule_truth
truth(bool holds)
{
	return holds ? RULE_TRUE : RULE_FALSE;
}

static enum rule_truth
negate(enum rule_truth value)
{
	if (value == RULE_UNKNOWN)
		return RULE_UNKNOWN;
	return truth(value == RULE_FALSE);
}

struct run {
	rule_value_fn value;
	const void *ctx;
	int32_t today_day;
};

static const char *
value_of(const struct run *run, const struct rule_node *node)
{
	return run->value(run->ctx, node->field);
}

static bool
read_number(const char *text, double *ret_number)
{
	char *end;

	if (*text == '\0' || strspn(text, "+-.0123456789") != strlen(text))
		return false;
	*ret_number = strtod(text, &end);
	return *end == '\0';
}

static bool
apply(enum rule_kind kind, double left, double right, double *ret_number)
{
	switch (kind) {
	case RULE_ADD:
		*ret_number = left + right;
		return true;
	case RULE_SUBTRACT:
		*ret_number = left - right;
		return true;
	case RULE_MULTIPLY:
		*ret_number = left * right;
		return true;
	default:
		*ret_number = left / (right == 0 ? 1 : right);
		return right != 0;
	}
}

/* False where a field is empty or no number, or a divisor is 0. */
static bool
sum_of(const struct run *run, const struct rule_node *node, double *ret_number)
{
	double left, right;

	if (node->kind == RULE_NUMBER) {
		*ret_number = node->number;
		return true;
	}
	if (node->kind == RULE_FIELD)
		return read_number(value_of(run, node), ret_number);
	return sum_of(run, node->left, &left) &&
	       sum_of(run, node->right, &right) &&
	       apply(node->kind, left, right, ret_number);
}

/* Days and periods as days, so that fields of one kind can be ordered. */
static bool
day_of_value(const char *text, double *ret_number)
{
	struct period period;
	int32_t day = date_parse_iso(text);

	if (day == DAY_NONE) {
		if (!period_parse(text, &period))
			return false;
		day = period_first_day(&period);
	}
	*ret_number = day;
	return true;
}

static bool
order_of(const struct run *run, const struct rule_node *node,
    double *ret_number)
{
	if (sum_of(run, node, ret_number))
		return true;
	return node->kind == RULE_FIELD &&
	       day_of_value(value_of(run, node), ret_number);
}

static enum rule_truth
compare(const struct run *run, const struct rule_node *node)
{
	double left, right;

	if (!order_of(run, node->left, &left) ||
	    !order_of(run, node->right, &right))
		return RULE_UNKNOWN;
	switch (node->kind) {
	case RULE_LESS:
		return truth(left < right);
	case RULE_LESS_EQUAL:
		return truth(left <= right);
	case RULE_GREATER:
		return truth(left > right);
	case RULE_GREATER_EQUAL:
		return truth(left >= right);
	case RULE_EQUAL:
		return truth(left == right);
	case RULE_NOT_EQUAL:
		return truth(left != right);
	default:
		/* A hair of room, as 12.3 - 11.8 is not quite 0.5. */
		return truth(fabs(left - right) <= node->number + 1e-9);
	}
}

static enum rule_truth
one_of(const struct run *run, const struct rule_node *node)
{
	const char *value = value_of(run, node);

	if (*value == '\0')
		return RULE_UNKNOWN;
	for (size_t i = 0; i < node->value_count; i++)
		if (text_ieq(value, node->values[i]))
			return RULE_TRUE;
	return RULE_FALSE;
}

/* The same day of the month `months` on; the last day where it has none. */
static int32_t
add_months(int32_t day, int months)
{
	struct civil civil = date_to_civil(day);
	int month = civil.year * 12 + civil.month - 1 + months;

	civil.year = month / 12;
	civil.month = month % 12 + 1;
	int last = date_days_in_month(civil.year, civil.month);
	if (civil.day > last)
		civil.day = last;
	return date_from_civil(civil);
}

static enum rule_truth
test_day(const struct run *run, const struct rule_node *node)
{
	int32_t day = date_parse_iso(value_of(run, node));
	int32_t today_day = run->today_day;
	int months = (int)node->number;

	if (day == DAY_NONE)
		return RULE_UNKNOWN;
	if (node->kind == RULE_FUTURE)
		return truth(day > today_day);
	if (node->kind == RULE_PAST)
		return truth(day < today_day);
	return truth(day <= add_months(today_day, months) &&
		     day >= add_months(today_day, -months));
}

static enum rule_truth
test_closed(const struct run *run, const struct rule_node *node)
{
	struct period period;

	if (!period_parse(value_of(run, node), &period))
		return RULE_UNKNOWN;
	return truth(period_is_closed(&period, run->today_day));
}

static enum rule_truth
eval(const struct run *run, const struct rule_node *node);

static enum rule_truth
join(const struct run *run, const struct rule_node *node)
{
	enum rule_truth decides =
	    node->kind == RULE_AND ? RULE_FALSE : RULE_TRUE;
	enum rule_truth left = eval(run, node->left);
	enum rule_truth right = eval(run, node->right);

	if (left == decides || right == decides)
		return decides;
	if (left == RULE_UNKNOWN || right == RULE_UNKNOWN)
		return RULE_UNKNOWN;
	return negate(decides);
}

static enum rule_truth
eval(const struct run *run, const struct rule_node *node)
{
	switch (node->kind) {
	case RULE_AND:
	case RULE_OR:
		return join(run, node);
	case RULE_NOT:
		return negate(eval(run, node->left));
	case RULE_FILLED:
		return truth(*value_of(run, node) != '\0');
	case RULE_ONE_OF:
		return one_of(run, node);
	case RULE_FUTURE:
	case RULE_PAST:
	case RULE_MONTHS:
		return test_day(run, node);
	case RULE_CLOSED:
		return test_closed(run, node);
	default:
		return compare(run, node);
	}
}

enum rule_truth
rule_eval(const struct rule *rule, rule_value_fn value, const void *ctx,
    int32_t today_day)
{
	struct run run = {value, ctx, today_day};

	return eval(&run, rule->root);
}
