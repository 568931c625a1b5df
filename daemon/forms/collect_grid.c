#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/collect.h"
#include "forms/identity.h"
#include "forms/keys.h"
#include "forms/lines.h"

enum {
	NAME_BYTES = 80,
	QUOTE_BYTES = 60
};

struct grid_reader {
	struct collector *collector;
	const struct record_table *table;
	struct grid_long grid;
};

/* --- places, for a person ----------------------------------------------------- */

static const char *
on_one_line(struct arena *arena, const char *text, size_t bytes)
{
	char *copy = arena_strndup(arena, text, text_cut(text, bytes));

	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return copy;
}

/* The only workbook of a mail needs no name. */
static bool
is_only_workbook(const struct record *record, uint32_t part)
{
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].kind == TABLE_SHEET &&
		    record->tables[i].part != part)
			return false;
	return true;
}

const char *
collect_table_name(const struct collector *collector,
    const struct record_table *table)
{
	const struct record *record = collector->record;
	struct arena *arena = collector->arena;
	const char *file = "the attached file";

	if (table->part >= record->part_count)
		return "the table in your email";
	if (*record->parts[table->part].name != '\0')
		file = on_one_line(arena, record->parts[table->part].name,
		    NAME_BYTES);
	if (*table->name == '\0')
		return file;
	const char *name = on_one_line(arena, table->name, QUOTE_BYTES);
	if (table->kind != TABLE_SHEET)
		return arena_printf(arena, "%s, %s", file, name);
	return arena_printf(arena, "%s, sheet %s",
	    is_only_workbook(record, table->part) ? "workbook" : file, name);
}

const char *
collect_row_place(const struct collector *collector,
    const struct record_table *table, const struct record_row *row)
{
	static const char *const words[] = {
	    [TABLE_HTML] = "row",
	    [TABLE_CSV] = "line",
	    [TABLE_SHEET] = "row",
	    [TABLE_WORD] = "row",
	    [TABLE_JSON] = NULL, /* values have no lines that anyone sees */
	};
	const char *name = collect_table_name(collector, table);

	return words[table->kind] == NULL
		   ? name
		   : arena_printf(collector->arena, "%s, %s %u", name,
			 words[table->kind], (unsigned)row->line);
}

const char *
collect_cell_place(const struct collector *collector,
    const struct record_table *table, const struct record_row *row,
    size_t column)
{
	char letters[COLUMN_NAME_BYTES];

	if (table->kind != TABLE_SHEET)
		return collect_row_place(collector, table, row);
	record_column_name(column, letters);
	return arena_printf(collector->arena, "%s, cell %s%u",
	    collect_table_name(collector, table), letters, (unsigned)row->line);
}

void
collect_unread_at(struct collector *collector, const char *place,
    const char *what, const char *text)
{
	char *quote = text_trim(collector->arena, text);

	quote[text_cut(quote, QUOTE_BYTES)] = '\0';
	collect_unread(collector,
	    *quote == '\0'
		? arena_printf(collector->arena, "%s: %s", place, what)
		: arena_printf(collector->arena, "%s: %s \"%s\"", place, what,
		      quote));
}

static void
unread(struct grid_reader *r, const struct record_row *row, const char *what,
    const char *text)
{
	collect_unread_at(r->collector,
	    collect_row_place(r->collector, r->table, row), what, text);
}

/* Our own files guard a leading sign with an apostrophe; so does Excel. */
const char *
collect_value(const char *cell)
{
	return cell[0] == '\'' && cell[1] != '\0' &&
		       strchr("=+-@\t\r", cell[1]) != NULL
		   ? cell + 1
		   : cell;
}

static const char *
cell_of(const struct grid_reader *r, const struct record_row *row,
    enum grid_role role)
{
	return text_trim(r->collector->arena,
	    grid_long_cell(&r->grid, row, role));
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

/* Of JSON: the way to the value. */
static const char *
long_place(const struct grid_reader *r, const struct record_row *row,
    const char *where, const char *field)
{
	const char *place = collect_row_place(r->collector, r->table, row);

	if (r->table->kind != TABLE_JSON)
		return place;
	const char *table = on_one_line(r->collector->arena,
	    cell_of(r, row, LONG_TABLE), QUOTE_BYTES);
	return arena_printf(r->collector->arena, "%s, at %s%s%s%s%s", place,
	    table, *table != '\0' ? " " : "",
	    on_one_line(r->collector->arena, where, QUOTE_BYTES),
	    *where != '\0' ? " " : "",
	    on_one_line(r->collector->arena, field, QUOTE_BYTES));
}

static void
read_long_row(struct grid_reader *r, const struct record_row *row, size_t from,
    unsigned number)
{
	struct arena *arena = r->collector->arena;
	const struct form *form = r->collector->form;
	const char *name = cell_of(r, row, LONG_TABLE);
	const char *where = cell_of(r, row, LONG_ROW);
	const char *field = cell_of(r, row, LONG_FIELD);
	const char *value = collect_value(cell_of(r, row, LONG_VALUE));
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
	    .origin = long_place(r, row, where, field)};
	entry.block = table == NULL
			  ? 0
			  : block_of(r, from, entry.tbl, entry.row, number + 1);
	collect_entry(r->collector, &entry);
}

/* --- all of it ------------------------------------------------------------------ */

static void
collect_long(struct grid_reader *r, size_t index)
{
	struct collector *collector = r->collector;
	struct form_source *out = collector->out;
	size_t from = out->entry_count;
	unsigned number = 0;

	collector->source++;
	out->table_read[index] = out->saw_form = true;
	for (size_t i = 0; i < r->grid.header; i++)
		if (!grid_row_is_blank(&r->table->rows[i]))
			unread(r, &r->table->rows[i],
			    "we did not read this line, which begins",
			    grid_cell(&r->table->rows[i], 0));
	for (size_t i = r->grid.header + 1; i < r->table->row_count; i++) {
		const struct record_row *row = &r->table->rows[i];
		if (!grid_row_is_blank(row) && out->entry_count < LIMIT_ANSWERS)
			read_long_row(r, row, from, number++);
	}
	collect_faults(collector, from);
}

void
collect_grid(struct collector *collector, const struct record_table *table,
    size_t index)
{
	struct grid_reader r = {.collector = collector, .table = table};

	if (identity_is_sheet(table))
		return;
	if (grid_find_long(collector->arena, table, &r.grid))
		collect_long(&r, index);
	else
		collect_sheet(collector, table, index);
	if (!collector->out->table_read[index])
		return;
	if (table->cut)
		collect_unread_at(collector,
		    collect_table_name(collector, table),
		    "it is too long, so we did not read all of it", "");
	collector->out->is_cut |=
	    table->cut || collector->out->entry_count >= LIMIT_ANSWERS;
}
