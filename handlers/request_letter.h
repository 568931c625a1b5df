/*
 * The mail that asks an agency for a return, with the form to type into. Made
 * from the definition that the round froze. rounds.c is the caller.
 */
#ifndef LSCPD_HANDLERS_REQUEST_LETTER_H
#define LSCPD_HANDLERS_REQUEST_LETTER_H

#include "handlers/handler.h"
#include "store/round.h"

/* Queue it, to one person. */
int request_letter(struct desk *desk, const struct request *request,
    const struct contact *contact, struct err *err);

/* The definition that a round opened with, in the arena. ERR_DATABASE where
 * it is not there or cannot be read: that is never the sender's fault. */
int round_form(struct desk *desk, int64_t round, const struct form **ret_form,
    struct err *err);

/* "8 standards and 6 short questions"; "" where there is nothing to count. */
const char *form_questions(struct arena *arena, const struct form *form);

#endif
