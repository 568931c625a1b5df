/*
 * Words to the service manager: one datagram to $NOTIFY_SOCKET (sd_notify(3)).
 * Quietly nothing where there is no such socket.
 */
#ifndef LSCPD_ENGINE_NOTIFY_H
#define LSCPD_ENGINE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

/* Is there a service manager that listens? */
bool notify_is_wanted(void);
/* "READY=1\nSTATUS=…", "STOPPING=1", "WATCHDOG=1" */
void notify_send(const char *format, ...) PRINTF(1, 2);

/*
 * WATCHDOG=1 at half the interval that the service manager asked for, and
 * only while the loop turns.
 */
struct watchdog {
	int64_t every_ms; /* 0: not wanted */
	int64_t due_ms;   /* monotonic */
};

void watchdog_init(struct watchdog *watchdog);
/* Once a turn: a word where it is due. */
void watchdog_feed(struct watchdog *watchdog);
/* When the next one is due, monotonic; INT64_MAX for never. */
int64_t watchdog_wake_ms(const struct watchdog *watchdog);

#endif
