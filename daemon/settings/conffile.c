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
		buf_printf(&words, "%s; ", said);
		buf_puts(&words, "what can stand here: ");
		add_known(&words, cfg);
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

cfg_t *
conffile_parse(const char *path, cfg_opt_t *options, struct problems *problems)
{
	CLEANUP(buf_done)
	struct buf text;
	struct err err = {.code = 0};

	g_conf.path = path;
	g_conf.problems = problems;
	g_conf.count = 0;
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

	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	BUG_ON(cfg == NULL);
	(void)cfg_set_error_function(cfg, complain);
	if (cfg_parse_buf(cfg, buf_text(&text)) == CFG_SUCCESS)
		return cfg;
	(void)cfg_free(cfg);
	return NULL;
}

void
conffile_free(cfg_t *cfg)
{
	if (cfg != NULL)
		(void)cfg_free(cfg);
}
