/*
 * Addresses of mail, as they are written in settings, register and forms, and
 * as they reach an envelope: a bare `local@domain` in ASCII. People may write
 * an internationalised domain; inside it is kept as servers know it. Quoted
 * local parts, address literals and letters outside ASCII before the @ (they
 * need SMTPUTF8 on the whole way) are refused; no partner agency has one, and
 * each is a way to smuggle something past a relay.
 */
#ifndef LSCPD_BASE_ADDRESS_H
#define LSCPD_BASE_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"

/* RFC 5321: dot-atom before the @ (at most 64 bytes), a host name with a dot
 * behind it; 254 bytes in all. */
bool address_is_valid(const char *address);
/*
 * An address, or a domain alone, as servers know it: an internationalised
 * domain by its A-labels (RFC 5890), all else as it is. A copy.
 */
char *address_wire(struct arena *arena, const char *text);
/* What stands behind the @; "" where there is none. */
const char *address_domain(const char *address);

#endif
