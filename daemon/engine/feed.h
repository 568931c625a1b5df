/*
 * Messages to the parser and records back, one at a time. What kills the
 * parser is tried once more, alone, counted in the database before the try;
 * the second death is quarantine. Nothing that a message does to the parser
 * keeps the next one from being served.
 */
#ifndef LSCPD_ENGINE_FEED_H
#define LSCPD_ENGINE_FEED_H

#include "engine/engine.h"

struct child *feed_child_new(const struct engine *engine);
/* One piece of news of the parser: judging a message takes a turn of the
 * loop, so that mailbox and courier are not kept waiting by a backlog. */
void feed_news(struct engine *engine);
/* Hand it the next message, where it is free. */
void feed_next(struct engine *engine);
bool feed_is_busy(const struct engine *engine);

#endif
