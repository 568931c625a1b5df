#include "forms/source_tables.h"

#include <string.h>

#include "base/text.h"
#include "forms/grid.h"
#include "forms/sheet.h"

enum {
	SHORT_ROW_BYTES = 8, /* so little may stand elsewhere too */
	LOOKS_A_LINE = 8,    /* at each line, for all tables together */
};

/* The lines of a text without white space: "" where one is blank. */
struct squeezed {
	const char **items;
	size_t count;
	size_t looks; /* how many more lines may be looked at */
};

static struct squeezed
squeeze_lines(struct arena *arena, const struct text_lines *lines)
{
	struct squeezed all = {arena_array(arena, lines->count + 1,
				   sizeof(*all.items)),
	    lines->count, lines->count * LOOKS_A_LINE};

	for (size_t i = 0; i < lines->count; i++)
		all.items[i] = text_squeeze(arena, lines->items[i].text);
	return all;
}

static const char *
squeeze_row(struct arena *arena, const struct record_row *row)
{
	struct buf text CLEANUP(buf_done);

	buf_init(&text, LINES_VALUE_BYTES);
	for (size_t i = 0; i < row->cell_count; i++)
		buf_puts(&text, text_squeeze(arena, row->cells[i]));
	return arena_strdup(arena, buf_text(&text));
}

/* How many lines from `at` on make up the row, blank ones between them
 * counted; 0 if they do not. */
static size_t
lines_of_row(const struct squeezed *all, size_t at, const char *row)
{
	size_t from = at;

	while (*row != '\0' && at < all->count) {
		size_t len = strlen(all->items[at]);
		if (strncmp(row, all->items[at], len) != 0)
			return 0;
		row += len;
		at++;
	}
	return *row == '\0' ? at - from : 0;
}

static void
empty_lines(struct text_lines *lines, struct squeezed *all, size_t from,
    size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		lines->items[i].text = "";
		all->items[i] = "";
	}
}

/* The first line from `at` on with which the row begins; `ret_count` 0 if there
 * is none. */
static size_t
find_row(struct squeezed *all, size_t at, const char *row, size_t *ret_count)
{
	*ret_count = 0;
	for (; at < all->count && all->looks > 0; at++) {
		all->looks--;
		if (*all->items[at] == '\0')
			continue;
		*ret_count = lines_of_row(all, at, row);
		if (*ret_count > 0 || strlen(row) < SHORT_ROW_BYTES)
			break;
	}
	return at;
}

/* Row after row, from where the first of them stands. */
static void
drop_table(struct arena *arena, const struct record_table *table,
    struct text_lines *lines, struct squeezed *all)
{
	size_t at = 0;

	for (size_t i = 0; i < table->row_count; i++) {
		const char *row = squeeze_row(arena, &table->rows[i]);
		size_t count;
		if (*row == '\0')
			continue;
		size_t from = find_row(all, at, row, &count);
		if (count == 0)
			continue;
		empty_lines(lines, all, from, count);
		at = from + count;
	}
}

/* What collect_grid() will read. */
static bool
is_read(const struct collector *collector, const struct record_table *table)
{
	struct grid_long grid;
	struct sheet sheet;

	if (grid_find_long(collector->arena, table, &grid))
		return true;
	sheet_match(collector->arena,
	    &(struct sheet_request){.form = collector->form, .table = table},
	    &sheet);
	return sheet.headers > 0 && sheet.cell_count > 0;
}

void
source_drop_tables(const struct collector *collector, struct text_lines *lines)
{
	const struct record *record = collector->record;
	struct squeezed all = {NULL, 0, 0};

	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		if (table->kind != TABLE_HTML || table->whose != WHOSE_NEW)
			continue;
		if (!is_read(collector, table))
			continue;
		if (all.items == NULL)
			all = squeeze_lines(collector->arena, lines);
		drop_table(collector->arena, table, lines, &all);
	}
}
