/*
 * A connection to a mail server: TCP, and TLS whose certificate is verified
 * (chain and host name) before a byte of ours is read on the other side. The
 * mailbox lays libetpan over it by stream_layer().
 *
 * No wait is without an end: stream_begin() starts the time and the budget of
 * one command. The time grows with what arrives, at a slow line's pace, so
 * that a large mail may take long and a dripping server may not.
 */
#ifndef LSCPD_NET_STREAM_H
#define LSCPD_NET_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct stream;
struct _mailstream;

struct stream_settings {
	const char *host;
	int port;
	const char *ca_file; /* PEM; "": the system's authorities */
	const char *proxy;   /* net/proxy.h; "": none */
	int timeout_s;
	int hangup_fd; /* nobody waits longer than its other end; -1: none */
};

/*
 * Connect by TCP, look-up and proxy included, within the timeout for each. The
 * settings and their strings must outlive the stream. ERR_CLOSED: cannot be
 * reached. ERR_CONFIG: waiting will not help.
 */
int stream_open(const struct stream_settings *settings,
    struct stream **ret_stream, struct err *err);
/* Closes without a word; NULL is fine. */
void stream_free(struct stream *stream);

/*
 * The handshake, within the command's time. ERR_CONFIG where the certificate
 * is not to be trusted, in words that say why; ERR_CLOSED for the rest.
 */
int stream_start_tls(struct stream *stream, struct err *err);
/* The other end is this machine itself, and no proxy stands between. */
bool stream_is_loopback(const struct stream *stream);

/* A command begins: its time, and how much may come in answer. */
void stream_begin(struct stream *stream, uint64_t budget_bytes);
/* The same with less time than the settings give. */
void stream_begin_short(struct stream *stream, int timeout_s);
/* Why it failed, for a person; "" while it did not. */
const char *stream_why(const struct stream *stream);

/* The end of what came since stream_begin(), as text. */
const char *stream_last(const struct stream *stream);

int stream_fd(const struct stream *stream);
/*
 * Take what has arrived without waiting. It stays to be read; up to
 * `*ret_bytes` of it can be looked at here. False where the end was reached,
 * or where more came than can be kept.
 */
bool
stream_peek(struct stream *stream, const char **ret_data, size_t *ret_bytes);

/*
 * A new libetpan stream that reads and writes here; it does not own `stream`.
 */
struct _mailstream *stream_layer(struct stream *stream);
/* Nothing more is sent or read: every further attempt fails at once. */
void stream_kill(struct stream *stream);

#endif
