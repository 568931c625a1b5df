/*
 * An arena: memory for one piece of work (a message, a command), freed in one
 * go. It has a hard cap; reaching the cap, or running out of memory, aborts
 * the process, so allocation never returns NULL. Whatever is put into an
 * arena from a stranger's data is bounded before, by base/limits.h.
 */
#ifndef LSCPD_BASE_ARENA_H
#define LSCPD_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/macros.h"

struct arena;

struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *arena);
/* For CLEANUP(arena_cleanup) on a `struct arena *` variable. */
void arena_cleanup(struct arena **arena);

/*
 * Once in a process that works message by message: what one has freed is kept
 * for the next, a few MiB of it, instead of going back to the system and being
 * asked for, page by page, a moment later. Large pieces do go back.
 */
void arena_keep_memory(void);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* An array of `count` zeroed items; aborts if the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t item_bytes);
char *arena_strdup(struct arena *arena, const char *text);
/* At most `bytes` bytes of `text`, terminated. */
char *arena_strndup(struct arena *arena, const char *text, size_t bytes);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    PRINTF(2, 0);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

/*
 * Append to an array that lives in the arena: makes room for one more item
 * behind `*count` items at `*items` and returns a pointer to it, zeroed. The
 * room doubles when `*count` is a power of two, so the array must only ever be
 * grown by this call.
 */
void *
arena_push(struct arena *arena, void *items, size_t *count, size_t item_bytes);

#endif
