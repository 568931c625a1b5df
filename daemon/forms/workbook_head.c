/* What stands above the questions: whose it is, what to do, by when, where
 * to, and what never to write. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "forms/guide.h"
#include "forms/workbook_page.h"

/* So that a reader can tell our words from a person's. */
static void
remember(struct page *page, const char *text)
{
	for (size_t i = 0; i < page->said_count; i++)
		if (strcmp(page->said[i], text) == 0)
			return;
	*(const char **)arena_push(page->arena, &page->said, &page->said_count,
	    sizeof(*page->said)) = text;
}

void
page_write(struct page *page, lxw_row_t row, struct page_span span,
    const char *text, enum workbook_style style)
{
	lxw_format *format = workbook_style(&page->styles, style);

	if (style != STYLE_LABEL && style != STYLE_HEADER)
		remember(page, text);
	if (span.first < span.last)
		(void)worksheet_merge_range(page->sheet, row, span.first, row,
		    span.last, "", format);
	(void)worksheet_write_string(page->sheet, row, span.first,
	    arena_strndup(page->arena, text, text_cut(text, PAGE_TEXT_BYTES)),
	    format);
}

void
page_keep_lines(struct page *page, lxw_row_t row, size_t lines)
{
	/* Lines of a space each keep it so high when it is fitted to what is
	 * typed; no reader takes them for an answer. */
	static const char nbsp[] = "\u00A0\n";

	enum {
		MOST = 30, /* a row of more is no use on a screen */
		BYTES = sizeof(nbsp) - 1
	};

	char feeds[MOST * BYTES + 1];

	lines = lines > MOST ? MOST : lines;
	for (size_t i = 0; i < lines; i++)
		memcpy(feeds + i * BYTES, nbsp, BYTES);
	feeds[lines * BYTES - 1] = '\0';
	(void)worksheet_set_row(page->sheet, row, workbook_height(lines), NULL);
	if (lines > 1)
		(void)worksheet_write_string(page->sheet, row, page->columns,
		    feeds, workbook_style(&page->styles, STYLE_MARGIN));
}

static void
paragraph(struct page *page, const char *text, enum workbook_style style)
{
	if (*text == '\0')
		return;
	page_write(page, page->row, page->all, text, style);
	page_keep_lines(page, page->row,
	    workbook_lines(text, page_span_width(page, page->all)));
	page->row++;
}

static void
gap(struct page *page)
{
	(void)worksheet_set_row(page->sheet, page->row++, 7, NULL);
}

static void
fact(struct page *page, const char *label, const char *value)
{
	if (*value == '\0')
		return;
	page_write(page, page->row, page->label, label, STYLE_FACT_LABEL);
	page_write(page, page->row, page->answer, value, STYLE_FACT);
	page_keep_lines(page, page->row++, 1);
}

/* --- what to do -------------------------------------------------------------------- */

static const char *
where_to(const struct page *page)
{
	const struct workbook_head *head = page->workbook->head;
	const char *due = *head->due == '\0'
			      ? ""
			      : arena_printf(page->arena,
				    " Please send it by %s.", head->due);

	return arena_printf(page->arena,
	    "Save this file. Then reply to our email and attach it%s%s.%s",
	    *head->address == '\0' ? "" : ", or send it to ", head->address,
	    due);
}

static void
write_blank_words(struct page *page)
{
	paragraph(page,
	    "Type your answers in the boxes. A yellow box still needs an "
	    "answer. A white box is there if it fits.",
	    STYLE_STRONG);
	paragraph(page, where_to(page), STYLE_TEXT);
	paragraph(page,
	    "You do not have to finish in one go. Send what you have. We keep "
	    "it, and we tell you what is still missing.",
	    STYLE_TEXT);
}

static void
write_copy_words(struct page *page)
{
	const struct workbook *workbook = page->workbook;
	const char *ref = workbook->blank->ref;

	paragraph(page,
	    arena_printf(page->arena,
		workbook->note_count == 0
		    ? "This is what we understood of your return %s."
		    : "This is what we understood of your return %s. The "
		      "boxes with a letter need another look: the note beside "
		      "each says why.",
		ref),
	    STYLE_STRONG);
	paragraph(page,
	    arena_printf(page->arena,
		"To put something right, change it here. %s You do not need "
		"to change anything else.",
		where_to(page)),
	    STYLE_TEXT);
	if (workbook->note_count > 0)
		paragraph(page,
		    "A red box holds no answer that we could use. A yellow "
		    "box is still missing. The letters are those of our "
		    "email.",
		    STYLE_TEXT);
}

/* --- help for the whole form ----------------------------------------------------------- */

static const char *
sentence(struct arena *arena, const char *text)
{
	char *said = arena_printf(arena, "%s.", text);

	said[0] = (char)toupper((unsigned char)said[0]);
	return said;
}

/* The choice whose words are explained, if the form has one. */
static void
write_guide(struct page *page)
{
	const struct form *form = page->workbook->blank->form;
	const struct form_field *guided = guide_field(form);

	if (guided == NULL)
		return;
	gap(page);
	for (size_t i = 0; i < guided->choice->value_count; i++) {
		const char *value = guided->choice->values[i];
		page_write(page, page->row, page->label,
		    arena_printf(page->arena, "%s %s", guided->label, value),
		    STYLE_FACT);
		page_write(page, page->row, page->answer,
		    sentence(page->arena, guide_meaning(guided->choice, value)),
		    STYLE_TEXT);
		page_keep_lines(page, page->row++, 1);
	}
}

static void
write_facts(struct page *page)
{
	const struct workbook *workbook = page->workbook;
	const struct workbook_head *head = workbook->head;

	fact(page, "For", head->agency);
	fact(page, "Sent to", head->person);
	fact(page, "Send it by", head->due);
	fact(page, "Questions? Call us", head->phone);
	fact(page, "Reference", workbook->blank->ref);
}

void
page_write_head(struct page *page)
{
	const struct workbook *workbook = page->workbook;
	const struct form *form = workbook->blank->form;

	(void)worksheet_set_row(page->sheet, page->row, 30, NULL);
	page_write(page, page->row++, page->all, form->title, STYLE_TITLE);
	paragraph(page, workbook->head->partnership, STYLE_QUIET);
	gap(page);
	if (workbook->copy > 0)
		write_copy_words(page);
	else
		write_blank_words(page);
	gap(page);
	paragraph(page,
	    "Please do not put in a child's name, date of birth, NHS number "
	    "or address.",
	    STYLE_STRONG);
	paragraph(page, workbook->head->concern, STYLE_BOXED);
	gap(page);
	write_facts(page);
	write_guide(page);
	paragraph(page, form->help, STYLE_TEXT);
	gap(page);
}
