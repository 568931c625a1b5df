/*
 * The answers on a sheet, a Word table, a CSV file with headings: what
 * forms/sheet.h found is made into entries. What it could not place:
 * collect_left.c.
 */
#include "forms/collect_sheet.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

enum {
	ORDINAL_DIGITS = 3
};

/* Why a cell cannot count. */
static const char g_no_value[] =
    "it is a formula without a result. Open the file, save it and send it "
    "again, or type the answer into the cell.";
static const char g_error[] =
    "the formula in it does not work. Type the answer into the cell.";

/* One row of a table: its cells follow each other. */
struct sheet_block_cells {
	const struct sheet_cell *cells;
	size_t count;
};

static const struct record_row *
row_at(const struct sheet_reader *r, size_t at)
{
	return &r->table->rows[at];
}

static const char *
text_of(const struct sheet_reader *r, const struct sheet_cell *cell)
{
	return collect_value(text_trim(r->collector->arena,
	    grid_cell(row_at(r, cell->at), cell->column)));
}

static unsigned
marks_of(const struct sheet_reader *r, const struct sheet_cell *cell)
{
	return record_cell_marks(r->table, row_at(r, cell->at), cell->column);
}

static const char *
place_of(const struct sheet_reader *r, const struct sheet_cell *cell)
{
	return collect_cell_place(r->collector, r->table, row_at(r, cell->at),
	    cell->column);
}

/* --- rows ---------------------------------------------------------------- */

static bool
is_ordinal(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= ORDINAL_DIGITS && text[digits] == '\0';
}

/* Which of the rows that we filled in it is, by what it still says: so rows
 * may be moved, put in and taken out. "" where it is none of them. */
static const char *
given_row(const struct sheet_reader *r, const struct sheet_block_cells *block)
{
	const struct identity *identity = &r->identity;
	const char *best = "", *tbl = block->cells[0].table->name;
	size_t best_count = 0;

	for (size_t i = 0; i < identity->given_count; i++) {
		const char *row = identity->given[i].row;
		size_t same = 0;
		if (strcmp(identity->given[i].tbl, tbl) != 0 ||
		    (i > 0 && strcmp(identity->given[i - 1].row, row) == 0 &&
			strcmp(identity->given[i - 1].tbl, tbl) == 0))
			continue;
		for (size_t g = i; g < identity->given_count &&
				   strcmp(identity->given[g].row, row) == 0;
		     g++)
			for (size_t c = 0; c < block->count; c++)
				same += strcmp(block->cells[c].field->name,
					    identity->given[g].field) == 0 &&
					strcmp(text_of(r, &block->cells[c]),
					    identity->given[g].value) == 0;
		if (same > best_count) {
			best_count = same;
			best = row;
		}
	}
	return best;
}

/*
 * The name of a row, by which one is told from another: of a fixed table its
 * own; of one with a key the key's value says it; else a number.
 */
static const char *
row_name(const struct sheet_reader *r, const struct sheet_cell *cell,
    const char *given)
{
	const struct form_table *table = cell->table;
	unsigned long *highest =
	    &r->numbers[table - r->collector->form->tables];

	if (table->rows == ROWS_FIXED || table->key != NULL ||
	    *cell->row != '\0')
		return cell->row;
	if (*given != '\0')
		return given;
	return arena_printf(r->collector->arena, "%lu", ++*highest);
}

static void
note_numbers(const struct sheet_reader *r)
{
	const struct form *form = r->collector->form;

	for (size_t i = 0; i < r->sheet.cell_count; i++) {
		const struct sheet_cell *cell = &r->sheet.cells[i];
		if (cell->table == NULL || !is_ordinal(cell->row))
			continue;
		unsigned long number = strtoul(cell->row, NULL, 10);
		unsigned long *highest =
		    &r->numbers[cell->table - form->tables];
		*highest = number > *highest ? number : *highest;
	}
	for (size_t i = 0; i < r->identity.given_count; i++) {
		const struct identity_given *given = &r->identity.given[i];
		for (size_t t = 0; t < form->table_count; t++)
			if (strcmp(form->tables[t].name, given->tbl) == 0 &&
			    is_ordinal(given->row) &&
			    strtoul(given->row, NULL, 10) > r->numbers[t])
				r->numbers[t] = strtoul(given->row, NULL, 10);
	}
}

/* --- cells into entries -------------------------------------------------- */

static void
add_spot(struct sheet_reader *r, const struct form_entry *entry,
    const struct sheet_cell *cell)
{
	struct form_source *out = r->collector->out;
	char letters[COLUMN_NAME_BYTES];
	const char *name = r->table->name;

	if (r->table->kind != TABLE_SHEET || out->spot_count >= LIMIT_ANSWERS)
		return;
	bool plain = true;
	for (const char *p = name; *p != '\0'; p++)
		plain &= isalnum((unsigned char)*p) || *p == '_';
	record_column_name(cell->column, letters);
	const char *quote = plain ? "" : "'";
	*(struct form_entry *)arena_push(r->collector->arena, &out->spots,
	    &out->spot_count, sizeof(*out->spots)) = (struct form_entry){
	    .tbl = entry->tbl,
	    .row = entry->row,
	    .field = entry->field,
	    .text = "",
	    .fault = "",
	    .origin = arena_printf(r->collector->arena, "%s%.*s%s!%s%u", quote,
		(int)text_cut(name, 60), name, quote, letters,
		(unsigned)row_at(r, cell->at)->line),
	    .source = r->collector->source,
	    .block = entry->block,
	};
}

/* A plain field stands in each row; only what differs is another value. */
static bool
is_repeat(const struct sheet_reader *r, size_t from,
    const struct sheet_cell *cell, const char *value)
{
	const struct form_source *out = r->collector->out;

	for (size_t i = from;
	     cell->in_table && cell->table == NULL && i < out->entry_count; i++)
		if (*out->entries[i].tbl == '\0' &&
		    strcmp(out->entries[i].field, cell->field->name) == 0 &&
		    strcmp(out->entries[i].text, value) == 0)
			return true;
	return false;
}

const char *
collect_mark_fault(unsigned marks)
{
	if ((marks & MARK_NO_VALUE) != 0)
		return g_no_value;
	return (marks & MARK_ERROR) != 0 ? g_error : "";
}

static void
read_cell(struct sheet_reader *r, const struct sheet_cell *cell,
    const char *row, const char *given_row_name, size_t from)
{
	struct arena *arena = r->collector->arena;
	const char *text = text_of(r, cell);
	unsigned marks = marks_of(r, cell);
	struct form_entry entry = {
	    .tbl = cell->table != NULL ? cell->table->name : "",
	    .row = row,
	    .field = cell->field->name,
	    .text = (marks & MARK_NO_VALUE) != 0 ? "a formula" : text,
	    .fault = collect_mark_fault(marks),
	    .block = cell->block,
	};

	if (*entry.text == '\0' || sheet_is_help(r, cell->field, text)) {
		add_spot(r, &entry, cell);
		return;
	}
	if (is_repeat(r, from, cell, text))
		return;
	const struct identity_given *given =
	    identity_get(&r->identity, entry.tbl,
		*given_row_name != '\0' ? given_row_name : row, entry.field);
	entry.is_ours = given != NULL &&
			identity_gave(arena, r->collector->form, given, text);
	entry.origin = place_of(r, cell);
	r->saw_hidden |= (marks & MARK_HIDDEN) != 0 && !entry.is_ours;
	collect_entry(r->collector, &entry);
}

/* "Example", "e.g. …": nobody means it. */
static bool
is_example(const struct sheet_reader *r, const struct sheet_block_cells *block)
{
	struct arena *arena = r->collector->arena;
	const char *text = text_of(r, &block->cells[0]);

	if (block->cells[0].table == NULL || !block->cells[0].in_table)
		return false;
	if (*block->cells[0].row != '\0' &&
	    block->cells[0].table->rows == ROWS_REPEATING)
		text = block->cells[0].row;
	text = text_fold(arena, arena_strndup(arena, text, text_cut(text, 20)));
	return strcmp(text, "example") == 0 || strncmp(text, "e g ", 4) == 0;
}

/* Of a repeating table: does the sender say anything in it? */
static bool
says_something(const struct sheet_reader *r,
    const struct sheet_block_cells *block, const char *given)
{
	const struct form_table *table = block->cells[0].table;

	for (size_t i = 0; i < block->count; i++) {
		const struct sheet_cell *cell = &block->cells[i];
		const char *text = text_of(r, cell);
		const struct identity_given *ours = identity_get(&r->identity,
		    table->name, given, cell->field->name);
		if ((marks_of(r, cell) & MARK_NO_VALUE) != 0 ||
		    (*text != '\0' &&
			(ours == NULL || !identity_gave(r->collector->arena,
					     r->collector->form, ours, text))))
			return true;
	}
	return false;
}

static void
read_block(struct sheet_reader *r, const struct sheet_block_cells *block,
    size_t from)
{
	const struct sheet_cell *first = &block->cells[0];
	bool repeats =
	    first->table != NULL && first->table->rows == ROWS_REPEATING;
	const char *given = repeats ? given_row(r, block) : "";

	if (is_example(r, block)) {
		collect_unread_at(r->collector, place_of(r, first),
		    "we took this row for an example", text_of(r, first));
		return;
	}
	/* Offered, but left as it was. */
	if (repeats && !r->identity.is_copy && !says_something(r, block, given))
		return;
	const char *row = first->table != NULL ? row_name(r, first, given) : "";
	for (size_t i = 0; i < block->count; i++)
		read_cell(r, &block->cells[i], row, given, from);
}

static void
read_cells(struct sheet_reader *r)
{
	size_t from = r->collector->out->entry_count;

	note_numbers(r);
	for (size_t i = 0; i < r->sheet.cell_count;) {
		struct sheet_block_cells block = {&r->sheet.cells[i], 1};
		while (i + block.count < r->sheet.cell_count &&
		       block.cells[0].table != NULL &&
		       block.cells[block.count].table == block.cells[0].table &&
		       block.cells[block.count].block == block.cells[0].block)
			block.count++;
		read_block(r, &block, from);
		i += block.count;
	}
	collect_faults(r->collector, from);
}

static void
note(struct sheet_reader *r, const char *words)
{
	struct collector *collector = r->collector;
	const char *name = collect_table_name(collector, r->table);
	const char *text = arena_printf(collector->arena, "%c%s %s",
	    toupper((unsigned char)name[0]), name + 1, words);
	struct form_source *out = collector->out;

	for (size_t i = 0; i < out->note_count; i++)
		if (strcmp(out->notes[i], text) == 0)
			return;
	*(const char **)arena_push(collector->arena, &out->notes,
	    &out->note_count, sizeof(*out->notes)) = text;
}

/* What else the sender should know of how it was read. */
static void
add_notes(struct sheet_reader *r)
{
	if (r->is_foreign)
		note(r, "comes from another partnership's workbook. We read it "
			"by its labels.");
	if (r->table->hidden)
		note(r, "is hidden. We read it too.");
	else if (r->saw_hidden)
		note(r, "has answers in hidden rows or columns. We read them "
			"too.");
}

/* --- all of it ----------------------------------------------------------- */

static void
open_reader(struct sheet_reader *r)
{
	struct collector *collector = r->collector;
	const char *instance = collector->instance;

	r->has_identity = identity_find(collector->arena, collector->record,
	    r->table->part, &r->identity);
	r->is_foreign = r->has_identity && instance != NULL &&
			*instance != '\0' && *r->identity.instance != '\0' &&
			!text_ieq(instance, r->identity.instance);
	/* What others put there is the sender's word to us. */
	if (r->is_foreign)
		r->identity.given_count = 0;
	r->numbers = arena_array(collector->arena,
	    collector->form->table_count + 1, sizeof(*r->numbers));
	sheet_match(collector->arena,
	    &(struct sheet_request){.form = collector->form, .table = r->table},
	    &r->sheet);
}

void
collect_sheet(struct collector *collector, const struct record_table *table,
    size_t index)
{
	struct sheet_reader r = {.collector = collector, .table = table};

	open_reader(&r);
	/* Pairs of an HTML body stand in its text as well. */
	if (r.sheet.cell_count == 0 ||
	    (table->kind == TABLE_HTML && r.sheet.headers == 0))
		return;
	collector->source++;
	collector->out->table_read[index] = true;
	collector->out->saw_form = true;
	read_cells(&r);
	sheet_name_left(&r);
	add_notes(&r);
}
