#include "settings/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

cfg_t *
check_find_section(cfg_t *root, const char *name)
{
	char first[40];
	size_t n = strcspn(name, ".");

	(void)snprintf(first, sizeof(first), "%.*s", (int)n, name);
	cfg_t *section =
	    cfg_size(root, first) > 0 ? cfg_getsec(root, first) : NULL;
	if (section == NULL || name[n] == '\0')
		return section;
	return check_find_section(section, name + n + 1);
}

void
check_complain(const struct checker *c, const char *section, const char *name,
    const char *format, ...)
{
	cfg_t *sec = check_find_section(c->cfg, section);
	cfg_opt_t *opt = sec == NULL ? NULL : cfg_getopt(sec, name);
	char words[500];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	problems_add(c->reader->problems, c->reader->path,
	    sec == NULL ? 0 : conffile_line(sec, opt), "%s: %s", section,
	    words);
}

/* What proves us to a server: one at most. Returns how many there are. */
static size_t
check_proofs(const struct checker *c, const char *section,
    const struct settings_server *server)
{
	const char *const proofs[] = {server->password_file, server->credential,
	    server->oauth2};
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(proofs); i++)
		count += proofs[i][0] != '\0';
	if (count > 1)
		check_complain(c, section, "credential",
		    "of password-file, credential and oauth2 only one can "
		    "count; keep one");
	return count;
}

static void
check_login(const struct checker *c, const char *section,
    const struct settings_server *server, const struct server_url *url)
{
	size_t count = check_proofs(c, section, server);

	if (url->user[0] != '\0' && count == 0)
		check_complain(c, section, "url",
		    "the user '%.60s' has no password; write password-file, "
		    "credential or oauth2",
		    url->user);
	if (url->user[0] == '\0' && count > 0)
		check_complain(c, section, "url",
		    "whose password it is, is not said; write "
		    "%s://user@%.100s",
		    url->scheme, url->host);
}

static void
check_tls(const struct checker *c, const char *section,
    const struct settings_server *server, const struct server_url *url)
{
	size_t n = strlen(url->scheme);
	bool is_tls = url->scheme[n - 1] == 's';

	if (is_tls && server->starttls)
		check_complain(c, section, "starttls",
		    "%s:// is TLS from the first byte; take starttls out, "
		    "or write %.*s://",
		    url->scheme, (int)n - 1, url->scheme);
	if (!is_tls && !server->starttls && !server_url_is_loopback(url))
		check_complain(c, section, "starttls",
		    "what goes to %.100s would go in clear; write "
		    "starttls = true, or %ss://",
		    url->host, url->scheme);
}

/* The schemes that a section takes beside maildir:. */
static const struct {
	const char *section, *plain, *tls;
	bool login; /* nobody reads a mailbox without one */
} g_servers[] = {
    {"mailbox", "imap://", "imaps://", true},
    {"outgoing", "smtp://", "smtps://", false},
};

static void
check_mail_server(const struct checker *c, const char *section,
    const struct settings_server *server, bool needs_login)
{
	struct server_url url;
	struct err err;

	if (server_url_parse(server->url, &url, &err) != 0) {
		check_complain(c, section, "url", "'%.100s': %s", server->url,
		    err.text);
		return;
	}
	if (needs_login && url.user[0] == '\0')
		check_complain(c, section, "url",
		    "'%.100s' names no user; write "
		    "%s://name%%40office.example@%.100s/INBOX",
		    server->url, url.scheme, url.host);
	else
		check_login(c, section, server, &url);
	check_tls(c, section, server, &url);
}

void
check_server(const struct checker *c, const char *section,
    struct settings_server *server)
{
	static const char maildir[] = "maildir:";
	const char *url = server->url;
	size_t i = 0;

	server->path = "";
	if (url == NULL)
		return;
	while (strcmp(g_servers[i].section, section) != 0)
		i++;
	if (text_istarts(url, g_servers[i].plain) ||
	    text_istarts(url, g_servers[i].tls))
		check_mail_server(c, section, server, g_servers[i].login);
	else if (!text_istarts(url, maildir) || url[strlen(maildir)] == '\0')
		check_complain(c, section, "url",
		    "'%.100s' is not understood; use maildir:PATH or "
		    "%suser@host",
		    url, g_servers[i].tls);
	else
		server->path = option_path(c->reader, url + strlen(maildir));
	if (*server->path != '\0')
		(void)check_proofs(c, section, server);
}

static void
check_secret(const struct checker *c, const struct settings_oauth2 *one)
{
	bool has_file = one->client_secret_file[0] != '\0';
	bool has_credential = one->credential[0] != '\0';

	if (has_file == has_credential)
		check_complain(c, "oauth2", "client-secret-file",
		    "\"%.60s\" needs its client secret from one place; write "
		    "client-secret-file = \"…\" or credential = \"…\"",
		    one->name);
}

void
check_oauth2_sections(const struct checker *c)
{
	for (size_t i = 0; i < c->settings->oauth2_count; i++) {
		const struct settings_oauth2 *one = &c->settings->oauth2[i];
		struct server_url url = {.port = 0};
		struct err err = {.text = ""};
		check_secret(c, one);
		if (one->token_url == NULL)
			continue;
		int code = server_url_parse(one->token_url, &url, &err);
		if (code != 0 || (strcmp(url.scheme, "https") != 0 &&
				     (strcmp(url.scheme, "http") != 0 ||
					 !server_url_is_loopback(&url))))
			check_complain(c, "oauth2", "token-url",
			    "'%.150s' is no address that tokens come from; "
			    "write https://…",
			    one->token_url);
	}
}
