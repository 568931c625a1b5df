/*
 * A judgement in the making: rows of slots, one slot for each thing that can
 * be answered. Used by judge.c, judge_rows.c and judge_rules.c alone.
 */
#ifndef LSCPD_FORMS_JUDGE_STATE_H
#define LSCPD_FORMS_JUDGE_STATE_H

#include "base/arena.h"
#include "forms/judge.h"

struct judge_slot {
	const struct form_field *field;
	const char *standing;      /* "" where nothing stood */
	const char *value;         /* what stands now */
	const char *wrote, *place; /* of the entry that gave the value */
	bool is_given, is_new, has_problem;
	/* Entries for this slot: indexes, in the order they came. */
	size_t *entries;
	size_t entry_count;
};

struct judge_row {
	const struct form_table *table; /* NULL: the plain fields */
	const char *name;
	struct judge_slot *slots;
	size_t slot_count;
	int position;           /* of its first slot */
	unsigned source, block; /* the first block that spoke of it */
	bool twice;
};

struct judge_state {
	struct arena *arena;
	const struct judge_request *request;
	struct judgement *out;
	struct judge_row **rows; /* plain, then by table, in order */
	size_t row_count;
};

/* Make the rows: what stands, what is fixed, what the entries speak of; and
 * hand each entry to its slot. */
void judge_make_rows(struct judge_state *state);
/* Checks, then what is missing. */
void judge_apply_rules(struct judge_state *state);

struct judge_slot *
judge_slot_find(const struct judge_row *row, const char *field);
/* Adds a problem at a slot (NULL: at the row as a whole). */
struct form_problem *judge_problem(struct judge_state *state,
    struct judge_row *row, struct judge_slot *slot, const char *reason);

#endif
