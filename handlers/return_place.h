/*
 * Where a return belongs: whose it is, which round and request it answers, and
 * whether this sender may send it (contract 6, "Which form, round, agency",
 * and 13). What is in the way is collected as reasons, all of them in one go;
 * with a reason nothing is stored.
 */
#ifndef LSCPD_HANDLERS_RETURN_PLACE_H
#define LSCPD_HANDLERS_RETURN_PLACE_H

#include "handlers/handler.h"
#include "store/round.h"

/* What is in the way, and what the sender can do: both whole sentences, the
 * second without its full stop. */
struct reason {
	const char *what, *fix;
};

struct place {
	struct agency agency;   /* id 0: not known */
	struct round round;     /* id 0: none */
	struct request request; /* id 0: none */
	struct reason *reasons;
	size_t reason_count;
	/* The sender's role, or agency, does not allow it. */
	bool is_not_allowed;
};

void place_add_reason(struct arena *arena, struct place *place,
    const char *what, const char *fix);

/* From the thread, the text and the register. `form` is intake's. */
int place_find(const struct intake *intake, struct place *ret_place,
    struct err *err);
/* Of a return that stands: its own agency and round. */
int place_of_submission(const struct intake *intake,
    const struct submission *submission, struct place *ret_place,
    struct err *err);

/* May this contact send for that agency: its own, staff any, a lead of the
 * parent agency too. */
bool
place_may_send_for(const struct contact *contact, const struct agency *agency);

/*
 * The open rounds of a form that await one of these agencies; where none does,
 * those that asked one of them at all. Each round once.
 */
int place_guess_rounds(struct desk *desk, const char *form,
    const struct contact_agency *agencies, size_t count,
    struct rounds *ret_rounds, struct err *err);

#endif
