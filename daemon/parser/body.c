#include "parser/body.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/html.h"
#include "parser/visible.h"

const char *
body_charset(GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));

	return type == NULL
		   ? NULL
		   : g_mime_content_type_get_parameter(type, "charset");
}

static bool
is_html(GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));

	return g_mime_content_type_is_type(type, "text", "html");
}

static enum plain_format
plain_format(GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *format = g_mime_content_type_get_parameter(type, "format");
	const char *delsp = g_mime_content_type_get_parameter(type, "delsp");

	if (format == NULL || !text_ieq(format, "flowed"))
		return PLAIN_FIXED;
	return delsp != NULL && text_ieq(delsp, "yes") ? PLAIN_FLOWED_DELSP
						       : PLAIN_FLOWED;
}

/*
 * OpenPGP within text (RFC 4880 7): armour and signature are marked, escaped
 * dashes mended; an encrypted text is one that nobody here can read.
 */
static void
take_armour(struct context *ctx, struct lines *lines)
{
	enum {
		OUTSIDE,
		HEADER,
		SIGNED,
		ARMOUR
	} state = OUTSIDE;

	for (size_t i = 0; i < lines->count; i++) {
		struct line *line = &lines->items[i];
		const char *text = line->text;
		bool mark = state == HEADER || state == ARMOUR;
		if (strcmp(text, "-----BEGIN PGP SIGNED MESSAGE-----") == 0) {
			state = HEADER;
			mark = ctx->record->is_signed = true;
		} else if (text_istarts(text, "-----BEGIN PGP SIGNATURE")) {
			state = ARMOUR;
			mark = true;
		} else if (text_istarts(text, "-----BEGIN PGP MESSAGE")) {
			ctx->record->is_encrypted = state == OUTSIDE;
			state = ARMOUR;
			mark = true;
		} else if (text_istarts(text, "-----END PGP")) {
			state = OUTSIDE;
		} else if (state == HEADER && *text == '\0') {
			state = SIGNED;
		} else if (state == SIGNED && strncmp(text, "- ", 2) == 0) {
			line->text += 2;
		}
		if (mark && line->depth == 0)
			line->mark = MARK_SIGNATURE;
	}
}

static bool
read_page(struct context *ctx, GMimePart *part, const struct leaf *leaf,
    struct html_page *ret_page)
{
	struct buf text CLEANUP(buf_done);
	bool ok = true;

	buf_init(&text, LIMIT_HTML_BYTES);
	charset_decode(&text, body_charset(part), ctx->fallback,
	    buf_text(&leaf->content), leaf->content.len);
	if (leaf->content.over || text.over)
		ctx->record->over_limit = true;
	if (!context_take(ctx, &ctx->body_left, text.len))
		return false;
	if (is_html(part)) {
		ok = html_read(ctx, buf_text(&text), text.len, ret_page);
	} else {
		lines_of_plain(ctx, buf_text(&text), plain_format(part),
		    &ret_page->lines);
		take_armour(ctx, &ret_page->lines);
	}
	return ok;
}

static void
add_tables(struct context *ctx, const struct html_page *page)
{
	struct record *r = ctx->record;

	for (size_t i = 0; i < page->table_count; i++) {
		struct html_table *t = &page->tables[i];
		if (r->table_count == BUDGET_TABLES) {
			r->over_limit = true;
			return;
		}
		if (t->line < page->lines.count)
			t->table.whose = page->lines.items[t->line].whose;
		*(struct record_table *)arena_push(ctx->arena, &r->tables,
		    &r->table_count, sizeof(*r->tables)) = t->table;
	}
}

static void
add_page(struct context *ctx, struct html_page *page,
    enum record_body_kind kind)
{
	struct record *r = ctx->record;

	visible_judge(ctx, &page->lines);
	struct record_body *body = arena_push(ctx->arena, &r->bodies,
	    &r->body_count, sizeof(*r->bodies));
	body->kind = kind;
	visible_segments(ctx, &page->lines, body);
	add_tables(ctx, page);
	for (size_t i = 0; i < page->lines.count; i++)
		if (page->lines.items[i].has_share_link &&
		    page->lines.items[i].whose == WHOSE_NEW)
			r->has_share_link = true;
}

void
body_add(struct context *ctx, GMimePart *part, const struct leaf *leaf)
{
	struct html_page page = {0};

	if (read_page(ctx, part, leaf, &page))
		add_page(ctx, &page, is_html(part) ? BODY_HTML : BODY_PLAIN);
}

void
body_add_loose(struct context *ctx, const char *text)
{
	struct buf clean CLEANUP(buf_done);
	struct html_page page = {0};

	buf_init(&clean, LIMIT_TEXT_BYTES);
	if (text == NULL || text_is_blank(text))
		return;
	charset_decode(&clean, NULL, ctx->fallback, text,
	    strnlen(text, LIMIT_TEXT_BYTES));
	if (!context_take(ctx, &ctx->body_left, clean.len))
		return;
	lines_of_plain(ctx, buf_text(&clean), PLAIN_FIXED, &page.lines);
	add_page(ctx, &page, BODY_PLAIN);
}

void
body_add_returned(struct context *ctx, GMimePart *part, const struct leaf *leaf)
{
	struct html_page page = {0};
	bool was_signed = ctx->record->is_signed;
	bool was_encrypted = ctx->record->is_encrypted;

	if (!read_page(ctx, part, leaf, &page))
		return;
	/* Flags are about the message itself, not about what it carries. */
	ctx->record->is_signed = was_signed;
	ctx->record->is_encrypted = was_encrypted;
	for (size_t i = 0; i < page.lines.count; i++) {
		buf_puts(ctx->returned, page.lines.items[i].text);
		buf_putc(ctx->returned, '\n');
	}
}
