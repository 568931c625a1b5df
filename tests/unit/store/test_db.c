#include <sqlite3.h>

#include "fixture.h"
#include "store/backup.h"
#include "store/migrate.h"
#include "store/sql.h"

static void
run_other(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char *
meta(struct fixture *f, const char *key)
{
	const char *value = NULL;

	OK(f, meta_find(f->store, f->arena, key, &value, &f->err));
	return value;
}

/* Of this program's schema, and of later ones. */
static const char *
version_text(struct fixture *f, int later)
{
	return arena_printf(f->arena, "%d", schema_current().count + later);
}

static void
fresh_and_again(void **state)
{
	struct fixture *f = *state;
	const char *instance = meta(f, "instance");
	struct stat st;

	assert_non_null(instance);
	assert_int_equal(strlen(instance), 16);
	assert_int_equal(strspn(instance, "0123456789abcdef"), 16);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fixture_again(f);
	assert_string_equal(meta(f, "instance"), instance);
	assert_string_equal(meta(f, "schema"), version_text(f, 0));
}

static void
newer_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;

	run_other(f->path, "PRAGMA user_version = 99");
	GIVES(f, ERR_CONFIG, store_open(f->path, STORE_WRITE, &store, &f->err));
	assert_non_null(strstr(f->err.text, "newer"));
	GIVES(f, ERR_CONFIG, store_open(f->path, STORE_READ, &store, &f->err));
	assert_null(store);
}

static void
foreign_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	const char *path = fixture_file(f, "other.db");

	run_other(path, "CREATE TABLE song(name)");
	GIVES(f, ERR_CONFIG, store_open(path, STORE_WRITE, &store, &f->err));
	assert_non_null(strstr(f->err.text, "another program"));
	write_file(f, "text.db", "this is no database at all, but a text\n");
	GIVES(f, ERR_DATABASE,
	    store_open(fixture_file(f, "text.db"), STORE_WRITE, &store,
		&f->err));
}

static void
older_is_copied_and_migrated(void **state)
{
	struct fixture *f = *state;
	const struct schema now = schema_current();
	const char **steps =
	    arena_array(f->arena, (size_t)now.count + 1, sizeof(*steps));
	const struct schema next = {steps, now.count + 1};
	int64_t count;

	for (int i = 0; i < now.count; i++)
		steps[i] = now.steps[i];
	/* A step that fails leaves the file as it was. */
	steps[now.count] = "CREATE TABLE more(x) STRICT";
	GIVES(f, ERR_DATABASE, migrate_run(f->store, next, &f->err));
	assert_false(store_in_transaction(f->store));
	assert_string_equal(meta(f, "schema"), version_text(f, 0));
	steps[now.count] = "CREATE TABLE more(x INTEGER) STRICT";
	OK(f, migrate_run(f->store, next, &f->err));
	OK(f, migrate_run(f->store, next, &f->err));
	assert_string_equal(meta(f, "schema"), version_text(f, 1));
	OK(f, sql_number(f->store, "SELECT count(*) FROM more", BINDS(), &count,
		  &f->err));
	struct store *copy = NULL;
	OK(f, store_open(fixture_file(f,
			     arena_printf(f->arena, "lscpd.db.before-%s",
				 version_text(f, 0))),
		  STORE_READ, &copy, &f->err));
	store_close(copy);
}

static void
reading_needs_a_file(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;

	GIVES(f, ERR_NOT_FOUND,
	    store_open(fixture_file(f, "none.db"), STORE_READ, &store,
		&f->err));
	OK(f, store_open(f->path, STORE_READ, &store, &f->err));
	GIVES(f, ERR_DATABASE, store_begin(store, &f->err));
	store_close(store);
}

static void
a_savepoint_undoes_one_message(void **state)
{
	struct fixture *f = *state;

	begin(f);
	OK(f, store_savepoint(f->store, &f->err));
	OK(f, meta_set(f->store, "one", "1", &f->err));
	OK(f, store_release(f->store, &f->err));
	OK(f, store_savepoint(f->store, &f->err));
	OK(f, meta_set(f->store, "two", "2", &f->err));
	OK(f, store_savepoint(f->store, &f->err));
	OK(f, meta_set(f->store, "one", "changed", &f->err));
	OK(f, store_rollback_to(f->store, &f->err));
	assert_string_equal(meta(f, "one"), "1");
	assert_string_equal(meta(f, "two"), "2");
	OK(f, store_rollback_to(f->store, &f->err));
	OK(f, store_savepoint(f->store, &f->err));
	OK(f, meta_set(f->store, "three", "3", &f->err));
	OK(f, store_release(f->store, &f->err));
	commit(f);
	assert_string_equal(meta(f, "one"), "1");
	assert_null(meta(f, "two"));
	assert_string_equal(meta(f, "three"), "3");
}

/* Megabytes of rows that stood before are changed in one savepoint. */
static void
a_savepoint_may_be_large(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (int i = 0; i < 3000; i++)
		OK(f, meta_set(f->store, arena_printf(f->arena, "k%d", i),
			  arena_printf(f->arena, "%0*d", 2000, i), &f->err));
	commit(f);
	begin(f);
	OK(f, store_savepoint(f->store, &f->err));
	OK(f, meta_set(f->store, "outer", "1", &f->err));
	OK(f, store_savepoint(f->store, &f->err));
	for (int i = 0; i < 3000; i++)
		OK(f,
		    meta_set(f->store, arena_printf(f->arena, "k%d", i),
			arena_printf(f->arena, "%0*d", 2000, i + 1), &f->err));
	OK(f, store_rollback_to(f->store, &f->err));
	OK(f, store_release(f->store, &f->err));
	commit(f);
	assert_string_equal(meta(f, "outer"), "1");
	assert_string_equal(meta(f, "k2999"),
	    arena_printf(f->arena, "%0*d", 2000, 2999));
}

static int
fill_disk(struct fixture *f)
{
	char *big = arena_alloc(f->arena, 512 * 1024);
	int failed = 0;

	(void)memset(big, 'x', 512 * 1024 - 1);
	for (int i = 0; failed == 0 && i < 64; i++) {
		OK(f, store_savepoint(f->store, &f->err));
		failed = meta_set(f->store, arena_printf(f->arena, "big%d", i),
		    big, &f->err);
		if (failed == 0)
			OK(f, store_release(f->store, &f->err));
	}
	return failed;
}

static void
a_full_disk_loses_the_batch_and_shows(void **state)
{
	struct fixture *f = *state;

	OK(f, sql_script(f->store, "PRAGMA max_page_count = 400", &f->err));
	begin(f);
	OK(f, meta_set(f->store, "before", "1", &f->err));
	GIVES(f, ERR_FULL, fill_disk(f));
	assert_false(store_in_transaction(f->store));
	/* Nothing may slip out on its own after that. */
	GIVES(f, ERR_DATABASE, meta_set(f->store, "after", "1", &f->err));
	GIVES(f, ERR_DATABASE, store_rollback_to(f->store, &f->err));
	GIVES(f, ERR_DATABASE, store_savepoint(f->store, &f->err));
	store_rollback(f->store);
	assert_null(meta(f, "before"));
	assert_null(meta(f, "big0"));
	OK(f, sql_script(f->store, "PRAGMA max_page_count = 100000", &f->err));
	begin(f);
	OK(f, meta_set(f->store, "later", "1", &f->err));
	commit(f);
	assert_string_equal(meta(f, "later"), "1");
}

static void
another_writer_is_waited_for_and_then_busy(void **state)
{
	struct fixture *f = *state;
	struct store *other = NULL;

	OK(f, store_open(f->path, STORE_WRITE, &other, &f->err));
	begin(f);
	GIVES(f, ERR_BUSY, store_begin(other, &f->err));
	assert_int_equal(f->err.blame, BLAME_NOBODY);
	commit(f);
	OK(f, store_begin(other, &f->err));
	store_rollback(other);
	store_close(other);
}

static void
durability_is_per_commit(void **state)
{
	struct fixture *f = *state;
	int64_t level;

	OK(f, store_set_durable(f->store, STORE_NORMAL, &f->err));
	OK(f, sql_number(f->store, "SELECT * FROM pragma_synchronous", BINDS(),
		  &level, &f->err));
	assert_int_equal(level, 1);
	OK(f, store_set_durable(f->store, STORE_FULL, &f->err));
	static const char again[] = "SELECT * FROM pragma_synchronous";
	OK(f, sql_number(f->store, again, BINDS(), &level, &f->err));
	assert_int_equal(level, 2);
	OK(f, store_checkpoint(f->store, &f->err));
}

static void
a_backup_is_a_database(void **state)
{
	struct fixture *f = *state;
	const char *path = fixture_file(f, "backup.db");
	struct store *copy = NULL;
	const char *value = NULL;

	begin(f);
	OK(f, meta_set(f->store, "here", "yes", &f->err));
	commit(f);
	OK(f, store_backup(f->store, path, &f->err));
	OK(f, store_backup(f->store, path, &f->err)); /* over the older one */
	OK(f, store_open(path, STORE_WRITE, &copy, &f->err));
	GIVES(f, 1, meta_find(copy, f->arena, "here", &value, &f->err));
	store_close(copy);
	assert_int_not_equal(access(fixture_file(f, "backup.db.new"), F_OK), 0);
	GIVES(f, ERR_SYSTEM,
	    store_backup(f->store, fixture_file(f, "none/backup.db"), &f->err));
}

static void
numbers_are_kept(void **state)
{
	struct fixture *f = *state;
	int64_t number = 7;

	OK(f, meta_get_number(f->store, "n", &number, &f->err));
	assert_int_equal(number, 0);
	begin(f);
	OK(f, meta_set_number(f->store, "n", -5000000000, &f->err));
	OK(f, meta_set_number(f->store, "n", 5000000000, &f->err));
	commit(f);
	GIVES(f, 1, meta_get_number(f->store, "n", &number, &f->err));
	assert_int_equal(number, 5000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(fresh_and_again),
	    TEST(newer_is_refused),
	    TEST(foreign_is_refused),
	    TEST(older_is_copied_and_migrated),
	    TEST(reading_needs_a_file),
	    TEST(a_savepoint_undoes_one_message),
	    TEST(a_savepoint_may_be_large),
	    TEST(a_full_disk_loses_the_batch_and_shows),
	    TEST(another_writer_is_waited_for_and_then_busy),
	    TEST(durability_is_per_commit),
	    TEST(a_backup_is_a_database),
	    TEST(numbers_are_kept),
	};

	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
