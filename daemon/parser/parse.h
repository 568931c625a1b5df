/*
 * The parser's one door: a raw message on a descriptor becomes a record. Form-
 * agnostic, total (what cannot be read is left out and said so), and bounded:
 * memory does not grow with the message, for attachments are only streamed
 * through a decoder and a digest. Called by the parser process, and by tests
 * in their own process.
 */
#ifndef LSCPD_PARSER_PARSE_H
#define LSCPD_PARSER_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/record.h"

struct parse_options {
	/*
	 * What text without a usable charset is, when it is not UTF-8; NULL or
	 * unknown: windows-1252. One of the single-byte charsets of charset.c.
	 */
	const char *charset_fallback;
};

/*
 * Once a process, before the sandbox is closed: opens everything that later
 * parsing would have to look for on disk (charset modules, the time zone) and
 * parses a message that touches every path.
 */
void parse_init(void);

/*
 * Read the message on `fd` (seekable: a memfd or a plain file; its position
 * does not matter and is moved) into `ret_record`, whose strings live in
 * `arena`. `options` may be NULL.
 *
 * A message beyond the limits of base/limits.h is no failure: the record says
 * over_limit and holds what was read before, at least the headers.
 * ERR_INPUT, blaming the sender: not a message (no header at all).
 * ERR_SYSTEM: the descriptor cannot be read.
 */
int
parse_message(struct arena *arena, int fd, const struct parse_options *options,
    struct record *ret_record, struct err *err);

#endif
