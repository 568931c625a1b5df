#include "base/sha256.h"

#include <glib.h>
#include <string.h>

struct sha256 *
sha256_new(void)
{
	return (struct sha256 *)g_checksum_new(G_CHECKSUM_SHA256);
}

void
sha256_add(struct sha256 *sha, const void *data, size_t bytes)
{
	g_checksum_update((GChecksum *)sha, data, (gssize)bytes);
}

void
sha256_hex(struct sha256 *sha, char ret_hex[static SHA256_HEX_BYTES])
{
	memcpy(ret_hex, g_checksum_get_string((GChecksum *)sha),
	    SHA256_HEX_BYTES);
	g_checksum_free((GChecksum *)sha);
}

void
sha256_of(const void *data, size_t bytes, char ret_hex[static SHA256_HEX_BYTES])
{
	struct sha256 *sha = sha256_new();

	sha256_add(sha, data, bytes);
	sha256_hex(sha, ret_hex);
}
