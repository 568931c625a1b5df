#include "parser/html.h"

#include <ctype.h>
#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/html_grid.h"
#include "parser/html_node.h"
#include "parser/html_render.h"

/* Bounds of what is given to libxml2, whose time grows with the square of the
 * attributes of a tag, and whose memory grows with the tags. */
enum {
	MAX_TAGS = 250000,
	MAX_ATTRIBUTES = 300,
	MAX_BLANKS = 1500
};

struct tag_scan {
	size_t bytes, attributes, blanks;
	char quote;
	char last;
};

/* Counts within one tag; true while it is within bounds. */
static bool
scan_in_tag(struct tag_scan *t, char c)
{
	bool blank = isspace((unsigned char)c) || c == '/';

	t->bytes++;
	if (t->quote != '\0') {
		if (c == t->quote)
			t->quote = '\0';
	} else if ((c == '"' || c == '\'') && t->last == '=') {
		t->quote = c;
	} else if (blank) {
		t->attributes++;
	}
	t->blanks += blank || c == '"' || c == '\'';
	if (!blank)
		t->last = c;
	return t->bytes <= LIMIT_HTML_TAG_BYTES &&
	       t->attributes <= MAX_ATTRIBUTES && t->blanks <= MAX_BLANKS;
}

/* Is the page one that libxml2 can be given? */
static bool
is_sane(const char *html, size_t bytes)
{
	struct tag_scan tag = {0};
	size_t tags = 0;
	bool in_tag = false;

	for (size_t i = 0; i < bytes; i++) {
		if (!in_tag && html[i] == '<') {
			in_tag = i + 1 < bytes &&
				 (isalpha((unsigned char)html[i + 1]) ||
				     html[i + 1] == '/');
			tag = (struct tag_scan){0};
			if (++tags > MAX_TAGS)
				return false;
		} else if (in_tag && html[i] == '>' && tag.quote == '\0') {
			in_tag = false;
		} else if (in_tag && !scan_in_tag(&tag, html[i])) {
			return false;
		}
	}
	return true;
}

/* Without `<![if …]>` and `<![endif]>`, which libxml2 would show as text. */
static char *
strip_conditions(struct arena *arena, const char *html, size_t bytes,
    size_t *ret_bytes)
{
	char *copy = arena_alloc(arena, bytes + 1);
	size_t len = 0;

	for (size_t i = 0; i < bytes; i++) {
		const char *end = NULL;
		if (bytes - i > 3 && memcmp(html + i, "<![", 3) == 0)
			end = memchr(html + i, '>',
			    bytes - i < 200 ? bytes - i : 200);
		/* `<![endif]-->` ends a comment, which must stay closed. */
		if (end != NULL && end[-1] != '-')
			i = (size_t)(end - html);
		else
			copy[len++] = html[i];
	}
	*ret_bytes = len;
	return copy;
}

static htmlDocPtr
parse(struct context *ctx, const char *html, size_t bytes)
{
	htmlParserCtxtPtr parser = htmlNewParserCtxt();

	if (parser == NULL)
		return NULL;
	htmlDocPtr doc =
	    htmlCtxtReadMemory(parser, html, (int)bytes, NULL, "UTF-8",
		HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		    HTML_PARSE_NONET | HTML_PARSE_COMPACT);
	/* These end the page early: nested too deep, or no memory. */
	if (doc == NULL || parser->errNo == XML_ERR_INTERNAL_ERROR ||
	    parser->errNo == XML_ERR_NO_MEMORY || parser->disableSAX != 0)
		ctx->record->over_limit = true;
	htmlFreeParserCtxt(parser);
	return doc;
}

bool
html_read(struct context *ctx, const char *html, size_t bytes,
    struct html_page *ret_page)
{
	struct html_page page = {0};
	struct render render;

	if (bytes > LIMIT_HTML_BYTES || !is_sane(html, bytes)) {
		ctx->record->over_limit = true;
		return false;
	}
	char *stripped = strip_conditions(ctx->arena, html, bytes, &bytes);
	htmlDocPtr doc = bytes == 0 ? NULL : parse(ctx, stripped, bytes);
	if (doc != NULL) {
		render_init(&render, ctx, &page.lines);
		render.page = &page;
		render_children(&render, (xmlNode *)doc);
		render_end_line(&render);
		render_done(&render);
		xmlFreeDoc(doc);
	}
	*ret_page = page;
	return true;
}
