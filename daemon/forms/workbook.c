#include "forms/workbook.h"

#include <string.h>

#include "base/text.h"
#include "forms/workbook_file.h"
#include "forms/workbook_page.h"

enum {
	ARENA_BYTES = 64 * 1024 * 1024,
	LABEL_WIDTH = 34, /* of "About this copy" */
	VALUE_WIDTH = 106,
	FOOTER_BYTES = 80 /* of a title: all of it may have 255 */
};

static const struct page_span FACT_LABEL = {0, 0}, FACT_VALUE = {1, 1};

/* --- names ---------------------------------------------------------------------------- */

/* For headers and footers, where & has a meaning. */
static const char *
footer_text(struct arena *arena, const char *text)
{
	CLEANUP(buf_done)
	struct buf out;
	size_t bytes = text_cut(text, FOOTER_BYTES);

	buf_init(&out, 2 * FOOTER_BYTES + 1);
	for (size_t i = 0; i < bytes; i++)
		buf_puts(&out,
		    text[i] == '&' ? "&&" : (const char[2]){text[i], '\0'});
	return arena_strdup(arena, buf_text(&out));
}

/* --- identity ------------------------------------------------------------------------------ */

static void
identify(struct page *page, const char *key, const char *value)
{
	if (*value == '\0')
		return;
	(void)worksheet_write_string(page->identity, page->map_row, 0, key,
	    NULL);
	(void)worksheet_write_string(page->identity, page->map_row, 1, value,
	    NULL);
	page->map_row++;
}

static void
write_identity(struct page *page)
{
	static const char *const header[] = {"cell", "table", "row", "field",
	    "given"};
	const struct workbook *workbook = page->workbook;
	const struct blank *blank = workbook->blank;

	identify(page, "lscpd", "1");
	identify(page, "kind", workbook->copy > 0 ? "copy" : "blank");
	identify(page, "form", blank->form->name);
	identify(page, "version",
	    arena_printf(page->arena, "%d", blank->form->version));
	identify(page, "round", blank->round);
	identify(page, "agency", blank->agency);
	identify(page, "ref", blank->ref);
	identify(page, "instance", workbook->head->instance);
	if (workbook->copy > 0)
		identify(page, "copy",
		    arena_printf(page->arena, "%d", workbook->copy));
	page->map_row++;
	for (size_t i = 0; i < COUNT_OF(header); i++)
		(void)worksheet_write_string(page->identity, page->map_row,
		    (lxw_col_t)i, header[i], NULL);
	page->map_row++;
}

void
page_map(struct page *page, lxw_row_t row, const struct page_answer *answer,
    const char *given)
{
	char cell[32];

	lxw_rowcol_to_cell(cell, row, answer->span.first);
	const char *const cells[] = {cell, answer->tbl, answer->map_row,
	    answer->field->name, given};
	for (size_t i = 0; i < COUNT_OF(cells); i++)
		if (cells[i][0] != '\0')
			(void)worksheet_write_string(page->identity,
			    page->map_row, (lxw_col_t)i, cells[i],
			    workbook_input(&page->styles, NUMBER_TEXT,
				LOOK_PLAIN));
	page->map_row++;
}

/* Behind the map's columns. */
static void
write_said(struct page *page)
{
	enum {
		COLUMN = 6
	};

	(void)worksheet_write_string(page->identity, 0, COLUMN, "text", NULL);
	for (size_t i = 0; i < page->said_count; i++)
		(void)worksheet_write_string(page->identity, (lxw_row_t)i + 1,
		    COLUMN, page->said[i],
		    workbook_input(&page->styles, NUMBER_TEXT, LOOK_PLAIN));
}

/* --- the sheets ------------------------------------------------------------------------------- */

/* Guidance, not security: whoever must may lift it, there is no password. */
static void
protect(lxw_worksheet *sheet)
{
	lxw_protection options = {.format_columns = LXW_TRUE,
	    .format_rows = LXW_TRUE,
	    .insert_rows = LXW_TRUE};

	worksheet_protect(sheet, NULL, &options);
}

static void
set_paper(struct page *page, lxw_worksheet *sheet)
{
	enum {
		A4 = 9
	};
	const struct workbook *workbook = page->workbook;

	worksheet_set_landscape(sheet);
	worksheet_set_paper(sheet, A4);
	worksheet_fit_to_pages(sheet, 1, 0);
	worksheet_set_margins(sheet, 0.4, 0.4, 0.45, 0.6);
	worksheet_gridlines(sheet, LXW_HIDE_ALL_GRIDLINES);
	(void)worksheet_set_footer(sheet,
	    arena_printf(page->arena,
		"&L&\"Arial,Regular\"&8 %s&C&\"Arial,Regular\"&8 %s, %s"
		"&R&\"Arial,Regular\"&8 Page &P of &N",
		footer_text(page->arena, workbook->head->marking),
		footer_text(page->arena, workbook->blank->form->title),
		footer_text(page->arena, workbook->blank->ref)));
}

static void
write_form(struct page *page)
{
	page_plan(page);
	page_write_head(page);
	lxw_row_t first = page->row + 1;
	page_write_body(page);
	set_paper(page, page->sheet);
	protect(page->sheet);
	(void)worksheet_ignore_errors(page->sheet,
	    LXW_IGNORE_NUMBER_STORED_AS_TEXT,
	    arena_printf(page->arena, "A1:XFD%u", page->row + 1));
	worksheet_activate(page->sheet);
	worksheet_set_selection(page->sheet, first, page->answer.first, first,
	    page->answer.first);
}

static void
write_fact(struct page *page, const struct workbook_fact *fact)
{
	bool is_heading = fact->value[0] == '\0';

	if (is_heading)
		(void)worksheet_set_row(page->sheet, page->row++, 9, NULL);
	page_write(page, page->row, FACT_LABEL, fact->label,
	    is_heading ? STYLE_BLOCK : STYLE_FACT_LABEL);
	page_write(page, page->row, FACT_VALUE, fact->value,
	    is_heading ? STYLE_BLOCK : STYLE_TEXT);
	(void)worksheet_set_row(page->sheet, page->row++,
	    workbook_height(workbook_lines(fact->value, VALUE_WIDTH)), NULL);
}

/* What stands behind a copy: versions, files, digests. None of it is asked
 * for, or among our words: readers pass over the whole sheet. */
static void
write_facts(const struct page *form)
{
	const struct workbook *workbook = form->workbook;
	struct page about = {.arena = form->arena,
	    .workbook = workbook,
	    .sheet = workbook_add_worksheet(form->book, WORKBOOK_ABOUT),
	    .styles = form->styles};

	(void)worksheet_set_column(about.sheet, 0, 0, LABEL_WIDTH, NULL);
	(void)worksheet_set_column(about.sheet, 1, 1, VALUE_WIDTH, NULL);
	(void)worksheet_set_row(about.sheet, 0, 30, NULL);
	page_write(&about, about.row++, FACT_LABEL, WORKBOOK_ABOUT,
	    STYLE_TITLE);
	for (size_t i = 0; i < workbook->fact_count; i++)
		write_fact(&about, &workbook->facts[i]);
	set_paper(&about, about.sheet);
	protect(about.sheet);
}

static void
write_sheets(struct page *page)
{
	struct arena *arena = page->arena;
	const struct workbook *workbook = page->workbook;
	const struct form *form = workbook->blank->form;
	lxw_doc_properties about = {.title = arena_strdup(arena, form->title),
	    .author = arena_strdup(arena, workbook->head->partnership),
	    .created = workbook->made_at};

	(void)workbook_set_properties(page->book, &about);
	page->sheet_name = workbook_sheet_name(arena, form->title);
	page->sheet = workbook_add_worksheet(page->book, page->sheet_name);
	if (workbook->copy > 0)
		write_facts(page);
	page->lists = workbook_add_worksheet(page->book, WORKBOOK_LISTS);
	page->identity = workbook_add_worksheet(page->book, WORKBOOK_IDENTITY);
	write_identity(page);
	write_form(page);
	write_said(page);
	worksheet_hide(page->lists);
	worksheet_hide(page->identity);
	protect(page->lists);
	protect(page->identity);
}

static void
write_workbook(const void *ctx, struct workbook_styles *styles)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	struct page page = {.arena = arena,
	    .workbook = ctx,
	    .book = styles->book,
	    .styles = *styles};

	write_sheets(&page);
}

int
workbook_write(const struct workbook *workbook, struct buf *out,
    struct err *err)
{
	return workbook_file_make(&(struct workbook_file){workbook,
				      write_workbook},
	    out, err);
}
