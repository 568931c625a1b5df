#include "parser/html_grid.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/html_node.h"

enum {
	MAX_SPAN = 100
};

/* The shape of a table, from a first look at it. */
struct shape {
	size_t rows, most_cells, most_filled;
	bool is_layout; /* holds a table, a quote or a whole mail */
};

static bool
is_cell(const xmlNode *node)
{
	return html_node_is(node, "td") || html_node_is(node, "th");
}

/* The node behind `n` and all that is in it, within `top`; NULL at the end. */
static const xmlNode *
node_behind(const xmlNode *n, const xmlNode *top)
{
	while (n != top && n->next == NULL)
		n = n->parent;
	return n == top ? NULL : n->next;
}

/* The next node in document order, within `top`. */
static const xmlNode *
node_next(const xmlNode *n, const xmlNode *top)
{
	if (n->type == XML_ELEMENT_NODE && n->children != NULL)
		return n->children;
	return node_behind(n, top);
}

static bool
has_ink(const xmlNode *cell)
{
	for (const xmlNode *n = cell; n != NULL; n = node_next(n, cell)) {
		if (n->type == XML_TEXT_NODE && n->content != NULL &&
		    !text_is_blank((const char *)n->content))
			return true;
	}
	return false;
}

static void
look_at_row(const xmlNode *row, struct shape *shape)
{
	size_t cells = 0, filled = 0;

	for (const xmlNode *n = row->children; n != NULL; n = n->next) {
		if (!is_cell(n) || html_node_is_hidden(n))
			continue;
		cells += html_node_span(n, "colspan", MAX_SPAN);
		filled += has_ink(n);
	}
	shape->rows++;
	if (cells > shape->most_cells)
		shape->most_cells = cells;
	if (filled > shape->most_filled)
		shape->most_filled = filled;
}

static struct shape
look_at(const xmlNode *table)
{
	struct shape shape = {0};

	shape.is_layout =
	    text_ieq(html_node_attribute(table, "role"), "presentation");
	for (const xmlNode *n = table->children; n != NULL && !shape.is_layout;
	     n = node_next(n, table)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (html_node_is(n, "table") || html_node_is_quote(n) ||
		    html_node_mark(n) != MARK_NONE)
			shape.is_layout = true;
		else if (html_node_is(n, "tr"))
			look_at_row(n, &shape);
	}
	return shape;
}

/* A cell that reaches down into the rows below. */
struct hanging {
	unsigned rows_left;
	const char *text;
};

struct grid {
	struct render *r;
	struct record_table table;
	struct hanging hanging[LIMIT_COLUMNS];
	bool is_pairs; /* two columns: key and value */
	/* Of the row at hand. */
	struct record_row row;
	const char *own[LIMIT_COLUMNS]; /* cells without their repetition */
	size_t own_count;
};

/* What stands in a cell, its lines LF ended but the last. */
static const char *
cell_text(struct grid *g, const xmlNode *cell)
{
	struct lines lines = {0};
	struct render inner;
	struct buf text CLEANUP(buf_done);

	render_init(&inner, g->r->ctx, &lines);
	inner.level = g->r->level;
	render_children(&inner, cell);
	render_end_line(&inner);
	render_done(&inner);
	buf_init(&text, LIMIT_CELL_BYTES);
	for (size_t i = 0; i < lines.count; i++) {
		g->r->has_share_link =
		    g->r->has_share_link || lines.items[i].has_share_link;
		if (i > 0)
			buf_putc(&text, '\n');
		buf_puts(&text, lines.items[i].text);
	}
	if (text.over)
		g->r->ctx->record->over_limit = true;
	const char *whole = buf_text(&text);
	return text_trim(g->r->ctx->arena,
	    arena_strndup(g->r->ctx->arena, whole,
		text.over ? text_cut(whole, LIMIT_CELL_BYTES - 4) : text.len));
}

static void
push_cell(struct grid *g, const char *text)
{
	struct context *ctx = g->r->ctx;

	if (g->row.cell_count == LIMIT_COLUMNS || g->table.cut)
		return;
	if (!context_try(&ctx->cells_left, 1) ||
	    !context_try(&ctx->text_left, strlen(text) + 8)) {
		g->table.cut = true;
		return;
	}
	*(const char **)arena_push(ctx->arena, &g->row.cells,
	    &g->row.cell_count, sizeof(*g->row.cells)) = text;
}

/* Cells from above that reach into this row, at its present column. */
static void
push_hanging(struct grid *g)
{
	while (g->row.cell_count < LIMIT_COLUMNS && !g->table.cut) {
		struct hanging *h = &g->hanging[g->row.cell_count];
		if (h->rows_left == 0)
			return;
		h->rows_left--;
		push_cell(g, h->text);
	}
}

static void
push_spanned(struct grid *g, const xmlNode *cell)
{
	unsigned columns = html_node_span(cell, "colspan", MAX_SPAN);
	unsigned rows = html_node_span(cell, "rowspan", MAX_SPAN);
	const char *text = cell_text(g, cell);

	if (g->own_count < LIMIT_COLUMNS)
		g->own[g->own_count++] = text;
	for (unsigned i = 0; i < columns; i++) {
		size_t at = g->row.cell_count;
		push_cell(g, text);
		if (at < LIMIT_COLUMNS)
			g->hanging[at] = (struct hanging){rows - 1, text};
	}
}

/* "key: value", with the colon that the key may have already. */
static const char *
pair_text(struct arena *arena, const char *key, const char *value)
{
	size_t len = strlen(key);
	bool colon =
	    len > 0 &&
	    (key[len - 1] == ':' ||
		(len >= 3 && strcmp(key + len - 3, "\xef\xbc\x9a") == 0));

	if (*key == '\0')
		return value;
	return arena_printf(arena, "%s%s%s%s", key, colon ? "" : ":",
	    *value == '\0' ? "" : " ", value);
}

/* The row as a line; LF within cells parts lines of pairs only. */
static void
put_row(struct grid *g)
{
	struct arena *arena = g->r->ctx->arena;
	struct buf line CLEANUP(buf_done);

	buf_init(&line, LIMIT_LINE_BYTES - 4);
	if (g->is_pairs && g->own_count == 2) {
		char *key = arena_strdup(arena, g->own[0]);
		for (char *p = key; *p != '\0'; p++)
			if (*p == '\n')
				*p = ' ';
		buf_puts(&line, pair_text(arena, key, g->own[1]));
	} else {
		for (size_t i = 0; i < g->own_count; i++) {
			char *cell = arena_strdup(arena, g->own[i]);
			for (char *p = cell; g->own_count > 1 && *p != '\0';
			     p++)
				if (*p == '\n' || *p == '\t')
					*p = ' ';
			buf_puts(&line, i > 0 ? "\t" : "");
			buf_puts(&line, cell);
		}
	}
	char *text = arena_strndup(arena, buf_text(&line),
	    line.over ? text_cut(buf_text(&line), LIMIT_LINE_BYTES - 8)
		      : line.len);
	for (char *p = text, *end; p != NULL; p = end) {
		end = strchr(p, '\n');
		if (end != NULL)
			*end++ = '\0';
		render_put_line(g->r, p);
	}
}

static void
grid_row(struct grid *g, const xmlNode *tr)
{
	struct context *ctx = g->r->ctx;

	g->row = (struct record_row){.line = (uint32_t)g->table.row_count + 1};
	g->own_count = 0;
	for (const xmlNode *n = tr->children; n != NULL; n = n->next) {
		if (!is_cell(n) || html_node_is_hidden(n))
			continue;
		push_hanging(g);
		push_spanned(g, n);
	}
	push_hanging(g);
	if (g->own_count > 0)
		put_row(g);
	if (g->table.row_count == LIMIT_ROWS)
		g->table.cut = true;
	if (g->table.cut)
		return;
	*(struct record_row *)arena_push(ctx->arena, &g->table.rows,
	    &g->table.row_count, sizeof(*g->table.rows)) = g->row;
}

bool
html_grid_render(struct render *r, const xmlNode *table)
{
	struct shape shape = look_at(table);
	struct context *ctx = r->ctx;

	if (shape.is_layout || shape.most_cells < 2 || shape.most_filled < 2)
		return false;
	struct grid grid = {.r = r, .is_pairs = shape.most_cells == 2};
	grid.table = (struct record_table){.kind = TABLE_HTML,
	    .part = UINT32_MAX,
	    .name = ""};
	render_end_line(r);
	size_t line = r->lines->count;
	for (const xmlNode *n = table->children, *next; n != NULL; n = next) {
		bool row = html_node_is(n, "tr");
		next = row ? node_behind(n, table) : node_next(n, table);
		if (row)
			grid_row(&grid, n);
	}
	if (r->page == NULL || r->page->table_count == BUDGET_TABLES)
		return true;
	struct html_table *t = arena_push(ctx->arena, &r->page->tables,
	    &r->page->table_count, sizeof(*r->page->tables));
	t->table = grid.table;
	t->line = line;
	return true;
}
