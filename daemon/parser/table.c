#include "parser/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parser/charset.h"

enum {
	NAME_BYTES = 255
};

static void cut(struct table_maker *m, const char *format, ...) PRINTF(2, 3);

/* The first reason stays. */
static void
cut(struct table_maker *m, const char *format, ...)
{
	va_list args;

	m->table.cut = true;
	if (*m->reason != '\0')
		return;
	va_start(args, format);
	m->reason = arena_vprintf(m->ctx->arena, format, args);
	va_end(args);
}

static bool
take_cells(struct table_maker *m, size_t count)
{
	if (context_try(&m->ctx->cells_left, count))
		return true;
	cut(m, "your files hold more than %d cells. We read the first ones.",
	    LIMIT_CELLS);
	m->full = true;
	return false;
}

/* What a text costs in the answer to the engine. */
static bool
take_text(struct table_maker *m, size_t bytes)
{
	if (context_try(&m->ctx->text_left, bytes + 8))
		return true;
	cut(m, "your files hold more than %d MB of text. We read the first.",
	    BUDGET_TEXT_BYTES / (1024 * 1024));
	m->full = true;
	return false;
}

void
table_begin(struct table_maker *m, struct context *ctx,
    enum record_table_kind kind, const char *name)
{
	*m = (struct table_maker){.ctx = ctx,
	    .reason = "",
	    .merge_left = LIMIT_CELLS};
	m->table = (struct record_table){.kind = kind,
	    .whose = WHOSE_NEW,
	    .name = charset_clean(ctx->arena, name, NAME_BYTES)};
	(void)take_text(m, strlen(m->table.name));
}

static void
push_mark(struct table_maker *m, uint32_t line, size_t column, unsigned kinds)
{
	struct record_table *t = &m->table;
	struct record_mark *mark = arena_push(m->ctx->arena, &t->marks,
	    &t->mark_count, sizeof(*t->marks));

	*mark = (struct record_mark){.line = line,
	    .column = (uint32_t)column,
	    .kinds = kinds};
}

static struct record_row *
push_row(struct table_maker *m, uint32_t line)
{
	struct record_table *t = &m->table;

	if (t->row_count == LIMIT_ROWS) {
		cut(m, "it holds more than %d rows. We read the first %d.",
		    LIMIT_ROWS, LIMIT_ROWS);
		m->full = true;
		return NULL;
	}
	if (!take_cells(m, m->width))
		return NULL;
	struct record_row *row = arena_push(m->ctx->arena, &t->rows,
	    &t->row_count, sizeof(*t->rows));
	row->line = line;
	row->hidden = m->hide_row;
	row->cell_count = m->width;
	row->cells = arena_array(m->ctx->arena, m->width, sizeof(*row->cells));
	return row;
}

static void
put_row(struct table_maker *m, uint32_t line)
{
	struct record_row *row = push_row(m, line);

	for (size_t i = 0; row != NULL && i < m->width; i++) {
		row->cells[i] = m->cells[i] == NULL ? "" : m->cells[i];
		if (m->marks[i] != 0)
			push_mark(m, line, i, m->marks[i]);
	}
}

/* Text of rows that stand for several is paid for each time. */
static size_t
row_bytes(const struct table_maker *m)
{
	size_t bytes = 0;

	for (size_t i = 0; i < m->width; i++)
		bytes += m->cells[i] == NULL ? 0 : strlen(m->cells[i]) + 8;
	return bytes;
}

static void
flush(struct table_maker *m)
{
	if (m->width == 0)
		return;
	for (uint32_t i = 0; i < m->repeat && !m->full; i++)
		if (i == 0 || take_text(m, row_bytes(m)))
			put_row(m, m->line + i);
	memset(m->cells, 0, m->width * sizeof(*m->cells));
	memset(m->marks, 0, m->width);
	m->width = 0;
}

void
table_row(struct table_maker *m, uint32_t line)
{
	flush(m);
	m->line = line;
	m->repeat = 1;
	m->hide_row = false;
}

void
table_cell(struct table_maker *m, size_t column, const char *text,
    unsigned marks)
{
	size_t bytes = strlen(text);

	if (m->full || (bytes == 0 && marks == 0))
		return;
	if (column >= LIMIT_COLUMNS) {
		cut(m, "it holds more than %d columns. We read the first %d.",
		    LIMIT_COLUMNS, LIMIT_COLUMNS);
		return;
	}
	if (bytes > LIMIT_CELL_BYTES) {
		bytes = text_cut(text, LIMIT_CELL_BYTES);
		cut(m,
		    "a cell holds more than %d letters. We read the "
		    "first %d.",
		    LIMIT_CELL_BYTES, LIMIT_CELL_BYTES);
	}
	if (!take_text(m, bytes))
		return;
	m->cells[column] = arena_strndup(m->ctx->arena, text, bytes);
	m->marks[column] = (unsigned char)marks;
	if (column >= m->width)
		m->width = column + 1;
}

void
table_hide_columns(struct table_maker *m, size_t first, size_t last)
{
	for (size_t i = first; i <= last && i < LIMIT_COLUMNS; i++)
		if (m->table.mark_count < LIMIT_COLUMNS)
			push_mark(m, 0, i, MARK_HIDDEN);
}

void
table_merge(struct table_maker *m, struct table_range range)
{
	if (m->merge_count == LIMIT_MERGES || m->full ||
	    range.last_line < range.first_line ||
	    range.last_column < range.first_column)
		return;
	if (m->merges == NULL)
		m->merges = calloc(LIMIT_MERGES, sizeof(*m->merges));
	BUG_ON(m->merges == NULL);
	m->merges[m->merge_count++] = range;
}

/* --- merged cells ------------------------------------------------------------ */

static size_t
find_line(const struct record_table *t, uint32_t line)
{
	size_t low = 0, high = t->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (t->rows[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
widen(struct table_maker *m, struct record_row *row, size_t width)
{
	if (row->cell_count >= width)
		return true;
	if (!take_cells(m, width - row->cell_count))
		return false;
	const char **cells =
	    arena_array(m->ctx->arena, width, sizeof(*row->cells));
	for (size_t i = 0; i < width; i++)
		cells[i] = i < row->cell_count ? row->cells[i] : "";
	row->cells = cells;
	row->cell_count = width;
	return true;
}

/* Fills what is blank of one row; false if a limit is reached. */
static bool
spread_row(struct table_maker *m, struct record_row *row,
    const struct table_range *range, const char *text)
{
	size_t end = range->last_column < LIMIT_COLUMNS ? range->last_column + 1
							: LIMIT_COLUMNS;

	if (!widen(m, row, end))
		return false;
	for (size_t i = range->first_column; i < end; i++) {
		if (m->merge_left == 0 ||
		    (*row->cells[i] == '\0' && !take_text(m, strlen(text))))
			return false;
		m->merge_left--;
		if (*row->cells[i] != '\0')
			continue;
		row->cells[i] = text;
		push_mark(m, row->line, i, MARK_MERGED);
	}
	return true;
}

/* Rows that hold nothing else were left out, and stay so. */
static void
spread(struct table_maker *m, const struct table_range *range)
{
	struct record_table *t = &m->table;
	size_t at = find_line(t, range->first_line);

	if (at == t->row_count || t->rows[at].line != range->first_line ||
	    t->rows[at].cell_count <= range->first_column)
		return;
	const char *text = t->rows[at].cells[range->first_column];
	if (*text == '\0')
		return;
	for (; at < t->row_count && t->rows[at].line <= range->last_line; at++)
		if (!spread_row(m, &t->rows[at], range, text))
			return;
}

/* --- marks ---------------------------------------------------------------------- */

static int
compare_marks(const void *a, const void *b)
{
	const struct record_mark *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

/* In order, each cell once. */
static void
sort_marks(struct record_table *t)
{
	size_t kept = 0;

	if (t->mark_count == 0)
		return;
	qsort(t->marks, t->mark_count, sizeof(*t->marks), compare_marks);
	for (size_t i = 1; i < t->mark_count; i++)
		if (compare_marks(&t->marks[kept], &t->marks[i]) == 0)
			t->marks[kept].kinds |= t->marks[i].kinds;
		else
			t->marks[++kept] = t->marks[i];
	t->mark_count = kept + 1;
}

void
table_end(struct table_maker *m, struct record_table *ret_table)
{
	flush(m);
	for (size_t i = 0; i < m->merge_count && !m->full; i++)
		spread(m, &m->merges[i]);
	free(m->merges);
	m->merges = NULL;
	sort_marks(&m->table);
	*ret_table = m->table;
}
