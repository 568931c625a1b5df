/*
 * The courier process's conversation with the engine: settings, then one mail
 * after the other, each answered before the next is taken.
 */
#ifndef LSCPD_COURIER_SESSION_H
#define LSCPD_COURIER_SESSION_H

/* Serve on this socket until it ends; the exit status. */
int courier_serve(int sock);

#endif
