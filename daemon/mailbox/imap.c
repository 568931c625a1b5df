#include "mailbox/imap.h"

#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/io.h"
#include "base/text.h"
#include "mailbox/utf7.h"

enum {
	MS = 1000,
	BACKOFF_FIRST_MS = 1000,
	BACKOFF_MAX_MS = 15 * 60 * MS,
	BACKOFF_THROTTLED_MS = 60 * MS,
	BACKOFF_DOUBLINGS = 10,
	LOGOUT_S = 2,
	PORT_IMAPS = 993,
	PORT_IMAP = 143,
	DECIMAL = 10,
	SAID_BYTES = 256,
};

/* --- what the server says -------------------------------------------------- */

/* Words by which servers ask for patience, in the text or as its code. */
static const char *const g_throttling[] = {"backoff", "throttl", "too many",
    "unavailable", "inuse", "[limit]", "limit exceeded", "try again",
    "temporar", "not connected", "server busy", "overloaded"};

static const struct outcome {
	int code;
	bool out_of_step; /* nothing can follow on this connection */
	const char *words;
} g_outcomes[] = {
    {MAILIMAP_ERROR_STREAM, true, "the connection was lost"},
    {MAILIMAP_ERROR_PARSE, true, "the server's answer cannot be understood"},
    {MAILIMAP_ERROR_MEMORY, true, "the server's answer cannot be kept"},
    {MAILIMAP_ERROR_FATAL, true, "the server ends the connection"},
    {MAILIMAP_ERROR_PROTOCOL, true, "the server does not know the command"},
    {MAILIMAP_ERROR_BAD_STATE, true, "the session is out of step"},
    {MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION, true,
	"the server takes no connections"},
    {MAILIMAP_ERROR_CONNECTION_REFUSED, true,
	"the server takes no connections"},
};

static const struct outcome g_refused = {0, false, "the server refuses"};

static const struct outcome *
find_outcome(int code)
{
	for (size_t i = 0; i < COUNT_OF(g_outcomes); i++)
		if (g_outcomes[i].code == code)
			return &g_outcomes[i];
	return &g_refused;
}

const char *
imap_said(const struct imap_box *box)
{
	const char *said =
	    box->session == NULL ? NULL : box->session->imap_response;

	return said == NULL ? "" : said;
}

/* "[THROTTLED] ": what libetpan has no name for; "" where there is none. */
static void
read_code(const struct imap_box *box, char *code, size_t bytes)
{
	const struct mailimap_response_info *info =
	    box->session == NULL ? NULL : box->session->imap_response_info;

	code[0] = '\0';
	if (info != NULL && info->rsp_atom != NULL)
		(void)snprintf(code, bytes, "[%.60s] ", info->rsp_atom);
}

bool
imap_said_word(const struct imap_box *box, const char *word)
{
	char code[80];

	read_code(box, code, sizeof(code));
	return text_ifind(imap_said(box), word) != NULL ||
	       text_ifind(code, word) != NULL;
}

static bool
asks_for_patience(const char *text)
{
	for (size_t i = 0; i < COUNT_OF(g_throttling); i++)
		if (text_ifind(text, g_throttling[i]) != NULL)
			return true;
	return false;
}

bool
imap_is_throttled(const struct imap_box *box)
{
	char code[80];

	read_code(box, code, sizeof(code));
	return asks_for_patience(code) || asks_for_patience(imap_said(box));
}

/* "Suggested Backoff Time: 299961 milliseconds", and words without a time. */
static int64_t
asked_patience_ms(const char *said)
{
	static const char suggested[] = "suggested backoff time:";
	const char *at = text_ifind(said, suggested);

	if (at != NULL) {
		long ms = strtol(at + strlen(suggested), NULL, DECIMAL);
		if (ms > 0 && ms < BACKOFF_MAX_MS)
			return ms;
	}
	return asks_for_patience(said) ? BACKOFF_THROTTLED_MS : 0;
}

/* The words of a good-bye; libetpan drops them where the end comes with it. */
static const char *
last_words(const struct imap_box *box)
{
	const char *bye = box->stream == NULL
			      ? NULL
			      : strstr(stream_last(box->stream), "* BYE ");

	return bye == NULL ? NULL : bye + strlen("* BYE ");
}

/* "[THROTTLED] text", without the line's end, in `said`. */
static void
read_words(const struct imap_box *box, int code, char said[static SAID_BYTES])
{
	const char *bye = last_words(box);
	char atom[80] = "";

	if (bye != NULL) {
		(void)snprintf(said, SAID_BYTES, "%.*s",
		    (int)strcspn(bye, "\r\n"), bye);
	} else if (code == MAILIMAP_ERROR_STREAM) {
		(void)snprintf(said, SAID_BYTES, "%s",
		    box->stream == NULL ? "" : stream_why(box->stream));
	} else {
		read_code(box, atom, sizeof(atom));
		(void)snprintf(said, SAID_BYTES, "%s%s", atom, imap_said(box));
	}
}

int
imap_failed(struct imap_box *box, int code, const char *what, struct err *err)
{
	const struct outcome *outcome = find_outcome(code);
	char said[SAID_BYTES];

	read_words(box, code, said);
	box->patience_ms = asked_patience_ms(said);
	(void)err_set(err, ERR_BUSY, BLAME_OPERATOR, "%s, %s: %s%s%s",
	    box->url.host, what, outcome->words, said[0] == '\0' ? "" : ": ",
	    said);
	if (outcome->out_of_step || box->patience_ms > 0)
		imap_disconnect(box);
	return ERR_BUSY;
}

/* --- when to connect --------------------------------------------------------- */

static int64_t
jitter_ms(int64_t up_to_ms)
{
	uint32_t random = 0;

	/* A wait that is not random is no harm. */
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return up_to_ms > 0 ? random % up_to_ms : 0;
}

void
imap_note_failure(struct imap_box *box, const struct err *err)
{
	int doublings = box->failures < BACKOFF_DOUBLINGS ? box->failures
							  : BACKOFF_DOUBLINGS;
	int64_t wait_ms = (int64_t)BACKOFF_FIRST_MS << doublings;

	if (wait_ms > BACKOFF_MAX_MS)
		wait_ms = BACKOFF_MAX_MS;
	if (wait_ms < box->patience_ms)
		wait_ms = box->patience_ms;
	box->failures++;
	box->patience_ms = 0;
	box->retry_at_ms = clock_mono_ms() + wait_ms + jitter_ms(wait_ms / 4);
	box->last = *err;
}

int
imap_ready(struct imap_box *box, bool *ret_fresh, struct err *err)
{
	if (ret_fresh != NULL)
		*ret_fresh = false;
	if (imap_watch_end(box) && box->session != NULL)
		return 0;
	if (clock_mono_ms() < box->retry_at_ms) {
		*err = box->last;
		return err->code;
	}
	int code = imap_connect(box, err);
	if (code != 0)
		imap_note_failure(box, err);
	else if (ret_fresh != NULL)
		*ret_fresh = true;
	return code;
}

void
imap_begin(struct imap_box *box, uint64_t budget_bytes)
{
	stream_begin(box->stream, budget_bytes);
}

bool
imap_has(const struct imap_box *box, const char *capability)
{
	const struct mailimap_connection_info *info =
	    box->session->imap_connection_info;

	if (info == NULL || info->imap_capability == NULL)
		return false;
	for (clistiter *i = clist_begin(info->imap_capability->cap_list);
	     i != NULL; i = clist_next(i)) {
		const struct mailimap_capability *cap = clist_content(i);
		if (cap->cap_type == MAILIMAP_CAPABILITY_NAME &&
		    cap->cap_data.cap_name != NULL &&
		    text_ieq(cap->cap_data.cap_name, capability))
			return true;
	}
	return false;
}

void
imap_disconnect(struct imap_box *box)
{
	if (box->session != NULL) {
		/* libetpan would say good-bye, and wait for an answer. */
		stream_kill(box->stream);
		mailimap_free(box->session);
	}
	stream_free(box->stream);
	box->session = NULL;
	box->stream = NULL;
	box->selected = IMAP_NO_FOLDER;
	box->idling = false;
}

/* --- opening ------------------------------------------------------------------- */

/*
 * Names go into commands as they are: nothing that ends a string, and nothing
 * that LIST takes for more than itself.
 */
static int
take_names(struct imap_box *box, const char *const *names, struct err *err)
{
	for (int i = 0; i < IMAP_FOLDERS; i++) {
		const char *name = names[i];
		if (i == FOLDER_INBOX)
			name =
			    box->url.path[0] == '\0' ? "INBOX" : box->url.path;
		box->words[i] = utf7_of_name(name);
		if (box->words[i] == NULL || name[0] == '\0' ||
		    strpbrk(name, "\"\\%*") != NULL)
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "\"%.100s\" cannot be a folder on a mail server: "
			    "it holds one of \" \\ %% * or is no text",
			    name);
	}
	return 0;
}

static void
take_server(struct imap_box *box, const struct mailbox_settings *settings)
{
	const struct wire_config *config = settings->config;
	bool implicit = strcmp(box->url.scheme, "imaps") == 0;
	int timeout_s = atoi(wire_config_get(config, "timeout", "60"));

	if (box->url.port == 0)
		box->url.port = implicit ? PORT_IMAPS : PORT_IMAP;
	box->starttls =
	    !implicit &&
	    strcmp(wire_config_get(config, "starttls", "false"), "true") == 0;
	box->wants_idle =
	    strcmp(wire_config_get(config, "idle", "true"), "true") == 0;
	box->polls_by_setting = wire_config_get(config, "poll", "")[0] != '\0';
	box->since_day = date_parse_iso(wire_config_get(config, "since", ""));
	box->stream_settings = (struct stream_settings){
	    .host = box->url.host,
	    .port = box->url.port,
	    .ca_file = wire_config_get(config, "ca-file", ""),
	    .proxy = wire_config_get(config, "proxy", ""),
	    .timeout_s = timeout_s > 0 ? timeout_s : 1,
	    .hangup_fd = settings->hangup_fd,
	};
}

static void
take_login(struct imap_box *box, const struct wire_config *config)
{
	box->password_file = wire_config_get(config, "password-file", "");
	box->credential = wire_config_get(config, "credential", "");
	box->token_settings = (struct token_settings){
	    .token_url = wire_config_get(config, "oauth2.token-url", ""),
	    .client_id = wire_config_get(config, "oauth2.client-id", ""),
	    .client_secret_file =
		wire_config_get(config, "oauth2.client-secret-file", ""),
	    .scope = wire_config_get(config, "oauth2.scope", ""),
	    .ca_file = wire_config_get(config, "oauth2.ca-file", ""),
	    .proxy = wire_config_get(config, "proxy", ""),
	    .timeout_s = box->stream_settings.timeout_s,
	};
	if (box->token_settings.token_url[0] != '\0')
		box->token = token_new(&box->token_settings);
}

static int
take_settings(struct imap_box *box, const struct mailbox_settings *settings,
    struct err *err)
{
	int code = server_url_parse(settings->url, &box->url, err);

	if (code != 0)
		return code;
	box->spool = settings->spool;
	box->probing = settings->probing;
	box->limit_bytes = settings->limit_bytes;
	take_server(box, settings);
	take_login(box, settings->config);
	return take_names(box, settings->folders, err);
}

static void
imap_close(void *ctx)
{
	struct imap_box *box = ctx;

	if (box->session != NULL) {
		stream_begin_short(box->stream, LOGOUT_S);
		(void)mailimap_logout(box->session); /* a courtesy */
	}
	imap_disconnect(box);
	token_free(box->token);
	for (int i = 0; i < IMAP_FOLDERS; i++) {
		g_free(box->words[i]);
		g_free(box->folders[i].name);
		(void)g_array_free(box->folders[i].items, TRUE);
	}
	g_hash_table_destroy(box->trouble);
	g_hash_table_destroy(box->copied);
	io_close(&box->watch_fd);
	io_close(&box->timer_fd);
	g_free(box);
}

/* One descriptor for the session to poll: the connection, and the time. */
static int
open_watch(struct imap_box *box, struct err *err)
{
	box->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	box->timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN};
	if (box->watch_fd < 0 || box->timer_fd < 0 ||
	    epoll_ctl(box->watch_fd, EPOLL_CTL_ADD, box->timer_fd, &event) != 0)
		return err_system(err, "watching the mailbox");
	return 0;
}

/* No word with the server yet: it may be down, and come back. */
static int
imap_open(const struct mailbox_settings *settings, void **ret_box,
    struct err *err)
{
	struct imap_box *box = g_new0(struct imap_box, 1);

	(void)signal(SIGPIPE, SIG_IGN);
	box->selected = IMAP_NO_FOLDER;
	box->watch_fd = box->timer_fd = -1;
	box->trouble =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	box->copied =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (int i = 0; i < IMAP_FOLDERS; i++)
		box->folders[i].items =
		    g_array_new(FALSE, FALSE, sizeof(struct imap_item));
	int code = take_settings(box, settings, err);
	if (code == 0)
		code = open_watch(box, err);
	if (code != 0) {
		imap_close(box);
		return code;
	}
	*ret_box = box;
	return 0;
}

const struct mailbox_driver g_imap_driver = {
    .scheme = "imap",
    .open = imap_open,
    .close = imap_close,
    .list = imap_list,
    .fetch = imap_fetch,
    .move = imap_move,
    .watch = imap_watch,
    .watch_fd = imap_watch_fd,
    .watch_news = imap_watch_news,
    .probe = imap_probe,
};
