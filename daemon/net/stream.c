#include "net/stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libetpan/libetpan.h>

#include "base/clock.h"
#include "base/io.h"
#include "net/distrust.h"
#include "net/resolve.h"

enum {
	SLOWEST_BYTES_A_S = 16 * 1024, /* slower than this is a standstill */
	PEEK_BYTES = 16 * 1024,
	LAYER_BYTES = 16 * 1024,
	MS = 1000,
	KEEPALIVE_IDLE_S = 120,
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

	char peeked[PEEK_BYTES]; /* arrived, not read yet */
	size_t peeked_from, peeked_to;
};

static int PRINTF(2, 3) give_up(struct stream *stream, const char *format, ...)
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

static int64_t
time_left_ms(const struct stream *stream)
{
	int64_t earned = (int64_t)(stream->received * MS / SLOWEST_BYTES_A_S);

	return stream->deadline_ms + earned - clock_mono_ms();
}

/* Until the socket is ready: 0, or -1 with the reason said. */
static int
wait_for(struct stream *stream, short events)
{
	struct pollfd p[2] = {{stream->fd, events, 0},
	    {stream->settings->hangup_fd, 0, 0}};

	for (;;) {
		int64_t left = time_left_ms(stream);
		if (left <= 0)
			return give_up(stream,
			    "no whole answer within %d seconds",
			    stream->settings->timeout_s);
		int n = poll(p, 2, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n < 0 && errno != EINTR)
			return give_up(stream, "poll: %s", strerror(errno));
		if (n > 0 && p[1].revents != 0)
			return give_up(stream, "the daemon ends");
		if (n > 0)
			return 0;
	}
}

static int
wait_for_tls(struct stream *stream)
{
	return wait_for(stream,
	    gnutls_record_get_direction(stream->tls) != 0 ? POLLOUT : POLLIN);
}

static bool
is_again(ssize_t code)
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
		    (is_again(n) || gnutls_error_is_fatal((int)n) == 0))
			return 0;
		if (n < 0)
			return give_up(stream, "%s", gnutls_strerror((int)n));
	} else {
		n = recv(stream->fd, data, bytes, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return give_up(stream, "%s", strerror(errno));
	}
	if (n == 0)
		return give_up(stream, "the server closed the connection");
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

/* libetpan takes 0 for "try again", for ever: the end must be -1. */
static ssize_t
layer_read(mailstream_low *low, void *data, size_t bytes)
{
	struct stream *stream = low->data;

	if (stream->peeked_to > stream->peeked_from)
		return take_peeked(stream, data, bytes);
	for (;;) {
		if (stream->dead)
			return -1;
		if (stream->received >= stream->budget)
			return give_up(stream,
			    "the server sends more than was asked for");
		if (time_left_ms(stream) <= 0)
			return wait_for(stream, POLLIN); /* says so */
		ssize_t n = receive_now(stream, data, bytes);
		if (n > 0)
			stream->received += (uint64_t)n;
		if (n != 0)
			return n;
		if (stream->tls != NULL ? wait_for_tls(stream)
					: wait_for(stream, POLLIN))
			return -1;
	}
}

static ssize_t
layer_write(mailstream_low *low, const void *data, size_t bytes)
{
	struct stream *stream = low->data;

	while (!stream->dead) {
		ssize_t n;
		if (stream->tls != NULL) {
			n = gnutls_record_send(stream->tls, data, bytes);
			if (n >= 0)
				return n;
			if (!is_again(n))
				return give_up(stream, "%s",
				    gnutls_strerror((int)n));
			if (wait_for_tls(stream) != 0)
				return -1;
			continue;
		}
		n = send(stream->fd, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return give_up(stream, "%s", strerror(errno));
		if (wait_for(stream, POLLOUT) != 0)
			return -1;
	}
	return -1;
}

/* The stream outlives libetpan's view of it. */
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

	while (n > 0 && !stream->dead && stream->peeked_to < PEEK_BYTES) {
		n = receive_now(stream, stream->peeked + stream->peeked_to,
		    PEEK_BYTES - stream->peeked_to);
		if (n > 0)
			stream->peeked_to += (size_t)n;
	}
	*ret_data = stream->peeked + stream->peeked_from;
	*ret_bytes = stream->peeked_to - stream->peeked_from;
	return !stream->dead && stream->peeked_to < PEEK_BYTES;
}

/* --- connecting ---------------------------------------------------------- */

/* One address: 0, or -1 with the reason said (and no socket left). */
static int
connect_to(struct stream *stream, const struct sockaddr *to, socklen_t bytes)
{
	int one = 1, idle_s = KEEPALIVE_IDLE_S, error = 0;
	socklen_t len = sizeof(error);

	stream->fd = socket(to->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (stream->fd < 0)
		return give_up(stream, "socket: %s", strerror(errno));
	/* Small things: it works without. */
	(void)setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one));
	(void)setsockopt(stream->fd, SOL_SOCKET, SO_KEEPALIVE, &one,
	    sizeof(one));
	(void)setsockopt(stream->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s,
	    sizeof(idle_s));
	if (connect(stream->fd, to, bytes) == 0)
		return 0;
	if (errno != EINPROGRESS)
		error = errno;
	else if (wait_for(stream, POLLOUT) != 0)
		error = ETIMEDOUT;
	else if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) !=
		 0)
		error = errno;
	if (error == 0)
		return 0;
	io_close(&stream->fd);
	stream->fd = -1;
	return give_up(stream, "%s", strerror(error));
}

static bool
is_loopback_address(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in =
		    (const struct sockaddr_in *)(const void *)address;
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in =
		    (const struct sockaddr_in6 *)(const void *)address;
		return IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
	}
	return false;
}

static void
connect_to_any(struct stream *stream, const struct addrinfo *all)
{
	for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
		stream->dead = false;
		stream->why[0] = '\0';
		if (connect_to(stream, a->ai_addr, a->ai_addrlen) == 0) {
			stream->loopback = is_loopback_address(a->ai_addr);
			return;
		}
		if (time_left_ms(stream) <= 0)
			return;
	}
}

int
stream_open(const struct stream_settings *settings, struct stream **ret_stream,
    struct err *err)
{
	struct addrinfo *all = NULL;
	int code = resolve_host(settings->host, settings->port,
	    settings->timeout_s, &all, err);

	if (code != 0)
		return code;
	struct stream *stream = calloc(1, sizeof(*stream));
	BUG_ON(stream == NULL);
	stream->settings = settings;
	stream->fd = -1;
	stream_begin(stream, 0);
	connect_to_any(stream, all);
	freeaddrinfo(all);
	if (stream->fd < 0 || stream->dead) {
		(void)err_set(err, ERR_CLOSED, BLAME_OPERATOR,
		    "%.100s port %d cannot be reached: %s", settings->host,
		    settings->port, stream->why);
		stream_free(stream);
		return ERR_CLOSED;
	}
	*ret_stream = stream;
	return 0;
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

/* --- TLS ----------------------------------------------------------------- */

static int
read_trust(struct stream *stream, struct err *err)
{
	const char *file = stream->settings->ca_file;
	int n;

	BUG_ON(gnutls_certificate_allocate_credentials(&stream->trust) != 0);
	if (file[0] == '\0')
		n = gnutls_certificate_set_x509_system_trust(stream->trust);
	else
		n = gnutls_certificate_set_x509_trust_file(stream->trust, file,
		    GNUTLS_X509_FMT_PEM);
	if (n > 0)
		return 0;
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "no authority's certificate can be read from %.200s%s%s",
	    file[0] == '\0' ? "the system's store" : file, n < 0 ? ": " : "",
	    n < 0 ? gnutls_strerror(n) : "");
}

static bool
is_ip_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	       strspn(host, "0123456789.") == strlen(host);
}

static void
prepare_session(struct stream *stream)
{
	const char *host = stream->settings->host;

	BUG_ON(gnutls_init(&stream->tls,
		   GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0);
	BUG_ON(gnutls_priority_set_direct(stream->tls,
		   "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1", NULL) != 0);
	BUG_ON(gnutls_credentials_set(stream->tls, GNUTLS_CRD_CERTIFICATE,
		   stream->trust) != 0);
	if (!is_ip_address(host)) /* which the extension cannot carry */
		(void)gnutls_server_name_set(stream->tls, GNUTLS_NAME_DNS, host,
		    strlen(host));
	gnutls_session_set_verify_cert(stream->tls, host, 0);
	gnutls_transport_set_int(stream->tls, stream->fd);
}

static int
shake_hands(struct stream *stream)
{
	int code;

	while (is_again(code = gnutls_handshake(stream->tls)))
		if (wait_for_tls(stream) != 0)
			return GNUTLS_E_TIMEDOUT;
	return code;
}

int
stream_start_tls(struct stream *stream, struct err *err)
{
	int code = read_trust(stream, err);

	if (code != 0)
		return code;
	prepare_session(stream);
	code = shake_hands(stream);
	if (code == 0)
		return 0;
	if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
		stream->dead = true;
		return distrust_say(stream->tls, stream->settings->host, err);
	}
	(void)give_up(stream, "%s", gnutls_strerror(code));
	return err_set(err, ERR_CLOSED, BLAME_OPERATOR,
	    "TLS with %.100s port %d: %s", stream->settings->host,
	    stream->settings->port, stream->why);
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
}

void
stream_begin_short(struct stream *stream, int timeout_s)
{
	stream_begin(stream, PEEK_BYTES * 4);
	if (timeout_s < stream->settings->timeout_s)
		stream->deadline_ms = clock_mono_ms() + timeout_s * (int64_t)MS;
}

uint64_t
stream_received(const struct stream *stream)
{
	return stream->received;
}

const char *
stream_why(const struct stream *stream)
{
	return stream->why;
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
