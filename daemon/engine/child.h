/*
 * A supervised child process, seen from the engine: started when it is due,
 * spoken to without ever blocking, replaced when it dies, gone when the engine
 * goes. Pull style: poll child_fd() for child_events() until child_wake_at()
 * at the latest, then ask child_next() for news until there is none.
 *
 *	struct pollfd p = {child_fd(c), child_events(c), 0};
 *	poll(&p, 1, …);
 *	while (child_next(c, clock_mono_ms(), &news) != CHILD_QUIET)
 *		…
 *
 * A role has a lock of its own, held by the child: a new child is started
 * only once the old one is gone, also one that outlived an engine that was
 * killed. Restarts wait: not at all after a child that had answered
 * something, else 1 s, 2 s … 60 s (parser: 0.1 s … 2 s).
 *
 * All times here are of the monotonic clock (clock_mono_ms()).
 */
#ifndef LSCPD_ENGINE_CHILD_H
#define LSCPD_ENGINE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/frame.h"
#include "wire/treaty.h"

enum child_role {
	CHILD_MAILBOX,
	CHILD_PARSER,
	CHILD_COURIER
};

enum {
	CHILD_START_MS = 30 * 1000, /* from start to READY */
	CHILD_STOP_MS = 2 * 1000,   /* from EOF to SIGKILL when replaced */
	CHILD_QUEUE_BYTES = 40 * 1024 * 1024, /* unsent, all together */
};

enum child_state {
	CHILD_DOWN,     /* waits for its time to start */
	CHILD_STARTING, /* CONFIG was sent */
	CHILD_UP,       /* READY came: child_send() is welcome */
	CHILD_ENDING,   /* closed or killed, not yet reaped */
	CHILD_STOPPED,  /* until child_start() */
};

enum child_word {
	CHILD_QUIET = 0, /* nothing more now */
	CHILD_IS_READY,  /* the child is up (again) */
	CHILD_FRAME,     /* `frame` came */
	/*
	 * The child is gone, or never came up: whatever it had in hand is
	 * unanswered, what was queued for it is dropped. It will be started
	 * again by itself. `text` says what happened.
	 */
	CHILD_LOST,
};

enum child_end {
	END_DIED,     /* by itself: signal, exit, broken connection */
	END_DEADLINE, /* we killed it: no answer in time */
	END_PROTOCOL, /* we killed it: it broke the treaty */
	END_START,    /* START_FAILED, or it cannot be executed */
};

struct child_news {
	enum child_word word;
	/* CHILD_FRAME: valid until the next child_next(), its fd too. */
	struct frame frame;
	/* CHILD_LOST */
	enum child_end end;
	bool lasting; /* START_FAILED that waiting will not cure */
	char text[400];
};

struct child;

/*
 * A child of that role, to be started at once by child_next(). `lock_folder`
 * is where the role's lock file lies (beside the database); NULL for none:
 * this one may run beside another of its role. The config is copied.
 */
struct child *child_new(enum child_role role, const char *lock_folder,
    const struct wire_config *config);
/* Stops it as child_stop() with 0 ms, frees all. NULL is fine. */
void child_free(struct child *child);

/* Another program than the installed one, for tests. */
void child_set_program(struct child *child, const char *path);

/* For poll(): -1 and 0 while there is nothing to wait for but time. */
int child_fd(const struct child *child);
short child_events(const struct child *child);
/* When child_next() must be called at the latest; INT64_MAX for never. */
int64_t child_wake_at(const struct child *child);

enum child_word
child_next(struct child *child, int64_t mono_ms, struct child_news *ret_news);
/* The last frame's descriptor becomes the caller's; -1 if it has none. */
int child_take_fd(struct child *child, struct child_news *news);

enum child_state child_state(const struct child *child);
/* Process id, 0 while there is no process. */
int child_pid(const struct child *child);
/* Frames that came from this process since its start, READY not counted. */
uint64_t child_answers(const struct child *child);
/* Processes that were lost one after the other without an answer. */
int child_losses(const struct child *child);

/*
 * Queue a frame; `payload` is the struct of the type (wire/treaty.h), `fd` is
 * borrowed (-1 for none). ERR_CLOSED unless the child is up, ERR_BUSY when
 * the queue is full.
 */
int child_send(struct child *child, enum frame_type type, const void *payload,
    int fd, struct err *err);
/* Bytes not yet taken by the child's socket. */
size_t child_unsent(const struct child *child);

/* Kill it unless the deadline is moved or lifted (0) by then. */
void child_set_deadline(struct child *child, int64_t at_mono_ms);

/* Replace the process: let this one end, start another at once; no LOST. */
void child_replace(struct child *child);

/*
 * Close the connection, wait up to `wait_ms` for its end, then kill it and
 * reap it. Blocks that long: for shutdown. child_start() brings it back.
 */
void child_stop(struct child *child, int wait_ms);
void child_start(struct child *child);

#endif
