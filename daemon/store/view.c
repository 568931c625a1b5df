#include "store/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "store/sql.h"

enum {
	SQL_BYTES = 64 * 1024,
	FILTERS_MAX = 16
};

static const char *const g_views[] = {
    "v_status",
    "v_message",
    "v_submission",
    "v_answer",
    "v_round",
    "v_request",
    "v_contact",
    "v_action",
    "v_finding",
    "v_meeting",
    "v_attendee",
    "v_outbox",
    "v_audit",
};

/* `%C` stands for the column's name. */
static const char *const g_ops[] = {
    [VIEW_IS] = "CAST(%C AS TEXT) = ? COLLATE NOCASE",
    [VIEW_EXACT] = "%C = ?",
    [VIEW_IS_NOT] = "CAST(%C AS TEXT) IS NOT ? COLLATE NOCASE",
    [VIEW_BEFORE] = "%C < ?",
    [VIEW_AT_LEAST] = "%C >= ?",
    [VIEW_HAS] = "instr(lower(';' || %C || ';'), lower(';' || ? || ';')) > 0",
    [VIEW_IS_NULL] = "%C IS NULL",
};

static int
check_view(const char *view, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(g_views); i++)
		if (strcmp(g_views[i], view) == 0)
			return 0;
	return err_set(err, ERR_INPUT, BLAME_OPERATOR, "there is no view %s",
	    view);
}

/* Only names that passed check_view() or check_column() come here. */
static int
prepare(struct store *store, const char *text, sqlite3_stmt **ret_stmt,
    struct err *err)
{
	if (sqlite3_prepare_v2(store->db, text, -1, ret_stmt, NULL) !=
	    SQLITE_OK)
		return sql_fail(store, err);
	return 0;
}

static void
finalize(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt); /* repeats the error of the step */
}

int
view_columns(struct store *store, struct arena *arena, const char *view,
    struct view_names *ret_names, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(finalize)
	= NULL;
	struct view_names names = {0};
	int failed = check_view(view, err);

	if (failed == 0)
		failed = prepare(store,
		    arena_printf(arena, "SELECT * FROM %s", view), &stmt, err);
	if (failed < 0)
		return failed;
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char **name = arena_push(arena, &names.items,
		    &names.count, sizeof(*name));
		*name = arena_strdup(arena, sqlite3_column_name(stmt, i));
	}
	*ret_names = names;
	return 0;
}

static int
check_column(const struct view_names *names, const char *column,
    struct err *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], column) == 0)
			return 0;
	return err_set(err, ERR_INPUT, BLAME_OPERATOR, "there is no column %s",
	    column);
}

static void
add_condition(struct buf *sql, const struct view_filter *filter)
{
	const char *op = g_ops[filter->op], *mark = strstr(op, "%C");

	buf_add(sql, op, (size_t)(mark - op));
	buf_printf(sql, "\"%s\"%s", filter->column, mark + 2);
}

static int
add_conditions(struct buf *sql, const struct view_query *query,
    const struct view_names *names, struct err *err)
{
	BUG_ON(query->filter_count > FILTERS_MAX);
	for (size_t i = 0; i < query->filter_count; i++) {
		int failed = check_column(names, query->filters[i].column, err);
		if (failed < 0)
			return failed;
		buf_puts(sql, i == 0 ? " WHERE " : " AND ");
		add_condition(sql, &query->filters[i]);
	}
	return 0;
}

static int
add_order(struct buf *sql, const struct view_query *query,
    const struct view_names *names, struct err *err)
{
	bool down;
	int failed;

	if (query->order == NULL)
		return 0;
	down = query->order[0] == '-';
	failed = check_column(names, query->order + down, err);
	if (failed == 0)
		buf_printf(sql, " ORDER BY \"%s\"%s", query->order + down,
		    down ? " DESC" : "");
	return failed;
}

static int
build(struct buf *sql, const struct view_query *query,
    const struct view_names *names, struct err *err)
{
	int failed;

	buf_printf(sql, "SELECT * FROM %s", query->view);
	failed = add_conditions(sql, query, names, err);
	if (failed == 0)
		failed = add_order(sql, query, names, err);
	if (query->limit > 0)
		buf_printf(sql, " LIMIT %lld", (long long)query->limit);
	BUG_ON(sql->over);
	return failed;
}

/* SQLite holds every text to be greater than any number. */
static int
bind_value(sqlite3_stmt *stmt, int index, const struct view_filter *filter)
{
	bool compares = filter->op == VIEW_BEFORE ||
			filter->op == VIEW_AT_LEAST || filter->op == VIEW_EXACT;
	size_t digits = strspn(filter->value, "0123456789");

	if (compares && digits > 0 && filter->value[digits] == '\0')
		return sqlite3_bind_int64(stmt, index,
		    strtoll(filter->value, NULL, 10));
	return sqlite3_bind_text(stmt, index, filter->value, -1, SQLITE_STATIC);
}

static int
bind_values(struct store *store, sqlite3_stmt *stmt,
    const struct view_query *query, struct err *err)
{
	int index = 1;

	for (size_t i = 0; i < query->filter_count; i++) {
		const struct view_filter *filter = &query->filters[i];
		if (filter->op == VIEW_IS_NULL)
			continue;
		if (bind_value(stmt, index++, filter) != SQLITE_OK)
			return sql_fail(store, err);
	}
	return 0;
}

static void
read_cells(sqlite3_stmt *stmt, struct view_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int column = (int)i, type = sqlite3_column_type(stmt, column);
		const char *text =
		    (const char *)sqlite3_column_text(stmt, column);
		cells[i] = (struct view_cell){
		    .name = sqlite3_column_name(stmt, column),
		    .type = type == SQLITE_NULL   ? VIEW_NULL
			    : type == SQLITE_TEXT ? VIEW_TEXT
						  : VIEW_NUMBER,
		    .text = text == NULL ? "" : text,
		};
	}
}

struct reader {
	view_row_fn row;
	void *ctx;
	struct view_cell *cells;
	size_t count;
};

static int
read_rows(struct store *store, sqlite3_stmt *stmt, const struct reader *reader,
    struct err *err)
{
	int rows = 0, more;

	while ((more = sql_step(store, stmt, err)) == 1) {
		read_cells(stmt, reader->cells, reader->count);
		int failed =
		    reader->row(reader->ctx, reader->cells, reader->count, err);
		if (failed < 0)
			return failed;
		rows++;
	}
	return more < 0 ? more : rows;
}

int
view_rows(struct store *store, const struct view_query *query, view_row_fn row,
    void *ctx, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(SQL_BYTES);
	struct buf sql CLEANUP(buf_done);
	sqlite3_stmt *stmt CLEANUP(finalize)
	= NULL;
	struct view_names names;

	buf_init(&sql, SQL_BYTES);
	int failed = view_columns(store, arena, query->view, &names, err);
	if (failed == 0)
		failed = build(&sql, query, &names, err);
	if (failed == 0)
		failed = prepare(store, buf_text(&sql), &stmt, err);
	if (failed == 0)
		failed = bind_values(store, stmt, query, err);
	if (failed < 0)
		return failed;
	struct reader reader = {row, ctx,
	    arena_array(arena, names.count, sizeof(struct view_cell)),
	    names.count};
	return read_rows(store, stmt, &reader, err);
}
