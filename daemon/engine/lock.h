/*
 * Locks on files of their own: one daemon for a database, one process for a
 * role. A lock belongs to the open file, is handed down by inheriting the
 * descriptor, and ends with the last process that holds it, however it ends.
 */
#ifndef LSCPD_ENGINE_LOCK_H
#define LSCPD_ENGINE_LOCK_H

#include "base/err.h"

/*
 * Take the lock and write our process id into the file. ERR_BUSY where it is
 * taken; the text names the holder. The descriptor is close-on-exec.
 */
int lock_take(const char *path, int *ret_fd, struct err *err);
/* Process id of the holder without taking it; 0 if nobody holds it. */
int lock_holder(const char *path);

#endif
