/*
 * Moves of judged mail out of the inbox: gathered while a batch is open, sent
 * once it is committed, in sets as large as a backlog allows. A move may fail
 * for weeks without harm: its message is known when it is met again.
 */
#ifndef LSCPD_ENGINE_MOVES_H
#define LSCPD_ENGINE_MOVES_H

#include "engine/engine.h"

/* A judged message of the open batch goes there (FOLDER_INBOX: it stays). */
void moves_add(struct engine *engine, const struct incoming *in,
    enum wire_folder to);
/* The batch is lost, and its moves with it. */
void moves_drop(struct engine *engine);
/* The batch is committed. */
void moves_commit(struct engine *engine);
/* Send what is committed, unless more of a backlog comes at once. */
void moves_send(struct engine *engine);
/* The mailbox's answer to a set; or its process is gone. */
void moves_answered(struct engine *engine, const struct wire_moved *moved);
void moves_lost(struct engine *engine);
/*
 * Once in the life of a mailbox process, when a listing is through: what
 * should have been moved and is in no listing was moved by an answer that we
 * never heard, or by somebody else. Does nothing while there is work.
 */
void moves_sweep(struct engine *engine);
/* Is a set to be sent or answered? */
bool moves_are_busy(const struct engine *engine);

#endif
