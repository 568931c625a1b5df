/*
 * The first and last words of a child program: it reads its settings, and
 * says that it is at work or why it cannot be.
 */
#ifndef LSCPD_WIRE_SERVE_H
#define LSCPD_WIRE_SERVE_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/frame.h"
#include "wire/treaty.h"

/* Exit statuses of child programs. */
enum {
	SERVE_OK = 0,      /* the engine closed the connection */
	SERVE_BROKEN = 1,  /* the treaty was broken, or the system failed */
	SERVE_CONFIG = 78, /* START_FAILED was sent */
	SERVE_USAGE = 64,  /* not started by lscpd */
};

/* False, with a word on stderr, where descriptor 3 is no socket. */
bool serve_has_engine(void);
/* The first frame, which must be CONFIG; its strings in `arena`. */
int serve_config(struct frame_reader *reader, struct arena *arena,
    struct wire_config *ret_config, struct err *err);
int serve_ready(int sock, struct err *err);
/* Tell the engine what `why` says; the program ends with the status given. */
int serve_start_failed(int sock, const struct err *why);
/* How a loop ended that was left with `why`; logs what is a fault. */
int serve_end(const struct err *why);

/* `why` as the payload that says it; points into `why`. */
struct wire_failed serve_failure(const struct err *why);

#endif
