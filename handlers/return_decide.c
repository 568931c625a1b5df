#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "handlers/parts.h"
#include "handlers/return_case.h"
#include "store/message.h"

enum {
	/* An update of the same words, later than this, is news. */
	SAME_WORDS_S = 7 * 24 * 60 * 60,
};

/* --- what it is one of ------------------------------------------------------------ */

static const char *
value_of(const struct return_case *rc, const char *field)
{
	return answer_get(rc->judgement.answers, rc->judgement.answer_count, "",
	    "", field);
}

/* Of a form of which each mail is a return of its own: the same words of the
 * same person are the same mail. */
static const char *
thing_of_words(const struct return_case *rc)
{
	struct sha256 *sha = sha256_new();
	char hex[SHA256_HEX_BYTES];

	/* "1 done" with a file is another update than "1 done" alone. */
	for (size_t i = 0; i < rc->intake->record->part_count; i++)
		if (parts_is_evidence(rc->intake, i))
			sha256_add(sha, rc->intake->record->parts[i].sha256,
			    SHA256_HEX_BYTES);
	for (size_t i = 0; i < rc->judgement.answer_count; i++) {
		const struct form_answer *answer = &rc->judgement.answers[i];
		const char *parts[] = {answer->tbl, answer->row, answer->field,
		    answer->value};
		for (size_t p = 0; p < COUNT_OF(parts); p++)
			sha256_add(sha, parts[p], strlen(parts[p]) + 1);
	}
	sha256_hex(sha, hex);
	return arena_printf(rc->intake->desk->arena, "%s|%s|%s", rc->form->name,
	    rc->intake->contact->email, hex);
}

static const char *
key_value(const struct return_case *rc, const char *key)
{
	if (strcmp(key, "agency") == 0)
		return rc->place.agency.id == 0 ? "" : rc->place.agency.code;
	if (strcmp(key, "round") == 0)
		return rc->place.round.id == 0 ? "" : rc->place.round.ref;
	if (strcmp(key, "period") == 0)
		return rc->period;
	if (strcmp(key, "sender") == 0)
		return rc->intake->contact->email;
	return text_lower(rc->intake->desk->arena, value_of(rc, key));
}

static void
find_thing(struct return_case *rc)
{
	const unsigned periods = COVERS_MONTH | COVERS_QUARTER | COVERS_YEAR;

	rc->period =
	    (rc->form->covers & periods) == 0 ? "" : value_of(rc, "period");
	if (rc->form->one_per_count == 0) {
		rc->thing = thing_of_words(rc);
		return;
	}
	rc->thing = rc->form->name;
	for (size_t i = 0; i < rc->form->one_per_count; i++)
		rc->thing = arena_printf(rc->intake->desk->arena, "%s|%s",
		    rc->thing, key_value(rc, rc->form->one_per[i]));
}

/* --- what stands ------------------------------------------------------------------ */

bool
return_stands_complete(const struct submission *submission)
{
	return strcmp(submission->state, "returned") == 0 ||
	       strcmp(submission->state, "signed_off") == 0;
}

static bool
stands(const struct submission *submission)
{
	return return_stands_complete(submission) ||
	       strcmp(submission->state, "incomplete") == 0;
}

static int
load_before(struct return_case *rc, struct err *err)
{
	struct arena *arena = rc->intake->desk->arena;
	struct answers answers;
	int failed = submission_list_answers(rc->intake->desk->store, arena,
	    rc->standing.id, &answers, err);

	if (failed < 0)
		return failed;
	struct form_answer *before =
	    arena_array(arena, answers.count + 1, sizeof(*before));
	for (size_t i = 0; i < answers.count; i++)
		before[i] = (struct form_answer){.tbl = answers.items[i].tbl,
		    .row = answers.items[i].row,
		    .field = answers.items[i].field,
		    .value = answers.items[i].value,
		    .position = answers.items[i].position};
	rc->before = before;
	rc->before_count = answers.count;
	return 0;
}

/* Does the mail, complete in itself, speak of another period, cohort …? */
static bool
is_other_thing(const struct return_case *rc)
{
	if (!rc->judgement.is_complete)
		return false;
	for (size_t i = 0; i < rc->form->one_per_count; i++) {
		const char *key = rc->form->one_per[i];
		const char *was =
		    answer_get(rc->before, rc->before_count, "", "", key);
		const char *is = value_of(rc, key);
		if (was[0] != '\0' && is[0] != '\0' && !text_ieq(was, is))
			return true;
	}
	return false;
}

/* Is all that stands said again? */
static bool
holds_before(const struct return_case *rc)
{
	for (size_t i = 0; i < rc->before_count; i++) {
		const struct form_answer *before = &rc->before[i];
		if (strcmp(answer_get(rc->judgement.answers,
			       rc->judgement.answer_count, before->tbl,
			       before->row, before->field),
			before->value) != 0)
			return false;
	}
	return rc->before_count > 0;
}

/*
 * Of a form of which each mail is a return of its own: an incomplete one that
 * came back whole, corrected, in a new mail. What acted must not act twice.
 */
static int
find_corrected(struct return_case *rc, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	struct submissions all;
	int failed = submission_list(desk->store, desk->arena,
	    &(struct submission_filter){.agency = rc->place.agency.id,
		.form = rc->form->name,
		.which = SUBMISSIONS_STANDING},
	    &all, err);

	for (size_t i = failed < 0 ? 0 : all.count; failed >= 0 && i-- > 0;) {
		rc->standing = all.items[i];
		if (strcmp(rc->standing.state, "incomplete") != 0 ||
		    strcmp(rc->standing.sender, rc->intake->contact->email) !=
			0)
			continue;
		failed = load_before(rc, err);
		if (failed == 0 && holds_before(rc))
			return 0;
	}
	rc->standing = (struct submission){0};
	rc->before = NULL;
	rc->before_count = 0;
	return failed < 0 ? failed : 0;
}

/* 1 where the mail itself names what it changes. */
static int
find_standing(struct return_case *rc, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	int failed;

	if (rc->named.id != 0 && stands(&rc->named) &&
	    strcmp(rc->named.form, rc->form->name) == 0) {
		rc->standing = rc->named;
		if ((failed = load_before(rc, err)) < 0)
			return failed;
		if (!is_other_thing(rc))
			return 1;
		rc->standing = (struct submission){0};
		rc->before_count = 0;
	}
	int found = submission_find_standing(desk->store, desk->arena,
	    rc->thing, &rc->standing, err);
	if (found < 0)
		return found;
	if (found > 0)
		failed = load_before(rc, err);
	else if (rc->form->one_per_count == 0)
		failed = find_corrected(rc, err);
	else
		failed = 0;
	return failed;
}

static bool
equals_before(const struct return_case *rc)
{
	return rc->judgement.answer_count == rc->before_count &&
	       holds_before(rc);
}

/* --- a correction of what is complete ------------------------------------------- */

/* Answers as they may change while a correction is settled. */
struct answer_set {
	struct form_answer *items;
	size_t count;
};

static bool
is_in_problem(const struct judgement *judgement,
    const struct form_answer *answer)
{
	for (size_t i = 0; i < judgement->problem_count; i++)
		if (strcmp(judgement->problems[i].tbl, answer->tbl) == 0 &&
		    strcmp(judgement->problems[i].row, answer->row) == 0)
			return true;
	return false;
}

static int
compare_positions(const void *a, const void *b)
{
	const struct form_answer *x = a, *y = b;

	return (x->position > y->position) - (x->position < y->position);
}

/* Rows that would not be complete stay as they were before. */
static struct answer_set
keep_rows(const struct return_case *rc, const struct judgement *residue)
{
	const struct judgement *now = &rc->judgement;
	struct answer_set set = {0};

	set.items = arena_array(rc->intake->desk->arena,
	    now->answer_count + rc->before_count + 1, sizeof(*set.items));
	for (size_t i = 0; i < now->answer_count; i++)
		if (!is_in_problem(residue, &now->answers[i]))
			set.items[set.count++] = now->answers[i];
	for (size_t i = 0; i < rc->before_count; i++)
		if (is_in_problem(residue, &rc->before[i]))
			set.items[set.count++] = rc->before[i];
	qsort(set.items, set.count, sizeof(*set.items), compare_positions);
	return set;
}

/*
 * What is wrong never unseats what stood, and what is right must leave the
 * return complete: rows that would not be so come back as they were, and all
 * of it does where that is not enough. The problems stay, for the letter.
 */
static int
settle_amendment(struct return_case *rc, struct err *err)
{
	struct judgement *judgement = &rc->judgement;

	for (int pass = 0; pass < 2; pass++) {
		struct judgement residue;
		int failed = return_judge_over(rc, judgement->answers,
		    judgement->answer_count, NULL, &residue, err);
		if (failed < 0)
			return failed;
		if (residue.problem_count == 0)
			break;
		struct answer_set set = keep_rows(rc, &residue);
		if (pass > 0) {
			set.count = rc->before_count;
			memcpy(set.items, rc->before,
			    set.count * sizeof(*set.items));
		}
		judgement->answers = set.items;
		judgement->answer_count = set.count;
	}
	judgement->is_changed = !equals_before(rc);
	return 0;
}

/* --- deciding ------------------------------------------------------------------ */

static int
decide_new(struct return_case *rc, struct err *err)
{
	int failed = return_check(rc, err);

	if (failed < 0)
		return failed;
	rc->how = rc->judgement.right > 0 ? RETURN_NEW : RETURN_NOTHING;
	return 0;
}

/* Are these the problems that were told before? */
static int
same_problems(struct return_case *rc, struct err *err)
{
	struct stored_problems told;
	int failed = submission_list_problems(rc->intake->desk->store,
	    rc->intake->desk->arena, rc->standing.id, &told, err);

	if (failed < 0)
		return failed;
	return_list_problems(rc);
	if (told.count != rc->listed_count)
		return 0;
	for (size_t i = 0; i < told.count; i++) {
		const struct form_problem *problem = rc->listed[i].problem;
		const struct stored_problem *old = &told.items[i];
		if (strcmp(problem->tbl, old->tbl) != 0 ||
		    strcmp(problem->row, old->row) != 0 ||
		    strcmp(problem->field, old->field) != 0 ||
		    strcmp(problem->wrote, old->wrote) != 0)
			return 0;
	}
	return 1;
}

static int
decide_merge(struct return_case *rc, struct err *err)
{
	int failed;

	if ((failed = return_judge(rc, rc->before, rc->before_count, err)) <
		0 ||
	    (failed = return_check(rc, err)) < 0)
		return failed;
	if (rc->form->one_per_count > 0)
		find_thing(rc);
	rc->how = RETURN_MERGES;
	if (rc->judgement.is_changed)
		return 0;
	int same = same_problems(rc, err);
	if (same > 0)
		rc->how = RETURN_EQUAL;
	return same < 0 ? same : 0;
}

static int
decide_amend(struct return_case *rc, struct err *err)
{
	int failed;

	if ((failed = return_judge(rc, rc->before, rc->before_count, err)) <
		0 ||
	    (failed = return_check(rc, err)) < 0)
		return failed;
	if (rc->judgement.problem_count > 0 &&
	    (failed = settle_amendment(rc, err)) < 0)
		return failed;
	if (rc->form->one_per_count > 0)
		find_thing(rc);
	if (rc->judgement.is_changed)
		rc->how = RETURN_AMENDS;
	else
		rc->how = rc->judgement.problem_count > 0 ? RETURN_NOTHING
							  : RETURN_EQUAL;
	return 0;
}

/* Does a table of the form speak of actions, so that it is sent often? */
static bool
speaks_of_actions(const struct form *form)
{
	for (size_t i = 0; i < form->table_count; i++)
		if (form->tables[i].key != NULL &&
		    form->tables[i].key->type == TYPE_ACTION)
			return true;
	return false;
}

/* A mail beside the thread of what is complete. */
static int
decide_again(struct return_case *rc, struct err *err)
{
	if (rc->judgement.wrong == 0 && equals_before(rc)) {
		bool is_news =
		    speaks_of_actions(rc->form) &&
		    rc->intake->received_at - rc->standing.received_at >
			SAME_WORDS_S;
		rc->how = RETURN_EQUAL;
		return is_news ? decide_new(rc, err) : 0;
	}
	int failed = return_check(rc, err);
	if (failed < 0)
		return failed;
	if (rc->judgement.is_complete) {
		rc->how = RETURN_REPLACES;
		return 0;
	}
	rc->hides_missing = true;
	place_add_reason(rc->intake->desk->arena, &rc->place,
	    arena_printf(rc->intake->desk->arena,
		"Your earlier return, %s, is complete. It stands as it was.",
		rc->standing.ref),
	    "To change a part of it, reply to this email with just those "
	    "lines.");
	return 0;
}

/* Did a file with this digest come with any version of it? 1, 0 or an error. */
static int
has_file(const struct return_case *rc, const char *sha256, struct err *err)
{
	struct desk *desk = rc->intake->desk;
	struct submission_versions versions;
	int failed = submission_list_versions(desk->store, desk->arena,
	    rc->standing.id, &versions, err);

	for (size_t v = 0; failed >= 0 && v < versions.count; v++) {
		struct message_parts parts;
		failed = message_list_parts(desk->store, desk->arena,
		    versions.items[v].message, &parts, err);
		for (size_t i = 0; failed >= 0 && i < parts.count; i++)
			if (strcmp(parts.items[i].sha256, sha256) == 0)
				return 1;
	}
	return failed < 0 ? failed : 0;
}

/* The same answers with a file that is new: it is filed with them. */
static int
decide_files(struct return_case *rc, struct err *err)
{
	const struct record *record = rc->intake->record;

	for (size_t i = 0; i < record->part_count; i++) {
		if (!parts_is_evidence(rc->intake, i))
			continue;
		int has = has_file(rc, record->parts[i].sha256, err);
		if (has < 0)
			return has;
		if (has == 0)
			rc->how = return_stands_complete(&rc->standing)
				      ? RETURN_AMENDS
				      : RETURN_MERGES;
	}
	return 0;
}

int
return_decide(struct return_case *rc, struct err *err)
{
	int failed;

	rc->how = RETURN_NOTHING;
	rc->period = rc->thing = "";
	if ((failed = return_judge(rc, NULL, 0, err)) < 0)
		return failed;
	if (rc->place.reason_count == 0 &&
	    (failed = return_check_allowed(rc, err)) < 0)
		return failed;
	if (rc->place.reason_count > 0)
		return 0;
	find_thing(rc);
	int is_named = find_standing(rc, err);
	if (is_named < 0)
		return is_named;
	if (rc->standing.id == 0)
		failed = decide_new(rc, err);
	else if (!return_stands_complete(&rc->standing))
		failed = decide_merge(rc, err);
	else if (is_named > 0)
		failed = decide_amend(rc, err);
	else
		failed = decide_again(rc, err);
	if (failed == 0 && rc->how == RETURN_EQUAL)
		failed = decide_files(rc, err);
	if (failed == 0)
		return_list_problems(rc);
	return failed;
}
