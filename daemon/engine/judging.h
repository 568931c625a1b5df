/*
 * One message while it is judged: shared by the steps of intake, and by
 * nobody else.
 */
#ifndef LSCPD_ENGINE_JUDGING_H
#define LSCPD_ENGINE_JUDGING_H

#include "engine/classify.h"
#include "engine/incoming.h"
#include "engine/screen.h"
#include "engine/trust.h"
#include "handlers/handler.h"

struct message;

struct judging {
	struct intake intake;
	const struct incoming *in;
	const struct classify_self *self;
	enum message_class class;
	enum proof proof;
	struct screen screen;
	bool is_vouched;    /* released: proof, screen and doubts are settled */
	bool waits_for_yes; /* the agency's rule: each mail is confirmed */
	const char *folder; /* "" : by the outcome */
	const struct message *double_of; /* seen before; NULL */
	int64_t first;                   /* of a duplicate */
};

/* Decide; returns 1, so that a step can end with it. */
int judging_decide(struct judging *judging, const char *outcome,
    const char *reason);

/* A step: 1 where the outcome is decided, 0 to go on. */
typedef int (*judging_step_fn)(struct judging *judging, struct err *err);

/* The steps that write to people about what they sent (notes.c). */
int judge_concern(struct judging *judging, struct err *err);
int judge_child_data(struct judging *judging, struct err *err);
int judge_damaged(struct judging *judging, struct err *err);
int judge_yes(struct judging *judging, struct err *err);
int judge_sender(struct judging *judging, struct err *err);
int judge_unchanged(struct judging *judging, struct err *err);
int judge_rest(struct judging *judging, struct err *err);

#endif
