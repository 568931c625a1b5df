/*
 * A quick look over the raw message before the MIME parser gets it: how deep
 * and how many its parts are, and where a header block grows without end. The
 * parser builds an object for each part, so a message beyond the limits is
 * only read up to the end of its own header.
 */
#ifndef LSCPD_PARSER_PRESCAN_H
#define LSCPD_PARSER_PRESCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct prescan {
	uint64_t bytes;        /* of the message */
	uint64_t header_bytes; /* of its own header, the empty line included */
	uint64_t line_ends;    /* LF */
	bool over_limit;       /* do not let the MIME parser at its body */
};

/* Reads `fd` by pread(). ERR_SYSTEM. */
int prescan_read(int fd, struct prescan *ret_prescan, struct err *err);

#endif
