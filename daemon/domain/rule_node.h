/*
 * The tree behind a rule: shared by the reader of rules, by what evaluates
 * them, and by what says them as a spreadsheet's formula.
 */
#ifndef LSCPD_DOMAIN_RULE_NODE_H
#define LSCPD_DOMAIN_RULE_NODE_H

#include <stddef.h>

enum rule_kind {
	RULE_AND, /* left, right */
	RULE_OR,
	RULE_NOT,    /* left */
	RULE_FILLED, /* field */
	RULE_ONE_OF, /* field, values */
	RULE_FUTURE, /* field */
	RULE_PAST,
	RULE_MONTHS, /* field, number */
	RULE_CLOSED, /* field */
	RULE_LESS,   /* left, right: sums */
	RULE_LESS_EQUAL,
	RULE_GREATER,
	RULE_GREATER_EQUAL,
	RULE_EQUAL,
	RULE_NOT_EQUAL,
	RULE_WITHIN, /* left, right, number */
	RULE_ADD,    /* left, right */
	RULE_SUBTRACT,
	RULE_MULTIPLY,
	RULE_DIVIDE,
	RULE_FIELD,  /* field */
	RULE_NUMBER, /* number */
};

struct rule_node {
	enum rule_kind kind;
	const struct rule_node *left, *right;
	const char *field;
	const char **values;
	size_t value_count;
	double number;
};

#endif
