/*
 * What a talk with an SMTP server means for the mail, for the next one, and
 * in words for whoever reads the log (contract: 4xx later, 5xx to the mail
 * refused, 5xx to us no mail at all, silence after the last byte in doubt).
 * Inside the room courier only.
 */
#ifndef LSCPD_COURIER_SMTP_JUDGE_H
#define LSCPD_COURIER_SMTP_JUDGE_H

#include "base/err.h"
#include "base/server_url.h"
#include "courier/smtp_talk.h"

struct smtp_verdict {
	enum wire_delivery result;
	bool lost;         /* the connection, once the mail had begun */
	bool login_failed; /* a new token may help */
	/* A connection of before was closed meanwhile: a new one may help. */
	bool stale;
};

/* `err` has the words where the result is not DELIVERY_SENT. */
struct smtp_verdict
smtp_judge(const struct server_url *server, const struct smtp_account *account,
    const struct smtp_talk *talk, struct err *err);

#endif
