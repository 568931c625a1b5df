/*
 * The way out by a proxy: http://host:port (CONNECT) or socks5h://host:port,
 * neither with a password. What is said to it and what it answers is here;
 * net/stream_connect.c carries it. libcurl has its own for mail and tokens.
 */
#ifndef LSCPD_NET_PROXY_H
#define LSCPD_NET_PROXY_H

#include <stddef.h>

#include "base/err.h"
#include "base/server_url.h"

enum {
	PROXY_TALK_BYTES = 8 * 1024 /* one question, or one answer */
};

/* Bytes to and from the proxy; each fails with -1 once time is up. */
struct proxy_line {
	void *ctx;
	int (*send)(void *ctx, const void *data, size_t bytes);
	/* Exactly so many: what follows belongs to the server behind it. */
	int (*receive)(void *ctx, void *data, size_t bytes);
	const char *(*why)(void *ctx);
};

/* ERR_CONFIG where it is no proxy that can be used. */
int
proxy_parse(const char *text, struct server_url *ret_proxy, struct err *err);
/*
 * Have the proxy open a connection to that host. ERR_CLOSED where it does not
 * in words that name it, ERR_CONFIG where it wants a password.
 */
int proxy_ask(const struct server_url *proxy, const struct proxy_line *line,
    const struct server_url *target, struct err *err);

#endif
