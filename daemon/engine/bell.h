/*
 * The bell: a datagram socket beside the database that wakes the daemon, so
 * that lscpctl's changes take effect at once. What a datagram says does not
 * matter.
 */
#ifndef LSCPD_ENGINE_BELL_H
#define LSCPD_ENGINE_BELL_H

#include "base/err.h"

/*
 * Make `lscpd.bell` in the folder, in place of one that an earlier daemon
 * left; the caller holds the instance lock. Non-blocking, close-on-exec.
 */
int bell_open(const char *folder, int *ret_fd, struct err *err);
/* Take all datagrams that wait; the number of them. */
int bell_drain(int fd);
/* Remove it and close. */
void bell_close(const char *folder, int fd);
/* Wake the daemon of that folder; quietly nothing where there is none. */
void bell_ring(const char *folder);

#endif
