/*
 * Filling: the plain text of a letter made at most 72 columns wide. Long lines
 * break at spaces and hang under what they began with; neighbouring lines with
 * tabs become a table; runs of empty lines become one. What stands between
 * `--- form` and `--- end of form ---` stays as it is, a label a line. Inside
 * the room mail only.
 */
#ifndef LSCPD_MAIL_FILL_H
#define LSCPD_MAIL_FILL_H

#include "base/buf.h"

enum {
	FILL_COLUMNS = 72
};

void fill_text(struct buf *out, const char *text);

#endif
