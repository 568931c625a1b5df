/*
 * What an element is to us, from its name and attributes: whether it shows,
 * whether it breaks the line, and what mail programs mean by it.
 */
#ifndef LSCPD_PARSER_HTML_NODE_H
#define LSCPD_PARSER_HTML_NODE_H

#include <libxml/HTMLtree.h>
#include <stdbool.h>

#include "parser/lines.h"

bool html_node_is(const xmlNode *node, const char *name);
bool html_node_is_hidden(const xmlNode *node);
/* Begins and ends a line. */
bool html_node_is_block(const xmlNode *node);
/* A blockquote, or what stands for one. */
bool html_node_is_quote(const xmlNode *node);
/* MARK_NONE, or what its class, id or style says of the content. */
enum line_mark html_node_mark(const xmlNode *node);
/* An attribute's number between 1 and `max`; 1 where there is none. */
unsigned
html_node_span(const xmlNode *node, const char *attribute, unsigned max);
/* A link to a share in its href. */
bool html_node_has_share_link(const xmlNode *node);
/* The value of an attribute, borrowed; "" where there is none. */
const char *html_node_attribute(const xmlNode *node, const char *name);

#endif
