/*
 * Composing: from texts and headers to the bytes of one mail, by GMime.
 * multipart/alternative, text first, HTML second, inside multipart/mixed where
 * something is attached; 7-bit on the wire, CRLF, random boundaries, RFC 2047
 * and RFC 2231 for what is not ASCII. Header values are freed of line breaks
 * and bounded here, whoever gave them. The mailer is the caller.
 */
#ifndef LSCPD_MAIL_COMPOSE_H
#define LSCPD_MAIL_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct compose_file {
	const char *name; /* as the recipient sees it, UTF-8 */
	const char *type; /* such as "text/csv; charset=utf-8" */
	const void *data;
	size_t bytes;
};

/* Does it answer a mail, or do we begin? Decides the robot headers
 * (contract 8, RFC 3834) and the envelope sender. */
enum compose_origin {
	ORIGIN_ANSWER,
	ORIGIN_STARTED
};

/* Strings are never NULL; "" leaves the header out. */
struct compose_mail {
	const char *from_name, *from_address;
	const char *to_name, *to_address;
	const char *original_to; /* true recipient where mail is redirected */
	const char *subject;
	int64_t date_at;
	const char *message_id; /* with its brackets, as are the next two */
	const char *in_reply_to, *references;
	const char *kind, *ref, *instance; /* X-LSCPD-… */
	enum compose_origin origin;
	const char *text, *html; /* LF lines, UTF-8 */
	const struct compose_file *files;
	size_t file_count;
};

/* Once at start of a program that composes. */
void compose_init(void);

/* Append the mail's bytes to `out`; ERR_LIMIT where they are more than it may
 * hold, ERR_INPUT for an address that is none. */
int compose_write(const struct compose_mail *mail, struct buf *out,
    struct err *err);

/*
 * Take a mail of ours apart again: `ret_mail` gets text, html, files and
 * original_to, in the arena, all else "" . ERR_INPUT for bytes that are no such mail.
 */
int compose_read(struct arena *arena, const void *data, size_t bytes,
    struct compose_mail *ret_mail, struct err *err);

/* A bare address such as `a.b@c.example`: what can be put into To and into an
 * envelope. No quotes, no spaces, no control characters, at most 254 bytes. */
int compose_check_address(const char *address, struct err *err);

#endif
