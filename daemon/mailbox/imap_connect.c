#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mailbox/imap.h"
#include "net/secret.h"

/* A greeting's outcome is no error where it is one of these. */
static bool
is_greeting(int code)
{
	return code == MAILIMAP_NO_ERROR ||
	       code == MAILIMAP_NO_ERROR_AUTHENTICATED ||
	       code == MAILIMAP_NO_ERROR_NON_AUTHENTICATED;
}

/*
 * Asked for by the bare command: mailimap_capability() falls where a server
 * answers OK and nothing else. What was said before TLS or before the login
 * is forgotten first.
 */
static int
read_capabilities(struct imap_box *box, struct err *err)
{
	struct mailimap_connection_info *info =
	    box->session->imap_connection_info;

	if (info != NULL && info->imap_capability != NULL) {
		mailimap_capability_data_free(info->imap_capability);
		info->imap_capability = NULL;
	}
	int code = mailimap_custom_command(box->session, "CAPABILITY");
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "CAPABILITY", err);
	info = box->session->imap_connection_info;
	if (info == NULL || info->imap_capability == NULL)
		return err_set(err, ERR_BUSY, BLAME_OPERATOR,
		    "%s: the server does not say what it can do",
		    box->url.host);
	return 0;
}

/* --- TLS ----------------------------------------------------------------- */

static int
refuse_starttls(struct imap_box *box, const char *why, struct err *err)
{
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "%s port %d: STARTTLS: %s; nothing was sent to it", box->url.host,
	    box->url.port, why);
}

static int
upgrade(struct imap_box *box, struct err *err)
{
	int code = read_capabilities(box, err);

	if (code != 0)
		return code;
	if (!imap_has(box, "STARTTLS"))
		return refuse_starttls(box,
		    "the server does not offer it, or somebody in between "
		    "takes it away",
		    err);
	code = mailimap_starttls(box->session);
	if (code == MAILIMAP_ERROR_STARTTLS)
		return refuse_starttls(box,
		    "the server refuses it, or somebody in between puts "
		    "words in",
		    err);
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "STARTTLS", err);
	/* What came behind the OK in plain text must not be believed. */
	if (box->session->imap_stream->read_buffer_len != 0)
		return refuse_starttls(box, "somebody in between puts words in",
		    err);
	return stream_start_tls(box->stream, err);
}

static int
greet(struct imap_box *box, int *ret_greeting, struct err *err)
{
	box->session = mailimap_new(0, NULL);
	BUG_ON(box->session == NULL);
	*ret_greeting =
	    mailimap_connect(box->session, stream_layer(box->stream));
	if (!is_greeting(*ret_greeting))
		return imap_failed(box, *ret_greeting, "greeting", err);
	return 0;
}

static int
secure(struct imap_box *box, bool *ret_logged_in, struct err *err)
{
	bool implicit = strcmp(box->url.scheme, "imaps") == 0;
	int greeting = 0;
	int code = implicit ? stream_start_tls(box->stream, err) : 0;

	if (code == 0 && !implicit && !box->starttls &&
	    !stream_is_loopback(box->stream))
		code = err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%s is another machine, and imap:// without starttls = "
		    "true would send the password in plain text; use imaps://",
		    box->url.host);
	if (code == 0)
		code = greet(box, &greeting, err);
	*ret_logged_in = greeting == MAILIMAP_NO_ERROR_AUTHENTICATED;
	if (code == 0 && box->starttls && *ret_logged_in)
		code = refuse_starttls(box,
		    "the server says that we are logged in already", err);
	if (code == 0 && box->starttls)
		code = upgrade(box, err);
	return code;
}

/* --- login --------------------------------------------------------------- */

static int
read_password(const struct imap_box *box, struct buf *secret, struct err *err)
{
	if (box->credential[0] != '\0')
		return secret_read_credential(box->credential, secret, err);
	if (box->password_file[0] != '\0')
		return secret_read(box->password_file, secret, err);
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "mailbox: no password-file, credential or oauth2 is set");
}

/* Of a refused login: a person must act, unless the server asks to wait. */
static int
refuse_login(struct imap_box *box, int code, struct err *err)
{
	const char *said = imap_said(box);

	if (code != MAILIMAP_ERROR_LOGIN || imap_is_throttled(box))
		return imap_failed(box, code, "login", err);
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "%s does not let %.100s in; check the %s. It says: %.150s",
	    box->url.host, box->url.user,
	    box->token != NULL ? "application's permission for this mailbox"
			       : "user and the password",
	    said);
}

static int
login_by_password(struct imap_box *box, struct err *err)
{
	struct buf secret CLEANUP(secret_done) = {0};
	int code = read_password(box, &secret, err);

	if (code != 0)
		return code;
	if (imap_has(box, "LOGINDISABLED"))
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%s takes no passwords on this connection; use imaps:// or "
		    "starttls = true, or oauth2",
		    box->url.host);
	code = mailimap_login(box->session, box->url.user, buf_text(&secret));
	return code == MAILIMAP_NO_ERROR ? 0 : refuse_login(box, code, err);
}

/* A token that is refused may be a revoked one: a new one is tried once. */
static int
login_by_token(struct imap_box *box, struct err *err)
{
	int code = MAILIMAP_ERROR_LOGIN;

	for (int attempt = 0; attempt < 2; attempt++) {
		const char *bearer = NULL;
		int failed = token_get(box->token, &bearer, err);
		if (failed != 0)
			return failed;
		imap_begin(box, IMAP_ANSWER_BYTES);
		code = mailimap_oauth2_authenticate(box->session, box->url.user,
		    bearer);
		if (code != MAILIMAP_ERROR_LOGIN || imap_is_throttled(box))
			break;
		token_forget(box->token);
	}
	return code == MAILIMAP_NO_ERROR ? 0 : refuse_login(box, code, err);
}

static int
log_in(struct imap_box *box, struct err *err)
{
	int code = read_capabilities(box, err);

	if (code == 0)
		code = box->token != NULL ? login_by_token(box, err)
					  : login_by_password(box, err);
	return code;
}

/* --- the whole ------------------------------------------------------------- */

static int
converse(struct imap_box *box, struct err *err)
{
	bool logged_in = false;
	int code;

	imap_begin(box, IMAP_ANSWER_BYTES);
	code = secure(box, &logged_in, err);
	if (code == 0 && !logged_in)
		code = log_in(box, err);
	if (code == 0)
		code = read_capabilities(box, err);
	if (code == 0 && !box->probing)
		code = imap_find_folders(box, err);
	return code;
}

int
imap_connect(struct imap_box *box, struct err *err)
{
	int code;

	imap_disconnect(box);
	code = stream_open(&box->stream_settings, &box->stream, err);
	if (code == 0)
		code = converse(box, err);
	if (code == 0)
		return 0;
	imap_disconnect(box);
	/* To the session these two mean that the engine is gone. */
	if (code == ERR_CLOSED || code == ERR_PROTOCOL)
		code = err->code = ERR_BUSY;
	return code;
}
