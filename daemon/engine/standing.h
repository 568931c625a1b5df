/*
 * How intake and sending stand, in a line for `systemctl status`. It says what
 * `lscpctl status` says, by the same rows of the database.
 */
#ifndef LSCPD_ENGINE_STANDING_H
#define LSCPD_ENGINE_STANDING_H

#include "engine/engine.h"

/* Before a sleep: tell the service manager, if there is one and news. */
void standing_tell(struct engine *engine);

#endif
