/*
 * Delivery by an SMTP server, through libcurl: TLS from the start (smtps://)
 * or demanded by STARTTLS (smtp://), one recipient a transaction, the
 * connection kept between mails. Without TLS on loopback only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/server_url.h"
#include "courier/driver.h"
#include "courier/smtp_judge.h"
#include "courier/smtp_talk.h"
#include "net/secret.h"
#include "net/token.h"

enum {
	PORT_RELAY = 25,
	PORT_SUBMISSION = 587,
	PORT_TLS = 465,
	URL_BYTES = SERVER_URL_PART_BYTES + 64,
	LOSSES_MAX = 2, /* one after the other; then the server is left alone */
	ALONE_MS = 10 * 1000, /* the engine waits longer by itself */
	SPEED = 64,           /* bytes a millisecond that a mail must reach */
};

struct smtp {
	const struct courier_settings *settings;
	struct server_url server;
	char url[URL_BYTES];
	struct smtp_line *line;
	struct token *token; /* NULL without oauth2 */
	int losses;
	int64_t alone_until_ms;
	enum wire_delivery alone_result;
	struct err alone_why;
};

/* --- opening ------------------------------------------------------------------ */

static int
find_port(const struct smtp *smtp)
{
	if (smtp->server.port != 0)
		return smtp->server.port;
	if (strcmp(smtp->server.scheme, "smtps") == 0)
		return PORT_TLS;
	return smtp->settings->starttls ? PORT_SUBMISSION : PORT_RELAY;
}

static int
read_server(struct smtp *smtp, struct err *err)
{
	struct server_url *server = &smtp->server;
	int code = server_url_parse(smtp->settings->url, server, err);

	if (code != 0)
		return code;
	if (strcmp(server->scheme, "smtps") != 0 && !smtp->settings->starttls &&
	    !server_url_is_loopback(server))
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "outgoing.url: mail would go to %s in clear; write "
		    "starttls = true",
		    server->host);
	bool is_six = strchr(server->host, ':') != NULL;
	(void)snprintf(smtp->url, sizeof(smtp->url), "%s://%s%s%s:%d",
	    server->scheme, is_six ? "[" : "", server->host, is_six ? "]" : "",
	    find_port(smtp));
	return 0;
}

static void
smtp_close(void *way)
{
	struct smtp *smtp = way;

	smtp_line_free(smtp->line);
	token_free(smtp->token);
	free(smtp);
}

static int
smtp_open(const struct courier_settings *settings, void **ret_way,
    struct err *err)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));

	BUG_ON(smtp == NULL);
	smtp->settings = settings;
	smtp->line = smtp_line_new();
	if (settings->oauth2.token_url[0] != '\0')
		smtp->token = token_new(&settings->oauth2);
	int code = read_server(smtp, err);
	if (code == 0)
		*ret_way = smtp;
	else
		smtp_close(smtp);
	return code;
}

/* --- one mail ----------------------------------------------------------------- */

/* A lone CR or LF is how one mail becomes two on the way. */
static bool
has_clean_lines(const struct wire_deliver *mail)
{
	const char *mime = mail->mime;
	size_t n = mail->mime_bytes;

	for (size_t i = 0; i < n; i++)
		if ((mime[i] == '\r' && (i + 1 == n || mime[i + 1] != '\n')) ||
		    (mime[i] == '\n' && (i == 0 || mime[i - 1] != '\r')))
			return false;
	return n >= 2 && mime[n - 1] == '\n';
}

/* libcurl writes what it is given; a line end in it would be a command. */
static bool
is_sendable(const struct wire_deliver *mail, struct err *err)
{
	if (!address_is_valid(mail->envelope_to) ||
	    (mail->envelope_from[0] != '\0' &&
		!address_is_valid(mail->envelope_from))) {
		(void)err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "\"%.100s\" is no address that a server would take",
		    address_is_valid(mail->envelope_to) ? mail->envelope_from
							: mail->envelope_to);
		return false;
	}
	if (!has_clean_lines(mail)) {
		(void)err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "the mail's lines do not end with CR LF");
		return false;
	}
	return true;
}

static int64_t
deadline_of(const struct smtp *smtp, const struct wire_deliver *mail)
{
	/* Under twice the patience for one answer; large mails take longer. */
	return clock_mono_ms() + smtp->settings->timeout_s * INT64_C(1750) +
	       (int64_t)(mail->mime_bytes / SPEED);
}

/* Fill in what proves us; the secret's memory is the caller's. */
static int
prove(const struct smtp *smtp, struct smtp_account *account, struct buf *secret,
    struct err *err)
{
	const struct courier_settings *s = smtp->settings;
	int code = 0;

	if (account->user[0] == '\0')
		return 0;
	if (smtp->token != NULL)
		return token_get(smtp->token, &account->bearer, err);
	if (s->credential[0] != '\0')
		code = secret_read_credential(s->credential, secret, err);
	else
		code = secret_read(s->password_file, secret, err);
	if (code == 0)
		account->password = buf_text(secret);
	return code;
}

static struct smtp_verdict
try_once(struct smtp *smtp, const struct wire_deliver *mail,
    enum smtp_connection connection, int64_t deadline_ms, struct err *err)
{
	struct buf secret CLEANUP(secret_done);
	const struct courier_settings *s = smtp->settings;
	struct smtp_account account = {
	    .url = smtp->url,
	    .starttls = s->starttls,
	    .ca_file = s->ca_file,
	    .proxy = s->proxy,
	    .user = smtp->server.user,
	    .timeout_s = s->timeout_s,
	};
	struct smtp_talk talk;

	buf_init(&secret, SECRET_BYTES);
	int code = prove(smtp, &account, &secret, err);
	if (code != 0)
		return (struct smtp_verdict){
		    .result = code == ERR_CLOSED || code == ERR_BUSY
				  ? DELIVERY_UNREACHABLE
				  : DELIVERY_SERVER_DOWN};
	smtp_talk(smtp->line, &account, mail, connection, deadline_ms, &talk);
	struct smtp_verdict verdict =
	    smtp_judge(&smtp->server, &account, &talk, err);
	smtp_talk_done(&talk);
	return verdict;
}

/*
 * What is already on its way from the engine must not knock at a door that was
 * just shut, nor wait for a server that swallows mail after mail.
 */
static void
remember(struct smtp *smtp, const struct smtp_verdict *verdict,
    const struct err *err)
{
	bool is_shut = verdict->result == DELIVERY_SERVER_DOWN ||
		       verdict->result == DELIVERY_UNREACHABLE;

	smtp->losses = verdict->lost ? smtp->losses + 1 : 0;
	if (!is_shut && smtp->losses < LOSSES_MAX)
		return;
	smtp->losses = 0;
	smtp->alone_until_ms = clock_mono_ms() + ALONE_MS;
	smtp->alone_result = is_shut ? verdict->result : DELIVERY_UNREACHABLE;
	smtp->alone_why = *err;
}

static enum wire_delivery
smtp_deliver(void *way, const struct wire_deliver *mail, struct err *err)
{
	struct smtp *smtp = way;
	int64_t deadline_ms = deadline_of(smtp, mail);

	if (!is_sendable(mail, err))
		return DELIVERY_REFUSED;
	if (clock_mono_ms() < smtp->alone_until_ms) {
		*err = smtp->alone_why;
		return smtp->alone_result;
	}
	struct smtp_verdict verdict =
	    try_once(smtp, mail, CONNECTION_ANY, deadline_ms, err);
	if (verdict.stale)
		verdict =
		    try_once(smtp, mail, CONNECTION_FRESH, deadline_ms, err);
	if (verdict.login_failed && smtp->token != NULL) {
		token_forget(smtp->token);
		verdict =
		    try_once(smtp, mail, CONNECTION_FRESH, deadline_ms, err);
		if (verdict.login_failed)
			token_forget(smtp->token);
	}
	remember(smtp, &verdict, err);
	return verdict.result;
}

const struct courier_driver g_courier_smtps = {
    .scheme = "smtps://",
    .repeat = REPEAT_TWICE,
    .open = smtp_open,
    .close = smtp_close,
    .deliver = smtp_deliver,
};

const struct courier_driver g_courier_smtp = {
    .scheme = "smtp://",
    .repeat = REPEAT_TWICE,
    .open = smtp_open,
    .close = smtp_close,
    .deliver = smtp_deliver,
};
