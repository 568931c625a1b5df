#include "store/action.h"

#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "store/sql.h"

static const char SQL_ADD[] =
    "INSERT INTO action(ref, source, submission, row, title, text, "
    "recommendation, priority, agency, owner, owner_text, grp, "
    "success_measure, evidence_expected, due_day, original_due_day, status, "
    "opened_at, brag_derived, brag_shown) VALUES (:ref, :source, :submission, "
    ":row, :title, :text, :recommendation, :priority, :agency, :owner, "
    ":owner_text, :grp, :success_measure, :evidence_expected, :due_day, "
    ":due_day, :status, :opened_at, :derived, :shown)";

#define ACTION_COLUMNS                                                         \
	"SELECT x.id, x.ref, x.source, x.submission, x.title, x.text, "        \
	"x.recommendation, x.priority, x.agency, x.owner, x.grp, a.code, "     \
	"c.email, c.name, g.code, x.owner_text, x.success_measure, "           \
	"x.evidence_expected, x.due_day, x.original_due_day, x.status, "       \
	"x.reported, x.has_evidence, x.percent, x.wants_day, x.wants_reason, " \
	"x.extensions, x.opened_at, x.updated_at, x.verified_at, "             \
	"x.brag_derived, x.brag_shown, x.row FROM action x "                   \
	"JOIN agency a ON a.id = x.agency "                                    \
	"LEFT JOIN contact c ON c.id = x.owner "                               \
	"LEFT JOIN grp g ON g.id = x.grp "
static const char SQL_FIND[] = ACTION_COLUMNS "WHERE x.ref = upper(:ref)";
static const char SQL_GET[] = ACTION_COLUMNS "WHERE x.id = :id";
#define ACTION_LIST                                            \
	" AND (:owner = 0 OR x.owner = :owner)"                \
	" AND (:agency = 0 OR x.agency = :agency)"             \
	" AND (:grp = 0 OR x.grp = :grp)"                      \
	" AND (:submission = 0 OR x.submission = :submission)" \
	" AND (:all OR +x.status = 'open'"                     \
	" OR (:open AND +x.status IN ('proposed','done')))"    \
	" ORDER BY x.due_day = '', x.due_day, x.id"
static const char SQL_LIST[] = ACTION_COLUMNS "WHERE 1" ACTION_LIST;
/* By an index: these are asked for with each mail. */
static const char SQL_LIST_SUBMISSION[] =
    ACTION_COLUMNS "WHERE x.submission = :submission" ACTION_LIST;
static const char SQL_LIST_OWNER[] =
    ACTION_COLUMNS "WHERE x.owner = :owner" ACTION_LIST;

static const char SQL_ADD_UPDATE[] =
    "INSERT INTO action_update(action, submission, at, by, status, progress, "
    "percent, evidence, impact, new_day, reason) VALUES (:action, "
    ":submission, :at, lower(:by), :status, :progress, :percent, :evidence, "
    ":impact, :new_day, :reason)";
static const char SQL_APPLY_UPDATE[] =
    "UPDATE action SET reported = :reported,"
    " percent = iif(:percent = '', percent, :percent),"
    " has_evidence = has_evidence OR :evidence <> '',"
    " wants_day = iif(:new_day = '', wants_day, :new_day),"
    " wants_reason = iif(:new_day = '', wants_reason, :reason),"
    " status = iif(:reported = 'done', 'done', 'open'), updated_at = :at"
    " WHERE id = :id AND status IN ('proposed','open','done')";
static const char SQL_UPDATES[] =
    "SELECT id, action, submission, at, by, status, progress, percent, "
    "evidence, impact, new_day, reason FROM action_update"
    " WHERE action = :action ORDER BY id";
static const char SQL_STATUS[] =
    "UPDATE action SET status = :status,"
    " verified_at = iif(:status = 'verified', :at, verified_at)"
    " WHERE id = :id";
static const char SQL_BRAG[] =
    "UPDATE action SET brag_derived = :derived, brag_shown = :shown"
    " WHERE id = :id"
    " AND (brag_derived IS NOT :derived OR brag_shown IS NOT :shown)";
static const char SQL_CLOSE_PROPOSED[] =
    "UPDATE action SET status = 'closed'"
    " WHERE submission = :submission AND status = 'proposed'";

static int
add_row(struct store *store, const struct action *action, const char *ref,
    int64_t *ret_id, struct err *err)
{
	const char *priority = action->priority;

	if (priority == NULL || priority[0] == '\0')
		priority = "normal";
	return sql_insert(store, SQL_ADD,
	    BINDS(bind_text(":ref", ref), bind_text(":source", action->source),
		bind_some(":submission", action->submission),
		bind_text(":row", action->row),
		bind_text(":title", action->title),
		bind_text(":text", action->text),
		bind_text(":recommendation", action->recommendation),
		bind_text(":priority", priority),
		bind_int(":agency", action->agency),
		bind_some(":owner", action->owner),
		bind_text(":owner_text", action->owner_text),
		bind_some(":grp", action->group),
		bind_text(":success_measure", action->success_measure),
		bind_text(":evidence_expected", action->evidence_expected),
		bind_day(":due_day", action->due_day),
		bind_text(":status", action->status),
		bind_int(":opened_at", action->opened_at),
		bind_word(":derived", action->brag_derived),
		bind_word(":shown", action->brag_shown)),
	    ret_id, err);
}

int
action_add(struct store *store, const struct action *action, int64_t *ret_id,
    char ret_ref[static REFERENCE_BYTES], struct err *err)
{
	int failed = reference_next(store, 'A', ret_ref, err);

	return failed < 0 ? failed
			  : add_row(store, action, ret_ref, ret_id, err);
}

static void
read_action(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct action *)item = (struct action){
	    .id = sql_int(stmt, 0),
	    .ref = sql_text(arena, stmt, 1),
	    .source = sql_text(arena, stmt, 2),
	    .submission = sql_int(stmt, 3),
	    .title = sql_text(arena, stmt, 4),
	    .text = sql_text(arena, stmt, 5),
	    .recommendation = sql_text(arena, stmt, 6),
	    .priority = sql_text(arena, stmt, 7),
	    .agency = sql_int(stmt, 8),
	    .owner = sql_int(stmt, 9),
	    .group = sql_int(stmt, 10),
	    .agency_code = sql_text(arena, stmt, 11),
	    .owner_email = sql_text(arena, stmt, 12),
	    .owner_name = sql_text(arena, stmt, 13),
	    .group_code = sql_text(arena, stmt, 14),
	    .owner_text = sql_text(arena, stmt, 15),
	    .success_measure = sql_text(arena, stmt, 16),
	    .evidence_expected = sql_text(arena, stmt, 17),
	    .due_day = sql_day(stmt, 18),
	    .original_due_day = sql_day(stmt, 19),
	    .status = sql_text(arena, stmt, 20),
	    .reported = sql_text(arena, stmt, 21),
	    .has_evidence = sql_int(stmt, 22) != 0,
	    .percent = sql_text(arena, stmt, 23),
	    .wants_day = sql_day(stmt, 24),
	    .wants_reason = sql_text(arena, stmt, 25),
	    .extensions = (int)sql_int(stmt, 26),
	    .opened_at = sql_int(stmt, 27),
	    .updated_at = sql_int(stmt, 28),
	    .verified_at = sql_int(stmt, 29),
	    .brag_derived = sql_text(arena, stmt, 30),
	    .brag_shown = sql_text(arena, stmt, 31),
	    .row = sql_text(arena, stmt, 32),
	};
}

int
action_find(struct store *store, struct arena *arena, const char *ref,
    struct action *ret_action, struct err *err)
{
	static const struct sql_list list = {SQL_FIND, sizeof(struct action),
	    read_action};

	return sql_one(store, arena, &list, BINDS(bind_text(":ref", ref)),
	    ret_action, err);
}

int
action_get(struct store *store, struct arena *arena, int64_t id,
    struct action *ret_action, struct err *err)
{
	static const struct sql_list list = {SQL_GET, sizeof(struct action),
	    read_action};

	return sql_one(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_action, err);
}

int
action_list(struct store *store, struct arena *arena,
    const struct action_filter *filter, struct actions *ret_actions,
    struct err *err)
{
	struct sql_list list = {SQL_LIST, sizeof(struct action), read_action};

	if (filter->submission != 0)
		list.text = SQL_LIST_SUBMISSION;
	else if (filter->owner != 0)
		list.text = SQL_LIST_OWNER;
	return sql_list(store, arena, &list,
	    BINDS(bind_int(":owner", filter->owner),
		bind_int(":agency", filter->agency),
		bind_int(":grp", filter->group),
		bind_int(":submission", filter->submission),
		bind_int(":all", filter->which == ACTIONS_ALL),
		bind_int(":open", filter->which == ACTIONS_OPEN)),
	    ret_actions, err);
}

static int
apply_update(struct store *store, const struct action_update *update,
    struct err *err)
{
	int changed = sql_change(store, SQL_APPLY_UPDATE,
	    BINDS(bind_int(":id", update->action),
		bind_text(":reported", update->status),
		bind_text(":percent", update->percent),
		bind_text(":evidence", update->evidence),
		bind_day(":new_day", update->new_day),
		bind_text(":reason", update->reason),
		bind_int(":at", update->at)),
	    err);

	if (changed == 0)
		return err_set(err, ERR_INPUT, BLAME_SENDER,
		    "this action is finished: nothing more can be reported");
	return changed < 0 ? changed : 0;
}

int
action_add_update(struct store *store, const struct action_update *update,
    struct err *err)
{
	int failed = apply_update(store, update, err);

	if (failed < 0)
		return failed;
	return sql_run(store, SQL_ADD_UPDATE,
	    BINDS(bind_int(":action", update->action),
		bind_some(":submission", update->submission),
		bind_int(":at", update->at), bind_text(":by", update->by),
		bind_text(":status", update->status),
		bind_text(":progress", update->progress),
		bind_text(":percent", update->percent),
		bind_text(":evidence", update->evidence),
		bind_text(":impact", update->impact),
		bind_day(":new_day", update->new_day),
		bind_text(":reason", update->reason)),
	    err);
}

static void
read_update(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct action_update *)item = (struct action_update){
	    .id = sql_int(stmt, 0),
	    .action = sql_int(stmt, 1),
	    .submission = sql_int(stmt, 2),
	    .at = sql_int(stmt, 3),
	    .by = sql_text(arena, stmt, 4),
	    .status = sql_text(arena, stmt, 5),
	    .progress = sql_text(arena, stmt, 6),
	    .percent = sql_text(arena, stmt, 7),
	    .evidence = sql_text(arena, stmt, 8),
	    .impact = sql_text(arena, stmt, 9),
	    .new_day = sql_day(stmt, 10),
	    .reason = sql_text(arena, stmt, 11),
	};
}

int
action_list_updates(struct store *store, struct arena *arena, int64_t id,
    struct action_updates *ret_updates, struct err *err)
{
	static const struct sql_list list = {SQL_UPDATES,
	    sizeof(struct action_update), read_update};

	return sql_list(store, arena, &list, BINDS(bind_int(":action", id)),
	    ret_updates, err);
}

int
action_set_status(struct store *store, int64_t id, const char *status,
    int64_t at, struct err *err)
{
	return sql_run(store, SQL_STATUS,
	    BINDS(bind_int(":id", id), bind_text(":status", status),
		bind_int(":at", at)),
	    err);
}

int
action_set_brag(struct store *store, int64_t id, const char *derived,
    const char *shown, struct err *err)
{
	return sql_run(store, SQL_BRAG,
	    BINDS(bind_int(":id", id), bind_word(":derived", derived),
		bind_word(":shown", shown)),
	    err);
}

int
action_close_proposed(struct store *store, int64_t submission, struct err *err)
{
	return sql_change(store, SQL_CLOSE_PROPOSED,
	    BINDS(bind_int(":submission", submission)), err);
}
