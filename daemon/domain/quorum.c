#include "domain/quorum.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	MAX_DEPTH = 16,
	MAX_BYTES = 500
};

struct reader {
	struct arena *arena;
	const char *p;
	struct err *err;
	int depth;
};

static const char g_right[] =
    "write LA & ICB & POLICE & (chair | vice), or 4 of 6 members";

static int
wrong(struct reader *reader, const char *what)
{
	return err_set(reader->err, ERR_INPUT, BLAME_OPERATOR, "%s; %s", what,
	    g_right);
}

static void
skip_space(struct reader *reader)
{
	while (isspace((unsigned char)*reader->p))
		reader->p++;
}

static struct quorum *
new_node(struct reader *reader, enum quorum_kind kind)
{
	struct quorum *node = arena_alloc(reader->arena, sizeof(*node));

	node->kind = kind;
	node->partner = "";
	return node;
}

/* A number of at most four digits and the word behind it; -1 if they are not
 * there. */
static int
take_number(struct reader *reader, const char *word)
{
	size_t digits = strspn(reader->p, "0123456789");
	size_t len = strlen(word);

	if (digits == 0 || digits > 4)
		return -1;
	int number = (int)strtol(reader->p, NULL, 10);
	reader->p += digits;
	skip_space(reader);
	if (!text_istarts(reader->p, word) ||
	    isalnum((unsigned char)reader->p[len]))
		return -1;
	reader->p += len;
	skip_space(reader);
	return number;
}

/* `4 of 6 members` */
static int
read_count(struct reader *reader, const struct quorum **ret_node)
{
	int need = take_number(reader, "of");
	int out_of = need < 0 ? -1 : take_number(reader, "members");

	if (out_of < 0)
		return wrong(reader, "a number must begin `N of M members`");
	if (need < 1 || out_of < need)
		return wrong(reader, "the first number must be from 1 to the "
				     "second");
	struct quorum *node = new_node(reader, QUORUM_COUNT);
	node->need = need;
	node->out_of = out_of;
	*ret_node = node;
	return 0;
}

static int
read_word(struct reader *reader, const struct quorum **ret_node)
{
	size_t len = 0;

	while (isalnum((unsigned char)reader->p[len]) ||
	       (len > 0 && strchr("-_", reader->p[len]) != NULL &&
		   reader->p[len] != '\0'))
		len++;
	if (len == 0)
		return wrong(reader, *reader->p == '\0'
					 ? "the rule ends too early"
					 : "a sign that has no meaning here");
	char *word = arena_strndup(reader->arena, reader->p, len);
	reader->p += len;
	if (text_ieq(word, "chair")) {
		*ret_node = new_node(reader, QUORUM_CHAIR);
		return 0;
	}
	if (text_ieq(word, "vice")) {
		*ret_node = new_node(reader, QUORUM_VICE);
		return 0;
	}
	struct quorum *node = new_node(reader, QUORUM_PARTNER);
	for (char *p = word; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	node->partner = word;
	*ret_node = node;
	return 0;
}

static int read_any(struct reader *reader, const struct quorum **ret_node);

static int
read_one(struct reader *reader, const struct quorum **ret_node)
{
	skip_space(reader);
	if (isdigit((unsigned char)*reader->p))
		return read_count(reader, ret_node);
	if (*reader->p != '(')
		return read_word(reader, ret_node);
	if (++reader->depth > MAX_DEPTH)
		return wrong(reader, "too many parentheses");
	reader->p++;
	int rc = read_any(reader, ret_node);
	if (rc < 0)
		return rc;
	if (*reader->p != ')')
		return wrong(reader, "a parenthesis is not closed");
	reader->p++;
	reader->depth--;
	return 0;
}

static int
read_all(struct reader *reader, const struct quorum **ret_node)
{
	int rc = read_one(reader, ret_node);

	for (skip_space(reader); rc == 0 && *reader->p == '&';
	     skip_space(reader)) {
		struct quorum *node = new_node(reader, QUORUM_ALL);
		reader->p++;
		node->left = *ret_node;
		rc = read_one(reader, &node->right);
		*ret_node = node;
	}
	return rc;
}

static int
read_any(struct reader *reader, const struct quorum **ret_node)
{
	int rc = read_all(reader, ret_node);

	while (rc == 0 && *reader->p == '|') {
		struct quorum *node = new_node(reader, QUORUM_ANY);
		reader->p++;
		node->left = *ret_node;
		rc = read_all(reader, &node->right);
		*ret_node = node;
	}
	return rc;
}

int
quorum_parse(struct arena *arena, const char *text,
    const struct quorum **ret_quorum, struct err *err)
{
	struct reader reader = {.arena = arena, .p = text, .err = err};
	const struct quorum *root = NULL;

	if (strlen(text) > MAX_BYTES)
		return wrong(&reader, "the rule is too long");
	int rc = read_any(&reader, &root);
	if (rc < 0)
		return rc;
	if (*reader.p != '\0')
		return wrong(&reader, "something stands behind the rule");
	*ret_quorum = root;
	return 0;
}
