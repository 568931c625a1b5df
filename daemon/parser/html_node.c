#include "parser/html_node.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool
html_node_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       text_ieq((const char *)node->name, name);
}

const char *
html_node_attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (text_ieq((const char *)a->name, name))
			return a->children != NULL &&
				       a->children->content != NULL
				   ? (const char *)a->children->content
				   : "";
	return "";
}

static bool
is_one_of(const xmlNode *node, const char *const *names)
{
	for (; *names != NULL; names++)
		if (html_node_is(node, *names))
			return true;
	return false;
}

/* Does the style hold `wanted` ("display:none"), blanks left out? */
static bool
has_style(const xmlNode *node, const char *wanted)
{
	const char *style = html_node_attribute(node, "style");

	for (; *style != '\0'; style++) {
		const char *p = style, *w = wanted;
		while (*w != '\0' && *p != '\0') {
			if (isspace((unsigned char)*p)) {
				p++;
			} else if (tolower((unsigned char)*p) == *w) {
				p++;
				w++;
			} else {
				break;
			}
		}
		if (*w == '\0')
			return true;
	}
	return false;
}

bool
html_node_is_hidden(const xmlNode *node)
{
	static const char *const names[] = {"style", "script", "head", "title",
	    "meta", "link", "object", "template", "select", "noscript", "xml",
	    NULL};

	return is_one_of(node, names) || has_style(node, "display:none") ||
	       has_style(node, "mso-hide:all") ||
	       xmlHasProp((xmlNode *)(uintptr_t)node, BAD_CAST "hidden") !=
		   NULL;
}

bool
html_node_is_block(const xmlNode *node)
{
	static const char *const names[] = {"p", "div", "tr", "li", "ul", "ol",
	    "table", "tbody", "thead", "h1", "h2", "h3", "h4", "h5", "h6",
	    "blockquote", "pre", "hr", "dl", "dt", "dd", "center", "form",
	    "section", "article", "header", "footer", "caption", "body",
	    "address", "td", "th", "fieldset", "legend", NULL};

	return is_one_of(node, names);
}

/* Does a class or id attribute contain `word` as one of its words? */
static bool
has_word(const xmlNode *node, const char *attribute, const char *word)
{
	const char *value = html_node_attribute(node, attribute);
	size_t len = strlen(word);

	for (const char *p = value; (p = text_ifind(p, word)) != NULL; p++)
		if ((p == value || p[-1] == ' ') &&
		    (p[len] == '\0' || p[len] == ' '))
			return true;
	return false;
}

bool
html_node_is_quote(const xmlNode *node)
{
	if (!html_node_is(node, "blockquote"))
		return false;
	/* Some use it for indentation, and then take its border off. */
	return text_ieq(html_node_attribute(node, "type"), "cite") ||
	       has_word(node, "class", "gmail_quote") ||
	       !(has_style(node, "border:none") ||
		   has_style(node, "border:medium"));
}

/*
 * Class names and ids with which mail programs mark. They are often written
 * with a prefix (`x_divRplyFwdMsg`), so the end of the word is compared.
 */
static const struct {
	const char *word;
	enum line_mark mark;
} g_marks[] = {
    {"gmail_signature", MARK_SIGNATURE},
    {"moz-signature", MARK_SIGNATURE},
    {"Signature", MARK_SIGNATURE},
    {"ms-outlook-mobile-signature", MARK_SIGNATURE},
    {"protonmail_signature_block", MARK_SIGNATURE},
    {"divRplyFwdMsg", MARK_REST_QUOTED},
    {"appendonsend", MARK_REST_QUOTED},
    {"mail-editor-reference-message-container", MARK_REST_QUOTED},
    {"OutlookMessageHeader", MARK_REST_QUOTED},
    {"stopSpelling", MARK_REST_QUOTED},
    {"reply-intro", MARK_REST_QUOTED},
    {"yahoo_quoted", MARK_QUOTED},
    {"protonmail_quote", MARK_QUOTED},
    {"zmail_extra", MARK_QUOTED},
    {"moz-cite-prefix", MARK_QUOTED},
    {"gmail_attr", MARK_QUOTED},
};

static bool
ends_in_mark(const char *value, const char *mark)
{
	size_t len = strlen(mark), all;

	while (*value != '\0') {
		value += strspn(value, " ");
		all = strcspn(value, " ");
		if (all >= len &&
		    strncasecmp(value + all - len, mark, len) == 0 &&
		    (all == len || value[all - len - 1] == '_'))
			return true;
		value += all;
	}
	return false;
}

/* The line above the header block in Outlook's replies. */
static bool
is_outlook_border(const xmlNode *node)
{
	return html_node_is(node, "div") &&
	       (has_style(node, "border-top:solid#e1e1e1") ||
		   has_style(node, "border-top:solid#b5c4df"));
}

enum line_mark
html_node_mark(const xmlNode *node)
{
	const char *class = html_node_attribute(node, "class");
	const char *id = html_node_attribute(node, "id");

	for (size_t i = 0; i < COUNT_OF(g_marks); i++)
		if ((*class != '\0' && ends_in_mark(class, g_marks[i].word)) ||
		    (*id != '\0' && ends_in_mark(id, g_marks[i].word)))
			return g_marks[i].mark;
	return is_outlook_border(node) ? MARK_REST_QUOTED : MARK_NONE;
}

unsigned
html_node_span(const xmlNode *node, const char *attribute, unsigned max)
{
	long value = strtol(html_node_attribute(node, attribute), NULL, 10);

	if (value < 1)
		return 1;
	return value > (long)max ? max : (unsigned)value;
}

bool
html_node_has_share_link(const xmlNode *node)
{
	return html_node_is(node, "a") &&
	       lines_have_share_link(html_node_attribute(node, "href"));
}
