/*
 * What stands below a header, beside a label, and below a heading that names a
 * row.
 */
#include <string.h>

#include "base/text.h"
#include "forms/grid.h"
#include "forms/sheet_state.h"

enum {
	BLOCK_LOOK = 3, /* rows below a heading until its first label */
	KEY_BYTES = 40
};

/* --- below a header ------------------------------------------------------ */

static bool
holds(const struct sheet_scan *scan, size_t at, size_t column)
{
	const struct record_row *row = &scan->table->rows[at];

	if (sheet_repeats_left(scan->table, at, column))
		return false;
	return !text_is_blank(grid_cell(row, column)) ||
	       (record_cell_marks(scan->table, row, column) & MARK_NO_VALUE) !=
		   0;
}

static bool
has_answer(const struct sheet_scan *scan, const struct sheet_region *region,
    size_t at)
{
	for (size_t c = region->from; c <= region->to; c++)
		if (region->headings[c - region->from].role == ROLE_COLUMN &&
		    holds(scan, at, c))
			return true;
	return false;
}

/* What names the row, by its own column; "" without one. */
static const char *
row_words(const struct sheet_scan *scan, const struct sheet_region *region,
    size_t at)
{
	for (size_t c = region->from; c <= region->to; c++)
		if (region->headings[c - region->from].role == ROLE_ROW)
			return text_trim(scan->arena, sheet_text(scan, at, c));
	return "";
}

/* The row of a fixed table: by its own column, else by a cell that names it.
 * Cells that say the same once more are used up. */
static const struct form_row *
fixed_row(struct sheet_scan *scan, const struct sheet_region *region, size_t at,
    size_t *ret_column)
{
	const struct form_row *found = NULL;

	for (int pass = 0; pass < 2; pass++)
		for (size_t c = region->from; c <= region->to; c++) {
			enum sheet_role role =
			    region->headings[c - region->from].role;
			if (role != (pass == 0 ? ROLE_ROW : ROLE_NONE))
				continue;
			const struct form_row *row = sheet_find_row(scan->arena,
			    region->table, sheet_text(scan, at, c));
			if (row != NULL && found == NULL) {
				found = row;
				*ret_column = c;
			}
			if (row != NULL && row == found)
				scan->used[c] = true;
		}
	return found;
}

static void
add_row(struct sheet_scan *scan, struct sheet_region *region, size_t at,
    const char *row)
{
	for (size_t c = region->from; c <= region->to; c++) {
		const struct sheet_heading *heading =
		    &region->headings[c - region->from];
		bool in_table = heading->table != NULL;
		if (heading->role == ROLE_ROW)
			scan->used[c] = true;
		if (heading->role != ROLE_COLUMN)
			continue;
		scan->used[c] = true;
		if (sheet_repeats_left(scan->table, at, c) ||
		    (region->goes_on &&
			sheet_repeats_above(scan->table, at, c)))
			continue;
		sheet_add_cell(scan,
		    &(struct sheet_cell){.table = heading->table,
			.field = heading->field,
			.row = in_table ? row : "",
			.block = in_table ? region->block : 0,
			.at = at,
			.column = c,
			.in_table = true});
	}
}

static uint32_t
line_of(const struct sheet_scan *scan, size_t at)
{
	return scan->table->rows[at].line;
}

/*
 * A label with its answer below the headings: the table is over, and such rows
 * follow it.
 */
static bool
ends_table(struct sheet_scan *scan, const struct sheet_region *region,
    size_t at, size_t *ret_count)
{
	size_t first = region->to + 1, count = 0;

	for (size_t c = region->to + 1; c-- > region->from;)
		if (sheet_is_below(scan, c) && sheet_has(scan, at, c)) {
			first = c;
			count++;
		}
	*ret_count = count;
	bool is_fixed =
	    region->table != NULL && region->table->rows == ROWS_FIXED;
	bool near = line_of(scan, at) <= line_of(scan, region->last) + 1;
	if (count == 0 || (count > 2 && near && !is_fixed))
		return false;
	struct label_range look = sheet_look(scan, at, first);
	if (labels_pick(&look, NULL) == NULL)
		return false;
	/* It is the first of the headings that has something below it. */
	for (size_t c = region->from; c + 1 < first; c++)
		if (sheet_is_below(scan, c))
			return false;
	return true;
}

static void
read_fixed(struct sheet_scan *scan, struct sheet_region *region, size_t at)
{
	bool near = line_of(scan, at) <= line_of(scan, region->last) + 1;
	size_t column = 0, first;
	const struct form_row *row = fixed_row(scan, region, at, &column);

	if (row != NULL) {
		/* A name that is merged over two lines is one row. */
		region->goes_on = sheet_repeats_above(scan->table, at, column);
		if (!region->goes_on)
			region->block = ++scan->blocks;
		add_row(scan, region, at, row->name);
		region->last = at;
		return;
	}
	if (!near || !has_answer(scan, region, at) || sheet_has_label(scan, at))
		return;
	(void)sheet_count(scan, at, &first);
	sheet_add_unread(scan, LEFT_ROW, at, first);
	for (size_t c = region->from; c <= region->to; c++)
		scan->used[c] = true;
	region->last = at;
}

/* The title of the next table, or a line further down. */
static bool
is_beside(struct sheet_scan *scan, const struct sheet_region *region, size_t at)
{
	struct sheet_region next[SHEET_REGIONS];

	return line_of(scan, at) > line_of(scan, region->last) + 1 ||
	       (at + 1 < scan->row_count &&
		   sheet_find_header(scan, at + 1, next) > 0);
}

static void
read_repeating(struct sheet_scan *scan, struct sheet_region *region, size_t at,
    size_t count)
{
	if (!has_answer(scan, region, at)) {
		/* Numbered, but nothing in it yet. */
		for (size_t c = region->from; c <= region->to; c++)
			scan->used[c] |=
			    region->headings[c - region->from].role == ROLE_ROW;
		return;
	}
	if (count == 1 && is_beside(scan, region, at))
		return;
	region->block = ++scan->blocks;
	add_row(scan, region, at, row_words(scan, region, at));
	region->last = at;
}

void
sheet_read_row(struct sheet_scan *scan, struct sheet_region *region, size_t at)
{
	size_t count;

	if (region->over)
		return;
	region->over = ends_table(scan, region, at, &count);
	if (region->over)
		return;
	if (region->table != NULL && region->table->rows == ROWS_FIXED)
		read_fixed(scan, region, at);
	else
		read_repeating(scan, region, at, count);
}

void
sheet_close_region(struct sheet_scan *scan, struct sheet_region *region)
{
	for (size_t c = region->from; c <= region->to; c++)
		if (region->headings[c - region->from].says_more)
			sheet_add_unread(scan, LEFT_COLUMN, region->at, c);
}

/* --- beside a label ------------------------------------------------------ */

/* Of a table without a heading above: the next label must be its too. */
static bool
goes_on(struct sheet_scan *scan, size_t at, size_t column,
    const struct form_table *table)
{
	struct label_range below = {NULL, 0};

	if (scan->block.table == table)
		return true;
	if (at + 1 < scan->row_count)
		below = sheet_look(scan, at + 1, column);
	return labels_pick(&below, table) != NULL;
}

static void
begin_block(struct sheet_scan *scan, const struct form_table *table,
    const char *row)
{
	scan->block = (struct sheet_block){.table = table,
	    .row = row,
	    .number = ++scan->blocks,
	    .given = arena_array(scan->arena, table->column_count + 1,
		sizeof(bool))};
}

/* The table whose column the label is: of the block in hand, or of one that
 * begins here. NULL: none. */
static const struct form_table *
table_of_label(struct sheet_scan *scan, size_t at, size_t column,
    const struct label_range *look)
{
	const struct sheet_block *block = &scan->block;

	if (block->table != NULL) {
		const struct form_field *field =
		    labels_pick(look, block->table);
		if (field != NULL &&
		    (block->table->rows == ROWS_FIXED ||
			!block->given[field - block->table->columns]))
			return block->table;
	}
	if (labels_pick(look, NULL) != NULL)
		return NULL;
	for (size_t i = 0; i < look->count; i++) {
		const struct form_table *table = look->items[i].table;
		if (table == NULL || table->rows == ROWS_FIXED ||
		    !goes_on(scan, at, column, table))
			continue;
		begin_block(scan, table, "");
		return table;
	}
	return NULL;
}

/* The cell right of a label that may be merged over several. */
static size_t
answer_column(const struct sheet_scan *scan, size_t at, size_t column)
{
	do
		column++;
	while (column < scan->width &&
	       sheet_repeats_left(scan->table, at, column));
	return column;
}

/* Form:, Round:, Agency: are read with the header. */
static bool
is_header_key(struct arena *arena, const char *text)
{
	static const char *const keys[] = {"form", "round", "agency",
	    "reference"};

	if (strlen(text) > KEY_BYTES)
		return false;
	const char *folded = text_fold(arena, text);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (strcmp(folded, keys[i]) == 0)
			return true;
	return false;
}

static void
read_pair(struct sheet_scan *scan, size_t at, size_t column)
{
	struct label_range look = sheet_look(scan, at, column);
	size_t answer = answer_column(scan, at, column);

	if (scan->used[answer])
		return;
	if (look.count == 0) {
		if (is_header_key(scan->arena, sheet_text(scan, at, column)))
			scan->used[column] = scan->used[answer] = true;
		return;
	}
	const struct form_table *table =
	    table_of_label(scan, at, column, &look);
	const struct form_field *field = labels_pick(&look, table);
	if (field == NULL)
		return;
	/* A label again: nothing stands between the two. */
	struct label_range next = sheet_look(scan, at, answer);
	bool is_answer = labels_pick(&next, table) == NULL &&
			 labels_pick(&next, NULL) == NULL;
	scan->used[column] = true;
	scan->label_column = column;
	if (!is_answer)
		return;
	if (table != NULL)
		scan->block.given[field - table->columns] = true;
	sheet_add_cell(scan,
	    &(struct sheet_cell){.table = table,
		.field = field,
		.row = table != NULL ? scan->block.row : "",
		.block = table != NULL ? scan->block.number : 0,
		.at = at,
		.column = answer});
}

void
sheet_read_pairs(struct sheet_scan *scan, size_t at)
{
	for (size_t c = 0; c < scan->table->rows[at].cell_count; c++)
		if (!scan->used[c] && sheet_has(scan, at, c) &&
		    !sheet_is_below(scan, c))
			read_pair(scan, at, c);
}

/* --- below a heading ----------------------------------------------------- */

/* Is the first label below the heading a column of the table? */
static bool
leads_block(struct sheet_scan *scan, size_t at, const struct form_table *table)
{
	for (size_t i = at + 1; i < scan->row_count && i <= at + BLOCK_LOOK;
	     i++) {
		size_t first;
		if (sheet_count(scan, i, &first) == 0)
			continue;
		struct label_range look = sheet_look(scan, i, first);
		if (look.count > 0)
			return labels_pick(&look, table) != NULL;
	}
	return false;
}

/* "Action A-0112: Supervision": the word behind what a row is called. NULL
 * where the heading does not begin so. */
static const char *
heading_key(struct arena *arena, const struct form_table *table,
    const char *text)
{
	static const char gaps[] = " \t\n:.#=";
	const char *bare = text + strspn(text, gaps);

	if (!text_istarts(bare, table->row_label))
		return NULL;
	bare += strlen(table->row_label);
	if (*bare == '\0' || strchr(gaps, *bare) == NULL)
		return NULL;
	bare += strspn(bare, gaps);
	return arena_strndup(arena, bare, strcspn(bare, gaps));
}

static const char *
heading_row(struct arena *arena, const struct form_table *table,
    const char *text)
{
	if (table->rows == ROWS_REPEATING)
		return heading_key(arena, table, text);
	const struct form_row *row = sheet_find_row(arena, table, text);
	return row != NULL ? row->name : NULL;
}

bool
sheet_open_block(struct sheet_scan *scan, size_t at)
{
	size_t first, count = sheet_count(scan, at, &first);
	struct sheet_region next[SHEET_REGIONS];
	const char *text = sheet_text(scan, at, first);

	if (count == 0 || count > 2 || sheet_look(scan, at, first).count > 0 ||
	    (at + 1 < scan->row_count &&
		sheet_find_header(scan, at + 1, next) > 0))
		return false;
	for (size_t i = 0; i < scan->form->table_count; i++) {
		const struct form_table *table = &scan->form->tables[i];
		const char *row = heading_row(scan->arena, table, text);
		if (row == NULL || !leads_block(scan, at, table))
			continue;
		begin_block(scan, table, row);
		for (size_t c = 0; c < scan->width; c++)
			if (c == first || heading_row(scan->arena, table,
					      sheet_text(scan, at, c)) == row)
				scan->used[c] = true;
		return true;
	}
	return false;
}
