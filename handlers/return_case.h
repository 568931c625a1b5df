/*
 * One return on its way: what its steps know of it. Shared by the files
 * return*.c, and by nobody else.
 */
#ifndef LSCPD_HANDLERS_RETURN_CASE_H
#define LSCPD_HANDLERS_RETURN_CASE_H

#include "handlers/handler.h"
#include "handlers/return_place.h"

/* What becomes of it. */
enum return_how {
	RETURN_NOTHING, /* nothing can be stored */
	RETURN_EQUAL,   /* it says what stands already */
	RETURN_NEW,
	RETURN_REPLACES, /* complete: the older complete one is superseded */
	RETURN_MERGES,   /* into an incomplete one */
	RETURN_AMENDS,   /* a complete one, by a reply to its receipt */
};

/* A problem as the letter lists it. */
struct lettered {
	const char *letter; /* A, B … AA */
	bool can_answer;    /* by that letter */
	const struct form_problem *problem;
};

struct return_case {
	struct intake *intake;
	const struct form *form;
	const struct handler *handler; /* of the form, or NULL */
	const struct form_entry *entries;
	size_t entry_count;
	const char **unread;
	size_t unread_count;

	struct place place;
	struct reason bar; /* what else is in the way; `what` NULL: nothing */
	const char *period, *thing; /* "" while not known */
	/* The return that the mail itself names; id 0: none. */
	struct submission named;
	/* The one that it is laid over or that it replaces; id 0: none. */
	struct submission standing;
	const struct form_answer *before; /* of `standing` */
	size_t before_count;

	enum return_how how;
	struct judgement judgement;
	struct filing filing;
	const char *asked;    /* what it was instead of a form; or NULL */
	const char *replaced; /* the reference of the one it replaced; "" */
	/* Wrong ones first, then what is missing; at most LIMIT_PROBLEMS. */
	struct lettered *listed;
	size_t listed_count;
	/* A part of a return, beside one that is complete: what it lacks is
	 * no fault of it. */
	bool hides_missing;
	/* The answers as this sender may see them. */
	const struct form_answer *shown;
	size_t shown_count;
};

/* What intake->reading found, as one return. */
void return_case_init(struct return_case *rc, struct intake *intake);
/* Whose it is, of which round; then return_decide(). */
int return_place_and_decide(struct return_case *rc, struct err *err);

/* Judge, find what stands, decide what becomes of it. The place is known. */
int return_decide(struct return_case *rc, struct err *err);

/* The steps of judging: what came over what stands, into the case … */
int return_judge(struct return_case *rc, const struct form_answer *standing,
    size_t standing_count, struct err *err);
/* … the same beside the case, without entries: is the set sound? … */
int return_judge_over(const struct return_case *rc,
    const struct form_answer *standing, size_t standing_count,
    const struct form_entry *entries, struct judgement *ret_judgement,
    struct err *err);
/* … what the form's handler finds … */
int return_check(struct return_case *rc, struct err *err);
/* … and whether this sender may: if not, a reason is added. */
int return_check_allowed(struct return_case *rc, struct err *err);
/* Fills `listed`, once `how` is known. */
void return_list_problems(struct return_case *rc);

/* Store it as decided: NEW, REPLACES, MERGES or AMENDS. */
int return_file(struct return_case *rc, struct err *err);

/* Close what a return that no longer stands had made. Returns how many
 * actions. */
int
return_close_effects(struct desk *desk, int64_t submission, struct err *err);

/* Queue the answer and fill the outcome. */
int return_answer(struct return_case *rc, struct err *err);
/* The answer to `check`. */
int return_answer_check(struct return_case *rc, struct err *err);
/* The first answer of a return once more. */
int return_answer_again(struct intake *intake,
    const struct submission *submission, struct err *err);

/*
 * All values of the letters problems, incomplete, receipt and check, but what
 * return_answer() adds of the store. A new reference.
 */
json_t *return_values(const struct return_case *rc);
/* Does the agency get answers by mail? */
bool return_is_full(const struct return_case *rc);
/* Is there a return that the answer is about: stored now or from before? */
bool return_is_kept(const struct return_case *rc);
/* Returned or signed off? */
bool return_stands_complete(const struct submission *submission);

/* The copy that is attached: answers, versions, files (return_copy.c). */
int return_copy(const struct return_case *rc, struct compose_file *ret_file,
    struct err *err);

#endif
