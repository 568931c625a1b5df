#include <string.h>

#include "base/text.h"
#include "forms/bulk.h"
#include "forms/grid.h"
#include "forms/identity.h"
#include "forms/keys.h"
#include "forms/lines.h"
#include "forms/sheet.h"
#include "forms/source.h"

enum {
	GUESS_ROWS = 500,
	HEAD_ROWS = 40, /* of a sheet: so far down its own head may reach */
	KEY_BYTES = 40,
	VALUE_BYTES = 200,
};

/* --- Form:, Round:, Agency: --------------------------------------------------- */

struct header_reader {
	struct arena *arena;
	struct form_header *header;
	bool agencies_differ;
};

static bool
is_header_key(const void *ctx, const char *folded)
{
	(void)ctx;
	return strcmp(folded, "form") == 0 || strcmp(folded, "round") == 0 ||
	       strcmp(folded, "agency") == 0;
}

static void
note_header(struct header_reader *r, const char *folded, const char *text)
{
	struct {
		const char *key, *name;
		const char **slot;
	} slots[] = {
	    {"form", "Form", &r->header->form},
	    {"round", "Round", &r->header->round},
	    {"agency", "Agency", &r->header->agency},
	};

	const char *value = text_trim(r->arena, text);

	for (size_t i = 0; i < COUNT_OF(slots) && *value != '\0'; i++) {
		if (strcmp(slots[i].key, folded) != 0)
			continue;
		if (**slots[i].slot == '\0')
			*slots[i].slot = value;
		else if (strcmp(text_fold(r->arena, *slots[i].slot),
			     text_fold(r->arena, value)) != 0)
			r->header->conflict = slots[i].name;
	}
}

static void
read_header_lines(struct header_reader *r, const char *text)
{
	struct text_lines lines = {NULL, 0, false};

	lines_add(r->arena, &lines, text, false);
	for (size_t i = 0; i < lines.count; i++) {
		const char *folded, *value;
		const char *line = lines.items[i].text;
		/* Behind a row's heading these may be its columns. */
		if (strncmp(line + strspn(line, " \t*"), "==", 2) == 0)
			return;
		if (line_split(r->arena, line, is_header_key, NULL, &folded,
			&value))
			note_header(r, folded, value);
	}
}

/* `,,form,section-11` of a long file. */
static void
read_long_header(struct header_reader *r, const struct record_table *table)
{
	struct grid_long grid;

	if (!grid_find_long(r->arena, table, &grid))
		return;
	for (size_t i = grid.header + 1; i < table->row_count && i < GUESS_ROWS;
	     i++) {
		const struct record_row *row = &table->rows[i];
		const char *name = grid_long_cell(&grid, row, LONG_TABLE);
		const char *field =
		    text_fold(r->arena, grid_long_cell(&grid, row, LONG_FIELD));
		if (text_is_blank(name) && is_header_key(NULL, field))
			note_header(r, field,
			    grid_long_cell(&grid, row, LONG_VALUE));
	}
}

/* Sheets of several agencies name none for all of them. */
static void
note_sheet_agency(struct header_reader *r, const char *value)
{
	struct form_header *header = r->header;

	if (*header->sheet_agency != '\0' &&
	    strcmp(text_fold(r->arena, header->sheet_agency),
		text_fold(r->arena, value)) != 0)
		r->agencies_differ = true;
	header->sheet_agency = r->agencies_differ ? "" : value;
}

/* "Agency" with a name right of it; what our own copies call Reference. */
static void
read_sheet_header(struct header_reader *r, const struct record_table *table)
{
	struct form_header *header = r->header;

	for (size_t i = 0; i < table->row_count && i < HEAD_ROWS; i++) {
		const struct record_row *row = &table->rows[i];
		for (size_t c = 0; c + 1 < row->cell_count; c++) {
			const char *key = row->cells[c];
			size_t next = c + 1;
			while (next < row->cell_count &&
			       strcmp(row->cells[next], key) == 0)
				next++;
			const char *value =
			    text_trim(r->arena, grid_cell(row, next));
			if (strlen(key) > KEY_BYTES ||
			    strlen(value) > VALUE_BYTES || *value == '\0')
				continue;
			const char *folded = text_fold(r->arena, key);
			if (strcmp(folded, "agency") == 0)
				note_sheet_agency(r, value);
			else if (strcmp(folded, "reference") == 0 &&
				 *header->copy_of == '\0')
				header->copy_of = value;
		}
	}
}

/* What a workbook of ours says on its hidden sheet; one of another partnership
 * says nothing to us. */
static void
read_identity(struct header_reader *r, const struct record *record,
    uint32_t part, const char *instance)
{
	struct form_header *header = r->header;
	struct identity identity;

	if (!identity_find(r->arena, record, part, &identity))
		return;
	if (instance != NULL && *instance != '\0' &&
	    *identity.instance != '\0' &&
	    !text_ieq(instance, identity.instance)) {
		header->is_foreign = true;
		return;
	}
	note_header(r, "form", identity.form);
	note_header(r, "round", identity.round);
	note_header(r, "agency", identity.agency);
	if (identity.is_copy && *header->copy_of != '\0' &&
	    !text_ieq(header->copy_of, identity.ref))
		header->conflict = "Reference";
	if (identity.is_copy)
		header->copy_of = identity.ref;
	if (*header->file == '\0' && part < record->part_count)
		header->file = record->parts[part].name;
}

static void
read_files(struct header_reader *r, const struct record *record,
    const char *instance)
{
	/* The hidden sheets first: they know better. */
	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		if (identity_is_sheet(table))
			read_identity(r, record, table->part, instance);
	}
	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		if (table->whose != WHOSE_NEW || table->kind == TABLE_HTML ||
		    identity_is_sheet(table))
			continue;
		read_long_header(r, table);
		if (!r->header->is_foreign)
			read_sheet_header(r, table);
	}
}

void
form_header_init(struct form_header *header)
{
	*header = (struct form_header){.form = "",
	    .round = "",
	    .agency = "",
	    .copy_of = "",
	    .sheet_agency = "",
	    .file = "",
	    .conflict = ""};
}

void
form_header_read(struct arena *arena, const struct record *record,
    const char *instance, struct form_header *ret_header)
{
	struct header_reader r = {arena, ret_header, false};

	form_header_init(ret_header);
	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++)
			if (body->segments[s].whose == WHOSE_NEW)
				read_header_lines(&r, body->segments[s].text);
	}
	read_files(&r, record, instance);
}

/* --- which form a file is ------------------------------------------------------- */

/* Does the form know every name of a long file? */
static bool
fits_long(struct arena *arena, const struct form *form,
    const struct record_table *table, const struct grid_long *grid)
{
	size_t known = 0;

	for (size_t i = grid->header + 1;
	     i < table->row_count && i < GUESS_ROWS; i++) {
		const struct record_row *row = &table->rows[i];
		const char *name = grid_long_cell(grid, row, LONG_TABLE);
		const char *field =
		    text_fold(arena, grid_long_cell(grid, row, LONG_FIELD));
		const struct form_field *found = NULL;
		/* The head of our own copies of a return. */
		bool ours = text_ieq(name, "about") || text_ieq(name, "files");
		if (grid_row_is_blank(row) || ours ||
		    (text_is_blank(name) && is_header_key(NULL, field)))
			continue;
		const struct form_table *in =
		    keys_find_table(form, text_fold(arena, name));
		if (in != NULL)
			found = keys_find_field(in->columns, in->column_count,
			    field);
		else if (text_is_blank(name))
			found = keys_find_field(form->fields, form->field_count,
			    field);
		if (found == NULL)
			return false;
		known++;
	}
	return known > 0;
}

static size_t
count_questions(const struct form *form)
{
	size_t count = form->field_count;

	for (size_t i = 0; i < form->table_count; i++)
		count += form->tables[i].column_count;
	return count;
}

/*
 * How well a table fits: how many of the form's questions it holds; 0: not. A
 * header row must fit exactly; on a sheet, where much else may stand, half of
 * the questions will do.
 */
static size_t
fits(struct arena *arena, const struct form *form,
    const struct record_table *table)
{
	bool is_sheet = table->kind == TABLE_SHEET || table->kind == TABLE_WORD;
	struct grid_long grid;
	struct sheet sheet;

	if (identity_is_sheet(table))
		return 0;
	if (grid_find_long(arena, table, &grid))
		return fits_long(arena, form, table, &grid);
	sheet_match(arena,
	    &(struct sheet_request){.form = form,
		.table = table,
		.max_rows = GUESS_ROWS},
	    &sheet);
	if (sheet.headers > 0 && sheet.unknown == 0)
		return sheet.known;
	return is_sheet && sheet.known > 1 &&
		       sheet.known * 2 >= count_questions(form)
		   ? sheet.known
		   : 0;
}

static size_t
best_fit(struct arena *arena, const struct form *form,
    const struct record *record)
{
	size_t best = 0;

	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		if (table->whose != WHOSE_NEW)
			continue;
		size_t known = fits(arena, form, table);
		best = known > best ? known : best;
	}
	return best;
}

/* Does a file hold many returns of the form? */
static bool
fits_many(struct arena *arena, const struct form *form,
    const struct record *record)
{
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].whose == WHOSE_NEW &&
		    bulk_fits(arena, form, &record->tables[i]))
			return true;
	return false;
}

size_t
form_guess(struct arena *arena, const struct forms *forms,
    const struct record *record, const struct form **ret_forms, size_t max)
{
	size_t count = 0, best = 0;

	/* Their header says it, and they may be long. */
	for (size_t i = 0; i < forms->count && count < max; i++)
		if (fits_many(arena, forms->items[i], record))
			ret_forms[count++] = forms->items[i];
	if (count > 0)
		return count;
	for (size_t i = 0; i < forms->count && count < max; i++) {
		size_t known = best_fit(arena, forms->items[i], record);
		if (known == 0 || known < best)
			continue;
		if (known > best)
			count = 0;
		best = known;
		ret_forms[count++] = forms->items[i];
	}
	return count;
}
