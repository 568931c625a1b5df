/* The questions: plain fields, then table by table. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/workbook_page.h"

enum {
	LEAST_ROWS = 20, /* of a repeating table, unless its limit is below */
	SPARE_ROWS = 5   /* behind those that are there */
};

static void
section(struct page *page, const char *title, const char *note)
{
	struct page_span rest = {page->answer.first, page->help.last};

	(void)worksheet_set_row(page->sheet, page->row, 21, NULL);
	page_write(page, page->row, page->label, title, STYLE_SECTION);
	page_write(page, page->row, rest, note, STYLE_BAND_NOTE);
	page->row++;
}

static void
gap(struct page *page)
{
	(void)worksheet_set_row(page->sheet, page->row++, 9, NULL);
}

/* How high an empty answer is: room to write. */
static size_t
room_of(const struct form_field *field, enum page_shape shape)
{
	size_t chars = field->type != TYPE_TEXT ? 0
		       : field->has_max         ? (size_t)field->max
						: LIMIT_ANSWER_CHARS;
	size_t room = chars > 1000 ? 3 : 2;

	if (chars <= 200)
		return 1;
	return shape == SHAPE_GRID ? 2 : room;
}

static size_t
most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* --- label, answer, help ----------------------------------------------------------- */

static void
write_beside(struct page *page, const struct page_answer *answer,
    const char *help)
{
	const struct blank *blank = page->workbook->blank;
	const struct form_field *field = answer->field;
	const struct workbook_note *note =
	    page_note(page, answer->tbl, answer->row, field->name);
	const char *value = answer_get(blank->answers, blank->answer_count,
	    answer->tbl, answer->row, field->name);
	enum workbook_style style = STYLE_HELP;

	if (note != NULL) {
		help = page_note_words(page, note, "");
		style = note->problem->missing ? STYLE_NOTE_GAP : STYLE_NOTE;
	}
	page_write(page, page->row, page->label, field->label, STYLE_LABEL);
	page_put_answer(page, page->row, answer);
	page_write(page, page->row, page->help, help, style);
	size_t lines = most(room_of(field, SHAPE_BLOCKS),
	    workbook_lines(value, page_span_width(page, page->answer)));
	lines = most(lines,
	    workbook_lines(field->label, page_span_width(page, page->label)));
	page_keep_lines(page, page->row,
	    most(lines,
		workbook_lines(help, page_span_width(page, page->help) * 1.1)));
}

/* Of the form, or of one row of a table. */
struct page_group {
	const char *tbl, *row;
	const struct form_field *fields;
	size_t count;
};

static void
write_group(struct page *page, const struct page_group *group)
{
	lxw_row_t first = page->row;

	for (size_t i = 0; i < group->count; i++) {
		const struct page_answer answer = {.span = page->answer,
		    .tbl = group->tbl,
		    .row = group->row,
		    .map_row = group->row,
		    .field = &group->fields[i]};
		write_beside(page, &answer,
		    page_help(page->arena, answer.field, group->fields,
			group->count));
		page_limit_answer(page, page->row, &answer, first);
		page->row++;
	}
}

static void
define(struct page *page, const char *name, const lxw_row_t rows[2],
    struct page_span span)
{
	char *clean = arena_printf(page->arena, "lscpd.%s", name);
	char from[32], to[32];

	for (char *p = clean; *p != '\0'; p++)
		if (strchr("- ", *p) != NULL)
			*p = '_';
	lxw_rowcol_to_cell_abs(from, rows[0], span.first, LXW_TRUE, LXW_TRUE);
	lxw_rowcol_to_cell_abs(to, rows[1], span.last, LXW_TRUE, LXW_TRUE);
	const char *place = arena_printf(page->arena, "='%s'!%s%s%s",
	    page->sheet_name, from, strcmp(from, to) == 0 ? "" : ":",
	    strcmp(from, to) == 0 ? "" : to);
	(void)workbook_define_name(page->book, clean, place);
}

static void
write_fields(struct page *page)
{
	const struct form *form = page->workbook->blank->form;
	lxw_row_t first;

	if (form->field_count == 0)
		return;
	section(page, "About this return", "");
	first = page->row;
	write_group(page,
	    &(struct page_group){"", "", form->fields, form->field_count});
	for (size_t i = 0; i < form->field_count; i++)
		define(page, form->fields[i].name,
		    (const lxw_row_t[2]){first + (lxw_row_t)i,
			first + (lxw_row_t)i},
		    (struct page_span){page->answer.first, page->answer.first});
	gap(page);
}

/* --- a table as blocks ----------------------------------------------------------------- */

static void
write_blocks(struct page *page, const struct form_table *table)
{
	section(page, table->label, "");
	for (size_t i = 0; i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		(void)worksheet_set_row(page->sheet, page->row, 20, NULL);
		page_write(page, page->row++, page->all,
		    arena_printf(page->arena, "%s %s: %s", table->row_label,
			row->name, row->label),
		    STYLE_BLOCK);
		lxw_row_t first = page->row;
		write_group(page, &(struct page_group){table->name, row->name,
				      table->columns, table->column_count});
		define(page,
		    arena_printf(page->arena, "%s.%s", table->name, row->name),
		    (const lxw_row_t[2]){first, page->row - 1},
		    (struct page_span){page->answer.first, page->answer.first});
		gap(page);
	}
}

/* --- a table as a grid --------------------------------------------------------------------- */

/* A row of a grid: by what it is found, and what stands in front. */
struct grid_row {
	const char *row, *map_row, *lead;
};

struct grid {
	const struct form_table *table;
	struct grid_row *rows;
	size_t count;
	lxw_col_t lead; /* columns in front */
	bool has_notes;
};

static void
add_row(struct page *page, struct grid *grid, const char *row, const char *lead)
{
	struct grid_row *added =
	    arena_push(page->arena, &grid->rows, &grid->count, sizeof(*added));

	added->row = row;
	added->lead = lead;
	added->map_row = grid->table->rows == ROWS_FIXED
			     ? row
			     : arena_printf(page->arena, "%zu", grid->count);
}

static void
add_known_rows(struct page *page, struct grid *grid)
{
	const struct blank *blank = page->workbook->blank;
	const char *tbl = grid->table->name;

	for (size_t i = 0; i < blank->row_count; i++)
		if (strcmp(blank->rows[i].tbl, tbl) == 0)
			add_row(page, grid, blank->rows[i].row,
			    blank->rows[i].title);
	if (grid->count > 0)
		return;
	const char **rows =
	    answer_rows(page->arena, blank->answers, blank->answer_count, tbl);
	for (; *rows != NULL; rows++)
		add_row(page, grid, *rows, "");
	/* A row of which nothing was right still has its note. */
	for (size_t i = 0; i < page->workbook->note_count; i++) {
		const struct form_problem *p = page->workbook->notes[i].problem;
		bool is_there = strcmp(p->tbl, tbl) != 0 || p->row[0] == '\0';
		for (size_t j = 0; !is_there && j < grid->count; j++)
			is_there = strcmp(grid->rows[j].row, p->row) == 0;
		if (!is_there)
			add_row(page, grid, p->row, "");
	}
}

static void
add_rows(struct page *page, struct grid *grid)
{
	const struct form_table *table = grid->table;

	for (size_t i = 0; i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		add_row(page, grid, row->name,
		    text_ifind(row->label, row->name) != NULL
			? row->label
			: arena_printf(page->arena, "%s. %s", row->name,
			      row->label));
	}
	if (table->rows == ROWS_FIXED)
		return;
	add_known_rows(page, grid);
	size_t wanted = grid->count + SPARE_ROWS;
	if (page->workbook->blank->row_count > 0)
		wanted = grid->count; /* what is asked is there */
	else if (page->workbook->copy == 0)
		wanted = most(LEAST_ROWS, wanted);
	wanted = wanted > table->max_rows ? table->max_rows : wanted;
	while (grid->count < wanted)
		add_row(page, grid, "", "");
}

static void
write_grid_head(struct page *page, const struct grid *grid)
{
	const struct form_table *table = grid->table;
	const char *lead = page_lead(page, table);
	size_t hint_lines = 1, label_lines = 1;

	for (size_t i = 0; i < table->column_count; i++) {
		lxw_col_t column = (lxw_col_t)(i + grid->lead);
		struct page_span one = {column, column};
		const char *hint = page_help(page->arena, &table->columns[i],
		    table->columns, table->column_count);
		page_write(page, page->row, one, hint, STYLE_HINT);
		hint_lines = most(hint_lines,
		    workbook_lines(hint, page->widths[column] * 1.2));
		label_lines =
		    most(label_lines, workbook_lines(table->columns[i].label,
					  page->widths[column] * 0.9));
		page_write(page, page->row + 1, one, table->columns[i].label,
		    STYLE_HEADER);
	}
	if (*lead != '\0')
		page_write(page, page->row + 1, (struct page_span){0, 0}, lead,
		    STYLE_HEADER);
	lxw_col_t behind = (lxw_col_t)(table->column_count + grid->lead);
	if (grid->has_notes)
		page_write(page, page->row + 1,
		    (struct page_span){behind, behind}, "Please look at",
		    STYLE_HEADER);
	(void)worksheet_set_row(page->sheet, page->row,
	    4 + 11 * (double)hint_lines, NULL);
	(void)worksheet_set_row(page->sheet, page->row + 1,
	    8 + 13 * (double)label_lines, NULL);
	(void)worksheet_repeat_rows(page->sheet, page->row + 1, page->row + 1);
	page->row += 2;
}

/* What is wrong in a row, each with the heading it stands under. */
static size_t
write_row_notes(struct page *page, const struct grid *grid,
    const struct grid_row *row)
{
	const struct form_table *table = grid->table;
	lxw_col_t behind = (lxw_col_t)(table->column_count + grid->lead);
	const char *words = "";
	enum workbook_style style = STYLE_NOTE_GAP;

	for (size_t i = 0; i <= table->column_count; i++) {
		const struct form_field *field =
		    i < table->column_count ? &table->columns[i] : NULL;
		const struct workbook_note *note = page_note(page, table->name,
		    row->row, field == NULL ? "" : field->name);
		if (note == NULL)
			continue;
		if (!note->problem->missing)
			style = STYLE_NOTE;
		words = arena_printf(page->arena, "%s%s%s", words,
		    *words == '\0' ? "" : "\n",
		    page_note_words(page, note,
			field == NULL ? "" : field->label));
	}
	if (*words == '\0')
		return 1;
	page_write(page, page->row, (struct page_span){behind, behind}, words,
	    style);
	return workbook_lines(words, page->widths[behind]);
}

static size_t
write_grid_row(struct page *page, const struct grid *grid,
    const struct grid_row *row)
{
	const struct form_table *table = grid->table;
	const struct blank *blank = page->workbook->blank;
	size_t lines = 1;

	if (grid->lead > 0) {
		page_write(page, page->row, (struct page_span){0, 0}, row->lead,
		    STYLE_LEAD);
		lines = workbook_lines(row->lead, page->widths[0]);
	}
	for (size_t i = 0; i < table->column_count; i++) {
		const struct form_field *field = &table->columns[i];
		lxw_col_t column = (lxw_col_t)(i + grid->lead);
		page_put_answer(page, page->row,
		    &(struct page_answer){{column, column}, table->name,
			row->row, row->map_row, field});
		lines = most(lines, room_of(field, SHAPE_GRID));
		lines = most(lines,
		    workbook_lines(answer_get(blank->answers,
				       blank->answer_count, table->name,
				       row->row, field->name),
			page->widths[column]));
	}
	return lines;
}

static void
write_grid_rows(struct page *page, const struct grid *grid)
{
	struct page_column column = {.first = page->row,
	    .last = page->row + (lxw_row_t)grid->count - 1,
	    .table = grid->table,
	    .lead = grid->lead,
	    .rows = arena_array(page->arena, grid->count + 1,
		sizeof(*column.rows))};

	for (size_t i = 0; i < grid->count; i++) {
		column.rows[i] = grid->rows[i].row;
		size_t lines = write_grid_row(page, grid, &grid->rows[i]);
		page_keep_lines(page, page->row,
		    most(lines, write_row_notes(page, grid, &grid->rows[i])));
		page->row++;
	}
	for (size_t i = 0; grid->count > 0 && i < grid->table->column_count;
	     i++)
		page_limit_column(page, &column, i);
}

static void
write_grid(struct page *page, const struct form_table *table)
{
	struct grid grid = {.table = table,
	    .lead = page_lead(page, table)[0] != '\0',
	    .has_notes = page_table_has_notes(page, table->name)};
	lxw_row_t header;

	add_rows(page, &grid);
	section(page, table->label,
	    table->rows == ROWS_FIXED
		? ""
		: "One line for each. More lines? Insert a row above the last "
		  "one.");
	header = page->row + 1;
	write_grid_head(page, &grid);
	write_grid_rows(page, &grid);
	define(page, table->name, (const lxw_row_t[2]){header, page->row - 1},
	    (struct page_span){0,
		(lxw_col_t)(table->column_count + grid.lead - 1)});
	gap(page);
}

void
page_write_body(struct page *page)
{
	const struct form *form = page->workbook->blank->form;

	write_fields(page);
	for (size_t i = 0; i < form->table_count; i++) {
		if (page_shape(&form->tables[i]) == SHAPE_BLOCKS)
			write_blocks(page, &form->tables[i]);
		else
			write_grid(page, &form->tables[i]);
	}
}
