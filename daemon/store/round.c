#include "store/round.h"

#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/sha256.h"
#include "store/sql.h"

static const char SQL_VERSION_FIND[] =
    "SELECT source FROM form_version"
    " WHERE form = :form AND version = :version";
static const char SQL_VERSION_ADD[] =
    "INSERT INTO form_version(form, version, sha256, source)"
    " VALUES (:form, :version, :sha256, :source)";
static const char SQL_TAKEN[] = "SELECT 1 FROM round WHERE ref = upper(:ref)";
static const char SQL_OPEN[] =
    "INSERT INTO round(ref, form, form_version, title, opened_at, due_day)"
    " VALUES (upper(:ref), :form, :version, :title, :opened_at, :due_day)";
static const char SQL_CLOSE[] =
    "UPDATE round SET closed_at = :at WHERE id = :id AND closed_at IS NULL";
static const char SQL_CLOSE_REQUESTS[] =
    "UPDATE request SET state = 'non_return'"
    " WHERE round = :id AND state IN ('not_sent','sent','incomplete')";

#define ROUND_COLUMNS                                                       \
	"SELECT id, ref, form, title, form_version, opened_at, closed_at, " \
	"due_day FROM round "
static const char SQL_FIND[] = ROUND_COLUMNS "WHERE ref = upper(:ref)";
static const char SQL_GET[] = ROUND_COLUMNS "WHERE id = :id";
static const char SQL_AWAITING[] = ROUND_COLUMNS
    "WHERE form = :form AND closed_at IS NULL AND (:agency = 0 OR EXISTS"
    " (SELECT 1 FROM request q WHERE q.round = round.id"
    " AND q.agency = :agency"
    " AND q.state IN ('not_sent','sent','incomplete')))"
    " ORDER BY opened_at, id";

static const char SQL_REQUEST_ADD[] =
    "INSERT INTO request(round, agency, due_day, original_due_day, state)"
    " VALUES (:round, :agency, :due_day, :due_day, :state)";
#define REQUEST_COLUMNS                                                    \
	"SELECT q.id, q.round, q.agency, r.ref, a.code, r.form, r.title, " \
	"q.state, q.due_day, q.original_due_day, q.wants_day, "            \
	"q.wants_reason, q.reminders, q.late_days, q.last_reminder_at, "   \
	"r.closed_at FROM request q JOIN round r ON r.id = q.round "       \
	"JOIN agency a ON a.id = q.agency "
static const char SQL_REQUEST_FIND[] =
    REQUEST_COLUMNS "WHERE q.round = :round AND q.agency = :agency";
static const char SQL_REQUEST_GET[] = REQUEST_COLUMNS "WHERE q.id = :id";
static const char SQL_REQUEST_FIND_REF[] =
    REQUEST_COLUMNS "WHERE r.ref = upper(:round) AND a.code = upper(:agency)";
#define REQUEST_LIST                                          \
	" AND (:round = 0 OR q.round = :round)"               \
	" AND (:all OR (r.closed_at IS NULL"                  \
	" AND +q.state IN ('not_sent','sent','incomplete')))" \
	" ORDER BY q.due_day, r.ref, a.code"
static const char SQL_REQUEST_LIST[] =
    REQUEST_COLUMNS "WHERE :agency = 0" REQUEST_LIST;
/* By the index: each mail asks for those of its agency. */
static const char SQL_REQUEST_LIST_OF[] =
    REQUEST_COLUMNS "WHERE q.agency = :agency" REQUEST_LIST;
static const char SQL_REQUEST_STATE[] =
    "UPDATE request SET state = :state WHERE id = :id";
static const char SQL_REQUEST_WISH[] =
    "UPDATE request SET wants_day = :day, wants_reason = :reason"
    " WHERE id = :id";
static const char SQL_REQUEST_LATE[] = "UPDATE request SET late_days = :days"
				       " WHERE id = :id AND late_days <> :days";

static void
read_round(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct round *)item = (struct round){
	    .id = sql_int(stmt, 0),
	    .ref = sql_text(arena, stmt, 1),
	    .form = sql_text(arena, stmt, 2),
	    .title = sql_text(arena, stmt, 3),
	    .form_version = (int)sql_int(stmt, 4),
	    .opened_at = sql_int(stmt, 5),
	    .closed_at = sql_int(stmt, 6),
	    .due_day = sql_day(stmt, 7),
	};
}

static void
read_request(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct request *)item = (struct request){
	    .id = sql_int(stmt, 0),
	    .round = sql_int(stmt, 1),
	    .agency = sql_int(stmt, 2),
	    .round_ref = sql_text(arena, stmt, 3),
	    .agency_code = sql_text(arena, stmt, 4),
	    .form = sql_text(arena, stmt, 5),
	    .title = sql_text(arena, stmt, 6),
	    .state = sql_text(arena, stmt, 7),
	    .due_day = sql_day(stmt, 8),
	    .original_due_day = sql_day(stmt, 9),
	    .wants_day = sql_day(stmt, 10),
	    .wants_reason = sql_text(arena, stmt, 11),
	    .reminders = (int)sql_int(stmt, 12),
	    .late_days = (int)sql_int(stmt, 13),
	    .last_reminder_at = sql_int(stmt, 14),
	    .round_closed_at = sql_int(stmt, 15),
	};
}

/* The definition is kept once for each version, and never changes after. */
static int
freeze_form(struct store *store, const struct round_new *round, struct err *err)
{
	char sha256[SHA256_HEX_BYTES];
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, SQL_VERSION_FIND,
	    BINDS(bind_text(":form", round->form),
		bind_int(":version", round->form_version)),
	    &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found < 0)
		return found;
	if (found == 1) {
		const char *kept = (const char *)sqlite3_column_text(stmt, 0);
		if (strcmp(kept, round->source) == 0)
			return 0;
		return err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "%s version %d was used by a round before, with another "
		    "text: raise the version in its definition",
		    round->form, round->form_version);
	}
	sha256_of(round->source, strlen(round->source), sha256);
	return sql_run(store, SQL_VERSION_ADD,
	    BINDS(bind_text(":form", round->form),
		bind_int(":version", round->form_version),
		bind_text(":sha256", sha256),
		bind_text(":source", round->source)),
	    err);
}

int
round_open(struct store *store, const struct round_new *round, int64_t *ret_id,
    struct err *err)
{
	int64_t taken;
	int failed = sql_number(store, SQL_TAKEN,
	    BINDS(bind_text(":ref", round->ref)), &taken, err);

	if (failed == 1)
		return err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "there is a round %s already: choose another reference",
		    round->ref);
	if (failed == 0)
		failed = freeze_form(store, round, err);
	if (failed < 0)
		return failed;
	return sql_insert(store, SQL_OPEN,
	    BINDS(bind_text(":ref", round->ref),
		bind_text(":form", round->form),
		bind_int(":version", round->form_version),
		bind_text(":title", round->title),
		bind_int(":opened_at", round->opened_at),
		bind_day(":due_day", round->due_day)),
	    ret_id, err);
}

int
round_close(struct store *store, int64_t id, int64_t at, struct err *err)
{
	int failed = sql_run(store, SQL_CLOSE,
	    BINDS(bind_int(":id", id), bind_int(":at", at)), err);

	if (failed == 0)
		failed = sql_run(store, SQL_CLOSE_REQUESTS,
		    BINDS(bind_int(":id", id)), err);
	return failed;
}

int
round_find(struct store *store, struct arena *arena, const char *ref,
    struct round *ret_round, struct err *err)
{
	static const struct sql_list list = {SQL_FIND, sizeof(struct round),
	    read_round};

	return sql_one(store, arena, &list, BINDS(bind_text(":ref", ref)),
	    ret_round, err);
}

int
round_get(struct store *store, struct arena *arena, int64_t id,
    struct round *ret_round, struct err *err)
{
	static const struct sql_list list = {SQL_GET, sizeof(struct round),
	    read_round};

	return sql_one(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_round, err);
}

int
round_list_awaiting(struct store *store, struct arena *arena, const char *form,
    int64_t agency, struct rounds *ret_rounds, struct err *err)
{
	static const struct sql_list list = {SQL_AWAITING, sizeof(struct round),
	    read_round};

	return sql_list(store, arena, &list,
	    BINDS(bind_text(":form", form), bind_int(":agency", agency)),
	    ret_rounds, err);
}

int
form_version_find(struct store *store, struct arena *arena, const char *form,
    int version, const char **ret_source, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, SQL_VERSION_FIND,
	    BINDS(bind_text(":form", form), bind_int(":version", version)),
	    &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found == 1)
		*ret_source = sql_text(arena, stmt, 0);
	return found;
}

int
request_add(struct store *store, const struct request_new *request,
    int64_t *ret_id, struct err *err)
{
	return sql_insert(store, SQL_REQUEST_ADD,
	    BINDS(bind_int(":round", request->round),
		bind_int(":agency", request->agency),
		bind_day(":due_day", request->due_day),
		bind_text(":state", request->state)),
	    ret_id, err);
}

static int
one_request(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct request *ret_request, struct err *err)
{
	const struct sql_list list = {text, sizeof(struct request),
	    read_request};

	return sql_one(store, arena, &list, binds, ret_request, err);
}

int
request_find(struct store *store, struct arena *arena, int64_t round,
    int64_t agency, struct request *ret_request, struct err *err)
{
	return one_request(store, arena, SQL_REQUEST_FIND,
	    BINDS(bind_int(":round", round), bind_int(":agency", agency)),
	    ret_request, err);
}

int
request_get(struct store *store, struct arena *arena, int64_t id,
    struct request *ret_request, struct err *err)
{
	return one_request(store, arena, SQL_REQUEST_GET,
	    BINDS(bind_int(":id", id)), ret_request, err);
}

int
request_find_ref(struct store *store, struct arena *arena, const char *ref,
    struct request *ret_request, struct err *err)
{
	const char *slash = strrchr(ref, '/');

	if (slash == NULL)
		return 0;
	return one_request(store, arena, SQL_REQUEST_FIND_REF,
	    BINDS(bind_text(":round",
		      arena_strndup(arena, ref, (size_t)(slash - ref))),
		bind_text(":agency", slash + 1)),
	    ret_request, err);
}

int
request_set_state(struct store *store, int64_t id, const char *state,
    struct err *err)
{
	return sql_run(store, SQL_REQUEST_STATE,
	    BINDS(bind_int(":id", id), bind_text(":state", state)), err);
}

int
request_set_wish(struct store *store, int64_t id, int32_t day,
    const char *reason, struct err *err)
{
	return sql_run(store, SQL_REQUEST_WISH,
	    BINDS(bind_int(":id", id), bind_day(":day", day),
		bind_text(":reason", reason)),
	    err);
}

int
request_list(struct store *store, struct arena *arena,
    const struct request_filter *filter, struct requests *ret_requests,
    struct err *err)
{
	const struct sql_list list = {filter->agency == 0 ? SQL_REQUEST_LIST
							  : SQL_REQUEST_LIST_OF,
	    sizeof(struct request), read_request};

	return sql_list(store, arena, &list,
	    BINDS(bind_int(":round", filter->round),
		bind_int(":agency", filter->agency),
		bind_int(":all", filter->which == REQUESTS_ALL)),
	    ret_requests, err);
}

int
request_set_late(struct store *store, int64_t id, int late_days,
    struct err *err)
{
	return sql_run(store, SQL_REQUEST_LATE,
	    BINDS(bind_int(":id", id), bind_int(":days", late_days)), err);
}
