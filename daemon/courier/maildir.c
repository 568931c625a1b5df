/*
 * Delivery into a Maildir. The file's name is made of the outbox row and the
 * database's instance, so a mail that is delivered again, after a crash or in
 * doubt, is found there (in new/ or, once read, in cur/) and not written twice.
 */
#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "courier/driver.h"

enum {
	DIR_MODE = 0700,
	FILE_MODE = 0600,
	NAME_BYTES = 128,
	PLACE_BYTES = NAME_BYTES + 8,
	INSTANCE_CHARS = 64, /* far more than it has */
	WRITE_BYTES = 64 * 1024,
};

struct outbox {
	char *path;
};

static const char *const g_subs[] = {"tmp", "new", "cur"};

static int
make_folders(const struct outbox *outbox, int *ret_root, struct err *err)
{
	if (mkdir(outbox->path, DIR_MODE) != 0 && errno != EEXIST)
		return err_system(err, "Maildir %s", outbox->path);
	int root CLEANUP(io_close)
	= open(outbox->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_system(err, "Maildir %s", outbox->path);
	for (size_t i = 0; i < COUNT_OF(g_subs); i++)
		if (mkdirat(root, g_subs[i], DIR_MODE) != 0 && errno != EEXIST)
			return err_system(err, "folder %s of %s", g_subs[i],
			    outbox->path);
	*ret_root = root;
	root = -1;
	return 0;
}

static void
outbox_close(void *way)
{
	struct outbox *outbox = way;

	free(outbox->path);
	free(outbox);
}

static int
outbox_open(const struct courier_settings *settings, void **ret_way,
    struct err *err)
{
	const char *path = settings->url + strlen(g_courier_maildir.scheme);
	int root CLEANUP(io_close)
	= -1;

	if (path[0] == '\0')
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "outgoing.url has no path behind maildir:");
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	BUG_ON(outbox == NULL);
	outbox->path = strdup(path);
	BUG_ON(outbox->path == NULL);
	int code = make_folders(outbox, &root, err);
	if (code != 0)
		outbox_close(outbox);
	else
		*ret_way = outbox;
	return code;
}

/* Nothing but what a file name may hold; the engine made it, we look anyway. */
static bool
name_mail(const struct wire_deliver *mail, char ret_name[static NAME_BYTES])
{
	for (const char *p = mail->instance; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			return false;
	if (strlen(mail->instance) > INSTANCE_CHARS || mail->outbox_id < 0)
		return false;
	return snprintf(ret_name, NAME_BYTES, "%" PRId64 ".O%" PRId64 ".%s",
		   mail->queued_at, mail->outbox_id,
		   mail->instance) < NAME_BYTES;
}

static bool
is_address_line(const char *text)
{
	return strpbrk(text, "\r\n") == NULL;
}

/* Is it in cur/ under any flags, or among what stands in new/? */
static bool
is_there(int root, const char *name)
{
	char place[PLACE_BYTES];
	struct stat st;
	size_t len = strlen(name);
	bool found = false;

	(void)snprintf(place, sizeof(place), "new/%s", name);
	if (fstatat(root, place, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	int fd = openat(root, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
		found =
		    strncmp(entry->d_name, name, len) == 0 &&
		    (entry->d_name[len] == '\0' || entry->d_name[len] == ':');
	if (dir != NULL)
		(void)closedir(dir); /* it was only read */
	return found;
}

static int
write_mail(int fd, const struct wire_deliver *mail, struct err *err)
{
	struct buf head CLEANUP(buf_done);

	buf_init(&head, WRITE_BYTES);
	buf_printf(&head, "Return-Path: <%s>\r\nDelivered-To: %s\r\n",
	    mail->envelope_from, mail->envelope_to);
	int code = io_write_all(fd, head.data, head.len, err);
	if (code == 0)
		code = io_write_all(fd, mail->mime, mail->mime_bytes, err);
	return code;
}

static int
sync_new(int root, struct err *err)
{
	int fd = openat(root, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_system(err, "folder new") : io_close_sync(fd, err);
}

/* tmp/ whole and on the disk, then new/ by a rename, then that too. */
static int
put(int root, const char *name, const struct wire_deliver *mail,
    struct err *err)
{
	char from[PLACE_BYTES], to[PLACE_BYTES];

	(void)snprintf(from, sizeof(from), "tmp/%s", name);
	(void)snprintf(to, sizeof(to), "new/%s", name);
	int fd = openat(root, from,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return err_system(err, "%s", from);
	FAULT("courier-tmp");
	int code = write_mail(fd, mail, err);
	if (code == 0)
		code = io_close_sync(fd, err);
	else
		io_close(&fd);
	FAULT("courier-written");
	if (code == 0 && renameat(root, from, root, to) != 0)
		code = err_system(err, "%s", to);
	if (code != 0) {
		(void)unlinkat(root, from, 0); /* the next try truncates it */
		return code;
	}
	FAULT("courier-renamed");
	return sync_new(root, err);
}

/* A full disk takes no mail at all, whichever it is. */
static enum wire_delivery
not_now(const struct err *err, enum wire_delivery otherwise)
{
	return err->code == ERR_FULL ? DELIVERY_UNREACHABLE : otherwise;
}

static enum wire_delivery
outbox_deliver(void *way, const struct wire_deliver *mail, struct err *err)
{
	struct outbox *outbox = way;
	int root CLEANUP(io_close)
	= -1;
	char name[NAME_BYTES];

	if (!name_mail(mail, name) || !is_address_line(mail->envelope_from) ||
	    !is_address_line(mail->envelope_to)) {
		(void)err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "an address or the instance cannot stand in a mail file");
		return DELIVERY_REFUSED;
	}
	if (make_folders(outbox, &root, err) != 0)
		return not_now(err, DELIVERY_SERVER_DOWN);
	int code = is_there(root, name) ? sync_new(root, err)
					: put(root, name, mail, err);
	return code == 0 ? DELIVERY_SENT : not_now(err, DELIVERY_LATER);
}

const struct courier_driver g_courier_maildir = {
    .scheme = "maildir:",
    .repeat = REPEAT_ONCE,
    .open = outbox_open,
    .close = outbox_close,
    .deliver = outbox_deliver,
};
