#include <fcntl.h>

#include <sqlite3.h>

#include "base/sha256.h"
#include "fixture.h"
#include "store/audit.h"
#include "store/submission.h"

static void
collect(void *ctx, const char *text)
{
	struct fixture *f = ctx;

	buf_puts(&f->lines, text);
	buf_putc(&f->lines, '\n');
}

static void
add_rows(struct fixture *f)
{
	static const struct audit rows[] = {
	    {T0, "clerk", "filed", "R-000001", "message 1"},
	    {T0 + 1, "7", "amended", "R-000001", ""},
	    {T0 + 2, "staff", "round-opened", "S11-2026", "3"},
	};

	begin(f);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		OK(f, audit_add(f->store, &rows[i], &f->err));
	commit(f);
}

/* As somebody would who has the file and a shell. */
static void
tamper(struct fixture *f, const char *sql)
{
	sqlite3 *db;

	store_close(f->store);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	fixture_open(f);
}

static size_t
verify(struct fixture *f)
{
	struct verify verify = {.line = collect, .ctx = f};

	buf_clear(&f->lines);
	OK(f, store_verify(f->store, &verify, &f->err));
	return verify.ret_findings;
}

#define FREE "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;"

static const struct {
	const char *sql, *told;
} g_tricks[] = {
    {FREE "UPDATE audit SET detail = 'message 2' WHERE id = 1",
	"audit row 1 was changed"},
    {FREE "UPDATE audit SET at = at + 1 WHERE id = 3",
	"audit row 3 was changed"},
    {FREE "UPDATE audit SET verb = 'filedR', ref = '-000001' WHERE id = 1",
	"audit row 1 was changed"},
    {FREE "DELETE FROM audit WHERE id = 2", "audit row 2 is missing"},
    {FREE "DELETE FROM audit WHERE id = 1", "audit row 1 is missing"},
    {FREE "DELETE FROM audit WHERE id = 3",
	"audit row 3 and what followed it is missing"},
    {FREE "UPDATE audit SET hash = (SELECT hash FROM audit WHERE id = 2) WHERE "
	  "id = 3",
	"audit row 3 was changed"},
    {"UPDATE raw SET data = x'00' WHERE message = 1",
	"the raw bytes of message 1 are not those that came"},
    {"UPDATE submission SET version = 2", "R-000001 is at version 2"},
    {"UPDATE submission SET state = 'superseded'", "but by nothing"},
    {"UPDATE answer SET version = 9", "of a version that never was"},
    {"UPDATE sequence SET last = 0", "the sequence R stands at 0"},
    {"PRAGMA foreign_keys = OFF; UPDATE submission SET agency = 99",
	"a row of submission refers to a agency that does not exist"},
    {"UPDATE submission SET state = 'returned'", "answers are missing"},
};

static void
file_one(struct fixture *f)
{
	char ref[REFERENCE_BYTES];
	struct submission_new new = {.form = "section-11",
	    .form_version = 1,
	    .thing = "thing",
	    .sender = "ana@lgt.example",
	    .received_at = T0,
	    .state = "incomplete"};
	struct answer answer = {"", "", "role", "Lead", 1};
	struct answers answers = {&answer, 1};
	struct stored_problem problem = {"A", "", "", "date", "", "", "missing",
	    "a day", true};
	struct stored_problems problems = {&problem, 1};
	int64_t id;
	int fd CLEANUP(io_close)
	= open(fixture_file(f, "raw"), O_RDWR | O_CREAT, 0600);

	begin(f);
	assert_int_equal(write(fd, "test", 4), 4); /* its digest is SHA_1 */
	new.message = add_message(f, "one");
	OK(f, message_add_raw(f->store, new.message, fd, &f->err));
	OK(f, submission_add(f->store, &new, &id, ref, &f->err));
	OK(f, submission_set_answers(f->store, id, 1, &answers, &f->err));
	OK(f, submission_set_problems(f->store, id, &problems, &f->err));
	commit(f);
}

static void
a_sound_database_is_sound(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify(f), 0);
	add_rows(f);
	file_one(f);
	fixture_again(f);
	add_rows(f);
	assert_int_equal(verify(f), 0);
	assert_string_equal(buf_text(&f->lines), "");
}

static void
each_trick_shows(void **state)
{
	for (size_t i = 0; i < COUNT_OF(g_tricks); i++) {
		assert_int_equal(fixture_setup(state), 0);
		struct fixture *f = *state;
		add_rows(f);
		file_one(f);
		tamper(f, g_tricks[i].sql);
		if (verify(f) == 0 || !told(f, g_tricks[i].told))
			fail_msg("%s: told %s", g_tricks[i].sql,
			    buf_text(&f->lines));
		(void)fixture_teardown(state);
	}
}

static void
the_trail_is_append_only(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	add_rows(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "UPDATE audit SET verb = ''",
				 NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL,
				 NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
}

static void
a_rolled_back_row_leaves_no_gap(void **state)
{
	struct fixture *f = *state;
	const struct audit audit = {T0, "clerk", "filed", "", ""};

	add_rows(f);
	begin(f);
	OK(f, audit_add(f->store, &audit, &f->err));
	store_rollback(f->store);
	add_rows(f);
	assert_int_equal(verify(f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_sound_database_is_sound),
	    cmocka_unit_test(each_trick_shows),
	    TEST(the_trail_is_append_only),
	    TEST(a_rolled_back_row_leaves_no_gap),
	};

	return cmocka_run_group_tests_name("store/audit", tests, NULL, NULL);
}
