#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/date.h"
#include "base/macros.h"
#include "store/migrate.h"
#include "store/sql.h"

enum {
	BUSY_TIMEOUT_MS = 2000,
	LOOKASIDE_BYTES = 1024, /* small pieces of memory, kept ready */
	LOOKASIDE_SLOTS = 500,
};

static const char SQL_COMMIT[] = "COMMIT";
static const char SQL_ROLLBACK[] = "ROLLBACK";
static const char SQL_SAVEPOINT[] = "SAVEPOINT work";
static const char SQL_RELEASE[] = "RELEASE work";
static const char SQL_ROLLBACK_TO[] = "ROLLBACK TO work";
static const char SQL_META_FIND[] = "SELECT value FROM meta WHERE key = :key";
static const char SQL_META_SET[] =
    "INSERT INTO meta(key, value) VALUES (:key, :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value";

static const char PRAGMAS_ALL[] = "PRAGMA foreign_keys = ON;"
				  "PRAGMA trusted_schema = OFF;"
				  "PRAGMA cache_size = -4096;"
				  "PRAGMA mmap_size = 0;";
/* A checkpoint costs two syncs: every 16 MiB is rare enough in a backlog. */
static const char PRAGMAS_WRITE[] = "PRAGMA journal_mode = WAL;"
				    "PRAGMA synchronous = FULL;"
				    "PRAGMA wal_autocheckpoint = 4000;"
				    "PRAGMA journal_size_limit = 33554432;";
static const char PRAGMAS_READ[] = "PRAGMA query_only = ON;";

/* Made by us, so that only its owner may read it; SQLite gives its log and
 * index the same rights. */
static int
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : err_system(err, "%s", path);
	(void)close(fd); /* nothing was written */
	return 0;
}

/*
 * A message's savepoint remembers the pages that it changes, in memory: within
 * SQLite's own bound of 64 KiB nearly each would go to a temporary file, and
 * with a bound of 128 KiB or more the step from memory to file fails (of what
 * is written at once it takes the length modulo 128 KiB; 3.40). What one
 * message can change is bounded by base/limits.h. And a CHECK (x IN (...)) makes
 * a small table for each row that is written, for which SQLite would take 20
 * pages at once; one by one is far cheaper. No process of ours has threads, and none asks
 * how much memory SQLite holds. Once a process; later calls change nothing.
 */
static void
configure_library(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int
connect_file(struct store *store, enum store_access how, struct err *err)
{
	int flags =
	    how == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

	configure_library();
	if (sqlite3_open_v2(store->path, &store->db,
		flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return sql_fail(store, err);
	(void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_LOOKASIDE, NULL,
	    LOOKASIDE_BYTES, LOOKASIDE_SLOTS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	int failed = sql_script(store, PRAGMAS_ALL, err);
	if (failed == 0)
		failed = sql_script(store,
		    how == STORE_WRITE ? PRAGMAS_WRITE : PRAGMAS_READ, err);
	return failed;
}

static int
open_file(struct store *store, enum store_access how, struct err *err)
{
	int failed = 0;

	if (how == STORE_READ && access(store->path, F_OK) != 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "%s: there is no database yet", store->path);
	if (how == STORE_WRITE)
		failed = make_file(store->path, err);
	if (failed == 0)
		failed = connect_file(store, how, err);
	if (failed < 0)
		return failed;
	return how == STORE_WRITE ? migrate_run(store, schema_current(), err)
				  : migrate_check(store, schema_current(), err);
}

int
store_open(const char *path, enum store_access how, struct store **ret_store,
    struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	BUG_ON(store == NULL);
	store->path = strdup(path);
	BUG_ON(store->path == NULL);
	int failed = open_file(store, how, err);
	if (failed < 0)
		store_close(store);
	else
		*ret_store = store;
	return failed;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < SQL_CACHE_SLOTS; i++)
		(void)sqlite3_finalize(store->cache[i].stmt); /* old error */
	BUG_ON(sqlite3_close(store->db) != SQLITE_OK);
	free(store->path);
	free(store);
}

void
store_cleanup(struct store **store)
{
	store_close(*store);
	*store = NULL;
}

int
store_begin(struct store *store, struct err *err)
{
	BUG_ON(store_in_transaction(store));
	store->depth = 0;
	return sql_script(store, "BEGIN IMMEDIATE", err);
}

int
store_commit(struct store *store, struct err *err)
{
	BUG_ON(store->depth != 0);
	return sql_run(store, SQL_COMMIT, BINDS(), err);
}

void
store_rollback(struct store *store)
{
	struct err ignored = {0};

	/* It fails only where SQLite has rolled back already. */
	if (store_in_transaction(store))
		(void)sql_run(store, SQL_ROLLBACK, BINDS(), &ignored);
	store->depth = 0;
}

bool
store_in_transaction(const struct store *store)
{
	return sqlite3_get_autocommit(store->db) == 0;
}

static int
check_transaction(struct store *store, struct err *err)
{
	if (store_in_transaction(store))
		return 0;
	store->depth = 0;
	return err_set(err, ERR_DATABASE, BLAME_OPERATOR,
	    "the database %s: the transaction was undone", store->path);
}

int
store_savepoint(struct store *store, struct err *err)
{
	int failed = check_transaction(store, err);

	BUG_ON(store->depth >= STORE_DEPTH_MAX);
	if (failed == 0)
		failed = sql_run(store, SQL_SAVEPOINT, BINDS(), err);
	if (failed == 0)
		store->depth++;
	return failed;
}

int
store_release(struct store *store, struct err *err)
{
	int failed = check_transaction(store, err);

	if (failed < 0)
		return failed;
	BUG_ON(store->depth == 0);
	failed = sql_run(store, SQL_RELEASE, BINDS(), err);
	if (failed == 0)
		store->depth--;
	return failed;
}

int
store_rollback_to(struct store *store, struct err *err)
{
	int failed = check_transaction(store, err);

	if (failed < 0)
		return failed;
	BUG_ON(store->depth == 0);
	failed = sql_run(store, SQL_ROLLBACK_TO, BINDS(), err);
	return failed < 0 ? failed : store_release(store, err);
}

int
store_set_durable(struct store *store, enum store_durable durable,
    struct err *err)
{
	BUG_ON(store_in_transaction(store));
	return sql_script(store,
	    durable == STORE_FULL ? "PRAGMA synchronous = FULL"
				  : "PRAGMA synchronous = NORMAL",
	    err);
}

int
store_checkpoint(struct store *store, struct err *err)
{
	return sql_script(store, "PRAGMA wal_checkpoint(PASSIVE)", err);
}

int
meta_find(struct store *store, struct arena *arena, const char *key,
    const char **ret_value, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, SQL_META_FIND,
	    BINDS(bind_text(":key", key)), &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found == 1)
		*ret_value = sql_text(arena, stmt, 0);
	return found;
}

int
meta_set(struct store *store, const char *key, const char *value,
    struct err *err)
{
	return sql_run(store, SQL_META_SET,
	    BINDS(bind_text(":key", key), bind_text(":value", value)), err);
}

int
meta_get_number(struct store *store, const char *key, int64_t *ret_value,
    struct err *err)
{
	return sql_number(store, SQL_META_FIND, BINDS(bind_text(":key", key)),
	    ret_value, err);
}

int
meta_set_number(struct store *store, const char *key, int64_t value,
    struct err *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return meta_set(store, key, text, err);
}

int
status_set_as_of(struct store *store, int64_t now_at, int32_t today_day,
    struct err *err)
{
	char day[DATE_TEXT_BYTES];

	date_format_iso(today_day, day);
	int failed = meta_set_number(store, "as_of", now_at, err);
	return failed < 0 ? failed : meta_set(store, "as_of_day", day, err);
}

int
status_set_last_sync(struct store *store, int64_t at, struct err *err)
{
	return meta_set_number(store, "last_sync_at", at, err);
}
