/*
 * What is wrong in a file that a person wrote: settings, forms, templates,
 * the register. Problems are collected, never thrown, so that all of them are
 * told in one go, each as `file:line: what, and what would be right`.
 */
#ifndef LSCPD_BASE_PROBLEMS_H
#define LSCPD_BASE_PROBLEMS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/macros.h"

enum {
	PROBLEMS_TEXT_BYTES = 1024 * 1024
};

struct problems {
	struct buf text; /* a line each */
	size_t count;
};

void problems_init(struct problems *problems);
/* Works as CLEANUP(problems_done). */
void problems_done(struct problems *problems);
/* `line` 0: the file as a whole, written without a line number. Control
 * characters in what is added are escaped. */
void problems_add(struct problems *problems, const char *file, int line,
    const char *format, ...) PRINTF(4, 5);

/* One that is written whole already: `file:line: what`. */
void problems_add_line(struct problems *problems, const char *line);
/* What a failed function said of a file, without the file's name twice, and
 * what would be right. */
void problems_add_err(struct problems *problems, const char *file,
    const struct err *err, const char *advice);
/* Each as a line of the log: for a program that cannot start. */
void problems_log(const struct problems *problems);

#endif
