#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "handlers/action_letter.h"
#include "handlers/letters.h"
#include "handlers/short_sorting.h"
#include "mail/words.h"

enum {
	WROTE_CHARS = 80, /* shown of a line that was not understood */
};

/* --- what comes back, alone --------------------------------------------------------- */

const char *
short_shown(struct arena *arena, const struct short_item *returned)
{
	const char *label = returned->line->label;
	/* As we ask for them: `B: 14 May`, but `2 done`. */
	bool is_letter =
	    isalpha((unsigned char)label[0]) != 0 && strchr(label, '-') == NULL;

	return arena_printf(arena, "\"%s%s%s%s\"", label, is_letter ? ":" : "",
	    label[0] == '\0' ? "" : " ",
	    text_first_words(arena, returned->line->wrote, WROTE_CHARS));
}

static const char *
labels_words(const struct short_sorting *sorting, const char *last)
{
	struct arena *arena = sorting->intake->desk->arena;
	const char **labels =
	    arena_array(arena, sorting->items.count + 1, sizeof(*labels));

	for (size_t i = 0; i < sorting->items.count; i++)
		labels[i] = sorting->items.items[i].label;
	return words_list(arena, labels, sorting->items.count, last);
}

/* What to do about it. */
static const char *
fix_words(const struct short_sorting *sorting,
    const struct short_item *returned)
{
	struct arena *arena = sorting->intake->desk->arena;

	if (returned->line->kind == SHORT_UNTIL &&
	    returned->target.kind == TARGET_REQUEST)
		return "Reply: need until, then a date such as 14 May 2026, "
		       "and why";
	if (!short_lists_actions(sorting) && sorting->items.count > 0)
		return arena_printf(arena,
		    "Begin the line with %s, a colon and your answer",
		    labels_words(sorting, "or"));
	if (sorting->items.count > 0)
		return arena_printf(arena,
		    "Begin the line with its number (%s), then one of these: "
		    "%s",
		    labels_words(sorting, "or"), SHORT_CAN_SAY);
	return arena_printf(arena, "You can use: %s", SHORT_CAN_SAY);
}

static int
return_to_action(struct short_sorting *sorting, struct action_letter *letter,
    const struct short_item *returned, struct err *err)
{
	struct desk *desk = sorting->intake->desk;
	struct action action;
	int found = action_find(desk->store, desk->arena, returned->target.ref,
	    &action, err);
	int may = found <= 0 ? found
			     : action_may_update(desk, sorting->intake->contact,
				   &action, err);

	if (may <= 0)
		return may;
	action_letter_add_question(letter,
	    &(struct action_question){.action = &action,
		.wrote = text_first_words(desk->arena, returned->line->wrote,
		    WROTE_CHARS),
		.reason = returned->reason,
		.can = returned->line->kind == SHORT_UNTIL ? ACTION_NEED_UNTIL
							   : SHORT_CAN_SAY});
	return 1;
}

static int
answer_actions(struct short_sorting *sorting, struct err *err)
{
	struct arena *arena = sorting->intake->desk->arena;
	struct action_letter letter;
	int failed = 0;

	action_letter_init(&letter, sorting->intake->desk);
	letter.owner = sorting->intake->contact->id;
	for (size_t i = 0; failed >= 0 && i < sorting->returned.count; i++) {
		const struct short_item *returned = &sorting->returned.items[i];
		int done =
		    returned->target.kind == TARGET_ACTION
			? return_to_action(sorting, &letter, returned, err)
			: 0;
		failed = done;
		if (done == 0)
			action_letter_add_reason(&letter,
			    arena_printf(arena, "You wrote %s: %s",
				short_shown(arena, returned), returned->reason),
			    fix_words(sorting, returned));
	}
	if (failed >= 0)
		failed = action_letter_send(sorting->intake, &letter, err);
	action_letter_done(&letter);
	return failed;
}

/* Lettered problems, or a request: nothing of it can be kept. */
static int
answer_problems(struct short_sorting *sorting, struct err *err)
{
	struct intake *intake = sorting->intake;
	struct arena *arena = intake->desk->arena;
	const struct form *form = intake->reading.form;
	struct letter letter;
	json_t *reasons = json_array();

	for (size_t i = 0; i < sorting->returned.count; i++) {
		const struct short_item *returned = &sorting->returned.items[i];
		json_array_append_new(reasons,
		    json_pack("{s:s, s:s}", "what",
			arena_printf(arena, "You wrote %s: %s",
			    short_shown(arena, returned), returned->reason),
			"fix", fix_words(sorting, returned)));
	}
	json_auto_t *values =
	    json_pack("{s:s, s:s, s:o, s:s, s:b, s:b, s:s, s:o, s:[], s:[], "
		      "s:i, s:s, "
		      "s:i, s:[], s:[], s:[], s:[], s:[], s:b, s:b, s:b}",
		"title", form == NULL ? "email" : form->title, "agency",
		intake->contact->agency_count == 0
		    ? ""
		    : intake->contact->agencies[0].name,
		"when", letter_when(intake->received_at), "version", "", "full",
		1, "stored", 0, "progress", "", "reasons", reasons, "problems",
		"missing", "more", 0, "due", "", "answer_count", 0, "fields",
		"tables", "files", "unread", "notes", "copy", 0, "again", 1,
		"form", form != NULL);
	letter_to_sender(intake, &letter);
	letter.kind = letter.topic = "problems";
	letter.ref = intake->thread.found ? intake->thread.mail.ref : "";
	int failed = letter_answer(intake, &letter, values, err);
	intake->outcome = (struct outcome){.outcome = "problems",
	    .reason = "",
	    .ref = letter.ref};
	return failed;
}

static bool
is_about_actions(const struct short_sorting *sorting)
{
	for (size_t i = 0; i < sorting->returned.count; i++)
		if (sorting->returned.items[i].target.kind == TARGET_ACTION)
			return true;
	return short_lists_actions(sorting);
}

int
short_send_back(struct short_sorting *sorting, struct err *err)
{
	return is_about_actions(sorting) ? answer_actions(sorting, err)
					 : answer_problems(sorting, err);
}
