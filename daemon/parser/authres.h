/*
 * Authentication-Results by the grammar of RFC 8601, not by searching for
 * "pass": quoted strings and comments are taken as such, so that a `pass` in a
 * reason or a comment never counts. Also Exchange Online's form without an
 * authserv-id, and its older one with the tenant's domain between semicolons.
 */
#ifndef LSCPD_PARSER_AUTHRES_H
#define LSCPD_PARSER_AUTHRES_H

#include "base/arena.h"
#include "wire/record.h"

/*
 * Append one field body to record->authres; its place is the number of
 * Received fields read so far. What does not fit the grammar is left out: a
 * method without a result word never appears.
 */
void
authres_read(struct arena *arena, struct record *record, const char *value);

#endif
