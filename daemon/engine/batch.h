/*
 * Batches: up to 64 judged messages share a transaction, each in a savepoint
 * of its own. A batch is whatever is ready: a lone message is committed at
 * once. After the commit, and only then, the mailbox is told to move.
 */
#ifndef LSCPD_ENGINE_BATCH_H
#define LSCPD_ENGINE_BATCH_H

#include "engine/engine.h"

enum {
	BATCH_MESSAGES = 64,
	BATCH_OPEN_MS = 250, /* lscpctl waits for the write lock that long */
};

/* Judge a message and take it into the batch; `record` NULL as in intake.h. */
void batch_add(struct engine *engine, struct incoming *take_in,
    const struct record *record);
/* Commit and send the moves; harmless where no batch is open. */
void batch_commit(struct engine *engine);
/* Is it time: full, or old, or nothing more is coming? */
bool batch_is_due(const struct engine *engine);

#endif
