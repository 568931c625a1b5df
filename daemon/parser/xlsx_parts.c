/* The two parts that all sheets of a workbook share: strings and styles. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "parser/xlsx.h"
#include "parser/xml.h"

/* --- strings -------------------------------------------------------------------- */

struct strings_reading {
	struct xlsx *book;
	struct xlsx_text text;
};

static void
on_string_start(void *arg, const char *name, const char **attrs)
{
	struct strings_reading *r = arg;

	(void)attrs;
	if (strcmp(name, "si") == 0)
		xlsx_text_begin(&r->text);
	else
		xlsx_text_start(&r->text, name);
}

static void
on_string_end(void *arg, const char *name)
{
	struct strings_reading *r = arg;
	struct xlsx *book = r->book;

	xlsx_text_end(&r->text, name);
	if (strcmp(name, "si") != 0)
		return;
	const char *text = xlsx_text_done(&r->text);
	if (book->string_count == LIMIT_STRINGS ||
	    !context_try(&book->strings_left, strlen(text) + 1)) {
		package_stop(book->package, PART_TOO_LARGE,
		    "it holds too much text.");
		return;
	}
	*(const char **)arena_push(book->package->arena, &book->strings,
	    &book->string_count, sizeof(*book->strings)) =
	    arena_strdup(book->package->arena, text);
}

static void
on_string_text(void *arg, const char *text, size_t bytes)
{
	struct strings_reading *r = arg;

	xlsx_text_add(&r->text, text, bytes);
}

void
xlsx_read_strings(struct xlsx *book, const char *part)
{
	static const struct xml_events events = {.start = on_string_start,
	    .end = on_string_end,
	    .text = on_string_text};
	struct strings_reading r = {.book = book};

	xlsx_text_init(&r.text);
	(void)xml_read(book->package, part, &events, &r);
	buf_done(&r.text.text);
}

/* --- styles ---------------------------------------------------------------------- */

struct styles_reading {
	struct xlsx *book;
	struct cell_format *formats; /* by their number, where it is given */
	bool *is_given;
	bool in_cells; /* inside <cellXfs> */
};

static uint32_t
format_number(const char **attrs)
{
	return xml_attr_number(attrs, "numFmtId", 0);
}

static void
add_style(struct styles_reading *r, const char **attrs)
{
	struct xlsx *book = r->book;
	uint32_t id = format_number(attrs);

	if (book->style_count == LIMIT_STYLES) {
		package_stop(book->package, PART_TOO_LARGE,
		    "it holds too many cell styles.");
		return;
	}
	*(struct cell_format *)arena_push(book->package->arena, &book->styles,
	    &book->style_count, sizeof(*book->styles)) =
	    id < LIMIT_STYLES && r->is_given[id] ? r->formats[id]
						 : cell_format_builtin(id);
}

static void
on_style_start(void *arg, const char *name, const char **attrs)
{
	struct styles_reading *r = arg;

	if (strcmp(name, "numFmt") == 0) {
		uint32_t id = format_number(attrs);
		const char *code = xml_attr(attrs, "formatCode");
		if (id >= LIMIT_STYLES || code == NULL)
			return;
		r->formats[id] = cell_format_of(code);
		r->is_given[id] = true;
	} else if (strcmp(name, "cellXfs") == 0) {
		r->in_cells = true;
	} else if (r->in_cells && strcmp(name, "xf") == 0) {
		add_style(r, attrs);
	}
}

static void
on_style_end(void *arg, const char *name)
{
	struct styles_reading *r = arg;

	if (strcmp(name, "cellXfs") == 0)
		r->in_cells = false;
}

void
xlsx_read_styles(struct xlsx *book, const char *part)
{
	static const struct xml_events events = {.start = on_style_start,
	    .end = on_style_end};
	struct styles_reading r = {.book = book};

	r.formats =
	    arena_array(book->package->arena, LIMIT_STYLES, sizeof(*r.formats));
	r.is_given = arena_array(book->package->arena, LIMIT_STYLES,
	    sizeof(*r.is_given));
	(void)xml_read(book->package, part, &events, &r);
}
