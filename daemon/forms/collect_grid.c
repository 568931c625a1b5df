#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/collect.h"
#include "forms/grid.h"
#include "forms/keys.h"
#include "forms/lines.h"

enum {
	NAME_BYTES = 80,
	QUOTE_BYTES = 60
};

struct grid_reader {
	struct collector *collector;
	const struct record_table *table;
	const char *name; /* of the file, for a person */
	struct grid grid;
};

static const char *
table_name(struct arena *arena, const struct record *record,
    const struct record_table *table)
{
	if (table->part >= record->part_count)
		return "the table in your email";
	const char *name = record->parts[table->part].name;
	name = *name != '\0' ? name : "the attached file";
	char *copy = arena_strndup(arena, name, text_cut(name, NAME_BYTES));
	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (*table->name == '\0')
		return copy;
	return arena_printf(arena, "%s, sheet %.*s", copy,
	    (int)text_cut(table->name, QUOTE_BYTES), table->name);
}

static const char *
place_of(const struct grid_reader *r, const struct record_row *row)
{
	static const char *const words[] = {
	    [TABLE_HTML] = "row",
	    [TABLE_CSV] = "line",
	    [TABLE_SHEET] = "row",
	};

	return arena_printf(r->collector->arena, "%s, %s %u", r->name,
	    words[r->table->kind], (unsigned)row->line);
}

static void
unread(struct grid_reader *r, const struct record_row *row, const char *what,
    const char *text)
{
	char *quote = text_trim(r->collector->arena, text);
	const char *place = row != NULL ? place_of(r, row) : r->name;

	quote[text_cut(quote, QUOTE_BYTES)] = '\0';
	collect_unread(r->collector,
	    *quote == '\0'
		? arena_printf(r->collector->arena, "%s: %s", place, what)
		: arena_printf(r->collector->arena, "%s: %s \"%s\"", place,
		      what, quote));
}

/* Our own files guard a leading sign with an apostrophe; so does Excel. */
static const char *
value_of(const char *cell)
{
	return cell[0] == '\'' && cell[1] != '\0' &&
		       strchr("=+-@\t\r", cell[1]) != NULL
		   ? cell + 1
		   : cell;
}

/* The cell of that role in a row, trimmed; "" without one. */
static const char *
cell_of(const struct grid_reader *r, const struct record_row *row,
    enum grid_role role)
{
	for (size_t i = 0; i < r->grid.count; i++)
		if (r->grid.columns[i].role == role)
			return text_trim(r->collector->arena,
			    grid_cell(row, i));
	return "";
}

/* --- long: table, row, field, value ------------------------------------------ */

static const struct form_table *
long_table(const struct grid_reader *r, const char *name, const char *folded,
    const char *row)
{
	const struct form *form = r->collector->form;

	if (*name != '\0')
		return keys_find_table(form,
		    text_fold(r->collector->arena, name));
	if (*row == '\0' &&
	    keys_find_field(form->fields, form->field_count, folded) != NULL)
		return NULL;
	for (size_t i = 0; i < form->table_count; i++)
		if (keys_find_field(form->tables[i].columns,
			form->tables[i].column_count, folded) != NULL)
			return &form->tables[i];
	return NULL;
}

/* A number that entries of one row share. */
static unsigned
block_of(const struct grid_reader *r, size_t from, const char *tbl,
    const char *row, unsigned otherwise)
{
	const struct form_source *out = r->collector->out;

	for (size_t i = from; i < out->entry_count; i++)
		if (strcmp(out->entries[i].tbl, tbl) == 0 &&
		    text_same_name(out->entries[i].row, row))
			return out->entries[i].block;
	return otherwise;
}

/*
 * Our own copy of a return says at its head what it is of, and what was sent
 * with it: tables that no form has, and that nobody need be told of.
 */
static bool
is_ours(const struct form *form, const char *table)
{
	return form_table_find(form, table) == NULL &&
	       (text_ieq(table, "about") || text_ieq(table, "files"));
}

static void
read_long_row(struct grid_reader *r, const struct record_row *row, size_t from,
    unsigned number)
{
	struct arena *arena = r->collector->arena;
	const struct form *form = r->collector->form;
	const char *name = cell_of(r, row, ROLE_TABLE);
	const char *where = cell_of(r, row, ROLE_ROW);
	const char *field = cell_of(r, row, ROLE_FIELD);
	const char *value = value_of(cell_of(r, row, ROLE_VALUE));
	const char *folded = text_fold(arena, field);
	const struct form_table *table = long_table(r, name, folded, where);
	const struct form_field *found =
	    table != NULL
		? keys_find_field(table->columns, table->column_count, folded)
		: keys_find_field(form->fields, form->field_count, folded);

	if (*value == '\0' || is_ours(form, name) ||
	    strcmp(folded, "form") == 0 || strcmp(folded, "round") == 0 ||
	    (found == NULL && strcmp(folded, "agency") == 0))
		return;
	if (*name != '\0' && table == NULL) {
		unread(r, row, "we do not know the table", name);
		return;
	}
	if (found == NULL) {
		unread(r, row, "we do not know the field", field);
		return;
	}
	if (table != NULL && table->rows == ROWS_FIXED) {
		const struct form_row *fixed =
		    keys_find_row(arena, table, where);
		if (fixed == NULL) {
			unread(r, row, "we do not know the row", where);
			return;
		}
		where = fixed->name;
	}
	struct form_entry entry = {.tbl = table != NULL ? table->name : "",
	    .row = table != NULL ? where : "",
	    .field = found->name,
	    .text = value,
	    .origin = place_of(r, row)};
	entry.block = table == NULL
			  ? 0
			  : block_of(r, from, entry.tbl, entry.row, number + 1);
	collect_entry(r->collector, &entry);
}

/* --- wide: a column a heading ------------------------------------------------- */

/* The row of a fixed table: by its own column, else by a cell that names it. */
static const struct form_row *
wide_fixed_row(const struct grid_reader *r, const struct record_row *row)
{
	struct arena *arena = r->collector->arena;
	const struct form_table *table = r->grid.table;
	const struct form_row *fixed =
	    keys_find_row(arena, table, cell_of(r, row, ROLE_ROW));

	for (size_t i = 0; fixed == NULL && i < r->grid.count; i++)
		if (r->grid.columns[i].role == ROLE_NONE ||
		    r->grid.columns[i].role == ROLE_ROW)
			fixed = keys_find_row(arena, table,
			    text_trim(arena, grid_cell(row, i)));
	return fixed;
}

/* A plain field stands in each row; only what differs is another value. */
static bool
is_repeat(const struct grid_reader *r, size_t from,
    const struct form_field *field, const char *value)
{
	const struct form_source *out = r->collector->out;

	for (size_t i = from; i < out->entry_count; i++)
		if (*out->entries[i].tbl == '\0' &&
		    strcmp(out->entries[i].field, field->name) == 0 &&
		    strcmp(out->entries[i].text, value) == 0)
			return true;
	return false;
}

static bool
wide_row_name(struct grid_reader *r, const struct record_row *row,
    const char **ret_name)
{
	const struct form_table *table = r->grid.table;

	*ret_name = "";
	if (table == NULL)
		return true;
	*ret_name = cell_of(r, row, ROLE_ROW);
	if (table->rows == ROWS_REPEATING)
		return true;
	const struct form_row *fixed = wide_fixed_row(r, row);
	if (fixed == NULL) {
		unread(r, row, "we do not know the row", *ret_name);
		return false;
	}
	*ret_name = fixed->name;
	return true;
}

static void
read_wide_row(struct grid_reader *r, const struct record_row *row, size_t from,
    unsigned number)
{
	const struct form_table *table = r->grid.table;
	const char *name;

	if (!wide_row_name(r, row, &name))
		return;
	if (table != NULL && table->key == NULL && *name == '\0')
		name = arena_printf(r->collector->arena, "%u", number + 1);
	for (size_t i = 0; i < r->grid.count; i++) {
		const struct grid_column *column = &r->grid.columns[i];
		const char *value =
		    value_of(text_trim(r->collector->arena, grid_cell(row, i)));
		bool in_table = column->table != NULL;
		if (column->role != ROLE_COLUMN ||
		    (!in_table && is_repeat(r, from, column->field, value)))
			continue;
		collect_entry(r->collector,
		    &(struct form_entry){.tbl = in_table ? column->table->name
							 : "",
			.row = in_table ? name : "",
			.field = column->field->name,
			.text = value,
			.origin = place_of(r, row),
			.block = in_table ? number + 1 : 0});
	}
}

/* --- two columns without a header ---------------------------------------------- */

static void
read_pair(struct grid_reader *r, const struct record_row *row)
{
	const struct form *form = r->collector->form;
	const char *key = text_trim(r->collector->arena, grid_cell(row, 0));
	const char *value = text_trim(r->collector->arena, grid_cell(row, 1));
	const struct form_field *field = keys_find_field(form->fields,
	    form->field_count, text_fold(r->collector->arena, key));

	if (*value == '\0')
		return;
	if (field == NULL) {
		unread(r, row, "we do not know the field", key);
		return;
	}
	collect_entry(r->collector, &(struct form_entry){.tbl = "",
					.row = "",
					.field = field->name,
					.text = value_of(value),
					.origin = place_of(r, row)});
}

/* --- all of it ------------------------------------------------------------------ */

/* Does anything stand under this heading that is not a row's name again? */
static bool
says_more(struct grid_reader *r, size_t column)
{
	const struct form_table *table = r->grid.table;
	bool names = r->grid.kind == GRID_WIDE && table != NULL &&
		     table->rows == ROWS_FIXED;

	for (size_t i = r->grid.header + 1; i < r->table->row_count; i++) {
		const char *cell = grid_cell(&r->table->rows[i], column);
		if (!text_is_blank(cell) &&
		    (!names || (column > 0 && keys_find_row(r->collector->arena,
						  table, cell) == NULL)))
			return true;
	}
	return false;
}

/* A heading that means nothing is said, if anything stands under it. */
static void
name_unknown_columns(struct grid_reader *r)
{
	for (size_t i = 0; i < r->grid.count; i++) {
		const struct grid_column *column = &r->grid.columns[i];
		if (column->role == ROLE_NONE && says_more(r, i))
			unread(r, &r->table->rows[r->grid.header],
			    "we do not know the column", column->heading);
	}
}

/* What stands above the header: plain fields, a key and a value a row. */
static void
read_above(struct grid_reader *r)
{
	const struct form *form = r->collector->form;

	for (size_t i = 0; i < r->grid.header; i++) {
		const struct record_row *row = &r->table->rows[i];
		const char *key =
		    text_trim(r->collector->arena, grid_cell(row, 0));
		const char *folded = text_fold(r->collector->arena, key);
		if (grid_row_is_blank(row))
			continue;
		if (keys_find_field(form->fields, form->field_count, folded) !=
		    NULL)
			read_pair(r, row);
		else
			unread(r, row,
			    "we did not read this line, which begins", key);
	}
}

static void
read_rows(struct grid_reader *r)
{
	size_t from = r->collector->out->entry_count;
	size_t first = r->grid.kind == GRID_PAIRS ? 0 : r->grid.header + 1;
	unsigned number = 0;

	if (r->grid.kind != GRID_PAIRS)
		read_above(r);
	for (size_t i = first; i < r->table->row_count; i++) {
		const struct record_row *row = &r->table->rows[i];
		if (grid_row_is_blank(row) ||
		    r->collector->out->entry_count >= LIMIT_ANSWERS)
			continue;
		if (r->grid.kind == GRID_LONG)
			read_long_row(r, row, from, number);
		else if (r->grid.kind == GRID_WIDE)
			read_wide_row(r, row, from, number);
		else
			read_pair(r, row);
		number++;
	}
	collect_faults(r->collector, from);
}

void
collect_grid(struct collector *collector, const struct record_table *table,
    size_t index)
{
	struct arena *arena = collector->arena;
	struct grid_reader r = {.collector = collector,
	    .table = table,
	    .name = table_name(arena, collector->record, table)};

	grid_match(arena, collector->form, table, &r.grid);
	if (r.grid.kind == GRID_NONE) {
		/* Tables of an HTML body may be mere layout. */
		if (table->kind != TABLE_HTML && table->row_count > 0)
			unread(&r, NULL,
			    "its first line has no heading that this form "
			    "knows",
			    "");
		return;
	}
	collector->source++;
	collector->out->table_read[index] = true;
	collector->out->saw_form = true;
	collector->out->is_cut |= table->cut;
	if (table->cut)
		unread(&r, NULL, "it is too long, so we did not read all of it",
		    "");
	name_unknown_columns(&r);
	read_rows(&r);
	if (collector->out->entry_count >= LIMIT_ANSWERS)
		collector->out->is_cut = true;
}
