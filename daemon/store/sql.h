/*
 * The layer between this room and SQLite: cached statements, named
 * parameters, rows, errors. Used by the files of store/ only.
 *
 * A statement is named by the address of its static text and prepared once.
 * Every parameter must be bound each time; a name that is not in the text, or
 * one that is left out, is a bug.
 */
#ifndef LSCPD_STORE_SQL_H
#define LSCPD_STORE_SQL_H

#include <stdint.h>

#include <sqlite3.h>

#include "store/db.h"

enum {
	SQL_CACHE_SLOTS = 512,
	STORE_DEPTH_MAX = 8
};

struct store {
	sqlite3 *db;
	char *path;

	struct sql_cached {
		const char *text;
		sqlite3_stmt *stmt;
	} cache[SQL_CACHE_SLOTS];

	size_t cached;
	int depth; /* open savepoints */
};

enum bind_type {
	BIND_END,
	BIND_NULL,
	BIND_TEXT,
	BIND_INT,
	BIND_DAY,
	BIND_BLOB,
};

struct bind {
	const char *name;
	enum bind_type type;
	const void *data; /* borrowed until the statement is done */
	size_t bytes;
	int64_t number;
};

/* Text; NULL is stored as "". */
struct bind bind_text(const char *name, const char *text);
struct bind bind_int(const char *name, int64_t number);
/* An id, an instant: 0 is stored as NULL. */
struct bind bind_some(const char *name, int64_t number);
/* ISO text, or "" for DAY_NONE. */
struct bind bind_day(const char *name, int32_t day);
struct bind bind_blob(const char *name, const void *data, size_t bytes);
/* Text, or NULL for "". */
struct bind bind_word(const char *name, const char *text);

#define BINDS(...) \
	((const struct bind[]){__VA_ARGS__ __VA_OPT__(, ){.type = BIND_END}})

/* Ready to step; end it with sql_done(), best by CLEANUP(sql_done). */
int sql_open(struct store *store, const char *text, const struct bind *binds,
    sqlite3_stmt **ret_stmt, struct err *err);
/* 1 for a row, 0 at the end. */
int sql_step(struct store *store, sqlite3_stmt *stmt, struct err *err);
void sql_done(sqlite3_stmt **stmt);

/* A statement without rows. Returns 0. */
int sql_run(struct store *store, const char *text, const struct bind *binds,
    struct err *err);
/* The same; returns how many rows it changed. */
int sql_change(struct store *store, const char *text, const struct bind *binds,
    struct err *err);
/* The same; the new row's id. */
int sql_insert(struct store *store, const char *text, const struct bind *binds,
    int64_t *ret_id, struct err *err);
/* First column of the first row; 1, or 0 (and 0 in it) where there is none. */
int sql_number(struct store *store, const char *text, const struct bind *binds,
    int64_t *ret_number, struct err *err);
/* Text that is run once, such as a pragma; may hold several statements. */
int sql_script(struct store *store, const char *text, struct err *err);

/* Columns. Text is copied into the arena; NULL is "". */
const char *sql_text(struct arena *arena, sqlite3_stmt *stmt, int column);
int64_t sql_int(sqlite3_stmt *stmt, int column);
int32_t sql_day(sqlite3_stmt *stmt, int column);

/* Fill `err` from the connection's last error; returns its code. */
int sql_fail(struct store *store, struct err *err);

/* The first 64 bits of a SHA-256, for the *_hash columns. */
int64_t hash_of_hex(const char *sha256_hex);
int64_t hash_of_text(const char *text);

/* Steps through rows, calling `row` for each: fill the item that was pushed. */
typedef void (*sql_row_fn)(struct arena *arena, sqlite3_stmt *stmt, void *item);

struct sql_list {
	const char *text;
	size_t item_bytes;
	sql_row_fn row;
};

/* `*ret_items` (a pointer to an array in the arena) and `*ret_count`. */
int
sql_list(struct store *store, struct arena *arena, const struct sql_list *list,
    const struct bind *binds, void *ret_list, struct err *err);
/* The first row alone: 1, or 0 where there is none. */
int
sql_one(struct store *store, struct arena *arena, const struct sql_list *list,
    const struct bind *binds, void *ret_item, struct err *err);

/* A row of `word, count` into a struct store_count. */
void sql_read_count(struct arena *arena, sqlite3_stmt *stmt, void *item);

#endif
