#include "forms/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static const char *const g_types[] = {
    [TYPE_TEXT] = "text",
    [TYPE_INTEGER] = "integer",
    [TYPE_DECIMAL] = "decimal",
    [TYPE_PERCENT] = "percent",
    [TYPE_DATE] = "date",
    [TYPE_TIME] = "time",
    [TYPE_MONTH] = "month",
    [TYPE_QUARTER] = "quarter",
    [TYPE_YEAR] = "year",
    [TYPE_PERIOD] = "period",
    [TYPE_BOOLEAN] = "boolean",
    [TYPE_CHOICE] = "choice",
    [TYPE_EMAIL] = "email",
    [TYPE_AGENCY] = "agency",
    [TYPE_CONTACT] = "contact",
    [TYPE_GROUP] = "group",
    [TYPE_ACTION] = "action",
    [TYPE_MEETING] = "meeting",
};

const char *
form_type_name(enum form_type type)
{
	return g_types[type];
}

bool
form_type_is_number(enum form_type type)
{
	return type == TYPE_INTEGER || type == TYPE_DECIMAL ||
	       type == TYPE_PERCENT;
}

/* Equal in any case, with a space where the other has a dash. */
static bool
names_equal(const char *a, const char *b)
{
	for (;; a++, b++) {
		bool gap_a = *a == '-' || *a == ' ' || *a == '_';
		bool gap_b = *b == '-' || *b == ' ' || *b == '_';
		if (gap_a != gap_b ||
		    (!gap_a && tolower((unsigned char)*a) !=
				   tolower((unsigned char)*b)))
			return false;
		if (*a == '\0')
			return true;
	}
}

const struct form *
forms_find(const struct forms *forms, const char *name)
{
	for (size_t i = 0; i < forms->count; i++)
		if (names_equal(forms->items[i]->name, name))
			return forms->items[i];
	for (size_t i = 0; i < forms->count; i++)
		if (names_equal(forms->items[i]->title, name))
			return forms->items[i];
	return NULL;
}

const struct form_table *
form_table_find(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->table_count; i++)
		if (strcmp(form->tables[i].name, name) == 0)
			return &form->tables[i];
	return NULL;
}

const struct form_row *
form_row_find(const struct form_table *table, const char *name)
{
	for (size_t i = 0; i < table->fixed_count; i++)
		if (strcmp(table->fixed[i].name, name) == 0)
			return &table->fixed[i];
	return NULL;
}

const struct form_field *
form_field_find(const struct form *form, const char *tbl, const char *field)
{
	const struct form_field *fields = form->fields;
	size_t count = form->field_count;

	if (*tbl != '\0') {
		const struct form_table *table = form_table_find(form, tbl);
		if (table == NULL)
			return NULL;
		fields = table->columns;
		count = table->column_count;
	}
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, field) == 0)
			return &fields[i];
	return NULL;
}

static const char *
row_words(struct arena *arena, const struct form_table *table, const char *row)
{
	if (*row == '\0')
		return table->label;
	const struct form_row *fixed = form_row_find(table, row);
	const char *name = arena_printf(arena, "%s %s", table->row_label, row);
	if (fixed == NULL)
		return name;
	/* "Level 2" and "Induction" say it themselves. */
	if (text_ieq(fixed->label, name) || text_ieq(fixed->label, row))
		return fixed->label;
	return arena_printf(arena, "%s, %s", name, fixed->label);
}

const char *
form_place(struct arena *arena, const struct form *form, const char *tbl,
    const char *row, const char *field)
{
	const struct form_table *table = form_table_find(form, tbl);
	const struct form_field *found = form_field_find(form, tbl, field);
	const char *label = found != NULL ? found->label : "";

	if (table == NULL)
		return *label != '\0' ? label : form->title;
	const char *words = row_words(arena, table, row);
	if (*label == '\0')
		return words;
	return arena_printf(arena, "%s: %s", words, label);
}

const char *
form_shown_value(const struct form *form, const char *tbl, const char *field,
    const char *value)
{
	const struct form_field *found = form_field_find(form, tbl, field);
	char *end;

	if (found == NULL || !found->small_counts)
		return value;
	double number = strtod(value, &end);
	return *end == '\0' && number > 0 && number < 5 ? "<5" : value;
}

static int
index_of(const struct form_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return (int)i;
	return 0;
}

static int
row_index(const struct form_table *table, const char *row)
{
	for (size_t i = 0; i < table->fixed_count; i++)
		if (strcmp(table->fixed[i].name, row) == 0)
			return (int)i;
	return 0;
}

int
form_position(const struct form *form, const char *tbl, const char *row,
    const char *field)
{
	int position = 1;

	if (*tbl == '\0')
		return position +
		       index_of(form->fields, form->field_count, field);
	position += (int)form->field_count;
	for (size_t i = 0; i < form->table_count; i++) {
		const struct form_table *table = &form->tables[i];
		size_t rows = table->rows == ROWS_FIXED ? table->fixed_count
							: table->max_rows;
		if (strcmp(table->name, tbl) == 0)
			return position +
			       row_index(table, row) *
				   (int)table->column_count +
			       index_of(table->columns, table->column_count,
				   field);
		position += (int)((rows + 1) * table->column_count);
	}
	return position;
}
