/* Is the database sound? One question after the other, all of them asked. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/sha256.h"
#include "store/audit.h"
#include "store/sql.h"

static const char SQL_INTEGRITY[] =
    "SELECT integrity_check FROM pragma_integrity_check(100)"
    " WHERE integrity_check <> 'ok'";
static const char SQL_FOREIGN[] =
    "SELECT 'a row of ' || \"table\" || ' refers to a ' || \"parent\" ||"
    " ' that does not exist' FROM pragma_foreign_key_check LIMIT 100";
static const char SQL_VERSIONS[] =
    "SELECT s.ref || ' is at version ' || s.version || ' but has ' ||"
    " count(v.version) || ' of them' FROM submission s"
    " LEFT JOIN submission_version v ON v.submission = s.id GROUP BY s.id"
    " HAVING count(v.version) <> s.version"
    " OR max(v.version) IS NOT s.version";
static const char SQL_ANSWERS[] =
    "SELECT DISTINCT s.ref || ' has answers of a version that never was'"
    " FROM answer a JOIN submission s ON s.id = a.submission"
    " WHERE a.version NOT BETWEEN 1 AND s.version";
static const char SQL_SUPERSEDED[] =
    "SELECT ref || ' is superseded, but by nothing' FROM submission"
    " WHERE state = 'superseded' AND superseded_by IS NULL";
static const char SQL_COMPLETE[] =
    "SELECT s.ref || ' is ' || s.state || ', but answers are missing'"
    " FROM submission s WHERE s.state IN ('returned','signed_off')"
    " AND EXISTS (SELECT 1 FROM problem p"
    " WHERE p.submission = s.id AND p.missing)";
static const char SQL_BODIES[] =
    "SELECT 'mail ' || o.id || ' has no bytes' FROM outbox o"
    " WHERE NOT EXISTS (SELECT 1 FROM outbox_body b WHERE b.outbox = o.id)";
static const char SQL_SEQUENCES[] =
    "SELECT 'the sequence ' || q.letter || ' stands at ' || q.last ||"
    " ', below a reference that was given' FROM sequence q"
    " JOIN (SELECT ref FROM submission UNION ALL SELECT ref FROM action"
    " UNION ALL SELECT ref FROM finding UNION ALL SELECT ref FROM meeting) g"
    " ON substr(g.ref, 1, 1) = q.letter GROUP BY q.letter"
    " HAVING max(CAST(substr(g.ref, 3) AS INTEGER)) > q.last";

static const char *const g_questions[] = {
    SQL_INTEGRITY,
    SQL_FOREIGN,
    SQL_VERSIONS,
    SQL_ANSWERS,
    SQL_SUPERSEDED,
    SQL_COMPLETE,
    SQL_BODIES,
    SQL_SEQUENCES,
};

static const char SQL_MESSAGES[] =
    "SELECT id, sha256, size_bytes FROM message ORDER BY id";
static const char SQL_RAW[] =
    "SELECT data FROM raw WHERE message = :message ORDER BY piece";

static void
tell(struct verify *verify, const char *text)
{
	verify->ret_findings++;
	verify->line(verify->ctx, text);
}

static int
ask(struct store *store, const char *question, struct verify *verify,
    struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int more = sql_open(store, question, BINDS(), &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(store, stmt, err)) == 1) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);
		tell(verify, text == NULL ? "a finding without words" : text);
	}
	return more;
}

/* `*ret_bytes` -1: no raw bytes are kept of this message. */
static int
hash_raw(struct store *store, int64_t id, int64_t *ret_bytes,
    char ret_hex[static SHA256_HEX_BYTES], struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int64_t bytes = -1;
	int more = sql_open(store, SQL_RAW, BINDS(bind_int(":message", id)),
	    &stmt, err);

	if (more < 0)
		return more;
	struct sha256 *sha = sha256_new();
	while ((more = sql_step(store, stmt, err)) == 1) {
		const void *data = sqlite3_column_blob(stmt, 0);
		size_t size = (size_t)sqlite3_column_bytes(stmt, 0);
		sha256_add(sha, data, size);
		bytes = (bytes < 0 ? 0 : bytes) + (int64_t)size;
	}
	sha256_hex(sha, ret_hex);
	*ret_bytes = bytes;
	return more;
}

static int
check_message(struct store *store, sqlite3_stmt *stmt, struct verify *verify,
    struct err *err)
{
	int64_t id = sql_int(stmt, 0), bytes;
	char hex[SHA256_HEX_BYTES], text[200];
	int failed = hash_raw(store, id, &bytes, hex, err);

	if (failed < 0)
		return failed;
	verify->ret_messages++;
	if (bytes < 0)
		return 0;
	if (strcmp(hex, (const char *)sqlite3_column_text(stmt, 1)) == 0 &&
	    bytes == sql_int(stmt, 2))
		return 0;
	(void)snprintf(text, sizeof(text),
	    "the raw bytes of message %lld are not those that came",
	    (long long)id);
	tell(verify, text);
	return 0;
}

static int
check_messages(struct store *store, struct verify *verify, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int more = sql_open(store, SQL_MESSAGES, BINDS(), &stmt, err);

	while (more >= 0 && (more = sql_step(store, stmt, err)) == 1)
		more = check_message(store, stmt, verify, err);
	return more;
}

int
store_verify(struct store *store, struct verify *verify, struct err *err)
{
	int failed = audit_verify(store, verify, err);

	for (size_t i = 0; failed == 0 && i < COUNT_OF(g_questions); i++)
		failed = ask(store, g_questions[i], verify, err);
	if (failed == 0)
		failed = check_messages(store, verify, err);
	return failed;
}
