#include "net/stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libetpan/libetpan.h>

#include "base/clock.h"
#include "base/io.h"
#include "net/stream_state.h"

enum {
	SLOWEST_BYTES_A_S = 16 * 1024, /* slower than this is a standstill */
	LAYER_BYTES = 16 * 1024,
	MS = 1000,
};

int
stream_give_up(struct stream *stream, const char *format, ...)
{
	va_list args;

	stream->dead = true;
	if (stream->why[0] != '\0')
		return -1; /* the first reason is the true one */
	va_start(args, format);
	(void)vsnprintf(stream->why, sizeof(stream->why), format, args);
	va_end(args);
	return -1;
}

/* --- waiting ------------------------------------------------------------- */

int64_t
stream_time_left_ms(const struct stream *stream)
{
	int64_t earned = (int64_t)(stream->received * MS / SLOWEST_BYTES_A_S);

	return stream->deadline_ms + earned - clock_mono_ms();
}

int
stream_wait(struct stream *stream, short events)
{
	struct pollfd p[2] = {{stream->fd, events, 0},
	    {stream->settings->hangup_fd, 0, 0}};

	for (;;) {
		int64_t left = stream_time_left_ms(stream);
		if (left <= 0)
			return stream_give_up(stream,
			    "no whole answer within %d seconds",
			    stream->settings->timeout_s);
		int n = poll(p, 2, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n < 0 && errno != EINTR)
			return stream_give_up(stream, "poll: %s",
			    strerror(errno));
		if (n > 0 && p[1].revents != 0)
			return stream_give_up(stream, "the daemon ends");
		if (n > 0)
			return 0;
	}
}

int
stream_wait_tls(struct stream *stream)
{
	return stream_wait(stream,
	    gnutls_record_get_direction(stream->tls) != 0 ? POLLOUT : POLLIN);
}

bool
stream_is_again(ssize_t code)
{
	return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

/* --- bytes --------------------------------------------------------------- */

/* Bytes, 0 where none are there now, -1 with the reason said. */
static ssize_t
receive_now(struct stream *stream, void *data, size_t bytes)
{
	ssize_t n;

	if (stream->tls != NULL) {
		n = gnutls_record_recv(stream->tls, data, bytes);
		if (n < 0 &&
		    (stream_is_again(n) || gnutls_error_is_fatal((int)n) == 0))
			return 0;
		if (n < 0)
			return stream_give_up(stream, "%s",
			    gnutls_strerror((int)n));
	} else {
		n = recv(stream->fd, data, bytes, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return stream_give_up(stream, "%s", strerror(errno));
	}
	if (n == 0)
		return stream_give_up(stream,
		    "the server closed the connection");
	return n;
}

static ssize_t
take_peeked(struct stream *stream, void *data, size_t bytes)
{
	size_t n = stream->peeked_to - stream->peeked_from;

	if (n > bytes)
		n = bytes;
	memcpy(data, stream->peeked + stream->peeked_from, n);
	stream->peeked_from += n;
	if (stream->peeked_from == stream->peeked_to)
		stream->peeked_from = stream->peeked_to = 0;
	return (ssize_t)n;
}

/* The last words of a server that hangs up may say why. */
static void
keep_last(struct stream *stream, const char *data, size_t bytes)
{
	size_t most = sizeof(stream->last) - 1, held = strlen(stream->last);

	if (bytes > most) {
		data += bytes - most;
		bytes = most;
	}
	if (held + bytes > most) {
		size_t drop = held + bytes - most;
		memmove(stream->last, stream->last + drop, held - drop);
		held -= drop;
	}
	memcpy(stream->last + held, data, bytes);
	stream->last[held + bytes] = '\0';
}

ssize_t
stream_receive(struct stream *stream, void *data, size_t bytes)
{
	if (stream->peeked_to > stream->peeked_from)
		return take_peeked(stream, data, bytes);
	for (;;) {
		if (stream->dead)
			return -1;
		if (stream->received >= stream->budget)
			return stream_give_up(stream,
			    "the server sends more than was asked for");
		if (stream_time_left_ms(stream) <= 0)
			return stream_wait(stream, POLLIN); /* says so */
		ssize_t n = receive_now(stream, data, bytes);
		if (n > 0) {
			stream->received += (uint64_t)n;
			keep_last(stream, data, (size_t)n);
		}
		if (n != 0)
			return n;
		if (stream->tls != NULL ? stream_wait_tls(stream)
					: stream_wait(stream, POLLIN))
			return -1;
	}
}

ssize_t
stream_send(struct stream *stream, const void *data, size_t bytes)
{
	while (!stream->dead) {
		ssize_t n;
		if (stream->tls != NULL) {
			n = gnutls_record_send(stream->tls, data, bytes);
			if (n >= 0)
				return n;
			if (!stream_is_again(n))
				return stream_give_up(stream, "%s",
				    gnutls_strerror((int)n));
			if (stream_wait_tls(stream) != 0)
				return -1;
			continue;
		}
		n = send(stream->fd, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return stream_give_up(stream, "%s", strerror(errno));
		if (stream_wait(stream, POLLOUT) != 0)
			return -1;
	}
	return -1;
}

/* --- libetpan's view --------------------------------------------------------- */

/* libetpan takes 0 for "try again", for ever: the end is -1. */
static ssize_t
layer_read(mailstream_low *low, void *data, size_t bytes)
{
	return stream_receive(low->data, data, bytes);
}

static ssize_t
layer_write(mailstream_low *low, const void *data, size_t bytes)
{
	return stream_send(low->data, data, bytes);
}

/* The stream outlives it. */
static int
layer_close(mailstream_low *low)
{
	stream_kill(low->data);
	return 0;
}

static int
layer_fd(mailstream_low *low)
{
	return ((struct stream *)low->data)->fd;
}

static void
layer_free(mailstream_low *low)
{
	free(low);
}

static void
layer_cancel(mailstream_low *low)
{
	stream_kill(low->data);
}

static struct mailstream_cancel *
layer_no_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *
layer_no_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static int
layer_no_idle(mailstream_low *low)
{
	(void)low;
	return -1;
}

static mailstream_low_driver g_layer = {
    .mailstream_read = layer_read,
    .mailstream_write = layer_write,
    .mailstream_close = layer_close,
    .mailstream_get_fd = layer_fd,
    .mailstream_free = layer_free,
    .mailstream_cancel = layer_cancel,
    .mailstream_get_cancel = layer_no_cancel,
    .mailstream_get_certificate_chain = layer_no_chain,
    .mailstream_setup_idle = layer_no_idle,
    .mailstream_unsetup_idle = layer_no_idle,
    .mailstream_interrupt_idle = layer_no_idle,
};

struct _mailstream *
stream_layer(struct stream *stream)
{
	mailstream_low *low = mailstream_low_new(stream, &g_layer);

	BUG_ON(low == NULL);
	mailstream *layer = mailstream_new(low, LAYER_BYTES);
	BUG_ON(layer == NULL);
	return layer;
}

bool
stream_peek(struct stream *stream, const char **ret_data, size_t *ret_bytes)
{
	ssize_t n = 1;

	while (
	    n > 0 && !stream->dead && stream->peeked_to < STREAM_PEEK_BYTES) {
		n = receive_now(stream, stream->peeked + stream->peeked_to,
		    STREAM_PEEK_BYTES - stream->peeked_to);
		if (n > 0)
			stream->peeked_to += (size_t)n;
	}
	*ret_data = stream->peeked + stream->peeked_from;
	*ret_bytes = stream->peeked_to - stream->peeked_from;
	return !stream->dead && stream->peeked_to < STREAM_PEEK_BYTES;
}

/* --- small ones ---------------------------------------------------------- */

bool
stream_is_loopback(const struct stream *stream)
{
	return stream->loopback;
}

void
stream_begin(struct stream *stream, uint64_t budget_bytes)
{
	stream->deadline_ms =
	    clock_mono_ms() + stream->settings->timeout_s * (int64_t)MS;
	stream->budget = budget_bytes;
	stream->received = 0;
	stream->last[0] = '\0';
}

void
stream_begin_short(struct stream *stream, int timeout_s)
{
	stream_begin(stream, STREAM_PEEK_BYTES * 4);
	if (timeout_s < stream->settings->timeout_s)
		stream->deadline_ms = clock_mono_ms() + timeout_s * (int64_t)MS;
}

const char *
stream_why(const struct stream *stream)
{
	return stream->why;
}

const char *
stream_last(const struct stream *stream)
{
	return stream->last;
}

int
stream_fd(const struct stream *stream)
{
	return stream->fd;
}

void
stream_kill(struct stream *stream)
{
	stream->dead = true;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->tls != NULL)
		gnutls_deinit(stream->tls);
	if (stream->trust != NULL)
		gnutls_certificate_free_credentials(stream->trust);
	io_close(&stream->fd);
	free(stream);
}
