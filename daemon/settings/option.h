/*
 * The options of lscpd.conf as a table: where each stands, what kind of value
 * it takes, where that goes. Inside the room settings only.
 */
#ifndef LSCPD_SETTINGS_OPTION_H
#define LSCPD_SETTINGS_OPTION_H

#include <stddef.h>

#include "settings/conffile.h"
#include "settings/settings.h"

enum option_kind {
	OPTION_TEXT,      /* const char *, any words */
	OPTION_ADDRESS,   /* const char *, lower case */
	OPTION_PATH,      /* const char *, made absolute */
	OPTION_ZONE,      /* const char *, a name of the zone database */
	OPTION_FOLDER,    /* const char *, a folder of the mailbox */
	OPTION_BOOL,      /* bool */
	OPTION_INT,       /* int, min … max */
	OPTION_SIZE,      /* int64_t bytes, with K, M or G */
	OPTION_DAY,       /* int32_t */
	OPTION_TIME,      /* int, minutes since midnight */
	OPTION_WORD,      /* int-sized enum: the place in `words` */
	OPTION_ADDRESSES, /* struct settings_list */
	OPTION_PEOPLE,    /* struct settings_list: addresses or role words */
	OPTION_KINDS,     /* struct settings_list: kinds of mail */
};

struct option {
	const char *section; /* "mailbox", "mailbox.folders" */
	const char *name;
	enum option_kind kind;
	size_t offset;            /* of the value, in its struct */
	const char *fallback;     /* as it would be written; NULL: required */
	int min, max;             /* of OPTION_INT */
	const char *const *words; /* of OPTION_WORD; NULL-ended */
};

struct option_reader {
	struct arena *arena;
	const char *path;   /* for messages */
	const char *folder; /* relative paths are relative to it */
	struct problems *problems;
};

/* Convert what is set, or the fallback, into `base`. */
void option_read(const struct option_reader *reader,
    const struct option *option, cfg_t *section, void *base);

/* A path as it is meant: absolute, without changing what exists. */
const char *option_path(const struct option_reader *reader, const char *path);

#endif
