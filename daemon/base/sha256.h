/*
 * SHA-256, streaming: message digests, file digests, the audit chain. A thin
 * cover over Nettle, which uses what the processor has for it: each mail is
 * digested twice, and GLib's takes six times as long.
 */
#ifndef LSCPD_BASE_SHA256_H
#define LSCPD_BASE_SHA256_H

#include <stddef.h>

enum {
	SHA256_BYTES = 32,
	SHA256_HEX_BYTES = 65
};

struct sha256; /* one computation */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha, const void *data, size_t bytes);
/* The digest in lower-case hex; ends and frees the computation. */
void sha256_hex(struct sha256 *sha, char ret_hex[static SHA256_HEX_BYTES]);
/* All in one. */
void sha256_of(const void *data, size_t bytes,
    char ret_hex[static SHA256_HEX_BYTES]);

#endif
