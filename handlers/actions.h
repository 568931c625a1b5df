/*
 * What all that deals with actions and requests shares: who may say how an
 * action stands, BRAG and lateness as of today, and the words in which letters
 * tell both. Called by the handlers of actions, by engine once a day and
 * before a view is read, and by lscpctl.
 */
#ifndef LSCPD_HANDLERS_ACTIONS_H
#define LSCPD_HANDLERS_ACTIONS_H

#include <jansson.h>

#include "handlers/handler.h"
#include "store/action.h"
#include "store/round.h"

/* action_add() with its BRAG as of today, which is put into `action`. */
int action_make(struct desk *desk, struct action *action, int64_t *ret_id,
    char ret_ref[static REFERENCE_BYTES], struct err *err);

/* --- as of today ----------------------------------------------------------- */

/* BRAG of one action, written where it differs from what stands there. */
int
action_refresh(struct desk *desk, const struct action *action, struct err *err);
/* The same of one that was just changed: by its reference. */
int action_refresh_ref(struct desk *desk, const char *ref, struct err *err);
/* Of all actions. The caller has a transaction open, also for those below. */
int actions_refresh(struct desk *desk, struct err *err);
/* Working days late of all requests that are awaited. */
int requests_refresh(struct desk *desk, struct err *err);
/* Of one, on the day on which its return came. */
int request_refresh(struct desk *desk, const struct request *request,
    struct err *err);

/* --- who -------------------------------------------------------------------- */

/*
 * Its owner, the owner's deputy, a lead of its lead agency (or of that
 * agency's parent), staff. Returns 1, 0, or an error.
 */
int action_may_update(struct desk *desk, const struct contact *contact,
    const struct action *action, struct err *err);
/* Staff, or acting for that agency: of it, or a lead of its parent. */
int agency_may_see(struct desk *desk, const struct contact *contact,
    int64_t agency, struct err *err);

/* --- words ------------------------------------------------------------------- */

/* "on track", "stuck" …: the sender's word for what was reported; "". */
const char *action_reported_words(const char *reported);
/* How we show it, without a colour: "late", "done, waiting to be checked". */
const char *
action_shown_words(const struct desk *desk, const struct action *action);
/* "Due Tuesday 24 March." or "Was due Friday 27 February. Late by 7 working
 * days."; "" without a day. */
const char *due_words(const struct desk *desk, int32_t due_day);

/* --- lists in letters --------------------------------------------------------- */

/* The numbers of a mail, growing in the arena. */
struct letter_items {
	struct letter_item *items;
	size_t count;
};

/* The next number, from 1, for that action. */
const char *letter_items_add(struct arena *arena, struct letter_items *items,
    const char *action_ref);

/*
 * What an owner must still do, as [{number, ref, title, due, state}], each an
 * item of the mail; without those named in `except` (a list with ;).
 */
int actions_owed_values(struct desk *desk, int64_t owner, const char *except,
    struct letter_items *items, json_t **ret_values, struct err *err);

#endif
