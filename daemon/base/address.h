/*
 * Addresses of mail, as they are written in settings, register and forms, and
 * as they reach an envelope: a bare `local@domain` in ASCII. Quoted local
 * parts, address literals and non-ASCII addresses are refused; no partner
 * agency has one, and each is a way to smuggle something past a relay.
 */
#ifndef LSCPD_BASE_ADDRESS_H
#define LSCPD_BASE_ADDRESS_H

#include <stdbool.h>

/* RFC 5321: dot-atom before the @ (at most 64 bytes), a host name with a dot
 * behind it; 254 bytes in all. */
bool address_is_valid(const char *address);
/* What stands behind the @; "" where there is none. */
const char *address_domain(const char *address);

#endif
