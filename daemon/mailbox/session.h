/*
 * The mailbox process's conversation with the engine: settings, then one
 * request after the other until the engine closes the connection. Pages
 * through a listing, keeps track of what the engine has in hand, and passes
 * on hints of new mail. Knows no kind of mailbox: see mailbox/driver.h.
 */
#ifndef LSCPD_MAILBOX_SESSION_H
#define LSCPD_MAILBOX_SESSION_H

/* Serve on this socket until it ends; the exit status. */
int mailbox_serve(int sock);

#endif
