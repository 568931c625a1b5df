#include <string.h>

#include "base/text.h"
#include "handlers/letters.h"
#include "handlers/reading.h"
#include "handlers/return.h"
#include "handlers/return_case.h"
#include "mail/words.h"
#include "store/round.h"

static bool
may_withdraw(const struct intake *intake, const struct submission *submission)
{
	const struct contact *contact = intake->contact;

	if (text_ieq(submission->sender, contact->email) ||
	    (contact->roles & ROLE_STAFF) != 0)
		return true;
	return (contact->roles & (ROLE_LEAD | ROLE_DEPUTY)) != 0 &&
	       submission->agency != 0 &&
	       contact_has_agency(contact, submission->agency);
}

static const char *
title_of(struct desk *desk, const struct submission *submission)
{
	const struct form *form = forms_find(desk->forms, submission->form);

	return form == NULL ? submission->form : form->title;
}

static int
agency_name(struct desk *desk, const struct submission *submission,
    const char **ret_name, struct err *err)
{
	struct agency agency = {.name = ""};
	int found = 0;

	if (submission->agency != 0)
		found = agency_get(desk->store, desk->arena, submission->agency,
		    &agency, err);
	*ret_name = agency.name;
	return found < 0 ? found : 0;
}

/* What the request is without it: another return may stand for it. */
static int
reopen_request(struct desk *desk, const struct submission *submission,
    struct request *request, struct err *err)
{
	const char *state = "sent";
	struct submissions rest;
	int failed = submission_list(desk->store, desk->arena,
	    &(struct submission_filter){.round = submission->round,
		.agency = submission->agency,
		.form = submission->form,
		.which = SUBMISSIONS_STANDING},
	    &rest, err);

	if (failed < 0)
		return failed;
	for (size_t i = 0; i < rest.count; i++) {
		if (return_stands_complete(&rest.items[i])) {
			state = "returned";
			break;
		}
		state = "incomplete";
	}
	if (request->round_closed_at != 0 && strcmp(state, "returned") != 0)
		state = "non_return";
	request->state = state;
	return request_set_state(desk->store, request->id, state, err);
}

static int
free_request(struct desk *desk, const struct submission *submission,
    struct request *ret_request, struct err *err)
{
	*ret_request = (struct request){.state = ""};
	if (submission->round == 0 || submission->agency == 0)
		return 0;
	int found = request_find(desk->store, desk->arena, submission->round,
	    submission->agency, ret_request, err);
	if (found <= 0 || strcmp(ret_request->state, "exempt") == 0)
		return found < 0 ? found : 0;
	return reopen_request(desk, submission, ret_request, err);
}

static int
answer_withdrawn(struct intake *intake, const struct submission *submission,
    const struct request *request, int actions, struct err *err)
{
	struct desk *desk = intake->desk;
	bool is_open = strcmp(request->state, "sent") == 0 ||
		       strcmp(request->state, "incomplete") == 0;
	struct letter letter;
	const char *agency;
	int64_t outbox;
	int failed = agency_name(desk, submission, &agency, err);

	if (failed < 0)
		return failed;
	json_t *notes = json_array();
	if (actions > 0)
		(void)json_array_append_new(notes,
		    actions == 1
			? json_string("The action that we proposed from it is "
				      "closed.")
			: json_sprintf("The %d actions that we proposed from "
				       "it are closed.",
			      actions));
	json_t *values = json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "title",
	    title_of(desk, submission), "agency", agency, "when",
	    letter_when(intake->received_at), "by", "", "due",
	    is_open ? words_day_short(desk->arena, request->due_day) : "",
	    "notes", notes);
	letter_to_sender(intake, &letter);
	letter.kind = "receipt";
	letter.topic = "withdrawn";
	letter.ref = submission->ref;
	failed = mailer_queue(desk->mailer, &letter, values, &outbox, err);
	json_decref(values);
	return failed;
}

static int
withdraw(struct intake *intake, const struct submission *submission,
    struct err *err)
{
	struct desk *desk = intake->desk;
	struct request request;
	int failed, actions;

	if ((failed = submission_set_state(desk->store, submission->id,
		 "withdrawn", err)) < 0 ||
	    (actions = failed =
		    return_close_effects(desk, submission->id, err)) < 0 ||
	    (failed = free_request(desk, submission, &request, err)) < 0 ||
	    (failed = desk_audit(desk, intake->contact, "withdrawn",
		 submission->ref, err)) < 0 ||
	    (failed = answer_withdrawn(intake, submission, &request, actions,
		 err)) < 0)
		return failed;
	intake->outcome = (struct outcome){.outcome = "filed",
	    .reason = "",
	    .ref = submission->ref};
	return 1;
}

static int
refuse(struct intake *intake, const struct submission *submission,
    struct return_case *rc, struct err *err)
{
	int failed = reading_definition(intake->desk, submission->form,
	    submission->form_version, &rc->form, err);

	if (failed < 0 || (failed = return_answer(rc, err)) < 0)
		return failed;
	return 1;
}

int
return_withdraw(struct intake *intake, const struct submission *submission,
    struct err *err)
{
	struct arena *arena = intake->desk->arena;
	struct return_case rc = {.intake = intake,
	    .how = RETURN_NOTHING,
	    .period = "",
	    .thing = "",
	    .replaced = "",
	    .asked =
		arena_printf(arena, "request to withdraw %s", submission->ref),
	    .filing.desk = intake->desk};

	if (!may_withdraw(intake, submission)) {
		rc.place.is_not_allowed = true;
		place_add_reason(arena, &rc.place,
		    arena_printf(arena, "You cannot withdraw %s.",
			submission->ref),
		    "Ask whoever sent it, a safeguarding lead of that agency, "
		    "or us.");
		return refuse(intake, submission, &rc, err);
	}
	if (strcmp(submission->state, "withdrawn") == 0 ||
	    strcmp(submission->state, "superseded") == 0) {
		place_add_reason(arena, &rc.place,
		    arena_printf(arena, "%s does not count any more.",
			submission->ref),
		    "You do not need to do anything.");
		return refuse(intake, submission, &rc, err);
	}
	return withdraw(intake, submission, err);
}
