#include "handlers/action_letter.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "handlers/letters.h"
#include "handlers/parts.h"

void
action_letter_init(struct action_letter *letter, struct desk *desk)
{
	*letter = (struct action_letter){
	    .desk = desk,
	    .updates = json_array(),
	    .questions = json_array(),
	    .reasons = json_array(),
	    .notes = json_array(),
	    .refs = "",
	};
}

void
action_letter_done(struct action_letter *letter)
{
	json_decref(letter->updates);
	json_decref(letter->questions);
	json_decref(letter->reasons);
	json_decref(letter->notes);
}

static void
add_ref(struct action_letter *letter, const char *ref)
{
	struct arena *arena = letter->desk->arena;
	char **refs = text_split(arena, letter->refs, ";");

	for (size_t i = 0; refs[i] != NULL; i++)
		if (strcmp(refs[i], ref) == 0)
			return;
	letter->refs = arena_printf(arena, "%s%s%s", letter->refs,
	    letter->refs[0] == '\0' ? "" : ";", ref);
}

void
action_letter_add_update(struct action_letter *letter,
    const struct action *action, const char *progress, const char *next)
{
	add_ref(letter, action->ref);
	json_array_append_new(letter->updates,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "ref", action->ref,
		"title", action->title, "reported",
		action_reported_words(action->reported), "progress", progress,
		"shown", action_shown_words(letter->desk, action), "due",
		letter_day(action->due_day), "next", next));
}

/* It begins the line, and a sentence may follow. */
static const char *
sentence(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	*copy = (char)toupper((unsigned char)*copy);
	return copy;
}

void
action_letter_add_question(struct action_letter *letter,
    const struct action_question *question)
{
	const struct action *action = question->action;

	add_ref(letter, action->ref);
	json_array_append_new(letter->questions,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "number",
		letter_items_add(letter->desk->arena, &letter->items,
		    action->ref),
		"ref", action->ref, "title", action->title, "wrote",
		question->wrote, "reason",
		sentence(letter->desk->arena, question->reason), "can",
		question->can, "kept", (int)question->is_kept));
}

void
action_letter_add_reason(struct action_letter *letter, const char *what,
    const char *fix)
{
	json_array_append_new(letter->reasons,
	    json_pack("{s:s, s:s}", "what", what, "fix", fix));
}

void
action_letter_add_note(struct action_letter *letter, const char *note)
{
	json_array_append_new(letter->notes, json_string(note));
}

bool
action_letter_asks(const struct action_letter *letter)
{
	return json_array_size(letter->questions) > 0 ||
	       json_array_size(letter->reasons) > 0;
}

static json_t *
unread_values(const struct intake *intake)
{
	const struct form_source *source = &intake->reading.source;
	json_t *unread = json_array();

	for (size_t i = 0; i < source->unread_count && i < LIMIT_UNKNOWN_LINES;
	     i++)
		json_array_append_new(unread, json_string(source->unread[i]));
	return unread;
}

static int
queue(struct intake *intake, struct action_letter *letter, json_t *others,
    struct err *err)
{
	bool asks = action_letter_asks(letter);
	struct letter mail;
	int64_t outbox;
	json_auto_t *values =
	    json_pack("{s:o, s:O, s:O, s:O, s:o, s:o, s:O, s:O}", "when",
		letter_when(intake->received_at), "updates", letter->updates,
		"questions", letter->questions, "reasons", letter->reasons,
		"files",
		parts_values(intake, json_array_size(letter->updates) > 0
					 ? PARTS_FILED
					 : PARTS_LOOSE),
		"unread", unread_values(intake), "notes", letter->notes,
		"others", others);

	letter_to_sender(intake, &mail);
	mail.kind = asks ? "problems" : "receipt";
	mail.topic = asks ? "action-problems" : "action-receipt";
	mail.ref = letter->refs;
	mail.items = letter->items.items;
	mail.item_count = letter->items.count;
	if (json_array_size(letter->updates) == 0)
		return letter_answer(intake, &mail, values, err);
	return mailer_queue(intake->desk->mailer, &mail, values, &outbox, err);
}

int
action_letter_send(struct intake *intake, struct action_letter *letter,
    struct err *err)
{
	json_auto_t *others = NULL;
	int failed = actions_owed_values(letter->desk, letter->owner,
	    letter->refs, &letter->items, &others, err);

	if (failed < 0 || (failed = queue(intake, letter, others, err)) < 0)
		return failed;
	intake->outcome = (struct outcome){
	    .outcome = action_letter_asks(letter) ? "problems" : "filed",
	    .reason = "",
	    .ref = letter->refs,
	};
	return 0;
}
