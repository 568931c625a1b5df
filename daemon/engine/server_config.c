#include "engine/server_config.h"

#include <string.h>

void
server_config_add(struct arena *arena, struct wire_config *config,
    const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	struct wire_setting *item =
	    arena_push(arena, &config->items, &config->count, sizeof(*item));
	*item = (struct wire_setting){name, value};
}

static void
add_oauth2(struct arena *arena, struct wire_config *config,
    const struct settings_oauth2 *oauth2)
{
	const struct wire_setting items[] = {
	    {"oauth2.token-url", oauth2->token_url},
	    {"oauth2.client-id", oauth2->client_id},
	    {"oauth2.client-secret-file", oauth2->client_secret_file},
	    {"oauth2.scope", oauth2->scope},
	    {"oauth2.ca-file", oauth2->ca_file},
	};

	for (size_t i = 0; i < COUNT_OF(items); i++)
		server_config_add(arena, config, items[i].name, items[i].value);
}

struct wire_config
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
		server_config_add(arena, &config, items[i].name,
		    items[i].value);
	for (size_t i = 0; i < settings->oauth2_count; i++)
		if (strcmp(settings->oauth2[i].name, server->oauth2) == 0)
			add_oauth2(arena, &config, &settings->oauth2[i]);
	return config;
}
