/*
 * A file in libconfuse's syntax, made strict: a file that was cut short is an
 * error, `${…}` is plain text, and each option knows its line, so that a
 * problem of meaning is told with file and line too. Inside the room settings
 * only. Not reentrant: libconfuse's callbacks carry no context.
 */
#ifndef LSCPD_SETTINGS_CONFFILE_H
#define LSCPD_SETTINGS_CONFFILE_H

#include <confuse.h>

#include "base/arena.h"
#include "base/problems.h"

/* Put it first into the options of the root. */
#define CONFFILE_SENTINEL "__end"

/* The validating callback of every option: it notes the line. */
int conffile_note(cfg_t *cfg, cfg_opt_t *opt);

/*
 * Parse `path` by `options` (the caller's, which must outlive the result).
 * Unknown options and sections are all told, and passed over. NULL where the
 * syntax is wrong: libconfuse stops at the first such fault.
 */
cfg_t *
conffile_parse(const char *path, cfg_opt_t *options, struct problems *problems);
/* Frees it; NULL is left alone. */
void conffile_free(cfg_t *cfg);

/* The line of an option that was set, else of its section. */
int conffile_line(const cfg_t *cfg, const cfg_opt_t *opt);
/* Value `index` as it was written. */
const char *
conffile_text(struct arena *arena, cfg_opt_t *opt, unsigned int index);

#endif
