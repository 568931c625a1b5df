#include "domain/nhs.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"

enum {
	CALLED_BYTES = 40, /* before the number, for a word that names it */
	NHS_DIGITS = 10,
	MAX_SEPARATORS = 3
};

/* What people put between the groups: all one sign, in UTF-8. */
static const char *const g_separators[] = {
    " ", "-", ".", "/", "\xc2\xa0",                 /* no-break space */
    "\xc2\xad",                                     /* soft hyphen */
    "\xe2\x80\x87",                                 /* figure space */
    "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", /* thin spaces */
    "\xe2\x80\x8b",                                 /* zero width */
    "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", /* hyphens */
    "\xe2\x80\x93", "\xe2\x80\x94",                 /* dashes */
    "\xe2\x80\xaf",                                 /* narrow no-break */
    "\xe2\x88\x92",                                 /* minus */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
skip_separators(const char *text)
{
	static const char first[] = " -./\xc2\xe2"; /* of each of them */

	for (int count = 0; count < MAX_SEPARATORS && *text != '\0' &&
			    strchr(first, *text) != NULL;
	     count++) {
		size_t i = 0, len = 0;
		for (; i < COUNT_OF(g_separators); i++) {
			len = strlen(g_separators[i]);
			if (strncmp(text, g_separators[i], len) == 0)
				break;
		}
		if (i == COUNT_OF(g_separators))
			break;
		text += len;
	}
	return text;
}

/*
 * Ten digits from `text` on, plain or as 3-3-4; how many bytes they take, 0
 * where they are not there.
 */
static size_t
read_digits(const char *text, int ret_digits[static NHS_DIGITS])
{
	const char *p = text;

	for (int i = 0; i < NHS_DIGITS; i++) {
		if (i == 3 || i == 6)
			p = skip_separators(p);
		if (!is_digit(*p))
			return 0;
		ret_digits[i] = *p++ - '0';
	}
	return (size_t)(p - text);
}

static bool
in_range(const int digits[static NHS_DIGITS])
{
	int head = digits[0] * 100 + digits[1] * 10 + digits[2];

	return (head >= 400 && head <= 499) || (head >= 600 && head <= 708) ||
	       head == 999;
}

/* Modulus 11, weights 10 to 2; a check of 10 is never given out. */
static bool
check_is_right(const int digits[static NHS_DIGITS])
{
	int sum = 0;

	for (int i = 0; i < NHS_DIGITS - 1; i++)
		sum += digits[i] * (NHS_DIGITS - i);
	int check = (11 - sum % 11) % 11;
	return check == digits[NHS_DIGITS - 1];
}

/* A longer number, or letters at both sides as in an identifier. */
static bool
is_inside(const char *text, const char *first, const char *end)
{
	unsigned char before = first > text ? (unsigned char)first[-1] : ' ';
	unsigned char after = (unsigned char)*end;

	if (isdigit(before) || isdigit(after))
		return true;
	return isalpha(before) && isalpha(after);
}

/* "NHS number 943 ...": who calls it so means it, whatever its range. */
static bool
is_called_so(const char *text, const char *first)
{
	const char *p =
	    first - text > CALLED_BYTES ? first - CALLED_BYTES : text;

	for (; p + 3 <= first; p++)
		if (strncasecmp(p, "nhs", 3) == 0 &&
		    !isalpha((unsigned char)p[3]) && p[3] != '.')
			return true;
	return false;
}

int
nhs_find(const char *text, size_t from, struct nhs_hit *ret_hit)
{
	int digits[NHS_DIGITS];

	for (const char *p = text + from; *p != '\0'; p++) {
		if (!is_digit(*p) || (p > text && is_digit(p[-1])))
			continue; /* it begins with the first of a row */
		size_t bytes = read_digits(p, digits);
		if (bytes == 0 || is_inside(text, p, p + bytes) ||
		    !check_is_right(digits) ||
		    !(in_range(digits) || is_called_so(text, p)))
			continue;
		ret_hit->offset = (size_t)(p - text);
		ret_hit->bytes = bytes;
		return 1;
	}
	return 0;
}
