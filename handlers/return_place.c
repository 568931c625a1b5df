#include "handlers/return_place.h"

#include <string.h>

#include "base/text.h"
#include "mail/words.h"

void
place_add_reason(struct arena *arena, struct place *place, const char *what,
    const char *fix)
{
	struct reason *reason = arena_push(arena, &place->reasons,
	    &place->reason_count, sizeof(*reason));

	*reason = (struct reason){.what = what, .fix = fix};
}

bool
place_may_send_for(const struct contact *contact, const struct agency *agency)
{
	if ((contact->roles & ROLE_STAFF) != 0 ||
	    contact_has_agency(contact, agency->id))
		return true;
	if ((contact->roles & ROLE_LEAD) == 0 || agency->parent[0] == '\0')
		return false;
	for (size_t i = 0; i < contact->agency_count; i++)
		if (strcmp(contact->agencies[i].code, agency->parent) == 0)
			return true;
	return false;
}

/* --- rounds ---------------------------------------------------------------- */

static void
add_round(struct arena *arena, struct rounds *rounds, const struct round *round)
{
	for (size_t i = 0; i < rounds->count; i++)
		if (rounds->items[i].id == round->id)
			return;
	struct round *added =
	    arena_push(arena, &rounds->items, &rounds->count, sizeof(*added));
	*added = *round;
}

/* The open rounds that asked this agency, whatever came of it. */
static int
add_asked(struct desk *desk, const char *form, int64_t agency,
    struct rounds *rounds, struct err *err)
{
	struct requests requests;
	int failed = request_list(desk->store, desk->arena,
	    &(struct request_filter){.agency = agency, .which = REQUESTS_ALL},
	    &requests, err);

	for (size_t i = 0; failed >= 0 && i < requests.count; i++) {
		const struct request *request = &requests.items[i];
		struct round round;
		if (strcmp(request->form, form) != 0 ||
		    request->round_closed_at != 0)
			continue;
		failed = round_get(desk->store, desk->arena, request->round,
		    &round, err);
		if (failed > 0)
			add_round(desk->arena, rounds, &round);
	}
	return failed < 0 ? failed : 0;
}

int
place_guess_rounds(struct desk *desk, const char *form,
    const struct contact_agency *agencies, size_t count,
    struct rounds *ret_rounds, struct err *err)
{
	struct rounds rounds = {0};
	int failed;

	for (size_t i = 0; i < count; i++) {
		struct rounds awaiting;
		failed = round_list_awaiting(desk->store, desk->arena, form,
		    agencies[i].id, &awaiting, err);
		if (failed < 0)
			return failed;
		for (size_t r = 0; r < awaiting.count; r++)
			add_round(desk->arena, &rounds, &awaiting.items[r]);
	}
	for (size_t i = 0; rounds.count == 0 && i < count; i++) {
		failed = add_asked(desk, form, agencies[i].id, &rounds, err);
		if (failed < 0)
			return failed;
	}
	*ret_rounds = rounds;
	return 0;
}

/* --- the agency -------------------------------------------------------------- */

static int
find_written_agency(const struct intake *intake, const char *written,
    struct place *place, struct err *err)
{
	struct desk *desk = intake->desk;
	const char *shown = text_first_words(desk->arena, written, 60);
	int found =
	    agency_find(desk->store, desk->arena, written, &place->agency, err);

	if (found == 1)
		return 0;
	if (found == 0)
		place_add_reason(desk->arena, place,
		    arena_printf(desk->arena, "We know no agency called %s.",
			shown),
		    "Look at the name again, or leave out the line that says "
		    "Agency.");
	else if (found > 1)
		place_add_reason(desk->arena, place,
		    arena_printf(desk->arena,
			"We know more than one agency called %s.", shown),
		    "Use the agency's short code in that line.");
	return found < 0 ? found : 0;
}

static bool
awaits(const struct request *request)
{
	return strcmp(request->state, "not_sent") == 0 ||
	       strcmp(request->state, "sent") == 0 ||
	       strcmp(request->state, "incomplete") == 0;
}

/* Has it an open request for this form, in the round that is named if one is?
 * 1 or 0. */
static int
is_asked(const struct intake *intake, int64_t agency, struct err *err)
{
	struct desk *desk = intake->desk;
	struct requests requests;
	int failed = request_list(desk->store, desk->arena,
	    &(struct request_filter){.agency = agency, .which = REQUESTS_OPEN},
	    &requests, err);

	for (size_t i = 0; failed >= 0 && i < requests.count; i++) {
		const struct request *request = &requests.items[i];
		const char *round = intake->reading.round_ref;
		if (strcmp(request->form, intake->reading.form->name) != 0)
			continue;
		if (round[0] == '\0' || text_ieq(round, request->round_ref))
			return 1;
	}
	return failed < 0 ? failed : 0;
}

static const char *
agency_names(struct arena *arena, const struct contact *contact)
{
	const char **names =
	    arena_array(arena, contact->agency_count + 1, sizeof(*names));

	for (size_t i = 0; i < contact->agency_count; i++)
		names[i] = contact->agencies[i].name;
	return words_list(arena, names, contact->agency_count, "and");
}

/* The only one of the contact's agencies that is asked for it. */
static int
choose_agency(const struct intake *intake, struct place *place, struct err *err)
{
	const struct contact *contact = intake->contact;
	struct desk *desk = intake->desk;
	int64_t chosen = 0;
	size_t asked = 0;

	bool needs_choice =
	    contact->agency_count > 1 || (contact->roles & ROLE_STAFF) != 0;
	bool is_clear =
	    contact->agency_count > 0 &&
	    (!needs_choice || intake->reading.form->covers == COVERS_NONE);
	if (is_clear) {
		chosen = contact->agencies[0].id;
		asked = 1;
	}
	for (size_t i = 0; !is_clear && i < contact->agency_count; i++) {
		int is = is_asked(intake, contact->agencies[i].id, err);
		if (is < 0)
			return is;
		if (is > 0) {
			chosen = contact->agencies[i].id;
			asked++;
		}
	}
	if (asked == 1) {
		int found = agency_get(desk->store, desk->arena, chosen,
		    &place->agency, err);
		return found < 0 ? found : 0;
	}
	place_add_reason(desk->arena, place,
	    contact->agency_count > 1
		? arena_printf(desk->arena,
		      "You write for %s, and we cannot tell whose this is.",
		      agency_names(desk->arena, contact))
		: "We cannot tell which agency this is from.",
	    "Send it again with this as its first line: Agency: and the "
	    "agency's name");
	return 0;
}

/* The URN of a school's form, where it is one that this sender writes for: a
 * wrong one is the form's own matter. 1, 0 or an error. */
static int
find_by_urn(const struct intake *intake, struct place *place, struct err *err)
{
	const struct form_source *source = &intake->reading.source;
	struct desk *desk = intake->desk;
	struct agency agency;
	const char *urn = "";

	for (size_t i = 0; i < source->entry_count; i++)
		if (source->entries[i].tbl[0] == '\0' &&
		    strcmp(source->entries[i].field, "urn") == 0)
			urn = source->entries[i].text;
	if (urn[0] == '\0')
		return 0;
	int found = agency_find(desk->store, desk->arena, urn, &agency, err);
	if (found != 1 || !text_ieq(agency.urn, urn) ||
	    !place_may_send_for(intake->contact, &agency))
		return found < 0 ? found : 0;
	place->agency = agency;
	return 1;
}

static void
check_agency(const struct intake *intake, struct place *place)
{
	struct arena *arena = intake->desk->arena;

	if (place->agency.id == 0)
		return;
	if (!place_may_send_for(intake->contact, &place->agency)) {
		place->is_not_allowed = true;
		place_add_reason(arena, place,
		    arena_printf(arena,
			"You are not on our list of people who write for %s.",
			place->agency.name),
		    "Call us if you should be. If it is for your own agency, "
		    "leave out the line that says Agency.");
	} else if (!agency_is_active(&place->agency, intake->desk->today_day)) {
		place_add_reason(arena, place,
		    arena_printf(arena,
			"%s is no longer on our list of agencies.",
			place->agency.name),
		    "Call us if that is not right.");
	}
}

static int
find_agency(const struct intake *intake, struct place *place, struct err *err)
{
	const struct reading *reading = &intake->reading;
	int failed;

	if (reading->agency_code[0] != '\0')
		failed = find_written_agency(intake, reading->agency_code,
		    place, err);
	else if (reading->header.agency[0] != '\0')
		failed = find_written_agency(intake, reading->header.agency,
		    place, err);
	else if ((failed = find_by_urn(intake, place, err)) == 0)
		failed = choose_agency(intake, place, err);
	if (failed >= 0)
		check_agency(intake, place);
	return failed < 0 ? failed : 0;
}

/* --- the round -------------------------------------------------------------- */

static int
find_request(const struct intake *intake, struct place *place, struct err *err)
{
	struct desk *desk = intake->desk;

	if (place->round.id == 0 || place->agency.id == 0)
		return 0;
	int found = request_find(desk->store, desk->arena, place->round.id,
	    place->agency.id, &place->request, err);
	if (found != 0)
		return found < 0 ? found : 0;
	place->request = (struct request){0};
	if ((intake->reading.form->covers & COVERS_ROUND) != 0)
		place_add_reason(desk->arena, place,
		    arena_printf(desk->arena, "We did not ask %s for %s.",
			place->agency.name, place->round.ref),
		    "Call us if we should have.");
	return 0;
}

static const char *
round_names(struct arena *arena, const struct rounds *rounds)
{
	const char **names =
	    arena_array(arena, rounds->count + 1, sizeof(*names));

	for (size_t i = 0; i < rounds->count; i++)
		names[i] = arena_printf(arena, "%s, %s, due %s",
		    rounds->items[i].ref, rounds->items[i].title,
		    words_day_short(arena, rounds->items[i].due_day));
	return words_list(arena, names, rounds->count, "and");
}

/* Of a form that is not bound to rounds: only what is still awaited. */
static int
drop_returned(const struct intake *intake, const struct place *place,
    struct rounds *rounds, struct err *err)
{
	struct desk *desk = intake->desk;
	size_t kept = 0;

	if ((intake->reading.form->covers & COVERS_ROUND) != 0)
		return 0;
	for (size_t i = 0; i < rounds->count; i++) {
		struct request request;
		int found = request_find(desk->store, desk->arena,
		    rounds->items[i].id, place->agency.id, &request, err);
		if (found < 0)
			return found;
		if (found > 0 && awaits(&request))
			rounds->items[kept++] = rounds->items[i];
	}
	rounds->count = kept;
	return 0;
}

static int
guess_round(const struct intake *intake, struct place *place, struct err *err)
{
	const struct form *form = intake->reading.form;
	struct desk *desk = intake->desk;
	struct rounds rounds;
	int failed;

	if (place->agency.id == 0)
		return 0;
	if ((failed = place_guess_rounds(desk, form->name,
		 &(struct contact_agency){.id = place->agency.id}, 1, &rounds,
		 err)) < 0 ||
	    (failed = drop_returned(intake, place, &rounds, err)) < 0)
		return failed;
	if (rounds.count == 1) {
		place->round = rounds.items[0];
	} else if (rounds.count > 1) {
		place_add_reason(desk->arena, place,
		    arena_printf(desk->arena,
			"It could be for more than one thing that we asked "
			"you for: %s.",
			round_names(desk->arena, &rounds)),
		    "Send it again with this as its first line: Round: and "
		    "the one that you mean");
	} else if ((form->covers & COVERS_ROUND) != 0) {
		place_add_reason(desk->arena, place,
		    arena_printf(desk->arena,
			"We are not asking %s for this now: %s.",
			place->agency.name, form->title),
		    "Call us if you think that we should be.");
	}
	return 0;
}

static int
find_round(const struct intake *intake, struct place *place, struct err *err)
{
	const struct reading *reading = &intake->reading;
	struct desk *desk = intake->desk;

	if (reading->round_ref[0] != '\0') {
		int found = round_find(desk->store, desk->arena,
		    reading->round_ref, &place->round, err);
		return found < 0 ? found : 0;
	}
	if (reading->header.round[0] == '\0')
		return guess_round(intake, place, err);
	place_add_reason(desk->arena, place,
	    arena_printf(desk->arena,
		"We are not asking for anything called %s.",
		text_first_words(desk->arena, reading->header.round, 60)),
	    "Reply to the email in which we asked you for it, and send it "
	    "there.");
	return 0;
}

int
place_find(const struct intake *intake, struct place *ret_place,
    struct err *err)
{
	int failed;

	*ret_place = (struct place){0};
	if ((failed = find_agency(intake, ret_place, err)) < 0 ||
	    (failed = find_round(intake, ret_place, err)) < 0)
		return failed;
	return find_request(intake, ret_place, err);
}

int
place_of_submission(const struct intake *intake,
    const struct submission *submission, struct place *ret_place,
    struct err *err)
{
	struct desk *desk = intake->desk;
	int found;

	*ret_place = (struct place){0};
	if (submission->agency != 0 &&
	    (found = agency_get(desk->store, desk->arena, submission->agency,
		 &ret_place->agency, err)) < 0)
		return found;
	check_agency(intake, ret_place);
	if (submission->round == 0)
		return 0;
	if ((found = round_get(desk->store, desk->arena, submission->round,
		 &ret_place->round, err)) < 0)
		return found;
	if (ret_place->agency.id == 0)
		return 0;
	found = request_find(desk->store, desk->arena, submission->round,
	    submission->agency, &ret_place->request, err);
	return found < 0 ? found : 0;
}
