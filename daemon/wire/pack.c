#include "wire/pack.h"

#include <endian.h>
#include <string.h>

void
pack_u8(struct buf *out, uint8_t value)
{
	buf_add(out, &value, sizeof(value));
}

void
pack_u32(struct buf *out, uint32_t value)
{
	value = htole32(value);
	buf_add(out, &value, sizeof(value));
}

void
pack_u64(struct buf *out, uint64_t value)
{
	value = htole64(value);
	buf_add(out, &value, sizeof(value));
}

void
pack_i64(struct buf *out, int64_t value)
{
	pack_u64(out, (uint64_t)value);
}

void
pack_bytes(struct buf *out, const void *data, size_t bytes)
{
	BUG_ON(bytes > UINT32_MAX);
	pack_u32(out, (uint32_t)bytes);
	if (bytes > 0)
		buf_add(out, data, bytes);
}

void
pack_str(struct buf *out, const char *text)
{
	pack_bytes(out, text, text == NULL ? 0 : strlen(text));
}

void
unpack_init(struct unpack *in, const void *data, size_t bytes)
{
	*in = (struct unpack){.at = data};
	in->end = in->at + bytes;
}

/* The next bytes, or NULL and the end of all reading. */
static const uint8_t *
take(struct unpack *in, size_t bytes)
{
	const uint8_t *at = in->at;

	if (in->bad || bytes > (size_t)(in->end - in->at)) {
		in->bad = true;
		return NULL;
	}
	in->at += bytes;
	return at;
}

uint8_t
unpack_u8(struct unpack *in)
{
	const uint8_t *at = take(in, 1);

	return at == NULL ? 0 : *at;
}

uint32_t
unpack_u32(struct unpack *in)
{
	uint32_t value = 0;
	const uint8_t *at = take(in, sizeof(value));

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

uint64_t
unpack_u64(struct unpack *in)
{
	uint64_t value = 0;
	const uint8_t *at = take(in, sizeof(value));

	if (at != NULL)
		memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

int64_t
unpack_i64(struct unpack *in)
{
	return (int64_t)unpack_u64(in);
}

const void *
unpack_bytes(struct unpack *in, size_t *ret_bytes)
{
	size_t bytes = unpack_u32(in);
	const void *at = take(in, bytes);

	*ret_bytes = at == NULL ? 0 : bytes;
	return at == NULL ? "" : at;
}

const char *
unpack_str(struct unpack *in, struct arena *arena)
{
	size_t bytes = 0;
	const char *at = unpack_bytes(in, &bytes);

	if (memchr(at, '\0', bytes) != NULL) {
		in->bad = true;
		return "";
	}
	return bytes == 0 ? "" : arena_strndup(arena, at, bytes);
}

size_t
unpack_count(struct unpack *in, size_t item_bytes)
{
	size_t count = unpack_u32(in);

	if (count > (size_t)(in->end - in->at) / item_bytes)
		in->bad = true;
	return in->bad ? 0 : count;
}

bool
unpack_end(const struct unpack *in)
{
	return !in->bad && in->at == in->end;
}
