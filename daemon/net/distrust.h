/*
 * Why a server's certificate is not believed, in words that say what to do.
 */
#ifndef LSCPD_NET_DISTRUST_H
#define LSCPD_NET_DISTRUST_H

#include <gnutls/gnutls.h>

#include "base/err.h"

/* Of a handshake that ended by the verification; always ERR_CONFIG. */
int distrust_say(gnutls_session_t tls, const char *host, struct err *err);

#endif
