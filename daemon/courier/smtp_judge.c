#include "courier/smtp_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"

enum {
	REPLY_CLOSING = 421,
	REPLY_NO_LOGIN = 530, /* to MAIL: RFC 4954 6 */
	WORDS_BYTES = 400,
};

/* Bits of gnutls_certificate_status_t, which libcurl hands through. */
enum {
	CERT_NO_SIGNER = 1 << 6,
	CERT_NOT_YET = 1 << 9,
	CERT_EXPIRED = 1 << 10,
};

struct case_of {
	const struct server_url *server;
	const struct smtp_account *account;
	const struct smtp_talk *talk;
	struct err *err;
};

static bool
is_4xx(int code)
{
	return code >= 400 && code < 500;
}

static bool
is_5xx(int code)
{
	return code >= 500 && code < 600;
}

static struct smtp_verdict
say(const struct case_of *c, enum wire_delivery result, const char *words)
{
	bool ours = result == DELIVERY_SERVER_DOWN;

	(void)err_set(c->err, ours ? ERR_CONFIG : ERR_CLOSED,
	    ours ? BLAME_OPERATOR : BLAME_NOBODY, "%s: %s", c->server->host,
	    words);
	return (struct smtp_verdict){.result = result};
}

static struct smtp_verdict PRINTF(3, 4) say_of(const struct case_of *c,
    enum wire_delivery result, const char *format, ...)
{
	char words[WORDS_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return say(c, result, words);
}

static const char *
words_of(const struct smtp_talk *talk)
{
	switch (talk->curl) {
	case CURLE_OPERATION_TIMEDOUT:
		return "the server was silent for too long";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_ABORTED_BY_CALLBACK:
		return "the server closed the connection";
	default:
		return talk->words[0] != '\0' ? talk->words
					      : curl_easy_strerror(talk->curl);
	}
}

/* --- before the mail --------------------------------------------------------- */

static struct smtp_verdict
bad_certificate(const struct case_of *c)
{
	long bits = c->talk->verify;

	if ((bits & CERT_EXPIRED) != 0)
		return say(c, DELIVERY_SERVER_DOWN,
		    "its certificate has expired; nothing is sent until it "
		    "has a new one");
	if ((bits & CERT_NOT_YET) != 0)
		return say(c, DELIVERY_SERVER_DOWN,
		    "its certificate is not valid yet; is the clock right?");
	if ((bits & CERT_NO_SIGNER) != 0)
		return say(c, DELIVERY_SERVER_DOWN,
		    "its certificate is from an authority that is not known "
		    "here; if it is yours, name it in outgoing.ca-file");
	return say_of(c, DELIVERY_SERVER_DOWN,
	    "its certificate is not right for this name: %s", c->talk->words);
}

static struct smtp_verdict
login_failed(const struct case_of *c)
{
	const struct smtp_talk *talk = c->talk;
	struct smtp_verdict verdict;

	if (is_4xx(talk->reply_code))
		return say_of(c, DELIVERY_UNREACHABLE, "no login just now: %s",
		    buf_text(&talk->reply));
	if (talk->phase < PHASE_AUTH)
		return say(c, DELIVERY_SERVER_DOWN,
		    c->account->bearer != NULL
			? "it offers no login by token (XOAUTH2)"
			: "it offers no login by a password");
	if (c->account->bearer != NULL)
		verdict = say_of(c, DELIVERY_SERVER_DOWN,
		    "it does not take the token for %s; may this application "
		    "send as this mailbox, and is SMTP AUTH on for it?",
		    c->account->user);
	else
		verdict = say_of(c, DELIVERY_SERVER_DOWN,
		    "it refuses the login of %s: %s", c->account->user,
		    buf_text(&talk->reply));
	verdict.login_failed = true;
	return verdict;
}

static struct smtp_verdict
no_tls(const struct case_of *c)
{
	if (c->talk->phase < PHASE_TLS)
		return say(c, DELIVERY_SERVER_DOWN,
		    "it offers no STARTTLS, so nothing was sent");
	return say_of(c, DELIVERY_SERVER_DOWN,
	    "TLS could not be started: %s, %s", c->talk->words,
	    buf_text(&c->talk->reply));
}

static struct smtp_verdict
no_connection(const struct case_of *c)
{
	const struct smtp_talk *talk = c->talk;

	if (is_5xx(talk->reply_code))
		return say_of(c, DELIVERY_SERVER_DOWN,
		    "it takes no mail from us: %s", buf_text(&talk->reply));
	if (is_4xx(talk->reply_code))
		return say_of(c, DELIVERY_UNREACHABLE, "not now: %s",
		    buf_text(&talk->reply));
	return say_of(c, DELIVERY_UNREACHABLE, "it cannot be reached: %s",
	    words_of(talk));
}

static struct smtp_verdict
before_the_mail(const struct case_of *c)
{
	switch (c->talk->curl) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return bad_certificate(c);
	case CURLE_SSL_CACERT_BADFILE:
		return say_of(c, DELIVERY_SERVER_DOWN, "%s: %s",
		    c->account->ca_file[0] != '\0'
			? "outgoing.ca-file cannot be read"
			: "this system has no certificate authorities, install "
			  "ca-certificates",
		    c->talk->words);
	case CURLE_SSL_CONNECT_ERROR:
		return say_of(c, DELIVERY_SERVER_DOWN,
		    "TLS could not be started: %s", c->talk->words);
	case CURLE_USE_SSL_FAILED:
		return no_tls(c);
	case CURLE_LOGIN_DENIED:
		return login_failed(c);
	default:
		return no_connection(c);
	}
}

/* --- the mail itself --------------------------------------------------------- */

/* No answer. Before the last byte the server has nothing. */
static struct smtp_verdict
lost(const struct case_of *c)
{
	const struct smtp_talk *talk = c->talk;
	bool sent = talk->phase == PHASE_SENT;
	struct smtp_verdict verdict =
	    say_of(c, sent ? DELIVERY_IN_DOUBT : DELIVERY_LATER,
		sent ? "all was sent, but no answer came: %s"
		     : "the connection was lost before all was sent: %s",
		words_of(talk));

	verdict.lost = true;
	verdict.stale = talk->was_connected && talk->phase <= PHASE_MAIL;
	return verdict;
}

/*
 * Some relays take no empty sender at all, others only where the login may
 * send as it: RFC 3463's bad senders, and Exchange's SendAsDenied.
 */
static const char *
advice_on_sender(const struct smtp_talk *talk)
{
	static const char *const codes[] = {" 5.1.7 ", " 5.1.8 ", " 5.7.60 "};
	bool about = talk->phase == PHASE_MAIL;

	if (talk->mail->envelope_from[0] != '\0')
		return "";
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		about |= strstr(buf_text(&talk->reply), codes[i]) != NULL;
	return about ? " an answer with the empty sender (if it takes none, "
		       "write null-sender = false in outgoing)"
		     : "";
}

static struct smtp_verdict
answered(const struct case_of *c)
{
	const struct smtp_talk *talk = c->talk;
	const char *reply = buf_text(&talk->reply);
	const char *advice = advice_on_sender(talk);
	struct smtp_verdict verdict;

	if (talk->reply_code == REPLY_NO_LOGIN)
		return say_of(c, DELIVERY_SERVER_DOWN, "it wants a login: %s",
		    reply);
	if (is_5xx(talk->reply_code))
		return say_of(c, DELIVERY_REFUSED, "it refused%s: %s", advice,
		    reply);
	verdict = say_of(c, DELIVERY_LATER, "it defers%s: %s", advice, reply);
	if (talk->reply_code == REPLY_CLOSING) {
		verdict.lost = true;
		verdict.stale =
		    talk->was_connected && talk->phase <= PHASE_MAIL;
	}
	return verdict;
}

struct smtp_verdict
smtp_judge(const struct server_url *server, const struct smtp_account *account,
    const struct smtp_talk *talk, struct err *err)
{
	const struct case_of c = {server, account, talk, err};
	int code = talk->reply_code;

	if (talk->curl == CURLE_OK)
		return (struct smtp_verdict){.result = DELIVERY_SENT};
	if (talk->phase == PHASE_SENT && code >= 200 && code < 300)
		return (struct smtp_verdict){.result = DELIVERY_SENT};
	if (talk->phase >= PHASE_MAIL && (is_4xx(code) || is_5xx(code)))
		return answered(&c);
	/* A reused connection begins with MAIL; nothing sent is no phase. */
	if (talk->phase >= PHASE_MAIL || talk->was_connected)
		return lost(&c);
	return before_the_mail(&c);
}
