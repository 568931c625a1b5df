/*
 * Whether sending works as a whole: what `lscpctl status` reads, when a server
 * that takes no mail is asked again, and what staff are told. A server that
 * refuses us (its greeting, TLS, our login) fails no mail (contract 12): all
 * of it waits as if it had not been tried, and one notice to staff waits with
 * it until the server takes mail again.
 */
#ifndef LSCPD_ENGINE_OUTAGE_H
#define LSCPD_ENGINE_OUTAGE_H

#include "engine/engine.h"

enum outage {
	OUTAGE_COURIER,     /* it died, and is started again by itself */
	OUTAGE_UNREACHABLE, /* no connection */
	OUTAGE_REFUSED,     /* a person must act, here or at the server */
};

/* No mail can go now: log it, remember it, leave the server alone a while. */
void outage_seen(struct engine *engine, enum outage outage, const char *why);

/* A mail was taken. What waited for that goes at once. Inside a transaction. */
int outage_over(struct engine *engine, struct err *err);

#endif
