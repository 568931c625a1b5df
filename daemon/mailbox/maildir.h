/*
 * A Maildir with Maildir++ subfolders (`inbox/.Filed/cur/`), for the files
 * that make up the driver. All names are looked up from the root's descriptor
 * and no symbolic link is followed inside it.
 *
 * A message is claimed by a rename from new/ to cur/ when it is fetched, so
 * that a person sees what the daemon has in hand; its flags are never
 * changed. Renames replace nothing.
 */
#ifndef LSCPD_MAILBOX_MAILDIR_H
#define LSCPD_MAILBOX_MAILDIR_H

#include <glib.h>

#include "mailbox/driver.h"

enum {
	MAILDIR_PATH_BYTES = 1024
};

struct maildir {
	int root;
	int inotify; /* -1: cannot be watched */
	uint64_t limit_bytes;
	char *path, *spool;
	char *folders[FOLDER_LAST + 1]; /* "", ".Filed", … */
	/* Of the inbox, as last listed: key to "new/NAME" or "cur/NAME". */
	GHashTable *places;
};

/* "new/NAME" … of a folder, from the root; false if too long. */
bool maildir_path(const struct maildir *box, enum wire_folder folder,
    const char *place, char ret_path[static MAILDIR_PATH_BYTES]);
/* Open the root, also again where another folder stands in its place now. */
int maildir_open_root(struct maildir *box, struct err *err);
/* Make a folder's three sub-folders. */
int maildir_make(const struct maildir *box, enum wire_folder folder,
    struct err *err);
/* Key to "new/NAME" or "cur/NAME" of all that stands in a folder now. */
GHashTable *maildir_index(const struct maildir *box, enum wire_folder folder);

/* rename() from the root that replaces nothing (EEXIST); 0, or -1 and errno. */
int maildir_rename(const struct maildir *box, const char *from, const char *to);

/* mailbox/maildir_list.c, maildir_fetch.c, maildir_move.c, maildir_watch.c,
 * maildir_probe.c */
int maildir_list(void *ctx, enum wire_folder folder, struct arena *arena,
    struct mailbox_listing *ret_listing, struct err *err);
int maildir_fetch(void *ctx, const struct mailbox_wanted *wanted,
    const struct mailbox_sink *sink, struct err *err);
void maildir_move(void *ctx, struct arena *arena, const struct wire_move *move,
    struct wire_moved *ret_moved);
int maildir_probe(void *ctx, struct arena *arena, const char *token,
    struct wire_probed *ret_probed, struct err *err);
/* Begin to watch, or again after folders were replaced; drops old hints. */
void maildir_watch(struct maildir *box);
int maildir_watch_fd(void *ctx);
bool maildir_watch_news(void *ctx, const struct known *known);

#endif
