/*
 * Files and descriptors, with the checks that are easily forgotten: full
 * writes, fsync of a file and of its folder, close-on-exec everywhere.
 */
#ifndef LSCPD_BASE_IO_H
#define LSCPD_BASE_IO_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* For CLEANUP(io_close) on an int; -1 is left alone. Keeps errno. */
void io_close(int *fd);
int io_write_all(int fd, const void *data, size_t bytes, struct err *err);
/* Until the end of the file, or until `buf` is full (ERR_LIMIT). */
int io_read_all(int fd, struct buf *buf, struct err *err);
/* A whole file by name; ERR_NOT_FOUND where there is none. */
int io_read_file(const char *path, struct buf *buf, struct err *err);
/* Write, fsync, rename into place, fsync the folder. */
int io_replace_file(const char *path, const void *data, size_t bytes,
    struct err *err);
/* fsync and close; the descriptor is gone either way. */
int io_close_sync(int fd, struct err *err);
int io_sync_folder(const char *path, struct err *err);
/* One folder, mode 0700; it is no error that it exists. */
int io_make_folder(const char *path, struct err *err);

#endif
