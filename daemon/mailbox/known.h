/*
 * The messages of the inbox that the engine knows of in this life of the
 * process: handed out and not yet filed, or to be left where they are.
 */
#ifndef LSCPD_MAILBOX_KNOWN_H
#define LSCPD_MAILBOX_KNOWN_H

#include <stdbool.h>

enum known_state {
	KNOWN_OUT = 1,  /* in the engine's hands, until it moves it */
	KNOWN_KEPT = 2, /* stays in the inbox */
};

struct known;

struct known *known_new(void);
void known_free(struct known *known);
bool known_has(const struct known *known, const char *key);
void known_set(struct known *known, const char *key, enum known_state state);
void known_drop(struct known *known, const char *key);

/*
 * A new listing: call begin, seen for each key that stands in the inbox, then
 * end, which forgets the kept ones that are gone (what comes back is new).
 */
void known_begin(struct known *known);
void known_seen(struct known *known, const char *key);
void known_end(struct known *known);

#endif
