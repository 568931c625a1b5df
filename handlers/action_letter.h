/*
 * The answer to updates of actions: what was understood and how each is shown
 * now, what is asked for, what could not be kept, and what else its owner has
 * open, numbered so that one short reply will do. Used by the form
 * action-update and by short answers that cannot be filed.
 */
#ifndef LSCPD_HANDLERS_ACTION_LETTER_H
#define LSCPD_HANDLERS_ACTION_LETTER_H

#include <jansson.h>

#include "handlers/actions.h"
#include "handlers/handler.h"

#define ACTION_NEED_UNTIL "need until, then a date such as 14 May 2026, and why"

struct action_letter {
	struct desk *desk;
	json_t *updates, *questions, *reasons, *notes;
	struct letter_items items;
	const char *refs; /* with ;, each once */
	int64_t owner;    /* whose other actions are listed; 0: nobody's */
};

/* To be ended by action_letter_done(), also after a failure. */
void action_letter_init(struct action_letter *letter, struct desk *desk);
void action_letter_done(struct action_letter *letter);

/* What was kept; `next` is a sentence or "". */
void action_letter_add_update(struct action_letter *letter,
    const struct action *action, const char *progress, const char *next);

struct action_question {
	const struct action *action;
	const char *wrote, *reason, *can;
	bool is_kept;
};

/* Numbered: the reply says the number and what `can` says. */
void action_letter_add_question(struct action_letter *letter,
    const struct action_question *question);
/* What is about no action of the sender's. */
void action_letter_add_reason(struct action_letter *letter, const char *what,
    const char *fix);
void action_letter_add_note(struct action_letter *letter, const char *note);

/* A question or a reason makes it `problems`. */
bool action_letter_asks(const struct action_letter *letter);

/*
 * Queue it. It counts against the budget where nothing was kept. Ends with
 * the outcome of the message: filed or problems.
 */
int action_letter_send(struct intake *intake, struct action_letter *letter,
    struct err *err);

#endif
