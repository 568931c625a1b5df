/*
 * `lscpd --check --online`: the mailbox is looked into and a mail is sent to
 * ourselves, by the same child processes that serve the daemon. No database is
 * needed, nothing is made or moved, and a daemon may run beside.
 */
#ifndef LSCPD_ENGINE_ONLINE_H
#define LSCPD_ENGINE_ONLINE_H

#include "base/clock.h"
#include "settings/settings.h"

/*
 * Prints a line a step, and what to do where one fails. 0: all of it works;
 * EX_TEMPFAIL: a server cannot be reached; EX_CONFIG: it refuses us.
 */
int online_check(const struct settings *settings, const struct clock *clock);

#endif
