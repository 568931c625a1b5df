/*
 * The audit trail: append-only, each row's hash runs over the hash before it
 * and the row, so that a changed or a missing row shows. And `verify`, which
 * asks the whole database whether it is sound.
 */
#ifndef LSCPD_STORE_AUDIT_H
#define LSCPD_STORE_AUDIT_H

#include <stdint.h>

#include "store/db.h"

struct audit {
	int64_t at;
	const char
	    *actor; /* clerk, staff, or a contact's id: never an address */
	const char *verb;
	const char *ref;
	const char
	    *detail; /* references and digests, never text or addresses */
};

int audit_add(struct store *store, const struct audit *audit, struct err *err);

/* One line for each thing that is not sound. */
typedef void (*verify_line_fn)(void *ctx, const char *text);

struct verify {
	verify_line_fn line;
	void *ctx;
	size_t ret_findings;                  /* 0: sound */
	int64_t ret_messages, ret_audit_rows; /* how much was looked at */
};

/* The chain alone. */
int audit_verify(struct store *store, struct verify *verify, struct err *err);
/*
 * The chain; SQLite's own checks; each message's raw bytes against its digest
 * and size; each return's versions, answers and state against each other; the
 * sequences against the references given. Negative only where the asking
 * itself fails.
 */
int store_verify(struct store *store, struct verify *verify, struct err *err);

#endif
