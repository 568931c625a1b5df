/*
 * DOCX (ECMA-376 part 1, 17): its tables, and the words beside them. A table
 * in a cell is part of that cell's text. What was struck out with changes
 * tracked, and what a blank content control shows, is not there.
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/office.h"
#include "parser/table.h"
#include "parser/xml.h"

enum {
	NAME_BYTES = 40
};

struct docx_reading {
	struct package *package;
	struct table_maker maker;
	unsigned tables;  /* how many are open */
	unsigned skipped; /* how many elements that say nothing are open */
	unsigned depth;
	unsigned control, blank; /* depth of the last content control, and of
				  * the one whose text is but a prompt; 0 */
	uint32_t line;
	size_t column, span;
	uint32_t merged_from[LIMIT_COLUMNS]; /* line of the cell above */
	unsigned paragraphs;
	bool collects;
	struct buf text, outside;
};

/* --- tables, rows, cells ---------------------------------------------------------- */

static void
start_table(struct docx_reading *r, const char **attrs)
{
	char name[NAME_BYTES];

	(void)attrs;
	if (r->tables++ > 0)
		return;
	(void)snprintf(name, sizeof(name), "table %zu", r->package->begun + 1);
	package_begin(r->package, &r->maker, TABLE_WORD, name);
	r->line = 0;
	memset(r->merged_from, 0, sizeof(r->merged_from));
}

static void
end_table(struct docx_reading *r)
{
	if (r->tables > 0 && --r->tables == 0)
		package_add(r->package, &r->maker);
}

static void
start_row(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->tables != 1)
		return;
	table_row(&r->maker, ++r->line);
	r->column = 0;
}

static size_t
count_of(const char **attrs)
{
	uint32_t count = xml_attr_number(attrs, "val", 1);

	return count < LIMIT_COLUMNS ? count : LIMIT_COLUMNS;
}

static void
start_before(struct docx_reading *r, const char **attrs)
{
	if (r->tables == 1)
		r->column += count_of(attrs);
}

static void
start_cell(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->tables != 1)
		return;
	r->span = 1;
	r->paragraphs = 0;
	buf_clear(&r->text);
}

static void
start_span(struct docx_reading *r, const char **attrs)
{
	if (r->tables == 1)
		r->span = count_of(attrs);
}

static void
start_merge(struct docx_reading *r, const char **attrs)
{
	const char *word = xml_attr(attrs, "val");

	if (r->tables != 1 || r->column >= LIMIT_COLUMNS)
		return;
	if (word != NULL && strcmp(word, "restart") == 0)
		r->merged_from[r->column] = r->line;
	else if (r->merged_from[r->column] > 0)
		table_merge(&r->maker,
		    (struct table_range){r->merged_from[r->column], r->line,
			r->column, r->column});
}

/* A cell with nothing but a box to tick says yes or no. */
static const char *
cell_text(struct docx_reading *r)
{
	static const struct {
		const char *box, *word;
	} boxes[] = {
	    {"\xe2\x98\x90", "no"},
	    {"\xe2\x98\x91", "yes"},
	    {"\xe2\x98\x92", "yes"},
	};

	while (r->text.len > 0 && r->text.data[r->text.len - 1] == '\n')
		r->text.data[--r->text.len] = '\0';
	for (size_t i = 0; i < COUNT_OF(boxes); i++)
		if (strcmp(buf_text(&r->text), boxes[i].box) == 0)
			return boxes[i].word;
	return buf_text(&r->text);
}

static void
end_cell(struct docx_reading *r)
{
	if (r->tables != 1 || r->line == 0)
		return;
	table_cell(&r->maker, r->column, cell_text(r), 0);
	if (r->span > 1)
		table_merge(&r->maker, (struct table_range){r->line, r->line,
					   r->column, r->column + r->span - 1});
	r->column += r->span;
}

/* --- text ------------------------------------------------------------------------- */

static void
put_text(struct docx_reading *r, const char *text, size_t bytes)
{
	if (r->blank == 0)
		buf_add(r->tables > 0 ? &r->text : &r->outside, text, bytes);
}

static void
start_paragraph(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->tables > 0 && r->paragraphs++ > 0)
		put_text(r, "\n", 1);
}

static void
end_paragraph(struct docx_reading *r)
{
	if (r->tables == 0)
		put_text(r, "\n", 1);
}

static void
start_text(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	r->collects = true;
}

static void
end_text(struct docx_reading *r)
{
	r->collects = false;
}

static void
start_tab(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	put_text(r, "\t", 1);
}

static void
start_break(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	put_text(r, "\n", 1);
}

static void
start_control(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	r->control = r->depth;
}

static void
start_prompt(struct docx_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->blank == 0)
		r->blank = r->control;
}

static void
end_control(struct docx_reading *r)
{
	if (r->blank == r->depth)
		r->blank = 0;
}

/* --- events ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*start)(struct docx_reading *r, const char **attrs);
	void (*end)(struct docx_reading *r);
} g_elements[] = {
    {"t", start_text, end_text},
    {"p", start_paragraph, end_paragraph},
    {"tc", start_cell, end_cell},
    {"tr", start_row, NULL},
    {"tbl", start_table, end_table},
    {"gridSpan", start_span, NULL},
    {"gridBefore", start_before, NULL},
    {"vMerge", start_merge, NULL},
    {"tab", start_tab, NULL},
    {"br", start_break, NULL},
    {"cr", start_break, NULL},
    {"sdt", start_control, end_control},
    {"showingPlcHdr", start_prompt, NULL},
};

/* `tab` in the properties of a paragraph is a stop, not a character. */
static bool
says_nothing(const char *name)
{
	static const char *const names[] = {"pPr", "rPr", "del", "moveFrom",
	    "Fallback", "instrText"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
on_start(void *arg, const char *name, const char **attrs)
{
	struct docx_reading *r = arg;

	r->depth++;
	if (r->skipped > 0 || says_nothing(name)) {
		r->skipped++;
		return;
	}
	for (size_t i = 0; i < COUNT_OF(g_elements); i++)
		if (strcmp(g_elements[i].name, name) == 0) {
			g_elements[i].start(r, attrs);
			return;
		}
}

static void
on_end(void *arg, const char *name)
{
	struct docx_reading *r = arg;

	if (r->skipped > 0) {
		r->skipped--;
	} else {
		for (size_t i = 0; i < COUNT_OF(g_elements); i++)
			if (strcmp(g_elements[i].name, name) == 0 &&
			    g_elements[i].end != NULL)
				g_elements[i].end(r);
	}
	r->depth--;
}

static void
on_text(void *arg, const char *text, size_t bytes)
{
	struct docx_reading *r = arg;

	if (r->skipped == 0 && r->collects)
		put_text(r, text, bytes);
}

static bool
is_enough(const void *arg)
{
	const struct docx_reading *r = arg;

	return r->package->begun > LIMIT_SHEETS;
}

void
docx_read(struct package *p, struct record_part *part, const char *main_part)
{
	static const struct xml_events events = {.start = on_start,
	    .end = on_end,
	    .text = on_text,
	    .enough = is_enough};
	struct docx_reading r = {.package = p};

	part->macros |= package_has(p, "word/vbaProject.bin");
	buf_init(&r.text, LIMIT_CELL_BYTES + 8);
	buf_init(&r.outside, PART_TEXT_BYTES);
	(void)xml_read(p, main_part, &events, &r);
	if (r.tables > 0) /* stopped in the middle of it */
		package_add(p, &r.maker);
	package_keep_text(p, part, &r.outside);
	buf_done(&r.text);
	buf_done(&r.outside);
}
