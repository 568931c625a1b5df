/*
 * The form action-update: how actions stand, by their owners. Right rows act,
 * wrong ones come back; what is kept may still be asked about: done, but what
 * shows it? on track, but its day is over? The answer is a letter of its own.
 */
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "forms/judge.h"
#include "handlers/action_letter.h"
#include "handlers/actions.h"
#include "handlers/handler.h"
#include "handlers/letters.h"
#include "handlers/parts.h"
#include "mail/words.h"

static const char TABLE[] = "updates";
static const char CAN_SAY[] =
    "on track, at risk, stuck or done, and where it has got to";

static const char *
field_of(const struct filing *filing, const char *row, const char *field)
{
	return answer_get(filing->judgement->answers,
	    filing->judgement->answer_count, TABLE, row, field);
}

static const char **
rows_of(const struct filing *filing)
{
	return answer_rows(filing->desk->arena, filing->judgement->answers,
	    filing->judgement->answer_count, TABLE);
}

/* --- who may ---------------------------------------------------------------- */

/* May the sender say how the action of that row stands? 1, 0, or an error. */
static int
may_row(const struct filing *filing, const char *row, struct err *err)
{
	struct desk *desk = filing->desk;
	struct action action;
	int found = action_find(desk->store, desk->arena, row, &action, err);

	return found <= 0
		   ? found
		   : action_may_update(desk, filing->sender, &action, err);
}

/* Refused as a whole only where none of the actions is theirs. */
static int
may_send(const struct filing *filing, struct err *err)
{
	const char **rows = rows_of(filing);

	for (size_t i = 0; rows[i] != NULL; i++) {
		int may = may_row(filing, rows[i], err);
		if (may != 0)
			return may < 0 ? may : 0;
	}
	if (rows[0] == NULL)
		return 0;
	return err_set(err, ERR_INPUT, BLAME_SENDER,
	    "%s is looked after by somebody else. Its owner, the owner's "
	    "deputy or a lead of that agency can tell us how it stands.",
	    rows[0]);
}

/* --- what the definition cannot say -------------------------------------------- */

/* What is kept without evidence asks for it; it does not come back. */
static void
forgive_evidence(struct judgement *judgement)
{
	size_t kept = 0;

	for (size_t i = 0; i < judgement->problem_count; i++) {
		struct form_problem problem = judgement->problems[i];
		if (problem.missing && strcmp(problem.tbl, TABLE) == 0 &&
		    strcmp(problem.field, "evidence") == 0) {
			judgement->missing--;
			continue;
		}
		judgement->problems[kept++] = problem;
	}
	judgement->problem_count = kept;
	judgement->is_complete = kept == 0;
}

static void
add_row_problem(struct filing *filing, const char *row, const char *reason)
{
	filing_add_problem(filing,
	    &(struct form_problem){.tbl = TABLE,
		.row = row,
		.field = "action",
		.wrote = row,
		.place = "",
		.reason = reason,
		.allowed =
		    "one of your open actions. Reply: mine to see them"});
}

static int
check_row(struct filing *filing, const char *row, struct err *err)
{
	struct desk *desk = filing->desk;
	struct action action;
	int found = action_find(desk->store, desk->arena, row, &action, err);

	if (found <= 0)
		return found;
	int may = action_may_update(desk, filing->sender, &action, err);
	if (may < 0)
		return may;
	if (may == 0)
		add_row_problem(filing, row,
		    "this action is looked after by somebody else.");
	else if (strcmp(action.status, "verified") == 0)
		add_row_problem(filing, row,
		    "this action is checked and finished. Nothing is left to "
		    "say about it.");
	else if (strcmp(action.status, "declined") == 0 ||
		 strcmp(action.status, "closed") == 0)
		add_row_problem(filing, row, "this action is closed.");
	return 0;
}

static int
check(struct filing *filing, struct err *err)
{
	const char **rows = rows_of(filing);
	int failed = 0;

	forgive_evidence(filing->judgement);
	for (size_t i = 0; failed >= 0 && rows[i] != NULL; i++)
		failed = check_row(filing, rows[i], err);
	return failed;
}

/* --- evidence -------------------------------------------------------------------- */

/* "file board paper.pdf"; "" without one. */
static const char *
attached_evidence(const struct intake *intake)
{
	const struct record *record = intake->record;
	const char *text = "";

	for (size_t i = 0; i < record->part_count; i++) {
		const struct record_part *part = &record->parts[i];
		if (!parts_is_evidence(intake, i))
			continue;
		text = arena_printf(intake->desk->arena, "%s%sfile %s", text,
		    text[0] == '\0' ? "" : ", ",
		    part->name[0] == '\0' ? "without a name" : part->name);
	}
	return text;
}

/* --- one row -------------------------------------------------------------------------- */

struct updating {
	struct filing *filing;
	struct action_letter letter;
	const char *attached;
};

static struct action_update
update_of(const struct updating *updating, const char *row)
{
	const struct filing *filing = updating->filing;
	const char *status = field_of(filing, row, "status");
	const char *evidence = field_of(filing, row, "evidence");

	if (evidence[0] == '\0' && strcmp(status, "done") == 0)
		evidence = updating->attached;
	return (struct action_update){
	    .submission = filing->submission.id,
	    .at = filing->intake->received_at,
	    .by = filing->sender->email,
	    .status = status,
	    .progress = field_of(filing, row, "progress"),
	    .percent = field_of(filing, row, "percent"),
	    .evidence = evidence,
	    .impact = field_of(filing, row, "impact"),
	    .new_day = date_parse_iso(field_of(filing, row, "new_date")),
	    .reason = field_of(filing, row, "reason"),
	};
}

/* Did an earlier version of the same return say just this? */
static int
is_known(const struct updating *updating, const struct action_update *update,
    struct err *err)
{
	struct desk *desk = updating->filing->desk;
	struct action_updates before;
	int failed = action_list_updates(desk->store, desk->arena,
	    update->action, &before, err);

	if (failed < 0)
		return failed;
	for (size_t i = 0; i < before.count; i++)
		if (before.items[i].submission == update->submission &&
		    strcmp(before.items[i].status, update->status) == 0 &&
		    strcmp(before.items[i].progress, update->progress) == 0 &&
		    strcmp(before.items[i].evidence, update->evidence) == 0 &&
		    before.items[i].new_day == update->new_day)
			return 1;
	return 0;
}

static int
tell_staff(const struct updating *updating, const struct action *action,
    const struct action_update *update, struct err *err)
{
	struct desk *desk = updating->filing->desk;
	const char *name = updating->filing->sender->name;
	json_auto_t *values =
	    json_pack("{s:s, s:o, s:[s], s:[{s:s, s:o}, {s:s, s:s}], s:[s]}",
		"heading",
		arena_printf(desk->arena, "a new date is asked for, %s",
		    action->ref),
		"when", letter_when(updating->filing->intake->received_at),
		"what",
		arena_printf(desk->arena,
		    "%s needs until %s for action %s, %s.", name,
		    words_day_short(desk->arena, update->new_day), action->ref,
		    action->title),
		"details", "label", "Due now", "value",
		letter_day(action->due_day), "label", "Reason", "value",
		update->reason, "todo",
		arena_printf(desk->arena,
		    "Please answer %s. Nothing changes until you do.", name));

	return letter_to_staff(desk, "staff-notice", action->ref, values, err);
}

/* What is asked although it was kept; false: nothing. */
static bool
ask_more(struct updating *updating, const struct action *action,
    const struct action_update *update)
{
	struct action_question question = {.action = action,
	    .wrote = action_reported_words(update->status),
	    .is_kept = true};
	bool overdue = action->due_day != DAY_NONE &&
		       updating->filing->desk->today_day > action->due_day;

	if (strcmp(update->status, "done") == 0 && !action->has_evidence) {
		question.reason =
		    "we have kept it as done. Nothing shows it yet.";
		question.can = "done, and what shows it, or attach a file";
	} else if (strcmp(update->status, "on track") == 0 && overdue &&
		   update->new_day == DAY_NONE) {
		question.reason = "we have kept it. Its date has passed, so we "
				  "show it as late.";
		question.can = "need until, then the new date and why";
	} else {
		return false;
	}
	action_letter_add_question(&updating->letter, &question);
	return true;
}

static const char *
next_words(const struct action *action, const struct action_update *update)
{
	if (update->new_day != DAY_NONE)
		return "We will tell you if the new date is agreed.";
	if (strcmp(update->status, "done") == 0 && action->has_evidence)
		return "We will look at what shows it.";
	return "";
}

/* A short answer of one word has that word as its progress. */
static const char *
progress_words(struct arena *arena, const struct action_update *update)
{
	if (text_ieq(update->progress, update->status) ||
	    text_ieq(update->progress, action_reported_words(update->status)))
		return "";
	return words_quote(arena, update->progress);
}

static int
answer_row(struct updating *updating, const char *row,
    const struct action_update *update, struct err *err)
{
	struct desk *desk = updating->filing->desk;
	struct action action;
	int failed = action_find(desk->store, desk->arena, row, &action, err);

	if (failed <= 0)
		return failed;
	if (ask_more(updating, &action, update))
		updating->filing->asks_more = true;
	action_letter_add_update(&updating->letter, &action,
	    progress_words(desk->arena, update), next_words(&action, update));
	if (updating->letter.owner == 0 &&
	    ((updating->filing->sender->roles & ROLE_STAFF) == 0 ||
		action.owner == updating->filing->sender->id))
		updating->letter.owner = action.owner;
	return update->new_day == DAY_NONE
		   ? 0
		   : tell_staff(updating, &action, update, err);
}

static int
update_row(struct updating *updating, const char *row, struct err *err)
{
	struct desk *desk = updating->filing->desk;
	struct action_update update = update_of(updating, row);
	struct action action;
	int found = action_find(desk->store, desk->arena, row, &action, err);

	if (found <= 0)
		return found;
	update.action = action.id;
	if (!updating->filing->is_first) {
		int known = is_known(updating, &update, err);
		if (known != 0)
			return known < 0 ? known : 0;
	}
	int failed = action_add_update(desk->store, &update, err);
	if (failed < 0 || (failed = action_refresh_ref(desk, row, err)) < 0 ||
	    (failed = desk_audit(desk, updating->filing->sender,
		 "action-update", action.ref, err)) < 0)
		return failed;
	return answer_row(updating, row, &update, err);
}

/* --- what comes back -------------------------------------------------------------------- */

/* "Where it has got to: it is missing." */
static const char *
problem_words(const struct filing *filing, const struct form_problem *problem)
{
	const struct form_field *field =
	    form_field_find(filing->form, problem->tbl, problem->field);

	return field == NULL || strcmp(problem->field, "action") == 0
		   ? problem->reason
		   : arena_printf(filing->desk->arena, "%s: %s", field->label,
			 problem->reason);
}

static const struct form_problem *
next_of_row(const struct judgement *judgement, const char *row, size_t from)
{
	for (size_t i = from; i < judgement->problem_count; i++)
		if (strcmp(judgement->problems[i].tbl, TABLE) == 0 &&
		    strcmp(judgement->problems[i].row, row) == 0)
			return &judgement->problems[i];
	return NULL;
}

/* All that is wrong with one row, as one question. */
static void
give_back_row(struct updating *updating, const struct action *action,
    size_t first)
{
	const struct filing *filing = updating->filing;
	const struct judgement *judgement = filing->judgement;
	const struct form_problem *problem = &judgement->problems[first];
	const char *reason = "";
	const char *can = problem->allowed;
	/* In the words of the letter, not of the form. */
	bool says_how = can[0] == '\0' || problem->missing ||
			strcmp(problem->field, "status") == 0;
	if (strcmp(problem->field, "new_date") == 0 ||
	    strcmp(problem->field, "reason") == 0) {
		can = ACTION_NEED_UNTIL;
		says_how = false;
	}

	for (const struct form_problem *one = problem; one != NULL;
	     one = next_of_row(judgement, problem->row,
		 (size_t)(one - judgement->problems) + 1))
		reason = arena_printf(filing->desk->arena, "%s%s%s", reason,
		    reason[0] == '\0' ? "" : " ", problem_words(filing, one));
	action_letter_add_question(&updating->letter,
	    &(struct action_question){.action = action,
		.wrote = problem->wrote,
		.reason = reason,
		.can = says_how ? CAN_SAY : can});
}

/* What is about no action of the sender's. */
static void
give_back_other(struct updating *updating, const struct form_problem *problem)
{
	struct arena *arena = updating->filing->desk->arena;
	const char *name =
	    problem->wrote[0] != '\0' ? problem->wrote : problem->row;
	const char *words = problem_words(updating->filing, problem);
	bool is_unknown = problem->missing && name[0] != '\0';

	if (is_unknown)
		words = "we could not tell which action you mean.";
	action_letter_add_reason(&updating->letter,
	    arena_printf(arena, "%s%s%s", name, name[0] != '\0' ? ": " : "",
		words),
	    is_unknown ? "Begin it with the action's own reference, or reply: "
			 "mine"
		       : "Look at the number again, or reply: mine");
}

static int
give_back(struct updating *updating, size_t at, struct err *err)
{
	struct filing *filing = updating->filing;
	struct desk *desk = filing->desk;
	const struct form_problem *problem = &filing->judgement->problems[at];
	struct action action;
	bool of_row = strcmp(problem->tbl, TABLE) == 0;

	if (of_row &&
	    next_of_row(filing->judgement, problem->row, 0) != problem)
		return 0; /* told with the first */
	int found = of_row ? action_find(desk->store, desk->arena, problem->row,
				 &action, err)
			   : 0;
	int may = found <= 0
		      ? found
		      : action_may_update(desk, filing->sender, &action, err);
	if (may < 0)
		return may;
	if (may > 0)
		give_back_row(updating, &action, at);
	else
		give_back_other(updating, problem);
	return 0;
}

/* --- filing -------------------------------------------------------------------------------- */

static int
file_rows(struct updating *updating, struct err *err)
{
	struct filing *filing = updating->filing;
	const char **rows = rows_of(filing);
	int failed = 0;

	for (size_t i = 0; failed >= 0 && rows[i] != NULL; i++)
		if (!judge_row_has_problem(filing->judgement, TABLE, rows[i]))
			failed = update_row(updating, rows[i], err);
	for (size_t i = 0; failed >= 0 && i < filing->judgement->problem_count;
	     i++)
		failed = give_back(updating, i, err);
	return failed;
}

static int
answer(struct updating *updating, struct err *err)
{
	struct filing *filing = updating->filing;
	/* What is answered is the message in hand; its outcome is set by the
	 * return that holds these rows. */
	struct intake intake = *filing->intake;

	for (size_t i = 0; i < filing->note_count; i++)
		action_letter_add_note(&updating->letter, filing->notes[i]);
	filing->is_answered = true;
	return action_letter_send(&intake, &updating->letter, err);
}

static int
file(struct filing *filing, struct err *err)
{
	struct updating updating = {.filing = filing,
	    .attached = attached_evidence(filing->intake)};

	action_letter_init(&updating.letter, filing->desk);
	int failed = file_rows(&updating, err);
	if (failed >= 0)
		failed = answer(&updating, err);
	action_letter_done(&updating.letter);
	return failed;
}

const struct handler handler_action_update = {
    .name = "action-update",
    .summary = "how actions stand, told by their owners",
    .acts_by_row = true,
    .may_send = may_send,
    .check = check,
    .file = file,
};
