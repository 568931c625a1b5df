/*
 * From raw entries to answers: types, synonyms, limits, what is required, the
 * checks of the definition. New entries are laid over the answers that stand;
 * a wrong one never unseats what stood. Reasons are whole sentences for the
 * sender.
 */
#ifndef LSCPD_FORMS_JUDGE_H
#define LSCPD_FORMS_JUDGE_H

#include <stdint.h>

#include "base/arena.h"
#include "forms/form.h"
#include "forms/lookup.h"
#include "forms/source.h"

/* A canonical value. tbl and row are "" for plain fields. */
struct form_answer {
	const char *tbl, *row, *field, *value;
	int position; /* order within the form, from 1 */
};

struct form_problem {
	const char *tbl, *row, *field; /* field "" where it is about a row */
	const char *wrote;             /* "" where it is missing */
	const char *place;  /* origin of what was written; "" for new text */
	const char *reason; /* "February 2026 has 28 days." */
	const char
	    *allowed; /* "any date after today, written like 14 May 2026" */
	bool missing; /* nothing is wrong: it is not there yet */
	int position;
};

struct judge_request {
	const struct form *form;
	const struct form_lookup *lookup; /* NULL: shapes alone */
	int32_t today_day;
	/* What stands: of the return this completes or amends. */
	const struct form_answer *standing;
	size_t standing_count;
	/* What came; corrections by letter arrive as entries too (block 0). */
	const struct form_entry *entries;
	size_t entry_count;
	/* Cells in which nothing stands: where missing answers belong. */
	const struct form_entry *spots;
	size_t spot_count;
	bool is_cut; /* of form_source: at most incomplete */
	/* The row meant where a block has no heading: "A-0112"; else "". */
	const char *default_row;
};

struct judgement {
	struct form_answer *answers; /* the whole standing set, form order */
	size_t answer_count;
	struct form_problem *problems; /* wrong and missing, form order */
	size_t problem_count;
	size_t given;     /* fields given in this mail */
	size_t right;     /* of them understood */
	size_t wrong;     /* problems that are not `missing` */
	size_t missing;   /* problems that are */
	bool is_complete; /* no problems at all */
	bool is_changed;  /* the answers differ from what stood */
};

/* Problems are not cut at LIMIT_PROBLEMS: that is the mail's matter. */
void judge(struct arena *arena, const struct judge_request *request,
    struct judgement *ret_judgement);

/* One value alone. Returns the canonical value, or NULL, a reason and what would
 * be right. */
struct judge_value {
	const char *value;
	const char *reason, *allowed;
};
struct judge_value
judge_value(struct arena *arena, const struct judge_request *request,
    const struct form_field *field, const char *text);

/* A day as people write it, for commands: DAY_NONE and a reason if it is none. */
int32_t
judge_day(struct arena *arena, const char *text, const char **ret_reason);

/* What a field takes, for a person: "3, 2, 1, 0 or NA". */
const char *judge_allowed(struct arena *arena, const struct form_field *field);

/* The value of an answer, "" where it is not given. */
const char *answer_get(const struct form_answer *answers, size_t count,
    const char *tbl, const char *row, const char *field);
/* The rows of a table, in order, each once; NULL-terminated. */
const char **answer_rows(struct arena *arena, const struct form_answer *answers,
    size_t count, const char *tbl);
/* Has the row something wrong or missing? For forms that act row by row. */
bool judge_row_has_problem(const struct judgement *judgement, const char *tbl,
    const char *row);

#endif
