#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mail/clean.h"
#include "mail/template_node.h"

struct render {
	const struct template_set *set;
	const struct template_file *file;
	enum template_part part;
	struct buf *out;
	struct err *err;
	const json_t *stack[2 * TEMPLATE_DEPTH + 2];
	int depth, partials;
};

struct template_letter *
template_find(const struct template_set *set, const char *name)
{
	for (size_t i = 0; i < set->letter_count; i++)
		if (strcmp(set->letters[i].name, name) == 0)
			return &set->letters[i];
	return NULL;
}

/* One step of a dotted name: `*name` moves behind it. */
static const json_t *
step_into(const json_t *value, const char **name)
{
	size_t n = strcspn(*name, ".");
	const json_t *found = json_object_getn(value, *name, n);

	*name += n;
	if (**name == '.')
		(*name)++;
	return found;
}

static const json_t *
look_up(const struct render *r, const char *name)
{
	if (strcmp(name, ".") == 0)
		return r->stack[r->depth];
	for (int i = r->depth; i >= 0; i--) {
		const char *rest = name;
		const json_t *value = step_into(r->stack[i], &rest);
		while (value != NULL && *rest != '\0')
			value = step_into(value, &rest);
		if (value != NULL)
			return value;
	}
	return NULL;
}

static bool
is_filled(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	if (json_is_integer(value))
		return json_integer_value(value) != 0;
	return !json_is_false(value) && !json_is_null(value);
}

static int
fail_at(struct render *r, const struct node *node, const char *what)
{
	return err_set(r->err, ERR_CONFIG, BLAME_OPERATOR, "%s:%d: %s '%s'",
	    r->file->path, node->line, what, node->text);
}

static int
render_value(struct render *r, const struct node *node)
{
	const json_t *value = look_up(r, node->text);
	char number[40];
	const char *text = number;

	if (value == NULL)
		return fail_at(r, node, "there is no value named");
	if (json_is_string(value))
		text = json_string_value(value);
	else if (json_is_integer(value))
		(void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else
		return fail_at(r, node,
		    "neither words nor a whole number, so not to be shown:");

	CLEANUP(buf_done)
	struct buf clean;
	buf_init(&clean, TEMPLATE_OUTPUT_BYTES);
	if (r->part == TEMPLATE_HTML || node->kind == NODE_RAW)
		clean_block(&clean, text);
	else
		clean_line(&clean, text);
	if (r->part == TEMPLATE_HTML && node->kind == NODE_VALUE)
		text_escape_html(r->out, buf_text(&clean));
	else
		buf_puts(r->out, buf_text(&clean));
	return 0;
}

static int render_nodes(struct render *r, struct node *nodes, size_t count);

static int
render_inside(struct render *r, struct node *node, const json_t *value)
{
	if (r->depth + 1 >= (int)COUNT_OF(r->stack))
		return fail_at(r, node, "nested too deep:");
	r->stack[++r->depth] = value;
	int rc = render_nodes(r, node->items, node->item_count);
	r->depth--;
	return rc;
}

static int
render_section(struct render *r, struct node *node)
{
	const json_t *value = look_up(r, node->text);
	int rc = 0;

	if (value == NULL)
		return fail_at(r, node, "there is no value named");
	if (node->kind == NODE_INVERTED)
		return is_filled(value)
			   ? 0
			   : render_nodes(r, node->items, node->item_count);
	if (!is_filled(value))
		return 0;
	if (json_is_object(value))
		return render_inside(r, node, value);
	if (!json_is_array(value))
		return render_nodes(r, node->items, node->item_count);
	for (size_t i = 0; i < json_array_size(value) && rc == 0; i++)
		rc = render_inside(r, node, json_array_get(value, i));
	return rc;
}

static int
render_partial(struct render *r, const struct node *node)
{
	const struct template_letter *letter =
	    template_find(r->set, node->text);
	const struct template_file *outer = r->file;

	if (letter == NULL || !letter->parts[r->part].there)
		return fail_at(r, node, "there is no template named");
	if (r->partials >= TEMPLATE_DEPTH)
		return fail_at(r, node, "templates include each other:");
	r->partials++;
	r->file = &letter->parts[r->part];
	int rc = render_nodes(r, r->file->nodes.items, r->file->nodes.count);
	r->file = outer;
	r->partials--;
	return rc;
}

static int
render_node(struct render *r, struct node *node)
{
	node->shown = true;
	switch (node->kind) {
	case NODE_TEXT:
		buf_add(r->out, node->text, node->bytes);
		return 0;
	case NODE_VALUE:
	case NODE_RAW:
		return render_value(r, node);
	case NODE_PARTIAL:
		return render_partial(r, node);
	default:
		return render_section(r, node);
	}
}

static int
render_nodes(struct render *r, struct node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int rc = render_node(r, &nodes[i]);
		if (rc < 0)
			return rc;
		if (r->out->over)
			return err_set(r->err, ERR_LIMIT, BLAME_OPERATOR,
			    "%s:%d: the letter grows above %d bytes",
			    r->file->path, nodes[i].line,
			    TEMPLATE_OUTPUT_BYTES);
	}
	return 0;
}

int
template_render(const struct template_set *set, const char *name,
    enum template_part part, const json_t *values, struct buf *out,
    struct err *err)
{
	const struct template_letter *letter = template_find(set, name);

	if (letter == NULL || !letter->parts[part].there)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "%s: there is no template named '%s'", set->folder, name);
	struct render r = {.set = set,
	    .file = &letter->parts[part],
	    .part = part,
	    .out = out,
	    .err = err};
	r.stack[0] = values;
	return render_nodes(&r, r.file->nodes.items, r.file->nodes.count);
}
