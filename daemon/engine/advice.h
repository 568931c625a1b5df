/*
 * What an administrator does about a server that does not do what it should:
 * for `lscpd --check --online`, which has room for more than a line of the log.
 */
#ifndef LSCPD_ENGINE_ADVICE_H
#define LSCPD_ENGINE_ADVICE_H

#include "base/arena.h"
#include "settings/settings.h"

enum advice_section {
	ADVICE_MAILBOX,
	ADVICE_OUTGOING
};

/*
 * Lines of words for a failure that mailbox or courier told in `text`; NULL
 * behind the last.
 */
const char *const *advice_for(const struct settings *settings,
    enum advice_section section, const char *text, struct arena *arena);

#endif
