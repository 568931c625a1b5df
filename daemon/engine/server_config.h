/*
 * A server's settings as mailbox and courier are told them, by the names that
 * wire/treaty.h lists at FRAME_CONFIG.
 */
#ifndef LSCPD_ENGINE_SERVER_CONFIG_H
#define LSCPD_ENGINE_SERVER_CONFIG_H

#include "base/arena.h"
#include "settings/settings.h"
#include "wire/treaty.h"

/* All of it in `arena`; what is not set is left out. */
struct wire_config server_config(struct arena *arena,
    const struct settings *settings, const struct settings_server *server);
/* Add one more; `config` must be of server_config(). */
void server_config_add(struct arena *arena, struct wire_config *config,
    const char *name, const char *value);

#endif
