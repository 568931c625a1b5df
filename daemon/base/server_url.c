#include "base/server_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	PORT_MAX = 65535,
	PORT_DIGITS = 5,
	HEX = 16,
};

#define LETTERS_DIGITS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static int
wrong(struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "%s; write it like scheme://user@host.example:port", what);
}

/* Bytes of a part, %XX read; false if it is too long or holds a control. */
static bool
copy_part(const char *from, size_t bytes, char ret[SERVER_URL_PART_BYTES])
{
	char part[SERVER_URL_PART_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++) {
		char c = from[i];
		if (c == '%' && i + 2 < bytes &&
		    isxdigit((unsigned char)from[i + 1]) &&
		    isxdigit((unsigned char)from[i + 2])) {
			const char hex[] = {from[i + 1], from[i + 2], '\0'};
			c = (char)strtol(hex, NULL, HEX);
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7f || from[i] == ' ' ||
		    n + 1 >= sizeof(part))
			return false;
		part[n++] = c;
	}
	part[n] = '\0';
	memcpy(ret, part, n + 1);
	return true;
}

/* Digits up to the end, 1 to 65535. */
static int
read_port(const char *text, size_t bytes, int *ret_port, struct err *err)
{
	int port = 0;

	for (size_t i = 0; i < bytes && i <= PORT_DIGITS; i++)
		port = isdigit((unsigned char)text[i]) && port >= 0
			   ? port * 10 + (text[i] - '0')
			   : -1;
	if (bytes == 0 || port < 1 || port > PORT_MAX)
		return wrong(err, "its port is no number from 1 to 65535");
	*ret_port = port;
	return 0;
}

/* host, host:port, [::1], [::1]:port */
static int
read_place(const char *text, size_t bytes, struct server_url *url,
    struct err *err)
{
	bool is_six = bytes > 0 && text[0] == '[';
	const char *end =
	    is_six ? memchr(text, ']', bytes) : memchr(text, ':', bytes);
	const char *host = is_six ? text + 1 : text;
	size_t len = end == NULL ? bytes : (size_t)(end - host);

	if (is_six && end == NULL)
		return wrong(err, "its [ is not closed");
	if (!copy_part(host, len, url->host) || len == 0 ||
	    strspn(url->host,
		is_six ? "0123456789abcdefABCDEF:." : LETTERS_DIGITS ".-_") !=
		strlen(url->host))
		return wrong(err, "its host is no name of a server");
	const char *rest = host + len + (is_six ? 1 : 0);
	size_t left = bytes - (size_t)(rest - text);
	if (left == 0)
		return 0;
	if (*rest != ':')
		return wrong(err, "its host is no name of a server");
	return read_port(rest + 1, left - 1, &url->port, err);
}

static const char *
last_at(const char *text, size_t bytes)
{
	return memrchr(text, '@', bytes);
}

static int
read_user(const char *text, size_t bytes, struct server_url *url,
    struct err *err)
{
	if (memchr(text, ':', bytes) != NULL)
		return wrong(err,
		    "no password belongs into it, use password-file");
	if (bytes == 0 || !copy_part(text, bytes, url->user) ||
	    strchr(url->user, ' ') != NULL)
		return wrong(err, "its user is empty or not plain text");
	return 0;
}

int
server_url_parse(const char *text, struct server_url *ret_url, struct err *err)
{
	struct server_url url = {.port = 0};
	const char *mark = strstr(text, "://");
	size_t n = mark == NULL ? 0 : (size_t)(mark - text);
	int code = 0;

	if (n == 0 || n >= sizeof(url.scheme))
		return wrong(err, "it is no address of a server");
	for (size_t i = 0; i < n; i++)
		url.scheme[i] = (char)tolower((unsigned char)text[i]);
	const char *place = mark + 3;
	size_t bytes = strcspn(place, "/?#");
	const char *path = place + bytes + (place[bytes] == '/' ? 1 : 0);
	const char *at = last_at(place, bytes);
	if (!copy_part(path, strlen(path), url.path))
		return wrong(err, "what stands behind its host is not plain");
	if (at != NULL) {
		code = read_user(place, (size_t)(at - place), &url, err);
		bytes -= (size_t)(at + 1 - place);
		place = at + 1;
	}
	if (code == 0)
		code = read_place(place, bytes, &url, err);
	if (code == 0)
		*ret_url = url;
	return code;
}

bool
server_url_is_loopback(const struct server_url *url)
{
	struct in_addr four;
	struct in6_addr six;

	if (text_ieq(url->host, "localhost"))
		return true;
	if (inet_pton(AF_INET, url->host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, url->host, &six) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&six);
}
