/*
 * Errors: a negative code for the caller's decision, and a `struct err` that
 * is filled once, where the fault is found, with words for a person.
 *
 * A function that can fail returns 0 (or a count) or a negative
 * `enum err_code`, and takes a `struct err *` as its very last argument,
 * which is never NULL. Leaf code does not log; whoever decides what becomes
 * of the failure does, once.
 */
#ifndef LSCPD_BASE_ERR_H
#define LSCPD_BASE_ERR_H

#include "base/macros.h"

enum err_code {
	ERR_SYSTEM = -1,   /* a system call failed */
	ERR_DATABASE = -2, /* SQLite said no; the transaction may be gone */
	ERR_BUSY = -3,     /* somebody else holds it; try again later */
	ERR_FULL = -4,     /* no space on the disk */
	ERR_CONFIG = -5,   /* configuration, form or template is wrong */
	ERR_INPUT = -6,    /* what came by mail or by hand is wrong */
	ERR_NOT_FOUND = -7,
	ERR_LIMIT = -8,    /* a named limit was reached */
	ERR_PROTOCOL = -9, /* a child process or a server broke the rules */
	ERR_CLOSED = -10,  /* the other end is gone */
};

/* Who can do something about it. */
enum err_blame {
	BLAME_NOBODY,   /* try again later */
	BLAME_OPERATOR, /* log and digest */
	BLAME_SENDER,   /* the submitter gets the reason */
};

struct err {
	enum err_code code; /* 0 while nothing failed */
	enum err_blame blame;
	char text[400];
};

/* Fill `err` and return `code`, so that a caller can write `return err_set(…)`. */
int err_set(struct err *err, enum err_code code, enum err_blame blame,
    const char *format, ...) PRINTF(4, 5);

/*
 * The same for a failed system call: appends strerror(errno); ENOSPC and
 * EDQUOT become ERR_FULL, all else ERR_SYSTEM. Blames the operator.
 */
int err_system(struct err *err, const char *format, ...) PRINTF(2, 3);

#endif
