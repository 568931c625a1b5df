#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "handlers/letters.h"
#include "handlers/return_case.h"
#include "mail/words.h"
#include "store/action.h"

static void
set_outcome(struct intake *intake, const char *outcome, const char *reason,
    const char *ref)
{
	intake->outcome =
	    (struct outcome){.outcome = outcome, .reason = reason, .ref = ref};
}

/* --- the answers as this sender may see them ------------------------------------ */

/* Others than the one who gave the answers, and than staff. 1, 0 or an error. */
static int
is_other_sender(const struct return_case *rc, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	const struct contact *contact = rc->intake->contact;
	struct submission_versions versions;
	int failed;

	if ((contact->roles & ROLE_STAFF) != 0 || rc->standing.id == 0 ||
	    rc->how == RETURN_REPLACES)
		return 0;
	failed = submission_list_versions(desk->store, desk->arena,
	    rc->standing.id, &versions, err);
	for (size_t i = 0; failed >= 0 && i < versions.count; i++)
		if (!text_ieq(versions.items[i].sender, contact->email))
			return 1;
	return failed < 0 ? failed : 0;
}

static int
show_answers(struct return_case *rc, struct err *err)
{
	rc->shown = rc->judgement.answers;
	rc->shown_count = rc->judgement.answer_count;
	/* By the definition of today, however old the round's is. */
	const struct form *form =
	    rc->form == NULL
		? NULL
		: forms_find(rc->intake->desk->forms, rc->form->name);
	if (form == NULL)
		return 0;
	int other = is_other_sender(rc, err);
	if (other <= 0)
		return other;
	struct form_answer *shown = arena_array(rc->intake->desk->arena,
	    rc->shown_count + 1, sizeof(*shown));
	for (size_t i = 0; i < rc->shown_count; i++) {
		shown[i] = rc->judgement.answers[i];
		shown[i].value = form_shown_value(form, shown[i].tbl,
		    shown[i].field, shown[i].value);
	}
	rc->shown = shown;
	return 0;
}

/* --- what it made ---------------------------------------------------------------- */

static int
action_value(const struct return_case *rc, const struct action *action,
    json_t *list, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	struct agency agency;
	int found =
	    agency_get(desk->store, desk->arena, action->agency, &agency, err);

	if (found < 0)
		return found;
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s, s:o, s:s}", "ref", action->ref, "title",
		action->title, "owner",
		json_sprintf("%s, %s",
		    action->owner != 0 ? action->owner_name
				       : action->owner_text,
		    agency.name),
		"due",
		action->due_day == DAY_NONE
		    ? "when it is agreed"
		    : words_day(desk->arena, action->due_day)));
	return 0;
}

static int
set_actions(const struct return_case *rc, json_t *values, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	struct actions actions;
	json_t *list = json_array();
	int failed = action_list(desk->store, desk->arena,
	    &(struct action_filter){.submission = rc->filing.submission.id,
		.which = ACTIONS_OPEN},
	    &actions, err);

	for (size_t i = 0; failed >= 0 && i < actions.count; i++)
		failed = action_value(rc, &actions.items[i], list, err);
	(void)json_object_set_new(values, "actions", list);
	return failed < 0 ? failed : 0;
}

/* --- queuing -------------------------------------------------------------------- */

static void
set_items(const struct return_case *rc, const char *ref, struct letter *letter)
{
	struct letter_item *items = arena_array(rc->intake->desk->arena,
	    rc->listed_count + 1, sizeof(*items));

	for (size_t i = 0; i < rc->listed_count; i++) {
		const struct form_problem *problem = rc->listed[i].problem;
		if (!rc->listed[i].can_answer)
			continue;
		items[letter->item_count++] =
		    (struct letter_item){.label = rc->listed[i].letter,
			.kind = "answer",
			.ref = ref,
			.tbl = problem->tbl,
			.row = problem->row,
			.field = problem->field};
	}
	letter->items = items;
}

/* By what a reply to a mail that stored nothing finds its way. */
static const char *
thread_ref(const struct return_case *rc)
{
	struct arena *arena = rc->intake->desk->arena;

	if (rc->intake->reading.clash[0] != '\0')
		return ""; /* the reply may name what it is about */
	if (rc->standing.id != 0 &&
	    (rc->named.id == rc->standing.id || rc->hides_missing))
		return rc->standing.ref;
	if (rc->place.request.id != 0 && !rc->place.is_not_allowed)
		return arena_printf(arena, "%s/%s", rc->place.round.ref,
		    rc->place.agency.code);
	return "";
}

static int
answer_not_stored(struct return_case *rc, struct err *err)
{
	struct letter letter;
	json_t *values = return_values(rc);
	const char *ref = thread_ref(rc);

	letter_to_sender(rc->intake, &letter);
	letter.kind = "problems";
	letter.ref = ref;
	set_items(rc, ref, &letter);
	int sent = letter_answer(rc->intake, &letter, values, err);
	json_decref(values);
	set_outcome(rc->intake, "problems",
	    rc->place.is_not_allowed ? "not allowed" : "", ref);
	return sent < 0 ? sent : 0;
}

/* Missing answers alone, each of which a letter can give. */
static bool
is_incomplete_only(const json_t *values)
{
	return json_array_size(json_object_get(values, "problems")) == 0 &&
	       json_array_size(json_object_get(values, "reasons")) == 0;
}

static int
attach_copy(const struct return_case *rc, struct compose_file *file,
    struct letter *letter, json_t *values, struct err *err)
{
	if (!return_is_full(rc))
		return 0;
	int failed = return_copy(rc, file, err);
	if (failed < 0)
		return failed;
	letter->files = file;
	letter->file_count = 1;
	(void)json_object_set_new(values, "copy", json_true());
	return 0;
}

static int
queue_stored(struct return_case *rc, json_t *values, struct err *err)
{
	bool is_right =
	    rc->judgement.problem_count == 0 && rc->judgement.is_complete;
	struct desk *desk = rc->intake->desk;
	struct compose_file file;
	struct letter letter;
	int64_t outbox;
	int failed;

	letter_to_sender(rc->intake, &letter);
	letter.kind =
	    is_right && !rc->filing.asks_more ? "receipt" : "problems";
	if (strcmp(letter.kind, "problems") == 0 && is_incomplete_only(values))
		letter.topic = "incomplete";
	letter.ref = rc->filing.submission.ref;
	set_items(rc, letter.ref, &letter);
	if ((failed = attach_copy(rc, &file, &letter, values, err)) < 0 ||
	    (failed = set_actions(rc, values, err)) < 0)
		return failed;
	return mailer_queue(desk->mailer, &letter, values, &outbox, err);
}

/* Of a correction that was put back in part: what to do about it. */
static void
note_put_back(struct return_case *rc)
{
	if (rc->standing.id == 0 || !return_stands_complete(&rc->standing) ||
	    rc->judgement.missing == 0 || !return_is_kept(rc))
		return;
	filing_add_note(&rc->filing,
	    "Your return stays complete: what needs more was left as it was. "
	    "Please send those lines again, together with what is missing.");
}

static int
answer_stored(struct return_case *rc, struct err *err)
{
	bool is_right = rc->judgement.problem_count == 0 &&
			rc->judgement.is_complete && !rc->filing.asks_more;

	set_outcome(rc->intake, is_right ? "filed" : "problems", "",
	    rc->filing.submission.ref);
	if (rc->filing.is_answered)
		return 0;
	json_t *values = return_values(rc);
	int failed = queue_stored(rc, values, err);
	json_decref(values);
	return failed < 0 ? failed : 0;
}

int
return_answer(struct return_case *rc, struct err *err)
{
	int failed = show_answers(rc, err);

	if (failed < 0)
		return failed;
	note_put_back(rc);
	if (rc->how == RETURN_EQUAL)
		return return_answer_again(rc->intake, &rc->standing, err);
	if (rc->how == RETURN_NOTHING)
		return answer_not_stored(rc, err);
	return answer_stored(rc, err);
}

int
return_answer_check(struct return_case *rc, struct err *err)
{
	struct letter letter;
	int failed = show_answers(rc, err);

	if (failed < 0)
		return failed;
	json_t *values = return_values(rc);
	letter_to_sender(rc->intake, &letter);
	letter.topic = "check";
	failed = letter_answer(rc->intake, &letter, values, err);
	json_decref(values);
	set_outcome(rc->intake, "answered", "", "");
	return failed < 0 ? failed : 0;
}

/* The mail that answered the last change of it; the newest about it where that
 * one had an answer of another kind. 1 or 0. */
static int
find_first(const struct intake *intake, const struct submission *submission,
    struct outbox *ret_mail, struct err *err)
{
	struct desk *desk = intake->desk;
	struct submission_versions versions;
	int found = submission_list_versions(desk->store, desk->arena,
	    submission->id, &versions, err);

	if (found < 0)
		return found;
	for (size_t i = versions.count; i-- > 0;) {
		found = outbox_find_answer(desk->store, desk->arena,
		    versions.items[i].message, ret_mail, err);
		if (found != 0)
			return found;
	}
	return outbox_find_ref(desk->store, desk->arena, submission->ref,
	    intake->from, ret_mail, err);
}

int
return_answer_again(struct intake *intake, const struct submission *submission,
    struct err *err)
{
	struct outbox first;
	int found = find_first(intake, submission, &first, err);

	if (found < 0)
		return found;
	set_outcome(intake, "duplicate", "", submission->ref);
	intake->outcome.like =
	    strcmp(submission->state, "incomplete") == 0 ? "problems" : "filed";
	if (found == 0)
		return 0;
	int sent = letter_again(intake, first.id, err);
	return sent < 0 ? sent : 0;
}
