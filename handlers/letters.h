/*
 * What handlers and engine share when they answer: a letter that answers the
 * message in hand, to its sender. The words are in config/templates.
 */
#ifndef LSCPD_HANDLERS_LETTERS_H
#define LSCPD_HANDLERS_LETTERS_H

#include <jansson.h>

#include "handlers/handler.h"

/*
 * A letter to the sender of the message (thread headers, contact, answers
 * set; kind notice, origin answer). To be completed by the caller.
 */
void letter_to_sender(const struct intake *intake, struct letter *ret_letter);

/*
 * Queue an answer that stored nothing: it counts against the sender's budget
 * (contract 8). At the limit one last letter says so; beyond it nothing is
 * sent. Returns 1 queued, 0 beyond the budget, or an error.
 */
int letter_answer(const struct intake *intake, struct letter *letter,
    const json_t *values, struct err *err);

/*
 * Mail `first` of the outbox once more, to the sender of the message, as an
 * answer that stored nothing. Returns as letter_answer().
 */
int letter_again(const struct intake *intake, int64_t first, struct err *err);

/* A notice to every reachable contact with the role staff; kind notice, what
 * we start. `ref` may be "". */
int letter_to_staff(struct desk *desk, const char *topic, const char *ref,
    const json_t *values, struct err *err);

/* "Friday 27 February 2026" and "Tuesday 24 February at 10:42" as values. */
json_t *letter_day(int32_t day);
json_t *letter_when(int64_t at);

#endif
