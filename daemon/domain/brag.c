#include "domain/brag.h"

#include <string.h>

#include "base/date.h"
#include "base/macros.h"

enum {
	STALE_DAYS = 30,    /* without a word */
	SOON_WORKDAYS = 10, /* due soon, and no update within the same time */
};

static const char *const g_names[] = {
    [BRAG_NONE] = NULL,
    [BRAG_BLUE] = "blue",
    [BRAG_GREY] = "grey",
    [BRAG_GREEN] = "green",
    [BRAG_AMBER] = "amber",
    [BRAG_RED] = "red",
};

static const struct {
	const char *word;
	enum brag brag;
} g_reported[] = {
    {"on track", BRAG_GREEN},
    {"done", BRAG_GREEN},
    {"at risk", BRAG_AMBER},
    {"late", BRAG_RED},
    {"blocked", BRAG_RED},
};

const char *
brag_name(enum brag brag)
{
	return g_names[brag];
}

/* Declined and closed actions have no colour at all. */
static bool
is_over(const struct brag_facts *facts)
{
	return strcmp(facts->status, "declined") == 0 ||
	       strcmp(facts->status, "closed") == 0;
}

static bool
is_verified(const struct brag_facts *facts)
{
	return strcmp(facts->status, "verified") == 0;
}

enum brag
brag_reported(const struct brag_facts *facts)
{
	if (is_over(facts))
		return BRAG_NONE;
	for (size_t i = 0; i < COUNT_OF(g_reported); i++)
		if (strcmp(facts->reported, g_reported[i].word) == 0)
			return g_reported[i].brag;
	return BRAG_NONE;
}

static bool
is_amber(const struct brag_facts *facts, int32_t today_day,
    const struct holidays *holidays)
{
	bool updated = facts->updated_day != DAY_NONE;
	int32_t word_day = facts->opened_day;

	if (updated && facts->updated_day > word_day)
		word_day = facts->updated_day;
	if (today_day - word_day >= STALE_DAYS)
		return true;
	if (facts->due_day == DAY_NONE || workday_between(holidays, today_day,
					      facts->due_day) > SOON_WORKDAYS)
		return false;
	return !updated || workday_between(holidays, facts->updated_day,
			       today_day) > SOON_WORKDAYS;
}

enum brag
brag_derived(const struct brag_facts *facts, int32_t today_day,
    const struct holidays *holidays)
{
	if (is_over(facts))
		return BRAG_NONE;
	if (is_verified(facts))
		return BRAG_BLUE;
	if (strcmp(facts->reported, "done") == 0 && facts->has_evidence)
		return BRAG_GREEN;
	if (facts->due_day != DAY_NONE && today_day > facts->due_day)
		return BRAG_RED;
	if (is_amber(facts, today_day, holidays))
		return BRAG_AMBER;
	return facts->updated_day != DAY_NONE ? BRAG_GREEN : BRAG_GREY;
}

enum brag
brag_shown(const struct brag_facts *facts, int32_t today_day,
    const struct holidays *holidays)
{
	enum brag reported = brag_reported(facts);
	enum brag derived = brag_derived(facts, today_day, holidays);

	if (is_over(facts))
		return BRAG_NONE;
	if (is_verified(facts))
		return BRAG_BLUE;
	return reported > derived ? reported : derived;
}
