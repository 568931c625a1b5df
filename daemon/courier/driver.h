/*
 * What a way out must be able to do: take one rendered mail and say what
 * became of it. Maildir is one; SMTP fits the same verb.
 */
#ifndef LSCPD_COURIER_DRIVER_H
#define LSCPD_COURIER_DRIVER_H

#include <stddef.h>

#include "base/err.h"
#include "net/token.h"
#include "wire/treaty.h"

/* Lives as long as the way; strings are never NULL. All but `url` is for
 * servers. */
struct courier_settings {
	const char *url;
	bool starttls;
	const char *password_file, *credential; /* one of them, or neither */
	const char *ca_file, *proxy;
	int timeout_s;                /* for each answer of the server */
	struct token_settings oauth2; /* token_url "": none */
};

/* How repeating a delivery ends. */
enum courier_repeat {
	REPEAT_TWICE, /* the recipient may get it twice: in doubt is possible */
	REPEAT_ONCE,  /* it stays one mail, however often it is delivered */
};

struct courier_driver {
	const char *scheme; /* of the url: "maildir:" */
	enum courier_repeat repeat;

	/* ERR_CONFIG: waiting won't help. */
	int (*open)(const struct courier_settings *settings, void **ret_way,
	    struct err *err);
	void (*close)(void *way);
	/* One mail; `err` has the words where the result is not SENT. */
	enum wire_delivery (*deliver)(void *way,
	    const struct wire_deliver *mail, struct err *err);
};

extern const struct courier_driver g_courier_maildir;
extern const struct courier_driver g_courier_smtp, g_courier_smtps;

#endif
