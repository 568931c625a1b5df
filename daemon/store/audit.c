#include "store/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/sha256.h"
#include "store/sql.h"

static const char SQL_LAST[] =
    "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
static const char SQL_ADD[] =
    "INSERT INTO audit(id, at, actor, verb, ref, detail, hash)"
    " VALUES (:id, :at, :actor, :verb, :ref, :detail, :hash)";
static const char SQL_ALL[] =
    "SELECT id, at, actor, verb, ref, detail, hash FROM audit ORDER BY id";
/* What AUTOINCREMENT remembers of rows that were cut off the end. */
static const char SQL_HIGHEST[] =
    "SELECT seq FROM sqlite_sequence WHERE name = 'audit'";

/* Length-first, so that no two rows read alike whatever their fields hold. */
static void
add_field(struct sha256 *sha, const char *text)
{
	char length[24];
	size_t bytes = strlen(text);

	(void)snprintf(length, sizeof(length), "%zu:", bytes);
	sha256_add(sha, length, strlen(length));
	sha256_add(sha, text, bytes);
}

static void
add_number(struct sha256 *sha, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)number);
	add_field(sha, text);
}

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static void
hash_row(const char *before, int64_t id, const struct audit *audit,
    char ret_hash[static SHA256_HEX_BYTES])
{
	struct sha256 *sha = sha256_new();
	char at[INSTANT_TEXT_BYTES];

	add_field(sha, before);
	add_number(sha, id);
	instant_format(audit->at, at);
	add_field(sha, at);
	add_field(sha, or_empty(audit->actor));
	add_field(sha, or_empty(audit->verb));
	add_field(sha, or_empty(audit->ref));
	add_field(sha, or_empty(audit->detail));
	sha256_hex(sha, ret_hash);
}

static int
read_last(struct store *store, int64_t *ret_id,
    char ret_hash[static SHA256_HEX_BYTES], struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, SQL_LAST, BINDS(), &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found < 0)
		return found;
	*ret_id = found == 1 ? sql_int(stmt, 0) : 0;
	(void)snprintf(ret_hash, SHA256_HEX_BYTES, "%s",
	    found == 1 ? (const char *)sqlite3_column_text(stmt, 1) : "");
	return 0;
}

int
audit_add(struct store *store, const struct audit *audit, struct err *err)
{
	char before[SHA256_HEX_BYTES], hash[SHA256_HEX_BYTES];
	int64_t last;
	int failed = read_last(store, &last, before, err);

	if (failed < 0)
		return failed;
	hash_row(before, last + 1, audit, hash);
	return sql_run(store, SQL_ADD,
	    BINDS(bind_int(":id", last + 1), bind_int(":at", audit->at),
		bind_text(":actor", audit->actor),
		bind_text(":verb", audit->verb), bind_text(":ref", audit->ref),
		bind_text(":detail", audit->detail), bind_text(":hash", hash)),
	    err);
}

static void
tell(struct verify *verify, int64_t id, const char *words)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "audit row %lld %s", (long long)id,
	    words);
	verify->ret_findings++;
	verify->line(verify->ctx, text);
}

static const char *
column(sqlite3_stmt *stmt, int index)
{
	return or_empty((const char *)sqlite3_column_text(stmt, index));
}

/* `before` is the hash of the row before, and becomes that of this one. */
static void
check_row(struct verify *verify, sqlite3_stmt *stmt, int64_t expected_id,
    char before[static SHA256_HEX_BYTES])
{
	int64_t id = sql_int(stmt, 0);
	char hash[SHA256_HEX_BYTES];
	const struct audit audit = {.at = sql_int(stmt, 1),
	    .actor = column(stmt, 2),
	    .verb = column(stmt, 3),
	    .ref = column(stmt, 4),
	    .detail = column(stmt, 5)};

	if (id != expected_id)
		tell(verify, expected_id, "is missing");
	hash_row(before, id, &audit, hash);
	if (strcmp(hash, column(stmt, 6)) != 0)
		tell(verify, id, "was changed, or the row before it was");
	(void)snprintf(before, SHA256_HEX_BYTES, "%s", column(stmt, 6));
}

int
audit_verify(struct store *store, struct verify *verify, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	char before[SHA256_HEX_BYTES] = "";
	int64_t last = 0, highest;
	int more = sql_open(store, SQL_ALL, BINDS(), &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(store, stmt, err)) == 1) {
		check_row(verify, stmt, last + 1, before);
		last = sql_int(stmt, 0);
		verify->ret_audit_rows++;
	}
	if (more == 0)
		more = sql_number(store, SQL_HIGHEST, BINDS(), &highest, err);
	if (more < 0)
		return more;
	if (highest > last)
		tell(verify, last + 1, "and what followed it is missing");
	return 0;
}
