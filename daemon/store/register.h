/*
 * The register: agencies, contacts, groups, members, priorities, as the
 * partnership keeps them in CSV files. Import and export, and every look-up
 * that trust, routing and the handlers need. Nobody is ever deleted.
 */
#ifndef LSCPD_STORE_REGISTER_H
#define LSCPD_STORE_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/* --- import and export ------------------------------------------------- */

enum register_mode {
	REGISTER_APPLY,
	REGISTER_DRY_RUN
};

enum register_line_kind {
	REGISTER_PROBLEM, /* `file:line: what, and what would be right` */
	REGISTER_CHANGE,  /* `added agency LGT`, `changed contact …: phone` */
};

typedef void (*register_line_fn)(void *ctx, enum register_line_kind kind,
    const char *text);

struct register_import {
	const char *folder;
	enum register_mode mode;
	int32_t today_day; /* the date that closes what is missing */
	register_line_fn line;
	void *ctx;
	size_t ret_problems, ret_changes;
};

/*
 * Inside the caller's transaction, in a savepoint of its own: all or nothing.
 * ERR_INPUT where any row is wrong (each was told through `line`); by
 * REGISTER_DRY_RUN nothing stays, and the return code is that of the real run.
 */
int register_import(struct store *store, struct register_import *import,
    struct err *err);
/* The same five files, so that importing them again changes nothing. The
 * folder is made where it is missing. */
int register_export(struct store *store, const char *folder, struct err *err);

/* --- agencies ---------------------------------------------------------- */

struct agency {
	int64_t id;
	const char *code, *name, *sector, *statutory_partner, *domains;
	const char *parent; /* code of the agency whose leads may send for it */
	const char *mail;   /* full, reference-only */
	const char *proof;  /* "", dmarc, dkim, spf, confirm */
	const char *urn, *terms;
	int32_t active_from_day, active_to_day;
};

struct agencies {
	struct agency *items;
	size_t count;
};

/*
 * By code, URN, alias or name as people write it. Returns how many fit: 0, 1, or 2
 * for several (a code is never shared); filled for 1 only.
 */
int agency_find(struct store *store, struct arena *arena, const char *text,
    struct agency *ret_agency, struct err *err);
int agency_get(struct store *store, struct arena *arena, int64_t id,
    struct agency *ret_agency, struct err *err);
/* Those active on that day, by code. */
int agency_list(struct store *store, struct arena *arena, int32_t day,
    struct agencies *ret_agencies, struct err *err);
bool agency_is_active(const struct agency *agency, int32_t day);

/* --- contacts ---------------------------------------------------------- */

enum contact_role {
	ROLE_STAFF = 1 << 0,
	ROLE_LEAD = 1 << 1,
	ROLE_DEPUTY = 1 << 2,
	ROLE_EXECUTIVE = 1 << 3,
	ROLE_GOVERNOR = 1 << 4,
	ROLE_DATA = 1 << 5,
	ROLE_MEMBER = 1 << 6,
	ROLE_SCRUTINEER = 1 << 7,
	ROLE_ANY = (1 << 8) - 1,
};

/* 0 for a word that is no role. */
unsigned role_of_word(const char *word);
/* `lead;data` */
const char *role_words(struct arena *arena, unsigned roles);

struct contact_agency {
	int64_t id;
	const char *code, *name;
};

struct contact {
	int64_t id;
	const char *email; /* lower case */
	const char *name, *title, *phone;
	unsigned roles; /* enum contact_role */
	bool shared;    /* an office address: may send, may not sign */
	bool left;
	int64_t deputy;     /* another contact */
	int32_t away_day;   /* away until this day, by the register */
	int32_t absent_day; /* the same, read from an out-of-office mail */
	int64_t bounced_at;
	struct contact_agency *agencies; /* the first is the main one */
	size_t agency_count;
};

struct contacts {
	struct contact *items;
	size_t count;
};

/* By address or alias, in any case; those who left are found too. */
int contact_find(struct store *store, struct arena *arena, const char *address,
    struct contact *ret_contact, struct err *err);
int contact_get(struct store *store, struct arena *arena, int64_t id,
    struct contact *ret_contact, struct err *err);
/* By name, as people write it; nobody who left. Returns 0, 1, or 2 for
 * several; filled for 1 only. */
int contact_find_name(struct store *store, struct arena *arena,
    const char *name, struct contact *ret_contact, struct err *err);

/* Of an agency (0: of any), with any of `roles`, nobody who left; by name. */
struct contact_filter {
	int64_t agency;
	unsigned roles;
};

int contact_list(struct store *store, struct arena *arena,
    struct contact_filter filter, struct contacts *ret_contacts,
    struct err *err);
bool contact_has_agency(const struct contact *contact, int64_t agency);
/* Not left, not bounced, not away on that day. */
bool contact_is_reachable(const struct contact *contact, int32_t day);

/* The clerk's own marks; never imported, never exported. */
int contact_set_bounced(struct store *store, int64_t id, int64_t at,
    struct err *err);
int contact_clear_bounced(struct store *store, int64_t id, struct err *err);
int contact_set_absent(struct store *store, int64_t id, int32_t until_day,
    struct err *err);

/* --- groups ------------------------------------------------------------ */

struct group {
	int64_t id;
	const char *code, *name, *kind, *quorum;
	int papers_days, minutes_days;
	int32_t closed_day;
};

/* By code or name; closed groups are not found. Returns 0, 1, or 2 for
 * several of one name. */
int group_find(struct store *store, struct arena *arena, const char *text,
    struct group *ret_group, struct err *err);
int group_get(struct store *store, struct arena *arena, int64_t id,
    struct group *ret_group, struct err *err);

struct groups {
	struct group *items;
	size_t count;
};

/* All but closed ones, by code. */
int group_list(struct store *store, struct arena *arena,
    struct groups *ret_groups, struct err *err);

struct member_filter {
	int64_t group;
	const char *capacity; /* chair, vice, member …; "" for all */
	int32_t day;          /* members on that day */
};

/* The people of a group in that capacity, by name; nobody who left. */
int group_contacts(struct store *store, struct arena *arena,
    const struct member_filter *filter, struct contacts *ret_contacts,
    struct err *err);

#endif
