#include "store/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "store/sql.h"

static const char SQL_NEXT[] =
    "UPDATE sequence SET last = last + 1 WHERE letter = :letter";
static const char SQL_LAST[] =
    "SELECT last FROM sequence WHERE letter = :letter";
static const char SQL_ADD[] =
    "INSERT INTO submission(ref, form, form_version, round, period, agency, "
    "thing, sender, received_at, state) VALUES (:ref, :form, :form_version, "
    ":round, :period, :agency, :thing, lower(:sender), :received_at, :state)";
static const char SQL_ADD_VERSION[] =
    "INSERT INTO submission_version(submission, version, message, sender, at)"
    " VALUES (:submission, :version, :message, lower(:sender), :at)";
static const char SQL_AMEND[] =
    "UPDATE submission SET version = version + 1, state = :state,"
    " period = iif(:period = '', period, :period),"
    " thing = iif(:thing = '', thing, :thing)"
    " WHERE id = :id RETURNING version";
static const char SQL_STATE[] =
    "UPDATE submission SET state = :state WHERE id = :id";
static const char SQL_SUPERSEDE[] =
    "UPDATE submission SET state = 'superseded', superseded_by = :newer"
    " WHERE id = :older";

#define SUBMISSION_COLUMNS                                                     \
	"SELECT s.id, s.ref, s.form, s.form_version, s.round, s.agency, "      \
	"r.ref, a.code, s.period, s.thing, s.sender, s.received_at, s.state, " \
	"s.version FROM submission s LEFT JOIN round r ON r.id = s.round "     \
	"LEFT JOIN agency a ON a.id = s.agency "
#define STANDING                                          \
	"(s.state = 'incomplete' OR s.state = 'returned'" \
	" OR s.state = 'signed_off')"
static const char SQL_FIND[] = SUBMISSION_COLUMNS "WHERE s.ref = upper(:ref)";
static const char SQL_GET[] = SUBMISSION_COLUMNS "WHERE s.id = :id";
static const char SQL_FIND_STANDING[] = SUBMISSION_COLUMNS
    "WHERE s.thing = :thing AND " STANDING " ORDER BY s.id DESC LIMIT 1";
static const char SQL_FIND_MESSAGE[] = SUBMISSION_COLUMNS
    "WHERE s.id = (SELECT max(v.submission) FROM submission_version v"
    " WHERE v.message = :message)";
static const char SQL_LIST[] =
    SUBMISSION_COLUMNS "WHERE (:round = 0 OR s.round = :round)"
		       " AND (:agency = 0 OR s.agency = :agency)"
		       " AND (:form = '' OR s.form = :form)"
		       " AND (:all OR " STANDING ") ORDER BY s.id";

static const char SQL_VERSIONS[] =
    "SELECT version, message, sender, at FROM submission_version"
    " WHERE submission = :id ORDER BY version";
static const char SQL_UNREAD_ADD[] =
    "INSERT INTO unread_line(submission, version, n, text)"
    " VALUES (:id, :version, :n, :text)";
static const char SQL_UNREAD[] =
    "SELECT text FROM unread_line WHERE submission = :id"
    " AND version = (SELECT version FROM submission WHERE id = :id)"
    " ORDER BY n";

int
reference_next(struct store *store, char letter,
    char ret_ref[static REFERENCE_BYTES], struct err *err)
{
	int64_t number;
	char word[2] = {letter, '\0'};
	int found =
	    sql_run(store, SQL_NEXT, BINDS(bind_text(":letter", word)), err);

	if (found == 0)
		found = sql_number(store, SQL_LAST,
		    BINDS(bind_text(":letter", word)), &number, err);
	if (found < 0)
		return found;
	BUG_ON(found == 0);
	(void)snprintf(ret_ref, REFERENCE_BYTES, "%c-%0*lld", letter,
	    letter == 'R' ? 6 : 4, (long long)number);
	return 0;
}

static int
add_version(struct store *store, int64_t id, int version,
    const struct submission_change *change, struct err *err)
{
	return sql_run(store, SQL_ADD_VERSION,
	    BINDS(bind_int(":submission", id), bind_int(":version", version),
		bind_some(":message", change->message),
		bind_text(":sender", change->sender),
		bind_int(":at", change->at)),
	    err);
}

static int
add_row(struct store *store, const struct submission_new *submission,
    const char *ref, int64_t *ret_id, struct err *err)
{
	return sql_insert(store, SQL_ADD,
	    BINDS(bind_text(":ref", ref), bind_text(":form", submission->form),
		bind_int(":form_version", submission->form_version),
		bind_some(":round", submission->round),
		bind_text(":period", submission->period),
		bind_some(":agency", submission->agency),
		bind_text(":thing", submission->thing),
		bind_text(":sender", submission->sender),
		bind_int(":received_at", submission->received_at),
		bind_text(":state", submission->state)),
	    ret_id, err);
}

int
submission_add(struct store *store, const struct submission_new *submission,
    int64_t *ret_id, char ret_ref[static REFERENCE_BYTES], struct err *err)
{
	struct submission_change change = {.message = submission->message,
	    .sender = submission->sender,
	    .at = submission->received_at};
	int failed = reference_next(store, 'R', ret_ref, err);

	if (failed == 0)
		failed = add_row(store, submission, ret_ref, ret_id, err);
	if (failed == 0)
		failed = add_version(store, *ret_id, 1, &change, err);
	return failed;
}

int
submission_amend(struct store *store, int64_t id,
    const struct submission_change *change, int *ret_version, struct err *err)
{
	int64_t version;
	int found = sql_number(store, SQL_AMEND,
	    BINDS(bind_int(":id", id), bind_text(":state", change->state),
		bind_text(":period", change->period),
		bind_text(":thing", change->thing)),
	    &version, err);

	if (found < 0)
		return found;
	BUG_ON(found == 0);
	*ret_version = (int)version;
	return add_version(store, id, (int)version, change, err);
}

int
submission_set_state(struct store *store, int64_t id, const char *state,
    struct err *err)
{
	return sql_run(store, SQL_STATE,
	    BINDS(bind_int(":id", id), bind_text(":state", state)), err);
}

int
submission_supersede(struct store *store, int64_t older, int64_t newer,
    struct err *err)
{
	return sql_run(store, SQL_SUPERSEDE,
	    BINDS(bind_int(":older", older), bind_int(":newer", newer)), err);
}

static void
read_submission(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct submission *)item = (struct submission){
	    .id = sql_int(stmt, 0),
	    .ref = sql_text(arena, stmt, 1),
	    .form = sql_text(arena, stmt, 2),
	    .form_version = (int)sql_int(stmt, 3),
	    .round = sql_int(stmt, 4),
	    .agency = sql_int(stmt, 5),
	    .round_ref = sql_text(arena, stmt, 6),
	    .agency_code = sql_text(arena, stmt, 7),
	    .period = sql_text(arena, stmt, 8),
	    .thing = sql_text(arena, stmt, 9),
	    .sender = sql_text(arena, stmt, 10),
	    .received_at = sql_int(stmt, 11),
	    .state = sql_text(arena, stmt, 12),
	    .version = (int)sql_int(stmt, 13),
	};
}

static int
one_submission(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct submission *ret_submission,
    struct err *err)
{
	const struct sql_list list = {text, sizeof(struct submission),
	    read_submission};

	return sql_one(store, arena, &list, binds, ret_submission, err);
}

int
submission_find(struct store *store, struct arena *arena, const char *ref,
    struct submission *ret_submission, struct err *err)
{
	return one_submission(store, arena, SQL_FIND,
	    BINDS(bind_text(":ref", ref)), ret_submission, err);
}

int
submission_get(struct store *store, struct arena *arena, int64_t id,
    struct submission *ret_submission, struct err *err)
{
	return one_submission(store, arena, SQL_GET, BINDS(bind_int(":id", id)),
	    ret_submission, err);
}

int
submission_find_standing(struct store *store, struct arena *arena,
    const char *thing, struct submission *ret_submission, struct err *err)
{
	return one_submission(store, arena, SQL_FIND_STANDING,
	    BINDS(bind_text(":thing", thing)), ret_submission, err);
}

int
submission_find_message(struct store *store, struct arena *arena,
    int64_t message, struct submission *ret_submission, struct err *err)
{
	return one_submission(store, arena, SQL_FIND_MESSAGE,
	    BINDS(bind_int(":message", message)), ret_submission, err);
}

int
submission_list(struct store *store, struct arena *arena,
    const struct submission_filter *filter, struct submissions *ret_submissions,
    struct err *err)
{
	static const struct sql_list list = {SQL_LIST,
	    sizeof(struct submission), read_submission};

	return sql_list(store, arena, &list,
	    BINDS(bind_int(":round", filter->round),
		bind_int(":agency", filter->agency),
		bind_text(":form", filter->form),
		bind_int(":all", filter->which == SUBMISSIONS_ALL)),
	    ret_submissions, err);
}

static void
read_version(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct submission_version *)item = (struct submission_version){
	    .version = (int)sql_int(stmt, 0),
	    .message = sql_int(stmt, 1),
	    .sender = sql_text(arena, stmt, 2),
	    .at = sql_int(stmt, 3),
	};
}

int
submission_list_versions(struct store *store, struct arena *arena, int64_t id,
    struct submission_versions *ret_versions, struct err *err)
{
	static const struct sql_list list = {SQL_VERSIONS,
	    sizeof(struct submission_version), read_version};

	return sql_list(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_versions, err);
}

int
submission_add_unread(struct store *store, int64_t id, int version,
    const struct unread_lines *lines, struct err *err)
{
	for (size_t i = 0; i < lines->count; i++) {
		int failed = sql_run(store, SQL_UNREAD_ADD,
		    BINDS(bind_int(":id", id), bind_int(":version", version),
			bind_int(":n", (int64_t)i + 1),
			bind_text(":text", lines->items[i])),
		    err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

static void
read_line(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(const char **)item = sql_text(arena, stmt, 0);
}

int
submission_list_unread(struct store *store, struct arena *arena, int64_t id,
    struct unread_lines *ret_lines, struct err *err)
{
	static const struct sql_list list = {SQL_UNREAD, sizeof(char *),
	    read_line};

	return sql_list(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_lines, err);
}
