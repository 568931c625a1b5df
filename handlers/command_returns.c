#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "handlers/actions.h"
#include "handlers/commands.h"
#include "handlers/letters.h"
#include "handlers/return.h"
#include "handlers/rounds.h"
#include "mail/words.h"
#include "store/round.h"

/* --- check ------------------------------------------------------------------- */

int
command_check(struct intake *intake, const char *text, struct err *err)
{
	(void)text; /* what is judged stands below */
	intake->is_rehearsal = true;
	return return_rehearse(intake, err);
}

/* --- withdraw ------------------------------------------------------------------ */

/* What is meant where no reference is given: the thread's return, or the one
 * that stands for its request. 1, 0, or an error. */
static int
find_of_thread(const struct intake *intake, struct submission *ret_submission,
    struct err *err)
{
	struct desk *desk = intake->desk;
	const struct reading *reading = &intake->reading;
	struct request request;
	struct submissions all;

	if (reading->submission_ref[0] != '\0')
		return submission_find(desk->store, desk->arena,
		    reading->submission_ref, ret_submission, err);
	if (reading->round_ref[0] == '\0' || reading->agency_code[0] == '\0')
		return 0;
	int found = request_find_ref(desk->store, desk->arena,
	    arena_printf(desk->arena, "%s/%s", reading->round_ref,
		reading->agency_code),
	    &request, err);
	if (found <= 0)
		return found;
	int failed = submission_list(desk->store, desk->arena,
	    &(struct submission_filter){.round = request.round,
		.agency = request.agency,
		.form = "",
		.which = SUBMISSIONS_STANDING},
	    &all, err);
	if (failed < 0 || all.count == 0)
		return failed < 0 ? failed : 0;
	*ret_submission = all.items[all.count - 1];
	return 1;
}

static int
find_request(struct desk *desk, const struct submission *submission,
    struct request *ret_request, struct err *err)
{
	if (submission->round == 0 || submission->agency == 0)
		return 0;
	return request_find(desk->store, desk->arena, submission->round,
	    submission->agency, ret_request, err);
}

/* The request is open again: it is sent again, with its form. */
static int
ask_again(const struct intake *intake, const struct submission *submission,
    struct err *err)
{
	struct desk *desk = intake->desk;
	struct request request;
	int found = find_request(desk, submission, &request, err);

	if (found <= 0 || strcmp(request.state, "sent") != 0)
		return found < 0 ? found : 0;
	int failed = request_refresh(desk, &request, err);
	if (failed < 0)
		return failed;
	int mails = rounds_send_request(desk, request.id, err);
	return mails < 0 ? mails : 0;
}

static int
answer_unknown(struct intake *intake, const char *asked, struct err *err)
{
	struct letter letter;

	if (asked[0] == '\0')
		return command_list_forms(intake,
		    "To take a return back, write withdraw and its reference.",
		    err);
	json_auto_t *values = json_pack("{s:s, s:b, s:o, s:s, s:[]}", "asked",
	    text_first_words(intake->desk->arena, asked, 60), "found", 0,
	    "when", letter_when(intake->received_at), "title", "", "lines");
	letter_to_sender(intake, &letter);
	letter.topic = "status";
	return command_answer(intake, &letter, values, err);
}

int
command_withdraw(struct intake *intake, const char *text, struct err *err)
{
	struct desk *desk = intake->desk;
	struct submission submission;
	int found = text[0] == '\0' ? find_of_thread(intake, &submission, err)
				    : submission_find(desk->store, desk->arena,
					  text, &submission, err);

	if (found < 0)
		return found;
	if (found == 0)
		return answer_unknown(intake, text, err);
	int done = return_withdraw(intake, &submission, err);
	if (done <= 0 || strcmp(intake->outcome.outcome, "filed") != 0)
		return done;
	int failed = ask_again(intake, &submission, err);
	return failed < 0 ? failed : 1;
}

/* --- mine -------------------------------------------------------------------------- */

static const char *
request_words(const struct desk *desk, const struct request *request)
{
	if (strcmp(request->state, "incomplete") == 0)
		return "We have it. Some answers are missing.";
	if (request->wants_day != DAY_NONE)
		return arena_printf(desk->arena,
		    "Not here yet. You asked for time until %s.",
		    words_day_short(desk->arena, request->wants_day));
	return "Not here yet.";
}

/* Those of the sender's agencies, where the sender acts for them. */
static int
list_requests(const struct intake *intake, json_t *values, struct err *err)
{
	struct desk *desk = intake->desk;
	const struct contact *contact = intake->contact;

	if ((contact->roles & (ROLE_LEAD | ROLE_DEPUTY | ROLE_DATA)) == 0)
		return 0;
	for (size_t a = 0; a < contact->agency_count; a++) {
		struct requests open;
		int failed = request_list(desk->store, desk->arena,
		    &(struct request_filter){.agency = contact->agencies[a].id,
			.which = REQUESTS_OPEN},
		    &open, err);
		if (failed < 0)
			return failed;
		for (size_t i = 0; i < open.count; i++) {
			const struct request *request = &open.items[i];
			json_array_append_new(values,
			    json_pack("{s:s, s:s, s:s, s:s}", "ref",
				arena_printf(desk->arena, "%s/%s",
				    request->round_ref, request->agency_code),
				"title", request->title, "due",
				due_words(desk, request->due_day), "state",
				request_words(desk, request)));
		}
	}
	return 0;
}

int
command_mine(struct intake *intake, const char *text, struct err *err)
{
	struct letter_items items = {0};
	json_auto_t *requests = json_array();
	json_auto_t *actions = NULL;
	struct letter letter;
	int failed;

	(void)text; /* nothing stands behind it */
	if ((failed = list_requests(intake, requests, err)) < 0 ||
	    (failed = actions_owed_values(intake->desk, intake->contact->id, "",
		 &items, &actions, err)) < 0)
		return failed;
	json_auto_t *values = json_pack("{s:o, s:O, s:O}", "when",
	    letter_when(intake->received_at), "requests", requests, "actions",
	    actions);
	letter_to_sender(intake, &letter);
	letter.topic = "mine";
	letter.items = items.items;
	letter.item_count = items.count;
	return command_answer(intake, &letter, values, err);
}
