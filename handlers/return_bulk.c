#include "handlers/return_bulk.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "handlers/bulk_letter.h"
#include "handlers/return_case.h"

enum {
	FAULTS_A_LINE = 50,
	FAULTS_KEPT = 20000, /* of all together, and one of each line */
};

static const char g_topic[] = "bulk";

/* Stands for what was too much to read. */
static const struct bulk_set g_rest = {.agency = "The rest of the file",
    .place = "not read"};

bool
return_bulk_is_thread(const struct intake *intake)
{
	return intake->thread.found &&
	       strcmp(intake->thread.mail.topic, g_topic) == 0;
}

/* --- whose they are ------------------------------------------------------------- */

/* What is not kept is counted. */
static void
add_fault(struct bulk_work *work, struct bulk_line *line,
    const struct bulk_fault *fault)
{
	struct arena *arena = work->intake->desk->arena;

	if (line->fault_count > 0 && (line->fault_count >= FAULTS_A_LINE ||
					 work->fault_count >= FAULTS_KEPT)) {
		line->more++;
		return;
	}
	work->fault_count++;
	struct bulk_fault *added = arena_push(arena, &line->faults,
	    &line->fault_count, sizeof(*added));
	*added = (struct bulk_fault){.where = arena_strdup(arena, fault->where),
	    .wrote = arena_strdup(arena, fault->wrote),
	    .place = arena_strdup(arena, fault->place),
	    .reason = arena_strdup(arena, fault->reason),
	    .allowed = arena_strdup(arena, fault->allowed)};
}

/* It cannot be kept at all: whole sentences. */
static void
refuse(struct bulk_work *work, struct bulk_line *line, const char *what,
    const char *fix)
{
	add_fault(work, line,
	    &(struct bulk_fault){.where = "",
		.wrote = "",
		.place = "",
		.reason = what,
		.allowed = fix});
	line->end = BULK_BACK;
	line->is_settled = true;
}

static int
find_agency(struct bulk_work *work, struct bulk_line *line, struct err *err)
{
	struct desk *desk = work->intake->desk;
	const char *written = line->set->agency;
	int found = written[0] == '\0' ? 0
				       : agency_find(desk->store, desk->arena,
					     written, &line->agency, err);

	if (found < 0)
		return found;
	if (found == 1) {
		if (place_may_send_for(work->intake->contact, &line->agency))
			return 0;
		line->is_not_allowed = true;
		refuse(work, line,
		    arena_printf(desk->arena,
			"You are not on our list of people who write for %s.",
			line->agency.name),
		    "Call us if you should be.");
	} else if (written[0] == '\0') {
		refuse(work, line, "It does not say which agency it is for.",
		    "Give the school's URN, or the agency's code or name.");
	} else if (found == 0) {
		refuse(work, line,
		    arena_printf(desk->arena, "We know no agency called %s.",
			text_first_words(desk->arena, written, 60)),
		    "Look at it again, or call us if it is right.");
	} else {
		refuse(work, line,
		    arena_printf(desk->arena,
			"We know more than one agency called %s.",
			text_first_words(desk->arena, written, 60)),
		    "Use the agency's short code, or the school's URN.");
	}
	return 0;
}

static int
compare_agencies(const void *a, const void *b)
{
	const struct bulk_line *x = *(struct bulk_line *const *)a;
	const struct bulk_line *y = *(struct bulk_line *const *)b;

	if (x->agency.id != y->agency.id)
		return x->agency.id < y->agency.id ? -1 : 1;
	return (x > y) - (x < y);
}

static void
refuse_twin(struct bulk_work *work, struct bulk_line *line,
    const struct bulk_line *other)
{
	if (!line->is_settled)
		refuse(work, line,
		    arena_printf(work->intake->desk->arena,
			"%s is here twice, also in %s, so we do not know which "
			"one you mean.",
			line->agency.name, other->set->place),
		    "Send it again, only once.");
}

/* The same agency in two lines: nobody picks. */
static void
find_twins(struct bulk_work *work)
{
	struct bulk_line **sorted = arena_array(work->intake->desk->arena,
	    work->count + 1, sizeof(*sorted));

	for (size_t i = 0; i < work->count; i++)
		sorted[i] = &work->lines[i];
	qsort(sorted, work->count, sizeof(*sorted), compare_agencies);
	for (size_t i = 1; i < work->count; i++) {
		if (sorted[i]->agency.id == 0 ||
		    sorted[i]->agency.id != sorted[i - 1]->agency.id)
			continue;
		refuse_twin(work, sorted[i - 1], sorted[i]);
		refuse_twin(work, sorted[i], sorted[i - 1]);
	}
}

static void
refuse_rest(struct bulk_work *work)
{
	struct bulk_line *line = &work->lines[work->count++];

	line->set = &g_rest;
	line->ref = "";
	refuse(work, line, "The file is too long. We did not read all of it.",
	    arena_printf(work->intake->desk->arena,
		"Send the rest in another file: at most %d at a time.",
		LIMIT_BULK_RETURNS));
}

static int
find_agencies(struct bulk_work *work, struct err *err)
{
	const struct bulk *bulk = &work->intake->reading.bulk;
	int failed = 0;

	work->count = bulk->count;
	work->lines = arena_array(work->intake->desk->arena, work->count + 2,
	    sizeof(*work->lines));
	for (size_t i = 0; failed == 0 && i < work->count; i++) {
		work->lines[i].set = &bulk->sets[i];
		work->lines[i].ref = "";
		failed = find_agency(work, &work->lines[i], err);
	}
	find_twins(work);
	if (bulk->is_cut)
		refuse_rest(work);
	return failed;
}

/* --- one of them ------------------------------------------------------------------ */

/* The mail as if this one had come alone, in an arena of its own. */
static void
take_apart(const struct bulk_work *work, const struct bulk_line *line,
    struct desk *desk, struct intake *ret_intake)
{
	const struct intake *intake = work->intake;
	struct reading *reading = &ret_intake->reading;

	*ret_intake = *intake;
	ret_intake->desk = desk;
	reading->bulk = (struct bulk){0};
	reading->agency_code = line->agency.code;
	reading->submission_ref = reading->action_ref = "";
	bulk_source(desk->arena,
	    &(struct bulk_request){.form = reading->form,
		.record = intake->record},
	    line->set, &reading->source);
	reading->source.table_read = intake->reading.source.table_read;
}

static enum bulk_end
end_of(const struct return_case *rc)
{
	const struct judgement *judgement = &rc->judgement;

	if (rc->how == RETURN_NOTHING)
		return BULK_BACK;
	if (judgement->problem_count > 0 || !judgement->is_complete)
		return rc->how == RETURN_EQUAL ? BULK_SAME_PART : BULK_PART;
	if (rc->how == RETURN_EQUAL)
		return BULK_SAME;
	return rc->how == RETURN_AMENDS ? BULK_CHANGED : BULK_FILED;
}

/* A rehearsal's own reference is given back. */
static const char *
reference_of(const struct return_case *rc)
{
	bool is_new = rc->how == RETURN_NEW || rc->how == RETURN_REPLACES;

	if (is_new)
		return rc->intake->is_rehearsal ? ""
						: rc->filing.submission.ref;
	return rc->standing.id == 0 ? "" : rc->standing.ref;
}

static void
add_problem(struct bulk_work *work, struct bulk_line *line,
    const struct return_case *rc, const struct form_problem *problem)
{
	bool is_here = strcmp(problem->place, line->set->place) == 0;

	add_fault(work, line,
	    &(struct bulk_fault){.where = form_place(rc->intake->desk->arena,
				     rc->form, problem->tbl, problem->row,
				     problem->field),
		.wrote = return_is_full(rc) ? problem->wrote : "",
		.place = is_here ? "" : problem->place,
		.reason = problem->reason,
		.allowed = problem->allowed});
}

/* What is said of it, copied from the arena that it had. */
static void
describe(struct bulk_work *work, struct bulk_line *line,
    const struct return_case *rc)
{
	struct arena *arena = work->intake->desk->arena;

	line->end = end_of(rc);
	line->ref = arena_strdup(arena, reference_of(rc));
	line->is_not_allowed = rc->place.is_not_allowed;
	if (rc->place.round.id != 0)
		bulk_note_round(work, arena_strdup(arena, rc->place.round.ref));
	for (size_t i = 0; i < rc->place.reason_count; i++)
		add_fault(work, line,
		    &(struct bulk_fault){.where = "",
			.wrote = "",
			.place = "",
			.reason = rc->place.reasons[i].what,
			.allowed = rc->place.reasons[i].fix});
	for (size_t i = 0; i < rc->listed_count; i++)
		add_problem(work, line, rc, rc->listed[i].problem);
	const struct form_source *source = &rc->intake->reading.source;
	for (size_t i = 0; i < source->note_count; i++)
		bulk_note(work, arena_strdup(arena, source->notes[i]));
	for (size_t i = 0; i < rc->unread_count; i++)
		bulk_note_unread(work, arena_strdup(arena, rc->unread[i]));
}

/* In a thread about many a row changes what is complete, as a reply to a
 * receipt does. */
static int
decide(const struct bulk_work *work, struct intake *one, struct return_case *rc,
    struct err *err)
{
	int failed;

	return_case_init(rc, one);
	failed = return_place_and_decide(rc, err);
	if (failed < 0 || !work->is_thread || rc->standing.id == 0 ||
	    !return_stands_complete(&rc->standing))
		return failed;
	struct submission standing = rc->standing;
	return_case_init(rc, one);
	rc->named = standing;
	return return_place_and_decide(rc, err);
}

static int
settle(struct bulk_work *work, struct bulk_line *line, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct desk desk = *work->intake->desk;
	struct intake one;
	struct return_case rc;

	desk.arena = arena;
	take_apart(work, line, &desk, &one);
	int failed = decide(work, &one, &rc, err);
	if (failed == 0 && rc.how != RETURN_NOTHING && rc.how != RETURN_EQUAL)
		failed = return_file(&rc, err);
	if (failed == 0)
		describe(work, line, &rc);
	return failed;
}

/* A fault of this one alone undoes this one alone. */
static bool
is_its_own(const struct err *err)
{
	return err->code == ERR_INPUT || err->code == ERR_LIMIT;
}

static int
settle_apart(struct bulk_work *work, struct bulk_line *line, struct err *err)
{
	struct store *store = work->intake->desk->store;
	struct err undo, why = {0};
	int failed = store_savepoint(store, err);

	if (failed < 0)
		return failed;
	failed = settle(work, line, &why);
	if (failed == 0 && !work->intake->is_rehearsal)
		return store_release(store, err);
	if (!store_in_transaction(store)) {
		*err = why;
		return failed;
	}
	int undone = store_rollback_to(store, &undo);
	if (failed < 0 && !is_its_own(&why)) {
		*err = why;
		return failed;
	}
	if (undone < 0) {
		*err = undo;
		return undone;
	}
	if (failed < 0)
		refuse(work, line,
		    arena_printf(work->intake->desk->arena,
			"We could not keep it: %s.", why.text),
		    "Send it again by itself, or call us.");
	return 0;
}

int
return_bulk(struct intake *intake, struct err *err)
{
	struct bulk_work work = {.intake = intake,
	    .is_thread = return_bulk_is_thread(intake)};
	int failed = find_agencies(&work, err);

	for (size_t i = 0; failed >= 0 && i < work.count; i++)
		if (!work.lines[i].is_settled)
			failed = settle_apart(&work, &work.lines[i], err);
	if (failed >= 0)
		failed = bulk_answer(&work, err);
	return failed < 0 ? failed : 1;
}
