#include "mailbox/utf7.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	DIGIT_BITS = 6,
	UNIT_BITS = 16,
	DIGIT_MASK = 0x3f,
};

static const char g_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_plain(gunichar2 unit)
{
	return unit >= ' ' && unit <= '~';
}

/* The run of units that are not plain; how many there were. */
static glong
write_run(GString *out, const gunichar2 *units, glong count)
{
	uint32_t bits = 0;
	int held = 0;
	glong n = 0;

	(void)g_string_append_c(out, '&');
	for (; n < count && !is_plain(units[n]); n++) {
		bits = bits << UNIT_BITS | units[n];
		held += UNIT_BITS;
		for (; held >= DIGIT_BITS; held -= DIGIT_BITS)
			(void)g_string_append_c(out,
			    g_digits[bits >> (held - DIGIT_BITS) & DIGIT_MASK]);
	}
	if (held > 0)
		(void)g_string_append_c(out,
		    g_digits[bits << (DIGIT_BITS - held) & DIGIT_MASK]);
	(void)g_string_append_c(out, '-');
	return n;
}

static bool
has_control(const gunichar2 *units, glong count)
{
	for (glong i = 0; i < count; i++)
		if (units[i] < ' ' || units[i] == 0x7f)
			return true;
	return false;
}

char *
utf7_of_name(const char *name)
{
	glong count = 0;
	gunichar2 *units = g_utf8_validate(name, -1, NULL)
			       ? g_utf8_to_utf16(name, -1, NULL, &count, NULL)
			       : NULL;

	if (units == NULL || has_control(units, count)) {
		g_free(units);
		return NULL;
	}
	GString *out = g_string_new(NULL);
	for (glong i = 0; i < count;) {
		if (!is_plain(units[i])) {
			i += write_run(out, units + i, count - i);
			continue;
		}
		(void)g_string_append_c(out, (char)units[i]);
		if (units[i] == '&')
			(void)g_string_append_c(out, '-');
		i++;
	}
	g_free(units);
	return g_string_free(out, FALSE);
}
