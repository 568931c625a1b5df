/*
 * One leaf of a message, read once from front to end in small pieces: decoded,
 * counted, digested, looked at for what tells a locked file from an open one,
 * and its first bytes kept where the caller wants them.
 */
#ifndef LSCPD_PARSER_LEAF_H
#define LSCPD_PARSER_LEAF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "parser/context.h"

struct leaf {
	uint64_t offset, raw_bytes, bytes;
	char sha256[SHA256_HEX_BYTES];
	bool is_cut;      /* base64 that ends in the middle */
	bool has_package; /* an encrypted Office package inside */
	bool has_drm;     /* one that rights management locks */
	bool has_encrypt; /* a PDF's /Encrypt */
	bool has_macros;  /* a zip entry vbaProject.bin */
	unsigned char head[64];
	size_t head_bytes;
	struct buf content; /* the decoded start of it; `over` if not all */
};

/*
 * Keeps at most `keep_bytes` of the content; of a zip, which may be a workbook
 * under any name, LIMIT_OFFICE_BYTES. leaf_done() afterwards.
 */
void leaf_read(struct context *ctx, GMimePart *part, size_t keep_bytes,
    struct leaf *ret_leaf);
void leaf_done(struct leaf *leaf);

#endif
