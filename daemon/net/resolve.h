/*
 * Looking up a host within a time: getaddrinfo() by itself knows no end.
 */
#ifndef LSCPD_NET_RESOLVE_H
#define LSCPD_NET_RESOLVE_H

#include <netdb.h>

#include "base/err.h"

/*
 * The addresses for TCP; the caller frees them by freeaddrinfo(). ERR_CLOSED
 * where there are none now: a name may be unknown for an hour.
 */
int resolve_host(const char *host, int port, int timeout_s,
    struct addrinfo **ret_all, struct err *err);

#endif
