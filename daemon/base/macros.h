/*
 * Small macros that every room uses: scope-bound cleanup, array sizes, and
 * the one way to stop on a bug.
 */
#ifndef LSCPD_BASE_MACROS_H
#define LSCPD_BASE_MACROS_H

#include <stddef.h>

/* Run `fn(&variable)` when the variable leaves its scope. */
#define CLEANUP(fn)       __attribute__((cleanup(fn)))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN          __attribute__((noreturn))
#define UNUSED            __attribute__((unused))
#define COUNT_OF(array)   (sizeof(array) / sizeof((array)[0]))

/* A bug aborts in all builds: carrying on would file something wrong. */
#define BUG_ON(cond)                                         \
	do {                                                 \
		if (cond)                                    \
			bug_stop(__FILE__, __LINE__, #cond); \
	} while (0)

NORETURN void bug_stop(const char *file, int line, const char *what);

#endif
