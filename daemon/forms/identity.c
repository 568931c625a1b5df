#include "forms/identity.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/grid.h"
#include "forms/judge.h"
#include "forms/lines.h"
#include "forms/workbook.h"

enum {
	KEY_BYTES = 64, /* of a reference, a code, an instance */
	/* Where the columns of the map stand. */
	MAP_TABLE = 1,
	MAP_ROW = 2,
	MAP_FIELD = 3,
	MAP_GIVEN = 4,
};

bool
identity_is_sheet(const struct record_table *table)
{
	return table->kind == TABLE_SHEET &&
	       (text_ieq(table->name, WORKBOOK_IDENTITY) ||
		   text_ieq(table->name, WORKBOOK_LISTS));
}

static const char *
short_cell(struct arena *arena, const struct record_row *row, size_t column)
{
	const char *text = grid_cell(row, column);

	return arena_strndup(arena, text, text_cut(text, KEY_BYTES));
}

static void
read_key(struct arena *arena, const struct record_row *row,
    struct identity *identity)
{
	const struct {
		const char *key;
		const char **slot;
	} keys[] = {
	    {"instance", &identity->instance},
	    {"form", &identity->form},
	    {"round", &identity->round},
	    {"agency", &identity->agency},
	    {"ref", &identity->ref},
	};

	identity->is_copy |= text_ieq(grid_cell(row, 0), "kind") &&
			     text_ieq(grid_cell(row, 1), "copy");
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (text_ieq(keys[i].key, grid_cell(row, 0)))
			*keys[i].slot =
			    text_trim(arena, short_cell(arena, row, 1));
}

static void
read_map(struct arena *arena, const struct record_row *row,
    struct identity *identity)
{
	if (text_is_blank(grid_cell(row, MAP_GIVEN)) ||
	    identity->given_count >= LIMIT_ANSWERS)
		return;
	*(struct identity_given *)arena_push(arena, &identity->given,
	    &identity->given_count, sizeof(*identity->given)) =
	    (struct identity_given){
		.tbl = grid_cell(row, MAP_TABLE),
		.row = grid_cell(row, MAP_ROW),
		.field = grid_cell(row, MAP_FIELD),
		.value = grid_cell(row, MAP_GIVEN),
	    };
}

/* One below the other, in a column of their own. */
static void
read_texts(struct arena *arena, const struct record_table *table,
    struct identity *identity)
{
	const struct record_row *head = &table->rows[0];
	size_t column = MAP_GIVEN + 1;

	while (column < head->cell_count &&
	       !text_ieq(grid_cell(head, column), "text"))
		column++;
	for (size_t i = 1; i < table->row_count && column < head->cell_count &&
			   identity->text_count < LIMIT_ANSWERS;
	     i++)
		if (!text_is_blank(grid_cell(&table->rows[i], column)))
			*(const char **)arena_push(arena, &identity->texts,
			    &identity->text_count, sizeof(*identity->texts)) =
			    text_squeeze(arena,
				grid_cell(&table->rows[i], column));
}

static bool
is_map_head(const struct record_row *row)
{
	return text_ieq(grid_cell(row, 0), "cell") &&
	       text_ieq(grid_cell(row, MAP_GIVEN), "given");
}

bool
identity_find(struct arena *arena, const struct record *record, uint32_t part,
    struct identity *ret_identity)
{
	const struct record_table *table = NULL;
	bool in_map = false;

	*ret_identity = (struct identity){.instance = "",
	    .form = "",
	    .round = "",
	    .agency = "",
	    .ref = ""};
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].part == part &&
		    record->tables[i].kind == TABLE_SHEET &&
		    text_ieq(record->tables[i].name, WORKBOOK_IDENTITY))
			table = &record->tables[i];
	if (table == NULL || table->row_count == 0 ||
	    !text_ieq(grid_cell(&table->rows[0], 0), "lscpd"))
		return false;
	read_texts(arena, table, ret_identity);
	for (size_t i = 1; i < table->row_count; i++) {
		const struct record_row *row = &table->rows[i];
		if (is_map_head(row))
			in_map = true;
		else if (in_map)
			read_map(arena, row, ret_identity);
		else
			read_key(arena, row, ret_identity);
	}
	return true;
}

bool
identity_wrote(struct arena *arena, const struct identity *identity,
    const char *text)
{
	const char *squeezed =
	    identity->text_count > 0 ? text_squeeze(arena, text) : "";

	for (size_t i = 0; i < identity->text_count; i++)
		if (strcmp(identity->texts[i], squeezed) == 0)
			return true;
	return false;
}

const struct identity_given *
identity_get(const struct identity *identity, const char *tbl, const char *row,
    const char *field)
{
	for (size_t i = 0; i < identity->given_count; i++)
		if (strcmp(identity->given[i].field, field) == 0 &&
		    strcmp(identity->given[i].tbl, tbl) == 0 &&
		    text_same_name(identity->given[i].row, row))
			return &identity->given[i];
	return NULL;
}

bool
identity_gave(struct arena *arena, const struct form *form,
    const struct identity_given *given, const char *text)
{
	const struct form_field *field =
	    form_field_find(form, given->tbl, given->field);

	if (field == NULL || text_same(arena, text, given->value))
		return field != NULL;
	if (field->type == TYPE_TEXT)
		return false;
	const struct judge_request request = {.form = form, .default_row = ""};
	struct judge_value ours =
	    judge_value(arena, &request, field, given->value);
	struct judge_value theirs = judge_value(arena, &request, field, text);
	return ours.value != NULL && theirs.value != NULL &&
	       strcmp(ours.value, theirs.value) == 0;
}
