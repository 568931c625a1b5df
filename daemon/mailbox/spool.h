/*
 * Copies of messages that can be handed to another process: read-only for
 * whoever gets them, and gone with the last descriptor. Small ones are sealed
 * memory, large ones an unlinked file, so that memory does not grow with the
 * message.
 */
#ifndef LSCPD_MAILBOX_SPOOL_H
#define LSCPD_MAILBOX_SPOOL_H

#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

enum {
	SPOOL_MEMORY_BYTES = 1024 * 1024, /* above: a file */
	SPOOL_HEADER_BYTES = 64 * 1024,   /* kept of what is too large */
};

struct spool; /* one copy in the making */

/* `folder`: where a file may be made, for `expected_bytes` above memory. */
int spool_new(const char *folder, uint64_t expected_bytes,
    struct spool **ret_spool, struct err *err);
int
spool_add(struct spool *spool, const void *data, size_t bytes, struct err *err);
/* A part of the digest that is not part of the copy. */
void spool_digest_more(struct spool *spool, const char *text);
/* How much of the front is the header block, its empty line included. */
size_t spool_header_bytes(const char *data, size_t bytes);
/* The finished copy's descriptor and digest; frees. */
int spool_finish(struct spool *spool, int *ret_fd,
    char ret_sha256[static SHA256_HEX_BYTES], struct err *err);
/* For CLEANUP on a `struct spool *`: drops an unfinished copy. */
void spool_cleanup(struct spool **spool);

#endif
