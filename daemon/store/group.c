/* Look-ups of groups. */
#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "store/register.h"
#include "store/sql.h"

#define GROUP_COLUMNS                                                      \
	"SELECT id, code, name, kind, quorum, papers_days, minutes_days, " \
	"closed_on FROM grp "
static const char SQL_GET[] = GROUP_COLUMNS "WHERE id = :id";
static const char SQL_LIST[] =
    GROUP_COLUMNS "WHERE closed_on = '' ORDER BY code";
static const char SQL_FIND_CODE[] =
    GROUP_COLUMNS "WHERE code = upper(trim(:text)) AND closed_on = ''";
static const char SQL_FIND_NAME[] = GROUP_COLUMNS
    "WHERE folded = :folded AND closed_on = '' ORDER BY code LIMIT 2";

static void
read_group(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct group *)item = (struct group){
	    .id = sql_int(stmt, 0),
	    .code = sql_text(arena, stmt, 1),
	    .name = sql_text(arena, stmt, 2),
	    .kind = sql_text(arena, stmt, 3),
	    .quorum = sql_text(arena, stmt, 4),
	    .papers_days = (int)sql_int(stmt, 5),
	    .minutes_days = (int)sql_int(stmt, 6),
	    .closed_day = sql_day(stmt, 7),
	};
}

static int
find_name(struct store *store, struct arena *arena, const char *text,
    struct group *ret_group, struct err *err)
{
	static const struct sql_list list = {SQL_FIND_NAME,
	    sizeof(struct group), read_group};
	struct groups found;
	int failed = sql_list(store, arena, &list,
	    BINDS(bind_text(":folded", text_fold(arena, text))), &found, err);

	if (failed < 0 || found.count != 1)
		return failed < 0 ? failed : (int)found.count;
	*ret_group = found.items[0];
	return 1;
}

int
group_find(struct store *store, struct arena *arena, const char *text,
    struct group *ret_group, struct err *err)
{
	static const struct sql_list list = {SQL_FIND_CODE,
	    sizeof(struct group), read_group};
	int found = sql_one(store, arena, &list,
	    BINDS(bind_text(":text", text)), ret_group, err);

	return found != 0 ? found
			  : find_name(store, arena, text, ret_group, err);
}

int
group_list(struct store *store, struct arena *arena, struct groups *ret_groups,
    struct err *err)
{
	static const struct sql_list list = {SQL_LIST, sizeof(struct group),
	    read_group};

	return sql_list(store, arena, &list, BINDS(), ret_groups, err);
}

int
group_get(struct store *store, struct arena *arena, int64_t id,
    struct group *ret_group, struct err *err)
{
	static const struct sql_list list = {SQL_GET, sizeof(struct group),
	    read_group};

	return sql_one(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_group, err);
}
