#include "forms/workbook_rule.h"

#include <string.h>

#include "base/text.h"
#include "domain/rule_node.h"

/* --- formulas ----------------------------------------------------------------- */

struct formula {
	const struct workbook_cells *cells;
	struct buf *out;
	const struct rule_node *node;
};

static bool write_node(const struct formula *f, const struct rule_node *node);

static const char *
cell_of(const struct formula *f, const struct rule_node *node)
{
	return f->cells->find(f->cells->ctx, node->field);
}

/* Each part once more, so that nothing is said of what is empty. */
static bool
write_is_known(const struct formula *f, const struct rule_node *node)
{
	if (node == NULL)
		return true;
	if (node->field[0] != '\0' && node->kind != RULE_FILLED) {
		const char *cell = cell_of(f, node);
		if (cell == NULL)
			return false;
		buf_printf(f->out, "LEN(TRIM(%s))>0,", cell);
	}
	return write_is_known(f, node->left) && write_is_known(f, node->right);
}

static bool
write_both(const struct formula *f, const char *function)
{
	buf_printf(f->out, "%s(", function);
	if (!write_node(f, f->node->left))
		return false;
	buf_putc(f->out, ',');
	if (!write_node(f, f->node->right))
		return false;
	buf_putc(f->out, ')');
	return true;
}

static bool
write_and(const struct formula *f)
{
	return write_both(f, "AND");
}

static bool
write_or(const struct formula *f)
{
	return write_both(f, "OR");
}

static bool
write_not(const struct formula *f)
{
	buf_puts(f->out, "AND(");
	if (!write_is_known(f, f->node->left))
		return false;
	buf_puts(f->out, "NOT(");
	if (!write_node(f, f->node->left))
		return false;
	buf_puts(f->out, "))");
	return true;
}

static bool
write_filled(const struct formula *f)
{
	const char *cell = cell_of(f, f->node);

	if (cell != NULL)
		buf_printf(f->out, "LEN(TRIM(%s))>0", cell);
	return cell != NULL;
}

static void
write_text(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_putc(out, '"');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

/* A chosen 3 may be a number or a text: compared as a text. */
static bool
write_one_of(const struct formula *f)
{
	const char *cell = cell_of(f, f->node);

	if (cell == NULL)
		return false;
	buf_puts(f->out, "OR(");
	for (size_t i = 0; i < f->node->value_count; i++) {
		buf_printf(f->out, "%s(%s&\"\")=", i == 0 ? "" : ",", cell);
		write_text(f->out, f->node->values[i]);
	}
	buf_putc(f->out, ')');
	return true;
}

static bool
write_day(const struct formula *f)
{
	const char *cell = cell_of(f, f->node);
	const char *sign = f->node->kind == RULE_FUTURE ? ">" : "<";

	if (cell != NULL)
		buf_printf(f->out, "AND(ISNUMBER(%s),%s%sTODAY())", cell, cell,
		    sign);
	return cell != NULL;
}

static bool
write_months(const struct formula *f)
{
	const char *cell = cell_of(f, f->node);
	int months = (int)f->node->number;

	if (cell != NULL)
		buf_printf(f->out,
		    "AND(ISNUMBER(%s),%s<=EDATE(TODAY(),%d),"
		    "%s>=EDATE(TODAY(),-%d))",
		    cell, cell, months, cell, months);
	return cell != NULL;
}

static bool
write_operator(const struct formula *f)
{
	static const char *const signs[] = {
	    [RULE_LESS] = "<",
	    [RULE_LESS_EQUAL] = "<=",
	    [RULE_GREATER] = ">",
	    [RULE_GREATER_EQUAL] = ">=",
	    [RULE_EQUAL] = "=",
	    [RULE_NOT_EQUAL] = "<>",
	    [RULE_ADD] = "+",
	    [RULE_SUBTRACT] = "-",
	    [RULE_MULTIPLY] = "*",
	    [RULE_DIVIDE] = "/",
	};

	buf_putc(f->out, '(');
	if (!write_node(f, f->node->left))
		return false;
	buf_puts(f->out, signs[f->node->kind]);
	if (!write_node(f, f->node->right))
		return false;
	buf_putc(f->out, ')');
	return true;
}

static bool
write_comparison(const struct formula *f)
{
	buf_puts(f->out, "AND(");
	if (!write_is_known(f, f->node) || !write_operator(f))
		return false;
	buf_putc(f->out, ')');
	return true;
}

static bool
write_within(const struct formula *f)
{
	buf_puts(f->out, "AND(");
	if (!write_is_known(f, f->node))
		return false;
	buf_puts(f->out, "ABS(");
	if (!write_node(f, f->node->left))
		return false;
	buf_putc(f->out, '-');
	if (!write_node(f, f->node->right))
		return false;
	buf_printf(f->out, ")<=%.15g)", f->node->number);
	return true;
}

static bool
write_field(const struct formula *f)
{
	const char *cell = cell_of(f, f->node);

	if (cell == NULL)
		return false;
	if (f->cells->is_percent(f->cells->ctx, f->node->field))
		buf_printf(f->out, "(%s*100)", cell);
	else
		buf_puts(f->out, cell);
	return true;
}

static bool
write_number(const struct formula *f)
{
	buf_printf(f->out, "%.15g", f->node->number);
	return true;
}

/* A kind without a writer is left to the judge. */
static bool (*const g_writers[])(const struct formula *) = {
    [RULE_AND] = write_and,
    [RULE_OR] = write_or,
    [RULE_NOT] = write_not,
    [RULE_FILLED] = write_filled,
    [RULE_ONE_OF] = write_one_of,
    [RULE_FUTURE] = write_day,
    [RULE_PAST] = write_day,
    [RULE_MONTHS] = write_months,
    [RULE_CLOSED] = NULL,
    [RULE_LESS] = write_comparison,
    [RULE_LESS_EQUAL] = write_comparison,
    [RULE_GREATER] = write_comparison,
    [RULE_GREATER_EQUAL] = write_comparison,
    [RULE_EQUAL] = write_comparison,
    [RULE_NOT_EQUAL] = write_comparison,
    [RULE_WITHIN] = write_within,
    [RULE_ADD] = write_operator,
    [RULE_SUBTRACT] = write_operator,
    [RULE_MULTIPLY] = write_operator,
    [RULE_DIVIDE] = write_operator,
    [RULE_FIELD] = write_field,
    [RULE_NUMBER] = write_number,
};

static bool
write_node(const struct formula *f, const struct rule_node *node)
{
	const struct formula inner = {f->cells, f->out, node};

	return g_writers[node->kind] != NULL && g_writers[node->kind](&inner);
}

bool
workbook_rule_formula(const struct rule *rule,
    const struct workbook_cells *cells, struct buf *out)
{
	const struct formula f = {cells, out, rule->root};

	return write_node(&f, rule->root) && !out->over;
}

/* --- words -------------------------------------------------------------------- */

struct wording {
	struct arena *arena;
	const struct form_field *fields;
	size_t count;
};

/* The label without its trailing (hint); the name where it has none. */
static const char *
label_of(const struct wording *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++) {
		const char *label = w->fields[i].label;
		const char *hint = strstr(label, " (");
		if (strcmp(w->fields[i].name, name) == 0)
			return hint == NULL ? label
					    : arena_strndup(w->arena, label,
						  (size_t)(hint - label));
	}
	return name;
}

static const char *
values_words(const struct wording *w, const struct rule_node *node)
{
	const char *list = node->values[0];

	for (size_t i = 1; i < node->value_count; i++)
		list = arena_printf(w->arena, "%s%s%s", list,
		    i + 1 == node->value_count ? " or " : ", ",
		    node->values[i]);
	return list;
}

static const char *
say(const struct wording *w, const struct rule_node *node, const char * not )
{
	const char *label = label_of(w, node->field);

	if (node->kind == RULE_ONE_OF)
		return arena_printf(w->arena, "%s is %s%s", label, not,
		    values_words(w, node));
	if (node->kind == RULE_FILLED)
		return arena_printf(w->arena, "%s is %s", label,
		    *not == '\0' ? "filled in" : "empty");
	if (node->kind == RULE_MONTHS)
		return arena_printf(w->arena, "%s is %swithin %g months", label,
		    not, node->number);
	if (node->kind == RULE_NOT && *not == '\0')
		return say(w, node->left, "not ");
	if (*not != '\0' || (node->kind != RULE_AND && node->kind != RULE_OR))
		return NULL;
	const char *left = say(w, node->left, "");
	const char *right = say(w, node->right, "");
	return left == NULL || right == NULL
		   ? NULL
		   : arena_printf(w->arena, "%s %s %s", left,
			 node->kind == RULE_AND ? "and" : "or", right);
}

const char *
workbook_rule_words(struct arena *arena, const struct rule *rule,
    const struct form_field *fields, size_t count)
{
	const struct wording w = {arena, fields, count};

	return say(&w, rule->root, "");
}
