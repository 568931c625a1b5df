/*
 * The form review-action: each right row becomes an action, in the order of
 * the rows, and its owner is told, in one mail however many they get.
 */
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "forms/judge.h"
#include "handlers/actions.h"
#include "handlers/handler.h"
#include "handlers/letters.h"

static const char TABLE[] = "actions";

enum {
	TITLE_CHARS = 60, /* of one that is made of the action's first words */
};

static const char *
field_of(const struct filing *filing, const char *row, const char *field)
{
	return answer_get(filing->judgement->answers,
	    filing->judgement->answer_count, row[0] == '\0' ? "" : TABLE, row,
	    field);
}

static const char **
rows_of(const struct filing *filing)
{
	return answer_rows(filing->desk->arena, filing->judgement->answers,
	    filing->judgement->answer_count, TABLE);
}

/* --- who may ---------------------------------------------------------------- */

static int
is_chair(const struct filing *filing, const char *group_code, struct err *err)
{
	struct desk *desk = filing->desk;
	struct group group;
	struct contacts chairs;
	int found =
	    group_find(desk->store, desk->arena, group_code, &group, err);

	if (found != 1)
		return found < 0 ? found : 0;
	int failed = group_contacts(desk->store, desk->arena,
	    &(struct member_filter){.group = group.id,
		.capacity = "chair",
		.day = desk->today_day},
	    &chairs, err);
	if (failed < 0)
		return failed;
	for (size_t i = 0; i < chairs.count; i++)
		if (chairs.items[i].id == filing->sender->id)
			return 1;
	return 0;
}

static int
may_send(const struct filing *filing, struct err *err)
{
	const char *group = field_of(filing, "", "group");

	if ((filing->sender->roles & ROLE_STAFF) != 0)
		return 0;
	int chairs = group[0] == '\0' ? 0 : is_chair(filing, group, err);
	if (chairs != 0)
		return chairs < 0 ? chairs : 0;
	return err_set(err, ERR_INPUT, BLAME_SENDER,
	    "Actions come from the chair of the group that they are for, or "
	    "from the partnership's team.");
}

/* --- what the definition cannot say -------------------------------------------- */

static void
add_owner_problem(struct filing *filing, const char *row, const char *reason,
    const char *agency_name)
{
	filing_add_problem(filing,
	    &(struct form_problem){.tbl = TABLE,
		.row = row,
		.field = "owner",
		.wrote = field_of(filing, row, "owner"),
		.place = "",
		.reason = reason,
		.allowed = arena_printf(filing->desk->arena,
		    "the email address of somebody at %s whom we know",
		    agency_name)});
}

/* The owner must be of the lead agency, and still be there. */
static int
check_owner(struct filing *filing, const char *row, struct err *err)
{
	struct desk *desk = filing->desk;
	const char *owner = field_of(filing, row, "owner");
	const char *lead = field_of(filing, row, "lead_agency");
	struct contact contact;
	struct agency agency;

	if (owner[0] == '\0' || lead[0] == '\0')
		return 0;
	int found = agency_find(desk->store, desk->arena, lead, &agency, err);
	if (found != 1)
		return found < 0 ? found : 0;
	found = contact_find(desk->store, desk->arena, owner, &contact, err);
	if (found < 0)
		return found;
	if (found == 0)
		add_owner_problem(filing, row, "we do not know this person.",
		    agency.name);
	else if (contact.left)
		add_owner_problem(filing, row, "this person has left.",
		    agency.name);
	else if (!contact_has_agency(&contact, agency.id))
		add_owner_problem(filing, row,
		    arena_printf(desk->arena,
			"%s does not work for the lead agency, %s.",
			contact.name, agency.name),
		    agency.name);
	return 0;
}

static int
check(struct filing *filing, struct err *err)
{
	const char **rows = rows_of(filing);
	int failed = 0;

	for (size_t i = 0; failed >= 0 && rows[i] != NULL; i++)
		failed = check_owner(filing, rows[i], err);
	return failed;
}

/* --- what it does ---------------------------------------------------------------- */

/* Made by this mail. */
struct made {
	struct action action;
	struct contact owner;
	bool is_told;
};

struct making {
	struct filing *filing;
	struct made *items;
	size_t count;
};

static int
find_people(const struct filing *filing, const char *row, struct made *made,
    struct err *err)
{
	struct desk *desk = filing->desk;
	struct agency agency;
	struct group group;
	int found = agency_find(desk->store, desk->arena,
	    field_of(filing, row, "lead_agency"), &agency, err);

	if (found > 0)
		found = contact_find(desk->store, desk->arena,
		    field_of(filing, row, "owner"), &made->owner, err);
	if (found > 0)
		found = group_find(desk->store, desk->arena,
		    field_of(filing, "", "group"), &group, err);
	if (found < 0)
		return found;
	if (found == 0)
		return 0; /* the register changed under an older answer */
	made->action.agency = agency.id;
	made->action.owner = made->owner.id;
	made->action.group = group.id;
	return 1;
}

static void
fill_action(const struct filing *filing, const char *row, struct action *action)
{
	const char *title = field_of(filing, row, "title");
	const char *priority = field_of(filing, row, "priority");

	action->source = field_of(filing, "", "source");
	action->submission = filing->submission.id;
	action->row = row;
	action->text = field_of(filing, row, "text");
	action->title = title[0] != '\0' ? title
					 : text_first_words(filing->desk->arena,
					       action->text, TITLE_CHARS);
	action->recommendation = field_of(filing, row, "recommendation");
	action->priority = priority[0] == '\0' ? "normal" : priority;
	action->owner_text = "";
	action->success_measure = field_of(filing, row, "success_measure");
	action->evidence_expected = field_of(filing, row, "evidence_expected");
	action->due_day = date_parse_iso(field_of(filing, row, "due"));
	action->status = "open";
	action->opened_at = filing->desk->now_at;
}

static int
make_action(struct making *making, const char *row, struct err *err)
{
	struct filing *filing = making->filing;
	struct desk *desk = filing->desk;
	struct made made = {0};
	char ref[REFERENCE_BYTES];
	int64_t id;
	int ready = find_people(filing, row, &made, err);

	if (ready <= 0)
		return ready;
	fill_action(filing, row, &made.action);
	int failed = action_make(desk, &made.action, &id, ref, err);
	if (failed < 0)
		return failed;
	made.action.id = id;
	made.action.ref = arena_strdup(desk->arena, ref);
	if ((failed = desk_audit(desk, filing->sender, "action-open",
		 made.action.ref, err)) < 0)
		return failed;
	struct made *one = arena_push(desk->arena, &making->items,
	    &making->count, sizeof(*one));
	*one = made;
	return 0;
}

/* --- the owners ------------------------------------------------------------------ */

static const char *
source_words(struct arena *arena, const char *source)
{
	if (text_istarts(source, "RR-"))
		return arena_printf(arena, "the review %s", source);
	if (text_istarts(source, "M-"))
		return arena_printf(arena, "the meeting %s", source);
	return source;
}

static json_t *
action_values(struct desk *desk, const struct action *action,
    struct letter_items *items)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "number",
	    letter_items_add(desk->arena, items, action->ref), "ref",
	    action->ref, "title", action->title, "text", action->text, "due",
	    letter_day(action->due_day), "success", action->success_measure,
	    "evidence", action->evidence_expected);
}

/* One mail with all that this owner got. */
static int
tell_owner(struct making *making, size_t first, struct err *err)
{
	struct desk *desk = making->filing->desk;
	const struct contact *owner = &making->items[first].owner;
	struct letter_items items = {0};
	json_t *actions = json_array();
	const char *refs = "";
	int32_t first_due = making->items[first].action.due_day;
	int64_t outbox;

	for (size_t i = first; i < making->count; i++) {
		struct made *made = &making->items[i];
		if (made->owner.id != owner->id)
			continue;
		made->is_told = true;
		if (made->action.due_day < first_due)
			first_due = made->action.due_day;
		refs = arena_printf(desk->arena, "%s%s%s", refs,
		    refs[0] == '\0' ? "" : ";", made->action.ref);
		json_array_append_new(actions,
		    action_values(desk, &made->action, &items));
	}
	json_auto_t *values = json_pack("{s:s, s:s, s:o, s:o}", "source",
	    source_words(desk->arena, making->items[first].action.source),
	    "from", making->filing->sender->name, "actions", actions,
	    "first_due", letter_day(first_due));
	return mailer_queue(desk->mailer,
	    &(struct letter){.kind = "request",
		.topic = "new-actions",
		.ref = refs,
		.recipient = owner->email,
		.name = owner->name,
		.contact = owner->id,
		.origin = ORIGIN_STARTED,
		.items = items.items,
		.item_count = items.count},
	    values, &outbox, err);
}

/* --- filing ------------------------------------------------------------------------ */

static const struct action *
find_row(const struct actions *actions, const char *row)
{
	for (size_t i = 0; i < actions->count; i++)
		if (strcmp(actions->items[i].row, row) == 0)
			return &actions->items[i];
	return NULL;
}

/* What a later mail says of a row that has acted already: staff's to change. */
static void
note_changed(struct filing *filing, const char *row,
    const struct action *action)
{
	if (strcmp(field_of(filing, row, "text"), action->text) != 0 ||
	    date_parse_iso(field_of(filing, row, "due")) !=
		action->original_due_day ||
	    strcmp(field_of(filing, row, "owner"), action->owner_email) != 0)
		filing_add_note(filing,
		    "%s stands as it was first made. To change it, please "
		    "call us.",
		    action->ref);
}

/* Where some rows come back, the problems letter must say what was made. */
static void
note_made(struct making *making)
{
	struct filing *filing = making->filing;

	if (filing->judgement->problem_count == 0 && filing->is_first)
		return;
	for (size_t i = 0; i < making->count; i++)
		filing_add_note(filing, "%s is made: %s. %s knows of it.",
		    making->items[i].action.ref, making->items[i].action.title,
		    making->items[i].owner.name);
}

/* Where the head is not right yet, the rows wait for it. */
static bool
is_headed(const struct filing *filing)
{
	return field_of(filing, "", "group")[0] != '\0' &&
	       field_of(filing, "", "source")[0] != '\0';
}

static int
file(struct filing *filing, struct err *err)
{
	struct desk *desk = filing->desk;
	struct making making = {.filing = filing};
	const char **rows = rows_of(filing);
	struct actions before;
	int failed = action_list(desk->store, desk->arena,
	    &(struct action_filter){.submission = filing->submission.id,
		.which = ACTIONS_ALL},
	    &before, err);

	for (size_t i = 0; failed >= 0 && rows[i] != NULL; i++) {
		const struct action *made = find_row(&before, rows[i]);
		if (made != NULL)
			note_changed(filing, rows[i], made);
		else if (!judge_row_has_problem(filing->judgement, TABLE,
			     rows[i]) &&
			 is_headed(filing))
			failed = make_action(&making, rows[i], err);
	}
	for (size_t i = 0; failed >= 0 && i < making.count; i++)
		if (!making.items[i].is_told)
			failed = tell_owner(&making, i, err);
	if (failed < 0)
		return failed;
	note_made(&making);
	return 0;
}

const struct handler handler_review_action = {
    .name = "review-action",
    .summary = "actions of a review or a meeting, given to their owners",
    .acts_by_row = true,
    .may_send = may_send,
    .check = check,
    .file = file,
};
