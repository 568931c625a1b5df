/*
 * Maildir file names: `1700000000.M1P2.host,S=4711:2,FS` is base name, then
 * flags. The base name is the message's key.
 */
#ifndef LSCPD_MAILBOX_MAILDIR_NAME_H
#define LSCPD_MAILBOX_MAILDIR_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
	NAME_BYTES = NAME_MAX + 1
};

/* Text that can be told to a person and kept in a database. */
bool maildir_name_is_sound(const char *name);
/* What stands before the flags. */
char *maildir_name_key(struct arena *arena, const char *name);
/* Bytes of the key at the front of `name`. */
size_t maildir_name_key_bytes(const char *name);
/* `,S=` of the base name; false where it says nothing. */
bool maildir_name_size(const char *name, uint64_t *ret_bytes);
/* Seconds of delivery that stand in front; 0 where none do. */
uint64_t maildir_name_time(const char *name);

/*
 * The name with the flags' separator, which every file in cur/ has; flags that
 * it has stay. False if it would be too long.
 */
bool maildir_name_claimed(const char *name, char ret_name[static NAME_BYTES]);
/*
 * The name with a number put into its unique part, for a name that is taken:
 * `a.b,S=1:2,S` and 3 give `a.b_3,S=1:2,S`.
 */
bool maildir_name_other(const char *name, int number,
    char ret_name[static NAME_BYTES]);

#endif
