#include "mailbox/maildir_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	DECIMAL = 10,
	/* A shorter number in front of a name counts something else. */
	TIME_DIGITS_MIN = 9,
	TIME_DIGITS_MAX = 11,
};

static const char g_flags[] = ":2,";

bool
maildir_name_is_sound(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			return false;
	return text_is_utf8(name, strlen(name));
}

size_t
maildir_name_key_bytes(const char *name)
{
	const char *flags = strstr(name, g_flags);

	return flags == NULL ? strlen(name) : (size_t)(flags - name);
}

char *
maildir_name_key(struct arena *arena, const char *name)
{
	return arena_strndup(arena, name, maildir_name_key_bytes(name));
}

bool
maildir_name_size(const char *name, uint64_t *ret_bytes)
{
	const char *end = name + maildir_name_key_bytes(name);

	for (const char *p = name; (p = strchr(p, ',')) != NULL; p++) {
		if (p >= end)
			return false;
		if (strncmp(p, ",S=", 3) == 0 && isdigit((unsigned char)p[3])) {
			*ret_bytes = strtoull(p + 3, NULL, DECIMAL);
			return true;
		}
	}
	return false;
}

uint64_t
maildir_name_time(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits < TIME_DIGITS_MIN || digits > TIME_DIGITS_MAX)
		return 0;
	return strtoull(name, NULL, DECIMAL);
}

bool
maildir_name_claimed(const char *name, char ret_name[static NAME_BYTES])
{
	const char *add = strstr(name, g_flags) == NULL ? g_flags : "";

	return snprintf(ret_name, NAME_BYTES, "%s%s", name, add) < NAME_BYTES;
}

bool
maildir_name_other(const char *name, int number,
    char ret_name[static NAME_BYTES])
{
	size_t key_bytes = maildir_name_key_bytes(name);
	const char *comma = memchr(name, ',', key_bytes);
	size_t front = comma == NULL ? key_bytes : (size_t)(comma - name);

	return snprintf(ret_name, NAME_BYTES, "%.*s_%d%s", (int)front, name,
		   number, name + front) < NAME_BYTES;
}
