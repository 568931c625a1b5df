/*
 * One file of the register: read from CSV, every cell checked and brought to
 * the text that an export writes. Import compares these texts with those of
 * the database, so that what was exported changes nothing.
 */
#ifndef LSCPD_STORE_SHEET_H
#define LSCPD_STORE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/register.h"

enum cell_kind {
	CELL_TEXT,
	CELL_NAME, /* a text that must be there */
	CELL_CODE,
	CELL_MAYBE_CODE,
	CELL_CODES,
	CELL_LIST,
	CELL_EMAIL,
	CELL_MAYBE_EMAIL,
	CELL_EMAILS,
	CELL_DAY,
	CELL_WORD,  /* one of `words`; empty is `otherwise` */
	CELL_WORDS, /* several of them, put into their order */
	CELL_NUMBER,
	CELL_STATUS, /* active, left, away until DAY */
	CELL_QUORUM,
};

enum column_need {
	COLUMN_NEEDED,
	COLUMN_MAYBE
};

struct sheet_column {
	const char *name;
	enum cell_kind kind;
	enum column_need need;    /* may the column be missing? */
	const char *const *words; /* NULL-terminated */
	const char *otherwise;    /* of an empty cell; NULL: "" */
};

struct sheet_spec {
	const char *file;
	enum column_need need;
	const struct sheet_column *columns;
	size_t column_count;
};

struct sheet_row {
	int line;
	const char **cells; /* by column of the spec, never NULL */
};

struct sheet {
	const struct sheet_spec *spec;
	struct sheet_row *rows;
	size_t count;
	bool is_present;
};

/* Where problems and changes are told. */
struct teller {
	struct register_import *import;
	struct arena *arena;
};

void tell_problem(struct teller *teller, const char *file, int line,
    const char *format, ...) PRINTF(4, 5);
void tell_change(struct teller *teller, const char *format, ...) PRINTF(2, 3);

/* What is wrong is told; negative only where reading itself fails. */
int sheet_read(struct teller *teller, const struct sheet_spec *spec,
    struct sheet *ret_sheet, struct err *err);

/*
 * Check one cell. Returns NULL and the text to keep, or what is wrong and
 * would be right.
 */
const char *cell_check(struct arena *arena, const struct sheet_column *column,
    const char *text, const char **ret_text);

#endif
