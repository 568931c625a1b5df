#include <string.h>

#include "base/limits.h"
#include "handlers/return_case.h"
#include "store/action.h"

static int
add_submission(struct return_case *rc, const char *state, struct err *err)
{
	struct submission *submission = &rc->filing.submission;
	struct desk *desk = rc->intake->desk;
	char ref[REFERENCE_BYTES];
	int64_t id;
	int failed = submission_add(desk->store,
	    &(struct submission_new){.form = rc->form->name,
		.form_version = rc->form->version,
		.round = rc->place.round.id,
		.agency = rc->place.agency.id,
		.period = rc->period,
		.thing = rc->thing,
		.sender = rc->intake->contact->email,
		.received_at = rc->intake->received_at,
		.state = state,
		.message = rc->intake->message},
	    &id, ref, err);

	if (failed < 0)
		return failed;
	rc->filing.is_first = true;
	int found =
	    submission_get(desk->store, desk->arena, id, submission, err);
	return found < 0 ? found : 0;
}

static int
amend_submission(struct return_case *rc, const char *state, struct err *err)
{
	struct submission *submission = &rc->filing.submission;
	struct desk *desk = rc->intake->desk;
	int version;
	int failed = submission_amend(desk->store, rc->standing.id,
	    &(struct submission_change){.message = rc->intake->message,
		.sender = rc->intake->contact->email,
		.state = state,
		.period = rc->period,
		.thing = rc->form->one_per_count > 0 ? rc->thing : "",
		.at = rc->intake->received_at},
	    &version, err);

	if (failed < 0)
		return failed;
	int found = submission_get(desk->store, desk->arena, rc->standing.id,
	    submission, err);
	return found < 0 ? found : 0;
}

static int
set_answers(const struct return_case *rc, struct err *err)
{
	const struct judgement *judgement = &rc->judgement;
	struct answer *items = arena_array(rc->intake->desk->arena,
	    judgement->answer_count + 1, sizeof(*items));

	for (size_t i = 0; i < judgement->answer_count; i++) {
		const struct form_answer *answer = &judgement->answers[i];
		items[i] = (struct answer){.tbl = answer->tbl,
		    .row = answer->row,
		    .field = answer->field,
		    .value = answer->value,
		    .position = answer->position};
	}
	return submission_set_answers(rc->intake->desk->store,
	    rc->filing.submission.id, rc->filing.submission.version,
	    &(struct answers){items, judgement->answer_count}, err);
}

/* Of a return that stands complete nothing is owed, whatever a correction got
 * wrong. */
static int
set_problems(const struct return_case *rc, struct err *err)
{
	size_t count = rc->how == RETURN_AMENDS ? 0 : rc->listed_count;
	struct stored_problem *items =
	    arena_array(rc->intake->desk->arena, count + 1, sizeof(*items));

	for (size_t i = 0; i < count; i++) {
		const struct form_problem *problem = rc->listed[i].problem;
		items[i] =
		    (struct stored_problem){.letter = rc->listed[i].letter,
			.tbl = problem->tbl,
			.row = problem->row,
			.field = problem->field,
			.wrote = problem->wrote,
			.place = problem->place,
			.reason = problem->reason,
			.allowed = problem->allowed,
			.missing = problem->missing};
	}
	return submission_set_problems(rc->intake->desk->store,
	    rc->filing.submission.id, &(struct stored_problems){items, count},
	    err);
}

static int
add_unread(const struct return_case *rc, struct err *err)
{
	size_t count = rc->unread_count < LIMIT_UNKNOWN_LINES
			   ? rc->unread_count
			   : LIMIT_UNKNOWN_LINES;

	if (count == 0)
		return 0;
	return submission_add_unread(rc->intake->desk->store,
	    rc->filing.submission.id, rc->filing.submission.version,
	    &(struct unread_lines){rc->unread, count}, err);
}

/* --- what it is about --------------------------------------------------------- */

int
return_close_effects(struct desk *desk, int64_t submission, struct err *err)
{
	int closed =
	    finding_close_all(desk->store, submission, desk->now_at, err);

	if (closed < 0)
		return closed;
	return action_close_proposed(desk->store, submission, err);
}

/* The older complete return of the same thing, if there is another one. */
static int
supersede(struct return_case *rc, const struct submission *older,
    struct err *err)
{
	struct desk *desk = rc->intake->desk;
	int failed;

	if ((failed = submission_supersede(desk->store, older->id,
		 rc->filing.submission.id, err)) < 0 ||
	    (failed = return_close_effects(desk, older->id, err)) < 0)
		return failed;
	rc->replaced = older->ref;
	return desk_audit(desk, rc->intake->contact, "superseded", older->ref,
	    err);
}

/* A correction may make it the same thing as another that stands. */
static int
find_double(const struct return_case *rc, struct submission *ret_older,
    struct err *err)
{
	const struct submission *submission = &rc->filing.submission;
	struct desk *desk = rc->intake->desk;
	struct submissions all;
	int failed = submission_list(desk->store, desk->arena,
	    &(struct submission_filter){.agency = submission->agency,
		.form = submission->form,
		.which = SUBMISSIONS_STANDING},
	    &all, err);

	for (size_t i = 0; failed >= 0 && i < all.count; i++)
		if (all.items[i].id != submission->id &&
		    strcmp(all.items[i].thing, submission->thing) == 0) {
			*ret_older = all.items[i];
			return 1;
		}
	return failed < 0 ? failed : 0;
}

static int
supersede_older(struct return_case *rc, struct err *err)
{
	struct submission older;

	if (rc->how == RETURN_REPLACES)
		return supersede(rc, &rc->standing, err);
	if (rc->form->one_per_count == 0 ||
	    !return_stands_complete(&rc->filing.submission) ||
	    strcmp(rc->filing.submission.thing,
		rc->standing.thing == NULL ? rc->filing.submission.thing
					   : rc->standing.thing) == 0)
		return 0;
	int found = find_double(rc, &older, err);
	return found <= 0 ? found : supersede(rc, &older, err);
}

/* What was returned once stays so: an audit has a return for each case. */
static int
set_request(const struct return_case *rc, struct err *err)
{
	const struct request *request = &rc->place.request;
	const char *state = return_stands_complete(&rc->filing.submission)
				? "returned"
				: "incomplete";

	if (request->id == 0 || strcmp(request->state, "signed_off") == 0 ||
	    strcmp(request->state, "exempt") == 0 ||
	    (strcmp(request->state, "returned") == 0 &&
		strcmp(state, "incomplete") == 0))
		return 0;
	return request_set_state(rc->intake->desk->store, request->id, state,
	    err);
}

/* --- the form's own deeds ------------------------------------------------------ */

/* Is there a row that can act? */
static bool
has_right_row(const struct return_case *rc)
{
	const struct judgement *judgement = &rc->judgement;

	for (size_t t = 0; t < rc->form->table_count; t++) {
		const char *tbl = rc->form->tables[t].name;
		const char **rows = answer_rows(rc->intake->desk->arena,
		    judgement->answers, judgement->answer_count, tbl);
		for (; *rows != NULL; rows++)
			if (!judge_row_has_problem(judgement, tbl, *rows))
				return true;
	}
	return false;
}

static int
run_handler(struct return_case *rc, struct err *err)
{
	const struct handler *handler = rc->handler;

	if (handler == NULL || handler->file == NULL)
		return 0;
	if (handler->acts_by_row
		? !has_right_row(rc)
		: !return_stands_complete(&rc->filing.submission))
		return 0;
	return handler->file(&rc->filing, err);
}

int
return_file(struct return_case *rc, struct err *err)
{
	bool is_new = rc->how == RETURN_NEW || rc->how == RETURN_REPLACES;
	const char *state =
	    rc->judgement.is_complete || rc->how == RETURN_AMENDS
		? "returned"
		: "incomplete";
	int failed = is_new ? add_submission(rc, state, err)
			    : amend_submission(rc, state, err);

	if (failed < 0 || (failed = set_answers(rc, err)) < 0 ||
	    (failed = set_problems(rc, err)) < 0 ||
	    (failed = add_unread(rc, err)) < 0 ||
	    (failed = supersede_older(rc, err)) < 0 ||
	    (failed = set_request(rc, err)) < 0 ||
	    (failed = desk_audit(rc->intake->desk, rc->intake->contact,
		 is_new ? "filed" : "amended", rc->filing.submission.ref,
		 err)) < 0)
		return failed;
	return run_handler(rc, err);
}
