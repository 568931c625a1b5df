#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "domain/period.h"
#include "handlers/lookup.h"
#include "handlers/return_case.h"
#include "mail/words.h"

/* --- judging ------------------------------------------------------------------ */

/* A set of answers over another; no entries: what is wrong with the set. */
int
return_judge_over(const struct return_case *rc,
    const struct form_answer *standing, size_t standing_count,
    const struct form_entry *entries, struct judgement *ret_judgement,
    struct err *err)
{
	struct desk *desk = rc->intake->desk;
	const struct reading *reading = &rc->intake->reading;
	struct lookup lookup;

	lookup_init(&lookup, desk);
	judge(desk->arena,
	    &(struct judge_request){.form = rc->form,
		.lookup = &lookup.form,
		.today_day = desk->today_day,
		.standing = standing,
		.standing_count = standing_count,
		.entries = entries,
		.entry_count = entries == NULL ? 0 : rc->entry_count,
		.spots = reading->source.spots,
		.spot_count = entries == NULL ? 0 : reading->source.spot_count,
		.is_cut = entries != NULL && reading->source.is_cut,
		.default_row = reading->default_row},
	    ret_judgement);
	return lookup_result(&lookup, err);
}

/* "a quarter like 2026-Q1 or a year like 2025-26": what the form covers. */
static const char *
period_allowed(const struct return_case *rc)
{
	static const struct {
		unsigned covers;
		const char *words;
	} lengths[] = {
	    {COVERS_MONTH, "a month like 2026-03"},
	    {COVERS_QUARTER, "a quarter like 2026-Q1"},
	    {COVERS_YEAR, "a year like 2025-26"},
	};

	const char *words[COUNT_OF(lengths)];
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		if ((rc->form->covers & lengths[i].covers) != 0)
			words[count++] = lengths[i].words;
	return words_list(rc->intake->desk->arena, words, count, "or");
}

/* A period of a length that the form does not cover is wrong. */
static void
check_period(struct return_case *rc)
{
	const struct form_field *field =
	    form_field_find(rc->form, "", "period");
	const char *value = answer_get(rc->judgement.answers,
	    rc->judgement.answer_count, "", "", "period");
	struct period period;

	if (field == NULL || field->type != TYPE_PERIOD)
		return;
	if (period_parse(value, &period) &&
	    ((unsigned)period.kind & rc->form->covers) == 0)
		filing_add_problem(&rc->filing,
		    &(struct form_problem){.tbl = "",
			.row = "",
			.field = "period",
			.wrote = value,
			.place = "",
			.reason = "this form does not cover a period of that "
				  "length."});
	for (size_t i = 0; i < rc->judgement.problem_count; i++) {
		struct form_problem *problem = &rc->judgement.problems[i];
		if (problem->tbl[0] == '\0' &&
		    strcmp(problem->field, "period") == 0)
			problem->allowed = period_allowed(rc);
	}
}

/* What came, over `standing`, into the case. */
int
return_judge(struct return_case *rc, const struct form_answer *standing,
    size_t standing_count, struct err *err)
{
	struct intake *intake = rc->intake;
	int failed = return_judge_over(rc, standing, standing_count,
	    rc->entries, &rc->judgement, err);

	if (failed < 0)
		return failed;
	rc->filing = (struct filing){.desk = intake->desk,
	    .intake = intake,
	    .form = rc->form,
	    .sender = intake->contact,
	    .agency = rc->place.agency.id == 0 ? NULL : &rc->place.agency,
	    .due_day = rc->place.request.id == 0 ? DAY_NONE
						 : rc->place.request.due_day,
	    .judgement = &rc->judgement,
	    .standing = standing,
	    .standing_count = standing_count};
	check_period(rc);
	return 0;
}

int
return_check(struct return_case *rc, struct err *err)
{
	if (rc->handler == NULL || rc->handler->check == NULL)
		return 0;
	return rc->handler->check(&rc->filing, err);
}

/* --- who may ------------------------------------------------------------------- */

static bool
has_role(const struct return_case *rc)
{
	unsigned roles = rc->intake->contact->roles;

	if ((roles & ROLE_STAFF) != 0 || rc->form->sender_count == 0)
		return true;
	for (size_t i = 0; i < rc->form->sender_count; i++)
		if ((roles & role_of_word(rc->form->senders[i])) != 0)
			return true;
	return false;
}

static const char *
sender_words(const struct return_case *rc)
{
	static const struct {
		const char *role, *words;
	} plain[] = {
	    {"staff", "our own team"},
	    {"lead", "a safeguarding lead"},
	    {"deputy", "a deputy lead"},
	    {"executive", "an executive"},
	    {"governor", "a governor"},
	    {"data", "a data contact"},
	    {"member", "a member"},
	    {"chair", "the chair of the group"},
	    {"owner", "the owner"},
	    {"minute_taker", "the minute taker"},
	};

	const char **words = arena_array(rc->intake->desk->arena,
	    rc->form->sender_count + 1, sizeof(*words));

	for (size_t i = 0; i < rc->form->sender_count; i++) {
		words[i] = rc->form->senders[i];
		for (size_t p = 0; p < COUNT_OF(plain); p++)
			if (strcmp(plain[p].role, words[i]) == 0)
				words[i] = plain[p].words;
	}
	return words_list(rc->intake->desk->arena, words,
	    rc->form->sender_count, "or");
}

int
return_check_allowed(struct return_case *rc, struct err *err)
{
	struct arena *arena = rc->intake->desk->arena;
	const char *what;

	if (rc->handler != NULL && rc->handler->may_send != NULL) {
		struct err why = {0};
		int may = rc->handler->may_send(&rc->filing, &why);
		if (may == 0)
			return 0;
		if (may != ERR_INPUT) {
			*err = why;
			return may;
		}
		what = arena_strdup(arena, why.text);
	} else if (!has_role(rc)) {
		what = arena_printf(arena, "This return has to come from %s.",
		    sender_words(rc));
	} else {
		return 0;
	}
	rc->place.is_not_allowed = true;
	place_add_reason(arena, &rc->place, what,
	    "Ask one of them to send it, or call us if your part has changed.");
	return 0;
}

/* --- the problems as they are listed ---------------------------------------- */

enum listing {
	LIST_WRONG,
	LIST_MISSING
};

/* Is the answer about a return that stands, now or from before? */
bool
return_is_kept(const struct return_case *rc)
{
	return rc->how != RETURN_NOTHING ||
	       (rc->named.id != 0 && rc->named.id == rc->standing.id);
}

/*
 * Can a letter answer it? A row as a whole has no single value; and what a
 * change of a complete return needs besides has to come with the change.
 */
static bool
can_answer(const struct return_case *rc, const struct form_problem *problem)
{
	if (!return_is_kept(rc) || problem->field[0] == '\0')
		return false;
	return !problem->missing || rc->standing.id == 0 ||
	       !return_stands_complete(&rc->standing);
}

/* Letters run on without a gap. */
static const char *
next_letter(const struct return_case *rc)
{
	size_t count = 0;

	for (size_t i = 0; i < rc->listed_count; i++)
		count += rc->listed[i].can_answer;
	return words_letter(rc->intake->desk->arena, count);
}

static void
list_kind(struct return_case *rc, enum listing listing)
{
	for (size_t i = 0; i < rc->judgement.problem_count &&
			   rc->listed_count < LIMIT_PROBLEMS;
	     i++) {
		const struct form_problem *problem = &rc->judgement.problems[i];
		if (problem->missing != (listing == LIST_MISSING))
			continue;
		bool can = can_answer(rc, problem);
		rc->listed[rc->listed_count++] =
		    (struct lettered){.letter = can ? next_letter(rc) : "",
			.can_answer = can,
			.problem = problem};
	}
}

void
return_list_problems(struct return_case *rc)
{
	rc->listed = arena_array(rc->intake->desk->arena, LIMIT_PROBLEMS,
	    sizeof(*rc->listed));
	rc->listed_count = 0;
	list_kind(rc, LIST_WRONG);
	if (!rc->hides_missing)
		list_kind(rc, LIST_MISSING);
}
