#include "base/arena.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_BLOCK_BYTES = 16 * 1024,
	KEPT_BYTES = 4 * 1024 * 1024,
	LARGE_BYTES = 1024 * 1024,
};

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *blocks;
	size_t used, max;
};

void
arena_keep_memory(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	BUG_ON(arena == NULL);
	arena->max = max_bytes;
	return arena;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	for (struct block *next, *b = arena->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

void
arena_cleanup(struct arena **arena)
{
	arena_free(*arena);
	*arena = NULL;
}

static struct block *
block_add(struct arena *arena, size_t bytes)
{
	size_t size = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
	struct block *b = malloc(sizeof(*b) + size);

	BUG_ON(b == NULL);
	b->used = 0;
	b->size = size;
	b->next = arena->blocks;
	arena->blocks = b;
	return b;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	const size_t align = alignof(max_align_t);

	BUG_ON(bytes > arena->max);
	bytes = (bytes + align - 1) / align * align;
	BUG_ON(arena->used + bytes > arena->max);

	struct block *b = arena->blocks;
	if (b == NULL || b->size - b->used < bytes)
		b = block_add(arena, bytes);
	void *room = b->data + b->used;
	b->used += bytes;
	arena->used += bytes;
	return memset(room, 0, bytes);
}

void *
arena_array(struct arena *arena, size_t count, size_t item_bytes)
{
	size_t bytes;

	BUG_ON(__builtin_mul_overflow(count, item_bytes, &bytes));
	return arena_alloc(arena, bytes);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_strndup(struct arena *arena, const char *text, size_t bytes)
{
	size_t len = strnlen(text, bytes);
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	BUG_ON(len < 0);
	char *text = arena_alloc(arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

void *
arena_push(struct arena *arena, void *items, size_t *count, size_t item_bytes)
{
	unsigned char **array = items;

	if ((*count & (*count - 1)) == 0) {
		size_t room = *count == 0 ? 1 : *count * 2;
		unsigned char *bigger = arena_array(arena, room, item_bytes);
		if (*count > 0)
			memcpy(bigger, *array, *count * item_bytes);
		*array = bigger;
	}
	return *array + (*count)++ * item_bytes;
}
