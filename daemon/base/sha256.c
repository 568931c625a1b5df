#include "base/sha256.h"

#include <nettle/sha2.h>
#include <stdlib.h>

#include "base/macros.h"

_Static_assert(SHA256_BYTES == SHA256_DIGEST_SIZE, "one digest");

struct sha256 {
	struct sha256_ctx ctx;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *sha = malloc(sizeof(*sha));

	BUG_ON(sha == NULL);
	sha256_init(&sha->ctx);
	return sha;
}

void
sha256_add(struct sha256 *sha, const void *data, size_t bytes)
{
	sha256_update(&sha->ctx, bytes, data);
}

static void
finish(struct sha256_ctx *ctx, char ret_hex[static SHA256_HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_BYTES];

	sha256_digest(ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	ret_hex[SHA256_HEX_BYTES - 1] = '\0';
}

void
sha256_hex(struct sha256 *sha, char ret_hex[static SHA256_HEX_BYTES])
{
	finish(&sha->ctx, ret_hex);
	free(sha);
}

void
sha256_of(const void *data, size_t bytes, char ret_hex[static SHA256_HEX_BYTES])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, bytes, data);
	finish(&ctx, ret_hex);
}
