/*
 * Rounds and requests: one form asked of many agencies by a day. A round
 * freezes the definition it opened with.
 */
#ifndef LSCPD_STORE_ROUND_H
#define LSCPD_STORE_ROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct round {
	int64_t id;
	const char *ref, *form, *title;
	int form_version;
	int64_t opened_at, closed_at; /* closed_at 0: open */
	int32_t due_day;
};

/* The words of state are those of v_request. */
struct request {
	int64_t id, round, agency;
	const char *round_ref, *agency_code, *form, *title;
	const char *state;
	int32_t due_day, original_due_day;
	int32_t wants_day; /* "need until" of the agency, not granted here */
	const char *wants_reason;
	int reminders, late_days;
	int64_t last_reminder_at;
	int64_t round_closed_at;
};

struct requests {
	struct request *items;
	size_t count;
};

struct rounds {
	struct round *items;
	size_t count;
};

struct round_new {
	const char *ref, *form, *title;
	int form_version;
	const char *source; /* the definition's whole text */
	int32_t due_day;
	int64_t opened_at;
};

/*
 * ERR_INPUT where the reference is taken, or where this version of the form
 * was used before with another text (its version must be raised).
 */
int round_open(struct store *store, const struct round_new *round,
    int64_t *ret_id, struct err *err);
/* Open requests become non_return. */
int round_close(struct store *store, int64_t id, int64_t at, struct err *err);
/* By reference, in any case. */
int round_find(struct store *store, struct arena *arena, const char *ref,
    struct round *ret_round, struct err *err);
int round_get(struct store *store, struct arena *arena, int64_t id,
    struct round *ret_round, struct err *err);
/*
 * The open rounds of a form that await this agency's return (its request is
 * not_sent, sent or incomplete), oldest first; agency 0: all open ones.
 */
int
round_list_awaiting(struct store *store, struct arena *arena, const char *form,
    int64_t agency, struct rounds *ret_rounds, struct err *err);

/* The frozen text of a definition; 0 where this version never was. */
int form_version_find(struct store *store, struct arena *arena,
    const char *form, int version, const char **ret_source, struct err *err);

/* `state` is not_sent or sent. */
struct request_new {
	int64_t round, agency;
	int32_t due_day;
	const char *state;
};

int request_add(struct store *store, const struct request_new *request,
    int64_t *ret_id, struct err *err);
int request_find(struct store *store, struct arena *arena, int64_t round,
    int64_t agency, struct request *ret_request, struct err *err);
int request_get(struct store *store, struct arena *arena, int64_t id,
    struct request *ret_request, struct err *err);
/* `S11-2026/LGT`, in any case. */
int request_find_ref(struct store *store, struct arena *arena, const char *ref,
    struct request *ret_request, struct err *err);
int request_set_state(struct store *store, int64_t id, const char *state,
    struct err *err);
/* "need until": kept, shown to staff; DAY_NONE takes it back. */
int request_set_wish(struct store *store, int64_t id, int32_t day,
    const char *reason, struct err *err);

/* Of a round (0: of any), of an agency (0: of any), by due day. */
enum request_which {
	REQUESTS_OPEN,
	REQUESTS_ALL
};

struct request_filter {
	int64_t round, agency;
	enum request_which which; /* open: awaited, in an open round */
};

int request_list(struct store *store, struct arena *arena,
    const struct request_filter *filter, struct requests *ret_requests,
    struct err *err);
/* Working days late as of v_status.as_of; the caller computes them. */
int request_set_late(struct store *store, int64_t id, int late_days,
    struct err *err);

#endif
