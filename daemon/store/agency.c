/* Look-ups of agencies. */
#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "store/register.h"
#include "store/sql.h"

#define AGENCY_COLUMNS                                                 \
	"SELECT a.id, a.code, a.name, a.sector, a.statutory_partner, " \
	"a.domains, a.parent, a.mail, a.proof, a.urn, a.terms, "       \
	"a.active_from, a.active_to FROM agency a "
static const char SQL_GET[] = AGENCY_COLUMNS "WHERE a.id = :id";
static const char SQL_FIND_CODE[] =
    AGENCY_COLUMNS "WHERE a.code = upper(trim(:text))";
/* Those that are open come first: an old namesake must not hide one. */
#define OPEN_FIRST " ORDER BY a.active_to <> '', a.code LIMIT 2"
static const char SQL_FIND_URN[] =
    AGENCY_COLUMNS "WHERE a.urn = trim(:text) AND a.urn <> ''" OPEN_FIRST;
static const char SQL_FIND_NAME[] =
    AGENCY_COLUMNS "WHERE a.id IN (SELECT agency FROM agency_name WHERE folded "
		   "= :folded)" OPEN_FIRST;
static const char SQL_LIST[] = AGENCY_COLUMNS
    "WHERE (a.active_from = '' OR a.active_from <= :day)"
    " AND (a.active_to = '' OR a.active_to >= :day) ORDER BY a.code";

static void
read_agency(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct agency *)item = (struct agency){
	    .id = sql_int(stmt, 0),
	    .code = sql_text(arena, stmt, 1),
	    .name = sql_text(arena, stmt, 2),
	    .sector = sql_text(arena, stmt, 3),
	    .statutory_partner = sql_text(arena, stmt, 4),
	    .domains = sql_text(arena, stmt, 5),
	    .parent = sql_text(arena, stmt, 6),
	    .mail = sql_text(arena, stmt, 7),
	    .proof = sql_text(arena, stmt, 8),
	    .urn = sql_text(arena, stmt, 9),
	    .terms = sql_text(arena, stmt, 10),
	    .active_from_day = sql_day(stmt, 11),
	    .active_to_day = sql_day(stmt, 12),
	};
}

/* The one that a word names, 2 where it names several that are open, or none
 * that is. */
static int
find_word(struct store *store, struct arena *arena, const char *statement,
    const struct bind *binds, struct agency *ret_agency, struct err *err)
{
	const struct sql_list list = {statement, sizeof(struct agency),
	    read_agency};
	struct agencies found;
	int failed = sql_list(store, arena, &list, binds, &found, err);

	if (failed < 0 || found.count == 0)
		return failed;
	if (found.count > 1 && (found.items[0].active_to_day == DAY_NONE) ==
				   (found.items[1].active_to_day == DAY_NONE))
		return 2;
	*ret_agency = found.items[0];
	return 1;
}

int
agency_find(struct store *store, struct arena *arena, const char *text,
    struct agency *ret_agency, struct err *err)
{
	static const struct sql_list list = {SQL_FIND_CODE,
	    sizeof(struct agency), read_agency};
	int found = sql_one(store, arena, &list,
	    BINDS(bind_text(":text", text)), ret_agency, err);

	if (found == 0)
		found = find_word(store, arena, SQL_FIND_URN,
		    BINDS(bind_text(":text", text)), ret_agency, err);
	if (found == 0)
		found = find_word(store, arena, SQL_FIND_NAME,
		    BINDS(bind_text(":folded", text_fold(arena, text))),
		    ret_agency, err);
	return found;
}

int
agency_get(struct store *store, struct arena *arena, int64_t id,
    struct agency *ret_agency, struct err *err)
{
	static const struct sql_list list = {SQL_GET, sizeof(struct agency),
	    read_agency};

	return sql_one(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_agency, err);
}

int
agency_list(struct store *store, struct arena *arena, int32_t day,
    struct agencies *ret_agencies, struct err *err)
{
	static const struct sql_list list = {SQL_LIST, sizeof(struct agency),
	    read_agency};

	return sql_list(store, arena, &list, BINDS(bind_day(":day", day)),
	    ret_agencies, err);
}

bool
agency_is_active(const struct agency *agency, int32_t day)
{
	return (agency->active_from_day == DAY_NONE ||
		   agency->active_from_day <= day) &&
	       (agency->active_to_day == DAY_NONE ||
		   agency->active_to_day >= day);
}
