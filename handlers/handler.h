/*
 * Handlers: what a message can be, and what it then does. The engine finds
 * out who wrote a message and whether that is proven; a handler does the rest,
 * inside the savepoint that the engine has open: it writes through store/ and
 * queues mail through mail/, and what it returns undoes all of it on failure.
 *
 * A handler is one file here that ends in `const struct handler handler_NAME`;
 * the Makefile builds the registry from these. There are two kinds, and one
 * file may be both:
 *  - it takes messages: `take` (a command, a return, a delivery report …);
 *  - it knows a form's deeds: `check` and `file`, named by `handler = "…"` of
 *    a definition. A form without a handler is stored, checked and answered by
 *    the handler `return`, which calls these two for those that have one.
 */
#ifndef LSCPD_HANDLERS_HANDLER_H
#define LSCPD_HANDLERS_HANDLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/workday.h"
#include "forms/bulk.h"
#include "forms/form.h"
#include "forms/judge.h"
#include "forms/source.h"
#include "mail/mailer.h"
#include "settings/settings.h"
#include "store/db.h"
#include "store/outbox.h"
#include "store/register.h"
#include "store/submission.h"
#include "wire/record.h"

/* What all work shares: of the engine for a turn, of lscpctl for a command. */
struct desk {
	struct store *store;
	const struct settings *settings;
	const struct forms *forms; /* the definitions of today */
	struct mailer *mailer;
	struct holidays holidays;
	int64_t now_at;
	int32_t today_day;
	struct arena *arena; /* of this message or command */
	const char *actor;   /* in the audit trail, where nobody wrote; NULL is
				the clerk */
};

/* A mail of ours, to this sender, that the message answers. */
struct thread {
	bool found;
	struct outbox mail; /* when found */
	const char *text;   /* as sent; "" without */
};

/* The one outcome of a message, in the words of the contract. */
struct outcome {
	const char *outcome; /* filed, problems, answered … */
	const char *reason;  /* "" or a word of v_message.reason */
	const char *ref;     /* "" or what it was about */
	/* Of a duplicate: the outcome of the first, whose folder it shares.
	 * NULL: the folder of `outcome`. */
	const char *like;
};

/*
 * What the message says of forms, found once, before anybody is trusted (the
 * concern check must know which words are a field's value). See reading.h.
 */
struct reading {
	const struct form *form;    /* NULL: it is no form that we know */
	struct form_source source;  /* of that form; empty without */
	struct bulk bulk;           /* many of that form; else count 0 */
	struct form_header header;  /* Form:, Round:, Agency: as written */
	const char *round_ref;      /* of thread, subject or text; "" */
	const char *agency_code;    /* of the thread or subject; "" */
	const char *submission_ref; /* R-…: of the thread or subject; "" */
	const char *action_ref;     /* A-…: of the thread, where it is one */
	const char *default_row;    /* of judge_request: that action, or "" */
	/* "" or a sentence: thread and text name different things, two forms
	 * fit, or the form is none of ours. Then nothing can be filed. */
	const char *clash, *clash_fix; /* the second: what to do about it */
	/* New text that is no field's value: never NULL. */
	const char *rest;
};

/* Is there anything of the form in it, for one return or for many? */
bool reading_has_answers(const struct reading *reading);

/* One message under judgement. */
struct intake {
	struct desk *desk;
	const struct record *record;
	int64_t message; /* its row */
	int64_t received_at;
	const char *from; /* the From address in lower case; "" */
	/* NULL unless From is known to the register and has not left. */
	const struct contact *contact;
	bool is_proven; /* the sender is who From says */
	struct thread thread;
	struct reading reading;
	/* `check`: judge and answer, store nothing of the return. */
	bool is_rehearsal;
	struct outcome outcome; /* filled by whoever takes it */
};

/*
 * One return being filed, for a form's own handler. `check` runs before
 * anything is stored, also for a rehearsal; `file` after the submission and
 * its answers stand, and only where the form's rules allow: for a form that
 * acts row by row (`acts_by_row`) on every version, else on complete ones.
 */
struct filing {
	struct desk *desk;
	const struct intake *intake;
	const struct form *form;
	const struct contact *sender; /* of the register, proven */
	const struct agency *agency;  /* whose return it is; NULL: nobody's */
	int32_t due_day;              /* of its request; DAY_NONE without one */
	struct judgement *judgement;  /* check may add problems to it */
	/* What stood before this mail; none for a first version. */
	const struct form_answer *standing;
	size_t standing_count;
	struct submission submission; /* in `file` */
	bool is_first;                /* version 1 */
	/* What the receipt should say besides, whole sentences: filled by
	 * `check` and `file`, in the arena. */
	const char **notes;
	size_t note_count;
	/* Set by `file` where the answer is the handler's own letter (already
	 * queued): then no receipt is made. */
	bool is_answered;
	/* Filed, but something is asked for: outcome and kind `problems`. */
	bool asks_more;
};

struct handler {
	const char *name, *summary;
	bool acts_by_row;
	/*
	 * Returns 1 and fills intake->outcome where the message is its own, 0
	 * where it is somebody else's (nothing written), or an error.
	 */
	int (*take)(struct intake *intake, struct err *err);
	/* May this sender file this? 0, or ERR_INPUT with a sentence; the
	 * judgement is there. NULL: the definition's `senders` decide. */
	int (*may_send)(const struct filing *filing, struct err *err);
	/* Adds what the definition's language cannot say. */
	int (*check)(struct filing *filing, struct err *err);
	int (*file)(struct filing *filing, struct err *err);
};

/* All of them, by name; NULL-terminated. Made by the Makefile. */
extern const struct handler *const g_handlers[];

/* NULL if there is none. */
const struct handler *handler_find(const char *name);

/*
 * Add a problem as `check` finds it; a position of 0 is that of the answer it
 * is about. What is wrong, and not merely missing, does not become an answer:
 * what stood before comes back.
 */
void
filing_add_problem(struct filing *filing, const struct form_problem *problem);
/* Add a sentence to the receipt. */
void
filing_add_note(struct filing *filing, const char *format, ...) PRINTF(2, 3);

/* One line of the audit trail; the actor is the clerk, or `contact`'s id. */
int desk_audit(struct desk *desk, const struct contact *contact,
    const char *verb, const char *ref, struct err *err);

#endif
