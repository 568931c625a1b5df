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
#include "mailbox/spool.h"

enum {
	CHUNK_BYTES = 64 * 1024
};

/* What became of one message; anything else is a failure of the whole. */
enum {
	FETCH_OK = 0,
	FETCH_GONE = 1,   /* or not complete yet: the next listing tells */
	FETCH_BROKEN = 2, /* cannot be read; `err` says why */
};

/*
 * Open without following a link, without waiting for a FIFO's writer, and
 * only what is a file.
 */
static int
open_message(const struct maildir *box, const char *path, struct stat *ret_st,
    int *ret_fd, struct err *err)
{
	int fd CLEANUP(io_close)
	= openat(box->root, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return FETCH_GONE;
	if (fd < 0 || fstat(fd, ret_st) != 0) {
		(void)err_system(err, "%s", path);
		return FETCH_BROKEN;
	}
	if (!S_ISREG(ret_st->st_mode)) {
		(void)err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "%s: not a regular file", path);
		return FETCH_BROKEN;
	}
	*ret_fd = fd;
	fd = -1;
	return FETCH_OK;
}

/*
 * Somebody copies into new/ in place instead of renaming: a read lease is
 * refused while the file is open for writing.
 */
static bool
is_being_written(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		(void)fcntl(fd, F_SETLEASE, F_UNLCK); /* it was only a test */
		return false;
	}
	return errno == EAGAIN; /* else leases are not to be had here */
}

/* Rename new/NAME to cur/NAME:2, and remember the new place. */
static int
claim(struct maildir *box, const char *key, const char *place, struct err *err)
{
	char name[NAME_BYTES];
	char *to;

	if (strncmp(place, "new/", 4) != 0)
		return FETCH_OK;
	if (!maildir_name_claimed(place + 4, name)) {
		(void)err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "%s: the name is too long", place);
		return FETCH_BROKEN;
	}
	to = g_strconcat("cur/", name, NULL);
	FAULT("mailbox-claim");
	if (maildir_rename(box, place, to) != 0) {
		int gone = errno == ENOENT || errno == EEXIST;
		g_free(to);
		(void)err_system(err, "%s", place);
		return gone ? FETCH_GONE : FETCH_BROKEN;
	}
	FAULT("mailbox-claimed");
	(void)g_hash_table_replace(box->places, g_strdup(key), to);
	return FETCH_OK;
}

static ssize_t
read_some(int fd, char *data, size_t bytes)
{
	ssize_t n;

	do
		n = read(fd, data, bytes);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Its header block, and a digest that names it without reading the rest. */
static int
copy_front(int fd, uint64_t bytes, struct spool *spool, struct err *err)
{
	char data[SPOOL_HEADER_BYTES];
	char size[32];
	ssize_t n = read_some(fd, data, sizeof(data));

	if (n < 0) {
		(void)err_system(err, "read");
		return FETCH_BROKEN;
	}
	(void)snprintf(size, sizeof(size), "%ju", (uintmax_t)bytes);
	int code =
	    spool_add(spool, data, spool_header_bytes(data, (size_t)n), err);
	spool_digest_more(spool, size);
	return code;
}

/* All of it; one that is of another size than it said still changes. */
static int
copy_whole(int fd, uint64_t bytes, struct spool *spool, struct err *err)
{
	char data[CHUNK_BYTES];
	uint64_t got = 0;
	ssize_t n;

	while ((n = read_some(fd, data, sizeof(data))) > 0) {
		got += (uint64_t)n;
		if (got > bytes)
			return FETCH_GONE;
		int code = spool_add(spool, data, (size_t)n, err);
		if (code != 0)
			return code;
	}
	if (n < 0) {
		(void)err_system(err, "read");
		return FETCH_BROKEN;
	}
	return got == bytes ? FETCH_OK : FETCH_GONE;
}

/* Copy an open file; `message` gets size, digest and what is odd about it. */
static int
copy_message(const struct maildir *box, int fd, struct wire_message *message,
    int *ret_copy, struct err *err)
{
	struct spool *spool CLEANUP(spool_cleanup)
	= NULL;
	uint64_t bytes = message->size_bytes;
	uint64_t said = bytes;

	message->too_large = bytes > box->limit_bytes;
	message->cut = bytes == 0 || (maildir_name_size(message->key, &said) &&
					 said != bytes);
	int code = spool_new(box->spool,
	    message->too_large ? SPOOL_HEADER_BYTES : bytes, &spool, err);
	if (code == 0)
		code = message->too_large ? copy_front(fd, bytes, spool, err)
					  : copy_whole(fd, bytes, spool, err);
	if (code == 0) {
		struct spool *done = spool;
		spool = NULL;
		code = spool_finish(done, ret_copy, message->sha256, err);
	}
	return code;
}

/* One message from where it is thought to stand. */
static int
fetch_at(struct maildir *box, enum wire_folder folder, const char *key,
    const char *place, const struct mailbox_sink *sink, struct err *err)
{
	struct wire_message message = {.key = key};
	char path[MAILDIR_PATH_BYTES];
	int fd CLEANUP(io_close)
	= -1;
	int copy CLEANUP(io_close)
	= -1;
	struct stat st;

	if (!maildir_path(box, folder, place, path))
		return FETCH_GONE;
	int code = open_message(box, path, &st, &fd, err);
	if (code == FETCH_OK && is_being_written(fd))
		return FETCH_GONE;
	if (code == FETCH_OK && folder == FOLDER_INBOX)
		code = claim(box, key, place, err);
	if (code != FETCH_OK)
		return code;
	message.size_bytes = (uint64_t)st.st_size;
	code = copy_message(box, fd, &message, &copy, err);
	return code != FETCH_OK ? code
				: sink->take(sink->ctx, &message, copy, err);
}

/* The name by which it stands there now, from the root of the folder. */
static char *
find_place(struct maildir *box, const struct mailbox_wanted *wanted,
    const char *key, GHashTable **index)
{
	const char *place = NULL;

	if (wanted->folder == FOLDER_INBOX && *index == NULL)
		place = g_hash_table_lookup(box->places, key);
	if (place == NULL) {
		if (*index == NULL)
			*index = maildir_index(box, wanted->folder);
		place = g_hash_table_lookup(*index, key);
	}
	return g_strdup(place);
}

static int
fetch_one(struct maildir *box, const struct mailbox_wanted *wanted, size_t i,
    GHashTable **index, const struct mailbox_sink *sink, struct err *err)
{
	const char *key = wanted->keys[i];
	char *place = find_place(box, wanted, key, index);
	int code = place == NULL
		       ? FETCH_GONE
		       : fetch_at(box, wanted->folder, key, place, sink, err);

	g_free(place);
	if (code == FETCH_GONE && *index == NULL) {
		/* A mail program may have renamed it: look once more. */
		*index = maildir_index(box, wanted->folder);
		return fetch_one(box, wanted, i, index, sink, err);
	}
	if (code == FETCH_BROKEN)
		sink->skip(sink->ctx, key, err->text);
	return code < 0 ? code : 0;
}

int
maildir_fetch(void *ctx, const struct mailbox_wanted *wanted,
    const struct mailbox_sink *sink, struct err *err)
{
	struct maildir *box = ctx;
	GHashTable *index = NULL;
	int code = 0;

	for (size_t i = 0; code == 0 && i < wanted->count; i++)
		code = fetch_one(box, wanted, i, &index, sink, err);
	if (index != NULL)
		g_hash_table_destroy(index);
	return code;
}
