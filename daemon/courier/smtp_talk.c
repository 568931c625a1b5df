#include "courier/smtp_talk.h"

#include <sys/socket.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/text.h"

enum {
	REPLY_BYTES = 300,
	LINE_BYTES = 512, /* of a reply; RFC 5321 4.5.3.1.5 */
	CODE_DIGITS = 3,
	MS = 1000,
	LAST_BYTES = 2, /* CR LF */
	IDLE_S = 60,    /* then a connection is not used again */
};

struct smtp_line {
	CURL *curl;
	int sock;     /* of the connection; libcurl's own, -1 for none */
	bool is_kept; /* the last mail left it in good order */
};

/* What libcurl's callbacks see. */
struct scene {
	struct smtp_line *line;
	struct smtp_talk *talk;
};

struct smtp_line *
smtp_line_new(void)
{
	struct smtp_line *line = calloc(1, sizeof(*line));

	BUG_ON(line == NULL);
	line->sock = -1;
	line->curl = curl_easy_init();
	BUG_ON(line->curl == NULL);
	return line;
}

void
smtp_line_free(struct smtp_line *line)
{
	if (line == NULL)
		return;
	curl_easy_cleanup(line->curl);
	free(line);
}

/* --- what is seen ------------------------------------------------------------ */

static const struct {
	const char *command;
	enum smtp_phase phase;
} g_commands[] = {
    {"EHLO ", PHASE_HELLO},
    {"HELO ", PHASE_HELLO},
    {"STARTTLS", PHASE_TLS},
    {"AUTH ", PHASE_AUTH},
    {"MAIL FROM:", PHASE_MAIL},
    {"RCPT TO:", PHASE_RCPT},
    {"DATA", PHASE_DATA},
};

static void
forget_reply(struct smtp_talk *talk)
{
	buf_clear(&talk->reply);
	talk->reply_code = 0;
}

/* Only the command's word is looked at: secrets pass here. */
static int
on_debug(CURL *curl, curl_infotype type, char *data, size_t bytes, void *ctx)
{
	const struct scene *scene = ctx;
	struct smtp_talk *talk = scene->talk;

	(void)curl;
	if (type != CURLINFO_HEADER_OUT || talk->is_over)
		return 0;
	/* Said by libcurl itself, after whatever failed; it would wait for the
	 * answer as long as for any other. */
	talk->is_over = bytes >= 4 && strncasecmp(data, "QUIT", 4) == 0;
	if (talk->is_over) {
		(void)shutdown(scene->line->sock, SHUT_RD); /* or it's gone */
		return 0;
	}
	forget_reply(talk);
	for (size_t i = 0; i < COUNT_OF(g_commands); i++) {
		size_t n = strlen(g_commands[i].command);
		if (bytes >= n &&
		    strncasecmp(data, g_commands[i].command, n) == 0) {
			/* After STARTTLS there is a second EHLO. */
			if (g_commands[i].phase > talk->phase)
				talk->phase = g_commands[i].phase;
			break;
		}
	}
	return 0;
}

static int
code_of(const char *line, size_t bytes)
{
	int code = 0;

	if (bytes < CODE_DIGITS)
		return 0;
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (line[i] < '0' || line[i] > '9')
			return 0;
		code = code * 10 + (line[i] - '0');
	}
	return code;
}

/* A line of a reply; those of several lines are put behind each other. */
static size_t
on_reply(char *data, size_t size, size_t count, void *ctx)
{
	struct smtp_talk *talk = ((const struct scene *)ctx)->talk;
	size_t bytes = size * count, n = bytes;
	char line[LINE_BYTES];
	int code = code_of(data, n);

	while (n > 0 && (data[n - 1] == '\r' || data[n - 1] == '\n'))
		n--;
	if (code == 0 || talk->is_over)
		return bytes;
	size_t from = talk->reply_code == 0 ? 0 : CODE_DIGITS + 1;
	talk->reply_code = code;
	if (from >= n)
		return bytes;
	n = n - from >= sizeof(line) ? sizeof(line) - 1 : n - from;
	memcpy(line, data + from, n);
	line[n] = '\0';
	if (talk->reply.len > 0)
		buf_putc(&talk->reply, ' ');
	else if (n > CODE_DIGITS && line[CODE_DIGITS] == '-')
		line[CODE_DIGITS] = ' ';
	text_escape_control(&talk->reply, line);
	return bytes;
}

static int
on_socket(void *ctx, curl_socket_t sock, curlsocktype purpose)
{
	struct smtp_line *line = ctx;

	(void)purpose;
	line->sock = sock;
	line->is_kept = false;
	return CURL_SOCKOPT_OK;
}

static int
on_close(void *ctx, curl_socket_t sock)
{
	struct smtp_line *line = ctx;

	if (line->sock == sock)
		line->sock = -1;
	return close(sock);
}

/* --- what goes out ----------------------------------------------------------- */

/* A connection that has ended takes no last byte. */
static bool
is_gone(int sock)
{
	struct pollfd p = {.fd = sock, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/*
 * The last line end is handed out by itself: up to there a failure means that
 * the server has no mail, from there on nobody knows.
 */
static size_t
on_read(char *to, size_t size, size_t count, void *ctx)
{
	const struct scene *scene = ctx;
	struct smtp_talk *talk = scene->talk;
	const char *mime = talk->mail->mime;
	size_t left = talk->mail->mime_bytes - talk->at, n = size * count;

	if (left > LAST_BYTES)
		left -= LAST_BYTES;
	else if (is_gone(scene->line->sock))
		return CURL_READFUNC_ABORT;
	n = n < left ? n : left;
	memcpy(to, mime + talk->at, n);
	talk->at += n;
	if (talk->at == talk->mail->mime_bytes) {
		FAULT("courier-last-byte");
		talk->phase = PHASE_SENT;
		forget_reply(talk);
	}
	return n;
}

/* --- the talk ---------------------------------------------------------------- */

static void
set_account(CURL *curl, const struct smtp_account *account)
{
	(void)curl_easy_setopt(curl, CURLOPT_URL, account->url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	(void)curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    (long)(account->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, account->proxy);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
	if (account->ca_file[0] != '\0')
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, account->ca_file);
	if (account->user[0] == '\0')
		return;
	(void)curl_easy_setopt(curl, CURLOPT_USERNAME, account->user);
	if (account->password != NULL)
		(void)curl_easy_setopt(curl, CURLOPT_PASSWORD,
		    account->password);
	if (account->bearer != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER,
		    account->bearer);
		/* Else OAUTHBEARER is preferred, which Exchange lacks. */
		(void)curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
		    "AUTH=XOAUTH2");
	}
	(void)curl_easy_setopt(curl, CURLOPT_SASL_IR, 1L);
}

static void
set_times(CURL *curl, int timeout_s, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_mono_ms();

	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)(left_ms > 1 ? left_ms : 1));
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)timeout_s * MS * 3 / 2);
	(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)timeout_s);
	(void)curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

static struct curl_slist *
set_mail(CURL *curl, const struct wire_deliver *mail)
{
	struct buf from CLEANUP(buf_done);

	buf_init(&from, LINE_BYTES);
	buf_printf(&from, "<%s>", mail->envelope_from);
	struct curl_slist *to = curl_slist_append(NULL, mail->envelope_to);
	BUG_ON(to == NULL);
	/* libcurl keeps a copy of the string, not of the list. */
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_FROM, buf_text(&from));
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	(void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)mail->mime_bytes);
	return to;
}

static void
set_callbacks(CURL *curl, struct scene *scene)
{
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, scene->talk->words);
	(void)curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGDATA, scene);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_reply);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, scene);
	(void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(curl, CURLOPT_READDATA, scene);
	(void)curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, scene->line);
	(void)curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	(void)curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, scene->line);
}

void
smtp_talk(struct smtp_line *line, const struct smtp_account *account,
    const struct wire_deliver *mail, enum smtp_connection connection,
    int64_t deadline_ms, struct smtp_talk *ret_talk)
{
	struct smtp_talk *talk = ret_talk;
	struct scene scene = {line, talk};

	*talk = (struct smtp_talk){.mail = mail};
	buf_init(&talk->reply, REPLY_BYTES);
	curl_easy_reset(line->curl); /* connections stay */
	set_account(line->curl, account);
	set_times(line->curl, account->timeout_s, deadline_ms);
	struct curl_slist *to = set_mail(line->curl, mail);
	set_callbacks(line->curl, &scene);
	(void)curl_easy_setopt(line->curl, CURLOPT_FRESH_CONNECT,
	    connection == CONNECTION_FRESH ? 1L : 0L);
	talk->curl = curl_easy_perform(line->curl);
	(void)curl_easy_getinfo(line->curl, CURLINFO_SSL_VERIFYRESULT,
	    &talk->verify);
	/* No socket was opened, and the one of before did not fail to be. */
	talk->was_connected = line->is_kept &&
			      talk->curl != CURLE_COULDNT_RESOLVE_HOST &&
			      talk->curl != CURLE_COULDNT_RESOLVE_PROXY;
	line->is_kept = talk->curl == CURLE_OK;
	curl_easy_reset(line->curl); /* its options point to what ends here */
	curl_slist_free_all(to);
}

void
smtp_talk_done(struct smtp_talk *talk)
{
	buf_done(&talk->reply);
}
