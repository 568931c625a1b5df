#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/workbook_page.h"

/* Widths are in characters; A4 across holds some 150 of ten points. */
static const double LABEL_WIDTH = 32, ANSWER_WIDTH = 78, HELP_WIDTH = 38;
static const double LABEL_LEAST = 26, ANSWER_LEAST = 55, HELP_LEAST = 24;
static const double GRID_LEAST = 142, GRID_MOST = 160;
static const double TEXT_LEAST = 18, LEAD_WIDTH = 28, NOTES_WIDTH = 40;

enum {
	LONG_CHARS = 200, /* a text that wants room */
	BLOCK_TEXTS = 3   /* so many of them are no grid any more */
};

static size_t
text_chars(const struct form_field *field)
{
	if (field->type != TYPE_TEXT)
		return 0;
	return field->has_max ? (size_t)field->max : LIMIT_ANSWER_CHARS;
}

enum page_shape
page_shape(const struct form_table *table)
{
	size_t texts = 0;

	for (size_t i = 0; i < table->column_count; i++)
		if (text_chars(&table->columns[i]) > LONG_CHARS)
			texts++;
	return table->rows == ROWS_FIXED && texts >= BLOCK_TEXTS ? SHAPE_BLOCKS
								 : SHAPE_GRID;
}

const char *
page_lead(const struct page *page, const struct form_table *table)
{
	const struct blank *blank = page->workbook->blank;

	if (table->rows == ROWS_FIXED)
		return table->row_label;
	for (size_t i = 0; i < blank->row_count; i++)
		if (strcmp(blank->rows[i].tbl, table->name) == 0 &&
		    blank->rows[i].title[0] != '\0')
			return "About";
	return "";
}

bool
page_table_has_notes(const struct page *page, const char *tbl)
{
	for (size_t i = 0; i < page->workbook->note_count; i++)
		if (strcmp(page->workbook->notes[i].problem->tbl, tbl) == 0)
			return true;
	return false;
}

double
page_span_width(const struct page *page, struct page_span span)
{
	double width = 0;

	for (lxw_col_t i = span.first; i <= span.last; i++)
		width += page->widths[i];
	return width;
}

/* --- columns of a grid ----------------------------------------------------------- */

static double
choice_width(const struct form_choice *choice)
{
	size_t width = 6;

	for (size_t i = 0; i < choice->value_count; i++)
		if (text_width(choice->values[i]) > width)
			width = text_width(choice->values[i]);
	return width > 20 ? 24 : (double)width + 4;
}

static double
longest_word(const char *text)
{
	size_t longest = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		longest = word > longest ? word : longest;
		text += word + strspn(text + word, " ");
	}
	return (double)longest + 3;
}

static double
natural_width(const struct form_field *field)
{
	static const double widths[] = {
	    [TYPE_INTEGER] = 12,
	    [TYPE_DECIMAL] = 12,
	    [TYPE_PERCENT] = 12,
	    [TYPE_DATE] = 14,
	    [TYPE_TIME] = 9,
	    [TYPE_MONTH] = 12,
	    [TYPE_QUARTER] = 12,
	    [TYPE_YEAR] = 12,
	    [TYPE_PERIOD] = 12,
	    [TYPE_BOOLEAN] = 9,
	    [TYPE_EMAIL] = 26,
	    [TYPE_AGENCY] = 20,
	    [TYPE_CONTACT] = 26,
	    [TYPE_GROUP] = 20,
	    [TYPE_ACTION] = 10,
	    [TYPE_MEETING] = 10,
	};
	double width = widths[field->type];
	double word = longest_word(field->label);

	if (field->type == TYPE_CHOICE)
		width = choice_width(field->choice);
	if (field->type == TYPE_TEXT)
		width = text_chars(field) > LONG_CHARS ? 36 : 24;
	return width > word ? width : word;
}

/* Texts give way until the grid fits; a small grid is spread out. */
static void
fit_grid(const struct form_table *table, double *widths, double total,
    double limit)
{
	double texts = 0, room;

	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].type == TYPE_TEXT)
			texts += widths[i];
	room = total > limit ? texts - (total - limit) : texts;
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].type == TYPE_TEXT)
			widths[i] *= texts > 0 ? room / texts : 1;
		if (table->columns[i].type == TYPE_TEXT &&
		    widths[i] < TEXT_LEAST)
			widths[i] = TEXT_LEAST;
		if (total < GRID_LEAST)
			widths[i] *= GRID_LEAST / total;
	}
}

static void
use_width(struct page *page, size_t column, double width)
{
	if (page->widths[column] < width)
		page->widths[column] = width;
	if (column >= page->columns)
		page->columns = (lxw_col_t)(column + 1);
}

static void
plan_grid(struct page *page, const struct form_table *table)
{
	double *widths =
	    arena_array(page->arena, table->column_count + 1, sizeof(*widths));
	size_t lead = page_lead(page, table)[0] != '\0';
	double total = lead == 0 ? 0 : LEAD_WIDTH;

	for (size_t i = 0; i < table->column_count; i++) {
		widths[i] = natural_width(&table->columns[i]);
		total += widths[i];
	}
	fit_grid(table, widths, total,
	    page_table_has_notes(page, table->name)
		? GRID_MOST - NOTES_WIDTH / 2
		: GRID_MOST);
	if (lead != 0)
		use_width(page, 0, LEAD_WIDTH);
	for (size_t i = 0; i < table->column_count; i++)
		use_width(page, i + lead, widths[i]);
	if (page_table_has_notes(page, table->name))
		use_width(page, table->column_count + lead, NOTES_WIDTH);
}

/* --- label, answer and help over them ---------------------------------------------- */

/* From `first` on until `least` characters are there; `spare` columns stay. */
static struct page_span
take_span(const struct page *page, lxw_col_t first, double least,
    lxw_col_t spare)
{
	struct page_span span = {first, first};

	while (page_span_width(page, span) < least &&
	       span.last + 1 + spare < page->columns)
		span.last++;
	return span;
}

static void
plan_spans(struct page *page)
{
	/* A narrow grid leaves no room beside it. */
	while (page->columns < 3)
		use_width(page, page->columns, HELP_WIDTH);
	page->label = take_span(page, 0, LABEL_LEAST, 2);
	page->answer =
	    take_span(page, (lxw_col_t)(page->label.last + 1), ANSWER_LEAST, 1);
	page->help = (struct page_span){(lxw_col_t)(page->answer.last + 1),
	    (lxw_col_t)(page->columns - 1)};
	while (page_span_width(page, page->help) < HELP_LEAST)
		page->widths[page->help.last] += 1;
	page->all = (struct page_span){0, (lxw_col_t)(page->columns - 1)};
}

void
page_plan(struct page *page)
{
	const struct form *form = page->workbook->blank->form;

	for (size_t i = 0; i < form->table_count; i++)
		if (page_shape(&form->tables[i]) == SHAPE_GRID)
			plan_grid(page, &form->tables[i]);
	if (page->columns == 0) {
		use_width(page, 0, LABEL_WIDTH);
		use_width(page, 1, ANSWER_WIDTH);
		use_width(page, 2, HELP_WIDTH);
	}
	plan_spans(page);
	for (lxw_col_t i = 0; i < page->columns; i++)
		(void)worksheet_set_column(page->sheet, i, i, page->widths[i],
		    NULL);
	(void)worksheet_set_column(page->sheet, page->columns, page->columns, 1,
	    NULL);
}
