/*
 * A mailbox on an IMAP server, by libetpan over our own verified stream. One
 * connection at a time, each with a session object of its own; what fails
 * beneath a command throws it away, and the next request connects anew, not
 * more often than the backoff allows.
 *
 * libetpan waits for the end of each command, so there is one FETCH in flight
 * at a time. Sets are large instead, and the engine asks for the next page
 * while the parser still works on the last.
 *
 * A message's key in the inbox is UIDVALIDITY/UID, in another folder it has
 * the folder's word in front: Attention/UIDVALIDITY/UID. \Seen is never set,
 * UNSEEN never asked for, and what is not listed by UID does not exist.
 */
#ifndef LSCPD_MAILBOX_IMAP_H
#define LSCPD_MAILBOX_IMAP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include <libetpan/libetpan.h>

#include "base/server_url.h"
#include "mailbox/driver.h"
#include "net/stream.h"
#include "net/token.h"

enum {
	IMAP_NO_FOLDER = -1,
	IMAP_FOLDERS = FOLDER_LAST + 1,
	IMAP_ANSWER_BYTES = 1024 * 1024, /* of a command without bodies */
};

/* What a listing knows of a message. */
struct imap_item {
	uint32_t uid, size_bytes;
	int64_t received_at; /* INTERNALDATE; 0 where it was not said */
};

/*
 * A folder as it was listed last, without what we have moved away since; valid
 * for one UIDVALIDITY.
 */
struct imap_folder {
	char *name; /* on the server; NULL before it is known */
	uint32_t validity, uidnext, exists;
	bool listed;
	GArray *items; /* struct imap_item of what is wanted, by rising UID */
};

/* Why a message could not be fetched, and when to try again. */
struct imap_trouble {
	int failures;
	int64_t retry_at_ms;
	struct err why;
};

struct imap_box {
	struct server_url url;
	char *words[IMAP_FOLDERS]; /* names from the settings, in UTF-7 */
	const char *password_file, *credential, *spool;
	bool starttls, wants_idle, probing, polls_by_setting;
	int32_t since_day;
	uint64_t limit_bytes;
	struct stream_settings stream_settings;
	struct token_settings token_settings;
	struct token *token; /* NULL where a password logs in */

	struct stream *stream; /* NULL: not connected */
	mailimap *session;
	int selected; /* enum wire_folder or IMAP_NO_FOLDER */
	struct imap_folder folders[IMAP_FOLDERS];
	GHashTable *trouble; /* key to struct imap_trouble */
	GHashTable *copied;  /* key to new key: still to be taken away */

	/* Sizes that were announced as the bodies came, and others. */
	unsigned sizes_true, sizes_false;
	bool cannot_move; /* it says that it can */

	int failures;
	int64_t retry_at_ms, patience_ms; /* that the server asked for */
	struct err last;                  /* why it cannot be used */

	int watch_fd, timer_fd;
	bool idling, hint;
	int idle_failures;
	int64_t looked_at_ms;
	size_t idle_scanned;
};

/* --- imap.c: what all share ------------------------------------------------ */

/*
 * A connection that can take a command; IDLE is over. `ret_fresh` (may be
 * NULL) tells whether it was made just now. ERR_BUSY or ERR_CONFIG.
 */
int imap_ready(struct imap_box *box, bool *ret_fresh, struct err *err);
/* A command begins. */
void imap_begin(struct imap_box *box, uint64_t budget_bytes);
/*
 * What libetpan's code means, as words behind `what`; throws the connection
 * away where it is out of step. Returns ERR_BUSY or ERR_CONFIG.
 */
int
imap_failed(struct imap_box *box, int code, const char *what, struct err *err);
/* The text of the server's last answer; "" where there was none. */
const char *imap_said(const struct imap_box *box);
/* The same or its code in [brackets] holds that word, in any case. */
bool imap_said_word(const struct imap_box *box, const char *word);
/* It asked us to come later. */
bool imap_is_throttled(const struct imap_box *box);
bool imap_has(const struct imap_box *box, const char *capability);
void imap_disconnect(struct imap_box *box);
/* The work failed: the next try has to wait, each time longer. */
void imap_note_failure(struct imap_box *box, const struct err *err);

/* --- imap_connect.c ---------------------------------------------------------- */

/* Connect, secure, log in, find the folders; once. Leaves none half made. */
int imap_connect(struct imap_box *box, struct err *err);

/* --- imap_folder.c ----------------------------------------------------------- */

/* Names by the server's delimiter; what is missing is made and subscribed. */
int imap_find_folders(struct imap_box *box, struct err *err);
/* Make one that is gone. */
int imap_make_folder(struct imap_box *box, enum wire_folder folder,
    struct err *err);
/* SELECT it, unless it is selected; or in any case, for its figures. */
int imap_select(struct imap_box *box, enum wire_folder folder, struct err *err);
int imap_select_anew(struct imap_box *box, enum wire_folder folder,
    struct err *err);
/* The UID of a key, if it is one of this folder as it is now; 0 else. */
uint32_t imap_uid_of_key(const struct imap_box *box, enum wire_folder folder,
    const char *key);
/* A key's front, which all keys of the folder as it is now share. */
const char *
imap_epoch(struct arena *arena, enum wire_folder folder, uint32_t validity);
/* UIDs as ranges; rising order makes few. */
struct mailimap_set *imap_set_of(const uint32_t *uids, size_t count);

/* --- imap_list.c -------------------------------------------------------------- */

int imap_list(void *ctx, enum wire_folder folder, struct arena *arena,
    struct mailbox_listing *ret_listing, struct err *err);
/* Sizes and dates of these into `items`; what is not there is left out. */
int imap_read_items(struct imap_box *box, struct mailimap_set *take_set,
    GArray *items, struct err *err);
/* One of a listing; NULL where it is not in it. */
const struct imap_item *imap_find_item(const GArray *items, uint32_t uid);
/* It is no longer in this folder. */
void imap_forget_item(struct imap_folder *folder, uint32_t uid);
/* Does STATUS say that the folder is as it was listed? */
bool imap_is_unchanged(struct imap_box *box, enum wire_folder folder);
/* What a FETCH answer says of a message; its UID is 0 where it says none. */
struct imap_item imap_read_att(const struct mailimap_msg_att *att);

/* --- the others ----------------------------------------------------------------- */

int imap_fetch(void *ctx, const struct mailbox_wanted *wanted,
    const struct mailbox_sink *sink, struct err *err);
void imap_move(void *ctx, struct arena *arena, const struct wire_move *move,
    struct wire_moved *ret_moved);
void imap_watch(void *ctx);
int imap_watch_fd(void *ctx);
bool imap_watch_news(void *ctx, const struct known *known);
int imap_probe(void *ctx, struct arena *arena, const char *token,
    struct wire_probed *ret_probed, struct err *err);
/* IDLE ends; false where the connection turned out to be dead. */
bool imap_watch_end(struct imap_box *box);

#endif
