/*
 * Findings and actions: what a return showed, and what somebody must do by
 * when. BRAG is computed by domain/brag and kept here as it was shown last, so
 * that the views say the same to everybody.
 */
#ifndef LSCPD_STORE_ACTION_H
#define LSCPD_STORE_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"
#include "store/submission.h"

struct action {
	int64_t id;
	const char *ref;
	const char
	    *source; /* a review's or meeting's reference, or the return's */
	int64_t submission; /* 0 for none */
	const char *row; /* of the return's table that made it, "" for none */
	const char *title, *text, *recommendation;
	const char *priority;         /* normal, high, statutory */
	int64_t agency, owner, group; /* owner, group: 0 for none */
	const char *agency_code, *owner_email, *owner_name, *group_code;
	const char *owner_text; /* an owner who is not in the register */
	const char *success_measure, *evidence_expected;
	int32_t due_day, original_due_day;
	const char
	    *status; /* proposed, open, done, verified, declined, closed */
	const char *reported; /* "", on track, at risk, late, done, blocked */
	bool has_evidence;
	const char *percent;
	int32_t wants_day;
	const char *wants_reason;
	int extensions;
	int64_t opened_at, updated_at, verified_at;
	const char *brag_derived, *brag_shown; /* "" for NULL */
};

struct actions {
	struct action *items;
	size_t count;
};

/*
 * A new action, with a new reference. Read of `action`: source, submission, row,
 * title, text, recommendation, priority, agency, owner, group, owner_text,
 * success_measure, evidence_expected, due_day (the original one too), status,
 * opened_at, brag_derived, brag_shown. NULL texts are "".
 */
int action_add(struct store *store, const struct action *action,
    int64_t *ret_id, char ret_ref[static REFERENCE_BYTES], struct err *err);
/* By reference, in any case. */
int action_find(struct store *store, struct arena *arena, const char *ref,
    struct action *ret_action, struct err *err);
int action_get(struct store *store, struct arena *arena, int64_t id,
    struct action *ret_action, struct err *err);

enum action_which {
	ACTIONS_OPEN, /* proposed, open, done: somebody must still do something */
	ACTIONS_OWED, /* open alone: the owner must */
	ACTIONS_ALL,
};

struct action_filter {
	int64_t owner, agency, group, submission; /* 0 for any */
	enum action_which which;
};

/* By due day. */
int action_list(struct store *store, struct arena *arena,
    const struct action_filter *filter, struct actions *ret_actions,
    struct err *err);

struct action_update {
	int64_t id;
	int64_t action, submission; /* submission: 0 for none */
	int64_t at;
	const char *by;     /* address */
	const char *status; /* on track, at risk, late, done, blocked */
	const char *progress, *percent, *evidence, *impact;
	int32_t new_day; /* DAY_NONE: none wanted */
	const char *reason;
};

struct action_updates {
	struct action_update *items;
	size_t count;
};

/*
 * Keeps the update and makes the action say so: reported, percent, has_evidence
 * (once given it stays), wants_day and wants_reason where a new day is given,
 * updated_at, status done where done is reported, open again where it is not.
 * An action that is verified, declined or closed is ERR_INPUT.
 */
int action_add_update(struct store *store, const struct action_update *update,
    struct err *err);
/* Oldest first. */
int action_list_updates(struct store *store, struct arena *arena, int64_t id,
    struct action_updates *ret_updates, struct err *err);
/* `at` becomes verified_at for `verified`. */
int action_set_status(struct store *store, int64_t id, const char *status,
    int64_t at, struct err *err);
/* blue, green, amber, red, grey, or "" for NULL. */
int action_set_brag(struct store *store, int64_t id, const char *derived,
    const char *shown, struct err *err);
/* The proposed actions of a return that no longer stands. Returns how many. */
int
action_close_proposed(struct store *store, int64_t submission, struct err *err);

/* --- findings ------------------------------------------------------------ */

struct finding {
	int64_t id;
	const char *ref;
	int64_t submission, agency, action; /* 0 for none */
	const char *thing, *row;            /* one open finding for each pair */
	const char *theme, *priority;
	const char *kind; /* strength, area_for_improvement, gap, good_practice,
			   * risk */
	const char *severity; /* low, medium, high, critical */
	const char *text;
	int64_t made_at, closed_at;
};

struct findings {
	struct finding *items;
	size_t count;
};

/*
 * Made once for each (thing, row): returns 1 for a new one, 0 where an open
 * one stands already (then `*ret_id` is that one, unchanged).
 */
int finding_add(struct store *store, const struct finding *finding,
    int64_t *ret_id, char ret_ref[static REFERENCE_BYTES], struct err *err);
int finding_set_action(struct store *store, int64_t id, int64_t action,
    struct err *err);
/* Of a submission, open ones, by reference. */
int finding_list(struct store *store, struct arena *arena, int64_t submission,
    struct findings *ret_findings, struct err *err);
int finding_close(struct store *store, int64_t id, int64_t at, struct err *err);
/* All open ones of a return that no longer stands. Returns how many. */
int finding_close_all(struct store *store, int64_t submission, int64_t at,
    struct err *err);

#endif
