#include "parser/bounce.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "parser/report.h"
#include "parser/words.h"

enum {
	MAX_LINES = 400, /* of a body: the words come first */
	MAX_ADDRESS = 254,
};

static const char *const g_robots[] = {"mailer-daemon", "mailerdaemon",
    "postmaster", "mail-daemon", "maildaemon", "mail.daemon", "mailsystem",
    "mail-system", "mmdf", "mdaemon", "no-reply@", "noreply@", "bounce",
    "microsoftexchange", "mailbounce", "automaticadministrator",
    "administrator@", "daemon@", "uucp@", "exchange@", "nobody@", "complaints",
    "info@", "post_master", "mail_", "listserv", NULL};

static const char *const g_robot_names[] = {"mail delivery",
    "mail administrator", "mail delivery subsystem", "system administrator",
    "system attendant", "mail system", "postmaster", "mailer-daemon",
    "mailer daemon", "delivery subsystem", "internet mail delivery",
    "mail router", "smtp gateway", "amazon", "virus", "mdaemon",
    "electronic mail", "microsoft outlook", NULL};

static const char *const g_subjects[] = {"undeliver", "undelivered",
    "delivery status", "delivery failure", "delivery fail",
    "delivery notification", "delivery problem", "failure notice",
    "failure delivery", "returned mail", "returned to sender", "return receipt",
    "mail delivery", "mail system error", "delivery error", "non-delivery",
    "nondeliverable", "could not be delivered", "not delivered",
    "delivery report", "unzustellbar", "non remis", "mail failure",
    "message rejected", "message bounced", "bounced", "mail could not",
    "returned email", "mail error", "message delayed", "delivery delayed",
    "warning: could not send", "delayed mail", "delivery unsuccessful",
    "unable to deliver", "rejected", "user unknown",
    "permanent delivery failure", "mail not deliver", "mail undeliv",
    "mail warning", "your mail to", "there was an error sending your mail",
    "email error", "message you sent blocked", "lieferung", "email delivery",
    "配信", "エラーメール", "mail failed", "returning to sender",
    "mail delivery failed", NULL};

/* What a server says of a recipient, somewhere in its words. */
static const char *const g_failures[] = {"could not be delivered",
    "couldn't be delivered", "not be delivered", "unable to deliver",
    "undeliver", "delivery failed", "delivery to the following",
    "deliver to the following", "delivery has failed", "failed to deliver",
    "failed permanently", "permanent error", "permanent failure",
    "permanent fatal error", "fatal error", "address failed",
    "addresses failed", "not reach", "user unknown", "unknown user",
    "no such user", "does not exist", "unknown address", "rejected",
    "returned mail", "couldn't be found", "mailbox full", "over quota",
    "quota exceeded", "bounced", "mailbox unavailable", "was not delivered",
    "delivery of the following", "not delivered", "error occurred",
    "has been returned", "returned to you", "returned to sender", "giving up",
    "host unknown", "recipient unknown", "unroutable", "invalid address",
    "delivery delayed", "delayed", "not yet been delivered",
    "still being retried", "unzustellbar", "nicht zugestellt",
    "could not deliver", "failure to deliver", "unable to send",
    "unable to relay", "relaying denied", "delivery error", "disabled",
    "not a valid", "invalid recipient", "recipients failed", "cannot deliver",
    "can't deliver", "could not send", "no mailbox", "not listed in",
    "undefined mail", "配信できません", "deferred", "cannot send message",
    "invalid user", "no valid recipients", "trouble delivering",
    "permanent errors", "delivery errors", NULL};

static const char *const g_delays[] = {"delayed", "will be retried",
    "not yet been delivered", "still trying", "will keep trying",
    "do not need to resend", "no action is required", "warning message only",
    "warning only", "continue to retry", "will continue to", NULL};

/* Behind these the returned mail begins, which names other addresses. */
static const char *const g_copies[] = {"this is a copy of",
    "below this line is a copy", "original message follows",
    "original message ---", "unsent message", "message header follows",
    "message headers follow", "header follows", "returned message",
    "the header page of the message", "original message header",
    "text of your original", "message text follows", "-- original message",
    "original mail", "here is a copy of", "included is a copy",
    "your message reads", "your original message", "message contents",
    "start of returned message", "undelivered message follows", NULL};

static const char *const g_header_starts[] = {"received:", "return-path:",
    "mime-version:", "content-type:", "message-id:", "x-mailer:",
    "dkim-signature:", NULL};

/* A line with these and an address is about a recipient. */
static const char *const g_about[] = {"rcpt", "recipient", "unknown", "no such",
    "not exist", "deliver", "mailbox", "user", "address", "failed", "undeliver",
    "reject", "invalid", "quota", "disabled", "to:", "55", "account",
    "was sent to", "mail to", "message to", "reach", "not found", "cannot",
    "full", NULL};

static bool
from_robot(const struct record *r)
{
	const struct record_addresses *lists[] = {&r->from, &r->sender};

	for (size_t l = 0; l < COUNT_OF(lists); l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct record_address *a = &lists[l]->items[i];
			if (words_start(g_robots, a->addr) ||
			    words_inside(g_robot_names, a->name))
				return true;
		}
	}
	return r->from.count == 0;
}

static bool
has_empty_sender(const struct record *r)
{
	const char *path = record_header(r, "Return-Path");

	return path != NULL && strncmp(path + strspn(path, " "), "<>", 2) == 0;
}

bool
bounce_is_possible(const struct context *ctx)
{
	const struct record *r = ctx->record;
	const struct record_report *p = &r->report;

	return p->is_dsn || p->is_mdn || p->is_feedback ||
	       p->recipient_count > 0 || from_robot(r) || has_empty_sender(r) ||
	       record_header(r, "X-Failed-Recipients") != NULL ||
	       words_inside(g_subjects, r->subject);
}

bool
bounce_judge(const struct context *ctx, const char *text)
{
	const struct record *r = ctx->record;
	char *start = arena_strndup(ctx->arena, text, 4000);
	bool robot = from_robot(r) || has_empty_sender(r);
	bool subject = words_inside(g_subjects, r->subject);
	bool words = words_inside(g_failures, start);

	if (record_header(r, "X-Failed-Recipients") != NULL)
		return true;
	/* An out-of-office comes from a robot's empty sender, too. */
	if (robot)
		return (subject && (words || r->report.recipient_count > 0)) ||
		       (words && r->report.recipient_count > 0);
	return subject && words && r->report.recipient_count > 0 &&
	       *r->in_reply_to == '\0';
}

/* Over the lines: how good the evidence gets; all as good; then, if there is
 * none, whatever was passed over at first. */
enum pass {
	PASS_WEIGH,
	PASS_TAKE,
	PASS_LAST
};

static bool
is_address_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

/* The next address in `text`; NULL if there is none. */
static char *
next_address(struct arena *arena, const char **text)
{
	for (const char *at = *text; (at = strchr(at, '@')) != NULL; at++) {
		const char *start = at, *end = at + 1;
		while (start > *text && is_address_char(start[-1]))
			start--;
		while (isalnum((unsigned char)*end) || *end == '-' ||
		       *end == '.' || *end == '_')
			end++;
		while (end > at && end[-1] == '.')
			end--;
		if (start == at || end - at < 3 || end - start > MAX_ADDRESS)
			continue;
		*text = end;
		return arena_strndup(arena, start, (size_t)(end - start));
	}
	return NULL;
}

/*
 * Addresses that are there for another reason than to have failed; a machine's
 * own and the one that is told may have failed, too, if there is no other.
 */
static bool
is_bystander(const struct record *r, const char *addr, enum pass pass)
{
	for (size_t i = 0; i < r->from.count; i++)
		if (text_ieq(r->from.items[i].addr, addr))
			return true;
	if (pass == PASS_LAST)
		return false;
	if (words_start(g_robots, addr) && !text_istarts(addr, "info@"))
		return true;
	for (size_t i = 0; i < r->to.count; i++)
		if (text_ieq(r->to.items[i].addr, addr))
			return true;
	return false;
}

/* The first x.y.z of a status in the text, or "". */
static const char *
find_status(struct arena *arena, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if ((*p != '5' && *p != '4') || p[1] != '.' ||
		    (p > text &&
			(isdigit((unsigned char)p[-1]) || p[-1] == '.')))
			continue;
		size_t a = strspn(p + 2, "0123456789");
		if (a == 0 || a > 3 || p[2 + a] != '.')
			continue;
		size_t b = strspn(p + 3 + a, "0123456789");
		if (b == 0 || b > 3 || p[3 + a + b] == '.')
			continue;
		return arena_strndup(arena, p, 3 + a + b);
	}
	return "";
}

/*
 * How sure is it that this line's address is the failed one? 2: it stands
 * alone or in front (`<a@b>: 550 …`); 1: the words around say so; 0: no.
 */
static int
weigh(const char *line, const char *addr)
{
	size_t len = strlen(addr);
	const char *p = line + strspn(line, " \t<>\"'*-[(|");

	if (strncmp(p, addr, len) == 0 &&
	    (p[len] == '\0' || strchr(" \t>:;,.)\"']", p[len]) != NULL))
		return 2;
	if (text_ifind(line, "rcpt to") != NULL || text_istarts(p, "to:") ||
	    text_istarts(p, "recipient") || text_istarts(p, "failed recipient"))
		return 2;
	return words_inside(g_about, line) ? 1 : 0;
}

/* A run of the body up to where the returned mail begins. */
struct words {
	struct context *ctx;
	const char *action, *status;
	int best;
};

static void
take_line(struct words *w, const char *line, enum pass pass)
{
	struct context *ctx = w->ctx;
	const char *rest = line;
	char *addr;

	while ((addr = next_address(ctx->arena, &rest)) != NULL) {
		if (is_bystander(ctx->record, addr, pass))
			continue;
		int weight = weigh(line, addr);
		bool first = ctx->record->report.recipient_count == 0;
		bool good = pass == PASS_LAST
				? weight == 2
				: weight == w->best && (weight > 0 || first);
		if (pass == PASS_WEIGH) {
			w->best = weight > w->best ? weight : w->best;
		} else if (good) {
			const char *own = find_status(ctx->arena, line);
			report_push(ctx, addr, w->action,
			    *own == '\0' ? w->status : own);
		}
	}
}

static bool
begins_copy(const char *line)
{
	return words_inside(g_copies, line) ||
	       words_start(g_header_starts, line + strspn(line, " >|"));
}

static void
take_lines(struct words *w, const char *text, enum pass pass)
{
	char line[1000];

	for (size_t n = 0; *text != '\0' && n < MAX_LINES; n++) {
		size_t len = strcspn(text, "\n");
		size_t some = len < sizeof(line) ? len : sizeof(line) - 1;
		memcpy(line, text, some);
		line[some] = '\0';
		if (begins_copy(line))
			return;
		take_line(w, line, pass);
		text += len + (text[len] != '\0');
	}
}

void
bounce_read(struct context *ctx, const char *text)
{
	const char *header = record_header(ctx->record, "X-Failed-Recipients");
	char *start = arena_strndup(ctx->arena, text, 4000);
	struct words w = {.ctx = ctx, .best = 0};

	w.status = find_status(ctx->arena, start);
	w.action = words_inside(g_delays, start) && *w.status != '5' ? "delayed"
								     : "failed";
	if (header != NULL) {
		char **list = text_split(ctx->arena, header, ", \t");
		for (; *list != NULL; list++)
			report_push(ctx, *list, w.action, w.status);
	}
	if (text_ifind(start, "Final-Recipient:") != NULL)
		report_fields(ctx, text);
	if (ctx->record->report.recipient_count > 0)
		return;
	take_lines(&w, text, PASS_WEIGH);
	take_lines(&w, text, PASS_TAKE);
	if (ctx->record->report.recipient_count == 0)
		take_lines(&w, text, PASS_LAST);
}
