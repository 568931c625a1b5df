/*
 * Quorum rules of groups: `LA & ICB & POLICE & (chair | vice)` or
 * `4 of 6 members`. `&` binds closer than `|`. Words in capitals are codes of
 * statutory partners; `chair` and `vice` are capacities. The register checks
 * them at import; meetings evaluate them.
 */
#ifndef LSCPD_DOMAIN_QUORUM_H
#define LSCPD_DOMAIN_QUORUM_H

#include "base/arena.h"
#include "base/err.h"

enum quorum_kind {
	QUORUM_ALL,     /* left & right */
	QUORUM_ANY,     /* left | right */
	QUORUM_PARTNER, /* a voting member of an agency with that code */
	QUORUM_CHAIR,
	QUORUM_VICE,
	QUORUM_COUNT, /* `need` of `out_of` voting members */
};

struct quorum {
	enum quorum_kind kind;
	const struct quorum *left, *right;
	const char *partner;
	int need, out_of;
};

/* ERR_INPUT with words that say what would be right. */
int quorum_parse(struct arena *arena, const char *text,
    const struct quorum **ret_quorum, struct err *err);

#endif
