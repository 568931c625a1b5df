/*
 * lscpd.conf as one struct: read, checked and made absolute once, at start.
 * Whoever gets a `const struct settings *` may rely on it: addresses look like
 * addresses, the zone exists, files of holidays are read. Nothing here is ever
 * NULL; what was not set has its default or "".
 */
#ifndef LSCPD_SETTINGS_SETTINGS_H
#define LSCPD_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/problems.h"
#include "domain/workday.h"

struct settings_list {
	const char **items;
	size_t count;
};

struct settings_partnership {
	const char *name, *short_name; /* short: LSCP */
	const char *address;           /* lower case */
	struct settings_list aliases;  /* further addresses, lower case */
	const char *phone, *timezone;
	const char *marking; /* OFFICIAL */
	const char *concern; /* the line at the foot of every mail */
};

/* How to reach a server; all but `url` and `path` is for servers. */
struct settings_server {
	const char *url;  /* as written */
	const char *path; /* of maildir:PATH, absolute; else "" */
	const char *password_file, *credential, *oauth2, *ca_file, *proxy;
	bool starttls;
	int timeout_s;
};

/* Names of the mailbox's folders; the inbox is the mailbox itself. */
struct settings_folders {
	const char *filed, *problems, *attention, *ignored, *quarantine;
};

struct settings_mailbox {
	struct settings_server server;
	struct settings_folders folders;
	int32_t since_day; /* older mail is left alone; DAY_NONE: all is read */
	int poll_s;        /* as it was written; 0: see settings_poll_s() */
	bool idle;
};

enum settings_mode {
	MODE_LIVE,
	MODE_SUPERVISED,
	MODE_REDIRECT
};

struct settings_outgoing {
	struct settings_server server;
	enum settings_mode mode;
	struct settings_list hold; /* kinds that wait when supervised */
	const char *redirect;      /* who gets all of it when redirected */
	bool null_sender;          /* answers leave with the empty sender */
};

struct settings_oauth2 {
	const char *name, *token_url, *client_id, *scope;
	const char *client_secret_file, *credential; /* one of them */
	const char *ca_file;
	int32_t secret_expires_day; /* DAY_NONE if not said */
};

enum settings_trust_profile {
	TRUST_RFC8601,
	TRUST_M365,
	TRUST_NONE
};

enum settings_trust_require {
	REQUIRE_DMARC,
	REQUIRE_DKIM
};

struct settings_trust {
	enum settings_trust_profile profile;
	enum settings_trust_require require;
	const char *authserv_id; /* lower case */
	int hops;
};

struct settings_digest {
	int at_minute;           /* local minutes since midnight */
	struct settings_list to; /* role words or addresses */
};

struct settings_limits {
	int64_t message_bytes;
	int answers_per_hour, answers_per_day; /* for a proven contact */
	int answers_per_day_others;
};

struct settings {
	const char *file;   /* absolute */
	const char *folder; /* of the file */
	struct settings_partnership partnership;
	struct settings_mailbox mailbox;
	struct settings_outgoing outgoing;
	const struct settings_oauth2 *oauth2;
	size_t oauth2_count;
	const char *store_path;
	int64_t min_free_bytes;
	const char *forms_path, *templates_path, *holidays_file;
	struct holidays holidays;
	struct settings_trust trust;
	struct settings_digest digest;
	struct settings_limits limits;
	int training_target; /* percent */
};

/*
 * Read `path`. What is wrong goes to `problems`, all of it in one go, and
 * ERR_CONFIG; then there are settings only where the file could be read to its
 * end, to look for more problems in what they name, and for nothing else (else
 * `*ret_settings` is untouched). Does not change the process's zone.
 */
int settings_load(const char *path, struct problems *problems,
    struct settings **ret_settings, struct err *err);
void settings_free(struct settings *settings);

/* Is this address one of the partnership's own, in any case? */
bool
settings_is_own_address(const struct settings *settings, const char *address);
/* Mailbox and outgoing are Maildirs, or servers on loopback: a clock that is
 * not the real one does no harm. */
bool settings_is_local(const struct settings *settings);
/* The longest time between two looks at the mailbox; the mailbox itself asks
 * for more of them where nothing tells it of new mail. */
int settings_poll_s(const struct settings *settings);
/* Does mail of this kind wait for a person's word? */
bool settings_holds(const struct settings *settings, const char *kind);

/*
 * "the client secret of oauth2 "m365" ends on 2027-11-01: …" from 60 days
 * before that day on; NULL where nothing is to be said. In `arena`.
 */
const char *settings_secret_warning(const struct settings_oauth2 *one,
    struct arena *arena, int32_t today);

#endif
