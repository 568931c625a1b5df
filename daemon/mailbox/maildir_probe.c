/*
 * What an administrator wants to know of a Maildir before the first start:
 * is it there, may we work in it. Nothing is made or changed.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "mailbox/maildir.h"

enum {
	HEAD_BYTES = 16 * 1024, /* a subject stands before that */
	WORDS_BYTES = 4000,
};

static bool
may_write(const struct maildir *box, const char *path)
{
	return faccessat(box->root, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

/* All that is there of a folder must be ours to write. */
static int
check_folder(const struct maildir *box, enum wire_folder folder,
    bool *ret_there, struct err *err)
{
	static const char *const places[] = {"tmp", "new", "cur"};
	char path[MAILDIR_PATH_BYTES];

	*ret_there = true;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (!maildir_path(box, folder, places[i], path))
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "the folder name %s is too long",
			    box->folders[folder]);
		if (may_write(box, path))
			continue;
		if (errno != ENOENT) {
			(void)err_system(err, "%s/%s", box->path, path);
			return err->code = ERR_CONFIG;
		}
		*ret_there = false;
	}
	return 0;
}

static int
check_folders(const struct maildir *box, struct buf *out, struct err *err)
{
	const char *missing = "; folders that the first start will make: ";

	for (int i = FOLDER_INBOX; i <= FOLDER_LAST; i++) {
		bool there = false;
		int code = check_folder(box, (enum wire_folder)i, &there, err);
		if (code != 0)
			return code;
		if (there)
			continue;
		buf_printf(out, "%s%s", missing,
		    i == FOLDER_INBOX ? "the inbox" : box->folders[i] + 1);
		missing = ", ";
	}
	return 0;
}

/* The first start makes the Maildir itself, if it may. */
static int
check_parent(const struct maildir *box, struct arena *arena,
    struct wire_probed *ret_probed, struct err *err)
{
	const char *slash = strrchr(box->path, '/');
	const char *parent = slash == NULL
				 ? "."
				 : arena_strndup(arena, box->path,
				       (size_t)(slash - box->path) + 1);

	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) != 0) {
		(void)err_system(err,
		    "there is no Maildir %s, and none can be "
		    "made in %s",
		    box->path, parent);
		return err->code = ERR_CONFIG;
	}
	ret_probed->text = arena_printf(arena,
	    "there is no Maildir %s yet; the first start will make it",
	    box->path);
	return 0;
}

static uint32_t
count_mails(const struct maildir *box)
{
	GHashTable *index = maildir_index(box, FOLDER_INBOX);
	guint count = g_hash_table_size(index);

	g_hash_table_destroy(index);
	return count;
}

static int
look_around(struct maildir *box, struct arena *arena,
    struct wire_probed *ret_probed, struct err *err)
{
	struct buf out CLEANUP(buf_done);
	struct stat st;

	buf_init(&out, WORDS_BYTES);
	if (stat(box->path, &st) != 0 && errno == ENOENT)
		return check_parent(box, arena, ret_probed, err);
	int code = maildir_open_root(box, err);
	if (code == 0 && !may_write(box, "."))
		code = err_system(err, "Maildir %s", box->path);
	if (code != 0)
		return err->code = ERR_CONFIG;
	ret_probed->mails = count_mails(box);
	buf_printf(&out,
	    "the Maildir %s can be read and written; its inbox "
	    "holds %u mail%s",
	    box->path, ret_probed->mails, ret_probed->mails == 1 ? "" : "s");
	code = check_folders(box, &out, err);
	ret_probed->text = arena_strdup(arena, buf_text(&out));
	return code;
}

/* --- looking for one mail --------------------------------------------------------- */

static bool
says(const struct maildir *box, const char *path, const char *token)
{
	char head[HEAD_BYTES];
	int fd CLEANUP(io_close)
	= openat(box->root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	return n > 0 && memmem(head, (size_t)n, token, strlen(token)) != NULL;
}

static bool
look_in(const struct maildir *box, enum wire_folder folder, const char *token)
{
	GHashTable *index = maildir_index(box, folder);
	GHashTableIter i;
	gpointer place;
	char path[MAILDIR_PATH_BYTES];
	bool found = false;

	g_hash_table_iter_init(&i, index);
	while (!found && g_hash_table_iter_next(&i, NULL, &place))
		found = maildir_path(box, folder, place, path) &&
			says(box, path, token);
	g_hash_table_destroy(index);
	return found;
}

int
maildir_probe(void *ctx, struct arena *arena, const char *token,
    struct wire_probed *ret_probed, struct err *err)
{
	struct maildir *box = ctx;

	if (token[0] == '\0')
		return look_around(box, arena, ret_probed, err);
	int code = maildir_open_root(box, err);
	if (code != 0)
		return code;
	ret_probed->text = "the inbox";
	ret_probed->found = look_in(box, FOLDER_INBOX, token);
	if (ret_probed->found)
		return 0;
	ret_probed->text = box->folders[FOLDER_IGNORED] + 1;
	ret_probed->found = look_in(box, FOLDER_IGNORED, token);
	return 0;
}
