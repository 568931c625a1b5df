#include "base/address.h"

#include <idn2.h>
#include <stddef.h>
#include <string.h>

enum {
	ADDRESS_BYTES = 254,
	LOCAL_BYTES = 64,
	LABEL_BYTES = 63
};

#define LETTERS_DIGITS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Parts joined by single dots, none of them empty, all of `chars`. */
static bool
is_dotted(const char *text, size_t bytes, const char *chars)
{
	size_t part = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '.') {
			if (part == 0)
				return false;
			part = 0;
		} else if (strchr(chars, text[i]) == NULL ||
			   ++part > LOCAL_BYTES) {
			return false;
		}
	}
	return part > 0;
}

static bool
is_host(const char *domain)
{
	size_t n = strlen(domain);

	if (!is_dotted(domain, n, LETTERS_DIGITS "-") ||
	    strchr(domain, '.') == NULL)
		return false;
	for (const char *label = domain; label != NULL;) {
		const char *dot = strchr(label, '.');
		size_t len =
		    dot == NULL ? strlen(label) : (size_t)(dot - label);
		if (len > LABEL_BYTES || label[0] == '-' ||
		    label[len - 1] == '-')
			return false;
		label = dot == NULL ? NULL : dot + 1;
	}
	return true;
}

bool
address_is_valid(const char *address)
{
	const char *at = strchr(address, '@');

	if (at == NULL || strlen(address) > ADDRESS_BYTES)
		return false;
	size_t local = (size_t)(at - address);
	return local <= LOCAL_BYTES &&
	       is_dotted(address, local,
		   LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~") &&
	       is_host(at + 1);
}

const char *
address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

char *
address_wire(struct arena *arena, const char *text)
{
	const char *at = strrchr(text, '@');
	const char *domain = at == NULL ? text : at + 1;
	char *labels = NULL, *wire;

	/* No longer than what could become an address. */
	if (is_ascii(domain) || strlen(domain) > ADDRESS_BYTES ||
	    idn2_to_ascii_8z(domain, &labels,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return arena_strdup(arena, text);
	wire =
	    arena_printf(arena, "%.*s%s", (int)(domain - text), text, labels);
	idn2_free(labels);
	return wire;
}
