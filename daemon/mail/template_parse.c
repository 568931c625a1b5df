#include <string.h>

#include "base/text.h"
#include "mail/template_node.h"

enum {
	NAME_BYTES = 100
};

struct parser {
	struct arena *arena;
	const struct template_source *source;
	struct problems *problems;
	const char *at; /* what comes next */
	int line;       /* of `at` */
	int depth;
};

struct tag {
	char sigil; /* # ^ / > ! { or 0 */
	const char *name;
	const char *begin, *end; /* with the line, where it stands alone */
	int line;
};

static void
complain(struct parser *p, int line, const char *what)
{
	problems_add(p->problems, p->source->path, line, "%s", what);
}

static void
advance(struct parser *p, const char *to)
{
	for (; p->at < to; p->at++)
		p->line += *p->at == '\n';
}

static struct node *
push_node(struct parser *p, struct node_list *list, enum node_kind kind)
{
	struct node *node = arena_push(p->arena, &list->items, &list->count,
	    sizeof(*list->items));

	node->kind = kind;
	node->line = p->line;
	return node;
}

static void
push_words(struct parser *p, struct node_list *list, const char *to)
{
	if (to > p->at) {
		struct node *node = push_node(p, list, NODE_TEXT);
		node->text = p->at;
		node->bytes = (size_t)(to - p->at);
	}
	advance(p, to);
}

/* Where a tag of a section stands alone on its line, the line is its own. */
static void
widen_to_line(const struct parser *p, struct tag *tag)
{
	const char *first = tag->begin, *last = tag->end;

	if (strchr("#^/>!", tag->sigil) == NULL || tag->sigil == '\0')
		return;
	while (
	    first > p->source->text && (first[-1] == ' ' || first[-1] == '\t'))
		first--;
	if (first > p->source->text && first[-1] != '\n')
		return;
	if (*last == '\r')
		last++;
	if (*last == '\n')
		last++;
	else if (*last != '\0')
		return;
	if (first >= p->at) {
		tag->begin = first;
		tag->end = last;
	}
}

/* Read the tag that begins at `open` ("{{"); false where it never ends. */
static bool
read_tag(struct parser *p, const char *open, struct tag *ret_tag)
{
	struct tag tag = {.begin = open, .line = p->line};
	const char *name = open + 2;
	const char *closing = "}}";

	for (const char *c = p->at; c < open; c++)
		tag.line += *c == '\n';
	if (*name != '\0' && strchr("#^/>!{", *name) != NULL)
		tag.sigil = *name++;
	if (tag.sigil == '{')
		closing = "}}}";
	const char *end = strstr(name, closing);
	if (end == NULL) {
		complain(p, tag.line,
		    "this tag has no end; write }} behind it");
		return false;
	}
	tag.name = text_trim(p->arena,
	    arena_strndup(p->arena, name, (size_t)(end - name)));
	tag.end = end + strlen(closing);
	widen_to_line(p, &tag);
	*ret_tag = tag;
	return true;
}

static bool
is_name(const char *name)
{
	size_t n =
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_.-");

	return n > 0 && n < NAME_BYTES && name[n] == '\0';
}

static bool
parse_until(struct parser *p, struct node_list *list, const struct tag *open);

static void
parse_section(struct parser *p, struct node_list *list, const struct tag *tag)
{
	struct node_list inside = {NULL, 0};
	struct node *node = push_node(p, list,
	    tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED);
	size_t place = list->count - 1;

	node->text = tag->name;
	node->line = tag->line;
	if (++p->depth > TEMPLATE_DEPTH) {
		complain(p, tag->line,
		    "sections are nested too deep; at most 30 are allowed");
		p->at += strlen(p->at);
	} else if (!parse_until(p, &inside, tag)) {
		problems_add(p->problems, p->source->path, tag->line,
		    "section '%s' has no end; write {{/%s}} where it ends",
		    tag->name, tag->name);
	}
	p->depth--;
	list->items[place].items = inside.items;
	list->items[place].item_count = inside.count;
}

/* What one tag means, but for closing ones. */
static void
parse_tag(struct parser *p, struct node_list *list, const struct tag *tag)
{
	static const struct {
		char sigil;
		enum node_kind kind;
	} simple[] = {{'\0', NODE_VALUE}, {'{', NODE_RAW}, {'>', NODE_PARTIAL}};

	if (tag->sigil == '#' || tag->sigil == '^') {
		parse_section(p, list, tag);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(simple); i++) {
		if (simple[i].sigil != tag->sigil)
			continue;
		struct node *node = push_node(p, list, simple[i].kind);
		node->text = tag->name;
		node->line = tag->line;
	}
}

/* Until the tag that closes `open`, or the end (NULL). False: never closed. */
static bool
parse_until(struct parser *p, struct node_list *list, const struct tag *open)
{
	struct tag tag;

	for (;;) {
		const char *next = strstr(p->at, "{{");
		if (next == NULL || !read_tag(p, next, &tag)) {
			push_words(p, list, p->at + strlen(p->at));
			return open == NULL;
		}
		push_words(p, list, tag.begin);
		advance(p, tag.end);
		if (tag.sigil == '!')
			continue;
		if (!is_name(tag.name)) {
			problems_add(p->problems, p->source->path, tag.line,
			    "'%s' is no name; use letters, digits, _ and dots",
			    tag.name);
		} else if (tag.sigil != '/') {
			parse_tag(p, list, &tag);
		} else if (open != NULL && strcmp(open->name, tag.name) == 0) {
			return true;
		} else {
			problems_add(p->problems, p->source->path, tag.line,
			    "{{/%s}} closes what is not open; %s%s", tag.name,
			    open == NULL ? "take it out" : "first comes {{/",
			    open == NULL ? "" : open->name);
		}
	}
}

void
template_parse(struct arena *arena, const struct template_source *source,
    struct problems *problems, struct node_list *ret_nodes)
{
	struct parser p = {.arena = arena,
	    .source = source,
	    .problems = problems,
	    .at = source->text,
	    .line = source->line};

	*ret_nodes = (struct node_list){NULL, 0};
	(void)parse_until(&p, ret_nodes, NULL);
}
