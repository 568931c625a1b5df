#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "mailbox/maildir.h"
#include "mailbox/maildir_name.h"

/* Of one listing; what is beyond waits for the next, when these are filed. */
enum {
	LISTING_MAX = 500000
};

/* cur/ last: what moves there from new/ meanwhile is met, perhaps twice. */
static const char *const g_subs[] = {"new", "cur"};

struct file {
	const char *sub, *name, *key;
	uint64_t bytes, at;
	ino_t inode;
};

struct listing {
	struct arena *arena;
	struct file *files;
	size_t count;
	uint32_t skipped;
	const char *note;
};

static void
note_skipped(struct listing *l, const char *sub, const char *name,
    const char *why)
{
	l->skipped++;
	if (l->note == NULL)
		l->note =
		    arena_printf(l->arena, "%s/%.200s: %s", sub, name, why);
}

static void
add_file(struct listing *l, const char *sub, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return; /* moved meanwhile */
	if (S_ISDIR(st.st_mode))
		return;
	if (!S_ISREG(st.st_mode)) {
		note_skipped(l, sub, name, "not a regular file");
		return;
	}
	if (!maildir_name_is_sound(name)) {
		note_skipped(l, sub, "?", "a file name that is not text");
		return;
	}
	struct file *file =
	    arena_push(l->arena, &l->files, &l->count, sizeof(*l->files));
	*file = (struct file){
	    .sub = sub,
	    .name = arena_strdup(l->arena, name),
	    .key = maildir_name_key(l->arena, name),
	    .bytes = (uint64_t)st.st_size,
	    .at = maildir_name_time(name),
	    .inode = st.st_ino,
	};
}

static void
closedir_cleanup(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir); /* it was only read */
}

static int
read_sub(const struct maildir *box, enum wire_folder folder, const char *sub,
    struct listing *l, struct err *err)
{
	char path[MAILDIR_PATH_BYTES];

	BUG_ON(!maildir_path(box, folder, sub, path));
	int fd = openat(box->root, path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir CLEANUP(closedir_cleanup)
	= fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL)
		return err_system(err, "%s/%s", box->path, path);
	const struct dirent *entry;
	while (l->count < LISTING_MAX) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL && errno != 0)
			return err_system(err, "%s/%s", box->path, path);
		if (entry == NULL)
			break;
		if (entry->d_name[0] != '.')
			add_file(l, sub, fd, entry->d_name);
	}
	return 0;
}

/* The same key side by side, what stands in cur/ first. */
static int
by_key(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = strcmp(x->sub, y->sub);
	return order != 0 ? order : strcmp(x->name, y->name);
}

static int
by_age(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return strcmp(x->key, y->key);
}

/*
 * Two files with one key: one that was moved while we looked, or two messages.
 * The later of two gets a name of its own, so that a key names one message.
 */
static bool
settle_double(const struct maildir *box, enum wire_folder folder,
    struct listing *l, struct file *file)
{
	char name[NAME_BYTES], place[NAME_BYTES + 8];
	char from[MAILDIR_PATH_BYTES], to[MAILDIR_PATH_BYTES];

	for (int number = 2; number < 100; number++) {
		if (!maildir_name_other(file->name, number, name))
			return false;
		(void)snprintf(place, sizeof(place), "%s/%s", file->sub,
		    file->name);
		BUG_ON(!maildir_path(box, folder, place, from));
		(void)snprintf(place, sizeof(place), "%s/%s", file->sub, name);
		BUG_ON(!maildir_path(box, folder, place, to));
		if (maildir_rename(box, from, to) == 0) {
			file->name = arena_strdup(l->arena, name);
			file->key = maildir_name_key(l->arena, name);
			return true;
		}
		if (errno != EEXIST)
			return false;
	}
	return false;
}

static void
make_unique(const struct maildir *box, enum wire_folder folder,
    struct listing *l)
{
	size_t kept = 0;

	if (l->count == 0)
		return;
	qsort(l->files, l->count, sizeof(*l->files), by_key);
	for (size_t i = 0; i < l->count; i++) {
		struct file file = l->files[i];
		const struct file *last =
		    kept == 0 ? NULL : &l->files[kept - 1];
		bool doubled = last != NULL && strcmp(last->key, file.key) == 0;
		if (doubled && last->inode == file.inode)
			continue;
		if (doubled && !settle_double(box, folder, l, &file))
			continue;
		l->files[kept++] = file;
	}
	l->count = kept;
	qsort(l->files, l->count, sizeof(*l->files), by_age);
}

static int
read_folder(const struct maildir *box, enum wire_folder folder,
    struct listing *l, struct err *err)
{
	int code = maildir_make(box, folder, err);

	for (size_t i = 0; code == 0 && i < COUNT_OF(g_subs); i++)
		code = read_sub(box, folder, g_subs[i], l, err);
	return code;
}

static void
remember_places(struct maildir *box, const struct listing *l)
{
	g_hash_table_remove_all(box->places);
	for (size_t i = 0; i < l->count; i++)
		(void)g_hash_table_replace(box->places,
		    g_strdup(l->files[i].key),
		    g_strconcat(l->files[i].sub, "/", l->files[i].name, NULL));
}

int
maildir_list(void *ctx, enum wire_folder folder, struct arena *arena,
    struct mailbox_listing *ret_listing, struct err *err)
{
	struct maildir *box = ctx;
	struct listing l = {.arena = arena};

	int code = maildir_open_root(box, err);
	if (code == 0 && folder == FOLDER_INBOX)
		maildir_watch(box);
	if (code == 0)
		code = read_folder(box, folder, &l, err);
	if (code != 0)
		return code;
	make_unique(box, folder, &l);
	if (folder == FOLDER_INBOX)
		remember_places(box, &l);
	struct mailbox_listed *items =
	    arena_array(arena, l.count, sizeof(*items));
	for (size_t i = 0; i < l.count; i++)
		items[i] =
		    (struct mailbox_listed){l.files[i].key, l.files[i].bytes};
	*ret_listing = (struct mailbox_listing){items, l.count, l.skipped,
	    l.note == NULL ? "" : l.note, ""};
	return 0;
}

GHashTable *
maildir_index(const struct maildir *box, enum wire_folder folder)
{
	GHashTable *index =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	char path[MAILDIR_PATH_BYTES];

	for (size_t i = 0; i < COUNT_OF(g_subs); i++) {
		BUG_ON(!maildir_path(box, folder, g_subs[i], path));
		int fd = openat(box->root, path,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		DIR *dir CLEANUP(closedir_cleanup)
		= fd < 0 ? NULL : fdopendir(fd);
		const struct dirent *entry;
		while (dir != NULL && (entry = readdir(dir)) != NULL) {
			const char *name = entry->d_name;
			if (name[0] == '.')
				continue;
			(void)g_hash_table_replace(index,
			    g_strndup(name, maildir_name_key_bytes(name)),
			    g_strconcat(g_subs[i], "/", name, NULL));
		}
	}
	return index;
}
