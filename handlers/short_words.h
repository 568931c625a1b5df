/*
 * Short answers as people type them on a phone: `1 done - pack in use`,
 * `2) need until 30 April: why`, `B: 14 May 2026`, `A-0112 stuck`, `not me`.
 * Lines to items, nothing looked up: what a label stands for is told by the
 * items of the mail that is answered. short_answer.c is the caller.
 */
#ifndef LSCPD_HANDLERS_SHORT_WORDS_H
#define LSCPD_HANDLERS_SHORT_WORDS_H

#include <stdint.h>

#include "base/arena.h"
#include "store/outbox.h"

enum short_kind {
	SHORT_PROSE,    /* none of ours */
	SHORT_ANSWER,   /* a letter and a value */
	SHORT_STATUS,   /* done, on track, at risk, late, blocked */
	SHORT_UNTIL,    /* need until DAY - why */
	SHORT_NOT_ME,   /* not me - NAME */
	SHORT_CALL,     /* please call me */
	SHORT_WITHDRAW, /* withdraw */
	SHORT_UNKNOWN,  /* a label, but no word or label that we know */
};

struct short_line {
	enum short_kind kind;
	/* "B", "2", "A-0112" (in capitals); "" without one. */
	const char *label;
	const char *status; /* of SHORT_STATUS: the form's word */
	int32_t day;        /* of SHORT_UNTIL; DAY_NONE: not readable */
	/* What follows the word, with the lines that belong to it; "". */
	const char *text;
	const char *wrote; /* the line as written, without its label */
};

enum {
	SHORT_LINES_MAX = 500, /* read of one mail; a person writes fewer */
};

struct short_lines {
	struct short_line *items;
	size_t count;
};

/*
 * Up to SHORT_LINES_MAX lines of `text` that are not blank, but greetings and
 * what follows a closing. `items` are those of the mail that is answered; may be empty.
 */
void short_words_read(struct arena *arena, const char *text,
    const struct outbox_items *items, int32_t today_day,
    struct short_lines *ret_lines);

#endif
