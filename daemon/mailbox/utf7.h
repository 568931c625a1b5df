/*
 * Names of folders as they travel to an IMAP server: modified UTF-7 (RFC 3501,
 * 5.1.3). Only ever towards the server: what it lists is compared, not shown.
 */
#ifndef LSCPD_MAILBOX_UTF7_H
#define LSCPD_MAILBOX_UTF7_H

/* The name, g_free() it; NULL where `name` is no UTF-8 or holds a control. */
char *utf7_of_name(const char *name);

#endif
