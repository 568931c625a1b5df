/*
 * What must fit together in lscpd.conf beyond the value of one option: how to
 * say it at the right line, and what holds for servers. Inside the room
 * settings only.
 */
#ifndef LSCPD_SETTINGS_CHECK_H
#define LSCPD_SETTINGS_CHECK_H

#include "base/server_url.h"
#include "settings/option.h"

struct checker {
	const struct option_reader *reader;
	cfg_t *cfg;
	struct settings *settings;
};

/* "mailbox.folders" below the root; NULL where it is not in the file. */
cfg_t *check_find_section(cfg_t *root, const char *name);

/* At the line of the option where it is written, else of its section. */
void check_complain(const struct checker *c, const char *section,
    const char *name, const char *format, ...) PRINTF(4, 5);

/*
 * Where mail comes from or goes to, by the section's schemes: a Maildir, or a
 * server with its TLS and its login. Sets the path of a Maildir.
 */
void check_server(const struct checker *c, const char *section,
    struct settings_server *server);
/* Where tokens come from: https, or http on loopback; and by what secret. */
void check_oauth2_sections(const struct checker *c);

#endif
