/*
 * Messages that came in: one row for each judgement, its attached parts, its
 * raw bytes, and where it has been moved to. Intake is the writer.
 */
#ifndef LSCPD_STORE_MESSAGE_H
#define LSCPD_STORE_MESSAGE_H

#include <stdint.h>

#include "store/db.h"

/* The words of class, outcome, reason and folder are those of the views. */
struct message {
	int64_t id;
	const char *mailbox_key; /* the mailbox's own name of it */
	const char *sha256;      /* of the raw bytes */
	const char *content_key; /* "" where unknown */
	int64_t received_at, judged_at;
	const char *from_addr; /* stored in lower case */
	const char *subject, *message_id;
	const char *class, *outcome, *reason, *ref, *folder;
	int64_t size_bytes;
	int64_t contact; /* 0: not one of the register */
	int64_t first; /* of a duplicate: the first; judged anew: the earlier */
	int64_t moved_at, settled_at;
	const char *again; /* "", retry, release */
};

struct message_part {
	const char *name, *type;
	const char *sha256;  /* of the decoded content */
	const char *verdict; /* words for a person */
	const char *encoding;
	int64_t bytes;             /* decoded */
	int64_t offset, raw_bytes; /* of the encoded body in the raw message */
};

struct message_parts {
	struct message_part *items;
	size_t count;
};

/* What is known of a message only once it has been judged. */
struct message_verdict {
	const char *class, *outcome, *reason, *ref, *folder;
	int64_t contact, first;
	int64_t moved_at; /* 0: it has yet to be moved there */
};

/*
 * `message->id`, `settled_at` and `again` are not read. The verdict in it may
 * be a provisional one (rows that follow refer to the id), to be replaced by
 * message_judge() in the same savepoint. A message that stays in the inbox has
 * the folder INBOX and counts as moved.
 */
int message_add(struct store *store, const struct message *message,
    int64_t *ret_id, struct err *err);
int message_judge(struct store *store, int64_t id,
    const struct message_verdict *verdict, struct err *err);
int message_add_parts(struct store *store, int64_t id,
    const struct message_parts *parts, struct err *err);

/* All bytes of `fd` from offset 0, in pieces: memory does not grow. The
 * descriptor's own offset is left alone. */
int message_add_raw(struct store *store, int64_t id, int fd, struct err *err);
/* Append them to `fd`. Returns 1, or 0 where no raw bytes are kept. */
int message_read_raw(struct store *store, int64_t id, int fd, struct err *err);

int message_find(struct store *store, struct arena *arena, int64_t id,
    struct message *ret_message, struct err *err);
/* The newest row of that name, or with those raw bytes. */
int message_find_key(struct store *store, struct arena *arena,
    const char *mailbox_key, struct message *ret_message, struct err *err);
int message_find_sha(struct store *store, struct arena *arena,
    const char *sha256, struct message *ret_message, struct err *err);

/* The first that had this content and sender and is no duplicate itself. */
struct message_content {
	const char *content_key, *from_addr;
	int64_t except; /* judged anew: its earlier row, never its own double */
};

int message_find_content(struct store *store, struct arena *arena,
    const struct message_content *content, struct message *ret_message,
    struct err *err);
int message_list_parts(struct store *store, struct arena *arena, int64_t id,
    struct message_parts *ret_parts, struct err *err);

/* The mailbox has confirmed these moves. */
struct message_moved {
	const char *mailbox_key;
	const char *new_key; /* its name from now on; "" where it kept it */
};

int message_set_moved(struct store *store, const struct message_moved *moved,
    size_t count, int64_t at, struct err *err);

struct message_move {
	int64_t id;
	const char *mailbox_key, *folder;
};

struct message_moves {
	struct message_move *items;
	size_t count;
};

/* What is judged and not yet moved, oldest first, behind `after_id`; at most
 * 500, so ask again behind the last. */
int message_list_unmoved(struct store *store, struct arena *arena,
    int64_t after_id, struct message_moves *ret_moves, struct err *err);

/* Attention rows that nobody has settled and that were moved there. */
int message_list_open(struct store *store, struct arena *arena,
    struct message_moves *ret_moves, struct err *err);
/* The mailbox knows it by another name now; `moved_at` 0: it is in the inbox,
 * and has yet to be moved. */
int message_place(struct store *store, int64_t id, const char *key,
    int64_t moved_at, struct err *err);

/* What stands in the Attention folder now. */
struct message_present {
	const char *const *keys;
	size_t count;
	const char *epoch; /* the front that keys of this time share; "" */
};

/*
 * Open attention rows that were moved there and are gone from it are settled;
 * those that stand there count as moved. Of a row whose key lacks the epoch
 * nothing is known: the server began its folder anew, or never said the new
 * key. Returns how many.
 */
int message_settle_gone(struct store *store,
    const struct message_present *present, int64_t at, struct err *err);
int
message_settle(struct store *store, int64_t id, int64_t at, struct err *err);

/* The queue of messages to be judged anew: `again` is retry or release. */
int message_set_again(struct store *store, int64_t id, const char *again,
    struct err *err);
int message_clear_again(struct store *store, int64_t id, struct err *err);
/* The oldest of the queue; 0 where it is empty. */
int message_next_again(struct store *store, struct arena *arena,
    struct message *ret_message, struct err *err);

/* Tries of what is parsed alone, counted before each: `*ret_tries` is the
 * number with this one. */
int attempt_add(struct store *store, const char *sha256, int *ret_tries,
    struct err *err);
int attempt_clear(struct store *store, const char *sha256, struct err *err);
/* 0 where it was never tried alone. */
int attempt_count(struct store *store, const char *sha256, int *ret_tries,
    struct err *err);

/* Rows by outcome, judged in [since_at, until_at). */
int message_count_outcomes(struct store *store, struct arena *arena,
    int64_t since_at, int64_t until_at, struct store_counts *ret_counts,
    struct err *err);
/* Attention rows that nobody has settled. */
int
message_count_open(struct store *store, int64_t *ret_count, struct err *err);

#endif
