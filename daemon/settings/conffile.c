#include "settings/conffile.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	CONF_BYTES = 1024 * 1024,
	CONF_OPTIONS = 2000, /* set options of one file */
	UNKNOWN_MOST = 50,   /* unknown options told in one go */
	NAME_BYTES = 80,
	DOLLAR = 1, /* stands for a dollar sign while libconfuse reads */
};

struct noted {
	const cfg_opt_t *opt;
	int line;
};

static struct {
	const char *path;
	struct problems *problems;
	struct noted options[CONF_OPTIONS];
	size_t count;
	const cfg_opt_t *root;
	char unknown[NAME_BYTES]; /* what libconfuse stopped at; "" */
	int unknown_line;
} g_conf;

int
conffile_note(cfg_t *cfg, cfg_opt_t *opt)
{
	if (g_conf.count < CONF_OPTIONS)
		g_conf.options[g_conf.count++] = (struct noted){opt, cfg->line};
	return 0;
}

int
conffile_line(const cfg_t *cfg, const cfg_opt_t *opt)
{
	/* The last is what counts, as it is for libconfuse. */
	for (size_t i = g_conf.count; i-- > 0;)
		if (g_conf.options[i].opt == opt)
			return g_conf.options[i].line;
	return cfg->line;
}

/* "name, short, address": what may stand in this section. */
static void
add_known(struct buf *out, const cfg_t *cfg)
{
	const char *comma = "";

	for (const cfg_opt_t *o = cfg->opts; o->name != NULL; o++) {
		if (strcmp(o->name, CONFFILE_SENTINEL) == 0)
			continue;
		buf_printf(out, "%s%s", comma, o->name);
		comma = ", ";
	}
}

static bool
is_section(const char *name)
{
	for (const cfg_opt_t *o = g_conf.root; o->name != NULL; o++)
		if (o->type == CFGT_SEC && strcmp(o->name, name) == 0)
			return true;
	return false;
}

static void
note_unknown(const cfg_t *cfg, const char *said)
{
	if (sscanf(said, "no such option '%79[^']'", g_conf.unknown) != 1)
		g_conf.unknown[0] = '\0';
	g_conf.unknown_line = cfg->line;
}

static void PRINTF(2, 0) complain(cfg_t *cfg, const char *format, va_list args)
{
	CLEANUP(buf_done)
	struct buf words;
	char said[300];

	(void)vsnprintf(said, sizeof(said), format, args);
	buf_init(&words, 2000);
	if (strstr(said, CONFFILE_SENTINEL) != NULL) {
		buf_printf(&words,
		    "the file ends inside section '%s'; was it cut short? "
		    "Every { needs its }",
		    cfg->name);
	} else if (strncmp(said, "no such option", 14) == 0) {
		note_unknown(cfg, said);
		buf_printf(&words, "%s; ", said);
		buf_puts(&words, "what can stand here: ");
		add_known(&words, cfg);
		if (cfg->opts[0].name == NULL ||
		    (strcmp(cfg->opts[0].name, CONFFILE_SENTINEL) != 0 &&
			is_section(g_conf.unknown)))
			buf_puts(&words, "; or is a } missing before it?");
	} else if (strncmp(said, "unexpected token", 16) == 0) {
		buf_printf(&words,
		    "%s; an option is written name = \"value\", a list "
		    "name = {\"a\", \"b\"}, a section name { … }",
		    said);
	} else {
		buf_puts(&words, said);
	}
	problems_add(g_conf.problems, g_conf.path, cfg->line, "%s",
	    buf_text(&words));
}

/* libconfuse would put environment variables in place of ${NAME}. */
static bool
hide_dollars(struct buf *text, struct problems *problems, const char *path)
{
	int line = 1;

	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];
		line += c == '\n';
		if (c == '$')
			text->data[i] = DOLLAR;
		if (c >= ' ' || c == '\n' || c == '\t' || c == '\r')
			continue;
		problems_add(problems, path, line,
		    "a control character stands here; take it out");
		return false;
	}
	return true;
}

const char *
conffile_text(struct arena *arena, cfg_opt_t *opt, unsigned int index)
{
	const char *value = cfg_opt_getnstr(opt, index);
	char *copy = arena_strdup(arena, value == NULL ? "" : value);

	for (char *c = copy; *c != '\0'; c++)
		if (*c == DOLLAR)
			*c = '$';
	return copy;
}

/* --- going on behind an unknown option ------------------------------------- */

/* Behind a quoted string, a bare word or a pair of braces. */
static char *
skip_value(char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '"' || *at == '\'') {
			char quote = *at++;
			for (; *at != '\0' && *at != quote; at++)
				at += *at == '\\' && at[1] != '\0';
			if (*at == '\0')
				return at;
			if (depth == 0)
				return at + 1;
		} else if (*at == '{') {
			depth++;
		} else if (*at == '}') {
			if (depth <= 1)
				return at + depth;
			depth--;
		} else if (depth == 0 && strchr(" \t\r\n", *at) != NULL) {
			return at;
		}
	}
	return at;
}

static char *
skip_blanks(char *at)
{
	return at + strspn(at, " \t\r\n");
}

static char *
find_line(struct buf *text, int line)
{
	char *at = text->data;

	for (; line > 1 && at != NULL; line--) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	return at;
}

static bool
is_word(char c)
{
	return c != '\0' && strchr(" \t\r\n={}\"'+", c) == NULL;
}

/* The unknown name, as a word of its own; NULL where it is not found. */
static char *
find_unknown(struct buf *text)
{
	char *line = find_line(text, g_conf.unknown_line);
	size_t len = strlen(g_conf.unknown);

	if (line == NULL || len == 0)
		return NULL;
	for (char *at = strstr(line, g_conf.unknown); at != NULL;
	     at = strstr(at + 1, g_conf.unknown))
		if (!is_word(at[len]) && (at == line || !is_word(at[-1])))
			return at;
	return NULL;
}

/* Make blanks of what stands there under that name, but for its lines. */
static bool
blank_unknown(struct buf *text)
{
	char *at = find_unknown(text);

	if (at == NULL)
		return false;
	char *end = skip_blanks(at + strlen(g_conf.unknown));
	if (*end == '"') /* the title of a section */
		end = skip_blanks(skip_value(end));
	if (*end == '+')
		end++;
	if (*end == '=')
		end = skip_blanks(end + 1);
	else if (*end != '{')
		return false;
	for (end = skip_value(end); at < end; at++)
		if (*at != '\n')
			*at = ' ';
	return true;
}

/* One reading; NULL where it is stopped, as it is once by each unknown. */
static cfg_t *
read_once(cfg_opt_t *options, const struct buf *text)
{
	cfg_t *cfg = cfg_init(options, CFGF_NONE);

	BUG_ON(cfg == NULL);
	g_conf.count = 0;
	g_conf.unknown[0] = '\0';
	(void)cfg_set_error_function(cfg, complain);
	if (cfg_parse_buf(cfg, buf_text(text)) == CFG_SUCCESS)
		return cfg;
	(void)cfg_free(cfg);
	return NULL;
}

static cfg_t *
read_past_unknown(cfg_opt_t *options, struct buf *text)
{
	cfg_t *cfg = NULL;

	for (int i = 0; i < UNKNOWN_MOST; i++) {
		cfg = read_once(options, text);
		if (cfg != NULL || !blank_unknown(text))
			break;
	}
	return cfg;
}

cfg_t *
conffile_parse(const char *path, cfg_opt_t *options, struct problems *problems)
{
	CLEANUP(buf_done)
	struct buf text;
	struct err err = {.code = 0};

	g_conf.path = path;
	g_conf.problems = problems;
	g_conf.root = options;
	buf_init(&text, CONF_BYTES);
	if (io_read_file(path, &text, &err) < 0) {
		problems_add_err(problems, path, &err,
		    "name a file that can be read");
		return NULL;
	}
	if (!text_is_utf8(buf_text(&text), text.len)) {
		problems_add(problems, path, 0,
		    "is not UTF-8 text; save it as UTF-8");
		return NULL;
	}
	if (!hide_dollars(&text, problems, path))
		return NULL;
	buf_puts(&text, "\n" CONFFILE_SENTINEL " = true\n");
	return read_past_unknown(options, &text);
}

void
conffile_free(cfg_t *cfg)
{
	if (cfg != NULL)
		(void)cfg_free(cfg);
}
