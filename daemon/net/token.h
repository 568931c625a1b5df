/*
 * An access token for a mail server, by OAuth2 client credentials (RFC 6749
 * 4.4): asked for by the process that needs it, kept in its memory, renewed
 * when 80 % of its life are over, and once more when a server refused it.
 */
#ifndef LSCPD_NET_TOKEN_H
#define LSCPD_NET_TOKEN_H

#include "base/err.h"

struct token_settings {
	const char *token_url; /* https, or http on loopback */
	const char *client_id, *client_secret_file;
	const char *scope;   /* "" for none */
	const char *ca_file; /* "" for the system's authorities */
	const char *proxy;   /* "" for none */
	int timeout_s;
};

struct token;

/* `settings` and its strings must outlive the token. */
struct token *token_new(const struct token_settings *settings);
/* Wipes and frees; NULL is fine. */
void token_free(struct token *token);

/*
 * The bearer, asked for where there is none that still holds; valid until the
 * next call. What went wrong is said in `err`:
 *
 *  ERR_CONFIG    waiting won't help: unknown client, wrong or expired secret,
 *                a secret's file that cannot be read, a certificate that is
 *                not right; the words say which and what to do
 *  ERR_CLOSED    the token server cannot be reached
 *  ERR_BUSY      it is overloaded or out of order (429, 5xx); where it says
 *                for how long, it is not asked before that
 *  ERR_PROTOCOL  what it says is not understood
 */
int token_get(struct token *token, const char **ret_bearer, struct err *err);

/* A server refused it: the next token_get() asks anew. */
void token_forget(struct token *token);

#endif
