#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "mailbox/maildir.h"
#include "mailbox/maildir_name.h"

enum {
	COMPARE_BYTES = 16 * 1024,
	OTHER_NAMES = 100,
	FOLDERS = FOLDER_LAST + 1,
};

/* One set of moves: what it has looked up and what it must make durable. */
struct batch {
	struct maildir *box;
	struct arena *arena;
	GHashTable *index[FOLDERS]; /* only where it was needed */
	bool made[FOLDERS], touched[FOLDERS];
};

static const char *
index_find(struct batch *batch, enum wire_folder folder, const char *key)
{
	if (batch->index[folder] == NULL)
		batch->index[folder] = maildir_index(batch->box, folder);
	return g_hash_table_lookup(batch->index[folder], key);
}

static void
index_add(struct batch *batch, enum wire_folder folder, const char *key,
    const char *name)
{
	if (batch->index[folder] != NULL)
		(void)g_hash_table_replace(batch->index[folder], g_strdup(key),
		    g_strconcat("cur/", name, NULL));
}

static int
read_full(int fd, char *data, size_t bytes)
{
	size_t got = 0;

	while (got < bytes) {
		ssize_t n = read(fd, data + got, bytes - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (int)got;
}

static bool
is_same_content(const struct maildir *box, const char *a, const char *b)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fa CLEANUP(io_close)
	= openat(box->root, a, flags);
	int fb CLEANUP(io_close)
	= openat(box->root, b, flags);
	char da[COMPARE_BYTES], db[COMPARE_BYTES];
	int na = 0, nb = 0;

	if (fa < 0 || fb < 0)
		return false;
	do {
		na = read_full(fa, da, sizeof(da));
		nb = read_full(fb, db, sizeof(db));
		if (na < 0 || na != nb || memcmp(da, db, (size_t)na) != 0)
			return false;
	} while (na > 0);
	return true;
}

/* Rename under this name, or under another where a different file has it. */
static int
rename_into(const struct maildir *box, const char *from, enum wire_folder to,
    char name[static NAME_BYTES])
{
	char first[NAME_BYTES], path[MAILDIR_PATH_BYTES];
	char place[NAME_BYTES + 8];

	memcpy(first, name, sizeof(first));
	for (int number = 2; number < OTHER_NAMES; number++) {
		(void)snprintf(place, sizeof(place), "cur/%s", name);
		BUG_ON(!maildir_path(box, to, place, path));
		FAULT("mailbox-move");
		if (maildir_rename(box, from, path) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
		if (is_same_content(box, from, path))
			return unlinkat(box->root, from, 0);
		if (!maildir_name_other(first, number, name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
	}
	errno = EEXIST;
	return -1;
}

static int
fail_item(struct batch *batch, struct wire_moved_item *ret, const char *text)
{
	ret->result = MOVE_FAILED;
	ret->text = arena_strdup(batch->arena, text);
	return 0;
}

/* 0 with a result; ENOENT where the file does not stand at `place`. */
static int
move_from(struct batch *batch, const struct wire_move_item *item,
    const char *place, struct wire_moved_item *ret)
{
	char name[NAME_BYTES], from[MAILDIR_PATH_BYTES];
	struct err err;

	if (!maildir_path(batch->box, item->from, place, from) ||
	    !maildir_name_claimed(strchr(place, '/') + 1, name))
		return fail_item(batch, ret, "the name is too long");
	if (rename_into(batch->box, from, item->to, name) != 0) {
		if (errno == ENOENT)
			return ENOENT;
		(void)err_system(&err, "%s", from);
		return fail_item(batch, ret, err.text);
	}
	FAULT("mailbox-moved");
	batch->touched[item->from] = batch->touched[item->to] = true;
	ret->result = MOVE_DONE;
	ret->new_key = maildir_name_key(batch->arena, name);
	index_add(batch, item->to, ret->new_key, name);
	if (batch->index[item->from] != NULL)
		(void)g_hash_table_remove(batch->index[item->from], item->key);
	return 0;
}

/* Not there: it may have been moved before we were killed, or by somebody. */
static void
settle_absent(struct batch *batch, const struct wire_move_item *item,
    struct wire_moved_item *ret)
{
	if (index_find(batch, item->to, item->key) == NULL) {
		ret->result = MOVE_VANISHED;
		return;
	}
	batch->touched[item->from] = batch->touched[item->to] = true;
	ret->result = MOVE_DONE;
	ret->new_key = item->key;
}

static void
move_one(struct batch *batch, const struct wire_move_item *item,
    struct wire_moved_item *ret)
{
	struct maildir *box = batch->box;
	struct err err;
	const char *place = NULL;

	*ret = (struct wire_moved_item){item->key, MOVE_DONE, "", ""};
	if (!batch->made[item->to]) {
		if (maildir_make(box, item->to, &err) != 0) {
			(void)fail_item(batch, ret, err.text);
			return;
		}
		batch->made[item->to] = true;
	}
	if (item->from == FOLDER_INBOX)
		place = g_hash_table_lookup(box->places, item->key);
	int code = place == NULL ? ENOENT : move_from(batch, item, place, ret);
	if (code == ENOENT) {
		place = index_find(batch, item->from, item->key);
		if (place != NULL)
			code = move_from(batch, item, place, ret);
	}
	if (code == ENOENT)
		settle_absent(batch, item, ret);
	if (item->from == FOLDER_INBOX && ret->result != MOVE_FAILED)
		(void)g_hash_table_remove(box->places, item->key);
}

static int
sync_folder(const struct maildir *box, enum wire_folder folder, struct err *err)
{
	char path[MAILDIR_PATH_BYTES];

	BUG_ON(!maildir_path(box, folder, "cur", path));
	int fd = openat(box->root, path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "%s/%s", box->path, path);
	return io_close_sync(fd, err);
}

/* Where they went to before where they came from: never in neither. */
static int
sync_touched(const struct batch *batch, struct err *err)
{
	int code = 0;

	FAULT("mailbox-move-sync");
	for (int i = FOLDER_LAST; code == 0 && i >= FOLDER_INBOX; i--)
		if (batch->touched[i])
			code =
			    sync_folder(batch->box, (enum wire_folder)i, err);
	FAULT("mailbox-move-synced");
	return code;
}

void
maildir_move(void *ctx, struct arena *arena, const struct wire_move *move,
    struct wire_moved *ret_moved)
{
	struct batch batch = {.box = ctx, .arena = arena};
	struct wire_moved_item *items =
	    arena_array(arena, move->count, sizeof(*items));
	struct err err;

	for (size_t i = 0; i < move->count; i++)
		move_one(&batch, &move->items[i], &items[i]);
	/* Moving again is harmless; believing in a move is not. */
	if (sync_touched(&batch, &err) != 0)
		for (size_t i = 0; i < move->count; i++)
			if (items[i].result == MOVE_DONE)
				(void)fail_item(&batch, &items[i], err.text);
	for (int i = 0; i < FOLDERS; i++)
		if (batch.index[i] != NULL)
			g_hash_table_destroy(batch.index[i]);
	*ret_moved = (struct wire_moved){items, move->count};
}
