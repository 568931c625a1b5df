/*
 * The database: opening, transactions, savepoints, and the few facts that are
 * kept by key. store/ holds the only callers of sqlite3_*; every other header
 * of this room takes the `struct store` made here.
 *
 * All writes happen inside the caller's transaction; one outside of it is
 * refused (ERR_DATABASE). A message is judged
 * inside a savepoint, a batch of messages is one transaction. After any error
 * of a write ask store_in_transaction(): a full disk may have undone the whole
 * transaction, and then nothing of the batch stands any more.
 *
 * Conventions of this room: `x_find` returns 1 and fills its out-parameter, 0
 * where there is none, or a negative enum err_code. Texts that are read live
 * in the caller's arena and are never NULL. An id of 0 is "none", an instant
 * of 0 is "not yet", a day of DAY_NONE is "no day".
 */
#ifndef LSCPD_STORE_DB_H
#define LSCPD_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct store;

enum store_access {
	STORE_WRITE, /* makes the file and migrates it where needed */
	STORE_READ,  /* refuses a file that is missing or of another schema */
};

/* When a commit is safe on the disk. */
enum store_durable {
	STORE_FULL,   /* it survives a power cut: the default */
	STORE_NORMAL, /* it survives kill -9, and a power cut with the next
		       * full commit */
};

/*
 * WAL, synchronous=FULL, foreign keys on, busy timeout 2 s, no trusted schema,
 * a cache of 4 MiB, no mapping. An existing older file is copied to
 * PATH.before-N before it is migrated; a newer one, or one that is not ours,
 * is refused (ERR_CONFIG). ERR_NOT_FOUND by STORE_READ only.
 */
int store_open(const char *path, enum store_access how,
    struct store **ret_store, struct err *err);
void store_close(struct store *store);
/* For CLEANUP(store_cleanup) on a `struct store *`; NULL is left alone. */
void store_cleanup(struct store **store);

/* BEGIN IMMEDIATE; ERR_BUSY where another process holds the lock. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
/* Never fails; harmless where no transaction is open. */
void store_rollback(struct store *store);
bool store_in_transaction(const struct store *store);

/*
 * One message of a batch. Savepoints nest (register import uses one). After a
 * failure inside: store_rollback_to(), which undoes and ends the innermost
 * savepoint; it fails where the transaction is gone.
 */
int store_savepoint(struct store *store, struct err *err);
int store_release(struct store *store, struct err *err);
int store_rollback_to(struct store *store, struct err *err);

/* For the transactions that follow; only outside of a transaction. */
int store_set_durable(struct store *store, enum store_durable durable,
    struct err *err);
/* Write the log back into the file, as far as readers allow. */
int store_checkpoint(struct store *store, struct err *err);

/* Facts by key: `instance` (16 hex digits made with the database), and
 * whatever the engine keeps. Returns 1 found, 0 not, <0. */
int meta_find(struct store *store, struct arena *arena, const char *key,
    const char **ret_value, struct err *err);
int meta_set(struct store *store, const char *key, const char *value,
    struct err *err);
/* The same for numbers and instants; `*ret_value` is 0 where it is missing. */
int meta_get_number(struct store *store, const char *key, int64_t *ret_value,
    struct err *err);
int meta_set_number(struct store *store, const char *key, int64_t value,
    struct err *err);

/* v_status: until when BRAG, lateness and absences were computed. */
int status_set_as_of(struct store *store, int64_t now_at, int32_t today_day,
    struct err *err);
int status_set_last_sync(struct store *store, int64_t at, struct err *err);

/* How many rows bear a word: outcomes of messages, states of mails. */
struct store_count {
	const char *word;
	int64_t count;
};

struct store_counts {
	struct store_count *items;
	size_t count;
};

#endif
