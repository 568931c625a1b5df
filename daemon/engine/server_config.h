/*
 * The settings of mailbox and courier as these processes are told them, by
 * the names that wire/treaty.h lists at FRAME_CONFIG.
 */
#ifndef LSCPD_ENGINE_SERVER_CONFIG_H
#define LSCPD_ENGINE_SERVER_CONFIG_H

#include "base/arena.h"
#include "settings/settings.h"
#include "wire/treaty.h"

enum server_config_use {
	SERVER_TO_WORK,
	SERVER_TO_PROBE, /* to look around and make nothing */
};

/* All of it in `arena`; what is not set is left out. `spool`: a folder for
 * large messages. */
struct wire_config
server_config_mailbox(struct arena *arena, const struct settings *settings,
    const char *spool, enum server_config_use use);
struct wire_config
server_config_courier(struct arena *arena, const struct settings *settings);

#endif
