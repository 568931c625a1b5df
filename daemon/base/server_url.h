/*
 * Where a server is, as lscpd.conf has it: scheme://user@host:port/path. A
 * user may be an address: the last @ before the path ends it, and %40 is read
 * as one; a blank in a folder's name is %20. Settings check it, mailbox and courier connect by it.
 */
#ifndef LSCPD_BASE_SERVER_URL_H
#define LSCPD_BASE_SERVER_URL_H

#include <stdbool.h>

#include "base/err.h"

enum {
	SERVER_URL_PART_BYTES = 256
};

struct server_url {
	char scheme[16];                  /* lower case: "smtps" */
	char user[SERVER_URL_PART_BYTES]; /* "" where there is none */
	char host[SERVER_URL_PART_BYTES]; /* without the [ ] of IPv6 */
	int port;                         /* 0 where none is said */
	char path[SERVER_URL_PART_BYTES]; /* behind the host's slash, or "" */
};

/*
 * ERR_CONFIG, with words for whoever wrote it. A password in it is refused: it
 * would be seen by whoever may read the file.
 */
int
server_url_parse(const char *text, struct server_url *ret_url, struct err *err);

/* localhost, 127.0.0.0/8, ::1: what is sent there stays in this machine. */
bool server_url_is_loopback(const struct server_url *url);

#endif
