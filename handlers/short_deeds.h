/*
 * What short answers ask for that is no value: more time for a return, another
 * person, a call. Kept or passed on to staff, and answered. short_answer.c is
 * the caller; each fills the outcome of the message.
 */
#ifndef LSCPD_HANDLERS_SHORT_DEEDS_H
#define LSCPD_HANDLERS_SHORT_DEEDS_H

#include "handlers/handler.h"
#include "handlers/short_words.h"

enum target_kind {
	TARGET_NONE,
	TARGET_ANSWER,  /* one field of a return */
	TARGET_ACTION,  /* ref A-0112 */
	TARGET_REQUEST, /* ref S11-2026/LGT */
};

/* What one line is about. */
struct target {
	enum target_kind kind;
	const char *ref;
	const struct outbox_item *item; /* of TARGET_ANSWER */
};

/* `need until` on a request: kept, staff told; outcome filed. 0 where there is
 * no such request of the sender's, else 1. */
int short_need_until(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err);
/* `not me`: staff told, outcome attention. */
int short_not_me(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err);
/* `please call me`: the same. */
int short_call(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err);

#endif
