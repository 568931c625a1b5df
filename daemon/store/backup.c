#include "store/backup.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/macros.h"
#include "store/sql.h"

/* All pages in one step: one reader's transaction, so writers neither wait nor
 * make it start again. */
static int
copy_pages(struct store *store, sqlite3 *copy, struct err *err)
{
	sqlite3_backup *backup =
	    sqlite3_backup_init(copy, "main", store->db, "main");
	int code = SQLITE_ERROR;

	if (backup != NULL) {
		(void)sqlite3_backup_step(backup, -1); /* finish repeats it */
		code = sqlite3_backup_finish(backup);
	}
	if (code == SQLITE_OK)
		return 0;
	return err_set(err, code == SQLITE_FULL ? ERR_FULL : ERR_DATABASE,
	    BLAME_OPERATOR, "the backup: %s", sqlite3_errmsg(copy));
}

static int
copy_into(struct store *store, const char *path, struct err *err)
{
	sqlite3 *copy = NULL;
	int failed;

	if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		failed = err_set(err, ERR_DATABASE, BLAME_OPERATOR, "%s: %s",
		    path, sqlite3_errmsg(copy));
	} else {
		failed = copy_pages(store, copy, err);
	}
	(void)sqlite3_close(copy); /* nothing is pending */
	return failed;
}

static int
sync_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_system(err, "%s", path) : io_close_sync(fd, err);
}

static int
put_in_place(struct arena *arena, const char *temp, const char *path,
    struct err *err)
{
	char *folder = arena_strdup(arena, path);
	char *slash = strrchr(folder, '/');

	if (rename(temp, path) != 0)
		return err_system(err, "%s", path);
	if (slash == NULL)
		return io_sync_folder(".", err);
	slash[slash == folder ? 1 : 0] = '\0';
	return io_sync_folder(folder, err);
}

/* Over an older backup, yes; over anything else that somebody needs, no. */
static int
check_target(struct store *store, const char *path, struct err *err)
{
	static const char magic[] = "SQLite format 3";
	char start[sizeof(magic)] = "";
	struct stat there, live;
	const char *own = sqlite3_db_filename(store->db, "main");

	if (stat(path, &there) != 0)
		return 0;
	if (own != NULL && stat(own, &live) == 0 &&
	    there.st_dev == live.st_dev && there.st_ino == live.st_ino)
		return err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "%s is the database itself: name another file", path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof(start));
	io_close(&fd);
	if (n == 0 || memcmp(start, magic, sizeof(magic)) == 0)
		return 0;
	return err_set(err, ERR_INPUT, BLAME_OPERATOR,
	    "%s exists and is no backup: name another file", path);
}

int
store_backup(struct store *store, const char *path, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(64 * 1024);
	const char *temp = arena_printf(arena, "%s.new", path);
	int failed = check_target(store, path, err);

	if (failed < 0)
		return failed;
	int fd = open(temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	BUG_ON(store_in_transaction(store));
	if (fd < 0)
		return err_system(err, "%s", temp);
	(void)close(fd); /* nothing was written */
	failed = copy_into(store, temp, err);
	if (failed == 0)
		failed = sync_file(temp, err);
	if (failed == 0)
		failed = put_in_place(arena, temp, path, err);
	if (failed < 0)
		(void)unlink(temp); /* a left-over is overwritten next time */
	return failed;
}
