/*
 * Rows of the public views as text, for tables, JSON and CSV: whoever asks
 * names a view and columns, and gets nothing that is not a view.
 */
#ifndef LSCPD_STORE_VIEW_H
#define LSCPD_STORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

enum view_op {
	VIEW_IS,    /* equal, ignoring ASCII case */
	VIEW_EXACT, /* equal as written: this may use an index */
	VIEW_IS_NOT,
	VIEW_BEFORE,   /* less, and not NULL */
	VIEW_AT_LEAST, /* both compare numbers as numbers */
	VIEW_HAS,      /* a ;-list that holds the value, ignoring case */
	VIEW_IS_NULL,  /* value is not read */
};

struct view_filter {
	const char *column;
	enum view_op op;
	const char *value;
};

struct view_query {
	const char *view; /* v_message … */
	const struct view_filter *filters;
	size_t filter_count;
	const char *order; /* a column, "-column" downwards, or NULL */
	int64_t limit;     /* 0: none */
};

enum view_type {
	VIEW_NULL,
	VIEW_TEXT,
	VIEW_NUMBER
};

struct view_cell {
	const char *name; /* the column's */
	enum view_type type;
	const char *text; /* "" for NULL; numbers as written in C */
};

/* Called for each row; the cells live until it returns. Negative stops. */
typedef int (*view_row_fn)(void *ctx, const struct view_cell *cells,
    size_t count, struct err *err);

/*
 * Returns the number of rows. ERR_INPUT for a view or a column that does not
 * exist.
 */
int view_rows(struct store *store, const struct view_query *query,
    view_row_fn row, void *ctx, struct err *err);

/* The column names of a view, for a table without rows. */
struct view_names {
	const char **items;
	size_t count;
};

int view_columns(struct store *store, struct arena *arena, const char *view,
    struct view_names *ret_names, struct err *err);

#endif
