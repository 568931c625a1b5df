/*
 * The one answer to many returns in one mail: how many were filed, which are
 * to be put right and how, and the list of all of them as a file. Shared by
 * return_bulk.c and bulk_letter.c, and by nobody else.
 */
#ifndef LSCPD_HANDLERS_BULK_LETTER_H
#define LSCPD_HANDLERS_BULK_LETTER_H

#include "handlers/handler.h"

/* What became of one of them. */
enum bulk_end {
	BULK_FILED,
	BULK_CHANGED, /* what was complete before */
	BULK_SAME,
	BULK_PART,      /* what was right is kept */
	BULK_SAME_PART, /* nothing new, and still not complete */
	BULK_BACK,      /* nothing is kept */
};

/* Something wrong or missing. A reason that is about all of it has no
 * `where`, and whole sentences. */
struct bulk_fault {
	const char *where, *wrote, *place, *reason, *allowed;
};

struct bulk_line {
	const struct bulk_set *set;
	struct agency agency; /* id 0: not known */
	enum bulk_end end;
	bool is_settled, is_not_allowed;
	const char *ref; /* of its return; "" */
	struct bulk_fault *faults;
	size_t fault_count, more; /* more: not kept here */
};

struct bulk_work {
	struct intake *intake;
	struct bulk_line *lines;
	size_t count;
	size_t fault_count; /* of all lines */
	bool is_thread;
	const char *round;   /* of all of them; NULL while not known */
	bool is_many_rounds; /* they are not of one */
	const char **unread;
	size_t unread_count;
	const char **notes;
	size_t note_count;
};

/* Strings are kept. */
void bulk_note_round(struct bulk_work *work, const char *round);
void bulk_note_unread(struct bulk_work *work, const char *text);
/* A whole sentence of how it was read, once. */
void bulk_note(struct bulk_work *work, const char *text);

/* Queue it and fill the outcome. */
int bulk_answer(struct bulk_work *work, struct err *err);

#endif
