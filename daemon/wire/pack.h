/*
 * Numbers and strings as they travel between the processes: little endian,
 * strings and byte runs with a u32 length in front. Writing goes into a buf
 * (check `over` once at the end). Reading has a sticky error: after the first
 * thing that does not fit every further read gives zero or "", and the caller
 * checks unpack_end() once.
 */
#ifndef LSCPD_WIRE_PACK_H
#define LSCPD_WIRE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

void pack_u8(struct buf *out, uint8_t value);
void pack_u32(struct buf *out, uint32_t value);
void pack_u64(struct buf *out, uint64_t value);
void pack_i64(struct buf *out, int64_t value);
/* NULL is written as "". */
void pack_str(struct buf *out, const char *text);
void pack_bytes(struct buf *out, const void *data, size_t bytes);

struct unpack {
	const uint8_t *at, *end;
	bool bad;
};

void unpack_init(struct unpack *in, const void *data, size_t bytes);
uint8_t unpack_u8(struct unpack *in);
uint32_t unpack_u32(struct unpack *in);
uint64_t unpack_u64(struct unpack *in);
int64_t unpack_i64(struct unpack *in);
/* A copy in the arena, never NULL; a NUL inside is an error. */
const char *unpack_str(struct unpack *in, struct arena *arena);
/* Points into the bytes that are read; not terminated. */
const void *unpack_bytes(struct unpack *in, size_t *ret_bytes);
/*
 * The number of items that follow, each at least `item_bytes` (> 0) long on
 * the wire: a count that cannot fit into what is left is an error, so an
 * allocation is never larger than the bytes that came justify.
 */
size_t unpack_count(struct unpack *in, size_t item_bytes);
/* True if all was read, nothing was left over and nothing was wrong. */
bool unpack_end(const struct unpack *in);

#endif
