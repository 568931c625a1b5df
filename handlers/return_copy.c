/* The workbook that goes with a receipt: what we understood, what is wrong
 * beside it, and what came with which mail. */
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "handlers/return_case.h"
#include "handlers/workbooks.h"
#include "mail/words.h"
#include "store/message.h"

struct facts {
	struct arena *arena;
	struct workbook_fact *items;
	size_t count;
};

static void
add_fact(struct facts *facts, const char *label, const char *value)
{
	*(struct workbook_fact *)arena_push(facts->arena, &facts->items,
	    &facts->count, sizeof(*facts->items)) =
	    (struct workbook_fact){label, value};
}

/* A heading has no value. */
static void
add_known(struct facts *facts, const char *label, const char *value)
{
	if (value[0] != '\0')
		add_fact(facts, label, value);
}

static void
add_file(struct facts *facts, const char *name, int64_t bytes,
    const char *sha256)
{
	add_fact(facts, name[0] == '\0' ? "A file without a name" : name,
	    arena_printf(facts->arena, "%s (%lld bytes), SHA-256 %s",
		words_size(facts->arena, bytes), (long long)bytes, sha256));
}

static int
add_stored_files(const struct return_case *rc, struct facts *facts,
    int64_t message, struct err *err)
{
	struct message_parts parts;
	int failed = message_list_parts(rc->intake->desk->store, facts->arena,
	    message, &parts, err);

	for (size_t i = 0; failed >= 0 && i < parts.count; i++)
		add_file(facts, parts.items[i].name, parts.items[i].bytes,
		    parts.items[i].sha256);
	return failed < 0 ? failed : 0;
}

/* The mail in hand: its parts are stored once it has its outcome. */
static void
add_new_files(const struct return_case *rc, struct facts *facts)
{
	const struct record *record = rc->intake->record;

	for (size_t i = 0; i < record->part_count; i++)
		add_file(facts, record->parts[i].name,
		    (int64_t)record->parts[i].bytes, record->parts[i].sha256);
}

/* Each version with its mail, and the files that came with it. */
static int
add_versions(const struct return_case *rc, struct facts *facts, struct err *err)
{
	struct arena *arena = facts->arena;
	struct submission_versions versions;
	int failed = submission_list_versions(rc->intake->desk->store, arena,
	    rc->filing.submission.id, &versions, err);

	for (size_t i = 0; failed >= 0 && i < versions.count; i++) {
		const struct submission_version *version = &versions.items[i];
		add_fact(facts,
		    arena_printf(arena, "Version %d", version->version), "");
		add_fact(facts, "Came in", words_when(arena, version->at));
		add_known(facts, "From", version->sender);
		if (version->message == rc->intake->message)
			add_new_files(rc, facts);
		else
			failed =
			    add_stored_files(rc, facts, version->message, err);
	}
	return failed < 0 ? failed : 0;
}

static const char *
agency_name(const struct return_case *rc)
{
	return rc->place.agency.id == 0 ? "" : rc->place.agency.name;
}

/* Of what is still to come, where that day is not over. */
static int32_t
due_day(const struct return_case *rc)
{
	return rc->judgement.problem_count > 0 &&
		       rc->filing.due_day >= rc->intake->desk->today_day
		   ? rc->filing.due_day
		   : DAY_NONE;
}

static int
collect_facts(const struct return_case *rc, struct facts *facts,
    struct err *err)
{
	const struct submission *submission = &rc->filing.submission;

	add_fact(facts, "Reference", submission->ref);
	add_fact(facts, "Form", rc->form->title);
	add_known(facts, "Asked for as", submission->round_ref);
	add_known(facts, "Covers", submission->period);
	add_known(facts, "Of", agency_name(rc));
	return add_versions(rc, facts, err);
}

/* Those with a letter, then the rest: beyond what a mail lists. */
static struct workbook_note *
collect_notes(const struct return_case *rc, size_t *ret_count)
{
	const struct judgement *judgement = &rc->judgement;
	struct workbook_note *notes = arena_array(rc->intake->desk->arena,
	    judgement->problem_count + 1, sizeof(*notes));

	for (size_t i = 0; i < judgement->problem_count; i++) {
		notes[i] = (struct workbook_note){"", &judgement->problems[i]};
		for (size_t j = 0; j < rc->listed_count; j++)
			if (rc->listed[j].problem == notes[i].problem)
				notes[i].letter = rc->listed[j].letter;
	}
	*ret_count = judgement->problem_count;
	return notes;
}

int
return_copy(const struct return_case *rc, struct compose_file *ret_file,
    struct err *err)
{
	const struct submission *submission = &rc->filing.submission;
	struct desk *desk = rc->intake->desk;
	struct facts facts = {.arena = desk->arena};
	const struct blank blank = {.form = rc->form,
	    .ref = submission->ref,
	    .round = submission->round_ref,
	    .agency = submission->agency_code,
	    .answers = rc->shown,
	    .answer_count = rc->shown_count};
	struct workbook workbook = {.blank = &blank,
	    .copy = submission->version};
	int failed = collect_facts(rc, &facts, err);

	if (failed < 0)
		return failed;
	workbook.notes = collect_notes(rc, &workbook.note_count);
	workbook.facts = facts.items;
	workbook.fact_count = facts.count;
	return workbooks_make(desk, &workbook,
	    &(struct workbook_whom){.agency = rc->place.agency.id == 0
						  ? NULL
						  : &rc->place.agency,
		.due_day = due_day(rc)},
	    ret_file, err);
}
