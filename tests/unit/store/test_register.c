#include "fixture.h"
#include "store/sql.h"

static int64_t
count(struct fixture *f, const char *sql)
{
	struct sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(f->store->db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

static void
a_good_register_stands(void **state)
{
	struct fixture *f = *state;

	import_example(f);
	assert_true(told(f, "added agency LGT\n"));
	assert_true(told(f, "added contact ana@lgt.example\n"));
	assert_true(told(f, "added member EXEC ana@lgt.example member\n"));
	assert_int_equal(count(f, "SELECT count(*) FROM contact"), 4);
	assert_int_equal(count(f, "SELECT count(*) FROM contact_agency"), 4);
	assert_int_equal(count(f,
			     "SELECT count(*) FROM v_contact WHERE "
			     "roles = 'lead;executive' AND agency = 'LGT'"),
	    1);
}

static void
again_changes_nothing(void **state)
{
	struct fixture *f = *state;

	import_example(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");
}

static void
an_export_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *out = fixture_file(f, "out");

	write_file(f, "priorities.csv",
	    "code,title,owner_group,from,to\n"
	    "P1,\"Neglect, and \"\"early\"\" help\",QA,2025-04-01,\n");
	write_register(f);
	write_file(f, "contacts.csv",
	    "email,name,agency,roles,deputy,aliases,status,title,phone,"
	    "shared\r\n"
	    "Zoe@LGT.example,\"Zoë, =cmd\",lgt,DATA; lead,,Z@x.example; "
	    "b@x.example,Away until 2027-01-01,@dm,+44 20 7946 0000,1\r\n"
	    "a.lead@lgt.example,Left One,LGT,lead,z@x.example,,left,,,\r\n"
	    "pat@met.example,=1+1,MET,,,,,,,\r\n"
	    "dan@lgt.example,Dan,LGT,,,,,,,\r\n");
	OK(f, import(f, f->folder, REGISTER_APPLY));
	OK(f, register_export(f->store, out, &f->err));
	GIVES(f, 0, import(f, out, REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");
	/* No program that opens it runs a cell. */
	assert_non_null(strstr(read_file(f, "out/contacts.csv"), "'=1+1"));
	assert_non_null(
	    strstr(read_file(f, "out/contacts.csv"), "zoe@lgt.example"));
	/* Nor does an import into an empty database read it otherwise. */
	store_close(f->store);
	(void)unlink(f->path);
	(void)snprintf(f->path, sizeof(f->path), "%s/second.db", f->folder);
	fixture_open(f);
	GIVES(f, 0, import(f, out, REGISTER_APPLY));
	OK(f, register_export(f->store, fixture_file(f, "out2"), &f->err));
	static const char *const names[] = {"agencies", "contacts", "groups",
	    "members", "priorities"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_string_equal(read_file(f, arena_printf(f->arena,
						     "out/%s.csv", names[i])),
		    read_file(f,
			arena_printf(f->arena, "out2/%s.csv", names[i])));
}

static void
a_dry_run_keeps_nothing(void **state)
{
	struct fixture *f = *state;

	write_register(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_DRY_RUN));
	assert_true(told(f, "added agency LGT\n"));
	assert_int_equal(count(f, "SELECT count(*) FROM agency"), 0);
	write_file(f, "groups.csv", "code,name\n");
	GIVES(f, ERR_INPUT, import(f, f->folder, REGISTER_DRY_RUN));
}

static void
what_is_missing_is_closed(void **state)
{
	struct fixture *f = *state;

	import_example(f);
	write_file(f, "agencies.csv",
	    "code,name,sector,statutory_partner,domains,aliases,active_from,"
	    "active_to\nMET,Metropolitan Police,police,POLICE,met.example,,"
	    "2020-01-01,\n");
	write_file(f, "contacts.csv",
	    "email,name,agency,roles,deputy,aliases,status\n"
	    "pat@met.example,Pat O'Hara,MET,lead,,ana@lgt.example,active\n");
	write_file(f, "groups.csv",
	    "code,name,kind,quorum,papers_days,minutes_days\n"
	    "EXEC,Executive Group,executive,,5,10\n");
	write_file(f, "members.csv",
	    "group,email,capacity,voting\nEXEC,pat@met.example,chair,1\n");
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_true(
	    told(f, "closed agency LGT: it is no longer in agencies.csv "
		    "(active_to 2026-03-02)\n"));
	assert_true(told(f, "closed contact dan@lgt.example"));
	assert_true(told(f, "closed group QA"));
	assert_true(told(f, "closed member QA dan@lgt.example chair"));
	assert_true(told(f, "changed contact pat@met.example: aliases: \"\" -> "
			    "\"ana@lgt.example\"\n"));
	assert_int_equal(count(f, "SELECT count(*) FROM contact"), 4);
	assert_int_equal(count(f, "SELECT count(*) FROM v_contact WHERE status "
				  "= 'left'"),
	    3);
	assert_int_equal(count(f, "SELECT count(*) FROM member WHERE to_day = "
				  "'2026-03-02'"),
	    2);

	/* The old address of one who left now means the other. */
	struct contact contact;
	GIVES(f, 1,
	    contact_find(f->store, f->arena, "Ana@LGT.example", &contact,
		&f->err));
	assert_string_equal(contact.email, "pat@met.example");
	struct group group;
	GIVES(f, 0, group_find(f->store, f->arena, "QA", &group, &f->err));

	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");
	OK(f, register_export(f->store, fixture_file(f, "out"), &f->err));
	GIVES(f, 0, import(f, fixture_file(f, "out"), REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");

	/* And what comes back is open again. */
	write_register(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_true(told(f, "changed agency LGT: active_to: \"2026-03-02\" -> "
			    "\"\"\n"));
	assert_true(told(f, "changed group QA: open again\n"));
	GIVES(f, 1, group_find(f->store, f->arena, "qa", &group, &f->err));
	assert_int_equal(count(f, "SELECT count(*) FROM v_contact WHERE status "
				  "= 'left'"),
	    0);
}

static const char HEAD_A[] =
    "code,name,sector,statutory_partner,domains,aliases,active_from,"
    "active_to\n";
static const char HEAD_C[] = "email,name,agency,roles,deputy,aliases,status\n";
static const char HEAD_G[] = "code,name,kind,quorum,papers_days,minutes_days\n";
static const char HEAD_M[] = "group,email,capacity,voting,from,to\n";

static const struct {
	const char *file, *head, *rows, *told;
} g_wrong[] = {
    {"agencies.csv", HEAD_A, "lg t,Name,,,,,,\n", "agencies.csv:2: code"},
    {"agencies.csv", HEAD_A, "ABCDEFGHIJKLMNOPQ,Name,,,,,,\n", "is not a code"},
    {"agencies.csv", HEAD_A, "-A,Name,,,,,,\n", "is not a code"},
    {"agencies.csv", HEAD_A, ",Name,,,,,,\n", "it must be filled"},
    {"agencies.csv", HEAD_A, "LGT,,,,,,,\n", "agencies.csv:2: name"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,,31/03/2026,\n",
	"write it as 2026-03-31"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,,2026-02-30,\n", "is not a day"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,,2026-03-02,2026-03-01\n",
	"is before active_from"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,,,\n\nlgt,B,,,,,,\n",
	"agencies.csv:4: agency \"LGT\" stands in line 2 already"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,Met,,\nMET,B,,,,,,\n",
	"code or alias \"met\" stands in line 2"},
    {"agencies.csv", HEAD_A, "LGT,A,,,,,\n", "7 cells under 8 columns"},
    {"agencies.csv", HEAD_A, "LGT,A, B and C,,,,,,\n",
	"9 cells under 8 columns"},
    {"agencies.csv", HEAD_A, "LGT,A \"B\" C,,,,,,\n", "quotation mark"},
    {"agencies.csv", HEAD_A, "LGT,\"A,,,,,,\nMET,B,,,,,,\n", "quotation mark"},
    {"agencies.csv", HEAD_A, "LGT,Caf\xe9,,,,,,\n",
	"agencies.csv:2: this is not UTF-8"},
    {"agencies.csv", HEAD_A, "LGT,\"A\nB\",,,,,,\n", "on several lines"},
    {"agencies.csv", "code,name\n", "LGT,A\n",
	"agencies.csv:1: the column sector is missing"},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,colour\n",
	"", "agencies.csv:1: unknown column \"colour\""},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,name\n",
	"", "the column name stands twice"},
    {"agencies.csv", "", "", "the file is empty"},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,parent,mail,proof\n",
	"LGT,A,,,,,,,NONE,,\n", "parent \"NONE\" is not in agencies.csv"},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,parent,mail,proof\n",
	"LGT,A,,,,,,,LGT,,\n", "is the agency itself"},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,parent,mail,proof\n",
	"LGT,A,,,,,,,,some,\n", "is none of: full, reference-only"},
    {"agencies.csv",
	"code,name,sector,statutory_partner,domains,aliases,active_from,"
	"active_to,parent,mail,proof\n",
	"LGT,A,,,,,,,,,magic\n", "is none of: dmarc"},
    {"contacts.csv", HEAD_C, "not an address,A,LGT,lead,,,active\n",
	"contacts.csv:2: email \"not an address\" is not a mail address"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,boss,,,active\n",
	"is none of: staff, lead"},
    {"contacts.csv", HEAD_C, "a@x.example,A,NONE,lead,,,active\n",
	"agency \"NONE\" is not in agencies.csv"},
    {"contacts.csv", HEAD_C, "a@x.example,A,,lead,,,active\n",
	"a lead belongs to one"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,lead,b@x.example,,active\n",
	"deputy \"b@x.example\" is not in contacts.csv"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,lead,a@x.example,,active\n",
	"is the contact"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,lead,,,away\n",
	"away until 2026-03-31"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,lead,,,away until May\n",
	"is not a status"},
    {"contacts.csv", HEAD_C,
	"a@x.example,A,LGT,,,c@x.example,\nb@x.example,B,LGT,,,A@x.example,\n",
	"contacts.csv:3: the address \"a@x.example\" stands in line 2"},
    {"contacts.csv", HEAD_C, "a@x.example,A,LGT,,,A@X.example,\n",
	"is the contact's own address"},
    {"groups.csv", HEAD_G, "EXEC,A,party,,,\n", "is none of: executive"},
    {"groups.csv", HEAD_G, "EXEC,A,panel,LA & & chair,,\n",
	"is not a quorum rule"},
    {"groups.csv", HEAD_G, "EXEC,A,panel,,five,\n", "is not a number of days"},
    {"groups.csv", HEAD_G, "EXEC,A,panel,,100,\n", "from 0 to 99"},
    {"members.csv", HEAD_M, "NONE,pat@met.example,chair,1,,\n",
	"group \"NONE\" is not in groups.csv"},
    {"members.csv", HEAD_M, "EXEC,who@met.example,chair,1,,\n",
	"email \"who@met.example\" is not in contacts.csv"},
    {"members.csv", HEAD_M, "EXEC,pat@met.example,king,1,,\n",
	"is none of: chair"},
    {"members.csv", HEAD_M, "EXEC,pat@met.example,chair,yes,,\n",
	"is none of: 0, 1"},
    {"members.csv", HEAD_M,
	"EXEC,ana@lgt.example,chair,1,,\nEXEC,a.lead@lgt.example,chair,1,,\n",
	"members.csv:3: member \"EXEC ana@lgt.example chair\" stands in line"},
    {"priorities.csv", "code,title,owner_group,from,to\n", "P1,T,NONE,,\n",
	"owner_group \"NONE\" is not in groups.csv"},
};

static void
each_wrong_row_is_told(void **state)
{
	struct fixture *f = *state;

	import_example(f);
	for (size_t i = 0; i < COUNT_OF(g_wrong); i++) {
		write_register(f);
		(void)unlink(fixture_file(f, "priorities.csv"));
		write_file(f, g_wrong[i].file,
		    arena_printf(f->arena, "%s%s", g_wrong[i].head,
			g_wrong[i].rows));
		if (import(f, f->folder, REGISTER_APPLY) != ERR_INPUT ||
		    !told(f, g_wrong[i].told))
			fail_msg("case %zu, want \"%s\", told:\n%s", i,
			    g_wrong[i].told, buf_text(&f->lines));
	}
	assert_int_equal(count(f, "SELECT count(*) FROM v_contact WHERE status "
				  "<> 'left'"),
	    4);
}

static void
a_missing_file_is_told(void **state)
{
	struct fixture *f = *state;

	write_register(f);
	(void)unlink(fixture_file(f, "groups.csv"));
	GIVES(f, ERR_INPUT, import(f, f->folder, REGISTER_APPLY));
	assert_true(told(f, "groups.csv: the file is missing"));
}

/* Whatever stands in the files: no crash, nothing half done. */
static void
hostile_bytes_do_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 7;

	import_example(f);
	for (int turn = 0; turn < 300; turn++) {
		write_register(f);
		size_t bytes = strlen(CONTACTS);
		char *text = arena_strdup(f->arena, CONTACTS);
		for (int i = 0; i < 3; i++) {
			seed = seed * 1103515245u + 12345u;
			text[(seed >> 8) % bytes] = (char)(seed >> 24);
		}
		OK(f, io_replace_file(fixture_file(f, "contacts.csv"), text,
			  bytes, &f->err));
		(void)import(f, f->folder, REGISTER_DRY_RUN);
		for (const char *p = buf_text(&f->lines); *p != '\0'; p++)
			assert_true(*p == '\n' || (unsigned char)*p >= ' ');
	}
	write_register(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");
}

static void
excel_files_are_read(void **state)
{
	struct fixture *f = *state;

	write_register(f);
	write_file(f, "agencies.csv",
	    "\xef\xbb\xbf"
	    "Code,Name,Sector,Statutory_Partner,Domains,Aliases,Active_From,"
	    "Active_To\r\nlgt,Trust,,,,,,\r\n,,,,,,,\r\nmet,Police,,,,,,\r\n");
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_true(told(f, "added agency MET\n"));
}

static void
people_are_found(void **state)
{
	struct fixture *f = *state;
	struct contact contact;
	struct contacts list;

	import_example(f);
	GIVES(f, 1,
	    contact_find(f->store, f->arena, "A.LEAD@lgt.example", &contact,
		&f->err));
	assert_string_equal(contact.email, "ana@lgt.example");
	assert_int_equal(contact.roles, ROLE_LEAD | ROLE_EXECUTIVE);
	assert_string_equal(role_words(f->arena, contact.roles),
	    "lead;executive");
	assert_int_equal(contact.agency_count, 1);
	int64_t lgt = contact.agencies[0].id;
	assert_true(contact_has_agency(&contact, lgt));

	GIVES(f, 1,
	    contact_get(f->store, f->arena, contact.deputy, &contact, &f->err));
	assert_string_equal(contact.name, "Dan Deputy");
	assert_string_equal(contact.agencies[0].code, "LGT");
	assert_string_equal(contact.agencies[1].code, "MET");
	int32_t away = date_parse_iso("2026-03-05");
	assert_int_equal(contact.away_day, away);
	assert_false(contact_is_reachable(&contact, away));
	assert_true(contact_is_reachable(&contact, away + 1));

	GIVES(f, 1,
	    contact_find_name(f->store, f->arena, "pat  o\xe2\x80\x99hara",
		&contact, &f->err));
	GIVES(f, 0,
	    contact_find(f->store, f->arena, "no@lgt.example", &contact,
		&f->err));
	OK(f, contact_list(f->store, f->arena,
		  (struct contact_filter){lgt, ROLE_LEAD | ROLE_DEPUTY}, &list,
		  &f->err));
	assert_int_equal(list.count, 2);
	OK(f, contact_list(f->store, f->arena,
		  (struct contact_filter){0, ROLE_STAFF}, &list, &f->err));
	assert_int_equal(list.count, 1);
}

static void
agencies_and_groups_are_found(void **state)
{
	struct fixture *f = *state;
	static const char *const ways[] = {"LGT", "lgt", "Lewisham hospital",
	    "LEWISHAM AND GREENWICH TRUST", "lht"};
	struct agency agency;
	struct agencies list;
	struct group group;
	struct contacts chairs;
	int32_t day = date_parse_iso("2026-03-02");

	import_example(f);
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		GIVES(f, 1,
		    agency_find(f->store, f->arena, ways[i], &agency, &f->err));
		assert_string_equal(agency.code, "LGT");
	}
	GIVES(f, 0, agency_find(f->store, f->arena, "NHS", &agency, &f->err));
	OK(f, agency_list(f->store, f->arena, day, &list, &f->err));
	assert_int_equal(list.count, 2);
	OK(f, agency_list(f->store, f->arena, date_parse_iso("2019-01-01"),
		  &list, &f->err));
	assert_int_equal(list.count, 1);
	GIVES(f, 1,
	    group_find(f->store, f->arena, "executive group", &group, &f->err));
	assert_int_equal(group.papers_days, 5);
	OK(f, group_contacts(f->store, f->arena,
		  &(struct member_filter){group.id, "chair", day}, &chairs,
		  &f->err));
	assert_int_equal(chairs.count, 1);
	assert_string_equal(chairs.items[0].email, "pat@met.example");
}

static void
two_agencies_of_one_name(void **state)
{
	struct fixture *f = *state;
	struct agency agency;

	write_register(f);
	write_file(f, "agencies.csv",
	    arena_printf(f->arena,
		"%sSM1,St Mary's School,,,,,,\nSM2,St Marys School,,,,,,\n"
		"OLD,Old School,,,,,,2020-01-01\nNEW,Old School,,,,,,\n",
		AGENCIES));
	OK(f, import(f, f->folder, REGISTER_APPLY));
	GIVES(f, 2,
	    agency_find(f->store, f->arena, "St Mary\xe2\x80\x99s School",
		&agency, &f->err));
	GIVES(f, 1,
	    agency_find(f->store, f->arena, "old school", &agency, &f->err));
	assert_string_equal(agency.code, "NEW");
}

/* A school by its URN; the one that is open where it has changed its code. */
static void
schools_are_found_by_urn(void **state)
{
	struct fixture *f = *state;
	struct agency agency;

	write_register(f);
	write_file(f, "agencies.csv",
	    "code,name,sector,statutory_partner,domains,aliases,active_from,"
	    "active_to,urn\nLGT,Lewisham,,,,,,,\nMET,Met,,POLICE,,,,,\n"
	    "OAK,Oakfield,,,,,,2020-01-01,900002\n"
	    "OAK2,Oakfield Academy,,,,,,,900002\nELM,Elmwood,,,,,,,900003\n"
	    "A,Twin,,,,,,,900004\nB,Other twin,,,,,,,900004\n");
	OK(f, import(f, f->folder, REGISTER_APPLY));
	GIVES(f, 1,
	    agency_find(f->store, f->arena, " 900003", &agency, &f->err));
	assert_string_equal(agency.code, "ELM");
	GIVES(f, 1,
	    agency_find(f->store, f->arena, "900002", &agency, &f->err));
	assert_string_equal(agency.code, "OAK2");
	GIVES(f, 2,
	    agency_find(f->store, f->arena, "900004", &agency, &f->err));
	GIVES(f, 0,
	    agency_find(f->store, f->arena, "900009", &agency, &f->err));
	GIVES(f, 0, agency_find(f->store, f->arena, "", &agency, &f->err));
}

static void
the_clerks_marks_stay(void **state)
{
	struct fixture *f = *state;
	struct contact contact;

	import_example(f);
	OK(f, contact_find(f->store, f->arena, "pat@met.example", &contact,
		  &f->err));
	begin(f);
	OK(f, contact_set_bounced(f->store, contact.id, T0, &f->err));
	OK(f, contact_set_absent(f->store, contact.id,
		  date_parse_iso("2026-04-01"), &f->err));
	commit(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
	assert_string_equal(buf_text(&f->lines), "");
	OK(f, register_export(f->store, fixture_file(f, "out"), &f->err));
	assert_null(strstr(read_file(f, "out/contacts.csv"), "2026-04-01"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_contact WHERE status "
				  "= 'bounced'"
				  " AND bounced_at = '2026-03-02T07:30:00Z'"
				  " AND away_until = '2026-04-01'"),
	    1);
	begin(f);
	OK(f, contact_clear_bounced(f->store, contact.id, &f->err));
	OK(f, status_set_as_of(f->store, T0, date_parse_iso("2026-04-02"),
		  &f->err));
	commit(f);
	assert_int_equal(
	    count(f, "SELECT count(*) FROM v_contact WHERE status = 'active'"
		     " AND email = 'pat@met.example' AND away_until IS NULL"),
	    1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_good_register_stands),
	    TEST(again_changes_nothing),
	    TEST(an_export_changes_nothing),
	    TEST(a_dry_run_keeps_nothing),
	    TEST(what_is_missing_is_closed),
	    TEST(each_wrong_row_is_told),
	    TEST(a_missing_file_is_told),
	    TEST(hostile_bytes_do_nothing),
	    TEST(excel_files_are_read),
	    TEST(people_are_found),
	    TEST(agencies_and_groups_are_found),
	    TEST(two_agencies_of_one_name),
	    TEST(schools_are_found_by_urn),
	    TEST(the_clerks_marks_stay),
	};

	return cmocka_run_group_tests_name("store/register", tests, NULL, NULL);
}
