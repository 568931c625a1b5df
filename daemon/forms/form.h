/*
 * Form definitions: `config/forms/NAME.form`, read with libconfuse, checked
 * in every respect that can be checked before the first return comes, and
 * kept as one tree of structures in the caller's arena. A definition that a
 * round has opened with is frozen as its source text and read again from it
 * by form_parse().
 *
 * Strings are never NULL: what is absent is "". Names are what the database
 * and the outside know; labels are what people read and type.
 */
#ifndef LSCPD_FORMS_FORM_H
#define LSCPD_FORMS_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "domain/rule.h"

enum form_type {
	TYPE_TEXT,
	TYPE_INTEGER,
	TYPE_DECIMAL,
	TYPE_PERCENT,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_MONTH,
	TYPE_QUARTER,
	TYPE_YEAR,
	TYPE_PERIOD,
	TYPE_BOOLEAN,
	TYPE_CHOICE,
	TYPE_EMAIL,
	TYPE_AGENCY,
	TYPE_CONTACT,
	TYPE_GROUP,
	TYPE_ACTION,
	TYPE_MEETING,
};

/* What one return covers; a form may allow several lengths of period. */
enum form_covers {
	COVERS_NONE = 0,
	COVERS_MONTH = 1, /* the same bits as enum period_kind */
	COVERS_QUARTER = 2,
	COVERS_YEAR = 4,
	COVERS_ROUND = 8,
};

enum form_rows {
	ROWS_FIXED,
	ROWS_REPEATING
};

/* What a workbook that we send has in place already: of the person who is
 * asked, and of the agency. */
enum form_prefill {
	PREFILL_NONE,
	PREFILL_NAME,
	PREFILL_TITLE,
	PREFILL_EXECUTIVE, /* the address of the only one who may sign */
	PREFILL_AGENCY,
	PREFILL_URN,
};

struct form_synonym {
	const char *said;  /* folded */
	const char *value; /* one of the values */
};

struct form_choice {
	const char *name;
	const char **values; /* in the order of the definition */
	size_t value_count;
	struct form_synonym *synonyms;
	size_t synonym_count;
};

/* What a line or column may be called: all folded, name and label first. */
struct form_keys {
	const char **items;
	size_t count;
};

/* A plain field, or a column of a table. */
struct form_field {
	const char *name, *label, *help;
	enum form_type type;
	const struct form_choice *choice; /* of TYPE_CHOICE, else NULL */
	bool required;
	const struct rule *required_if; /* or NULL */
	const struct rule *check;       /* or NULL */
	const char
	    *pattern; /* of texts: an anchored POSIX extended regex; "" */
	const char *message; /* said where check or pattern fails; "" */
	/* 1 to 4 could tell who a child is: others are shown "<5". */
	bool small_counts;
	enum form_prefill prefill; /* of plain fields */
	bool has_min, has_max;
	double min, max; /* of numbers; of texts max counts characters */
	struct form_keys keys;
	int line; /* in the definition */
};

struct form_row {
	const char *name, *label;
	struct form_keys keys;
	int line;
};

/* Between the fields of one row, or of the form. */
struct form_check {
	const struct rule *rule;
	const char *message;
	int line;
};

struct form_table {
	const char *name, *label;
	const char *row_label; /* "Standard": what one row is called; "Row" */
	enum form_rows rows;
	size_t min_rows, max_rows;    /* of a repeating table */
	const struct form_field *key; /* the column that names a row, or NULL */
	struct form_field *columns;
	size_t column_count;
	struct form_row *fixed; /* of a fixed table */
	size_t fixed_count;
	struct form_check *checks;
	size_t check_count;
	struct form_keys keys;
	int line;
};

struct form {
	const char *name, *title, *help;
	int version;
	const char **senders; /* roles, and chair, owner, minute_taker */
	size_t sender_count;
	unsigned covers; /* bits of enum form_covers */
	/* agency, round, period, sender or a field's name; 0: every mail. */
	const char **one_per;
	size_t one_per_count;
	bool sign_off;
	const char *handler; /* "" without one */
	struct form_choice *choices;
	size_t choice_count;
	struct form_field *fields;
	size_t field_count;
	struct form_table *tables;
	size_t table_count;
	struct form_check *checks; /* between plain fields */
	size_t check_count;
	const char *source; /* the definition's text */
	char sha256[SHA256_HEX_BYTES];
	const char *file;
};

struct forms {
	struct form **items; /* sorted by name */
	size_t count;
};

/* What is wrong: `file:line: what, and what would be right`, all of it. */
struct form_faults {
	const char **items;
	size_t count;
};

/*
 * One definition from its text. `file` stands in the faults and need not
 * exist. Returns 0, or ERR_CONFIG where faults were added (err holds the
 * first).
 */
int form_parse(struct arena *arena, const char *source, const char *file,
    struct form_faults *faults, struct form **ret_form, struct err *err);
/* One file; its name must be the form's. ERR_NOT_FOUND where there is none. */
int form_load(struct arena *arena, const char *path, struct form_faults *faults,
    struct form **ret_form, struct err *err);
/*
 * All `*.form` of a folder. Returns 0, ERR_CONFIG where faults were added
 * (`ret_forms` then holds those that are right), or ERR_NOT_FOUND.
 */
int forms_load(struct arena *arena, const char *folder,
    struct form_faults *faults, struct forms *ret_forms, struct err *err);

/* By name in any case, or by title; NULL if there is none. */
const struct form *forms_find(const struct forms *forms, const char *name);

/* By exact name; NULL if there is none. */
const struct form_table *
form_table_find(const struct form *form, const char *name);
const struct form_row *
form_row_find(const struct form_table *table, const char *name);
const struct form_field *
form_field_find(const struct form *form, const char *tbl, const char *field);

const char *form_type_name(enum form_type type);
bool form_type_is_number(enum form_type type);

/*
 * Where a value stands, for a person: "Completed by",
 * "Standard 5, Staff training: Score", "Action 2: By when".
 */
const char *form_place(struct arena *arena, const struct form *form,
    const char *tbl, const char *row, const char *field);

/*
 * A value as others than its sender and staff may see it: "<5" for 1 to 4 of a
 * field with small-counts, else as it is.
 */
const char *form_shown_value(const struct form *form, const char *tbl,
    const char *field, const char *value);

/*
 * The order of a place within the form, from 1: what answers and problems are
 * sorted by. Field "" is the row's or table's beginning; the rows of a
 * repeating table are not told apart here.
 */
int form_position(const struct form *form, const char *tbl, const char *row,
    const char *field);

/* Does one of the keys equal `folded`? */
bool form_keys_have(const struct form_keys *keys, const char *folded);

#endif
