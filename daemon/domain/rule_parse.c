#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "domain/rule.h"
#include "domain/rule_node.h"

enum {
	MAX_TOKENS = 200,
	MAX_DEPTH = 20,
	MAX_RULE_BYTES = 1000
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_NUMBER,
	TOKEN_QUOTED,
	TOKEN_SIGN
};

struct token {
	enum token_kind kind;
	const char *text;
};

struct reader {
	struct arena *arena;
	struct token *tokens; /* TOKEN_END at the end */
	size_t token_count, at;
	struct rule *rule;
	struct err *err;
	int depth;
};

static struct token
peek(const struct reader *reader, size_t ahead)
{
	size_t at = reader->at + ahead;

	BUG_ON(reader->token_count == 0);
	return reader
	    ->tokens[at < reader->token_count ? at : reader->token_count - 1];
}

static bool
is_text(struct token token, const char *text)
{
	return token.kind != TOKEN_QUOTED && token.kind != TOKEN_END &&
	       text_ieq(token.text, text);
}

/* Take the next token if it is `text`. */
static bool
take(struct reader *reader, const char *text)
{
	if (!is_text(peek(reader, 0), text))
		return false;
	reader->at++;
	return true;
}

/* Take a phrase of words, or nothing. */
static bool
take_words(struct reader *reader, const char *phrase)
{
	char **words = text_split(reader->arena, phrase, " ");
	size_t count = 0;

	for (; words[count] != NULL; count++)
		if (!is_text(peek(reader, count), words[count]))
			return false;
	reader->at += count;
	return true;
}

static int
wrong(struct reader *reader, const char *right)
{
	struct token token = peek(reader, 0);

	if (token.kind == TOKEN_END)
		return err_set(reader->err, ERR_CONFIG, BLAME_OPERATOR,
		    "the rule `%.80s` ends too early: %s", reader->rule->text,
		    right);
	return err_set(reader->err, ERR_CONFIG, BLAME_OPERATOR,
	    "the rule `%.80s` cannot be read at `%.40s`: %s",
	    reader->rule->text, token.text, right);
}

static void
add_token(struct reader *reader, enum token_kind kind, const char *text,
    size_t bytes)
{
	struct token *token = arena_push(reader->arena, &reader->tokens,
	    &reader->token_count, sizeof(*token));

	token->kind = kind;
	token->text = arena_strndup(reader->arena, text, bytes);
}

/* Words may hold dashes inside; `5-15` is a number, a sign and a number. */
static size_t
word_bytes(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_' ||
	       (unsigned char)text[len] >= 0x80 ||
	       (len > 0 && text[len] == '-' &&
		   isalpha((unsigned char)text[len + 1])))
		len++;
	return len;
}

static size_t
sign_bytes(const char *text)
{
	static const char *const pairs[] = {"<=", ">=", "!=", "=="};

	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		if (strncmp(text, pairs[i], 2) == 0)
			return 2;
	return strchr("<>=(),+-*/", *text) != NULL ? 1 : 0;
}

static size_t
number_bytes(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (len > 0 && text[len] == '.' &&
	    isdigit((unsigned char)text[len + 1]))
		len += 1 + strspn(text + len + 1, "0123456789");
	/* 2026-Q1 or 3rd is a word that begins with a digit. */
	return isalpha((unsigned char)text[len]) || text[len] == '_' ? 0 : len;
}

static const char *
read_token(struct reader *reader, const char *p)
{
	size_t len;

	if (*p == '\'') {
		const char *end = strchr(p + 1, '\'');
		if (end == NULL)
			return NULL;
		add_token(reader, TOKEN_QUOTED, p + 1, (size_t)(end - p - 1));
		return end + 1;
	}
	if ((len = number_bytes(p)) > 0)
		add_token(reader, TOKEN_NUMBER, p, len);
	else if ((len = word_bytes(p)) > 0)
		add_token(reader, TOKEN_WORD, p, len);
	else if ((len = sign_bytes(p)) > 0)
		add_token(reader, TOKEN_SIGN, p, len);
	return len > 0 ? p + len : NULL;
}

static int
read_tokens(struct reader *reader, const char *text)
{
	const char *p = text;

	while (*p != '\0') {
		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		const char *next = read_token(reader, p);
		if (next == NULL)
			return err_set(reader->err, ERR_CONFIG, BLAME_OPERATOR,
			    "the rule `%.80s` has a sign without meaning at "
			    "`%.20s`: write field names, numbers, values and "
			    "'quoted values'",
			    text, p);
		p = next;
		if (reader->token_count > MAX_TOKENS)
			return err_set(reader->err, ERR_CONFIG, BLAME_OPERATOR,
			    "the rule `%.80s` is too long: split it into "
			    "several checks",
			    text);
	}
	add_token(reader, TOKEN_END, "", 0);
	return 0;
}

static struct rule_node *
new_node(struct reader *reader, enum rule_kind kind,
    const struct rule_node *left, const struct rule_node *right)
{
	struct rule_node *node = arena_alloc(reader->arena, sizeof(*node));

	node->kind = kind;
	node->left = left;
	node->right = right;
	node->field = "";
	return node;
}

static struct rule_mention *
mention(struct reader *reader, const char *field, enum rule_use use,
    const char *value)
{
	struct rule *rule = reader->rule;
	struct rule_mention *item = arena_push(reader->arena, &rule->mentions,
	    &rule->mention_count, sizeof(*item));

	item->field = field;
	item->use = use;
	item->value = value;
	return item;
}

static bool
is_reserved(struct token token)
{
	static const char *const words[] = {"and", "or", "not", "is", "of",
	    "one", "within"};

	if (token.kind != TOKEN_WORD)
		return false;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text_ieq(token.text, words[i]))
			return true;
	return false;
}

static int
read_operand(struct reader *reader, const struct rule_node **ret_node)
{
	struct token token = peek(reader, 0);
	bool minus = token.kind == TOKEN_SIGN && strcmp(token.text, "-") == 0;
	struct rule_node *node;

	if (minus) {
		reader->at++;
		token = peek(reader, 0);
	}
	if (token.kind == TOKEN_NUMBER) {
		node = new_node(reader, RULE_NUMBER, NULL, NULL);
		node->number = strtod(token.text, NULL) * (minus ? -1 : 1);
	} else if (token.kind == TOKEN_WORD && !is_reserved(token) && !minus) {
		node = new_node(reader, RULE_FIELD, NULL, NULL);
		node->field = token.text;
	} else {
		return wrong(reader, "a field's name or a number must stand "
				     "here");
	}
	reader->at++;
	*ret_node = node;
	return 0;
}

struct sign {
	const char *text;
	enum rule_kind kind;
};

static const struct sign g_products[] = {
    {"*", RULE_MULTIPLY},
    {"/", RULE_DIVIDE},
    {NULL, RULE_AND},
};
static const struct sign g_sums[] = {
    {"+", RULE_ADD},
    {"-", RULE_SUBTRACT},
    {NULL, RULE_AND},
};
static const struct sign g_comparisons[] = {
    {"<=", RULE_LESS_EQUAL},
    {"<", RULE_LESS},
    {">=", RULE_GREATER_EQUAL},
    {">", RULE_GREATER},
    {"=", RULE_EQUAL},
    {"==", RULE_EQUAL},
    {"!=", RULE_NOT_EQUAL},
    {NULL, RULE_AND},
};

/* The sign that comes next, taken; or NULL. */
static const struct sign *
take_sign(struct reader *reader, const struct sign *signs)
{
	for (; signs->text != NULL; signs++)
		if (take(reader, signs->text))
			return signs;
	return NULL;
}

static int
read_product(struct reader *reader, const struct rule_node **ret_node)
{
	const struct rule_node *right = NULL;
	const struct sign *sign;
	int rc = read_operand(reader, ret_node);

	while (rc == 0 && (sign = take_sign(reader, g_products)) != NULL) {
		rc = read_operand(reader, &right);
		if (rc == 0)
			*ret_node =
			    new_node(reader, sign->kind, *ret_node, right);
	}
	return rc;
}

static int
read_sum(struct reader *reader, const struct rule_node **ret_node)
{
	const struct rule_node *right = NULL;
	const struct sign *sign;
	int rc = read_product(reader, ret_node);

	while (rc == 0 && (sign = take_sign(reader, g_sums)) != NULL) {
		rc = read_product(reader, &right);
		if (rc == 0)
			*ret_node =
			    new_node(reader, sign->kind, *ret_node, right);
	}
	return rc;
}

/* Fields of a sum are numbers; a field alone may be ordered in other ways. */
static void
mention_sum(struct reader *reader, const struct rule_node *node,
    enum rule_use use)
{
	if (node->kind == RULE_FIELD) {
		(void)mention(reader, node->field, use, "");
	} else if (node->kind != RULE_NUMBER) {
		mention_sum(reader, node->left, RULE_USE_NUMBER);
		mention_sum(reader, node->right, RULE_USE_NUMBER);
	}
}

static int
read_within(struct reader *reader, const struct rule_node *left,
    const struct rule_node **ret_node)
{
	static const char right_form[] =
	    "write `A within 0.5 of B`, with fields or numbers for A and B";
	const struct rule_node *right = NULL;
	struct token token = peek(reader, 0);

	if (token.kind != TOKEN_NUMBER || !is_text(peek(reader, 1), "of"))
		return wrong(reader, right_form);
	reader->at += 2;
	int rc = read_sum(reader, &right);
	if (rc < 0)
		return rc;
	struct rule_node *node = new_node(reader, RULE_WITHIN, left, right);
	node->number = strtod(token.text, NULL);
	mention_sum(reader, left, RULE_USE_NUMBER);
	mention_sum(reader, right, RULE_USE_NUMBER);
	*ret_node = node;
	return 0;
}

static int
read_comparison(struct reader *reader, const struct rule_node **ret_node)
{
	const struct rule_node *left = NULL, *right = NULL;
	int rc = read_sum(reader, &left);

	if (rc < 0)
		return rc;
	if (take(reader, "within"))
		return read_within(reader, left, ret_node);
	const struct sign *sign = take_sign(reader, g_comparisons);
	if (sign == NULL)
		return wrong(reader,
		    "`is`, `within` or a comparison (<= < >= > = !=) must "
		    "stand here");
	rc = read_sum(reader, &right);
	if (rc < 0)
		return rc;
	bool fields = left->kind == RULE_FIELD && right->kind == RULE_FIELD;
	enum rule_use use = fields ? RULE_USE_ORDER : RULE_USE_NUMBER;
	mention_sum(reader, left, use);
	mention_sum(reader, right, use);
	*ret_node = new_node(reader, sign->kind, left, right);
	return 0;
}

/* A value: one quoted, or words and numbers up to `,`, `and`, `or`, `)`. */
static const char *
read_value(struct reader *reader)
{
	const char *value = "";

	if (peek(reader, 0).kind == TOKEN_QUOTED)
		return reader->tokens[reader->at++].text;
	for (;;) {
		struct token token = peek(reader, 0);
		bool word =
		    token.kind == TOKEN_WORD || token.kind == TOKEN_NUMBER;
		if (!word || is_text(token, "and") || is_text(token, "or"))
			return value;
		value = *value == '\0' ? token.text
				       : arena_printf(reader->arena, "%s %s",
					     value, token.text);
		reader->at++;
	}
}

static int
read_values(struct reader *reader, struct rule_node *node, bool several)
{
	do {
		const char *value = read_value(reader);
		if (*value == '\0')
			return wrong(reader, "a value must stand here, such "
					     "as `score is one of 2, 3`");
		*(const char **)arena_push(reader->arena, &node->values,
		    &node->value_count, sizeof(*node->values)) = value;
		(void)mention(reader, node->field, RULE_USE_VALUE, value);
	} while (several && take(reader, ","));
	return 0;
}

static int
read_months(struct reader *reader, struct rule_node *node)
{
	struct token token = peek(reader, 0);

	if (token.kind != TOKEN_NUMBER || !is_text(peek(reader, 1), "months"))
		return wrong(reader, "write `is within 12 months`");
	reader->at += 2;
	(void)take_words(reader, "of today");
	node->kind = RULE_MONTHS;
	node->number = strtod(token.text, NULL);
	(void)mention(reader, node->field, RULE_USE_DAY, "");
	return node->number <= 1200 ? 0 : wrong(reader, "at most 1200 months");
}

static const struct {
	const char *phrase;
	enum rule_kind kind;
	enum rule_use use;
} g_states[] = {
    {"filled", RULE_FILLED, RULE_USE_ANY},
    {"empty", RULE_FILLED, RULE_USE_ANY},
    {"in the future", RULE_FUTURE, RULE_USE_DAY},
    {"in the past", RULE_PAST, RULE_USE_DAY},
    {"closed", RULE_CLOSED, RULE_USE_PERIOD},
};

/* What follows `FIELD is`, `not` taken off. */
static int
read_state(struct reader *reader, struct rule_node *node, bool *ret_negated)
{
	for (size_t i = 0; i < COUNT_OF(g_states); i++) {
		if (!take_words(reader, g_states[i].phrase))
			continue;
		node->kind = g_states[i].kind;
		*ret_negated = strcmp(g_states[i].phrase, "empty") == 0;
		(void)mention(reader, node->field, g_states[i].use, "");
		return 0;
	}
	if (take(reader, "within"))
		return read_months(reader, node);
	if (take_words(reader, "one of"))
		return read_values(reader, node, true);
	return read_values(reader, node, false);
}

static int
read_is(struct reader *reader, const struct rule_node **ret_node)
{
	struct rule_node *node = new_node(reader, RULE_ONE_OF, NULL, NULL);
	bool negated = false;

	node->field = peek(reader, 0).text;
	reader->at += 2;
	bool is_not = take(reader, "not");
	int rc = read_state(reader, node, &negated);
	if (rc < 0)
		return rc;
	*ret_node = node;
	if (is_not != negated)
		*ret_node = new_node(reader, RULE_NOT, node, NULL);
	return 0;
}

static int read_or(struct reader *reader, const struct rule_node **ret_node);

static int
read_test(struct reader *reader, const struct rule_node **ret_node)
{
	if (++reader->depth > MAX_DEPTH)
		return wrong(reader, "there are too many levels");
	int rc;
	if (take(reader, "not")) {
		rc = read_test(reader, ret_node);
		if (rc == 0)
			*ret_node = new_node(reader, RULE_NOT, *ret_node, NULL);
	} else if (take(reader, "(")) {
		rc = read_or(reader, ret_node);
		if (rc == 0 && !take(reader, ")"))
			rc = wrong(reader, "a `)` must stand here");
	} else if (peek(reader, 0).kind == TOKEN_WORD &&
		   !is_reserved(peek(reader, 0)) &&
		   is_text(peek(reader, 1), "is")) {
		rc = read_is(reader, ret_node);
	} else {
		rc = read_comparison(reader, ret_node);
	}
	reader->depth--;
	return rc;
}

static int
read_and(struct reader *reader, const struct rule_node **ret_node)
{
	const struct rule_node *right = NULL;
	int rc = read_test(reader, ret_node);

	while (rc == 0 && take(reader, "and")) {
		rc = read_test(reader, &right);
		if (rc == 0)
			*ret_node =
			    new_node(reader, RULE_AND, *ret_node, right);
	}
	return rc;
}

static int
read_or(struct reader *reader, const struct rule_node **ret_node)
{
	const struct rule_node *right = NULL;
	int rc = read_and(reader, ret_node);

	while (rc == 0 && take(reader, "or")) {
		rc = read_and(reader, &right);
		if (rc == 0)
			*ret_node = new_node(reader, RULE_OR, *ret_node, right);
	}
	return rc;
}

int
rule_parse(struct arena *arena, const char *text, struct rule **ret_rule,
    struct err *err)
{
	struct rule *rule = arena_alloc(arena, sizeof(*rule));
	struct reader reader = {.arena = arena, .rule = rule, .err = err};
	const struct rule_node *root = NULL;

	if (strlen(text) > MAX_RULE_BYTES)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "the rule `%.80s` is too long: split it into several "
		    "checks",
		    text);
	rule->text = arena_strdup(arena, text);
	int rc = read_tokens(&reader, rule->text);
	if (rc == 0)
		rc = read_or(&reader, &root);
	if (rc == 0 && peek(&reader, 0).kind != TOKEN_END)
		rc =
		    wrong(&reader, "`and` or `or` must stand here, or nothing");
	if (rc < 0)
		return rc;
	rule->root = root;
	*ret_rule = rule;
	return 0;
}
