/*
 * Words to the service manager: one datagram to $NOTIFY_SOCKET (sd_notify(3)).
 * Quietly nothing where there is no such socket.
 */
#ifndef LSCPD_ENGINE_NOTIFY_H
#define LSCPD_ENGINE_NOTIFY_H

#include <stdint.h>

#include "base/macros.h"

/* "READY=1\nSTATUS=…", "STOPPING=1", "WATCHDOG=1" */
void notify_send(const char *format, ...) PRINTF(1, 2);
/* How often WATCHDOG=1 must come, half of what was asked; 0: not wanted. */
int64_t notify_watchdog_ms(void);

#endif
