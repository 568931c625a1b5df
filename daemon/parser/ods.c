/*
 * ODS sheets (OpenDocument 1.3 part 3, 9), and the tables of ODT texts, which
 * are built alike. A cell says its value in an attribute and shows it as text.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/celltext.h"
#include "parser/office.h"
#include "parser/table.h"
#include "parser/xml.h"

enum {
	LAST_LINE = 1048576,
	STYLE_BYTES = 200,
	SPACES = 100, /* that one element may stand for */
};

enum ods_type {
	TYPE_NONE,
	TYPE_FLOAT,
	TYPE_PERCENT,
	TYPE_TRUTH,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_STRING,
};

struct ods_reading {
	struct package *package;
	struct table_maker maker;
	enum record_table_kind kind;
	unsigned tables;  /* how many are open: they may stand in each other */
	unsigned skipped; /* how many elements that say nothing are open */
	uint32_t line;    /* of the row at hand, then of the next */
	uint32_t repeat;  /* how many lines it stands for */
	size_t column, hide_column;

	/* The cell at hand. */
	enum ods_type type;
	struct buf value; /* of its attribute */
	size_t cell_repeat;
	unsigned marks;
	struct buf text, shown;
	unsigned paragraphs;
	bool in_cell, collects;

	struct buf outside; /* words of a text document beside its tables */
	char style[STYLE_BYTES]; /* of tables, whose properties come now */
	const char **hidden_styles;
	size_t hidden_style_count;
};

/* --- styles, tables, rows, columns ------------------------------------------------ */

static void
start_style(struct ods_reading *r, const char **attrs)
{
	const char *name = xml_attr(attrs, "name");
	const char *family = xml_attr(attrs, "family");

	r->style[0] = '\0';
	if (name != NULL && strlen(name) < STYLE_BYTES && family != NULL &&
	    strcmp(family, "table") == 0)
		memcpy(r->style, name, strlen(name) + 1);
}

static void
start_style_of_table(struct ods_reading *r, const char **attrs)
{
	const char *shown = xml_attr(attrs, "display");

	if (r->style[0] == '\0' || shown == NULL ||
	    strcmp(shown, "false") != 0 ||
	    r->hidden_style_count == LIMIT_SHEETS)
		return;
	*(const char **)arena_push(r->package->arena, &r->hidden_styles,
	    &r->hidden_style_count, sizeof(*r->hidden_styles)) =
	    arena_strdup(r->package->arena, r->style);
	r->style[0] = '\0';
}

static bool
is_hidden_style(const struct ods_reading *r, const char *style)
{
	for (size_t i = 0; style != NULL && i < r->hidden_style_count; i++)
		if (strcmp(r->hidden_styles[i], style) == 0)
			return true;
	return false;
}

static void
start_table(struct ods_reading *r, const char **attrs)
{
	const char *name = xml_attr(attrs, "name");

	if (r->tables++ > 0)
		return;
	package_begin(r->package, &r->maker, r->kind, name == NULL ? "" : name);
	r->maker.table.hidden =
	    is_hidden_style(r, xml_attr(attrs, "style-name"));
	r->line = 1;
	r->hide_column = 0;
}

static void
end_table(struct ods_reading *r)
{
	if (r->tables > 0 && --r->tables == 0)
		package_add(r->package, &r->maker);
}

static bool
is_hidden(const char **attrs)
{
	const char *word = xml_attr(attrs, "visibility");

	return word != NULL && strcmp(word, "visible") != 0;
}

static void
start_column(struct ods_reading *r, const char **attrs)
{
	uint32_t count = xml_attr_number(attrs, "number-columns-repeated", 1);

	if (r->tables != 1 || r->hide_column >= LIMIT_COLUMNS)
		return;
	if (is_hidden(attrs))
		table_hide_columns(&r->maker, r->hide_column,
		    r->hide_column + count - 1);
	r->hide_column += count;
}

static void
start_row(struct ods_reading *r, const char **attrs)
{
	uint32_t count = xml_attr_number(attrs, "number-rows-repeated", 1);

	if (r->tables != 1)
		return;
	r->column = 0;
	r->repeat = count < LAST_LINE ? count : LAST_LINE;
	if (r->line > LAST_LINE)
		r->maker.full = true;
	table_row(&r->maker, r->line);
	r->maker.repeat = r->repeat;
	r->maker.hide_row = is_hidden(attrs);
}

static void
end_row(struct ods_reading *r)
{
	if (r->tables == 1 && r->line <= LAST_LINE)
		r->line += r->repeat;
}

/* --- cells ------------------------------------------------------------------------ */

static enum ods_type
type_of(const char *word)
{
	static const struct {
		const char *word;
		enum ods_type type;
	} types[] = {
	    {"float", TYPE_FLOAT},
	    {"currency", TYPE_FLOAT},
	    {"percentage", TYPE_PERCENT},
	    {"boolean", TYPE_TRUTH},
	    {"date", TYPE_DATE},
	    {"time", TYPE_TIME},
	};

	for (size_t i = 0; word != NULL && i < COUNT_OF(types); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	return word == NULL ? TYPE_NONE : TYPE_STRING;
}

/* The value stands in another attribute for each type. */
static const char *
find_value(const char **attrs)
{
	static const char *const names[] = {"date-value", "time-value",
	    "boolean-value", "value", "string-value"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *value = xml_attr_in(attrs, ":office:", names[i]);
		if (value != NULL)
			return value;
	}
	return "";
}

static void
note_span(struct ods_reading *r, const char **attrs)
{
	uint32_t columns = xml_attr_number(attrs, "number-columns-spanned", 1);
	uint32_t lines = xml_attr_number(attrs, "number-rows-spanned", 1);

	if (columns > 1 || lines > 1)
		table_merge(&r->maker,
		    (struct table_range){r->line, r->line + lines - 1,
			r->column, r->column + columns - 1});
}

static void
start_cell(struct ods_reading *r, const char **attrs)
{
	const char *shown = xml_attr_in(attrs, ":calcext:", "value-type");

	if (r->tables != 1)
		return;
	r->in_cell = true;
	r->paragraphs = 0;
	r->cell_repeat = xml_attr_number(attrs, "number-columns-repeated", 1);
	r->type = type_of(xml_attr_in(attrs, ":office:", "value-type"));
	buf_clear(&r->value);
	buf_puts(&r->value, find_value(attrs));
	r->marks = xml_attr(attrs, "formula") != NULL ? MARK_FORMULA : 0;
	if (shown != NULL && strcmp(shown, "error") == 0)
		r->marks |= MARK_ERROR;
	buf_clear(&r->text);
	note_span(r, attrs);
}

static bool
ends_in_percent(const char *shown)
{
	size_t len = strlen(shown);

	return len > 0 && shown[len - 1] == '%';
}

/* A number that is shown as 00123, as TRUE or as 25% means that, whatever the
 * program calls it. */
static void
put_float(struct ods_reading *r, const char *shown, enum cell_kind kind)
{
	bool percent = kind == CELL_PERCENT || ends_in_percent(shown);
	const struct cell_format format = {percent ? CELL_PERCENT : CELL_NUMBER,
	    0};
	const char *text = buf_text(&r->value);
	char *end;
	double value = strtod(text, &end);
	bool digits = shown[0] == '0' && shown[1] != '\0' &&
		      shown[strspn(shown, "0123456789")] == '\0';

	if (end == text || !isfinite(value) || digits)
		buf_puts(&r->shown, *shown != '\0' ? shown : text);
	else if (text_ieq(shown, "true") || text_ieq(shown, "false"))
		cell_put_truth(&r->shown, shown);
	else
		cell_put_number(&r->shown, value, format, EPOCH_1900);
}

static const char *
cell_text(struct ods_reading *r)
{
	const char *shown = buf_text(&r->text), *value = buf_text(&r->value);
	bool known = true;

	buf_clear(&r->shown);
	if (r->type == TYPE_FLOAT)
		put_float(r, shown, CELL_NUMBER);
	else if (r->type == TYPE_PERCENT)
		put_float(r, shown, CELL_PERCENT);
	else if (r->type == TYPE_TRUTH)
		cell_put_truth(&r->shown, value);
	else if (r->type == TYPE_DATE)
		known = cell_put_iso(&r->shown, value);
	else if (r->type == TYPE_TIME)
		known = cell_put_duration(&r->shown, value);
	else
		known = false;
	if (known)
		return buf_text(&r->shown);
	return *shown != '\0' ? shown : value;
}

static bool
looks_wrong(const char *text)
{
	return text[0] == '#' || text_istarts(text, "Err:");
}

static void
end_cell(struct ods_reading *r)
{
	const char *text;

	if (!r->in_cell || r->tables != 1)
		return;
	r->in_cell = false;
	text = cell_text(r);
	if ((r->marks & MARK_FORMULA) != 0 && looks_wrong(text))
		r->marks |= MARK_ERROR;
	if ((r->marks & MARK_FORMULA) != 0 && r->type == TYPE_NONE &&
	    r->paragraphs == 0)
		r->marks |= MARK_NO_VALUE;
	for (size_t i = 0; i < r->cell_repeat; i++) {
		table_cell(&r->maker, r->column + i, text, r->marks);
		if (r->column + i >= LIMIT_COLUMNS || *text == '\0')
			break;
	}
	r->column += r->cell_repeat;
}

static void
start_covered(struct ods_reading *r, const char **attrs)
{
	if (r->tables == 1)
		r->column +=
		    xml_attr_number(attrs, "number-columns-repeated", 1);
}

/* --- text ------------------------------------------------------------------------- */

static void
put_text(struct ods_reading *r, const char *text, size_t bytes)
{
	buf_add(r->in_cell ? &r->text : &r->outside, text, bytes);
}

static void
start_paragraph(struct ods_reading *r, const char **attrs)
{
	(void)attrs;
	r->collects = r->in_cell || (r->tables == 0 && r->kind == TABLE_WORD);
	if (r->collects && r->paragraphs++ > 0)
		put_text(r, "\n", 1);
}

static void
end_paragraph(struct ods_reading *r)
{
	r->collects = false;
}

static void
start_spaces(struct ods_reading *r, const char **attrs)
{
	uint32_t count = xml_attr_number(attrs, "c", 1);

	for (uint32_t i = 0; r->collects && i < count && i < SPACES; i++)
		put_text(r, " ", 1);
}

static void
start_tab(struct ods_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->collects)
		put_text(r, "\t", 1);
}

static void
start_break(struct ods_reading *r, const char **attrs)
{
	(void)attrs;
	if (r->collects)
		put_text(r, "\n", 1);
}

static void
start_spreadsheet(struct ods_reading *r, const char **attrs)
{
	(void)attrs;
	r->kind = TABLE_SHEET;
}

/* --- events ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*start)(struct ods_reading *r, const char **attrs);
	void (*end)(struct ods_reading *r);
} g_elements[] = {
    {"table-cell", start_cell, end_cell},
    {"covered-table-cell", start_covered, NULL},
    {"table-row", start_row, end_row},
    {"table-column", start_column, NULL},
    {"table", start_table, end_table},
    {"p", start_paragraph, end_paragraph},
    {"h", start_paragraph, end_paragraph},
    {"s", start_spaces, NULL},
    {"tab", start_tab, NULL},
    {"line-break", start_break, NULL},
    {"style", start_style, NULL},
    {"table-properties", start_style_of_table, NULL},
    {"spreadsheet", start_spreadsheet, NULL},
};

/* Comments, pictures and what was struck out are nobody's answer. */
static bool
says_nothing(const char *name)
{
	static const char *const names[] = {"annotation", "frame",
	    "custom-shape", "shapes", "forms", "ruby-text", "tracked-changes",
	    "dde-links", "content-validations", "named-expressions"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
on_start(void *arg, const char *name, const char **attrs)
{
	struct ods_reading *r = arg;

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
	struct ods_reading *r = arg;

	if (r->skipped > 0) {
		r->skipped--;
		return;
	}
	for (size_t i = 0; i < COUNT_OF(g_elements); i++)
		if (strcmp(g_elements[i].name, name) == 0 &&
		    g_elements[i].end != NULL) {
			g_elements[i].end(r);
			return;
		}
}

static void
on_text(void *arg, const char *text, size_t bytes)
{
	struct ods_reading *r = arg;

	if (r->skipped == 0 && r->collects)
		put_text(r, text, bytes);
}

static bool
is_enough(const void *arg)
{
	const struct ods_reading *r = arg;

	return r->package->begun > LIMIT_SHEETS;
}

void
ods_read(struct package *p, struct record_part *part, const char *main_part)
{
	static const struct xml_events events = {.start = on_start,
	    .end = on_end,
	    .text = on_text,
	    .enough = is_enough};
	struct ods_reading r = {.package = p, .kind = TABLE_WORD};

	part->macros |= package_has(p, "Basic/script-lc.xml");
	buf_init(&r.value, LIMIT_CELL_BYTES + 8);
	buf_init(&r.text, LIMIT_CELL_BYTES + 8);
	buf_init(&r.shown, LIMIT_CELL_BYTES + 8);
	buf_init(&r.outside, PART_TEXT_BYTES);
	(void)xml_read(p, main_part, &events, &r);
	if (r.tables > 0) /* stopped in the middle of it */
		package_add(p, &r.maker);
	package_keep_text(p, part, &r.outside);
	buf_done(&r.value);
	buf_done(&r.text);
	buf_done(&r.shown);
	buf_done(&r.outside);
}
