#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/ctl.h"

enum {
	CELL_CHARS = 60
};

static json_t *
cell_json(const struct view_cell *cell)
{
	switch (cell->type) {
	case VIEW_NULL:
		return json_null();
	case VIEW_NUMBER:
		return json_integer(strtoll(cell->text, NULL, 10));
	case VIEW_TEXT:
		break;
	}
	return json_string(cell->text);
}

static int
add_row(void *ctx, const struct view_cell *cells, size_t count, struct err *err)
{
	json_t *row = json_object();

	(void)err;
	for (size_t i = 0; i < count; i++)
		(void)json_object_set_new(row, cells[i].name,
		    cell_json(&cells[i]));
	(void)json_array_append_new(ctx, row);
	return 0;
}

int
view_array(struct ctl *ctl, const struct view_query *query, json_t **ret_array,
    struct err *err)
{
	json_t *array = json_array();
	int rows = view_rows(ctl->store, query, add_row, array, err);

	if (rows < 0)
		json_decref(array);
	else
		*ret_array = array;
	return rows;
}

int
view_object(struct ctl *ctl, const struct view_query *query,
    json_t **ret_object, struct err *err)
{
	json_t *array;
	int rows = view_array(ctl, query, &array, err);

	if (rows < 0)
		return rows;
	*ret_object = rows > 0 ? json_incref(json_array_get(array, 0)) : NULL;
	json_decref(array);
	return rows > 0;
}

/* --- as text ------------------------------------------------------------------ */

static const char *value_text(struct arena *arena, const json_t *value);

static const char *
list_text(struct arena *arena, const json_t *list)
{
	const char *text = "";
	size_t i;
	const json_t *item;

	json_array_foreach(list, i, item) text = arena_printf(arena, "%s%s%s",
	    text, i == 0 ? "" : ";", value_text(arena, item));
	return text;
}

static const char *
value_text(struct arena *arena, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		return arena_printf(arena, "%lld",
		    (long long)json_integer_value(value));
	case JSON_TRUE:
		return "yes";
	case JSON_FALSE:
		return "no";
	case JSON_ARRAY:
		return list_text(arena, value);
	default:
		return "";
	}
}

/* For a terminal: nothing that came by mail can move the cursor. */
static const char *
safe_text(struct arena *arena, const char *text)
{
	struct buf out CLEANUP(buf_done);

	buf_init(&out, 1 << 20);
	text_escape_control(&out, text);
	return arena_strdup(arena, buf_text(&out));
}

static void
fill_table(struct ctl *ctl, struct libscols_table *table, const json_t *rows,
    const char *const *columns)
{
	size_t i;
	const json_t *row;

	json_array_foreach(rows, i, row)
	{
		struct libscols_line *line = scols_table_new_line(table, NULL);
		for (size_t c = 0; columns[c] != NULL; c++) {
			const json_t *value = json_object_get(row, columns[c]);
			const char *text =
			    value == NULL ? "" : value_text(ctl->arena, value);
			text = text_first_words(ctl->arena, text, CELL_CHARS);
			(void)scols_line_set_data(line, c,
			    safe_text(ctl->arena, text));
		}
	}
}

static void
print_table(struct ctl *ctl, const json_t *rows, const char *const *columns)
{
	struct libscols_table *table = scols_new_table();

	for (size_t c = 0; columns[c] != NULL; c++)
		(void)scols_table_new_column(table, columns[c], 0,
		    SCOLS_FL_NOEXTREMES);
	(void)scols_table_enable_maxout(table, 0);
	fill_table(ctl, table, rows, columns);
	(void)scols_print_table(table);
	scols_unref_table(table);
}

/* The names of all rows' members, in the order of their first appearance. */
static const char *const *
columns_of(struct ctl *ctl, const json_t *rows)
{
	json_t *seen = json_object();
	const char **names = NULL;
	size_t count = 0, i;
	const char *name;
	const json_t *row;
	json_t *value;

	json_array_foreach(rows, i, row)
	    json_object_foreach((json_t *)row, name, value)
	{
		if (json_object_get(seen, name) != NULL)
			continue;
		(void)json_object_set_new(seen, name, json_true());
		*(const char **)arena_push(ctl->arena, &names, &count,
		    sizeof(*names)) = name;
	}
	json_decref(seen);
	*(const char **)arena_push(ctl->arena, &names, &count, sizeof(*names)) =
	    NULL;
	return names;
}

static void
print_json(const json_t *value)
{
	(void)json_dumpf(value, stdout, JSON_INDENT(2));
	(void)putchar('\n');
}

int
print_view(struct ctl *ctl, const struct view_query *query,
    const char *const *columns, struct err *err)
{
	json_t *rows;
	int count = view_array(ctl, query, &rows, err);

	if (count < 0)
		return count;
	if (ctl->json)
		print_json(rows);
	else if (count == 0)
		(void)puts("none");
	else
		print_table(ctl, rows, columns);
	json_decref(rows);
	return count;
}

void
print_list(struct ctl *ctl, json_t *take_list)
{
	if (ctl->json)
		print_json(take_list);
	else if (json_array_size(take_list) == 0)
		(void)puts("none");
	else
		print_table(ctl, take_list, columns_of(ctl, take_list));
	json_decref(take_list);
}

static void
print_member(struct ctl *ctl, const char *name, const json_t *value)
{
	if (!json_is_array(value)) {
		(void)printf("%-19s%s\n", arena_printf(ctl->arena, "%s:", name),
		    safe_text(ctl->arena, value_text(ctl->arena, value)));
		return;
	}
	if (json_array_size(value) == 0)
		return;
	(void)printf("\n%s\n", name);
	if (json_is_object(json_array_get(value, 0))) {
		print_table(ctl, value, columns_of(ctl, value));
		return;
	}
	size_t i;
	const json_t *item;
	json_array_foreach(value, i, item)(void) printf("  %s\n",
	    safe_text(ctl->arena, value_text(ctl->arena, item)));
}

void
print_object(struct ctl *ctl, json_t *take_object)
{
	const char *name;
	json_t *value;

	if (ctl->json)
		print_json(take_object);
	else
		json_object_foreach(take_object, name, value)
		    print_member(ctl, name, value);
	json_decref(take_object);
}

void
print_line(const char *format, ...)
{
	struct buf out CLEANUP(buf_done);
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 20);
	va_list args;

	buf_init(&out, 1 << 20);
	va_start(args, format);
	text_escape_control(&out, arena_vprintf(arena, format, args));
	va_end(args);
	(void)puts(buf_text(&out));
}
