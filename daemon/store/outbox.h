/*
 * Mails that go out. A row is fixed with its Message-ID and bytes in the
 * transaction that decided to send it; only its state changes after that:
 *
 *   queued → sending → sent | queued (later) | failed | in_doubt
 *   in_doubt → sending (once, the same bytes) → … | in_doubt, for a person
 *   queued → held → queued          by staff, or held from birth
 *   failed, in_doubt → queued       by staff: retry
 */
#ifndef LSCPD_STORE_OUTBOX_H
#define LSCPD_STORE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/db.h"

struct outbox {
	int64_t id;
	const char *kind;          /* receipt, problems …: of X-LSCPD-Kind */
	const char *topic;         /* the template's name */
	const char *ref;           /* several with ; */
	int64_t contact;           /* 0: not one of the register */
	const char *recipient;     /* the true one, lower case */
	const char *envelope_to;   /* who gets it */
	const char *envelope_from; /* "" for the empty sender */
	const char *subject, *message_id, *in_reply_to;
	const char *token; /* reply code without the dash, or "" */
	int64_t answers;   /* the message that it answers, 0 for none */
	bool counts;       /* against the budget of answers */
	const char *state;
	int attempts, doubts;
	int64_t queued_at;
	int64_t tried_at; /* when the tries began; 0: not yet */
	int64_t next_at;  /* 0: not by itself */
	int64_t sent_at;
	const char *last_error;
};

/* What a letter or a number of a mail stands for. */
struct outbox_item {
	const char *label; /* A, B, 1, 2 */
	const char *kind;  /* answer, action, request, message */
	const char *ref; /* R-000123, A-0001, S11-2026/LGT, or a message's id */
	const char *tbl, *row, *field;
};

struct outbox_items {
	struct outbox_item *items;
	size_t count;
};

/* The bytes, kept apart from the row that changes. */
struct outbox_body {
	const char
	    *text; /* the plain text: what a reply's quote is compared with */
	const void *mime;
	size_t mime_bytes;
};

/*
 * Read of `mail`: kind … counts, state (queued or held), queued_at. The
 * address of the recipient is stored in lower case.
 */
int outbox_add(struct store *store, const struct outbox *mail,
    const struct outbox_body *body, const struct outbox_items *items,
    int64_t *ret_id, struct err *err);

int outbox_find(struct store *store, struct arena *arena, int64_t id,
    struct outbox *ret_mail, struct err *err);
/* With brackets, as we wrote it. */
int outbox_find_message_id(struct store *store, struct arena *arena,
    const char *message_id, struct outbox *ret_mail, struct err *err);
/* In any case, with or without the dash. */
int outbox_find_token(struct store *store, struct arena *arena,
    const char *token, struct outbox *ret_mail, struct err *err);
/* The first mail that answered this message. */
int outbox_find_answer(struct store *store, struct arena *arena,
    int64_t message, struct outbox *ret_mail, struct err *err);
/* The newest mail with this reference to this address. */
int outbox_find_ref(struct store *store, struct arena *arena, const char *ref,
    const char *recipient, struct outbox *ret_mail, struct err *err);
int outbox_text(struct store *store, struct arena *arena, int64_t id,
    const char **ret_text, struct err *err);
/* The bytes that are sent, into memory or appended to a descriptor. */
int outbox_read_mime(struct store *store, int64_t id, struct buf *buf,
    struct err *err);
int outbox_write_mime(struct store *store, int64_t id, int fd, struct err *err);

int outbox_list_items(struct store *store, struct arena *arena, int64_t id,
    struct outbox_items *ret_items, struct err *err);
/* By label, in any case. */
int outbox_find_item(struct store *store, struct arena *arena, int64_t id,
    const char *label, struct outbox_item *ret_item, struct err *err);

/* --- sending --------------------------------------------------------------- */

struct outbox_due {
	int64_t id;
	const char *envelope_from, *envelope_to, *message_id;
	int attempts; /* with this one */
};

struct outbox_dues {
	struct outbox_due *items;
	size_t count;
};

struct outbox_wanted {
	int64_t now_at;   /* the clock */
	int64_t until_at; /* due by then: now_at, or later to take all */
	size_t max;
};

/* Up to `max` mails that are due become sending, oldest first. */
int outbox_claim(struct store *store, struct arena *arena,
    const struct outbox_wanted *wanted, struct outbox_dues *ret_dues,
    struct err *err);

enum outbox_how {
	OUTBOX_SENT,
	OUTBOX_LATER,   /* queued again for next_at */
	OUTBOX_UNTRIED, /* as it was before it was claimed */
	OUTBOX_FAILED,
	OUTBOX_IN_DOUBT, /* the first time due again at next_at, then never */
};

struct outbox_result {
	int64_t id;
	enum outbox_how how;
	int64_t next_at;   /* LATER and IN_DOUBT */
	const char *error; /* "" for SENT; no more than 300 bytes are kept */
};

/* Each must be sending; others are left alone. */
int outbox_report(struct store *store, const struct outbox_result *results,
    size_t count, int64_t now_at, struct err *err);

/* Whatever waits for a next try is due now. */
int outbox_hurry(struct store *store, int64_t now_at, struct err *err);

/* What a second delivery of the same mail does. */
enum outbox_delivery {
	DELIVERY_IDEMPOTENT, /* nothing: Maildir, the name is fixed by the id */
	DELIVERY_DOUBLES,    /* SMTP */
};

/* At start, before outbox_recover(): mails in doubt that were in flight once
 * more. They are not tried again. */
int outbox_list_repeated(struct store *store, struct arena *arena,
    struct outbox_dues *ret_dues, struct err *err);
/* At start: what was in flight at a crash. Returns how many. */
int outbox_recover(struct store *store, enum outbox_delivery delivery,
    int64_t now_at, struct err *err);

/* By staff; ERR_INPUT where the state does not allow it, ERR_NOT_FOUND. */
int outbox_hold(struct store *store, int64_t id, struct err *err);
int outbox_release(struct store *store, int64_t id, int64_t now_at,
    struct err *err);
int
outbox_retry(struct store *store, int64_t id, int64_t now_at, struct err *err);
/* All held ones. Returns how many. */
int outbox_release_all(struct store *store, int64_t now_at, struct err *err);

/* --- questions -------------------------------------------------------------- */

/* Of mails to one recipient, queued at or after since_at; "" is any. */
struct outbox_question {
	const char *recipient, *kind, *topic, *ref;
	int64_t since_at;
};

/* How many, and when the last was queued (0: never). */
int outbox_ask(struct store *store, const struct outbox_question *question,
    int64_t *ret_count, int64_t *ret_last_at, struct err *err);
/* Mails to them since then that count against the budget of answers. */
int outbox_count_answers(struct store *store, const char *recipient,
    int64_t since_at, int64_t *ret_count, struct err *err);
/* When the next mail is due; 0 where none is. */
int outbox_next_at(struct store *store, int64_t *ret_at, struct err *err);
int outbox_count_states(struct store *store, struct arena *arena,
    struct store_counts *ret_counts, struct err *err);

#endif
