#include "parser/html_render.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/html_grid.h"
#include "parser/html_node.h"

/* Looked back over to number a list's item; nobody answers by higher ones. */
enum {
	MAX_SIBLINGS = 200
};

void
render_init(struct render *r, struct context *ctx, struct lines *lines)
{
	*r = (struct render){.ctx = ctx, .lines = lines};
	buf_init(&r->text, LIMIT_LINE_BYTES);
}

void
render_done(struct render *r)
{
	buf_done(&r->text);
}

static void
push_line(struct render *r, const char *text)
{
	struct line *line = lines_push(r->ctx, r->lines);
	size_t len = strlen(text);

	if (line == NULL)
		return;
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	line->text = arena_strndup(r->ctx->arena, text, len);
	line->depth = r->depth;
	line->number = (uint32_t)r->lines->count;
	line->mark = r->mark;
	line->has_share_link =
	    r->has_share_link || lines_have_share_link(line->text);
	r->has_share_link = false;
	/* The rest is marked by its first line. */
	if (r->mark == MARK_REST_QUOTED)
		r->mark = MARK_NONE;
}

void
render_end_line(struct render *r)
{
	if (r->text.len > 0 || r->has_break)
		push_line(r, buf_text(&r->text));
	buf_clear(&r->text);
	r->gap = r->has_break = false;
}

void
render_put_line(struct render *r, const char *text)
{
	render_end_line(r);
	push_line(r, text);
}

/* A full line is ended and goes on in the next one: no text is lost. */
static void
put(struct render *r, const char *text, size_t bytes)
{
	if (r->text.len + bytes > LIMIT_LINE_BYTES)
		render_end_line(r);
	buf_add(&r->text, text, bytes);
	r->has_break = false;
}

/* A character that is no ink: its length, and whether it parts words. */
static size_t
blank_at(const char *p, bool *ret_parts)
{
	static const struct {
		char bytes[4];
		bool parts;
	} blanks[] = {
	    {"\xc2\xa0", true},      /* no-break space */
	    {"\xe2\x80\xaf", true},  /* narrow no-break space */
	    {"\xe2\x80\x8b", false}, /* zero-width space */
	    {"\xc2\xad", false},     /* soft hyphen */
	    {"\xe2\x81\xa0", false}, /* word joiner */
	    {"\xef\xbb\xbf", false}, /* zero-width no-break space */
	    {"\xcd\x8f", false},     /* grapheme joiner, used as filler */
	};

	*ret_parts = true;
	if (isspace((unsigned char)*p))
		return 1;
	if ((unsigned char)*p < 0x80)
		return 0;
	for (size_t i = 0; i < COUNT_OF(blanks); i++) {
		size_t len = strlen(blanks[i].bytes);
		if (strncmp(p, blanks[i].bytes, len) == 0) {
			*ret_parts = blanks[i].parts;
			return len;
		}
	}
	return 0;
}

static void
put_text(struct render *r, const char *text)
{
	bool parts;

	while (*text != '\0') {
		size_t len = blank_at(text, &parts);
		if (len == 0) {
			if (r->gap && r->text.len > 0)
				put(r, " ", 1);
			r->gap = false;
			for (len = 1;
			     len < 256 && text[len] != '\0' &&
			     (((unsigned char)text[len] & 0xc0) == 0x80 ||
				 blank_at(text + len, &parts) == 0);
			     len++)
				;
			len = text_cut(text, len);
			put(r, text, len == 0 ? 1 : len);
			len = len == 0 ? 1 : len;
		} else {
			r->gap = r->gap || parts;
		}
		text += len;
	}
}

static void
put_preformatted(struct render *r, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");
		for (size_t done = 0; done < len;) {
			size_t n = len - done > 4096
				       ? text_cut(text + done, 4096)
				       : len - done;
			put(r, text + done, n);
			done += n;
		}
		text += len;
		if (*text == '\0')
			return;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
		r->has_break = r->has_break || r->text.len == 0;
		render_end_line(r);
	}
}

/* "1. ", "B. " in front of an ordered list's item: people answer by them. */
static void
put_number(struct render *r, const xmlNode *item)
{
	const xmlNode *list = item->parent;

	if (list == NULL || !html_node_is(list, "ol"))
		return;
	long n = (long)html_node_span(list, "start", 9999);
	size_t steps = 0;
	for (const xmlNode *p = item->prev; p != NULL; p = p->prev) {
		n += html_node_is(p, "li");
		if (++steps > MAX_SIBLINGS)
			return;
	}
	if (*html_node_attribute(item, "value") != '\0')
		n = (long)html_node_span(item, "value", 9999);
	const char *type = html_node_attribute(list, "type");
	char number[24];
	int len =
	    (*type == 'a' || *type == 'A') && n <= 26
		? snprintf(number, sizeof(number), "%c. ", (int)(*type + n - 1))
		: snprintf(number, sizeof(number), "%ld. ", n);
	put(r, number, (size_t)len);
}

static void
render_block(struct render *r, const xmlNode *node)
{
	size_t before;

	render_end_line(r);
	before = r->lines->count;
	if (html_node_is(node, "li"))
		put_number(r, node);
	render_children(r, node);
	/* An empty paragraph is a blank line; an empty cell is nothing. */
	if (r->lines->count == before && r->text.len == 0 && r->gap &&
	    (html_node_is(node, "p") || html_node_is(node, "div")))
		r->has_break = true;
	render_end_line(r);
}

static void
render_inside(struct render *r, const xmlNode *node)
{
	if (html_node_is(node, "table") && html_grid_render(r, node))
		return;
	if (html_node_is_block(node))
		render_block(r, node);
	else
		render_children(r, node);
}

static void
render_element(struct render *r, const xmlNode *node)
{
	struct render saved = *r;
	enum line_mark mark = html_node_mark(node);

	if (html_node_is_hidden(node))
		return;
	if (html_node_is(node, "br")) {
		r->has_break = r->text.len == 0;
		render_end_line(r);
		return;
	}
	r->has_share_link = r->has_share_link || html_node_has_share_link(node);
	if (mark != MARK_NONE || html_node_is_quote(node))
		render_end_line(r);
	r->depth += html_node_is_quote(node);
	r->in_pre = r->in_pre || html_node_is(node, "pre");
	if (mark == MARK_REST_QUOTED || r->mark == MARK_NONE)
		r->mark = mark == MARK_NONE ? r->mark : mark;
	render_inside(r, node);
	if (mark != MARK_NONE || r->depth != saved.depth)
		render_end_line(r);
	/* "The rest" waits for a first line, even behind its element. */
	if (r->mark != MARK_REST_QUOTED)
		r->mark =
		    saved.mark == MARK_REST_QUOTED ? MARK_NONE : saved.mark;
	r->depth = saved.depth;
	r->in_pre = saved.in_pre;
}

void
render_children(struct render *r, const xmlNode *parent)
{
	if (r->level >= LIMIT_HTML_DEPTH + 8) {
		r->ctx->record->over_limit = true;
		return;
	}
	r->level++;
	for (const xmlNode *n = parent->children; n != NULL; n = n->next) {
		if (n->type == XML_ELEMENT_NODE)
			render_element(r, n);
		else if (n->type != XML_TEXT_NODE || n->content == NULL)
			continue; /* comments, declarations */
		else if (r->in_pre)
			put_preformatted(r, (const char *)n->content);
		else
			put_text(r, (const char *)n->content);
	}
	r->level--;
}
