/*
 * A talk with one child by somebody who has nothing else to do: ask, and wait
 * for the answer. For checks; the engine itself never waits for a child.
 */
#ifndef LSCPD_ENGINE_VISIT_H
#define LSCPD_ENGINE_VISIT_H

#include "engine/child.h"

/*
 * Send a frame once the child is up, and wait for its answer, `within_ms` for
 * each of both. 0 with the frame in `ret_news`, valid until the next call.
 * ERR_CONFIG where somebody must change something, ERR_CLOSED where the child
 * is gone or silent.
 */
int visit_ask(struct child *child, enum frame_type type, const void *payload,
    int64_t within_ms, struct child_news *ret_news, struct err *err);

#endif
