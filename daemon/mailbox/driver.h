/*
 * What a kind of mailbox must be able to do. The session (mailbox/session.h)
 * speaks with the engine, knows which messages are in the engine's hands and
 * makes pages of a listing; a driver lists, copies, moves and watches. Maildir
 * is one; IMAP fits the same five verbs: keys are then UIDVALIDITY/UID, a page
 * is one UID FETCH, a set of moves one MOVE for each pair of folders.
 */
#ifndef LSCPD_MAILBOX_DRIVER_H
#define LSCPD_MAILBOX_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "mailbox/known.h"
#include "wire/treaty.h"

/* All of it outlives the box. */
struct mailbox_settings {
	const struct wire_config *config; /* what one kind alone needs */
	bool probing;  /* only probe() will be called; make nothing */
	int hangup_fd; /* the engine's connection; -1 in tests without one */
	const char *url;
	const char *spool;    /* folder for copies of large messages */
	uint64_t limit_bytes; /* limits.message */
	const char *folders[FOLDER_LAST + 1]; /* names; the inbox's is "" */
};

struct mailbox_listed {
	const char *key;
	uint64_t size_bytes; /* for planning pages; 0 where it is unknown */
};

struct mailbox_listing {
	struct mailbox_listed *items; /* oldest first; each key once */
	size_t count;
	uint32_t skipped; /* what stands there but can be no message */
	const char *note; /* the first of these, in words; "" */
	/*
	 * The front that all keys of this folder share, as long as they mean
	 * something; "" where they do for ever.
	 */
	const char *epoch;
};

/* Where a driver puts what it fetches. */
struct mailbox_sink {
	void *ctx;
	/* A message; `fd` is borrowed. A failure ends the fetch. */
	int (*take)(void *ctx, const struct wire_message *message, int fd,
	    struct err *err);
	/* This one cannot be read, now or ever; the others can. */
	void (*skip)(void *ctx, const char *key, const char *why);
};

/* The keys that a fetch is to copy from a folder. */
struct mailbox_wanted {
	enum wire_folder folder;
	const char *const *keys;
	size_t count;
};

struct mailbox_driver {
	const char *scheme; /* of the url: "maildir:" */

	/* Make the folders that are missing. ERR_CONFIG: waiting won't help. */
	int (*open)(const struct mailbox_settings *settings, void **ret_box,
	    struct err *err);
	void (*close)(void *box);
	int (*list)(void *box, enum wire_folder folder, struct arena *arena,
	    struct mailbox_listing *ret_listing, struct err *err);
	/*
	 * Copy each of them into the sink, in that order; what is no longer
	 * there, or not yet complete, is passed over. Never changes a flag.
	 */
	int (*fetch)(void *box, const struct mailbox_wanted *wanted,
	    const struct mailbox_sink *sink, struct err *err);
	/* A result for each item, durable where it is MOVE_DONE. */
	void (*move)(void *box, struct arena *arena,
	    const struct wire_move *move, struct wire_moved *ret_moved);
	/*
	 * The engine waits for news and asks for nothing else now. May talk
	 * with a server, but not for long; NULL where nothing is to be done.
	 */
	void (*watch)(void *box);
	/* To poll for POLLIN; -1 where the box cannot be watched now. */
	int (*watch_fd)(void *box);
	/*
	 * Take the hints that wait: true if one is of a message that the
	 * engine does not have yet. Blocks no longer than watch() may.
	 */
	bool (*watch_news)(void *box, const struct known *known);
	/*
	 * Look around, or for a mail with `token` in its subject, in the inbox
	 * and where our own mail is filed. `*ret_probed` is empty at first;
	 * its text outlives the call in `arena`, the box or for ever.
	 */
	int (*probe)(void *box, struct arena *arena, const char *token,
	    struct wire_probed *ret_probed, struct err *err);
};

extern const struct mailbox_driver g_maildir_driver;
extern const struct mailbox_driver g_imap_driver;

#endif
