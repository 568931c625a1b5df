#include "forms/blank.h"

#include <string.h>

#include "base/text.h"

enum {
	BLANK_ARENA_BYTES = 16 * 1024 * 1024
};

static void
add_heading(struct arena *arena, struct blank_headings *headings,
    const char *row, const char *title)
{
	*(struct blank_heading *)arena_push(arena, &headings->items,
	    &headings->count, sizeof(*headings->items)) =
	    (struct blank_heading){row, title, false};
}

/* The rows of a repeating table: those offered, those answered, or a first. */
static void
offered_rows(struct arena *arena, const struct blank *blank,
    const struct form_table *table, struct blank_headings *headings)
{
	for (size_t i = 0; i < blank->row_count; i++)
		if (strcmp(blank->rows[i].tbl, table->name) == 0)
			add_heading(arena, headings, blank->rows[i].row,
			    blank->rows[i].title);
	if (headings->count > 0)
		return;
	const char **rows = answer_rows(arena, blank->answers,
	    blank->answer_count, table->name);
	for (; *rows != NULL; rows++)
		add_heading(arena, headings, *rows, "");
	if (headings->count > 0)
		return;
	add_heading(arena, headings, "1", "");
	headings->items[0].is_placeholder = true;
}

struct blank_headings
blank_headings(struct arena *arena, const struct blank *blank,
    const struct form_table *table)
{
	struct blank_headings headings = {0};

	if (table->rows == ROWS_REPEATING)
		offered_rows(arena, blank, table, &headings);
	for (size_t i = 0; i < table->fixed_count; i++)
		add_heading(arena, &headings, table->fixed[i].name,
		    table->fixed[i].label);
	return headings;
}

static const char *
value_of(const struct blank *blank, const char *tbl, const char *row,
    const char *field)
{
	return answer_get(blank->answers, blank->answer_count, tbl, row, field);
}

/* --- text ------------------------------------------------------------------ */

static void
write_line(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "%s:%s%s\n", label, value[0] == '\0' ? "" : " ", value);
}

static void
write_table(struct arena *arena, struct buf *out, const struct blank *blank,
    const struct form_table *table)
{
	struct blank_headings rows = blank_headings(arena, blank, table);
	bool one = blank->form->table_count == 1;

	for (size_t r = 0; r < rows.count; r++) {
		const struct blank_heading *heading = &rows.items[r];
		buf_printf(out, "== %s%s%s ==%s%s\n", one ? "" : table->name,
		    one ? "" : " ", heading->row,
		    heading->title[0] == '\0' ? "" : " ", heading->title);
		for (size_t c = 0; c < table->column_count; c++) {
			const struct form_field *column = &table->columns[c];
			if (column == table->key && !heading->is_placeholder)
				continue; /* the heading says it */
			write_line(out, column->label,
			    value_of(blank, table->name, heading->row,
				column->name));
		}
	}
}

void
blank_block(struct buf *out, const struct blank *blank)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(BLANK_ARENA_BYTES);
	const struct form *form = blank->form;

	buf_printf(out,
	    BLANK_START "%s: type your answers after each colon ---\n",
	    blank->ref);
	for (size_t i = 0; i < form->field_count; i++)
		write_line(out, form->fields[i].label,
		    value_of(blank, "", "", form->fields[i].name));
	for (size_t t = 0; t < form->table_count; t++)
		write_table(arena, out, blank, &form->tables[t]);
	buf_puts(out, BLANK_END "\n");
}

void
blank_text(struct buf *out, const struct blank *blank)
{
	buf_printf(out, "Form: %s\n", blank->form->name);
	if (blank->round[0] != '\0')
		buf_printf(out, "Round: %s\n", blank->round);
	if (blank->agency[0] != '\0')
		buf_printf(out, "Agency: %s\n", blank->agency);
	buf_putc(out, '\n');
	blank_block(out, blank);
}

/* --- CSV ------------------------------------------------------------------- */

static const char g_header[] = "table,row,field,value\r\n";

static void
write_cells(struct buf *out, const struct blank *blank, const char *tbl,
    const char *row, const char *field)
{
	const char *const cells[4] = {tbl, row, field,
	    value_of(blank, tbl, row, field)};

	text_csv_row(out, cells, COUNT_OF(cells));
}

void
blank_csv(struct buf *out, const struct blank *blank)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(BLANK_ARENA_BYTES);
	const struct form *form = blank->form;

	buf_puts(out, g_header);
	for (size_t i = 0; i < form->field_count; i++)
		write_cells(out, blank, "", "", form->fields[i].name);
	for (size_t t = 0; t < form->table_count; t++) {
		const struct form_table *table = &form->tables[t];
		struct blank_headings rows =
		    blank_headings(arena, blank, table);
		for (size_t r = 0; r < rows.count; r++)
			for (size_t c = 0; c < table->column_count; c++)
				write_cells(out, blank, table->name,
				    rows.items[r].row, table->columns[c].name);
	}
}
