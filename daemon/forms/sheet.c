#include "forms/sheet.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "forms/grid.h"
#include "forms/sheet_state.h"

/* --- cells --------------------------------------------------------------- */

bool
sheet_repeats_left(const struct record_table *table, size_t at, size_t column)
{
	const struct record_row *row = &table->rows[at];

	return column > 0 &&
	       strcmp(grid_cell(row, column), grid_cell(row, column - 1)) ==
		   0 &&
	       (record_cell_marks(table, row, column) & MARK_MERGED) != 0;
}

bool
sheet_repeats_above(const struct record_table *table, size_t at, size_t column)
{
	const struct record_row *row = &table->rows[at];

	return at > 0 && row->line == row[-1].line + 1 &&
	       strcmp(grid_cell(row, column), grid_cell(&row[-1], column)) ==
		   0 &&
	       (record_cell_marks(table, row, column) & MARK_MERGED) != 0;
}

const char *
sheet_text(const struct sheet_scan *scan, size_t at, size_t column)
{
	return grid_cell(&scan->table->rows[at], column);
}

bool
sheet_has(const struct sheet_scan *scan, size_t at, size_t column)
{
	return !text_is_blank(sheet_text(scan, at, column)) &&
	       !sheet_repeats_left(scan->table, at, column) &&
	       !sheet_repeats_above(scan->table, at, column);
}

size_t
sheet_count(const struct sheet_scan *scan, size_t at, size_t *ret_first)
{
	size_t count = 0;

	*ret_first = 0;
	for (size_t c = scan->table->rows[at].cell_count; c-- > 0;)
		if (sheet_has(scan, at, c)) {
			*ret_first = c;
			count++;
		}
	return count;
}

struct label_range
sheet_look(struct sheet_scan *scan, size_t at, size_t column)
{
	const struct record_row *row = &scan->table->rows[at];

	if (column >= row->cell_count)
		return (struct label_range){NULL, 0};
	if (scan->looks[at] == NULL) {
		struct label_range *looks =
		    arena_array(scan->arena, row->cell_count, sizeof(*looks));
		for (size_t c = 0; c < row->cell_count; c++)
			if (sheet_has(scan, at, c))
				looks[c] = labels_find(scan->arena,
				    &scan->labels, row->cells[c]);
		scan->looks[at] = looks;
	}
	return scan->looks[at][column];
}

bool
sheet_has_label(struct sheet_scan *scan, size_t at)
{
	for (size_t c = 0; c < scan->table->rows[at].cell_count; c++)
		if (sheet_look(scan, at, c).count > 0)
			return true;
	return false;
}

/* --- what is found ------------------------------------------------------- */

void
sheet_add_cell(struct sheet_scan *scan, const struct sheet_cell *cell)
{
	scan->used[cell->column] = true;
	if (scan->out->cell_count < SHEET_CELLS)
		*(struct sheet_cell *)arena_push(scan->arena, &scan->out->cells,
		    &scan->out->cell_count, sizeof(*cell)) = *cell;
}

void
sheet_add_unread(struct sheet_scan *scan, enum sheet_left what, size_t at,
    size_t column)
{
	if (scan->out->unread_count >= SHEET_UNREAD)
		return;
	*(struct sheet_unread *)arena_push(scan->arena, &scan->out->unread,
	    &scan->out->unread_count, sizeof(*scan->out->unread)) =
	    (struct sheet_unread){what, at, column,
		sheet_text(scan, at, column)};
}

/* --- row by row ---------------------------------------------------------- */

static void
close_regions(struct sheet_scan *scan)
{
	for (size_t i = 0; i < scan->region_count; i++)
		sheet_close_region(scan, &scan->regions[i]);
	scan->region_count = 0;
}

/* The new regions take the place of those above them. */
static void
open_regions(struct sheet_scan *scan, const struct sheet_region *regions,
    size_t count, size_t at)
{
	close_regions(scan);
	memcpy(scan->regions, regions, count * sizeof(*regions));
	scan->region_count = count;
	scan->block.table = NULL;
	scan->out->headers++;
	for (size_t c = 0; c < scan->width; c++) {
		bool inside = false;
		for (size_t i = 0; i < count; i++)
			inside |= c >= regions[i].from && c <= regions[i].to;
		scan->used[c] = inside;
		if (!inside && sheet_has(scan, at, c) &&
		    sheet_look(scan, at, c).count == 0)
			scan->out->unknown++;
	}
}

/* The heading above a cell; NULL outside of the tables. */
static struct sheet_heading *
heading_above(struct sheet_scan *scan, size_t column,
    const struct sheet_region **ret_region)
{
	for (size_t i = 0; i < scan->region_count; i++) {
		struct sheet_region *region = &scan->regions[i];
		if (region->over || column < region->from ||
		    column > region->to)
			continue;
		*ret_region = region;
		return &region->headings[column - region->from];
	}
	return NULL;
}

bool
sheet_is_below(struct sheet_scan *scan, size_t column)
{
	const struct sheet_region *region;

	return heading_above(scan, column, &region) != NULL &&
	       !text_is_blank(sheet_text(scan, region->at, column));
}

/* Of a row that was read: what stands below an unknown heading, or none. */
static void
leave_cell(struct sheet_scan *scan, size_t at, size_t column)
{
	const struct sheet_region *region = NULL;
	struct sheet_heading *heading = heading_above(scan, column, &region);

	if (heading != NULL && sheet_is_below(scan, column))
		heading->says_more = true;
	else
		sheet_add_unread(scan, LEFT_CELL, at, column);
}

/* What nobody used: cells beside what was read, an unknown label with its
 * value, or a line. */
static void
leave_row(struct sheet_scan *scan, size_t at)
{
	size_t width = scan->table->rows[at].cell_count, first = 0, used = 0,
	       left = 0;

	for (size_t c = 0; c < width; c++)
		if (scan->used[c])
			used++;
		else if (sheet_has(scan, at, c))
			left++;
	for (size_t c = 0; used > 0 && c < width; c++)
		if (!scan->used[c] && sheet_has(scan, at, c))
			leave_cell(scan, at, c);
	if (used > 0 || left == 0)
		return;
	if (sheet_count(scan, at, &first) == 2 && first == scan->label_column &&
	    sheet_has(scan, at, first + 1))
		sheet_add_unread(scan, LEFT_FIELD, at, first);
	else
		sheet_add_unread(scan, LEFT_LINE, at, first);
}

static bool
has_mark(const struct sheet_scan *scan, size_t at)
{
	const struct record_row *row = &scan->table->rows[at];

	for (size_t c = 0; c < row->cell_count; c++)
		if ((record_cell_marks(scan->table, row, c) & MARK_NO_VALUE) !=
		    0)
			return true;
	return false;
}

static void
scan_row(struct sheet_scan *scan, size_t at)
{
	struct sheet_region regions[SHEET_REGIONS];
	size_t first, count;

	memset(scan->used, 0, scan->width * sizeof(*scan->used));
	if (sheet_count(scan, at, &first) == 0 && !has_mark(scan, at))
		return;
	count = sheet_find_header(scan, at, regions);
	if (count > 0) {
		open_regions(scan, regions, count, at);
	} else if (sheet_open_block(scan, at)) {
		close_regions(scan);
	} else {
		for (size_t i = 0; i < scan->region_count; i++)
			sheet_read_row(scan, &scan->regions[i], at);
	}
	sheet_read_pairs(scan, at);
	leave_row(scan, at);
}

static size_t
count_known(struct arena *arena, const struct sheet *sheet)
{
	const struct form_field **seen = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sheet->cell_count; i++) {
		const struct form_field *field = sheet->cells[i].field;
		bool again = false;
		for (size_t k = count; k-- > 0 && !again;)
			again = seen[k] == field;
		if (!again)
			*(const struct form_field **)arena_push(arena, &seen,
			    &count, sizeof(*seen)) = field;
	}
	return count;
}

void
sheet_match(struct arena *arena, const struct sheet_request *request,
    struct sheet *ret_sheet)
{
	const struct record_table *table = request->table;
	struct sheet_scan scan = {.arena = arena,
	    .form = request->form,
	    .table = table,
	    .row_count = table->row_count,
	    .label_column = SIZE_MAX,
	    .out = ret_sheet};

	*ret_sheet = (struct sheet){0};
	if (request->max_rows > 0 && scan.row_count > request->max_rows)
		scan.row_count = request->max_rows;
	for (size_t i = 0; i < scan.row_count; i++)
		if (table->rows[i].cell_count > scan.width)
			scan.width = table->rows[i].cell_count;
	labels_build(arena, request->form, &scan.labels);
	scan.looks = arena_array(arena, scan.row_count + 1,
	    sizeof(struct label_range *));
	scan.used = arena_array(arena, scan.width + 2, sizeof(*scan.used));
	for (size_t i = 0; i < scan.row_count; i++)
		scan_row(&scan, i);
	close_regions(&scan);
	ret_sheet->known = count_known(arena, ret_sheet);
}
