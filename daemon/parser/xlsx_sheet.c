/* One worksheet (ECMA-376 part 1, 18.3.1) as a table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/xlsx.h"
#include "parser/xml.h"

enum {
	LAST_LINE = 1048576,
	LAST_COLUMN = 16383,
};

enum cell_type {
	TYPE_NUMBER,
	TYPE_SHARED,
	TYPE_TEXT, /* of a formula, or inline */
	TYPE_TRUTH,
	TYPE_ERROR,
	TYPE_DATE,
};

struct sheet_reading {
	struct xlsx *book;
	struct table_maker maker;
	struct xlsx_text text;
	struct buf value;
	uint32_t line;  /* of the row at hand, 0 before the first */
	size_t column;  /* of the cell at hand */
	size_t columns; /* where the next cell stands if it does not say */
	enum cell_type type;
	size_t style;
	bool in_cell, has_formula, has_text;
};

/* --- places ---------------------------------------------------------------------- */

/* `B12` or `$B$12`; false if it is none. Lines from 1, columns from 0. */
static bool
read_place(const char **text, uint32_t *ret_line, size_t *ret_column)
{
	const char *p = *text;
	size_t column = 0;
	char *end;

	for (; *p != '\0' && column <= LAST_COLUMN + 1; p++) {
		char c = (char)(*p & ~0x20);
		if (c >= 'A' && c <= 'Z')
			column = column * 26 + (size_t)(c - 'A' + 1);
		else if (*p != '$')
			break;
	}
	unsigned long line = strtoul(p, &end, 10);
	if (column == 0 || column > LAST_COLUMN + 1 || line == 0 ||
	    line > LAST_LINE)
		return false;
	*text = end;
	*ret_line = (uint32_t)line;
	*ret_column = column - 1;
	return true;
}

static void
start_merge(struct sheet_reading *r, const char **attrs)
{
	const char *ref = xml_attr(attrs, "ref");
	struct table_range range;

	if (ref == NULL ||
	    !read_place(&ref, &range.first_line, &range.first_column) ||
	    *ref++ != ':' ||
	    !read_place(&ref, &range.last_line, &range.last_column))
		return;
	table_merge(&r->maker, range);
}

static void
start_columns(struct sheet_reading *r, const char **attrs)
{
	uint32_t first = xml_attr_number(attrs, "min", 0);
	uint32_t last = xml_attr_number(attrs, "max", 0);

	if (first > 0 && last > 0 && xml_attr_true(attrs, "hidden"))
		table_hide_columns(&r->maker, first - 1, last - 1);
}

static void
start_row(struct sheet_reading *r, const char **attrs)
{
	uint32_t line = xml_attr_number(attrs, "r", r->line + 1);

	if (line <= r->line || line > LAST_LINE) {
		package_stop(r->book->package, PART_UNREADABLE,
		    "it is damaged: its rows are not in order.");
		return;
	}
	r->line = line;
	r->columns = 0;
	table_row(&r->maker, line);
	r->maker.hide_row = xml_attr_true(attrs, "hidden");
}

/* --- cells ----------------------------------------------------------------------- */

static enum cell_type
type_of(const char *word)
{
	static const struct {
		const char *word;
		enum cell_type type;
	} types[] = {
	    {"s", TYPE_SHARED},
	    {"str", TYPE_TEXT},
	    {"inlineStr", TYPE_TEXT},
	    {"b", TYPE_TRUTH},
	    {"e", TYPE_ERROR},
	    {"d", TYPE_DATE},
	};

	for (size_t i = 0; word != NULL && i < COUNT_OF(types); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	return TYPE_NUMBER;
}

static void
start_cell(struct sheet_reading *r, const char **attrs)
{
	const char *place = xml_attr(attrs, "r");
	uint32_t line;

	r->column = r->columns;
	if (place != NULL)
		(void)read_place(&place, &line, &r->column);
	r->columns = r->column + 1;
	r->type = type_of(xml_attr(attrs, "t"));
	r->style = xml_attr_number(attrs, "s", 0);
	r->in_cell = r->line > 0;
	r->has_formula = r->has_text = false;
	xlsx_text_begin(&r->text);
}

static void
put_number(struct sheet_reading *r, const char *text)
{
	const struct xlsx *book = r->book;
	struct cell_format format = cell_format_builtin(0);
	char *end;
	double value = strtod(text, &end);

	if (r->style < book->style_count)
		format = book->styles[r->style];
	if (end == text || !isfinite(value))
		buf_puts(&r->value, text);
	else
		cell_put_number(&r->value, value, format, book->epoch);
}

/* What a cell says, by its type. */
static const char *
cell_text(struct sheet_reading *r, const char *text)
{
	unsigned long index;

	switch (r->type) {
	case TYPE_SHARED:
		index = strtoul(text, NULL, 10);
		if (index < r->book->string_count)
			return r->book->strings[index];
		package_stop(r->book->package, PART_UNREADABLE, "");
		return "";
	case TYPE_TEXT:
	case TYPE_ERROR:
		return text;
	case TYPE_TRUTH:
		cell_put_truth(&r->value, text);
		break;
	case TYPE_DATE:
		if (!cell_put_iso(&r->value, text))
			return text;
		break;
	case TYPE_NUMBER:
		put_number(r, text);
		break;
	}
	return buf_text(&r->value);
}

/* Some programs write a formula with an empty value, others with none. */
static void
end_cell(struct sheet_reading *r)
{
	const char *raw = xlsx_text_done(&r->text), *text = "";
	unsigned marks = r->has_formula ? MARK_FORMULA : 0;

	r->in_cell = false;
	if (r->type != TYPE_TEXT)
		raw += strspn(raw, " \t\n");
	buf_clear(&r->value);
	if (*raw != '\0')
		text = cell_text(r, raw);
	if (r->has_formula && *raw == '\0' &&
	    !(r->has_text && r->type == TYPE_TEXT))
		marks |= MARK_NO_VALUE;
	if (r->type == TYPE_ERROR)
		marks |= MARK_ERROR;
	table_cell(&r->maker, r->column, text, marks);
}

/* --- events ---------------------------------------------------------------------- */

static void
start_in_cell(struct sheet_reading *r, const char *name)
{
	if (strcmp(name, "f") == 0)
		r->has_formula = true;
	else if (strcmp(name, "v") == 0)
		r->has_text = r->text.collects = true;
	else
		xlsx_text_start(&r->text, name);
}

static void
on_start(void *arg, const char *name, const char **attrs)
{
	static const struct {
		const char *name;
		void (*start)(struct sheet_reading *r, const char **attrs);
	} starts[] = {
	    {"c", start_cell},
	    {"row", start_row},
	    {"col", start_columns},
	    {"mergeCell", start_merge},
	};
	struct sheet_reading *r = arg;

	if (r->in_cell) {
		start_in_cell(r, name);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(starts); i++)
		if (strcmp(starts[i].name, name) == 0) {
			starts[i].start(r, attrs);
			return;
		}
}

static void
on_end(void *arg, const char *name)
{
	struct sheet_reading *r = arg;

	if (!r->in_cell)
		return;
	if (strcmp(name, "c") == 0)
		end_cell(r);
	else if (strcmp(name, "v") == 0)
		r->text.collects = false;
	else
		xlsx_text_end(&r->text, name);
}

static void
on_text(void *arg, const char *text, size_t bytes)
{
	struct sheet_reading *r = arg;

	if (r->in_cell)
		xlsx_text_add(&r->text, text, bytes);
}

static bool
is_enough(const void *arg)
{
	const struct sheet_reading *r = arg;

	return r->maker.full;
}

void
xlsx_read_sheet(struct xlsx *book, const char *part,
    const struct xlsx_sheet *sheet)
{
	static const struct xml_events events = {.start = on_start,
	    .end = on_end,
	    .text = on_text,
	    .enough = is_enough};
	struct package *p = book->package;
	struct sheet_reading r = {.book = book};

	package_begin(p, &r.maker, TABLE_SHEET, sheet->name);
	r.maker.table.hidden = sheet->hidden;
	xlsx_text_init(&r.text);
	buf_init(&r.value, LIMIT_CELL_BYTES);
	if (xml_read(p, part, &events, &r) == ERR_NOT_FOUND)
		package_stop(p, PART_UNREADABLE, "");
	package_add(p, &r.maker);
	buf_done(&r.value);
	buf_done(&r.text.text);
}
