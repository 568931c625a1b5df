/*
 * The treaty: what each frame's payload holds, as plain structs, and their way
 * into bytes and back. A struct belongs to one frame type, named above it;
 * treaty_encode() and treaty_decode() take the type and that struct.
 *
 * Strings are never NULL once decoded (encoding takes NULL as ""). A bool
 * travels as one byte, an enum as u32 that is checked against its last value.
 *
 * A conversation with the mailbox, as the engine sees it:
 *
 *	CONFIG				READY
 *	FETCH{new listing, 64, 16 MiB}	ATTENTION… MESSAGE… FETCH_DONE{more}
 *	FETCH{continue, 64, 16 MiB}	MESSAGE… FETCH_DONE{no more}
 *	MOVE{keys, from, to}		MOVED{a result each}
 *	KEEP{keys}			-
 *	WATCH				CHANGED, some time, once
 *
 * It answers in order, one request at a time; CHANGED alone may come between
 * the answers to something else.
 */
#ifndef LSCPD_WIRE_TREATY_H
#define LSCPD_WIRE_TREATY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "wire/frame.h"

/* A folder by its part in the work; its name is the mailbox's setting. */
enum wire_folder {
	FOLDER_INBOX = 0,
	FOLDER_FILED = 1,
	FOLDER_PROBLEMS = 2,
	FOLDER_ATTENTION = 3,
	FOLDER_IGNORED = 4,
	FOLDER_QUARANTINE = 5,
	FOLDER_LAST = FOLDER_QUARANTINE
};

/* "INBOX", "Filed", "Problems", "Attention", "Ignored", "Quarantine". */
const char *wire_folder_name(enum wire_folder folder);
/* The same backwards; false where it is none of them. */
bool wire_folder_find(const char *name, enum wire_folder *ret_folder);

/*
 * FRAME_CONFIG. What the children know (absent: the default):
 *  mailbox: url, spool (a folder on the database's disk, for large messages),
 *           limit.message (bytes), folder.Filed … folder.Quarantine (names),
 *           since, idle, poll (only where it was set), probe ("true":
 *           FRAME_PROBE is all that will come), and for a server what the
 *           courier knows
 *  courier: url, starttls ("true"), password-file, credential, ca-file, proxy,
 *           timeout (seconds), oauth2.token-url, oauth2.client-id,
 *           oauth2.client-secret-file, oauth2.scope, oauth2.ca-file
 *  parser:  (see daemon/parser)
 */
struct wire_setting {
	const char *name, *value;
};

struct wire_config {
	struct wire_setting *items;
	size_t count;
};

/* The value of a setting; `otherwise` where it is absent. */
const char *wire_config_get(const struct wire_config *config, const char *name,
    const char *otherwise);

/* FRAME_READY. */
struct wire_ready {
	const char *version; /* LSCPD_VERSION of the child's program */
};

/* FRAME_START_FAILED, FRAME_SYNC_FAILED, FRAME_PARSE_FAILED. */
struct wire_failed {
	const char *text; /* words for a person, without "error:" */
	bool temporary;   /* try again later; else somebody must change it */
	bool disk_full;
};

/* FRAME_FETCH. */
enum wire_listing {
	/* List the inbox (and then Attention) anew; begin with the oldest. */
	LISTING_NEW = 0,
	/* Go on in the listing of before; what came since waits. */
	LISTING_CONTINUE = 1,
	LISTING_LAST = LISTING_CONTINUE
};

struct wire_fetch {
	enum wire_listing listing;
	uint32_t max_messages;
	uint64_t max_bytes; /* ends the page once reached; one always fits */
};

/*
 * FRAME_ATTENTION, only after LISTING_NEW and before the first MESSAGE: the
 * keys that stood in the Attention folder, looked at after the inbox; in
 * several frames where they are many. The last has `more` false, so there is
 * always one.
 */
struct wire_attention {
	const char **keys;
	size_t count;
	bool more;
	/*
	 * The front that all of them share; a key that lacks it is of another
	 * time (a server's folder began anew), and its absence says nothing.
	 */
	const char *epoch;
};

/*
 * FRAME_MESSAGE: one message. Its descriptor is read-only for whoever gets
 * it: a sealed memfd up to 1 MiB, an unlinked file above. Its file offset is
 * shared with the parser: read it with pread() or mmap().
 *
 * It is not handed out again in this life of the mailbox process until it was
 * MOVEd or RELEASEd; KEEP makes that last while it stands in the inbox. After
 * a restart of the mailbox all that is in the inbox comes again.
 */
struct wire_message {
	const char *key; /* its name in the inbox, or in FETCH_ONE's folder */
	int64_t received_at; /* 0: unknown, the engine's clock at first sight */
	uint64_t size_bytes; /* of the whole, also where too_large */
	/* Of all bytes; where too_large of the bytes that came and the size. */
	char sha256[SHA256_HEX_BYTES];
	bool cut;       /* empty, or of another size than its name's S= says */
	bool too_large; /* over limit.message: only its header block came */
	bool by_name;   /* the answer to a FETCH_ONE */
};

/* FRAME_FETCH_DONE. */
struct wire_fetch_done {
	bool more;        /* the listing has more: FETCH{continue} */
	uint32_t skipped; /* of the listing so far: could not be read */
	const char *note; /* the first of these and why; "" */
};

/* FRAME_MOVE: in sets; each key stands once. At most WIRE_MOVE_MAX. */
enum {
	WIRE_MOVE_MAX = 512
};

struct wire_move_item {
	const char *key; /* its name in `from` */
	enum wire_folder from, to;
};

struct wire_move {
	struct wire_move_item *items;
	size_t count;
};

/* FRAME_MOVED: as many, in the same order. */
enum wire_move_result {
	MOVE_DONE = 0, /* it stands in the folder (or stood there already) */
	MOVE_VANISHED = 1, /* neither here nor there: somebody moved it */
	MOVE_FAILED = 2,   /* still where it was; `text` says why; try again */
	MOVE_STAYS = 3,    /* the same for good: not handed out again either */
	MOVE_LAST = MOVE_STAYS
};

struct wire_moved_item {
	const char *key;
	enum wire_move_result result;
	const char *new_key; /* where MOVE_DONE: its name in the new folder */
	const char *text;    /* where MOVE_FAILED or MOVE_STAYS */
};

struct wire_moved {
	struct wire_moved_item *items;
	size_t count;
};

/* FRAME_KEEP, FRAME_RELEASE: no answer. */
struct wire_keys {
	const char **keys;
	size_t count;
};

/* FRAME_FETCH_ONE, FRAME_NOT_FOUND. */
struct wire_place {
	enum wire_folder folder;
	const char *key;
};

/* FRAME_WATCH, FRAME_CHANGED, FRAME_PARSE: no payload. */

/*
 * FRAME_PROBE, to a mailbox whose CONFIG said `probe` = "true": it makes no
 * folder, changes nothing, and answers nothing else.
 */
struct wire_probe {
	/* "": look around. Else: is there a mail with it in its subject? */
	const char *token;
};

/* FRAME_PROBED. */
struct wire_probed {
	const char *text; /* what was seen, in words */
	uint32_t mails;   /* in the inbox */
	bool found;       /* the mail with the token */
};

/* FRAME_DELIVER: one mail, its bytes with CRLF line ends. */
struct wire_deliver {
	int64_t outbox_id;
	int64_t queued_at;
	const char *instance; /* 16 hex digits made with the database */
	const char *message_id;
	const char *envelope_from; /* "" for the empty sender */
	const char *envelope_to;
	const void *mime; /* decoded: points into the payload */
	size_t mime_bytes;
};

/* FRAME_DELIVERED. */
enum wire_delivery {
	DELIVERY_SENT = 0,
	DELIVERY_LATER = 1,    /* this mail not now: 4xx, a full disk */
	DELIVERY_REFUSED = 2,  /* this mail never: 5xx to MAIL, RCPT, DATA */
	DELIVERY_IN_DOUBT = 3, /* all bytes went out, no answer came */
	/* No mail at all, and waiting may not help: 5xx to greeting, TLS or
	 * AUTH, a certificate that is wrong, or the folder is gone. */
	DELIVERY_SERVER_DOWN = 4,
	DELIVERY_UNREACHABLE = 5, /* no mail at all just now */
	DELIVERY_LAST = DELIVERY_UNREACHABLE
};

struct wire_delivered {
	int64_t outbox_id;
	enum wire_delivery result;
	const char *text; /* the server's words, or ours; "" where sent */
};

/*
 * Append the payload of `type` to `out`. `payload` is the struct of that type
 * (NULL for a type without payload).
 */
void treaty_encode(enum frame_type type, const void *payload, struct buf *out);
/*
 * Check and read a payload into the struct of its type; strings and arrays in
 * `arena`. ERR_PROTOCOL for anything that does not fit exactly.
 */
int treaty_decode(struct arena *arena, const struct frame *frame,
    void *ret_payload, struct err *err);
/* Encode and write, blocking: for children. `fd` is borrowed, -1 for none. */
int treaty_write(int sock, enum frame_type type, const void *payload, int fd,
    struct err *err);

#endif
