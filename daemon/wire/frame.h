/*
 * Frames: what travels between the engine and its children over a
 * SOCK_STREAM pair, on descriptor 3 of the child. A frame is a header (u32
 * payload length, u16 type, u16 version; little endian), a payload, and at
 * most one descriptor, sent along with the first byte. What each payload
 * holds is in wire/treaty.h, save RECORD (wire/record.h) whose payload is the
 * record's own bytes.
 *
 * Both ends are strict: an unknown type or version, a payload beyond its
 * type's bound, a descriptor where none belongs, or two of them, is
 * ERR_PROTOCOL and ends the connection. Children read and write blocking; the
 * engine uses engine/child.h, which is built on the same reader.
 */
#ifndef LSCPD_WIRE_FRAME_H
#define LSCPD_WIRE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	FRAME_SOCKET = 3,  /* a child's end */
	FRAME_VERSION = 1, /* of the treaty: both ends must have the same */
	FRAME_HEADER_BYTES = 8,
};

enum frame_type {
	FRAME_NONE = 0,

	/* Any child. */
	FRAME_CONFIG = 1,       /* engine: settings, the first frame */
	FRAME_READY = 2,        /* child: CONFIG understood, at work */
	FRAME_START_FAILED = 3, /* child: cannot work with it; it ends */

	/* Mailbox. */
	FRAME_FETCH = 10,       /* engine: a page of messages, please */
	FRAME_ATTENTION = 11,   /* mailbox: keys in Attention; comes first */
	FRAME_MESSAGE = 12,     /* mailbox: one message; carries its bytes */
	FRAME_FETCH_DONE = 13,  /* mailbox: the page is complete */
	FRAME_SYNC_FAILED = 14, /* mailbox: instead of DONE, or NOT_FOUND */
	FRAME_MOVE = 15,        /* engine: file these */
	FRAME_MOVED = 16,       /* mailbox: one result for each of them */
	FRAME_KEEP = 17,        /* engine: these stay in the inbox */
	FRAME_RELEASE = 18,     /* engine: hand these out again */
	FRAME_FETCH_ONE = 19,   /* engine: one by folder and key */
	FRAME_NOT_FOUND = 20,   /* mailbox: FETCH_ONE met nothing */
	FRAME_WATCH = 21,       /* engine: say when something new is there */
	FRAME_CHANGED = 22,     /* mailbox: once for each WATCH */
	FRAME_PROBE = 23,       /* engine: what is there? Make nothing */
	FRAME_PROBED = 24,      /* mailbox: this; or SYNC_FAILED */

	/* Parser. */
	FRAME_PARSE = 30,        /* engine: carries the message; no payload */
	FRAME_RECORD = 31,       /* parser: the record's bytes */
	FRAME_PARSE_FAILED = 32, /* parser: no record could be made */

	/* Courier. */
	FRAME_DELIVER = 40,   /* engine: one mail */
	FRAME_DELIVERED = 41, /* courier: what became of it */

	FRAME_TYPE_MAX = 64
};

/* Who may send what: a frame that its sender has no right to is refused. */
enum frame_from {
	FROM_ENGINE = 1,
	FROM_MAILBOX = 2,
	FROM_PARSER = 4,
	FROM_COURIER = 8,
};

struct frame {
	enum frame_type type;
	const void *data; /* the payload; never NULL */
	size_t bytes;
	int fd; /* -1 if none came; see frame_read() for who closes it */
};

/* "FETCH" …; "?" for a number that is no type. */
const char *frame_type_name(enum frame_type type);
/* The bound of a type's payload; 0 for a number that is no type. */
size_t frame_max_bytes(enum frame_type type);

/* Reader of one end; the state of a frame that has come in part. */
struct frame_reader {
	int sock; /* borrowed */
	enum frame_from peer;
	uint8_t header[FRAME_HEADER_BYTES];
	size_t got; /* bytes of the frame so far, its header included */
	uint32_t want;
	struct buf payload;
	enum frame_type type;
	int fd;
	int delivered; /* the frame was handed out; the next read begins anew */
};

/* `peer`: whom the frames come from. */
void
frame_reader_init(struct frame_reader *reader, int sock, enum frame_from peer);
/* Closes a descriptor that nobody took; the socket stays. */
void frame_reader_done(struct frame_reader *reader);
/* Take the last frame's descriptor: it is the caller's to close now. */
int frame_take_fd(struct frame_reader *reader, struct frame *frame);

enum frame_wait {
	FRAME_WAIT,
	FRAME_NO_WAIT
};

/*
 * The next frame: 1 with `*ret_frame` filled, valid until the next read
 * (its descriptor too, unless taken); 0 if FRAME_NO_WAIT and it is not
 * complete yet. ERR_CLOSED where the other end closed between two frames,
 * ERR_PROTOCOL for all that it may not send, ERR_SYSTEM.
 */
int frame_read(struct frame_reader *reader, enum frame_wait wait,
    struct frame *ret_frame, struct err *err);

/*
 * Write a whole frame, blocking. `fd` is borrowed; -1 for none. ERR_CLOSED
 * where the other end is gone; ERR_LIMIT for a payload beyond its bound.
 */
int frame_write(int sock, enum frame_type type, const struct buf *payload,
    int fd, struct err *err);

/* Header and payload behind each other, as they travel; for a send queue. */
int frame_format(struct buf *out, enum frame_type type, const void *payload,
    size_t bytes, struct err *err);
/*
 * Send what the socket takes now, without blocking, `fd` (or -1) along with
 * the first byte: the count, 0 if it takes none, ERR_CLOSED, ERR_SYSTEM.
 */
int64_t frame_send_part(int sock, const void *data, size_t bytes, int fd,
    struct err *err);

#endif
