#include <string.h>

#include "base/text.h"
#include "forms/grid.h"
#include "forms/keys.h"
#include "forms/lines.h"
#include "forms/source.h"

enum {
	GUESS_ROWS = 500
};

/* --- Form:, Round:, Agency: --------------------------------------------------- */

struct header_reader {
	struct arena *arena;
	struct form_header *header;
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

/* `,,form,section-11` of a long CSV file. */
static void
read_header_grid(struct header_reader *r, const struct record_table *table)
{
	static const struct form none = {.name = ""};
	struct grid grid;

	grid_match(r->arena, &none, table, &grid);
	if (grid.kind != GRID_LONG)
		return;
	for (size_t i = grid.header + 1; i < table->row_count && i < GUESS_ROWS;
	     i++) {
		const char *name = "", *field = "", *value = "";
		for (size_t k = 0; k < grid.count; k++) {
			const char *cell = grid_cell(&table->rows[i], k);
			if (grid.columns[k].role == ROLE_TABLE)
				name = cell;
			else if (grid.columns[k].role == ROLE_FIELD)
				field = text_fold(r->arena, cell);
			else if (grid.columns[k].role == ROLE_VALUE)
				value = cell;
		}
		if (text_is_blank(name) && is_header_key(NULL, field))
			note_header(r, field, value);
	}
}

void
form_header_read(struct arena *arena, const struct record *record,
    struct form_header *ret_header)
{
	struct header_reader r = {arena, ret_header};

	*ret_header = (struct form_header){"", "", "", ""};
	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++)
			if (body->segments[s].whose == WHOSE_NEW)
				read_header_lines(&r, body->segments[s].text);
	}
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].whose == WHOSE_NEW &&
		    record->tables[i].kind != TABLE_HTML)
			read_header_grid(&r, &record->tables[i]);
}

/* --- which form a file is ------------------------------------------------------- */

static const char *
long_cell(const struct grid *grid, const struct record_row *row,
    enum grid_role role)
{
	for (size_t i = 0; i < grid->count; i++)
		if (grid->columns[i].role == role)
			return grid_cell(row, i);
	return "";
}

/* Does the form know every name of a long file? */
static bool
fits_long(struct arena *arena, const struct form *form,
    const struct record_table *table, const struct grid *grid)
{
	size_t known = 0;

	for (size_t i = grid->header + 1;
	     i < table->row_count && i < GUESS_ROWS; i++) {
		const struct record_row *row = &table->rows[i];
		const char *name = long_cell(grid, row, ROLE_TABLE);
		const char *field =
		    text_fold(arena, long_cell(grid, row, ROLE_FIELD));
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

static bool
fits(struct arena *arena, const struct form *form,
    const struct record_table *table)
{
	struct grid grid;

	grid_match(arena, form, table, &grid);
	if (grid.kind == GRID_LONG)
		return fits_long(arena, form, table, &grid);
	return grid.kind == GRID_WIDE && grid.unknown == 0;
}

static bool
any_fits(struct arena *arena, const struct form *form,
    const struct record *record)
{
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].whose == WHOSE_NEW &&
		    fits(arena, form, &record->tables[i]))
			return true;
	return false;
}

size_t
form_guess(struct arena *arena, const struct forms *forms,
    const struct record *record, const struct form **ret_forms, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < forms->count && count < max; i++)
		if (any_fits(arena, forms->items[i], record))
			ret_forms[count++] = forms->items[i];
	return count;
}
