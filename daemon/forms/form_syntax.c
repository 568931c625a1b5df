#include <confuse.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "forms/form_read.h"

enum {
	MAX_SOURCE_BYTES = 256 * 1024
};

/* libconfuse has no place for a context but this. */
static _Thread_local struct form_reader *g_reader;

__attribute__((format(printf, 2, 0))) static void
report_syntax(cfg_t *cfg, const char *format, va_list args)
{
	struct form_reader *reader = g_reader;
	int line = cfg != NULL ? cfg->line : 1;
	const char *text = arena_vprintf(reader->arena, format, args);

	if (strstr(text, "__end") != NULL)
		text = "the file ends inside a section: a `}` is missing";
	else if (strstr(text, "premature end") != NULL)
		text = "the file ends inside a text: a quote is missing";
	else if (strstr(text, "no such option") != NULL &&
		 reader->faults->count > 0)
		return; /* the scan has said it better */
	else
		text = arena_printf(reader->arena,
		    "%s; write NAME = VALUE or NAME \"TITLE\" { … }", text);
	if (line > reader->scan.last_line)
		line = reader->scan.last_line;
	form_fault_at(reader, line, "%s", text);
}

#define FIELD_OPTIONS                                      \
	CFG_STR("label", NULL, CFGF_NODEFAULT),            \
	    CFG_STR("type", NULL, CFGF_NODEFAULT),         \
	    CFG_STR("choice", NULL, CFGF_NODEFAULT),       \
	    CFG_STR("required", NULL, CFGF_NODEFAULT),     \
	    CFG_STR("required-if", NULL, CFGF_NODEFAULT),  \
	    CFG_STR("check", NULL, CFGF_NODEFAULT),        \
	    CFG_STR("message", NULL, CFGF_NODEFAULT),      \
	    CFG_STR("pattern", NULL, CFGF_NODEFAULT),      \
	    CFG_STR("min", NULL, CFGF_NODEFAULT),          \
	    CFG_STR("max", NULL, CFGF_NODEFAULT),          \
	    CFG_STR("help", NULL, CFGF_NODEFAULT),         \
	    CFG_STR("small-counts", NULL, CFGF_NODEFAULT), \
	    CFG_STR("prefill", NULL, CFGF_NODEFAULT),      \
	    CFG_STR_LIST("also", NULL, CFGF_NODEFAULT), CFG_END()

#define SECTION (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

/* The guarded text through libconfuse; NULL where it could not be read. */
static cfg_t *
parse_text(struct form_reader *reader, const char *guarded)
{
	cfg_opt_t field[] = {FIELD_OPTIONS};
	cfg_opt_t row[] = {CFG_STR("label", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("also", NULL, CFGF_NODEFAULT), CFG_END()};
	cfg_opt_t check[] = {CFG_STR("message", NULL, CFGF_NODEFAULT),
	    CFG_END()};
	cfg_opt_t choice[] = {CFG_STR_LIST("values", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("synonyms", NULL, CFGF_NODEFAULT), CFG_END()};
	cfg_opt_t table[] = {CFG_STR("label", NULL, CFGF_NODEFAULT),
	    CFG_STR("row-label", NULL, CFGF_NODEFAULT),
	    CFG_STR("rows", NULL, CFGF_NODEFAULT),
	    CFG_STR("min-rows", NULL, CFGF_NODEFAULT),
	    CFG_STR("max-rows", NULL, CFGF_NODEFAULT),
	    CFG_STR("key", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("also", NULL, CFGF_NODEFAULT),
	    CFG_SEC("column", field, SECTION), CFG_SEC("row", row, SECTION),
	    CFG_SEC("check", check, SECTION), CFG_END()};
	cfg_opt_t form[] = {CFG_STR("title", NULL, CFGF_NODEFAULT),
	    CFG_STR("version", NULL, CFGF_NODEFAULT),
	    CFG_STR("help", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("senders", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("period", NULL, CFGF_NODEFAULT),
	    CFG_STR("sign-off", NULL, CFGF_NODEFAULT),
	    CFG_STR("handler", NULL, CFGF_NODEFAULT),
	    CFG_STR_LIST("one-per", NULL, CFGF_NODEFAULT),
	    CFG_SEC("choice", choice, SECTION),
	    CFG_SEC("field", field, SECTION), CFG_SEC("table", table, SECTION),
	    CFG_SEC("check", check, SECTION), CFG_END()};
	cfg_opt_t top[] = {CFG_BOOL("__end", cfg_false, CFGF_NONE),
	    CFG_SEC("form", form, SECTION), CFG_END()};
	cfg_t *cfg = cfg_init(top, CFGF_NONE);

	g_reader = reader;
	(void)cfg_set_error_function(cfg, report_syntax);
	if (cfg_parse_buf(cfg, guarded) != CFG_SUCCESS) {
		(void)cfg_free(cfg);
		cfg = NULL;
	}
	g_reader = NULL;
	return cfg;
}

/* The source with its dollars guarded and the end made visible. */
static const char *
guard_text(struct form_reader *reader, const char *source)
{
	struct buf buf;

	buf_init(&buf, (size_t)2 * MAX_SOURCE_BYTES);
	for (const char *p = source; *p != '\0'; p++) {
		buf_putc(&buf, *p);
		if (*p == '$')
			buf_putc(&buf, FORM_GUARD);
	}
	buf_puts(&buf, "\n__end = true\n");
	const char *text = arena_strdup(reader->arena, buf_text(&buf));
	buf_done(&buf);
	return text;
}

static void
read_source(struct form_reader *reader, const char *source)
{
	size_t bytes = strlen(source);

	if (bytes > MAX_SOURCE_BYTES || !text_is_utf8(source, bytes) ||
	    strchr(source, FORM_GUARD) != NULL) {
		form_fault_at(reader, 1,
		    "a definition is UTF-8 text of at most 256 KiB");
		return;
	}
	scan_text(reader->arena, source, reader->file, reader->faults,
	    &reader->scan);
	cfg_t *cfg = parse_text(reader, guard_text(reader, source));
	if (cfg == NULL) {
		if (reader->faults->count == 0)
			form_fault_at(reader, 1, "this cannot be read");
		return;
	}
	if (cfg_size(cfg, "form") != 1)
		form_fault_at(reader, 1,
		    "a file holds exactly one form \"NAME\" { … }");
	else
		form_read(reader, cfg_getnsec(cfg, "form", 0));
	(void)cfg_free(cfg);
}

int
form_parse(struct arena *arena, const char *source, const char *file,
    struct form_faults *faults, struct form **ret_form, struct err *err)
{
	struct form_faults own = {NULL, 0};
	struct form *form = arena_alloc(arena, sizeof(*form));
	struct form_reader reader = {.arena = arena,
	    .file = file,
	    .faults = &own,
	    .form = form};

	form->source = arena_strdup(arena, source);
	form->file = arena_strdup(arena, file);
	sha256_of(source, strlen(source), form->sha256);
	read_source(&reader, form->source);
	if (own.count == 0)
		form_check(&reader);
	for (size_t i = 0; i < own.count; i++)
		*(const char **)arena_push(arena, &faults->items,
		    &faults->count, sizeof(*faults->items)) = own.items[i];
	if (own.count > 0)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR, "%s",
		    own.items[0]);
	*ret_form = form;
	return 0;
}
