/*
 * BRAG of an action: what the owner reported, what follows from the facts,
 * and what is shown. Pure; the shipped-forms page states the rules.
 */
#ifndef LSCPD_DOMAIN_BRAG_H
#define LSCPD_DOMAIN_BRAG_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/workday.h"

/* In the order of what is worse, so that the greater one is shown. */
enum brag {
	BRAG_NONE, /* NULL in the views */
	BRAG_BLUE,
	BRAG_GREY,
	BRAG_GREEN,
	BRAG_AMBER,
	BRAG_RED,
};

struct brag_facts {
	const char
	    *status; /* proposed, open, done, verified, declined, closed */
	const char *reported; /* on track, at risk, late, done, blocked or "" */
	bool has_evidence;
	int32_t due_day; /* DAY_NONE without one */
	int32_t opened_day;
	int32_t updated_day; /* DAY_NONE while never updated */
};

/* "blue" …; NULL for BRAG_NONE. */
const char *brag_name(enum brag brag);
enum brag brag_reported(const struct brag_facts *facts);
enum brag brag_derived(const struct brag_facts *facts, int32_t today_day,
    const struct holidays *holidays);
enum brag brag_shown(const struct brag_facts *facts, int32_t today_day,
    const struct holidays *holidays);

#endif
