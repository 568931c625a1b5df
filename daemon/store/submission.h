/*
 * Returns: one submission from its first mail to its completion, with every
 * answer ever given, the problems of the standing version, and the lines that
 * nobody understood.
 */
#ifndef LSCPD_STORE_SUBMISSION_H
#define LSCPD_STORE_SUBMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/*
 * The next of a sequence: letter R (six digits), A, F, M, D or C (four), more
 * when they outgrow them. Never given twice, but a rolled-back one is.
 */
enum {
	REFERENCE_BYTES = 24
};

int reference_next(struct store *store, char letter,
    char ret_ref[static REFERENCE_BYTES], struct err *err);

struct submission {
	int64_t id;
	const char *ref, *form;
	int form_version;
	int64_t round, agency;               /* 0 for none */
	const char *round_ref, *agency_code; /* "" for none */
	const char *period;
	const char *thing;  /* what the form allows one return of */
	const char *sender; /* address, of its first mail */
	int64_t received_at;
	const char *state;
	int version;
};

struct submissions {
	struct submission *items;
	size_t count;
};

struct submission_new {
	const char *form;
	int form_version;
	int64_t round, agency;
	const char *period, *thing, *sender;
	int64_t received_at;
	const char *state;
	int64_t message; /* the mail that brought it */
};

/* Version 1, with a new reference. */
int submission_add(struct store *store, const struct submission_new *submission,
    int64_t *ret_id, char ret_ref[static REFERENCE_BYTES], struct err *err);

/* A mail that changes it: version + 1. */
struct submission_change {
	int64_t message;
	const char *sender, *state;
	int64_t at;
	/* NULL or "": as before. An incomplete return may learn its period only
	 * with a correction, and then what it is one of changes. */
	const char *period, *thing;
};

int submission_amend(struct store *store, int64_t id,
    const struct submission_change *change, int *ret_version, struct err *err);
int submission_set_state(struct store *store, int64_t id, const char *state,
    struct err *err);
/* The older becomes superseded. */
int submission_supersede(struct store *store, int64_t older, int64_t newer,
    struct err *err);

int submission_find(struct store *store, struct arena *arena, const char *ref,
    struct submission *ret_submission, struct err *err);
int submission_get(struct store *store, struct arena *arena, int64_t id,
    struct submission *ret_submission, struct err *err);
/* The one that stands for the thing: incomplete, returned or signed_off; the
 * newest of them. */
int submission_find_standing(struct store *store, struct arena *arena,
    const char *thing, struct submission *ret_submission, struct err *err);
/* The one that this message made or changed last. */
int submission_find_message(struct store *store, struct arena *arena,
    int64_t message, struct submission *ret_submission, struct err *err);

enum submission_which {
	SUBMISSIONS_STANDING,
	SUBMISSIONS_ALL
};

struct submission_filter {
	int64_t round, agency; /* 0 for any */
	const char *form;      /* "" for any */
	enum submission_which which;
};

/* Oldest first. */
int submission_list(struct store *store, struct arena *arena,
    const struct submission_filter *filter, struct submissions *ret_submissions,
    struct err *err);

/* --- answers ------------------------------------------------------------ */

struct answer {
	const char *tbl, *row, *field; /* tbl and row "" for a plain field */
	const char *value;             /* canonical */
	int position;                  /* order within the form */
};

struct answers {
	struct answer *items;
	size_t count;
};

/*
 * `answers` are all that stand at this version: what is equal to the version
 * before is not written again, what is no longer there is taken away.
 */
int submission_set_answers(struct store *store, int64_t id, int version,
    const struct answers *answers, struct err *err);
/* Those that stand, in the order of the form. */
int submission_list_answers(struct store *store, struct arena *arena,
    int64_t id, struct answers *ret_answers, struct err *err);

/* --- problems and unread lines ------------------------------------------ */

struct stored_problem {
	const char *letter; /* A, B … AA */
	const char *tbl, *row, *field;
	const char *wrote; /* "" where it is missing */
	const char *place; /* where it stood: a line, a cell */
	const char *reason, *allowed;
	bool missing;
};

struct stored_problems {
	struct stored_problem *items;
	size_t count;
};

/* Replaces those of the version before. */
int submission_set_problems(struct store *store, int64_t id,
    const struct stored_problems *problems, struct err *err);
int submission_list_problems(struct store *store, struct arena *arena,
    int64_t id, struct stored_problems *ret_problems, struct err *err);
/* By letter, in any case. */
int
submission_find_problem(struct store *store, struct arena *arena, int64_t id,
    const char *letter, struct stored_problem *ret_problem, struct err *err);

struct unread_lines {
	const char **items;
	size_t count;
};

int submission_add_unread(struct store *store, int64_t id, int version,
    const struct unread_lines *lines, struct err *err);
/* Of the standing version. */
int submission_list_unread(struct store *store, struct arena *arena, int64_t id,
    struct unread_lines *ret_lines, struct err *err);

/* --- versions ------------------------------------------------------------ */

struct submission_version {
	int version;
	int64_t message;
	const char *sender;
	int64_t at;
};

struct submission_versions {
	struct submission_version *items;
	size_t count;
};

int submission_list_versions(struct store *store, struct arena *arena,
    int64_t id, struct submission_versions *ret_versions, struct err *err);

#endif
