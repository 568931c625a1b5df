#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "net/proxy.h"
#include "net/resolve.h"
#include "net/stream_state.h"

enum {
	KEEPALIVE_IDLE_S = 120
};

/* One address: 0, or -1 with the reason said (and no socket left). */
static int
connect_to(struct stream *stream, const struct sockaddr *to, socklen_t bytes)
{
	int one = 1, idle_s = KEEPALIVE_IDLE_S, error = 0;
	socklen_t len = sizeof(error);

	stream->fd = socket(to->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (stream->fd < 0)
		return stream_give_up(stream, "socket: %s", strerror(errno));
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
	else if (stream_wait(stream, POLLOUT) != 0)
		error = ETIMEDOUT;
	else if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) !=
		 0)
		error = errno;
	if (error == 0)
		return 0;
	io_close(&stream->fd);
	stream->fd = -1;
	return stream_give_up(stream, "%s", strerror(error));
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

/* Where there are more, a silent one costs half of what time is left. */
static void
connect_to_any(struct stream *stream, const struct addrinfo *all)
{
	int64_t end_ms = stream->deadline_ms;

	for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
		stream->dead = false;
		stream->why[0] = '\0';
		stream->deadline_ms = end_ms;
		if (a->ai_next != NULL)
			stream->deadline_ms -= stream_time_left_ms(stream) / 2;
		int code = connect_to(stream, a->ai_addr, a->ai_addrlen);
		stream->deadline_ms = end_ms;
		if (code == 0) {
			stream->loopback = is_loopback_address(a->ai_addr);
			return;
		}
	}
}

/* To this place, within the settings' time; look-up included. */
static int
reach(struct stream *stream, const char *host, int port, struct err *err)
{
	struct addrinfo *all = NULL;
	int code =
	    resolve_host(host, port, stream->settings->timeout_s, &all, err);

	if (code != 0)
		return code;
	stream_begin(stream, 0);
	connect_to_any(stream, all);
	freeaddrinfo(all);
	if (stream->fd >= 0 && !stream->dead)
		return 0;
	return err_set(err, ERR_CLOSED, BLAME_OPERATOR,
	    "%.100s port %d cannot be reached: %s", host, port, stream->why);
}

/* --- by a proxy ------------------------------------------------------------ */

static int
line_send(void *ctx, const void *data, size_t bytes)
{
	const char *at = data;

	while (bytes > 0) {
		ssize_t n = stream_send(ctx, at, bytes);
		if (n < 0)
			return -1;
		at += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int
line_receive(void *ctx, void *data, size_t bytes)
{
	char *at = data;

	while (bytes > 0) {
		ssize_t n = stream_receive(ctx, at, bytes);
		if (n < 0)
			return -1;
		at += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static const char *
line_why(void *ctx)
{
	const char *why = stream_why(ctx);

	return why[0] == '\0' ? "its answer cannot be understood" : why;
}

static int
reach_by_proxy(struct stream *stream, struct err *err)
{
	const struct proxy_line line = {stream, line_send, line_receive,
	    line_why};
	struct server_url proxy, target = {.port = stream->settings->port};
	int code = proxy_parse(stream->settings->proxy, &proxy, err);

	(void)snprintf(target.host, sizeof(target.host), "%s",
	    stream->settings->host);
	if (code == 0)
		code = reach(stream, proxy.host, proxy.port, err);
	if (code != 0)
		return code;
	/* Whoever is behind the proxy is not this machine. */
	stream->loopback = false;
	stream_begin(stream, PROXY_TALK_BYTES);
	return proxy_ask(&proxy, &line, &target, err);
}

int
stream_open(const struct stream_settings *settings, struct stream **ret_stream,
    struct err *err)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int code;

	BUG_ON(stream == NULL);
	stream->settings = settings;
	stream->fd = -1;
	if (settings->proxy[0] == '\0')
		code = reach(stream, settings->host, settings->port, err);
	else
		code = reach_by_proxy(stream, err);
	if (code != 0)
		stream_free(stream);
	else
		*ret_stream = stream;
	return code;
}
