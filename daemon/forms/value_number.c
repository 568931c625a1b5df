#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "forms/value.h"

enum {
	MAX_DIGITS = 15
};

/* 1,234,567 or 1 234 567: groups of three behind the first. */
static bool
groups_are_right(const char *text, char separator)
{
	const char *p = text;
	size_t digits = strspn(p, "0123456789");

	if (digits < 1 || digits > 3)
		return false;
	p += digits;
	while (*p == separator) {
		if (strspn(p + 1, "0123456789") != 3)
			return false;
		p += 4;
	}
	return *p == '\0' || *p == '.';
}

static void
drop_char(char *text, char c)
{
	char *end = text;

	for (const char *p = text; *p != '\0'; p++)
		if (*p != c)
			*end++ = *p;
	*end = '\0';
}

/* 007.50 → 7.5 */
static const char *
shorten(char *text)
{
	bool minus = *text == '-';

	text += minus;
	while (*text == '0' && isdigit((unsigned char)text[1]))
		text++;
	if (strchr(text, '.') != NULL) {
		size_t len = strlen(text);
		while (text[len - 1] == '0')
			text[--len] = '\0';
		if (text[len - 1] == '.')
			text[--len] = '\0';
	}
	if (minus && strspn(text, "0") != strlen(text))
		*--text = '-';
	return text;
}

static bool
is_plain(const char *text)
{
	size_t digits;

	text += *text == '-';
	digits = strspn(text, "0123456789");
	if (digits == 0 || digits > MAX_DIGITS)
		return false;
	text += digits;
	if (*text == '.') {
		digits = strspn(text + 1, "0123456789");
		if (digits == 0 || digits > MAX_DIGITS)
			return false;
		text += digits + 1;
	}
	return *text == '\0';
}

/* Signs of other keyboards, made plain; spaces of all kinds made one. */
static char *
plain_signs(struct arena *arena, const char *text)
{
	static const struct {
		const char *from, *to;
	} signs[] = {
	    {"\xe2\x88\x92", "-"},
	    {"\xe2\x80\x93", "-"},
	    {"\xc2\xa0", " "},
	    {"\xe2\x80\xaf", " "},
	    {"\xe2\x80\x89", " "},
	};

	char *out = arena_strdup(arena, text);
	char *end = out;

	for (const char *p = text; *p != '\0';) {
		size_t i = 0;
		while (i < COUNT_OF(signs) &&
		       strncmp(p, signs[i].from, strlen(signs[i].from)) != 0)
			i++;
		if (i < COUNT_OF(signs)) {
			*end++ = *signs[i].to;
			p += strlen(signs[i].from);
		} else {
			*end++ = *p++;
		}
	}
	*end = '\0';
	return out;
}

/* Nothing but digits and signs: what is wrong is where they stand. */
static bool
is_figures(const char *text)
{
	return text[strspn(text, "0123456789., ")] == '\0';
}

const char *
number_read(struct arena *arena, const char *text, const char **ret_reason)
{
	char *plain = plain_signs(arena, text);
	char *digits = plain + (*plain == '-' || *plain == '+');
	bool minus = *plain == '-';

	*ret_reason = "we could not read it as a number.";
	if (strlen(plain) > 60)
		return NULL;
	const char *comma = strchr(digits, ',');
	const char *point = strchr(digits, '.');
	if (comma != NULL && (point == NULL || comma < point) &&
	    groups_are_right(digits, ','))
		drop_char(digits, ',');
	else if (comma != NULL && is_figures(digits)) {
		*ret_reason =
		    point != NULL || strchr(comma + 1, ',') != NULL
			? "we could not tell its commas from its point."
			: "a comma parts thousands here; please write a point.";
		return NULL;
	}
	if (strchr(digits, ' ') != NULL && groups_are_right(digits, ' '))
		drop_char(digits, ' ');
	char *all = arena_printf(arena, "%s%s", minus ? "-" : "", digits);
	return is_plain(all) ? shorten(all) : NULL;
}

static const char *
bounds_reason(const struct value_request *request, double number)
{
	const struct form_field *field = request->field;

	if (field->has_min && number < field->min)
		return field->min == 0 ? "it is below 0."
				       : arena_printf(request->arena,
					     "it is below %.15g.", field->min);
	if (field->has_max && number > field->max)
		return arena_printf(request->arena, "it is above %.15g.",
		    field->max);
	return NULL;
}

const char *
value_number(const struct value_request *request, const char **ret_reason)
{
	enum form_type type = request->field->type;
	char *text = arena_strdup(request->arena, request->text);
	size_t len = strlen(text);

	if (type == TYPE_PERCENT && len > 0 && text[len - 1] == '%')
		text[len - 1] = '\0';
	else if (type == TYPE_PERCENT && len > 8 &&
		 text_ieq(text + len - 8, "per cent"))
		text[len - 8] = '\0';
	text = text_trim(request->arena, text);
	const char *number = number_read(request->arena, text, ret_reason);
	if (number == NULL)
		return NULL;
	if (type == TYPE_INTEGER && strchr(number, '.') != NULL) {
		*ret_reason = "it is not a whole number.";
		return NULL;
	}
	const char *reason = bounds_reason(request, strtod(number, NULL));
	if (reason == NULL)
		return number;
	*ret_reason = reason;
	return NULL;
}
