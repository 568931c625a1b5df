#include "store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/sha256.h"

struct bind
bind_text(const char *name, const char *text)
{
	return (struct bind){.name = name,
	    .type = BIND_TEXT,
	    .data = text == NULL ? "" : text};
}

struct bind
bind_int(const char *name, int64_t number)
{
	return (struct bind){.name = name, .type = BIND_INT, .number = number};
}

struct bind
bind_some(const char *name, int64_t number)
{
	return (struct bind){.name = name,
	    .type = number == 0 ? BIND_NULL : BIND_INT,
	    .number = number};
}

struct bind
bind_day(const char *name, int32_t day)
{
	return (struct bind){.name = name, .type = BIND_DAY, .number = day};
}

struct bind
bind_blob(const char *name, const void *data, size_t bytes)
{
	return (struct bind){.name = name,
	    .type = BIND_BLOB,
	    .data = data == NULL ? "" : data,
	    .bytes = bytes};
}

struct bind
bind_word(const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return (struct bind){.name = name, .type = BIND_NULL};
	return bind_text(name, text);
}

/* What a result code of SQLite means to the caller. */
static enum err_code
code_of(struct store *store)
{
	switch (sqlite3_errcode(store->db)) {
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return sqlite3_system_errno(store->db) == ENOSPC ? ERR_FULL
								 : ERR_DATABASE;
	default:
		return ERR_DATABASE;
	}
}

int
sql_fail(struct store *store, struct err *err)
{
	enum err_code code = code_of(store);

	return err_set(err, code,
	    code == ERR_BUSY ? BLAME_NOBODY : BLAME_OPERATOR,
	    "the database %s: %s", store->path, sqlite3_errmsg(store->db));
}

static int
bind_one(sqlite3_stmt *stmt, int index, const struct bind *bind)
{
	char day[DATE_TEXT_BYTES] = "";

	switch (bind->type) {
	case BIND_TEXT:
		return sqlite3_bind_text(stmt, index, bind->data, -1,
		    SQLITE_STATIC);
	case BIND_INT:
		return sqlite3_bind_int64(stmt, index, bind->number);
	case BIND_BLOB:
		return sqlite3_bind_blob64(stmt, index, bind->data, bind->bytes,
		    SQLITE_STATIC);
	case BIND_DAY:
		if (bind->number != DAY_NONE)
			date_format_iso((int32_t)bind->number, day);
		return sqlite3_bind_text(stmt, index, day, -1,
		    SQLITE_TRANSIENT);
	case BIND_NULL:
	case BIND_END:
		break;
	}
	return sqlite3_bind_null(stmt, index);
}

static int
bind_all(struct store *store, sqlite3_stmt *stmt, const struct bind *binds,
    struct err *err)
{
	int count = 0;

	for (; binds->type != BIND_END; binds++, count++) {
		int index = sqlite3_bind_parameter_index(stmt, binds->name);
		BUG_ON(index == 0);
		if (bind_one(stmt, index, binds) != SQLITE_OK)
			return sql_fail(store, err);
	}
	BUG_ON(count != sqlite3_bind_parameter_count(stmt));
	return 0;
}

/* The slot of a statement's text: by address, which is what names it. */
static struct sql_cached *
cache_slot(struct store *store, const char *text)
{
	size_t i = ((uintptr_t)text >> 3) % SQL_CACHE_SLOTS;

	while (store->cache[i].text != NULL && store->cache[i].text != text)
		i = (i + 1) % SQL_CACHE_SLOTS;
	return &store->cache[i];
}

/* A full disk may have undone the transaction: what follows must not be
 * committed on its own. */
static int
check_writes(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	if (sqlite3_stmt_readonly(stmt) || store_in_transaction(store))
		return 0;
	return err_set(err, ERR_DATABASE, BLAME_OPERATOR,
	    "the database %s: a write outside of a transaction", store->path);
}

int
sql_open(struct store *store, const char *text, const struct bind *binds,
    sqlite3_stmt **ret_stmt, struct err *err)
{
	struct sql_cached *slot = cache_slot(store, text);

	if (slot->stmt == NULL) {
		if (sqlite3_prepare_v3(store->db, text, -1,
			SQLITE_PREPARE_PERSISTENT, &slot->stmt,
			NULL) != SQLITE_OK)
			return sql_fail(store, err);
		slot->text = text;
		BUG_ON(++store->cached >= SQL_CACHE_SLOTS / 2);
	}
	BUG_ON(sqlite3_stmt_busy(slot->stmt));
	int failed = check_writes(store, slot->stmt, err);
	if (failed == 0)
		failed = bind_all(store, slot->stmt, binds, err);
	if (failed != 0)
		return failed;
	*ret_stmt = slot->stmt;
	return 0;
}

int
sql_step(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_fail(store, err);
	}
}

void
sql_done(sqlite3_stmt **stmt)
{
	if (*stmt == NULL)
		return;
	(void)sqlite3_reset(*stmt); /* repeats the error of the step */
	(void)sqlite3_clear_bindings(*stmt);
	*stmt = NULL;
}

int
sql_run(struct store *store, const char *text, const struct bind *binds,
    struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int failed = sql_open(store, text, binds, &stmt, err);

	if (failed == 0)
		failed = sql_step(store, stmt, err);
	return failed < 0 ? failed : 0;
}

int
sql_change(struct store *store, const char *text, const struct bind *binds,
    struct err *err)
{
	int failed = sql_run(store, text, binds, err);

	return failed < 0 ? failed : sqlite3_changes(store->db);
}

int
sql_insert(struct store *store, const char *text, const struct bind *binds,
    int64_t *ret_id, struct err *err)
{
	int failed = sql_run(store, text, binds, err);

	if (failed == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return failed;
}

int
sql_number(struct store *store, const char *text, const struct bind *binds,
    int64_t *ret_number, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, text, binds, &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found >= 0)
		*ret_number = found == 1 ? sql_int(stmt, 0) : 0;
	return found;
}

int
sql_script(struct store *store, const char *text, struct err *err)
{
	if (sqlite3_exec(store->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sql_fail(store, err);
	return 0;
}

const char *
sql_text(struct arena *arena, sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text == NULL ? "" : arena_strdup(arena, text);
}

int64_t
sql_int(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt, column);
}

int32_t
sql_day(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text == NULL ? DAY_NONE : date_parse_iso(text);
}

int64_t
hash_of_hex(const char *sha256_hex)
{
	char first[17];

	(void)snprintf(first, sizeof(first), "%.16s", sha256_hex);
	return (int64_t)strtoull(first, NULL, 16);
}

int64_t
hash_of_text(const char *text)
{
	char hex[SHA256_HEX_BYTES];

	sha256_of(text, strlen(text), hex);
	return hash_of_hex(hex);
}

/* The layout that all lists of this room share. */
struct any_list {
	void *items;
	size_t count;
};

int
sql_list(struct store *store, struct arena *arena, const struct sql_list *list,
    const struct bind *binds, void *ret_list, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	struct any_list result = {0};
	int more = sql_open(store, list->text, binds, &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(store, stmt, err)) == 1)
		list->row(arena, stmt,
		    arena_push(arena, &result.items, &result.count,
			list->item_bytes));
	if (more == 0)
		memcpy(ret_list, &result, sizeof(result));
	return more;
}

int
sql_one(struct store *store, struct arena *arena, const struct sql_list *list,
    const struct bind *binds, void *ret_item, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, list->text, binds, &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found == 1)
		list->row(arena, stmt, ret_item);
	return found;
}

void
sql_read_count(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct store_count *)item = (struct store_count){
	    .word = sql_text(arena, stmt, 0),
	    .count = sql_int(stmt, 1),
	};
}
