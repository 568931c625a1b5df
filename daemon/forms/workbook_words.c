#include <ctype.h>
#include <string.h>

#include "forms/workbook_page.h"
#include "forms/workbook_rule.h"

const char *
page_need(struct arena *arena, const struct form_field *field,
    const struct form_field *fields, size_t count)
{
	if (field->required)
		return "Needed.";
	if (field->required_if == NULL)
		return "Optional.";
	const char *when =
	    workbook_rule_words(arena, field->required_if, fields, count);
	return when == NULL ? "Needed in some cases."
			    : arena_printf(arena, "Needed if %s.", when);
}

enum {
	SHORT_CHARS = 200 /* nobody is told the limit of a short text */
};

/* As a sentence of its own. */
static const char *
sentence(struct arena *arena, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return "";
	char *said = arena_printf(arena, " %s%s", text,
	    strchr(".?!", text[len - 1]) == NULL ? "." : "");
	said[1] = (char)toupper((unsigned char)said[1]);
	return said;
}

const char *
page_help(struct arena *arena, const struct form_field *field,
    const struct form_field *fields, size_t count)
{
	const char *allowed = judge_allowed(arena, field);

	/* What the help says already, or what goes without saying. */
	if (field->help[0] != '\0' || strcmp(allowed, "your own words") == 0 ||
	    (field->type == TYPE_TEXT && field->max <= SHORT_CHARS))
		allowed = "";
	return arena_printf(arena, "%s%s%s",
	    page_need(arena, field, fields, count),
	    sentence(arena, field->help), sentence(arena, allowed));
}
