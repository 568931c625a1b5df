#include "engine/server_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

static void
add(struct arena *arena, struct wire_config *config, const char *name,
    const char *value)
{
	if (value[0] == '\0')
		return;
	struct wire_setting *item =
	    arena_push(arena, &config->items, &config->count, sizeof(*item));
	*item = (struct wire_setting){name, value};
}

/* A credential is a file in a folder that systemd names. */
static const char *
secret_file(struct arena *arena, const struct settings_oauth2 *oauth2)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (oauth2->credential[0] == '\0')
		return oauth2->client_secret_file;
	return folder == NULL
		   ? arena_printf(arena,
			 "credential %s (which systemd hands on where it "
			 "starts lscpd)",
			 oauth2->credential)
		   : arena_printf(arena, "%s/%s", folder, oauth2->credential);
}

static void
add_oauth2(struct arena *arena, struct wire_config *config,
    const struct settings_oauth2 *oauth2)
{
	const struct wire_setting items[] = {
	    {"oauth2.token-url", oauth2->token_url},
	    {"oauth2.client-id", oauth2->client_id},
	    {"oauth2.client-secret-file", secret_file(arena, oauth2)},
	    {"oauth2.scope", oauth2->scope},
	    {"oauth2.ca-file", oauth2->ca_file},
	};

	for (size_t i = 0; i < COUNT_OF(items); i++)
		add(arena, config, items[i].name, items[i].value);
}

static struct wire_config
server_config(struct arena *arena, const struct settings *settings,
    const struct settings_server *server)
{
	struct wire_config config = {.count = 0};
	const struct wire_setting items[] = {
	    {"url", server->path[0] == '\0'
			? server->url
			: arena_printf(arena, "maildir:%s", server->path)},
	    {"starttls", server->starttls ? "true" : ""},
	    {"password-file", server->password_file},
	    {"credential", server->credential},
	    {"ca-file", server->ca_file},
	    {"proxy", server->proxy},
	    {"timeout", arena_printf(arena, "%d", server->timeout_s)},
	};

	for (size_t i = 0; i < COUNT_OF(items); i++)
		add(arena, &config, items[i].name, items[i].value);
	for (size_t i = 0; i < settings->oauth2_count; i++)
		if (strcmp(settings->oauth2[i].name, server->oauth2) == 0)
			add_oauth2(arena, &config, &settings->oauth2[i]);
	return config;
}

static void
add_folders(struct arena *arena, struct wire_config *config,
    const struct settings_folders *folders)
{
	const struct {
		enum wire_folder folder;
		const char *name;
	} names[] = {
	    {FOLDER_FILED, folders->filed},
	    {FOLDER_PROBLEMS, folders->problems},
	    {FOLDER_ATTENTION, folders->attention},
	    {FOLDER_IGNORED, folders->ignored},
	    {FOLDER_QUARANTINE, folders->quarantine},
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		add(arena, config,
		    arena_printf(arena, "folder.%s",
			wire_folder_name(names[i].folder)),
		    names[i].name);
}

struct wire_config
server_config_mailbox(struct arena *arena, const struct settings *settings,
    const char *spool, enum server_config_use use)
{
	const struct settings_mailbox *mailbox = &settings->mailbox;
	struct wire_config config =
	    server_config(arena, settings, &mailbox->server);
	char since[DATE_TEXT_BYTES] = "";

	if (mailbox->since_day != DAY_NONE)
		date_format_iso(mailbox->since_day, since);
	add(arena, &config, "since", arena_strdup(arena, since));
	add(arena, &config, "idle", mailbox->idle ? "true" : "false");
	if (mailbox->poll_s > 0)
		add(arena, &config, "poll",
		    arena_printf(arena, "%d", mailbox->poll_s));
	add(arena, &config, "spool", spool);
	add(arena, &config, "limit.message",
	    arena_printf(arena, "%lld",
		(long long)settings->limits.message_bytes));
	add_folders(arena, &config, &mailbox->folders);
	add(arena, &config, "probe", use == SERVER_TO_PROBE ? "true" : "");
	return config;
}

struct wire_config
server_config_courier(struct arena *arena, const struct settings *settings)
{
	return server_config(arena, settings, &settings->outgoing.server);
}
