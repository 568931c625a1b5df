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

void
check_login(const struct checker *c, const char *section,
    const struct settings_server *server, const struct server_url *url)
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

void
check_smtp(const struct checker *c, const char *section,
    struct settings_server *server)
{
	struct server_url url;
	struct err err;

	server->path = "";
	if (server_url_parse(server->url, &url, &err) != 0) {
		check_complain(c, section, "url", "'%.100s': %s", server->url,
		    err.text);
		return;
	}
	check_login(c, section, server, &url);
	bool is_tls = strcmp(url.scheme, "smtps") == 0;
	if (is_tls && server->starttls)
		check_complain(c, section, "starttls",
		    "smtps:// is TLS from the first byte; take starttls out, "
		    "or write smtp://");
	if (!is_tls && !server->starttls && !server_url_is_loopback(&url))
		check_complain(c, section, "starttls",
		    "mail to %.100s would go in clear; write starttls = true, "
		    "or smtps://",
		    url.host);
}

void
check_oauth2_urls(const struct checker *c)
{
	for (size_t i = 0; i < c->settings->oauth2_count; i++) {
		const struct settings_oauth2 *one = &c->settings->oauth2[i];
		struct server_url url = {.port = 0};
		struct err err = {.text = ""};
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
