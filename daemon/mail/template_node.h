/*
 * A compiled template: a tree of nodes in the set's arena. Inside the room
 * mail only: template_parse.c makes it, template_render.c walks it,
 * template_load.c owns the set.
 */
#ifndef LSCPD_MAIL_TEMPLATE_NODE_H
#define LSCPD_MAIL_TEMPLATE_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problems.h"
#include "mail/template.h"

enum node_kind {
	NODE_TEXT,     /* words of the template */
	NODE_VALUE,    /* {{x}} */
	NODE_RAW,      /* {{{x}}} */
	NODE_SECTION,  /* {{#x}} */
	NODE_INVERTED, /* {{^x}} */
	NODE_PARTIAL,  /* {{> x}} */
};

struct node {
	enum node_kind kind;
	int line;
	const char *text; /* the words, or the name */
	size_t bytes;     /* of the words */
	struct node *items;
	size_t item_count;
	bool shown; /* some sample went through it */
};

struct node_list {
	struct node *items;
	size_t count;
};

struct template_file {
	const char *path; /* for messages */
	struct node_list nodes;
	bool there;
};

struct template_letter {
	const char *name;
	struct template_file parts[3]; /* by enum template_part */
};

struct template_set {
	struct arena *arena;
	const char *folder;
	struct template_letter *letters;
	size_t letter_count;
	json_t *samples;
};

/* What stands in a file: its name for messages, and the number of the line
 * at which `text` begins. */
struct template_source {
	const char *path;
	const char *text;
	int line;
};

/* Compile; what is wrong goes to `problems`. */
void template_parse(struct arena *arena, const struct template_source *source,
    struct problems *problems, struct node_list *ret_nodes);

struct template_letter *
template_find(const struct template_set *set, const char *name);

#endif
