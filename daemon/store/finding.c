/* Findings: what a return showed, once for each row of the thing. */
#include <stdio.h>

#include "base/macros.h"
#include "store/action.h"
#include "store/sql.h"

static const char SQL_ADD[] =
    "INSERT INTO finding(ref, submission, thing, row, agency, theme, "
    "priority, kind, severity, text, action, made_at) VALUES (:ref, "
    ":submission, :thing, :row, :agency, :theme, :priority, :kind, "
    ":severity, :text, :action, :made_at)";
#define FINDING_COLUMNS                                                   \
	"SELECT id, ref, submission, agency, action, thing, row, theme, " \
	"priority, kind, severity, text, made_at, closed_at FROM finding "
static const char SQL_FIND_OPEN[] =
    FINDING_COLUMNS "WHERE thing = :thing AND row = :row AND closed_at IS NULL";
static const char SQL_LIST[] = FINDING_COLUMNS
    "WHERE submission = :submission AND closed_at IS NULL ORDER BY id";
static const char SQL_SET_ACTION[] =
    "UPDATE finding SET action = :action WHERE id = :id";
static const char SQL_CLOSE[] =
    "UPDATE finding SET closed_at = :at WHERE id = :id AND closed_at IS NULL";
static const char SQL_CLOSE_ALL[] =
    "UPDATE finding SET closed_at = :at"
    " WHERE submission = :submission AND closed_at IS NULL";

static void
read_finding(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct finding *)item = (struct finding){
	    .id = sql_int(stmt, 0),
	    .ref = sql_text(arena, stmt, 1),
	    .submission = sql_int(stmt, 2),
	    .agency = sql_int(stmt, 3),
	    .action = sql_int(stmt, 4),
	    .thing = sql_text(arena, stmt, 5),
	    .row = sql_text(arena, stmt, 6),
	    .theme = sql_text(arena, stmt, 7),
	    .priority = sql_text(arena, stmt, 8),
	    .kind = sql_text(arena, stmt, 9),
	    .severity = sql_text(arena, stmt, 10),
	    .text = sql_text(arena, stmt, 11),
	    .made_at = sql_int(stmt, 12),
	    .closed_at = sql_int(stmt, 13),
	};
}

static const char *
or_word(const char *text, const char *otherwise)
{
	return text == NULL || text[0] == '\0' ? otherwise : text;
}

static int
add_row(struct store *store, const struct finding *finding, const char *ref,
    int64_t *ret_id, struct err *err)
{
	return sql_insert(store, SQL_ADD,
	    BINDS(bind_text(":ref", ref),
		bind_some(":submission", finding->submission),
		bind_text(":thing", finding->thing),
		bind_text(":row", finding->row),
		bind_some(":agency", finding->agency),
		bind_text(":theme", finding->theme),
		bind_text(":priority", finding->priority),
		bind_text(":kind",
		    or_word(finding->kind, "area_for_improvement")),
		bind_text(":severity", or_word(finding->severity, "medium")),
		bind_text(":text", finding->text),
		bind_some(":action", finding->action),
		bind_int(":made_at", finding->made_at)),
	    ret_id, err);
}

static int
find_open(struct store *store, struct arena *arena,
    const struct finding *finding, struct finding *ret_finding, struct err *err)
{
	static const struct sql_list list = {SQL_FIND_OPEN,
	    sizeof(struct finding), read_finding};

	return sql_one(store, arena, &list,
	    BINDS(bind_text(":thing", finding->thing),
		bind_text(":row", finding->row)),
	    ret_finding, err);
}

int
finding_add(struct store *store, const struct finding *finding, int64_t *ret_id,
    char ret_ref[static REFERENCE_BYTES], struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1024 * 1024);
	struct finding stands;
	int found = find_open(store, arena, finding, &stands, err);

	if (found == 1) {
		*ret_id = stands.id;
		(void)snprintf(ret_ref, REFERENCE_BYTES, "%s", stands.ref);
		return 0;
	}
	if (found == 0)
		found = reference_next(store, 'F', ret_ref, err);
	if (found == 0)
		found = add_row(store, finding, ret_ref, ret_id, err);
	return found < 0 ? found : 1;
}

int
finding_set_action(struct store *store, int64_t id, int64_t action,
    struct err *err)
{
	return sql_run(store, SQL_SET_ACTION,
	    BINDS(bind_int(":id", id), bind_some(":action", action)), err);
}

int
finding_list(struct store *store, struct arena *arena, int64_t submission,
    struct findings *ret_findings, struct err *err)
{
	static const struct sql_list list = {SQL_LIST, sizeof(struct finding),
	    read_finding};

	return sql_list(store, arena, &list,
	    BINDS(bind_int(":submission", submission)), ret_findings, err);
}

int
finding_close(struct store *store, int64_t id, int64_t at, struct err *err)
{
	return sql_run(store, SQL_CLOSE,
	    BINDS(bind_int(":id", id), bind_int(":at", at)), err);
}

int
finding_close_all(struct store *store, int64_t submission, int64_t at,
    struct err *err)
{
	return sql_change(store, SQL_CLOSE_ALL,
	    BINDS(bind_int(":submission", submission), bind_int(":at", at)),
	    err);
}
