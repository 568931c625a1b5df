/*
 * The talk with the mailbox: listings page by page, never more than the parser
 * can soon take; moves of what is committed, in sets; what a person asked to
 * have judged again. The mailbox answers in order.
 */
#ifndef LSCPD_ENGINE_FETCH_H
#define LSCPD_ENGINE_FETCH_H

#include "engine/engine.h"

/* Where the mailbox's process finds what it serves. */
struct child *fetch_child_new(const struct engine *engine);

/* All news of the mailbox. */
void fetch_news(struct engine *engine);
/* Ask for what is wanted now, if it can be asked. */
void fetch_ask(struct engine *engine);

/* A judged message of the open batch goes there (FOLDER_INBOX: it stays). */
void fetch_add_move(struct engine *engine, const struct incoming *in,
    enum wire_folder to);
/* The batch is committed: send them; or it is lost: forget them. */
void fetch_send_moves(struct engine *engine);
void fetch_drop_moves(struct engine *engine);
/* The mailbox may hand this message out again. */
void fetch_release(struct engine *engine, const char *key);

/* Is anything of this sync still to come? */
bool fetch_is_busy(const struct engine *engine);
/* When something will be due by itself, monotonic. */
int64_t fetch_wake_ms(const struct engine *engine);

#endif
