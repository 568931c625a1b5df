#include "net/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

enum {
	PORT_HTTP = 3128,
	PORT_SOCKS = 1080,
	HTTP_OK = 200,
	HTTP_REDIRECT = 300,
	HTTP_WANTS_LOGIN = 407,
	SOCKS_VERSION = 5,
	SOCKS_CONNECT = 1,
	SOCKS_IPV4 = 1,
	SOCKS_NAME = 3,
	SOCKS_IPV6 = 4,
	SOCKS_HEAD_BYTES = 4,
	SOCKS_IPV4_BYTES = 4,
	SOCKS_IPV6_BYTES = 16,
	SOCKS_PORT_BYTES = 2,
	BYTE_BITS = 8,
	BYTE_MAX = 255,
};

static int
fail(const struct server_url *proxy, const char *why, struct err *err)
{
	return err_set(err, ERR_CLOSED, BLAME_OPERATOR,
	    "the proxy %.100s port %d: %.200s", proxy->host, proxy->port, why);
}

static int
wants_login(const struct server_url *proxy, struct err *err)
{
	(void)fail(proxy,
	    "it wants a name and a password, and there are none to give; let "
	    "this machine through without",
	    err);
	return err->code = ERR_CONFIG;
}

/* --- HTTP ------------------------------------------------------------------ */

/* Up to the empty line, and no byte more. */
static int
receive_head(const struct proxy_line *line, char head[static PROXY_TALK_BYTES])
{
	size_t n = 0;

	while (n + 1 < PROXY_TALK_BYTES) {
		if (line->receive(line->ctx, head + n, 1) != 0)
			return -1;
		head[++n] = '\0';
		if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			return 0;
	}
	return -1;
}

/* "HTTP/1.1 403 Forbidden": the number; 0 where it is no such line. */
static long
read_status(const char *head)
{
	const char *space = strchr(head, ' ');

	if (strncmp(head, "HTTP/", strlen("HTTP/")) != 0 || space == NULL)
		return 0;
	return strtol(space + 1, NULL, 10);
}

static int
ask_http(const struct server_url *proxy, const struct proxy_line *line,
    const struct server_url *target, struct err *err)
{
	bool is_six = strchr(target->host, ':') != NULL;
	char head[PROXY_TALK_BYTES] = "", place[SERVER_URL_PART_BYTES + 16];
	char why[200];

	(void)snprintf(place, sizeof(place), "%s%s%s:%d", is_six ? "[" : "",
	    target->host, is_six ? "]" : "", target->port);
	int n = snprintf(head, sizeof(head),
	    "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", place, place);
	if (line->send(line->ctx, head, (size_t)n) != 0 ||
	    receive_head(line, head) != 0)
		return fail(proxy, line->why(line->ctx), err);
	long status = read_status(head);
	if (status >= HTTP_OK && status < HTTP_REDIRECT)
		return 0;
	if (status == HTTP_WANTS_LOGIN)
		return wants_login(proxy, err);
	(void)snprintf(why, sizeof(why), "it does not connect to %.100s: %.*s",
	    place, (int)strcspn(head, "\r\n"), head);
	return fail(proxy, why, err);
}

/* --- SOCKS 5 (RFC 1928) ------------------------------------------------------ */

static const char *const g_socks_words[] = {
    "it failed",
    "it is not allowed",
    "the network cannot be reached",
    "the host cannot be reached",
    "nothing listens there",
    "it took too long",
    "the proxy does not know the command",
    "the proxy does not know such addresses",
};

/* The address it connected from: read, so that the mail server comes next. */
static int
skip_address(const struct proxy_line *line, unsigned char kind)
{
	unsigned char rest[BYTE_MAX + SOCKS_PORT_BYTES];
	size_t bytes = kind == SOCKS_IPV4   ? SOCKS_IPV4_BYTES
		       : kind == SOCKS_IPV6 ? SOCKS_IPV6_BYTES
					    : 0;

	if (kind == SOCKS_NAME) {
		if (line->receive(line->ctx, rest, 1) != 0)
			return -1;
		bytes = rest[0];
	}
	return line->receive(line->ctx, rest, bytes + SOCKS_PORT_BYTES);
}

static int
greet_socks(const struct server_url *proxy, const struct proxy_line *line,
    struct err *err)
{
	static const unsigned char hello[] = {SOCKS_VERSION, 1, 0};
	unsigned char answer[2];

	if (line->send(line->ctx, hello, sizeof(hello)) != 0 ||
	    line->receive(line->ctx, answer, sizeof(answer)) != 0)
		return fail(proxy, line->why(line->ctx), err);
	if (answer[0] != SOCKS_VERSION)
		return fail(proxy, "it does not speak SOCKS 5", err);
	return answer[1] == 0 ? 0 : wants_login(proxy, err);
}

static int
ask_socks(const struct server_url *proxy, const struct proxy_line *line,
    const struct server_url *target, struct err *err)
{
	unsigned char ask[PROXY_TALK_BYTES] = {SOCKS_VERSION, SOCKS_CONNECT, 0,
	    SOCKS_NAME};
	unsigned char answer[SOCKS_HEAD_BYTES];
	size_t host_bytes = strlen(target->host), n = SOCKS_HEAD_BYTES;
	int code = greet_socks(proxy, line, err);

	if (code != 0)
		return code;
	if (host_bytes > BYTE_MAX)
		return fail(proxy, "the server's name is too long", err);
	ask[n++] = (unsigned char)host_bytes;
	memcpy(ask + n, target->host, host_bytes);
	n += host_bytes;
	ask[n++] = (unsigned char)(target->port >> BYTE_BITS);
	ask[n++] = (unsigned char)(target->port & BYTE_MAX);
	if (line->send(line->ctx, ask, n) != 0 ||
	    line->receive(line->ctx, answer, sizeof(answer)) != 0)
		return fail(proxy, line->why(line->ctx), err);
	if (answer[1] != 0) {
		char why[200];
		size_t at = answer[1] - 1U;
		(void)snprintf(why, sizeof(why),
		    "it does not connect to %.100s: %s", target->host,
		    g_socks_words[at < COUNT_OF(g_socks_words) ? at : 0]);
		return fail(proxy, why, err);
	}
	if (skip_address(line, answer[3]) != 0)
		return fail(proxy, line->why(line->ctx), err);
	return 0;
}

/* --- which of them --------------------------------------------------------------- */

static const struct {
	const char *scheme;
	int port;
	int (*ask)(const struct server_url *proxy,
	    const struct proxy_line *line, const struct server_url *target,
	    struct err *err);
} g_kinds[] = {
    {"http", PORT_HTTP, ask_http},
    {"socks5h", PORT_SOCKS, ask_socks},
    {"socks5", PORT_SOCKS, ask_socks},
};

static size_t
find_kind(const char *scheme)
{
	size_t i = 0;

	while (i < COUNT_OF(g_kinds) && !text_ieq(g_kinds[i].scheme, scheme))
		i++;
	return i;
}

int
proxy_parse(const char *text, struct server_url *ret_proxy, struct err *err)
{
	struct server_url proxy;
	struct err why = {.text = ""};
	int code = server_url_parse(text, &proxy, &why);
	size_t kind = code == 0 ? find_kind(proxy.scheme) : COUNT_OF(g_kinds);

	if (code != 0 || kind == COUNT_OF(g_kinds) || proxy.user[0] != '\0')
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "\"%.100s\" is no proxy that can be used; write it like "
		    "http://proxy.example:3128 or socks5h://proxy.example:1080",
		    text);
	if (proxy.port == 0)
		proxy.port = g_kinds[kind].port;
	*ret_proxy = proxy;
	return 0;
}

int
proxy_ask(const struct server_url *proxy, const struct proxy_line *line,
    const struct server_url *target, struct err *err)
{
	return g_kinds[find_kind(proxy->scheme)].ask(proxy, line, target, err);
}
