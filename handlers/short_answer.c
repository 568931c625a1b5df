/*
 * Short answers: lines of new text that answer a lettered problem, a numbered
 * action, or the one thing that a mail of ours was about. Values go into the
 * return that they correct, words about actions make a return of the form
 * action-update; the rest is asked of a person.
 */
#include <string.h>

#include "base/text.h"
#include "handlers/commands.h"
#include "handlers/handler.h"
#include "handlers/return.h"
#include "handlers/short_sorting.h"

static const char UPDATE_HANDLER[] = "action-update";

enum {
	PROSE_CHARS = 200, /* shown of a line that nothing was made of */
};

/* --- filing ------------------------------------------------------------------------------ */

/* What was not understood is listed by the return that the rest makes; of
 * prose what stands from line `from_prose` on. */
static void
tell_unread(struct short_sorting *sorting, size_t from_prose)
{
	struct arena *arena = sorting->intake->desk->arena;
	struct form_source *source = &sorting->intake->reading.source;
	/* Without a form besides, they are the lettered lines themselves. */
	size_t count = source->entry_count > 0 ? source->unread_count : 0,
	       room = count + sorting->returned.count + sorting->prose_count;
	const char **unread = arena_array(arena, room + 1, sizeof(*unread));

	if (count > 0)
		memcpy(unread, source->unread, count * sizeof(*unread));
	for (size_t i = 0; i < sorting->returned.count; i++)
		unread[count++] = arena_printf(arena, "%s: %s",
		    short_shown(arena, &sorting->returned.items[i]),
		    sorting->returned.items[i].reason);
	for (size_t i = from_prose; i < sorting->prose_count; i++)
		unread[count++] =
		    text_first_words(arena, sorting->prose[i], PROSE_CHARS);
	source->unread = unread;
	source->unread_count = count;
}

static int
file_answers(struct short_sorting *sorting, struct err *err)
{
	struct intake *intake = sorting->intake;
	struct desk *desk = intake->desk;
	struct submission submission;
	int found = submission_find(desk->store, desk->arena,
	    sorting->submission, &submission, err);

	if (found <= 0)
		return found;
	/* As in a form, what stands before the answers is not read. */
	tell_unread(sorting, sorting->leading_count);
	return return_amend(intake, &submission, sorting->answers.items,
	    sorting->answers.count, err);
}

static const struct form *
update_form(const struct desk *desk)
{
	for (size_t i = 0; i < desk->forms->count; i++)
		if (strcmp(desk->forms->items[i]->handler, UPDATE_HANDLER) == 0)
			return desk->forms->items[i];
	return NULL;
}

/* The mail becomes a return of that form: with what its text or table says of
 * the same form, without what it is a reply to. */
static void
become_update(struct short_sorting *sorting, const struct form *form)
{
	struct reading *reading = &sorting->intake->reading;
	struct form_source *source = &reading->source;
	struct short_entries all = {0};

	if (reading->form == NULL ||
	    strcmp(reading->form->name, form->name) != 0) {
		*source = (struct form_source){.rest = reading->rest};
		form_header_init(&reading->header);
		reading->round_ref = reading->agency_code = "";
		reading->submission_ref = reading->default_row = "";
		reading->clash = "";
	}
	reading->form = form;
	for (size_t i = 0; i < source->entry_count; i++)
		short_add_entry(sorting->intake->desk->arena, &all,
		    &source->entries[i]);
	for (size_t i = 0; i < sorting->updates.count; i++)
		short_add_entry(sorting->intake->desk->arena, &all,
		    &sorting->updates.items[i]);
	source->entries = all.items;
	source->entry_count = all.count;
	source->saw_form = true;
}

/*
 * What is not understood of one action among others that are: as it was
 * written, so that it comes back with the words that can be used.
 */
static void
enter_returned(struct short_sorting *sorting)
{
	struct short_items left = {0};

	for (size_t i = 0; i < sorting->returned.count; i++) {
		struct short_item *item = &sorting->returned.items[i];
		const char *ref = item->target.kind == TARGET_ACTION
				      ? item->target.ref
				      : item->line->label;
		if (item->line->kind == SHORT_UNTIL &&
		    item->target.kind == TARGET_ACTION) {
			short_add_update(sorting, ref, "status", "at risk");
			short_add_update(sorting, ref, "progress",
			    item->line->wrote);
			short_add_update(sorting, ref, "new_date",
			    item->line->wrote);
		} else if (item->line->kind == SHORT_UNKNOWN &&
			   item->line->wrote[0] != '\0') {
			short_add_update(sorting, ref, "status",
			    item->line->wrote);
		} else {
			struct short_item *one =
			    arena_push(sorting->intake->desk->arena,
				&left.items, &left.count, sizeof(*one));
			*one = *item;
		}
	}
	sorting->returned = left;
}

static int
file_updates(struct short_sorting *sorting, struct err *err)
{
	struct intake *intake = sorting->intake;
	const struct form *form = update_form(intake->desk);

	if (form == NULL)
		return 0;
	enter_returned(sorting);
	become_update(sorting, form);
	tell_unread(sorting, 0);
	return return_take(intake, err);
}

/* --- all of it ------------------------------------------------------------------------------- */

typedef int (*deed_fn)(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err);

static int
do_each(struct short_sorting *sorting, const struct short_items *items,
    deed_fn deed, struct err *err)
{
	for (size_t i = 0; i < items->count; i++) {
		int failed = deed(sorting->intake, &items->items[i].target,
		    items->items[i].line, err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

/* What is passed on to people; the last of them names the outcome, a kept
 * wish before all. Returns how many there were. */
static int
do_deeds(struct short_sorting *sorting, struct err *err)
{
	int failed;

	if ((failed = do_each(sorting, &sorting->calls, short_call, err)) < 0 ||
	    (failed = do_each(sorting, &sorting->not_mes, short_not_me, err)) <
		0 ||
	    (failed = do_each(sorting, &sorting->untils, short_need_until,
		 err)) < 0)
		return failed;
	return (int)(sorting->calls.count + sorting->not_mes.count +
		     sorting->untils.count);
}

/* What is filed; 0 where there is nothing to file. */
static int
do_files(struct short_sorting *sorting, struct err *err)
{
	struct intake *intake = sorting->intake;

	if (sorting->answers.count > 0)
		return file_answers(sorting, err);
	if (sorting->updates.count > 0)
		return file_updates(sorting, err);
	/* A form that was filled in besides. */
	return intake->reading.form != NULL &&
		       reading_has_answers(&intake->reading)
		   ? return_take(intake, err)
		   : 0;
}

static int
take(struct intake *intake, struct err *err)
{
	struct short_sorting sorting;

	if (intake->contact == NULL || !intake->is_proven)
		return 0;
	int found = short_sort(intake, &sorting, err);
	if (found <= 0)
		return found;
	bool files = sorting.answers.count > 0 || sorting.updates.count > 0;
	if (sorting.withdraws && !files && sorting.untils.count == 0)
		return command_withdraw(intake, "", err);
	int deeds = do_deeds(&sorting, err);
	if (deeds < 0)
		return deeds;
	int filed = do_files(&sorting, err);
	if (filed != 0 || sorting.returned.count == 0)
		return filed != 0 ? filed : deeds > 0;
	struct outcome before = intake->outcome;
	int failed = short_send_back(&sorting, err);
	if (deeds > 0)
		intake->outcome = before;
	return failed < 0 ? failed : 1;
}

const struct handler handler_short_answer = {
    .name = "short-answer",
    .summary = "one line for each letter or number of a mail of ours",
    .take = take,
};
