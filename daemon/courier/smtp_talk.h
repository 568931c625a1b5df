/*
 * One mail through libcurl, and what was seen of it: how far the talk came,
 * what the server said last, whether all bytes were out. No judgement; that
 * is courier/smtp_judge.h. Inside the room courier only.
 */
#ifndef LSCPD_COURIER_SMTP_TALK_H
#define LSCPD_COURIER_SMTP_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "wire/treaty.h"

/* How far it came: the last command that was sent. */
enum smtp_phase {
	PHASE_CONNECT, /* not even EHLO */
	PHASE_HELLO,
	PHASE_TLS,
	PHASE_AUTH,
	PHASE_MAIL,
	PHASE_RCPT,
	PHASE_DATA,
	PHASE_SENT, /* the last byte is out */
};

/* What libcurl needs to know of the account; strings are borrowed. */
struct smtp_account {
	const char *url; /* of libcurl: scheme, host and port */
	bool starttls;
	const char *ca_file, *proxy;   /* "" for none */
	const char *user;              /* "" for no login */
	const char *password, *bearer; /* one of them, or NULL */
	int timeout_s;                 /* for each answer */
};

struct smtp_talk {
	const struct wire_deliver *mail;
	size_t at; /* bytes of the mail that were handed out */
	enum smtp_phase phase;
	struct buf reply; /* of the server to the last command, on one line */
	int reply_code;   /* 0: it said nothing */
	bool is_over; /* libcurl said QUIT: what follows is not of interest */
	CURLcode curl;
	long verify;        /* GnuTLS' bits, where the certificate is wrong */
	bool was_connected; /* it began on a connection of before */
	char words[CURL_ERROR_SIZE];
};

struct smtp_line;

/* A handle that keeps its connection between mails. */
struct smtp_line *smtp_line_new(void);
void smtp_line_free(struct smtp_line *line);

enum smtp_connection {
	CONNECTION_ANY,
	CONNECTION_FRESH
};

/*
 * Try to send `mail` by `deadline_ms` (monotonic). Blocks. `*ret_talk` is
 * filled in any case; smtp_talk_done() frees it.
 */
void smtp_talk(struct smtp_line *line, const struct smtp_account *account,
    const struct wire_deliver *mail, enum smtp_connection connection,
    int64_t deadline_ms, struct smtp_talk *ret_talk);
void smtp_talk_done(struct smtp_talk *talk);

#endif
