#include "store/books.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static const char *const WORDS_MAIL[] = {"full", "reference-only", NULL};
static const char *const WORDS_PROOF[] = {"dmarc", "dkim", "spf", "confirm",
    NULL};
static const char *const WORDS_ROLES[] = {"staff", "lead", "deputy",
    "executive", "governor", "data", "member", "scrutineer", NULL};
static const char *const WORDS_FLAG[] = {"0", "1", NULL};
static const char *const WORDS_GROUP[] = {"executive", "partnership",
    "subgroup", "task_group", "panel", NULL};
static const char *const WORDS_CAPACITY[] = {"chair", "vice", "member",
    "deputy", "observer", "minute_taker", NULL};

#define NEEDED COLUMN_NEEDED, NULL, NULL
#define MAYBE  COLUMN_MAYBE, NULL, NULL

static const struct sheet_column g_agency_columns[] = {
    [AGENCY_CODE] = {"code", CELL_CODE, NEEDED},
    [AGENCY_NAME] = {"name", CELL_NAME, NEEDED},
    [AGENCY_SECTOR] = {"sector", CELL_TEXT, NEEDED},
    [AGENCY_PARTNER] = {"statutory_partner", CELL_MAYBE_CODE, NEEDED},
    [AGENCY_DOMAINS] = {"domains", CELL_LIST, NEEDED},
    [AGENCY_ALIASES] = {"aliases", CELL_LIST, NEEDED},
    [AGENCY_FROM] = {"active_from", CELL_DAY, NEEDED},
    [AGENCY_TO] = {"active_to", CELL_DAY, NEEDED},
    [AGENCY_URN] = {"urn", CELL_TEXT, MAYBE},
    [AGENCY_PARENT] = {"parent", CELL_MAYBE_CODE, MAYBE},
    [AGENCY_MAIL] = {"mail", CELL_WORD, COLUMN_MAYBE, WORDS_MAIL, "full"},
    [AGENCY_PROOF] = {"proof", CELL_WORD, COLUMN_MAYBE, WORDS_PROOF, ""},
    [AGENCY_TERMS] = {"terms", CELL_TEXT, MAYBE},
};
static const struct sheet_column g_contact_columns[] = {
    [CONTACT_EMAIL] = {"email", CELL_EMAIL, NEEDED},
    [CONTACT_NAME] = {"name", CELL_NAME, NEEDED},
    [CONTACT_AGENCY] = {"agency", CELL_CODES, NEEDED},
    [CONTACT_ROLES] = {"roles", CELL_WORDS, COLUMN_NEEDED, WORDS_ROLES, NULL},
    [CONTACT_DEPUTY] = {"deputy", CELL_MAYBE_EMAIL, NEEDED},
    [CONTACT_ALIASES] = {"aliases", CELL_EMAILS, NEEDED},
    [CONTACT_STATUS] = {"status", CELL_STATUS, COLUMN_NEEDED, NULL, "active"},
    [CONTACT_TITLE] = {"title", CELL_TEXT, MAYBE},
    [CONTACT_PHONE] = {"phone", CELL_TEXT, MAYBE},
    [CONTACT_SHARED] = {"shared", CELL_WORD, COLUMN_MAYBE, WORDS_FLAG, "0"},
};
static const struct sheet_column g_group_columns[] = {
    [GROUP_CODE] = {"code", CELL_CODE, NEEDED},
    [GROUP_NAME] = {"name", CELL_NAME, NEEDED},
    [GROUP_KIND] = {"kind", CELL_WORD, COLUMN_NEEDED, WORDS_GROUP, NULL},
    [GROUP_QUORUM] = {"quorum", CELL_QUORUM, NEEDED},
    [GROUP_PAPERS] = {"papers_days", CELL_NUMBER, COLUMN_NEEDED, NULL, "5"},
    [GROUP_MINUTES] = {"minutes_days", CELL_NUMBER, COLUMN_NEEDED, NULL, "10"},
};
static const struct sheet_column g_member_columns[] = {
    [MEMBER_GROUP] = {"group", CELL_CODE, NEEDED},
    [MEMBER_EMAIL] = {"email", CELL_EMAIL, NEEDED},
    [MEMBER_CAPACITY] = {"capacity", CELL_WORD, COLUMN_NEEDED, WORDS_CAPACITY,
	NULL},
    [MEMBER_VOTING] = {"voting", CELL_WORD, COLUMN_NEEDED, WORDS_FLAG, NULL},
    [MEMBER_FROM] = {"from", CELL_DAY, MAYBE},
    [MEMBER_TO] = {"to", CELL_DAY, MAYBE},
};
static const struct sheet_column g_priority_columns[] = {
    [PRIORITY_CODE] = {"code", CELL_CODE, NEEDED},
    [PRIORITY_TITLE] = {"title", CELL_NAME, NEEDED},
    [PRIORITY_OWNER] = {"owner_group", CELL_MAYBE_CODE, NEEDED},
    [PRIORITY_FROM] = {"from", CELL_DAY, NEEDED},
    [PRIORITY_TO] = {"to", CELL_DAY, NEEDED},
};

static const char SQL_AGENCIES[] =
    "SELECT code, name, sector, statutory_partner, domains, aliases, "
    "active_from, active_to, urn, parent, mail, proof, terms,"
    " active_to <> '' AND active_to <= :today FROM agency ORDER BY code";
/* One who left, and whose address is another's alias by now. */
#define RENAMED "c.email IN (SELECT email FROM contact_alias)"
static const char SQL_CONTACTS[] =
    "SELECT c.email, c.name, coalesce((SELECT group_concat(code, ';') FROM"
    " (SELECT a.code FROM contact_agency ca JOIN agency a ON a.id = ca.agency"
    " WHERE ca.contact = c.id ORDER BY ca.position)), ''),"
    " (SELECT v.roles FROM v_contact v WHERE v.email = c.email),"
    " coalesce(d.email, ''), coalesce((SELECT group_concat(email, ';') FROM"
    " (SELECT l.email FROM contact_alias l WHERE l.contact = c.id"
    " ORDER BY l.email)), ''),"
    " CASE WHEN c.has_left THEN 'left' WHEN c.away_until <> ''"
    " THEN 'away until ' || c.away_until ELSE 'active' END,"
    " c.title, c.phone, c.shared, c.has_left AND (:today <> '' OR " RENAMED ")"
    " FROM contact c LEFT JOIN contact d ON d.id = c.deputy ORDER BY c.email";
static const char SQL_GROUPS[] =
    "SELECT code, name, kind, quorum, papers_days, minutes_days,"
    " closed_on <> '' AND :today IS NOT NULL FROM grp ORDER BY code";
static const char SQL_MEMBERS[] =
    "SELECT g.code, c.email, m.capacity, m.voting, m.from_day, m.to_day,"
    " iif(:today = '', g.closed_on <> '' OR (c.has_left AND " RENAMED "),"
    " m.to_day <> '' AND m.to_day <= :today)"
    " FROM member m JOIN grp g ON g.id = m.grp"
    " JOIN contact c ON c.id = m.contact"
    " ORDER BY g.code, c.email, m.capacity, m.from_day";
static const char SQL_PRIORITIES[] =
    "SELECT code, title, owner_group, from_day, to_day,"
    " to_day <> '' AND to_day <= :today FROM priority ORDER BY code";

static const char SQL_AGENCY_WRITE[] =
    "INSERT INTO agency(code, name, sector, statutory_partner, domains, "
    "aliases, active_from, active_to, urn, parent, mail, proof, terms) VALUES"
    " (:code, :name, :sector, :partner, :domains, :aliases, :from, :to, :urn,"
    " :parent, :mail, :proof, :terms) ON CONFLICT (code) DO UPDATE SET"
    " name = excluded.name, sector = excluded.sector,"
    " statutory_partner = excluded.statutory_partner,"
    " domains = excluded.domains, aliases = excluded.aliases,"
    " active_from = excluded.active_from, active_to = excluded.active_to,"
    " urn = excluded.urn, parent = excluded.parent, mail = excluded.mail,"
    " proof = excluded.proof, terms = excluded.terms";
static const char SQL_AGENCY_UNNAME[] =
    "DELETE FROM agency_name WHERE agency ="
    " (SELECT id FROM agency WHERE code = :code)";
static const char SQL_AGENCY_NAME[] =
    "INSERT OR IGNORE INTO agency_name(folded, agency, kind, text)"
    " SELECT :folded, id, :kind, :text FROM agency WHERE code = :code";
static const char SQL_AGENCY_CLOSE[] =
    "UPDATE agency SET active_to = :day WHERE code = :code";

static const char SQL_CONTACT_WRITE[] =
    "INSERT INTO contact(email, name, folded, title, phone, shared, roles, "
    "has_left, away_until) VALUES (:email, :name, :folded, :title, :phone, "
    ":shared, :roles, :left, :away) ON CONFLICT (email) DO UPDATE SET"
    " name = excluded.name, folded = excluded.folded, title = excluded.title,"
    " phone = excluded.phone, shared = excluded.shared,"
    " roles = excluded.roles, has_left = excluded.has_left,"
    " away_until = excluded.away_until";
static const char SQL_CONTACT_UNALIAS[] =
    "DELETE FROM contact_alias WHERE contact ="
    " (SELECT id FROM contact WHERE email = :email)";
/* An alias may move: from a contact who left, or whose row comes later. */
static const char SQL_CONTACT_ALIAS[] =
    "INSERT OR REPLACE INTO contact_alias(email, contact)"
    " SELECT :alias, id FROM contact WHERE email = :email";
static const char SQL_CONTACT_UNAGENCY[] =
    "DELETE FROM contact_agency WHERE contact ="
    " (SELECT id FROM contact WHERE email = :email)";
static const char SQL_CONTACT_AGENCY[] =
    "INSERT INTO contact_agency(contact, agency, position)"
    " SELECT c.id, a.id, :position FROM contact c, agency a"
    " WHERE c.email = :email AND a.code = :code";
static const char SQL_CONTACT_DEPUTY[] =
    "UPDATE contact SET deputy ="
    " (SELECT d.id FROM contact d WHERE d.email = :deputy)"
    " WHERE email = :email";
static const char SQL_CONTACT_CLOSE[] =
    "UPDATE contact SET has_left = 1, away_until = '', deputy = NULL"
    " WHERE email = :email";

static const char SQL_GROUP_WRITE[] =
    "INSERT INTO grp(code, name, folded, kind, quorum, papers_days, "
    "minutes_days) VALUES (:code, :name, :folded, :kind, :quorum, :papers, "
    ":minutes) ON CONFLICT (code) DO UPDATE SET name = excluded.name,"
    " folded = excluded.folded, kind = excluded.kind,"
    " quorum = excluded.quorum, papers_days = excluded.papers_days,"
    " minutes_days = excluded.minutes_days, closed_on = ''";
static const char SQL_GROUP_CLOSE[] =
    "UPDATE grp SET closed_on = :day WHERE code = :code";
static const char SQL_MEMBER_WRITE[] =
    "INSERT INTO member(grp, contact, capacity, voting, from_day, to_day)"
    " SELECT g.id, c.id, :capacity, :voting, :from, :to FROM grp g, contact c"
    " WHERE g.code = :group AND c.email = :email"
    " ON CONFLICT (grp, contact, capacity, from_day) DO UPDATE SET"
    " voting = excluded.voting, to_day = excluded.to_day";
static const char SQL_MEMBER_CLOSE[] =
    "UPDATE member SET to_day = :day"
    " WHERE grp = (SELECT id FROM grp WHERE code = :group)"
    " AND contact = (SELECT id FROM contact WHERE email = :email)"
    " AND capacity = :capacity AND from_day = :from";
static const char SQL_PRIORITY_WRITE[] =
    "INSERT INTO priority(code, title, owner_group, from_day, to_day)"
    " VALUES (:code, :title, :owner, :from, :to) ON CONFLICT (code) DO UPDATE"
    " SET title = excluded.title, owner_group = excluded.owner_group,"
    " from_day = excluded.from_day, to_day = excluded.to_day";
static const char SQL_PRIORITY_CLOSE[] =
    "UPDATE priority SET to_day = :day WHERE code = :code";

static int
add_name(struct store *store, const char *const words[3], const char *folded,
    struct err *err)
{
	return sql_run(store, SQL_AGENCY_NAME,
	    BINDS(bind_text(":code", words[0]), bind_text(":kind", words[1]),
		bind_text(":text", words[2]), bind_text(":folded", folded)),
	    err);
}

static int
name_agency(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	const char *code = cells[AGENCY_CODE], *name = cells[AGENCY_NAME];
	char **aliases = text_split(arena, cells[AGENCY_ALIASES], ";");
	int failed = sql_run(store, SQL_AGENCY_UNNAME,
	    BINDS(bind_text(":code", code)), err);

	if (failed == 0)
		failed = add_name(store, (const char *[]){code, "name", name},
		    text_fold(arena, name), err);
	for (size_t i = 0; failed == 0 && aliases[i] != NULL; i++)
		failed =
		    add_name(store, (const char *[]){code, "alias", aliases[i]},
			text_fold(arena, aliases[i]), err);
	return failed;
}

static int
write_agency(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	int failed = sql_run(store, SQL_AGENCY_WRITE,
	    BINDS(bind_text(":code", cells[AGENCY_CODE]),
		bind_text(":name", cells[AGENCY_NAME]),
		bind_text(":sector", cells[AGENCY_SECTOR]),
		bind_text(":partner", cells[AGENCY_PARTNER]),
		bind_text(":domains", cells[AGENCY_DOMAINS]),
		bind_text(":aliases", cells[AGENCY_ALIASES]),
		bind_text(":from", cells[AGENCY_FROM]),
		bind_text(":to", cells[AGENCY_TO]),
		bind_text(":urn", cells[AGENCY_URN]),
		bind_text(":parent", cells[AGENCY_PARENT]),
		bind_text(":mail", cells[AGENCY_MAIL]),
		bind_text(":proof", cells[AGENCY_PROOF]),
		bind_text(":terms", cells[AGENCY_TERMS])),
	    err);

	return failed < 0 ? failed : name_agency(store, arena, cells, err);
}

static int
close_agency(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_AGENCY_CLOSE,
	    BINDS(bind_text(":code", cells[AGENCY_CODE]),
		bind_text(":day", cells[COUNT_OF(g_agency_columns)])),
	    err);
}

static unsigned
roles_of(struct arena *arena, const char *list)
{
	char **words = text_split(arena, list, ";");
	unsigned roles = 0;

	for (size_t i = 0; words[i] != NULL; i++)
		roles |= role_of_word(words[i]);
	return roles;
}

static int
add_agencies(struct store *store, struct arena *arena, const char *email,
    const char *list, struct err *err)
{
	char **codes = text_split(arena, list, ";");
	int failed = sql_run(store, SQL_CONTACT_UNAGENCY,
	    BINDS(bind_text(":email", email)), err);

	for (size_t i = 0; failed == 0 && codes[i] != NULL; i++)
		failed = sql_run(store, SQL_CONTACT_AGENCY,
		    BINDS(bind_text(":email", email),
			bind_text(":code", codes[i]),
			bind_int(":position", (int64_t)i + 1)),
		    err);
	return failed;
}

static int
add_aliases(struct store *store, struct arena *arena, const char *email,
    const char *list, struct err *err)
{
	char **aliases = text_split(arena, list, ";");
	int failed = sql_run(store, SQL_CONTACT_UNALIAS,
	    BINDS(bind_text(":email", email)), err);

	for (size_t i = 0; failed == 0 && aliases[i] != NULL; i++)
		failed = sql_run(store, SQL_CONTACT_ALIAS,
		    BINDS(bind_text(":email", email),
			bind_text(":alias", aliases[i])),
		    err);
	return failed;
}

static int
write_contact(struct store *store, struct arena *arena,
    const char *const *cells, struct err *err)
{
	static const char away[] = "away until ";
	const char *email = cells[CONTACT_EMAIL];
	const char *status = cells[CONTACT_STATUS];
	bool is_away = strncmp(status, away, sizeof(away) - 1) == 0;
	int failed = sql_run(store, SQL_CONTACT_WRITE,
	    BINDS(bind_text(":email", email),
		bind_text(":name", cells[CONTACT_NAME]),
		bind_text(":folded", text_fold(arena, cells[CONTACT_NAME])),
		bind_text(":title", cells[CONTACT_TITLE]),
		bind_text(":phone", cells[CONTACT_PHONE]),
		bind_int(":shared", cells[CONTACT_SHARED][0] == '1'),
		bind_int(":roles", roles_of(arena, cells[CONTACT_ROLES])),
		bind_int(":left", strcmp(status, "left") == 0),
		bind_text(":away", is_away ? status + sizeof(away) - 1 : "")),
	    err);

	if (failed == 0)
		failed = add_agencies(store, arena, email,
		    cells[CONTACT_AGENCY], err);
	return failed;
}

/* A deputy may stand further down; an alias may have been another's. */
static int
link_contact(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	int failed = add_aliases(store, arena, cells[CONTACT_EMAIL],
	    cells[CONTACT_ALIASES], err);

	if (failed < 0)
		return failed;
	return sql_run(store, SQL_CONTACT_DEPUTY,
	    BINDS(bind_text(":email", cells[CONTACT_EMAIL]),
		bind_text(":deputy", cells[CONTACT_DEPUTY])),
	    err);
}

static int
close_contact(struct store *store, struct arena *arena,
    const char *const *cells, struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_CONTACT_CLOSE,
	    BINDS(bind_text(":email", cells[CONTACT_EMAIL])), err);
}

static int
write_group(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	return sql_run(store, SQL_GROUP_WRITE,
	    BINDS(bind_text(":code", cells[GROUP_CODE]),
		bind_text(":name", cells[GROUP_NAME]),
		bind_text(":folded", text_fold(arena, cells[GROUP_NAME])),
		bind_text(":kind", cells[GROUP_KIND]),
		bind_text(":quorum", cells[GROUP_QUORUM]),
		bind_int(":papers", atoi(cells[GROUP_PAPERS])),
		bind_int(":minutes", atoi(cells[GROUP_MINUTES]))),
	    err);
}

static int
close_group(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_GROUP_CLOSE,
	    BINDS(bind_text(":code", cells[GROUP_CODE]),
		bind_text(":day", cells[COUNT_OF(g_group_columns)])),
	    err);
}

static int
write_member(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_MEMBER_WRITE,
	    BINDS(bind_text(":group", cells[MEMBER_GROUP]),
		bind_text(":email", cells[MEMBER_EMAIL]),
		bind_text(":capacity", cells[MEMBER_CAPACITY]),
		bind_int(":voting", cells[MEMBER_VOTING][0] == '1'),
		bind_text(":from", cells[MEMBER_FROM]),
		bind_text(":to", cells[MEMBER_TO])),
	    err);
}

static int
close_member(struct store *store, struct arena *arena, const char *const *cells,
    struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_MEMBER_CLOSE,
	    BINDS(bind_text(":group", cells[MEMBER_GROUP]),
		bind_text(":email", cells[MEMBER_EMAIL]),
		bind_text(":capacity", cells[MEMBER_CAPACITY]),
		bind_text(":from", cells[MEMBER_FROM]),
		bind_text(":day", cells[COUNT_OF(g_member_columns)])),
	    err);
}

static int
write_priority(struct store *store, struct arena *arena,
    const char *const *cells, struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_PRIORITY_WRITE,
	    BINDS(bind_text(":code", cells[PRIORITY_CODE]),
		bind_text(":title", cells[PRIORITY_TITLE]),
		bind_text(":owner", cells[PRIORITY_OWNER]),
		bind_text(":from", cells[PRIORITY_FROM]),
		bind_text(":to", cells[PRIORITY_TO])),
	    err);
}

static int
close_priority(struct store *store, struct arena *arena,
    const char *const *cells, struct err *err)
{
	(void)arena; /* nothing is made */
	return sql_run(store, SQL_PRIORITY_CLOSE,
	    BINDS(bind_text(":code", cells[PRIORITY_CODE]),
		bind_text(":day", cells[COUNT_OF(g_priority_columns)])),
	    err);
}

#define SHEET(name, need, columns)                     \
	{                                              \
		name, need, columns, COUNT_OF(columns) \
	}

const struct book g_books[BOOK_COUNT] = {
    [BOOK_AGENCIES] = {SHEET("agencies.csv", COLUMN_NEEDED, g_agency_columns),
	"agency", {AGENCY_CODE, -1}, SQL_AGENCIES, "active_to", write_agency,
	NULL, close_agency},
    [BOOK_CONTACTS] = {SHEET("contacts.csv", COLUMN_NEEDED, g_contact_columns),
	"contact", {CONTACT_EMAIL, -1}, SQL_CONTACTS, "left", write_contact,
	link_contact, close_contact},
    [BOOK_GROUPS] = {SHEET("groups.csv", COLUMN_NEEDED, g_group_columns),
	"group", {GROUP_CODE, -1}, SQL_GROUPS, "closed on", write_group, NULL,
	close_group},
    [BOOK_MEMBERS] = {SHEET("members.csv", COLUMN_NEEDED, g_member_columns),
	"member", {MEMBER_GROUP, MEMBER_EMAIL, MEMBER_CAPACITY, MEMBER_FROM},
	SQL_MEMBERS, "to", write_member, NULL, close_member},
    [BOOK_PRIORITIES] = {SHEET("priorities.csv", COLUMN_MAYBE,
			     g_priority_columns),
	"priority", {PRIORITY_CODE, -1}, SQL_PRIORITIES, "to", write_priority,
	NULL, close_priority},
};

const char *
book_key(struct arena *arena, const struct book *book, const char *const *cells)
{
	const char *key = "";

	for (int i = 0; i < BOOK_KEY_COLUMNS && book->keys[i] >= 0; i++) {
		const char *cell = cells[book->keys[i]];
		if (cell[0] != '\0')
			key = arena_printf(arena, "%s%s%s", key,
			    i == 0 ? "" : " ", cell);
	}
	return key;
}
