#include "store/migrate.h"

#include <sys/random.h>

#include <stdio.h>

#include "base/arena.h"
#include "base/macros.h"
#include "store/backup.h"

/* A schema is longer than the 4,095 characters that ISO C promises. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "schema.h"
#pragma GCC diagnostic pop

enum {
	APPLICATION_ID = 0x4c534350
}; /* LSCP */

static const char SQL_VERSION[] = "SELECT user_version FROM "
				  "pragma_user_version";
static const char SQL_APPLICATION[] = "SELECT application_id FROM "
				      "pragma_application_id";
static const char SQL_TABLES[] = "SELECT count(*) FROM sqlite_schema";

struct schema
schema_current(void)
{
	return (
	    struct schema){.steps = g_schema, .count = (int)COUNT_OF(g_schema)};
}

/* `*ret_version` 0 means an empty file. */
static int
read_version(struct store *store, int64_t *ret_version, struct err *err)
{
	int64_t application, version, tables;

	if (sql_number(store, SQL_APPLICATION, BINDS(), &application, err) <
		0 ||
	    sql_number(store, SQL_VERSION, BINDS(), &version, err) < 0 ||
	    sql_number(store, SQL_TABLES, BINDS(), &tables, err) < 0)
		return (int)err->code;
	if (application != APPLICATION_ID && (tables > 0 || version != 0))
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%s is a database of another program: name another file "
		    "in store { path }",
		    store->path);
	*ret_version = tables == 0 ? 0 : version;
	return 0;
}

static int
refuse_newer(struct store *store, int64_t version, int known, struct err *err)
{
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "%s was written by a newer lscpd (schema %lld; this one knows %d): "
	    "install that version, or restore an older backup",
	    store->path, (long long)version, known);
}

static int
make_instance(struct store *store, struct err *err)
{
	unsigned char bytes[8];
	char hex[17];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_system(err, "getrandom");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return meta_set(store, "instance", hex, err);
}

static int
mark_version(struct store *store, int version, struct err *err)
{
	char text[100];

	(void)snprintf(text, sizeof(text),
	    "PRAGMA user_version=%d; PRAGMA application_id=%d", version,
	    APPLICATION_ID);
	int failed = sql_script(store, text, err);
	return failed < 0 ? failed
			  : meta_set_number(store, "schema", version, err);
}

/* Another process may have been faster: the version is read inside. */
static int
run_steps(struct store *store, struct schema schema, struct err *err)
{
	int64_t version;
	int failed = read_version(store, &version, err);
	bool fresh = failed == 0 && version == 0;

	if (failed < 0 || version >= schema.count)
		return failed;
	for (int64_t i = version; i < schema.count; i++) {
		failed = sql_script(store, schema.steps[i], err);
		if (failed < 0)
			return failed;
	}
	failed = mark_version(store, schema.count, err);
	if (failed == 0 && fresh)
		failed = make_instance(store, err);
	return failed;
}

static int
copy_before(struct store *store, int64_t version, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(64 * 1024);

	return store_backup(store,
	    arena_printf(arena, "%s.before-%lld", store->path,
		(long long)version),
	    err);
}

int
migrate_run(struct store *store, struct schema schema, struct err *err)
{
	int64_t version;
	int failed = read_version(store, &version, err);

	if (failed < 0 || version == schema.count)
		return failed;
	if (version > schema.count)
		return refuse_newer(store, version, schema.count, err);
	if (version > 0)
		failed = copy_before(store, version, err);
	if (failed == 0)
		failed = store_begin(store, err);
	if (failed == 0)
		failed = run_steps(store, schema, err);
	if (failed == 0)
		failed = store_commit(store, err);
	if (failed < 0)
		store_rollback(store);
	return failed;
}

int
migrate_check(struct store *store, struct schema schema, struct err *err)
{
	int64_t version;
	int failed = read_version(store, &version, err);

	if (failed < 0 || version == schema.count)
		return failed;
	if (version > schema.count)
		return refuse_newer(store, version, schema.count, err);
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "%s has schema %lld, this program needs %d: start lscpd once, it "
	    "brings the file up to date",
	    store->path, (long long)version, schema.count);
}
