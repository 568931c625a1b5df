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
 * By words of the failure, as the children put it. All lines of the first
 * group that fits are told; a line without words of its own belongs to the one
 * above. Refused logins come first, since a server's own words are in them.
 */
static const struct advice {
	const char *word;
	int where;
	const char *line;
} g_advice[] = {
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
    {"token for", OUTGOING,
	"give the application the right to send as this mailbox"},
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
    {"systemd", BOTH,
	"credentials are handed on by systemd alone; README.md says how this "
	"check is run with them"},
    {"the secret in", BOTH,
	"the file must be there, with the password or client secret on its "
	"first line; its owner is the user that lscpd and this check run as"},
    {"chmod 600", BOTH, "its owner is the user that lscpd runs as"},
    {"password-file", BOTH,
	"put the password into that file, on one line, for its owner alone "
	"(chmod 600)"},
    {"Maildir", BOTH,
	"run this check as the user that lscpd runs as, and give that user "
	"the right to read and write there"},
    {"certificate", BOTH,
	"look at it with: openssl s_client -showcerts -connect HOST:PORT "
	"(with -starttls imap or -starttls smtp where that is used)"},
    {"gives no token", BOTH,
	"compare token-url, client-id and scope of the section oauth2 with "
	"the app registration; the secret is its value, not its id, and ends "
	"on a day: write that day as secret-expires"},
    {"is out of order", BOTH,
	"try again in a while; the daemon would do so by itself"},
    {"is asked too often", BOTH,
	"try again in a while; the daemon would do so by itself"},
    {"token server", BOTH,
	"is token-url right, and may this machine connect to it by https (a "
	"firewall, a proxy)?"},
    {"STARTTLS", BOTH,
	"use the port that is TLS from the first byte (imaps:// 993, smtps:// "
	"465), or ask who runs the server; in clear nothing is ever sent"},
    {"takes no mail from us", OUTGOING,
	"show these words to whoever runs the server; it may want a login, or "
	"know this machine's address"},
    {"it refused", OUTGOING, "show these words to whoever runs the server"},
    {"not now: ", OUTGOING,
	"try again in a while; the daemon would do so by itself"},
    {"it defers", OUTGOING,
	"try again in a while; the daemon would do so by itself"},
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
