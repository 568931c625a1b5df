#include "handlers/actions.h"

#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "domain/brag.h"
#include "domain/workday.h"

/* --- as of today ----------------------------------------------------------- */

static struct brag_facts
facts_of(const struct action *action)
{
	return (struct brag_facts){
	    .status = action->status,
	    .reported = action->reported == NULL ? "" : action->reported,
	    .has_evidence = action->has_evidence,
	    .due_day = action->due_day,
	    .opened_day = date_of(action->opened_at),
	    .updated_day = action->updated_at == 0
			       ? DAY_NONE
			       : date_of(action->updated_at),
	};
}

static const char *
brag_text(enum brag brag)
{
	const char *name = brag_name(brag);

	return name == NULL ? "" : name;
}

int
action_make(struct desk *desk, struct action *action, int64_t *ret_id,
    char ret_ref[static REFERENCE_BYTES], struct err *err)
{
	const struct brag_facts facts = facts_of(action);

	action->brag_derived =
	    brag_text(brag_derived(&facts, desk->today_day, &desk->holidays));
	action->brag_shown =
	    brag_text(brag_shown(&facts, desk->today_day, &desk->holidays));
	return action_add(desk->store, action, ret_id, ret_ref, err);
}

int
action_refresh(struct desk *desk, const struct action *action, struct err *err)
{
	const struct brag_facts facts = facts_of(action);
	const char *derived =
	    brag_text(brag_derived(&facts, desk->today_day, &desk->holidays));
	const char *shown =
	    brag_text(brag_shown(&facts, desk->today_day, &desk->holidays));

	if (strcmp(derived, action->brag_derived) == 0 &&
	    strcmp(shown, action->brag_shown) == 0)
		return 0;
	return action_set_brag(desk->store, action->id, derived, shown, err);
}

int
action_refresh_ref(struct desk *desk, const char *ref, struct err *err)
{
	struct action action;
	int found = action_find(desk->store, desk->arena, ref, &action, err);

	return found <= 0 ? found : action_refresh(desk, &action, err);
}

int
actions_refresh(struct desk *desk, struct err *err)
{
	struct actions actions;
	int failed = action_list(desk->store, desk->arena,
	    &(struct action_filter){.which = ACTIONS_ALL}, &actions, err);

	for (size_t i = 0; failed >= 0 && i < actions.count; i++)
		failed = action_refresh(desk, &actions.items[i], err);
	return failed < 0 ? failed : 0;
}

int
request_refresh(struct desk *desk, const struct request *request,
    struct err *err)
{
	int late =
	    workday_between(&desk->holidays, request->due_day, desk->today_day);

	if (late < 0)
		late = 0;
	if (late == request->late_days)
		return 0;
	return request_set_late(desk->store, request->id, late, err);
}

int
requests_refresh(struct desk *desk, struct err *err)
{
	struct requests requests;
	int failed = request_list(desk->store, desk->arena,
	    &(struct request_filter){.which = REQUESTS_OPEN}, &requests, err);

	for (size_t i = 0; failed >= 0 && i < requests.count; i++)
		failed = request_refresh(desk, &requests.items[i], err);
	return failed < 0 ? failed : 0;
}

/* --- who -------------------------------------------------------------------- */

/* Does the contact belong to the agency's parent? 1, 0, or an error. */
static int
is_of_parent(struct desk *desk, const struct contact *contact, int64_t agency,
    struct err *err)
{
	struct agency child = {.parent = ""}, parent;
	int found = agency_get(desk->store, desk->arena, agency, &child, err);

	if (found < 0 || child.parent[0] == '\0')
		return found < 0 ? found : 0;
	found =
	    agency_find(desk->store, desk->arena, child.parent, &parent, err);
	if (found != 1)
		return found < 0 ? found : 0;
	return contact_has_agency(contact, parent.id);
}

static int
is_deputy_of(struct desk *desk, const struct contact *contact, int64_t owner,
    struct err *err)
{
	struct contact found = {0};
	int failed = contact_get(desk->store, desk->arena, owner, &found, err);

	if (failed < 0)
		return failed;
	return found.deputy != 0 && found.deputy == contact->id;
}

int
action_may_update(struct desk *desk, const struct contact *contact,
    const struct action *action, struct err *err)
{
	if ((contact->roles & ROLE_STAFF) != 0 ||
	    (action->owner != 0 && action->owner == contact->id))
		return 1;
	if ((contact->roles & ROLE_LEAD) != 0) {
		if (contact_has_agency(contact, action->agency))
			return 1;
		int may = is_of_parent(desk, contact, action->agency, err);
		if (may != 0)
			return may;
	}
	return action->owner == 0
		   ? 0
		   : is_deputy_of(desk, contact, action->owner, err);
}

int
agency_may_see(struct desk *desk, const struct contact *contact, int64_t agency,
    struct err *err)
{
	if ((contact->roles & (ROLE_STAFF | ROLE_SCRUTINEER)) != 0)
		return 1;
	if (agency == 0)
		return 0;
	if (contact_has_agency(contact, agency))
		return 1;
	if ((contact->roles & ROLE_LEAD) == 0)
		return 0;
	return is_of_parent(desk, contact, agency, err);
}

/* --- words ------------------------------------------------------------------- */

static const struct {
	const char *value, *words;
} g_reported[] = {
    {"on track", "on track"},
    {"at risk", "at risk"},
    {"late", "late"},
    {"done", "done"},
    {"blocked", "stuck"},
};

const char *
action_reported_words(const char *reported)
{
	for (size_t i = 0; i < COUNT_OF(g_reported); i++)
		if (strcmp(reported, g_reported[i].value) == 0)
			return g_reported[i].words;
	return "";
}

static const struct {
	const char *status, *words;
} g_over[] = {
    {"verified", "checked and finished"},
    {"declined", "not taken on"},
    {"closed", "closed"},
    {"proposed", "proposed, not agreed yet"},
};

/* Of an open action, by what is worst. */
static const char *
shown_open(const struct desk *desk, const struct action *action)
{
	const struct brag_facts facts = facts_of(action);
	enum brag shown = brag_shown(&facts, desk->today_day, &desk->holidays);
	bool overdue =
	    action->due_day != DAY_NONE && desk->today_day > action->due_day;

	if (shown == BRAG_RED)
		return !overdue && strcmp(action->reported, "blocked") == 0
			   ? "stuck"
			   : "late";
	if (shown == BRAG_AMBER)
		return "at risk";
	return shown == BRAG_GREEN ? "on track" : "not started";
}

const char *
action_shown_words(const struct desk *desk, const struct action *action)
{
	for (size_t i = 0; i < COUNT_OF(g_over); i++)
		if (strcmp(action->status, g_over[i].status) == 0)
			return g_over[i].words;
	if (strcmp(action->reported, "done") != 0)
		return shown_open(desk, action);
	if (action->has_evidence)
		return "done, waiting to be checked";
	if (action->due_day != DAY_NONE && desk->today_day > action->due_day)
		return "late, until we know what shows that it is done";
	return "done, nothing shows it yet";
}

const char *
due_words(const struct desk *desk, int32_t due_day)
{
	char text[40];

	if (due_day == DAY_NONE)
		return "";
	date_words(due_day, DATE_NO_YEAR, text);
	if (due_day == desk->today_day)
		return arena_printf(desk->arena, "Due today, %s.", text);
	if (due_day > desk->today_day) {
		bool far = due_day - desk->today_day > 300;
		if (far)
			date_words(due_day, DATE_LONG, text);
		return arena_printf(desk->arena, "Due %s.", text);
	}
	int late = workday_between(&desk->holidays, due_day, desk->today_day);
	if (late <= 0)
		return arena_printf(desk->arena, "Was due %s.", text);
	return arena_printf(desk->arena,
	    "Was due %s. Late by %d working day%s.", text, late,
	    late == 1 ? "" : "s");
}

/* --- lists in letters --------------------------------------------------------- */

enum {
	LISTED_ACTIONS = 40, /* of one owner, in one mail */
};

const char *
letter_items_add(struct arena *arena, struct letter_items *items,
    const char *action_ref)
{
	struct letter_item *item =
	    arena_push(arena, &items->items, &items->count, sizeof(*item));

	*item = (struct letter_item){.label = arena_printf(arena, "%zu",
					 items->count),
	    .kind = "action",
	    .ref = action_ref,
	    .tbl = "",
	    .row = "",
	    .field = ""};
	return item->label;
}

static bool
is_listed(struct arena *arena, const char *list, const char *ref)
{
	char **refs = text_split(arena, list, ";");

	for (size_t i = 0; refs[i] != NULL; i++)
		if (text_ieq(refs[i], ref))
			return true;
	return false;
}

/* "You told us: on track." */
static const char *
state_words(const struct desk *desk, const struct action *action)
{
	if (strcmp(action->reported, "done") == 0)
		return "You told us that it is done. Nothing shows it yet.";
	if (action->reported[0] != '\0')
		return arena_printf(desk->arena, "You told us: %s.",
		    action_reported_words(action->reported));
	return "We have not heard how it stands.";
}

/* Reported done and shown by something: nothing is left to do. */
static bool
is_owed(const struct action *action)
{
	return strcmp(action->status, "open") == 0 ||
	       (strcmp(action->status, "done") == 0 && !action->has_evidence);
}

int
actions_owed_values(struct desk *desk, int64_t owner, const char *except,
    struct letter_items *items, json_t **ret_values, struct err *err)
{
	struct actions actions = {0};
	/* Nobody's actions are no list: 0 would mean anybody's. */
	int failed = owner == 0 ? 0
				: action_list(desk->store, desk->arena,
				      &(struct action_filter){.owner = owner,
					  .which = ACTIONS_OPEN},
				      &actions, err);

	if (failed < 0)
		return failed;
	json_t *values = json_array();
	for (size_t i = 0; i < actions.count; i++) {
		const struct action *action = &actions.items[i];
		if (!is_owed(action) ||
		    is_listed(desk->arena, except, action->ref) ||
		    json_array_size(values) >= LISTED_ACTIONS)
			continue;
		json_array_append_new(values,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "number",
			letter_items_add(desk->arena, items, action->ref),
			"ref", action->ref, "title", action->title, "due",
			due_words(desk, action->due_day), "state",
			state_words(desk, action)));
	}
	*ret_values = values;
	return 0;
}
