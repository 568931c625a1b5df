#include "parser/authres.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

enum {
	MAX_METHODS = 32,
	MAX_PROPERTIES = 32
};

/*
 * Tokens: a word (anything but white space and specials), a quoted string, or
 * one of `;` and `=`. Comments vanish.
 */
enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_SIGN
};

struct scan {
	struct arena *arena;
	const char *pos;
	enum token_kind kind;
	const char *text; /* of a word or quoted string */
	char sign;
	bool broken; /* an open quote or comment: nothing behind it counts */
};

/* Behind the comment at `p`; comments nest (RFC 5322 3.2.2). */
static const char *
skip_comment(struct scan *s, const char *p)
{
	size_t depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	s->broken = true;
	return p;
}

static const char *
skip_space(struct scan *s, const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '(')
			return p;
		p = skip_comment(s, p);
	}
}

static void
read_quoted(struct scan *s)
{
	const char *p = s->pos + 1;
	char *text = arena_alloc(s->arena, strlen(p) + 1);
	size_t len = 0;

	while (*p != '\0' && *p != '"') {
		if (*p == '\\' && p[1] != '\0')
			p++;
		text[len++] = *p++;
	}
	s->broken = s->broken || *p == '\0';
	s->pos = *p == '\0' ? p : p + 1;
	s->kind = TOKEN_QUOTED;
	s->text = text;
}

static void
next(struct scan *s)
{
	s->pos = skip_space(s, s->pos);
	if (*s->pos == '\0' || s->broken) {
		s->kind = TOKEN_END;
	} else if (*s->pos == '"') {
		read_quoted(s);
	} else if (*s->pos == ';' || *s->pos == '=') {
		s->kind = TOKEN_SIGN;
		s->sign = *s->pos++;
	} else {
		size_t len = strcspn(s->pos, " \t\r\n;=\"(");
		s->kind = TOKEN_WORD;
		s->text =
		    text_lower(s->arena, arena_strndup(s->arena, s->pos, len));
		s->pos += len;
	}
}

static bool
is_sign(const struct scan *s, char sign)
{
	return s->kind == TOKEN_SIGN && s->sign == sign;
}

static bool
is_value(const struct scan *s)
{
	return s->kind == TOKEN_WORD || s->kind == TOKEN_QUOTED;
}

static void
skip_clause(struct scan *s)
{
	while (s->kind != TOKEN_END && !is_sign(s, ';'))
		next(s);
}

/* `ptype.property = value`, as in header.from=example.org; also "reason=…",
 * "action=…", whose ptype is "". The scan stands on the first word. */
static bool
read_property(struct scan *s, struct record_method *m)
{
	const char *key = s->text;
	const char *dot = strchr(key, '.');

	next(s);
	if (!is_sign(s, '='))
		return false;
	next(s);
	const char *value = "";
	if (is_value(s)) {
		value = text_lower(s->arena, s->text);
		next(s);
		/* A value may hold "=" itself: smtp.mailfrom=a+b=c@example */
		while (is_sign(s, '=')) {
			next(s);
			value = arena_printf(s->arena, "%s=%s", value,
			    is_value(s) ? s->text : "");
			if (is_value(s))
				next(s);
		}
	}
	if (m->property_count == MAX_PROPERTIES)
		return true;
	struct record_property *p = arena_push(s->arena, &m->properties,
	    &m->property_count, sizeof(*m->properties));
	p->ptype = dot == NULL
		       ? ""
		       : arena_strndup(s->arena, key, (size_t)(dot - key));
	p->property = dot == NULL ? key : dot + 1;
	p->value = address_wire(s->arena, value);
	return true;
}

/*
 * `method[/version] = result [reason="…"] [ptype.property=value …]`. The scan
 * stands on the method's word. A result in quotes is none.
 */
static void
read_method(struct scan *s, struct record_authres *a)
{
	const char *name = s->text;

	next(s);
	if (!is_sign(s, '=')) {
		skip_clause(s);
		return;
	}
	next(s);
	if (s->kind != TOKEN_WORD || a->method_count == MAX_METHODS) {
		skip_clause(s);
		return;
	}
	struct record_method m = {
	    .method = arena_strndup(s->arena, name, strcspn(name, "/")),
	    .result = s->text,
	};
	next(s);
	while (s->kind == TOKEN_WORD && read_property(s, &m))
		;
	/* Words that do not fit: the method stands, the rest is dropped. */
	skip_clause(s);
	if (s->broken)
		return;
	*(struct record_method *)arena_push(s->arena, &a->methods,
	    &a->method_count, sizeof(*a->methods)) = m;
}

/*
 * The first clause is the authserv-id, with a version perhaps, unless it is a
 * method at once, as Exchange Online writes.
 */
static void
read_authserv_id(struct scan *s, struct record_authres *a)
{
	struct scan ahead = *s;

	if (!is_value(s))
		return;
	next(&ahead);
	if (is_sign(&ahead, '='))
		return;
	a->authserv_id = text_lower(s->arena, s->text);
	skip_clause(s);
}

void
authres_read(struct arena *arena, struct record *record, const char *value)
{
	struct scan s = {.arena = arena, .pos = value};
	struct record_authres *a = arena_push(arena, &record->authres,
	    &record->authres_count, sizeof(*record->authres));

	a->authserv_id = "";
	a->received_above = (uint32_t)record->received_count;
	next(&s);
	read_authserv_id(&s, a);
	while (s.kind != TOKEN_END) {
		/* A clause of one word ("none", a tenant's domain) is skipped
		 * by read_method(), for no "=" follows it. */
		if (s.kind == TOKEN_WORD)
			read_method(&s, a);
		else if (is_sign(&s, ';'))
			next(&s);
		else
			skip_clause(&s);
	}
}
