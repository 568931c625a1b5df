/*
 * What a stream is made of; inside the room net only, for the files that make
 * it: stream_connect.c and stream_tls.c bring it up, stream.c moves bytes.
 */
#ifndef LSCPD_NET_STREAM_STATE_H
#define LSCPD_NET_STREAM_STATE_H

#include <sys/types.h>

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/stream.h"

enum {
	STREAM_PEEK_BYTES = 16 * 1024,
	STREAM_LAST_BYTES = 256,
};

struct stream {
	const struct stream_settings *settings;
	int fd;
	bool loopback, dead;
	gnutls_session_t tls; /* NULL before the handshake */
	gnutls_certificate_credentials_t trust;

	int64_t deadline_ms;
	uint64_t budget, received;
	char why[300];

	char last[STREAM_LAST_BYTES];   /* what came last of a command */
	char peeked[STREAM_PEEK_BYTES]; /* arrived, not read yet */
	size_t peeked_from, peeked_to;
};

/* The stream is dead from now on; the first reason is kept. Returns -1. */
int PRINTF(2, 3) stream_give_up(struct stream *stream, const char *format, ...);
/* What is left of the command's time. */
int64_t stream_time_left_ms(const struct stream *stream);
/* Until the socket is ready for POLLIN or POLLOUT: 0, or -1, given up. */
int stream_wait(struct stream *stream, short events);
/* The same, for what the TLS session waits for. */
int stream_wait_tls(struct stream *stream);
/* GnuTLS wants to be called again, once there is something. */
bool stream_is_again(ssize_t code);
/* At least one byte, waiting for it; -1, given up. */
ssize_t stream_receive(struct stream *stream, void *data, size_t bytes);
ssize_t stream_send(struct stream *stream, const void *data, size_t bytes);

#endif
