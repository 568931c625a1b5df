/*
 * Where forms, templates and holidays are that came with lscpd.
 */
#ifndef LSCPD_SETTINGS_SHARED_H
#define LSCPD_SETTINGS_SHARED_H

#include "settings/option.h"

/*
 * What lies as `beside` or `installed` beside the settings' file, else what was
 * installed with the program that runs, else what the build was made for.
 */
const char *shared_path(const struct option_reader *reader, const char *beside,
    const char *installed);

#endif
