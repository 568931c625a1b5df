#include "parser/jsonfile.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/celltext.h"
#include "parser/charset.h"
#include "parser/table.h"

enum {
	COLUMNS = 4, /* table, row, field, value */
	PATH_BYTES = 500,
	NUMBER_BYTES = 400,
};

struct json_reading {
	struct table_maker maker;
	uint32_t line;
};

/* What the agreed shape knows of the place of a value. */
struct json_place {
	const char *table, *row;
};

static const struct json_place g_plain = {"", ""};

/* --- before parsing --------------------------------------------------------------- */

/* A file whose lists are nested or many beyond reason costs no memory. */
static const char *
find_excess(const char *text)
{
	size_t depth = 0, deepest = 0, values = 1;
	bool quoted = false;

	for (; *text != '\0'; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (quoted && *text == '\\' && text[1] != '\0')
			text++;
		if (quoted)
			continue;
		depth += *text == '[' || *text == '{';
		depth -= (*text == ']' || *text == '}') && depth > 0;
		values += *text == ',' || *text == '[' || *text == '{';
		deepest = depth > deepest ? depth : deepest;
	}
	if (deepest > LIMIT_JSON_DEPTH)
		return "its lists are nested too deeply.";
	return values > LIMIT_JSON_VALUES ? "it holds too many values." : NULL;
}

/* --- values ------------------------------------------------------------------------ */

static void
put_scalar(struct buf *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		buf_puts(out, json_string_value(value));
		break;
	case JSON_INTEGER:
		buf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		cell_put_decimal(out, json_real_value(value));
		break;
	case JSON_TRUE:
		buf_puts(out, "yes");
		break;
	case JSON_FALSE:
		buf_puts(out, "no");
		break;
	default:
		break;
	}
}

static bool
is_scalar(const json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

/* ["a", "b"]: several choices, say. */
static bool
is_plain_list(const json_t *value)
{
	size_t count = json_array_size(value);

	for (size_t i = 0; i < count; i++)
		if (!is_scalar(json_array_get(value, i)))
			return false;
	return count > 0;
}

static void
put_row(struct json_reading *r, struct json_place place, const char *field,
    const char *value)
{
	const char *cells[COLUMNS] = {place.table, place.row, field, value};

	table_row(&r->maker, ++r->line);
	for (size_t i = 0; i < COLUMNS; i++)
		table_cell(&r->maker, i, cells[i], 0);
}

/* Null and "" say nothing, and ask for no answer. */
static void
put_value(struct json_reading *r, struct json_place place, const char *field,
    const json_t *value)
{
	struct buf text CLEANUP(buf_done);
	size_t count = json_array_size(value);

	buf_init(&text, LIMIT_CELL_BYTES + 8);
	if (is_scalar(value))
		put_scalar(&text, value);
	for (size_t i = 0; i < count; i++) {
		buf_puts(&text, i > 0 ? ", " : "");
		put_scalar(&text, json_array_get(value, i));
	}
	if (text.len > 0)
		put_row(r, place, field, buf_text(&text));
}

/* --- what has no place in a form ----------------------------------------------------- */

static void
put_stray(struct json_reading *r, const char *path, const json_t *value);

static void
put_stray_below(struct json_reading *r, const char *path, const char *key,
    const json_t *value)
{
	char below[PATH_BYTES];

	(void)snprintf(below, sizeof(below), "%s.%s", path, key);
	below[text_cut(below, sizeof(below) - 5)] = '\0';
	put_stray(r, below, value);
}

/* Each value under its path, so that somebody is told of it. Depth is bounded
 * by LIMIT_JSON_DEPTH. */
static void
put_stray(struct json_reading *r, const char *path, const json_t *value)
{
	char number[24];
	const char *key;
	json_t *item;
	size_t i;

	if (is_scalar(value)) {
		put_value(r, g_plain, path, value);
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)value, i, item)
	{
		(void)snprintf(number, sizeof(number), "%zu", i + 1);
		put_stray_below(r, path, number, item);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
	    put_stray_below(r, path, key, item);
}

static void
put_field(struct json_reading *r, struct json_place place, const char *field,
    const json_t *value)
{
	char path[PATH_BYTES];

	if (is_scalar(value) || is_plain_list(value)) {
		put_value(r, place, field, value);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s%s%s%s%s", place.table,
	    *place.table == '\0' ? "" : ".", place.row,
	    *place.row == '\0' ? "" : ".", field);
	path[text_cut(path, sizeof(path) - 5)] = '\0';
	put_stray(r, path, value);
}

/* --- the agreed shape ------------------------------------------------------------- */

static void
put_fields(struct json_reading *r, struct json_place place, json_t *fields)
{
	const char *key;
	json_t *value;

	json_object_foreach(fields, key, value) put_field(r, place, key, value);
}

static void
put_table(struct json_reading *r, const char *table, json_t *rows)
{
	char number[24];
	const char *key;
	json_t *row;
	size_t i;

	if (is_scalar(rows) || is_plain_list(rows)) {
		put_stray_below(r, "tables", table, rows);
		return;
	}
	json_array_foreach(rows, i, row)
	{
		(void)snprintf(number, sizeof(number), "%zu", i + 1);
		put_fields(r, (struct json_place){table, number}, row);
	}
	json_object_foreach(rows, key, row)
	{
		if (json_is_object(row))
			put_fields(r, (struct json_place){table, key}, row);
		else
			put_stray_below(r, table, key, row);
	}
}

static void
put_tables(struct json_reading *r, json_t *tables)
{
	const char *key;
	json_t *rows;

	json_object_foreach(tables, key, rows) put_table(r, key, rows);
}

static bool
is_header(const char *key)
{
	return strcmp(key, "form") == 0 || strcmp(key, "round") == 0 ||
	       strcmp(key, "agency") == 0;
}

/* What the file is of comes first, whatever its order. */
static void
put_all(struct json_reading *r, json_t *root)
{
	const char *key;
	json_t *value;

	put_row(r, (struct json_place){"table", "row"}, "field", "value");
	if (!json_is_object(root))
		put_stray(r, "list", root);
	json_object_foreach(root, key, value)
	{
		if (is_header(key))
			put_field(r, g_plain, key, value);
	}
	json_object_foreach(root, key, value)
	{
		if (is_header(key) || *key == '$')
			continue; /* $schema and the like are no answers */
		if (strcmp(key, "fields") == 0 && json_is_object(value))
			put_fields(r, g_plain, value);
		else if (strcmp(key, "tables") == 0 && json_is_object(value))
			put_tables(r, value);
		else
			put_field(r, g_plain, key, value);
	}
}

/* --- the part ----------------------------------------------------------------------- */

static void
refuse(struct context *ctx, struct record_part *part, const json_error_t *error)
{
	bool twice = json_error_code(error) == json_error_duplicate_key;

	part->verdict = PART_UNREADABLE;
	part->reason = arena_printf(ctx->arena,
	    twice ? "it gives the same name twice, in line %d."
		  : "it is no sound JSON: look at line %d.",
	    error->line);
}

static void
keep(struct context *ctx, struct record_part *part, json_t *root)
{
	struct record *record = ctx->record;
	struct json_reading r = {.line = 0};
	struct record_table table;

	table_begin(&r.maker, ctx, TABLE_JSON, "");
	put_all(&r, root);
	table_end(&r.maker, &table);
	table.part = (uint32_t)(part - record->parts);
	part->verdict = PART_READ;
	part->reason = r.maker.reason;
	if (table.row_count == 1) {
		part->reason = "there is nothing in it.";
		return;
	}
	*(struct record_table *)arena_push(ctx->arena, &record->tables,
	    &record->table_count, sizeof(*record->tables)) = table;
}

void
jsonfile_read(struct context *ctx, struct record_part *part,
    const struct buf *file, const char *label)
{
	struct buf text CLEANUP(buf_done);
	json_error_t error;

	buf_init(&text, (size_t)LIMIT_JSON_BYTES * 3);
	charset_decode_file(&text, label, ctx->fallback, buf_text(file),
	    file->len);
	const char *excess = find_excess(buf_text(&text));
	if (excess != NULL) {
		part->verdict = PART_TOO_LARGE;
		part->reason = excess;
		return;
	}
	json_t *root = json_loadb(buf_text(&text), text.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root == NULL) {
		refuse(ctx, part, &error);
		return;
	}
	keep(ctx, part, root);
	json_decref(root);
}
