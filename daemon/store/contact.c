/* Look-ups of contacts, and the clerk's own marks on them. */
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "store/register.h"
#include "store/sql.h"

#define CONTACT_COLUMNS                                                       \
	"SELECT c.id, c.email, c.name, c.title, c.phone, c.roles, c.shared, " \
	"c.has_left, c.deputy, c.away_until, c.absent_until, c.bounced_at "   \
	"FROM contact c "
static const char SQL_GET[] = CONTACT_COLUMNS "WHERE c.id = :id";
/* The old address of one who left may be another's alias now. */
#define BY_EMAIL "SELECT k.id FROM contact k WHERE k.email = lower(:address)"
#define BY_ALIAS                                          \
	"SELECT k.id FROM contact_alias a JOIN contact k" \
	" ON k.id = a.contact WHERE a.email = lower(:address)"
/* Those who are here before those who left, addresses before aliases. */
static const char SQL_FIND[] = CONTACT_COLUMNS
    "WHERE c.id = coalesce((" BY_EMAIL " AND NOT k.has_left),"
    " (" BY_ALIAS " AND NOT k.has_left), (" BY_EMAIL "), (" BY_ALIAS "))";
static const char SQL_FIND_NAME[] = CONTACT_COLUMNS
    "WHERE c.folded = :folded AND NOT c.has_left ORDER BY c.email LIMIT 2";
static const char SQL_LIST[] = CONTACT_COLUMNS
    "WHERE (c.roles & :roles) AND NOT c.has_left AND (:agency = 0 OR c.id IN"
    " (SELECT contact FROM contact_agency WHERE agency = :agency))"
    " ORDER BY c.name, c.email";
static const char SQL_LIST_GROUP[] = CONTACT_COLUMNS
    "WHERE NOT c.has_left AND c.id IN (SELECT m.contact FROM member m"
    " WHERE m.grp = :grp AND (:capacity = '' OR m.capacity = :capacity)"
    " AND (m.from_day = '' OR m.from_day <= :day)"
    " AND (m.to_day = '' OR m.to_day >= :day)) ORDER BY c.name, c.email";
static const char SQL_AGENCIES[] =
    "SELECT a.id, a.code, a.name FROM contact_agency ca"
    " JOIN agency a ON a.id = ca.agency WHERE ca.contact = :id"
    " ORDER BY ca.position";
static const char SQL_SET_BOUNCED[] =
    "UPDATE contact SET bounced_at = :at WHERE id = :id";
static const char SQL_SET_ABSENT[] =
    "UPDATE contact SET absent_until = :day WHERE id = :id";

static const struct {
	const char *word;
	unsigned role;
} g_roles[] = {
    {"staff", ROLE_STAFF},
    {"lead", ROLE_LEAD},
    {"deputy", ROLE_DEPUTY},
    {"executive", ROLE_EXECUTIVE},
    {"governor", ROLE_GOVERNOR},
    {"data", ROLE_DATA},
    {"member", ROLE_MEMBER},
    {"scrutineer", ROLE_SCRUTINEER},
};

unsigned
role_of_word(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(g_roles); i++)
		if (text_ieq(g_roles[i].word, word))
			return g_roles[i].role;
	return 0;
}

const char *
role_words(struct arena *arena, unsigned roles)
{
	const char *words = "";

	for (size_t i = 0; i < COUNT_OF(g_roles); i++)
		if (roles & g_roles[i].role)
			words = arena_printf(arena, "%s%s%s", words,
			    words[0] == '\0' ? "" : ";", g_roles[i].word);
	return words;
}

static void
read_contact(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct contact *)item = (struct contact){
	    .id = sql_int(stmt, 0),
	    .email = sql_text(arena, stmt, 1),
	    .name = sql_text(arena, stmt, 2),
	    .title = sql_text(arena, stmt, 3),
	    .phone = sql_text(arena, stmt, 4),
	    .roles = (unsigned)sql_int(stmt, 5),
	    .shared = sql_int(stmt, 6) != 0,
	    .left = sql_int(stmt, 7) != 0,
	    .deputy = sql_int(stmt, 8),
	    .away_day = sql_day(stmt, 9),
	    .absent_day = sql_day(stmt, 10),
	    .bounced_at = sql_int(stmt, 11),
	};
}

static void
read_agency(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct contact_agency *)item = (struct contact_agency){
	    .id = sql_int(stmt, 0),
	    .code = sql_text(arena, stmt, 1),
	    .name = sql_text(arena, stmt, 2),
	};
}

static int
add_agencies(struct store *store, struct arena *arena, struct contact *contact,
    struct err *err)
{
	static const struct sql_list list = {SQL_AGENCIES,
	    sizeof(struct contact_agency), read_agency};

	struct {
		struct contact_agency *items;
		size_t count;
	} agencies;

	int failed = sql_list(store, arena, &list,
	    BINDS(bind_int(":id", contact->id)), &agencies, err);

	if (failed == 0) {
		contact->agencies = agencies.items;
		contact->agency_count = agencies.count;
	}
	return failed;
}

static int
one_contact(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct contact *ret_contact, struct err *err)
{
	const struct sql_list list = {text, sizeof(struct contact),
	    read_contact};
	int found = sql_one(store, arena, &list, binds, ret_contact, err);

	if (found == 1) {
		int failed = add_agencies(store, arena, ret_contact, err);
		return failed < 0 ? failed : 1;
	}
	return found;
}

static int
list_contacts(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct contacts *ret_contacts, struct err *err)
{
	const struct sql_list list = {text, sizeof(struct contact),
	    read_contact};
	int failed = sql_list(store, arena, &list, binds, ret_contacts, err);

	for (size_t i = 0; failed == 0 && i < ret_contacts->count; i++)
		failed =
		    add_agencies(store, arena, &ret_contacts->items[i], err);
	return failed;
}

int
contact_find(struct store *store, struct arena *arena, const char *address,
    struct contact *ret_contact, struct err *err)
{
	return one_contact(store, arena, SQL_FIND,
	    BINDS(bind_text(":address", address)), ret_contact, err);
}

int
contact_get(struct store *store, struct arena *arena, int64_t id,
    struct contact *ret_contact, struct err *err)
{
	return one_contact(store, arena, SQL_GET, BINDS(bind_int(":id", id)),
	    ret_contact, err);
}

int
contact_find_name(struct store *store, struct arena *arena, const char *name,
    struct contact *ret_contact, struct err *err)
{
	struct contacts found;
	const char *folded = text_fold(arena, name);

	if (folded[0] == '\0')
		return 0;
	int failed = list_contacts(store, arena, SQL_FIND_NAME,
	    BINDS(bind_text(":folded", folded)), &found, err);
	if (failed < 0 || found.count != 1)
		return failed < 0 ? failed : (int)found.count;
	*ret_contact = found.items[0];
	return 1;
}

int
contact_list(struct store *store, struct arena *arena,
    struct contact_filter filter, struct contacts *ret_contacts,
    struct err *err)
{
	return list_contacts(store, arena, SQL_LIST,
	    BINDS(bind_int(":roles", filter.roles),
		bind_int(":agency", filter.agency)),
	    ret_contacts, err);
}

int
group_contacts(struct store *store, struct arena *arena,
    const struct member_filter *filter, struct contacts *ret_contacts,
    struct err *err)
{
	return list_contacts(store, arena, SQL_LIST_GROUP,
	    BINDS(bind_int(":grp", filter->group),
		bind_text(":capacity", filter->capacity),
		bind_day(":day", filter->day)),
	    ret_contacts, err);
}

bool
contact_has_agency(const struct contact *contact, int64_t agency)
{
	for (size_t i = 0; i < contact->agency_count; i++)
		if (contact->agencies[i].id == agency)
			return true;
	return false;
}

/* "Away until DAY" includes DAY. */
bool
contact_is_reachable(const struct contact *contact, int32_t day)
{
	return !contact->left && contact->bounced_at == 0 &&
	       (contact->away_day == DAY_NONE || contact->away_day < day) &&
	       (contact->absent_day == DAY_NONE || contact->absent_day < day);
}

int
contact_set_bounced(struct store *store, int64_t id, int64_t at,
    struct err *err)
{
	return sql_run(store, SQL_SET_BOUNCED,
	    BINDS(bind_int(":id", id), bind_some(":at", at)), err);
}

int
contact_clear_bounced(struct store *store, int64_t id, struct err *err)
{
	return contact_set_bounced(store, id, 0, err);
}

int
contact_set_absent(struct store *store, int64_t id, int32_t until_day,
    struct err *err)
{
	return sql_run(store, SQL_SET_ABSENT,
	    BINDS(bind_int(":id", id), bind_day(":day", until_day)), err);
}
