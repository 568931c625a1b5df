/*
 * The parser's cage: after sandbox_close() the process can read and answer on
 * the descriptors it is given, use memory within bounds, and end. It opens no
 * file, no socket, no program. A system call that it has no business with
 * kills it.
 */
#ifndef LSCPD_PARSER_SANDBOX_H
#define LSCPD_PARSER_SANDBOX_H

#include "base/err.h"

/*
 * For good. Everything that must be opened has been by then, see
 * parse_init(). ERR_SYSTEM where the kernel refuses.
 */
int sandbox_close(struct err *err);
/* Give the next message its processor time; the engine has a clock, too. */
void sandbox_renew(void);

#endif
