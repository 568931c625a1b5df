/*
 * A message on its way through the engine: what the mailbox said of it, its
 * bytes as a descriptor, and why it is here. It lives from the mailbox's
 * MESSAGE frame (or a person's word to judge it again) until its batch is
 * committed.
 */
#ifndef LSCPD_ENGINE_INCOMING_H
#define LSCPD_ENGINE_INCOMING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"
#include "wire/treaty.h"

/* Why a message is judged once more. */
enum again {
	AGAIN_NO,
	AGAIN_DRAGGED, /* a person brought it back from Attention */
	AGAIN_RETRY,
	AGAIN_RELEASE, /* a person vouches for it, or a sender said YES */
};

struct incoming {
	struct incoming *next;
	char *key;
	char sha256[SHA256_HEX_BYTES];
	int64_t received_at;
	uint64_t size_bytes;
	int fd;
	bool cut, too_large;
	bool alone;  /* it killed the parser: next try is counted, and alone */
	bool killer; /* it killed the parser twice: quarantine, unparsed */
	bool unparsed; /* the parser made no record of it */
	bool single;   /* its batch was lost: a transaction of its own */
	enum again again;
	int64_t earlier; /* the row of the judgement before, when again */
	enum wire_folder from;
};

/* A copy of the frame's words; takes `fd`. */
struct incoming *incoming_new(const struct wire_message *message, int take_fd);
void incoming_free(struct incoming *in);

/* First in, first out. */
struct incoming_queue {
	struct incoming *first, *last;
	size_t count;
};

void incoming_push(struct incoming_queue *queue, struct incoming *in);
void incoming_push_front(struct incoming_queue *queue, struct incoming *in);
/* NULL where it is empty. */
struct incoming *incoming_pop(struct incoming_queue *queue);
void incoming_drop_all(struct incoming_queue *queue);

#endif
