/* Forms for programs: JSON to fill in, and the schema of it. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "forms/blank.h"

enum {
	ARENA_BYTES = 16 * 1024 * 1024
};

static void
set(json_t *object, const char *key, json_t *take_value)
{
	(void)json_object_set_new(object, key, take_value);
}

void
blank_json_dump(struct buf *out, const json_t *object)
{
	char *text =
	    json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	if (text == NULL)
		out->over = true;
	else
		buf_puts(out, text);
	free(text);
}

/* --- to fill in ---------------------------------------------------------------------- */

static json_t *
value_json(const struct form_field *field, const char *value)
{
	char *end;

	if (*value == '\0')
		return json_null();
	if (field->type == TYPE_BOOLEAN && strcmp(value, "yes") == 0)
		return json_true();
	if (field->type == TYPE_BOOLEAN && strcmp(value, "no") == 0)
		return json_false();
	if (!form_type_is_number(field->type) || strlen(value) > 15)
		return json_string(value);
	long long whole = strtoll(value, &end, 10);
	if (*end == '\0')
		return json_integer(whole);
	double number = strtod(value, &end);
	return *end == '\0' ? json_real(number) : json_string(value);
}

/* Of one row, or of the form. */
static json_t *
fields_object(const struct blank *blank, const struct form_table *table,
    const char *row)
{
	const struct form_field *fields =
	    table == NULL ? blank->form->fields : table->columns;
	size_t count =
	    table == NULL ? blank->form->field_count : table->column_count;
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++)
		set(object, fields[i].name,
		    value_json(&fields[i],
			answer_get(blank->answers, blank->answer_count,
			    table == NULL ? "" : table->name, row,
			    fields[i].name)));
	return object;
}

static json_t *
table_json(struct arena *arena, const struct blank *blank,
    const struct form_table *table)
{
	struct blank_headings rows = blank_headings(arena, blank, table);
	bool is_fixed = table->rows == ROWS_FIXED;
	json_t *all = is_fixed ? json_object() : json_array();

	for (size_t i = 0; i < rows.count; i++) {
		const struct blank_heading *heading = &rows.items[i];
		json_t *row = fields_object(blank, table, heading->row);
		if (!is_fixed && table->key != NULL && !heading->is_placeholder)
			set(row, table->key->name, json_string(heading->row));
		if (is_fixed)
			set(all, heading->row, row);
		else
			(void)json_array_append_new(all, row);
	}
	return all;
}

json_t *
blank_json_object(struct arena *arena, const struct blank *blank)
{
	json_t *root = json_object();
	json_t *tables = json_object();

	set(root, "form", json_string(blank->form->name));
	if (blank->round[0] != '\0')
		set(root, "round", json_string(blank->round));
	if (blank->agency[0] != '\0')
		set(root, "agency", json_string(blank->agency));
	set(root, "fields", fields_object(blank, NULL, ""));
	for (size_t i = 0; i < blank->form->table_count; i++)
		set(tables, blank->form->tables[i].name,
		    table_json(arena, blank, &blank->form->tables[i]));
	set(root, "tables", tables);
	return root;
}

void
blank_json(struct buf *out, const struct blank *blank)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	json_auto_t *root = blank_json_object(arena, blank);

	blank_json_dump(out, root);
	buf_putc(out, '\n');
}

/* --- the schema ------------------------------------------------------------------------- */

/* How a value looks in JSON. What is not there may be null. */
static const struct {
	const char *type, *pattern, *format;
} g_shapes[] = {
    [TYPE_TEXT] = {"string", NULL, NULL},
    [TYPE_INTEGER] = {"integer", NULL, NULL},
    [TYPE_DECIMAL] = {"number", NULL, NULL},
    [TYPE_PERCENT] = {"number", NULL, NULL},
    [TYPE_DATE] = {"string", NULL, "date"},
    [TYPE_TIME] = {"string", "^([01][0-9]|2[0-3]):[0-5][0-9]$", NULL},
    [TYPE_MONTH] = {"string", "^[0-9]{4}-(0[1-9]|1[0-2])$", NULL},
    [TYPE_QUARTER] = {"string", "^[0-9]{4}-Q[1-4]$", NULL},
    [TYPE_YEAR] = {"string", "^[0-9]{4}-[0-9]{2}$", NULL},
    [TYPE_PERIOD] = {"string", "^[0-9]{4}-(0[1-9]|1[0-2]|Q[1-4]|[0-9]{2})$",
	NULL},
    [TYPE_BOOLEAN] = {"boolean", NULL, NULL},
    [TYPE_CHOICE] = {NULL, NULL, NULL},
    [TYPE_EMAIL] = {"string", NULL, "email"},
    [TYPE_AGENCY] = {"string", NULL, NULL},
    [TYPE_CONTACT] = {"string", NULL, NULL},
    [TYPE_GROUP] = {"string", NULL, NULL},
    [TYPE_ACTION] = {"string", "^[Aa]-[0-9]+$", NULL},
    [TYPE_MEETING] = {"string", "^[Mm]-[0-9]+$", NULL},
};

static json_t *
choice_schema(const struct form_choice *choice)
{
	json_t *values = json_array();

	for (size_t i = 0; i < choice->value_count; i++)
		(void)json_array_append_new(values,
		    json_string(choice->values[i]));
	(void)json_array_append_new(values, json_null());
	return values;
}

static void
set_limits(json_t *schema, const struct form_field *field)
{
	if (field->type == TYPE_TEXT)
		set(schema, "maxLength",
		    json_integer(field->has_max ? (json_int_t)field->max
						: LIMIT_ANSWER_CHARS));
	if (form_type_is_number(field->type) && field->has_min)
		set(schema, "minimum", json_real(field->min));
	if (form_type_is_number(field->type) && field->has_max)
		set(schema, "maximum", json_real(field->max));
	if (field->type == TYPE_TEXT && field->pattern[0] != '\0')
		set(schema, "pattern",
		    json_sprintf("^(?:%s)$", field->pattern));
}

static json_t *
field_schema(struct arena *arena, const struct form_field *field)
{
	json_t *schema = json_object();
	const char *when = field->required_if == NULL
			       ? ""
			       : arena_printf(arena, " Needed if: %s.",
				     field->required_if->text);

	set(schema, "title", json_string(field->label));
	set(schema, "description",
	    json_sprintf("%s%s%s%s", judge_allowed(arena, field),
		field->help[0] == '\0' ? "" : ". ", field->help, when));
	if (field->type == TYPE_CHOICE)
		set(schema, "enum", choice_schema(field->choice));
	else
		set(schema, "type",
		    json_pack("[s, s]", g_shapes[field->type].type, "null"));
	if (g_shapes[field->type].pattern != NULL)
		set(schema, "pattern",
		    json_string(g_shapes[field->type].pattern));
	if (g_shapes[field->type].format != NULL)
		set(schema, "format",
		    json_string(g_shapes[field->type].format));
	set_limits(schema, field);
	return schema;
}

static json_t *
object_schema(const char *title, json_t *take_properties)
{
	return json_pack("{s:s, s:s, s:o, s:b}", "title", title, "type",
	    "object", "properties", take_properties, "additionalProperties", 0);
}

static json_t *
fields_schema(struct arena *arena, const char *title,
    const struct form_field *fields, size_t count)
{
	json_t *properties = json_object();
	json_t *required = json_array();

	for (size_t i = 0; i < count; i++) {
		set(properties, fields[i].name,
		    field_schema(arena, &fields[i]));
		if (fields[i].required)
			(void)json_array_append_new(required,
			    json_string(fields[i].name));
	}
	json_t *schema = object_schema(title, properties);
	set(schema, "required", required);
	return schema;
}

static json_t *
table_schema(struct arena *arena, const struct form_table *table)
{
	json_t *rows = json_object();

	if (table->rows == ROWS_REPEATING) {
		json_decref(rows);
		return json_pack("{s:s, s:s, s:I, s:I, s:o}", "title",
		    table->label, "type", "array", "minItems",
		    (json_int_t)table->min_rows, "maxItems",
		    (json_int_t)table->max_rows, "items",
		    fields_schema(arena, table->row_label, table->columns,
			table->column_count));
	}
	for (size_t i = 0; i < table->fixed_count; i++)
		set(rows, table->fixed[i].name,
		    fields_schema(arena, table->fixed[i].label, table->columns,
			table->column_count));
	return object_schema(table->label, rows);
}

void
blank_schema(struct buf *out, const struct blank *blank)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	const struct form *form = blank->form;
	json_t *tables = json_object();

	for (size_t i = 0; i < form->table_count; i++)
		set(tables, form->tables[i].name,
		    table_schema(arena, &form->tables[i]));
	json_t *properties = json_pack("{s:{s:s}, s:{s:s}, s:{s:s}, s:o, s:o}",
	    "form", "const", form->name, "round", "type", "string", "agency",
	    "type", "string", "fields",
	    fields_schema(arena, form->title, form->fields, form->field_count),
	    "tables", object_schema(form->title, tables));
	json_auto_t *schema = object_schema(form->title, properties);
	set(schema, "$schema",
	    json_string("https://json-schema.org/draft/2020-12/schema"));
	set(schema, "required", json_pack("[s, s]", "form", "fields"));
	blank_json_dump(out, schema);
	buf_putc(out, '\n');
}
