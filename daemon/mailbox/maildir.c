#include "mailbox/maildir.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

static const char *const g_subs[] = {"tmp", "new", "cur"};

enum {
	DIR_MODE = 0700
};

bool
maildir_path(const struct maildir *box, enum wire_folder folder,
    const char *place, char ret_path[static MAILDIR_PATH_BYTES])
{
	const char *name = box->folders[folder];

	return snprintf(ret_path, MAILDIR_PATH_BYTES, "%s%s%s", name,
		   name[0] == '\0' ? "" : "/", place) < MAILDIR_PATH_BYTES;
}

int
maildir_make(const struct maildir *box, enum wire_folder folder,
    struct err *err)
{
	char path[MAILDIR_PATH_BYTES];
	const char *name = box->folders[folder];

	if (name[0] != '\0' && mkdirat(box->root, name, DIR_MODE) != 0 &&
	    errno != EEXIST)
		return err_system(err, "folder %s of %s", name, box->path);
	for (size_t i = 0; i < COUNT_OF(g_subs); i++) {
		if (!maildir_path(box, folder, g_subs[i], path))
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "the folder name %s is too long", name);
		if (mkdirat(box->root, path, DIR_MODE) != 0 && errno != EEXIST)
			return err_system(err, "folder %s of %s", path,
			    box->path);
	}
	return 0;
}

int
maildir_rename(const struct maildir *box, const char *from, const char *to)
{
	int dir = box->root;

	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system that cannot say "replace nothing" can by a link. */
	if (linkat(dir, from, dir, to, 0) != 0)
		return -1;
	return unlinkat(dir, from, 0);
}

/* A folder name that stays inside the Maildir and is not the inbox. */
static bool
is_folder_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
	       strstr(name, "..") == NULL && strlen(name) < NAME_MAX / 2;
}

static int
take_settings(struct maildir *box, const struct mailbox_settings *settings,
    struct err *err)
{
	box->path = g_strdup(settings->url + strlen(g_maildir_driver.scheme));
	box->spool = g_strdup(settings->spool);
	box->limit_bytes = settings->limit_bytes;
	box->folders[FOLDER_INBOX] = g_strdup("");
	for (int i = FOLDER_INBOX + 1; i <= FOLDER_LAST; i++) {
		if (!is_folder_name(settings->folders[i]))
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "\"%.100s\" cannot be a folder of a Maildir: no /, "
			    "no dot in front",
			    settings->folders[i]);
		box->folders[i] = g_strconcat(".", settings->folders[i], NULL);
	}
	return 0;
}

static bool
is_same_root(const struct maildir *box)
{
	struct stat ours, there;

	return box->root >= 0 && fstat(box->root, &ours) == 0 &&
	       stat(box->path, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

int
maildir_open_root(struct maildir *box, struct err *err)
{
	if (is_same_root(box))
		return 0;
	int fd = open(box->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "Maildir %s", box->path);
	io_close(&box->root);
	box->root = fd;
	return 0;
}

/* Once at start the Maildir itself is made too; its parent must be there. */
static int
make_all(struct maildir *box, struct err *err)
{
	if (box->path[0] == '\0')
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "mailbox.url has no path behind maildir:");
	if (mkdir(box->path, DIR_MODE) != 0 && errno != EEXIST)
		return err_system(err, "Maildir %s", box->path);
	int code = maildir_open_root(box, err);
	for (int i = FOLDER_INBOX; code == 0 && i <= FOLDER_LAST; i++)
		code = maildir_make(box, (enum wire_folder)i, err);
	return code;
}

static void
maildir_close(void *ctx)
{
	struct maildir *box = ctx;

	io_close(&box->root);
	io_close(&box->inotify);
	g_hash_table_destroy(box->places);
	for (int i = 0; i <= FOLDER_LAST; i++)
		g_free(box->folders[i]);
	g_free(box->path);
	g_free(box->spool);
	g_free(box);
}

static int
maildir_open(const struct mailbox_settings *settings, void **ret_box,
    struct err *err)
{
	struct maildir *box = g_new0(struct maildir, 1);

	box->root = box->inotify = -1;
	box->places =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	int code = take_settings(box, settings, err);
	if (code == 0 && !settings->probing)
		code = make_all(box, err);
	if (code != 0) {
		maildir_close(box);
		return code;
	}
	if (!settings->probing)
		maildir_watch(box);
	*ret_box = box;
	return 0;
}

const struct mailbox_driver g_maildir_driver = {
    .scheme = "maildir:",
    .open = maildir_open,
    .close = maildir_close,
    .list = maildir_list,
    .fetch = maildir_fetch,
    .move = maildir_move,
    .watch_fd = maildir_watch_fd,
    .watch_news = maildir_watch_news,
    .probe = maildir_probe,
};
