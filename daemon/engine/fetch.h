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

/* The mailbox may hand this message out again. */
void fetch_release(struct engine *engine, const char *key);

/* Something for the mailbox; ERR_CLOSED where it is not up. */
int
fetch_send(struct engine *engine, enum frame_type type, const void *payload);
/*
 * True where `text` is not what was said last: the same trouble is told once,
 * until it is over ("").
 */
bool fetch_is_new(char said[static FETCH_SAID_BYTES], const char *text);

/* Is anything of this sync still to come? */
bool fetch_is_busy(const struct engine *engine);
/* When something will be due by itself, monotonic. */
int64_t fetch_wake_ms(const struct engine *engine);

#endif
