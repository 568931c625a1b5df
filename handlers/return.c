#include "handlers/return.h"

#include <string.h>

#include "base/text.h"
#include "handlers/reading.h"
#include "handlers/return_bulk.h"
#include "handlers/return_case.h"

void
return_case_init(struct return_case *rc, struct intake *intake)
{
	const struct reading *reading = &intake->reading;

	*rc = (struct return_case){.intake = intake,
	    .form = reading->form,
	    .entries = reading->source.entries,
	    .entry_count = reading->source.entry_count,
	    .unread = reading->source.unread,
	    .unread_count = reading->source.unread_count,
	    .period = "",
	    .thing = "",
	    .how = RETURN_NOTHING,
	    .replaced = ""};
	rc->filing.desk = intake->desk;
	if (rc->form != NULL && rc->form->handler[0] != '\0')
		rc->handler = handler_find(rc->form->handler);
}

static bool
is_for_us(const struct intake *intake)
{
	const struct reading *reading = &intake->reading;

	if (intake->contact == NULL || !intake->is_proven)
		return false;
	return reading->clash[0] != '\0' ||
	       (reading->form != NULL && reading_has_answers(reading));
}

/* Two forms fit, or thread and text differ: that is told first. */
static bool
is_many(const struct intake *intake)
{
	return intake->reading.bulk.count > 0 &&
	       intake->reading.clash[0] == '\0';
}

/* Whose it is, of which round; and what the mail itself names. */
static int
find_place(struct return_case *rc, struct err *err)
{
	const struct reading *reading = &rc->intake->reading;
	struct desk *desk = rc->intake->desk;
	int failed;

	if (rc->named.id == 0 && reading->submission_ref[0] != '\0') {
		int found = submission_find(desk->store, desk->arena,
		    reading->submission_ref, &rc->named, err);
		if (found < 0)
			return found;
	}
	if (rc->form == NULL)
		return 0;
	failed = rc->named.id != 0 ? place_of_submission(rc->intake, &rc->named,
					 &rc->place, err)
				   : place_find(rc->intake, &rc->place, err);
	return failed < 0 ? failed : 0;
}

int
return_place_and_decide(struct return_case *rc, struct err *err)
{
	const struct reading *reading = &rc->intake->reading;
	int failed = find_place(rc, err);

	if (failed < 0)
		return failed;
	if (reading->clash[0] != '\0')
		place_add_reason(rc->intake->desk->arena, &rc->place,
		    reading->clash, reading->clash_fix);
	if (rc->bar.what != NULL)
		place_add_reason(rc->intake->desk->arena, &rc->place,
		    rc->bar.what, rc->bar.fix);
	return rc->form == NULL ? 0 : return_decide(rc, err);
}

static int
run(struct return_case *rc, struct err *err)
{
	int failed = return_place_and_decide(rc, err);

	if (failed == 0 && rc->how != RETURN_NOTHING && rc->how != RETURN_EQUAL)
		failed = return_file(rc, err);
	if (failed == 0)
		failed = return_answer(rc, err);
	return failed < 0 ? failed : 1;
}

int
return_take(struct intake *intake, struct err *err)
{
	struct return_case rc;

	if (!is_for_us(intake))
		return 0;
	if (is_many(intake))
		return return_bulk(intake, err);
	return_case_init(&rc, intake);
	return run(&rc, err);
}

/* --- corrections by letter --------------------------------------------------------- */

static void
join_entries(struct return_case *rc, const struct form_entry *entries,
    size_t count)
{
	const struct form_source *source = &rc->intake->reading.source;
	struct form_entry *all = arena_array(rc->intake->desk->arena,
	    count + source->entry_count + 1, sizeof(*all));

	if (count > 0)
		memcpy(all, entries, count * sizeof(*all));
	if (source->entry_count > 0)
		memcpy(all + count, source->entries,
		    source->entry_count * sizeof(*all));
	rc->entries = all;
	rc->entry_count = count + source->entry_count;
}

int
return_amend(struct intake *intake, const struct submission *submission,
    const struct form_entry *entries, size_t count, struct err *err)
{
	struct reading *reading = &intake->reading;
	struct return_case rc;

	if (reading->form == NULL ||
	    strcmp(reading->form->name, submission->form) != 0) {
		int failed = reading_definition(intake->desk, submission->form,
		    submission->form_version, &reading->form, err);
		if (failed < 0)
			return failed;
		reading->source = (struct form_source){.rest = reading->rest,
		    .unread = reading->source.unread,
		    .unread_count = reading->source.unread_count};
	}
	return_case_init(&rc, intake);
	rc.named = *submission;
	join_entries(&rc, entries, count);
	if (strcmp(submission->state, "superseded") == 0 ||
	    strcmp(submission->state, "withdrawn") == 0 || rc.form == NULL)
		rc.bar = (struct reason){arena_printf(intake->desk->arena,
					     "%s does not count any more, so "
					     "it cannot be changed.",
					     submission->ref),
		    "Reply to our newest email about this return, or send it "
		    "again."};
	return run(&rc, err);
}

/* --- check --------------------------------------------------------------------------- */

int
return_rehearse(struct intake *intake, struct err *err)
{
	const struct reading *reading = &intake->reading;
	struct return_case rc;
	int failed = 0;

	if (is_many(intake))
		return return_bulk(intake, err);
	return_case_init(&rc, intake);
	if (rc.form != NULL && rc.entry_count == 0 && reading->clash[0] == '\0')
		place_add_reason(intake->desk->arena, &rc.place,
		    "We found no answers in your email.",
		    "Type them below the word check, or attach a CSV file.");
	else if (rc.form == NULL && reading->clash[0] == '\0')
		place_add_reason(intake->desk->arena, &rc.place,
		    "We found no form in your email.",
		    "Send it again. Below the word check, write: Form: and "
		    "the name of the form");
	else
		failed = return_place_and_decide(&rc, err);
	if (failed < 0)
		return failed;
	/* No letters: there is nothing that they could be put into. */
	rc.how = RETURN_NOTHING;
	rc.named.id = 0;
	if (rc.form != NULL)
		return_list_problems(&rc);
	failed = return_answer_check(&rc, err);
	return failed < 0 ? failed : 1;
}

int
return_resend(struct intake *intake, const struct submission *submission,
    struct err *err)
{
	int failed = return_answer_again(intake, submission, err);

	return failed < 0 ? failed : 1;
}

const struct handler handler_return = {
    .name = "return",
    .summary = "a form, as text, HTML or CSV",
    .take = return_take,
};
