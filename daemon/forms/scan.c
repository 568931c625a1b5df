#include "forms/scan.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	MAX_DEPTH = 8,
	MAX_PATH = 600
};

/* What may stand in each kind of section. */
static const struct {
	const char *kind, *options, *sections;
} g_sections[] = {
    {"", "", "form"},
    {"form", "title|version|help|senders|period|sign-off|handler|one-per",
	"choice|field|table|check"},
    {"choice", "values|synonyms", ""},
    {"field",
	"label|type|choice|required|required-if|check|message|pattern|min|"
	"max|help|small-counts|prefill|also",
	""},
    {"column",
	"label|type|choice|required|required-if|check|message|pattern|min|"
	"max|help|small-counts|prefill|also",
	""},
    {"table", "label|row-label|rows|min-rows|max-rows|key|also",
	"column|row|check"},
    {"row", "label|also", ""},
    {"check", "message", ""},
};

struct scanner {
	struct arena *arena;
	const char *p, *file;
	int line;
	struct form_faults *faults;
	struct scan *scan;
	const char *kinds[MAX_DEPTH], *paths[MAX_DEPTH];
	size_t depth;
};

void
fault_add(struct arena *arena, struct form_faults *faults, const char *file,
    int line, const char *format, ...)
{
	va_list args;

	if (faults->count >= LIMIT_PROBLEMS)
		return;
	va_start(args, format);
	const char *text = arena_vprintf(arena, format, args);
	va_end(args);
	*(const char **)arena_push(arena, &faults->items, &faults->count,
	    sizeof(*faults->items)) =
	    arena_printf(arena, "%s:%d: %s", file, line, text);
}

static bool
list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += len)
		if ((p == list || p[-1] == '|') &&
		    (p[len] == '|' || p[len] == '\0'))
			return true;
	return false;
}

/* White space and comments (#, //, and C's). */
static void
skip_blank(struct scanner *s)
{
	while (*s->p != '\0') {
		if (*s->p == '#' || strncmp(s->p, "//", 2) == 0) {
			s->p += strcspn(s->p, "\n");
		} else if (strncmp(s->p, "/*", 2) == 0) {
			const char *end = strstr(s->p + 2, "*/");
			end = end != NULL ? end + 2 : s->p + strlen(s->p);
			for (; s->p < end; s->p++)
				s->line += *s->p == '\n';
		} else if (isspace((unsigned char)*s->p)) {
			s->line += *s->p++ == '\n';
		} else {
			break;
		}
	}
}

/* A word, a quoted text (without its quotes), or one sign; NULL at the end. */
static const char *
next_token(struct scanner *s)
{
	skip_blank(s);
	if (*s->p == '\0')
		return NULL;
	const char *start = s->p;
	if (*start == '"' || *start == '\'') {
		for (s->p++; *s->p != '\0' && *s->p != *start; s->p++) {
			if (*s->p == '\\' && s->p[1] != '\0')
				s->p++;
			s->line += *s->p == '\n';
		}
		size_t len = (size_t)(s->p - start - 1);
		s->p += *s->p != '\0';
		return arena_strndup(s->arena, start + 1, len);
	}
	if (strchr("{}=,+()", *s->p) != NULL)
		s->p++;
	else
		s->p += strcspn(s->p, " \t\r\n\v\f{}=,+()\"'#");
	if (s->p == start)
		s->p++;
	return arena_strndup(s->arena, start, (size_t)(s->p - start));
}

static size_t
kind_index(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(g_sections); i++)
		if (strcmp(g_sections[i].kind, kind) == 0)
			return i;
	return 0;
}

static void
note_place(struct scanner *s, const char *path, int line)
{
	struct scan_place *place = arena_push(s->arena, &s->scan->places,
	    &s->scan->count, sizeof(*place));

	place->path = path;
	place->line = line;
}

static void
note_option(struct scanner *s, const char *name, int line)
{
	size_t kind = kind_index(s->kinds[s->depth]);
	const char *path =
	    arena_printf(s->arena, "%s/%s", s->paths[s->depth], name);

	if (!list_has(g_sections[kind].options, name)) {
		fault_add(s->arena, s->faults, s->file, line,
		    "`%s` has no meaning in a %s; one of: %s", name,
		    *g_sections[kind].kind == '\0' ? "file"
						   : g_sections[kind].kind,
		    *g_sections[kind].options == '\0'
			? "form \"NAME\" { … }"
			: g_sections[kind].options);
		return;
	}
	for (size_t i = 0; i < s->scan->count; i++)
		if (strcmp(s->scan->places[i].path, path) == 0)
			fault_add(s->arena, s->faults, s->file, line,
			    "`%s` stands here twice; keep one", name);
	note_place(s, path, line);
}

static void
open_section(struct scanner *s, const char *kind, const char *title, int line)
{
	size_t above = kind_index(s->kinds[s->depth]);
	const char *path = s->paths[s->depth];

	if (!list_has(g_sections[above].sections, kind))
		fault_add(s->arena, s->faults, s->file, line,
		    "a `%s` cannot stand here; one of: %s", kind,
		    g_sections[above].sections);
	path = arena_printf(s->arena, "%s%s%s %s", path,
	    *path == '\0' ? "" : "/", kind, title);
	if (s->depth + 1 < MAX_DEPTH && strlen(path) < MAX_PATH)
		s->depth++;
	s->kinds[s->depth] = kind;
	s->paths[s->depth] = path;
	note_place(s, path, line);
}

/* Over `{a, b}` or one value. */
static void
skip_value(struct scanner *s)
{
	const char *token = next_token(s);

	if (token == NULL || strcmp(token, "{") != 0)
		return;
	while ((token = next_token(s)) != NULL && strcmp(token, "}") != 0)
		;
}

void
scan_text(struct arena *arena, const char *source, const char *file,
    struct form_faults *faults, struct scan *ret_scan)
{
	struct scanner s = {.arena = arena,
	    .p = source,
	    .file = file,
	    .line = 1,
	    .faults = faults,
	    .scan = ret_scan};
	const char *token;

	s.kinds[0] = s.paths[0] = "";
	while ((token = next_token(&s)) != NULL) {
		int line = s.line;
		if (strcmp(token, "}") == 0) {
			s.depth -= s.depth > 0;
			continue;
		}
		struct scanner before = s;
		const char *next = next_token(&s);
		if (next == NULL)
			break;
		if (strcmp(next, "=") == 0 || strcmp(next, "+") == 0) {
			note_option(&s, token, line);
			skip_value(&s);
			continue;
		}
		const char *brace =
		    strcmp(next, "{") == 0 ? next : next_token(&s);
		if (brace != NULL && strcmp(brace, "{") == 0)
			open_section(&s, token, next == brace ? "" : next,
			    line);
		else
			s = before; /* libconfuse will say what is wrong */
	}
	ret_scan->last_line = s.line;
}

int
scan_line(const struct scan *scan, const char *path)
{
	size_t len = strlen(path);

	for (;;) {
		for (size_t i = 0; i < scan->count; i++)
			if (strncmp(scan->places[i].path, path, len) == 0 &&
			    scan->places[i].path[len] == '\0')
				return scan->places[i].line;
		while (len > 0 && path[len - 1] != '/')
			len--;
		if (len == 0)
			return 1;
		len--;
	}
}
