/*
 * What people do in the Attention folder, seen by what stands in it: a message
 * that is gone from there is settled. A row whose place was never told (the
 * answer to a move was lost, the server does not say, or it began the folder
 * anew) is found again by its bytes.
 */
#ifndef LSCPD_ENGINE_ATTENTION_H
#define LSCPD_ENGINE_ATTENTION_H

#include "engine/engine.h"

/* A part of the listing; with the last one the rows follow it. */
void
attention_take(struct engine *engine, const struct wire_attention *attention);
/* Ask for a stranger, if there is one and the mailbox has time. */
void attention_ask(struct engine *engine);
/* The answer: that message (NULL: it is not there any more). */
void
attention_answer(struct engine *engine, const struct wire_message *message);
/* The mailbox cannot say; or its process is gone: the next listing tells. */
void attention_forget(struct engine *engine);
bool attention_is_busy(const struct engine *engine);

#endif
