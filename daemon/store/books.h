/*
 * The five files of the register and what stands behind them in the database:
 * which columns, how a row is found again, how it is read, written and closed.
 * Import, its checks and export share these tables.
 */
#ifndef LSCPD_STORE_BOOKS_H
#define LSCPD_STORE_BOOKS_H

#include "store/sheet.h"
#include "store/sql.h"

enum book_kind {
	BOOK_AGENCIES,
	BOOK_CONTACTS,
	BOOK_GROUPS,
	BOOK_MEMBERS,
	BOOK_PRIORITIES,
	BOOK_COUNT,
};

/* The columns of the specs, in their order. */
enum agency_column {
	AGENCY_CODE,
	AGENCY_NAME,
	AGENCY_SECTOR,
	AGENCY_PARTNER,
	AGENCY_DOMAINS,
	AGENCY_ALIASES,
	AGENCY_FROM,
	AGENCY_TO,
	AGENCY_URN,
	AGENCY_PARENT,
	AGENCY_MAIL,
	AGENCY_PROOF,
	AGENCY_TERMS,
};

enum contact_column {
	CONTACT_EMAIL,
	CONTACT_NAME,
	CONTACT_AGENCY,
	CONTACT_ROLES,
	CONTACT_DEPUTY,
	CONTACT_ALIASES,
	CONTACT_STATUS,
	CONTACT_TITLE,
	CONTACT_PHONE,
	CONTACT_SHARED,
};

enum group_column {
	GROUP_CODE,
	GROUP_NAME,
	GROUP_KIND,
	GROUP_QUORUM,
	GROUP_PAPERS,
	GROUP_MINUTES,
};

enum member_column {
	MEMBER_GROUP,
	MEMBER_EMAIL,
	MEMBER_CAPACITY,
	MEMBER_VOTING,
	MEMBER_FROM,
	MEMBER_TO,
};

enum priority_column {
	PRIORITY_CODE,
	PRIORITY_TITLE,
	PRIORITY_OWNER,
	PRIORITY_FROM,
	PRIORITY_TO,
};

enum {
	BOOK_KEY_COLUMNS = 4
};

typedef int (*book_write_fn)(struct store *store, struct arena *arena,
    const char *const *cells, struct err *err);

struct book {
	struct sheet_spec sheet;
	const char *noun;           /* agency, contact … */
	int keys[BOOK_KEY_COLUMNS]; /* columns that name a row; -1 ends */
	/* The columns of the sheet, then 1 where the row is closed on :today
	 * (with "" for it: where an import could not read it again). */
	const char *select;
	const char *closing; /* what closing it sets, in words */
	book_write_fn write; /* adds or changes a row */
	/* Second turn, once all rows stand; NULL for none. */
	book_write_fn link;
	book_write_fn close; /* cells: those of the database, then the day */
};

extern const struct book g_books[BOOK_COUNT];

/* The text that names a row. */
const char *book_key(struct arena *arena, const struct book *book,
    const char *const *cells);

/* Checks between rows and files; what is wrong is told. */
void register_check(struct teller *teller, struct sheet sheets[BOOK_COUNT]);

#endif
