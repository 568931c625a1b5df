/*
 * The outbox on its way out: rows are claimed in sets (sending is committed
 * before the first byte), handed to the courier one at a time, and reported in
 * sets. A mail that cannot go now is tried again after 60 s times the square
 * of its attempts, up to 4 hours apart, for 3 days (contract 12).
 */
#ifndef LSCPD_ENGINE_DISPATCH_H
#define LSCPD_ENGINE_DISPATCH_H

#include "engine/engine.h"

struct child *dispatch_child_new(const struct engine *engine);
/* Mails that were in flight when the last engine ended. */
int dispatch_recover(struct engine *engine, struct err *err);
/* All news of the courier. */
void dispatch_news(struct engine *engine);
/* Claim and hand over what is due; only while no batch is open. */
void dispatch_next(struct engine *engine);
/* Is a mail with the courier? */
bool dispatch_in_hand(const struct engine *engine);
bool dispatch_is_busy(const struct engine *engine);
/* A --once run ends: tell the database what must wait. */
void dispatch_finish(struct engine *engine);
/* When the next mail is due, monotonic. */
int64_t dispatch_wake_ms(struct engine *engine);

#endif
