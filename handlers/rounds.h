/*
 * Rounds: opening one asks many agencies for the same return, closing one ends
 * the waiting. lscpctl is the caller now, staff's mails later; the caller has
 * the transaction open. A request's mail is made here too, since it is sent
 * again when a return is withdrawn.
 */
#ifndef LSCPD_HANDLERS_ROUNDS_H
#define LSCPD_HANDLERS_ROUNDS_H

#include "handlers/handler.h"

enum rounds_mode {
	ROUNDS_APPLY,
	ROUNDS_DRY_RUN, /* all is done and undone again */
};

struct rounds_open_request {
	const char *ref, *form; /* as written */
	int32_t due_day;
	const char *const *agencies; /* codes or names; NULL: all that can */
	size_t agency_count;
	enum rounds_mode mode;
};

/* What was (or would be) done, a line each, for a person; in the arena. */
struct rounds_report {
	const char **lines;
	size_t count;
	size_t requests, mails, unsent;
};

/*
 * ERR_INPUT with words where it cannot be: a due day in the past, a reference
 * taken or malformed, an unknown form or agency.
 */
int rounds_open(struct desk *desk, const struct rounds_open_request *request,
    struct rounds_report *ret_report, struct err *err);
/* Open requests become non_return. ERR_NOT_FOUND; ERR_INPUT: closed already. */
int rounds_close(struct desk *desk, const char *ref, enum rounds_mode mode,
    struct rounds_report *ret_report, struct err *err);

/*
 * One mail to each reachable lead of the agency, else to each deputy; the
 * request is then `sent`. Returns how many; 0: there is nobody, and it is left
 * as it was.
 */
int rounds_send_request(struct desk *desk, int64_t request, struct err *err);

#endif
