/* The states of a mail that goes out: claimed, reported, recovered, held. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "store/outbox.h"
#include "store/sql.h"

enum {
	ERROR_BYTES = 300
};

static const char SQL_DUE[] =
    "SELECT id, envelope_from, envelope_to, message_id, attempts + 1"
    " FROM outbox WHERE state IN ('queued','in_doubt')"
    " AND next_at IS NOT NULL AND next_at <= :now"
    " ORDER BY next_at, id LIMIT :max";
static const char SQL_REPEATED[] =
    "SELECT id, envelope_from, envelope_to, message_id, attempts"
    " FROM outbox WHERE state = 'sending' AND doubts > 0 ORDER BY id";
static const char SQL_NEXT_AT[] =
    "SELECT min(next_at) FROM outbox WHERE state IN ('queued','in_doubt')"
    " AND next_at IS NOT NULL";
static const char SQL_CLAIM[] =
    "UPDATE outbox SET state = 'sending', attempts = attempts + 1,"
    " tried_at = coalesce(tried_at, :now)"
    " WHERE id = :id";

static const char SQL_SENT[] =
    "UPDATE outbox SET state = 'sent', sent_at = :now, next_at = NULL,"
    " last_error = :error WHERE id = :id AND state = 'sending'";
static const char SQL_LATER[] =
    "UPDATE outbox SET state = 'queued', next_at = :next,"
    " last_error = :error WHERE id = :id AND state = 'sending'";
static const char SQL_UNTRIED[] =
    "UPDATE outbox SET state = iif(doubts > 0, 'in_doubt', 'queued'),"
    " attempts = attempts - 1, tried_at = iif(attempts > 1, tried_at, NULL),"
    " last_error = :error WHERE id = :id AND state = 'sending'";
static const char SQL_HURRY[] = "UPDATE outbox SET next_at = :now"
				" WHERE state = 'queued' AND next_at > :now";
static const char SQL_FAILED[] =
    "UPDATE outbox SET state = 'failed', next_at = NULL,"
    " last_error = :error WHERE id = :id AND state = 'sending'";
static const char SQL_IN_DOUBT[] =
    "UPDATE outbox SET state = 'in_doubt', doubts = doubts + 1,"
    " next_at = iif(doubts = 0, :next, NULL), last_error = :error"
    " WHERE id = :id AND state = 'sending'";

static const char SQL_RECOVER_QUEUED[] =
    "UPDATE outbox SET state = 'queued', next_at = :now"
    " WHERE state = 'sending'";
static const char SQL_RECOVER_DOUBT[] =
    "UPDATE outbox SET state = 'in_doubt', doubts = doubts + 1,"
    " next_at = iif(doubts = 0, :now, NULL),"
    " last_error = 'lscpd ended while it was being sent'"
    " WHERE state = 'sending'";

static const char SQL_STATE[] = "SELECT state FROM outbox WHERE id = :id";
static const char SQL_HOLD[] =
    "UPDATE outbox SET state = 'held', next_at = NULL"
    " WHERE id = :id AND state = 'queued'";
static const char SQL_RELEASE[] =
    "UPDATE outbox SET state = 'queued', next_at = :now"
    " WHERE id = :id AND state = 'held'";
static const char SQL_RELEASE_ALL[] =
    "UPDATE outbox SET state = 'queued', next_at = :now WHERE state = 'held'";
static const char SQL_RETRY[] =
    "UPDATE outbox SET state = 'queued', next_at = :now, doubts = 0,"
    " tried_at = NULL WHERE id = :id AND state IN ('failed','in_doubt')";

static void
read_due(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct outbox_due *)item = (struct outbox_due){
	    .id = sql_int(stmt, 0),
	    .envelope_from = sql_text(arena, stmt, 1),
	    .envelope_to = sql_text(arena, stmt, 2),
	    .message_id = sql_text(arena, stmt, 3),
	    .attempts = (int)sql_int(stmt, 4),
	};
}

int
outbox_claim(struct store *store, struct arena *arena,
    const struct outbox_wanted *wanted, struct outbox_dues *ret_dues,
    struct err *err)
{
	static const struct sql_list list = {SQL_DUE, sizeof(struct outbox_due),
	    read_due};
	int failed = sql_list(store, arena, &list,
	    BINDS(bind_int(":now", wanted->until_at),
		bind_int(":max", (int64_t)wanted->max)),
	    ret_dues, err);

	for (size_t i = 0; failed == 0 && i < ret_dues->count; i++)
		failed = sql_run(store, SQL_CLAIM,
		    BINDS(bind_int(":id", ret_dues->items[i].id),
			bind_int(":now", wanted->now_at)),
		    err);
	return failed;
}

static int
report_one(struct store *store, const struct outbox_result *result,
    int64_t now_at, struct err *err)
{
	struct bind id = bind_int(":id", result->id);
	struct bind next = bind_int(":next", result->next_at);
	char words[ERROR_BYTES + 1];
	const char *text = result->error == NULL ? "" : result->error;

	(void)snprintf(words, sizeof(words), "%.*s",
	    (int)text_cut(text, ERROR_BYTES), text);
	struct bind error = bind_text(":error", words);
	switch (result->how) {
	case OUTBOX_SENT:
		return sql_run(store, SQL_SENT,
		    BINDS(id, error, bind_int(":now", now_at)), err);
	case OUTBOX_LATER:
		return sql_run(store, SQL_LATER, BINDS(id, next, error), err);
	case OUTBOX_UNTRIED:
		return sql_run(store, SQL_UNTRIED, BINDS(id, error), err);
	case OUTBOX_FAILED:
		return sql_run(store, SQL_FAILED, BINDS(id, error), err);
	case OUTBOX_IN_DOUBT:
		return sql_run(store, SQL_IN_DOUBT, BINDS(id, next, error),
		    err);
	}
	BUG_ON(true);
}

int
outbox_report(struct store *store, const struct outbox_result *results,
    size_t count, int64_t now_at, struct err *err)
{
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < count; i++)
		failed = report_one(store, &results[i], now_at, err);
	return failed;
}

int
outbox_hurry(struct store *store, int64_t now_at, struct err *err)
{
	return sql_run(store, SQL_HURRY, BINDS(bind_int(":now", now_at)), err);
}

int
outbox_list_repeated(struct store *store, struct arena *arena,
    struct outbox_dues *ret_dues, struct err *err)
{
	static const struct sql_list list = {SQL_REPEATED,
	    sizeof(struct outbox_due), read_due};

	return sql_list(store, arena, &list, BINDS(), ret_dues, err);
}

int
outbox_recover(struct store *store, enum outbox_delivery delivery,
    int64_t now_at, struct err *err)
{
	return sql_change(store,
	    delivery == DELIVERY_IDEMPOTENT ? SQL_RECOVER_QUEUED
					    : SQL_RECOVER_DOUBT,
	    BINDS(bind_int(":now", now_at)), err);
}

/* Why nothing changed. */
static int
refuse(struct store *store, int64_t id, const char *words, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found =
	    sql_open(store, SQL_STATE, BINDS(bind_int(":id", id)), &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found < 0)
		return found;
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "there is no mail %lld", (long long)id);
	return err_set(err, ERR_INPUT, BLAME_OPERATOR, "mail %lld is %s: %s",
	    (long long)id, (const char *)sqlite3_column_text(stmt, 0), words);
}

int
outbox_hold(struct store *store, int64_t id, struct err *err)
{
	int changed =
	    sql_change(store, SQL_HOLD, BINDS(bind_int(":id", id)), err);

	if (changed == 0)
		return refuse(store, id, "only queued mail can be held", err);
	return changed < 0 ? changed : 0;
}

int
outbox_release(struct store *store, int64_t id, int64_t now_at, struct err *err)
{
	int changed = sql_change(store, SQL_RELEASE,
	    BINDS(bind_int(":id", id), bind_int(":now", now_at)), err);

	if (changed == 0)
		return refuse(store, id, "only held mail can be released", err);
	return changed < 0 ? changed : 0;
}

int
outbox_retry(struct store *store, int64_t id, int64_t now_at, struct err *err)
{
	int changed = sql_change(store, SQL_RETRY,
	    BINDS(bind_int(":id", id), bind_int(":now", now_at)), err);

	if (changed == 0)
		return refuse(store, id,
		    "only mail that failed or is in doubt can be tried again",
		    err);
	return changed < 0 ? changed : 0;
}

int
outbox_release_all(struct store *store, int64_t now_at, struct err *err)
{
	return sql_change(store, SQL_RELEASE_ALL,
	    BINDS(bind_int(":now", now_at)), err);
}

int
outbox_next_at(struct store *store, int64_t *ret_at, struct err *err)
{
	int found = sql_number(store, SQL_NEXT_AT, BINDS(), ret_at, err);

	return found < 0 ? found : 0;
}
