#include "engine/online.h"

#include <sys/random.h>

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/server_url.h"
#include "base/text.h"
#include "engine/advice.h"
#include "engine/server_config.h"
#include "engine/visit.h"
#include "mail/compose.h"

enum {
	ARRIVAL_MS = 30 * 1000,
	LOOK_EVERY_MS = 1000,
	US_PER_MS = 1000,
	/* Times `timeout`: name, connection, TLS, token, login, folders. */
	PATIENCE = 8,
	PATIENCE_MS = 30 * 1000,
	STOP_WAIT_MS = 2000,
	TOKEN_BYTES = 24,
	LINE_BYTES = 5000,
	SAFE_BYTES = 4 * LINE_BYTES, /* each byte as \xNN */
	/* Two frames of a few KiB, their strings, a mail of a few lines. */
	ARENA_BYTES = 4 * 1024 * 1024,
};

struct online {
	const struct settings *settings;
	const struct clock *clock;
	struct arena *arena;
	char token[TOKEN_BYTES]; /* in the test mail's subject */
	int status;
};

/* --- words ----------------------------------------------------------------- */

static void PRINTF(2, 3) say(const char *section, const char *format, ...)
{
	struct buf safe CLEANUP(buf_done);
	char line[LINE_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* Servers have their words in it. */
	buf_init(&safe, SAFE_BYTES);
	text_escape_control(&safe, line);
	(void)printf("%s: %s\n", section, buf_text(&safe));
	(void)fflush(stdout);
}

static const char *const g_names[] = {
    [ADVICE_MAILBOX] = "mailbox",
    [ADVICE_OUTGOING] = "outgoing",
};

/* What is wrong, and what to do. To be refused is worse than to be too late. */
static void
complain(struct online *online, enum advice_section section,
    const struct err *err)
{
	const char *const *line =
	    advice_for(online->settings, section, err->text, online->arena);

	say(g_names[section], "%s", err->text);
	for (; *line != NULL; line++)
		(void)printf("    %s\n", *line);
	if (err->code == ERR_CONFIG)
		online->status = EX_CONFIG;
	else if (online->status == EX_OK)
		online->status = EX_TEMPFAIL;
}

static int64_t
patience_ms(const struct settings_server *server)
{
	return server->timeout_s * (int64_t)(PATIENCE * 1000) + PATIENCE_MS;
}

static void
say_secrets(const struct online *online)
{
	int32_t today = date_of(clock_now(online->clock));
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);

	for (size_t i = 0; i < online->settings->oauth2_count; i++) {
		const char *warning =
		    settings_secret_warning(&online->settings->oauth2[i], arena,
			today);
		if (warning != NULL)
			say("oauth2", "%s", warning);
	}
}

/* --- the mailbox --------------------------------------------------------------- */

static int
probe(struct online *online, struct child *mailbox, const char *token,
    struct wire_probed *ret_probed, struct err *err)
{
	const struct wire_probe question = {token};
	struct child_news news;
	struct wire_failed failed;
	int code = visit_ask(mailbox, FRAME_PROBE, &question,
	    patience_ms(&online->settings->mailbox.server), &news, err);

	if (code != 0)
		return code;
	if (news.frame.type == FRAME_PROBED)
		return treaty_decode(online->arena, &news.frame, ret_probed,
		    err);
	if (news.frame.type != FRAME_SYNC_FAILED)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "lscpd-mailbox answers %s",
		    frame_type_name(news.frame.type));
	code = treaty_decode(online->arena, &news.frame, &failed, err);
	return code != 0
		   ? code
		   : err_set(err, failed.temporary ? ERR_BUSY : ERR_CONFIG,
			 BLAME_OPERATOR, "%s", failed.text);
}

/* Before the first start it is not too late to leave old mail alone. */
static void
say_since(const struct online *online, uint32_t mails)
{
	char today[DATE_TEXT_BYTES];

	if (mails == 0 || online->settings->mailbox.since_day != DAY_NONE ||
	    access(online->settings->store_path, F_OK) == 0)
		return;
	date_format_iso(date_of(clock_now(online->clock)), today);
	say("mailbox",
	    "the first start will read and answer what is there now; to leave "
	    "it alone, write since = \"%s\" into mailbox { }",
	    today);
}

static bool
look_around(struct online *online, struct child *mailbox)
{
	struct wire_probed probed = {.text = ""};
	struct err err = {0};

	if (probe(online, mailbox, "", &probed, &err) < 0) {
		complain(online, ADVICE_MAILBOX, &err);
		return false;
	}
	say("mailbox", "%s", probed.text);
	say_since(online, probed.mails);
	return true;
}

static void
wait_for_mail(struct online *online, struct child *mailbox)
{
	int64_t began_ms = clock_mono_ms();
	struct wire_probed probed = {.text = ""};
	struct err err = {0};

	for (;;) {
		if (probe(online, mailbox, online->token, &probed, &err) < 0) {
			complain(online, ADVICE_MAILBOX, &err);
			return;
		}
		int64_t took_ms = clock_mono_ms() - began_ms;
		if (probed.found) {
			say("mailbox",
			    "the mail came after %lld s and lies in %s; the "
			    "daemon files it as its own, you may delete it",
			    (long long)((took_ms + 500) / 1000), probed.text);
			return;
		}
		if (took_ms > ARRIVAL_MS)
			break;
		(void)usleep(LOOK_EVERY_MS * US_PER_MS);
	}
	say("mailbox",
	    "the mail has not come within %d s; look for \"%s\" in a while. If "
	    "it never comes: does mail to %s go into this mailbox?",
	    ARRIVAL_MS / 1000, online->token,
	    online->settings->partnership.address);
}

/* --- outgoing -------------------------------------------------------------------- */

static int
write_mail(struct online *online, struct wire_deliver *mail, struct buf *mime,
    struct err *err)
{
	const struct settings_partnership *us = &online->settings->partnership;
	const char *at = strchr(us->address, '@');
	int64_t now_at = clock_now(online->clock);
	const char *id =
	    arena_printf(online->arena, "<%s%s>", online->token, at);
	const struct compose_mail composed = {
	    .from_name = us->name,
	    .from_address = us->address,
	    .to_name = us->name,
	    .to_address = us->address,
	    .original_to = "",
	    .subject = arena_printf(online->arena, "[%s] Test mail, %s",
		us->short_name, online->token),
	    .date_at = now_at,
	    .message_id = id,
	    .in_reply_to = "",
	    .references = "",
	    .kind = "notice",
	    .ref = "",
	    .instance = "",
	    .origin = ORIGIN_STARTED,
	    .text = "Hello\n\nThis is a test. It shows that lscpd can send "
		    "mail.\nYou do not need to do anything. You may delete "
		    "it.\n",
	    .html = "<p>Hello</p><p>This is a test. It shows that lscpd can "
		    "send mail.<br>You do not need to do anything. You may "
		    "delete it.</p>",
	};

	compose_init();
	int code = compose_write(&composed, mime, err);
	*mail = (struct wire_deliver){
	    .outbox_id = 1,
	    .queued_at = now_at,
	    .instance = "",
	    .message_id = id,
	    .envelope_to = us->address,
	    .mime = mime->data,
	    .mime_bytes = mime->len,
	};
	return code;
}

/* 0 where the server took it; ERR_INPUT where it wants this one mail not. */
static int
deliver(struct online *online, struct child *courier,
    const struct wire_deliver *mail, struct err *err)
{
	static const enum err_code codes[] = {
	    [DELIVERY_LATER] = ERR_BUSY,
	    [DELIVERY_REFUSED] = ERR_INPUT,
	    [DELIVERY_IN_DOUBT] = ERR_BUSY,
	    [DELIVERY_SERVER_DOWN] = ERR_CONFIG,
	    [DELIVERY_UNREACHABLE] = ERR_BUSY,
	};
	struct wire_delivered done;
	struct child_news news;
	int code = visit_ask(courier, FRAME_DELIVER, mail,
	    patience_ms(&online->settings->outgoing.server), &news, err);

	if (code == 0)
		code = treaty_decode(online->arena, &news.frame, &done, err);
	if (code != 0 || done.result == DELIVERY_SENT)
		return code;
	return err_set(err, codes[done.result], BLAME_OPERATOR, "%s",
	    done.text);
}

/* As answers leave; where that sender is refused, as all else does. */
static int
deliver_either_way(struct online *online, struct child *courier,
    struct wire_deliver *mail, struct err *err)
{
	bool null_sender = online->settings->outgoing.null_sender;
	struct err first;

	mail->envelope_from =
	    null_sender ? "" : online->settings->partnership.address;
	int code = deliver(online, courier, mail, &first);
	*err = first;
	if (code == ERR_INPUT && null_sender) {
		mail->envelope_from = online->settings->partnership.address;
		code = deliver(online, courier, mail, err);
		if (code == 0)
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "%s; with our address as sender it takes the mail: "
			    "write null-sender = false into outgoing { }",
			    first.text);
		*err = first;
	}
	if (code == ERR_INPUT)
		err->code = ERR_CONFIG;
	return code;
}

static bool
send_by_server(struct online *online)
{
	const struct settings *s = online->settings;
	struct wire_config config = server_config_courier(online->arena, s);
	struct child *courier = child_new(CHILD_COURIER, NULL, &config);
	struct server_url url = {.port = 0};
	struct buf mime CLEANUP(buf_done);
	struct wire_deliver mail;
	struct err err = {0};

	buf_init(&mime, LIMIT_MAIL_BYTES);
	int code = server_url_parse(s->outgoing.server.url, &url, &err);
	if (code == 0)
		code = write_mail(online, &mail, &mime, &err);
	if (code == 0)
		code = deliver_either_way(online, courier, &mail, &err);
	child_stop(courier, STOP_WAIT_MS);
	child_free(courier);
	if (code == 0)
		say("outgoing", "%s%s%s took a mail to ourselves (%s)",
		    url.host, url.user[0] == '\0' ? "" : " let us in as ",
		    url.user[0] == '\0'
			? ""
			: arena_printf(online->arena, "%s and", url.user),
		    online->token);
	else
		complain(online, ADVICE_OUTGOING, &err);
	return code == 0;
}

/* Something else takes mail from there: none is made up for it. */
static void
check_outbox(struct online *online, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *parent = arena_strndup(online->arena, path,
	    slash == path ? 1 : (size_t)(slash - path));
	bool is_there = access(path, F_OK) == 0;
	struct err err;

	if (access(is_there ? path : parent, W_OK | X_OK) == 0) {
		say("outgoing", "the Maildir %s %s", path,
		    is_there ? "can be written; no mail was put there"
			     : "will be made by the first start");
		return;
	}
	(void)err_system(&err, "Maildir %s", path);
	err.code = ERR_CONFIG;
	complain(online, ADVICE_OUTGOING, &err);
}

/* True where a mail is on its way to us. */
static bool
check_outgoing(struct online *online)
{
	const char *path = online->settings->outgoing.server.path;

	if (path[0] == '\0')
		return send_by_server(online);
	check_outbox(online, path);
	return false;
}

/* --- the whole -------------------------------------------------------------------- */

static void
make_token(char token[static TOKEN_BYTES])
{
	uint64_t random = 0;

	/* One that is not random is no harm: it is looked for at once. */
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	(void)snprintf(token, TOKEN_BYTES, "check-%012llx",
	    (unsigned long long)(random & 0xffffffffffff));
}

int
online_check(const struct settings *settings, const struct clock *clock)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	struct online online = {settings, clock, arena, "", EX_OK};
	struct wire_config config =
	    server_config_mailbox(arena, settings, "/var/tmp", SERVER_TO_PROBE);
	struct child *mailbox = child_new(CHILD_MAILBOX, NULL, &config);

	(void)signal(SIGPIPE, SIG_IGN);
	(void)date_set_zone(settings->partnership.timezone); /* was checked */
	make_token(online.token);
	say_secrets(&online);
	bool may_look = look_around(&online, mailbox);
	if (check_outgoing(&online) && may_look)
		wait_for_mail(&online, mailbox);
	child_stop(mailbox, STOP_WAIT_MS);
	child_free(mailbox);
	return online.status;
}
