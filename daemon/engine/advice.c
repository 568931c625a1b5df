#include "engine/advice.h"

#include "base/macros.h"
#include "base/text.h"

enum {
	MAILBOX = 1 << ADVICE_MAILBOX,
	OUTGOING = 1 << ADVICE_OUTGOING,
	BOTH = MAILBOX | OUTGOING,
	MICROSOFT = 1 << 2, /* only there */
	LINES_MAX = 8,
};

/*
 * By words of the failure, as children and servers put it. All lines of the
 * first group that fits are told; a line without words of its own belongs to
 * the one above.
 */
static const struct advice {
	const char *word;
	int where;
	const char *line;
} g_advice[] = {
    {"disk", BOTH, "make room on the disk, or lower what uses it"},
    {"No space", BOTH, "make room on the disk"},
    {"Permission denied", BOTH,
	"run this check as the user that lscpd runs as, and give that user "
	"the right to read and write there"},
    {"credential", BOTH,
	"credentials are handed on by systemd alone; README.md says how this "
	"check is run with them"},
    {"password-file", BOTH,
	"put the password into that file, on one line, for its owner alone "
	"(chmod 600)"},
    {"certificate", BOTH,
	"look at it with: openssl s_client -showcerts -connect HOST:PORT "
	"(with -starttls imap or -starttls smtp where that is used)"},
    {"gives no token", BOTH,
	"compare token-url, client-id and scope of the section oauth2 with "
	"the app registration; the secret is its value, not its id, and ends "
	"on a day: write that day as secret-expires"},
    {"token server", BOTH,
	"is token-url right, and may this machine connect to it by https (a "
	"firewall, a proxy)?"},
    {"STARTTLS", BOTH,
	"use the port that is TLS from the first byte (imaps:// 993, smtps:// "
	"465), or ask who runs the server; in clear nothing is ever sent"},
    {"does not let", MAILBOX | MICROSOFT,
	"has New-ServicePrincipal been run, with the object id of the "
	"enterprise application (not of the app registration)?"},
    {NULL, MAILBOX | MICROSOFT,
	"is IMAP.AccessAsApp there as application permission, with admin "
	"consent?"},
    {NULL, MAILBOX | MICROSOFT,
	"has the application FullAccess: Add-MailboxPermission -Identity "
	"ADDRESS -User OBJECT-ID -AccessRights FullAccess? It takes up to an "
	"hour"},
    {NULL, MAILBOX | MICROSOFT,
	"is IMAP on for the mailbox: Get-CASMailbox ADDRESS, ImapEnabled?"},
    {"does not let", MAILBOX,
	"log in with the same user and password by a mail program; some "
	"servers want the whole address as user, some a password for "
	"applications"},
    {"token for", OUTGOING | MICROSOFT,
	"is SMTP AUTH on for the mailbox: Set-CASMailbox -Identity ADDRESS "
	"-SmtpClientAuthenticationDisabled $false?"},
    {NULL, OUTGOING | MICROSOFT,
	"is SMTP.SendAsApp there as application permission, with admin "
	"consent?"},
    {NULL, OUTGOING | MICROSOFT,
	"has New-ServicePrincipal been run, with the object id of the "
	"enterprise application, and Add-MailboxPermission for it?"},
    {"the login of", OUTGOING | MICROSOFT,
	"Microsoft 365 ends logins by password; use oauth2"},
    {"the login of", OUTGOING,
	"log in with the same user and password by a mail program; some "
	"servers want the whole address as user, some a password for "
	"applications"},
    {"offers no login", OUTGOING,
	"is it the port for submission (465 or 587), and not 25?"},
    {"SendAs", OUTGOING,
	"the user of outgoing.url must be allowed to send as the "
	"partnership's address: best, it is the same mailbox"},
    {"cannot be found", BOTH,
	"is the host's name in the url right, and does this machine resolve "
	"names: getent hosts HOST?"},
    {"", BOTH,
	"are host and port in the url right, and may this machine connect to "
	"them (a firewall, a proxy)?"},
};

static bool
is_microsoft(const struct settings *settings, enum advice_section section)
{
	const char *url = section == ADVICE_MAILBOX
			      ? settings->mailbox.server.url
			      : settings->outgoing.server.url;

	return text_ifind(url, "office365.com") != NULL ||
	       text_ifind(url, "outlook.com") != NULL;
}

static bool
fits(const struct advice *one, int where, const char *text)
{
	return one->word != NULL && (one->where & where & BOTH) != 0 &&
	       (one->where & MICROSOFT & ~where) == 0 &&
	       text_ifind(text, one->word) != NULL;
}

const char *const *
advice_for(const struct settings *settings, enum advice_section section,
    const char *text, struct arena *arena)
{
	const char **lines = arena_array(arena, LINES_MAX, sizeof(*lines));
	int where = 1 << section;
	size_t i = 0, n = 0;

	if (is_microsoft(settings, section))
		where |= MICROSOFT;
	while (!fits(&g_advice[i], where, text))
		i++; /* the last one always fits */
	do
		lines[n++] = g_advice[i++].line;
	while (n + 1 < LINES_MAX && i < COUNT_OF(g_advice) &&
	       g_advice[i].word == NULL);
	lines[n] = NULL;
	return lines;
}
