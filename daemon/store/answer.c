/* What a return says: its answers by version, and the problems that stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "store/sql.h"
#include "store/submission.h"

static const char SQL_ADD[] =
    "INSERT INTO answer(submission, tbl, row, field, version, position, value)"
    " VALUES (:id, :tbl, :row, :field, :version, :position, :value)";
/* Every key with its newest value, also those that were taken away. */
static const char SQL_NEWEST[] =
    "SELECT tbl, row, field, value, position FROM answer a"
    " WHERE submission = :id AND version = (SELECT max(b.version)"
    " FROM answer b WHERE b.submission = a.submission AND b.tbl = a.tbl"
    " AND b.row = a.row AND b.field = a.field) ORDER BY tbl, row, field";
static const char SQL_STANDING[] =
    "SELECT tbl, row, field, value, position FROM answer a"
    " WHERE submission = :id AND value <> '' AND version ="
    " (SELECT max(b.version) FROM answer b"
    " WHERE b.submission = a.submission AND b.tbl = a.tbl"
    " AND b.row = a.row AND b.field = a.field) ORDER BY position";
static const char SQL_PROBLEMS_CLEAR[] =
    "DELETE FROM problem WHERE submission = :id";
static const char SQL_PROBLEM_ADD[] =
    "INSERT INTO problem(submission, letter, position, tbl, row, field, "
    "wrote, place, reason, allowed, missing) VALUES (:id, :letter, :position,"
    " :tbl, :row, :field, :wrote, :place, :reason, :allowed, :missing)";
#define PROBLEM_COLUMNS                                                   \
	"SELECT letter, tbl, row, field, wrote, place, reason, allowed, " \
	"missing FROM problem "
static const char SQL_PROBLEMS[] =
    PROBLEM_COLUMNS "WHERE submission = :id ORDER BY position";
static const char SQL_PROBLEM_FIND[] =
    PROBLEM_COLUMNS "WHERE submission = :id AND letter = upper(:letter)";

static void
read_answer(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct answer *)item = (struct answer){
	    .tbl = sql_text(arena, stmt, 0),
	    .row = sql_text(arena, stmt, 1),
	    .field = sql_text(arena, stmt, 2),
	    .value = sql_text(arena, stmt, 3),
	    .position = (int)sql_int(stmt, 4),
	};
}

static int
compare_answers(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	int order = strcmp(x->tbl, y->tbl);

	if (order == 0)
		order = strcmp(x->row, y->row);
	return order != 0 ? order : strcmp(x->field, y->field);
}

struct writer {
	struct store *store;
	int64_t id;
	int version;
};

static int
write_answer(const struct writer *writer, const struct answer *answer,
    struct err *err)
{
	return sql_run(writer->store, SQL_ADD,
	    BINDS(bind_int(":id", writer->id), bind_text(":tbl", answer->tbl),
		bind_text(":row", answer->row),
		bind_text(":field", answer->field),
		bind_int(":version", writer->version),
		bind_int(":position", answer->position),
		bind_text(":value", answer->value)),
	    err);
}

static bool
is_same(const struct answer *old, const struct answer *new)
{
	return old != NULL && strcmp(old->value, new->value) == 0 &&
	       old->position == new->position;
}

/* What the new answers say otherwise, or for the first time. */
static int
write_changed(const struct writer *writer, const struct answers *old,
    const struct answers *new, struct err *err)
{
	for (size_t i = 0; i < new->count; i++) {
		const struct answer *was =
		    old->count == 0
			? NULL
			: bsearch(&new->items[i], old->items, old->count,
			      sizeof(struct answer), compare_answers);
		if (is_same(was, &new->items[i]))
			continue;
		int failed = write_answer(writer, &new->items[i], err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

/* What they no longer hold; `sorted` are the new ones. */
static int
write_gone(const struct writer *writer, const struct answers *old,
    const struct answers *sorted, struct err *err)
{
	for (size_t i = 0; i < old->count; i++) {
		struct answer gone = old->items[i];
		if (gone.value[0] == '\0' ||
		    (sorted->count > 0 &&
			bsearch(&gone, sorted->items, sorted->count,
			    sizeof(gone), compare_answers) != NULL))
			continue;
		gone.value = "";
		int failed = write_answer(writer, &gone, err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

static struct answers
sort_answers(struct arena *arena, const struct answers *answers)
{
	struct answers sorted = {.count = answers->count,
	    .items =
		arena_array(arena, answers->count + 1, sizeof(struct answer))};

	for (size_t i = 0; i < answers->count; i++)
		sorted.items[i] = answers->items[i];
	qsort(sorted.items, sorted.count, sizeof(struct answer),
	    compare_answers);
	return sorted;
}

int
submission_set_answers(struct store *store, int64_t id, int version,
    const struct answers *answers, struct err *err)
{
	static const struct sql_list newest = {SQL_NEWEST,
	    sizeof(struct answer), read_answer};
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct writer writer = {store, id, version};
	struct answers old = {0};
	struct answers sorted = sort_answers(arena, answers);
	int failed = version == 1 ? 0
				  : sql_list(store, arena, &newest,
					BINDS(bind_int(":id", id)), &old, err);

	if (failed == 0)
		failed = write_changed(&writer, &old, answers, err);
	if (failed == 0)
		failed = write_gone(&writer, &old, &sorted, err);
	return failed;
}

int
submission_list_answers(struct store *store, struct arena *arena, int64_t id,
    struct answers *ret_answers, struct err *err)
{
	static const struct sql_list list = {SQL_STANDING,
	    sizeof(struct answer), read_answer};

	return sql_list(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_answers, err);
}

static int
add_problem(struct store *store, int64_t id, size_t position,
    const struct stored_problem *problem, struct err *err)
{
	return sql_run(store, SQL_PROBLEM_ADD,
	    BINDS(bind_int(":id", id), bind_text(":letter", problem->letter),
		bind_int(":position", (int64_t)position),
		bind_text(":tbl", problem->tbl),
		bind_text(":row", problem->row),
		bind_text(":field", problem->field),
		bind_text(":wrote", problem->wrote),
		bind_text(":place", problem->place),
		bind_text(":reason", problem->reason),
		bind_text(":allowed", problem->allowed),
		bind_int(":missing", problem->missing)),
	    err);
}

int
submission_set_problems(struct store *store, int64_t id,
    const struct stored_problems *problems, struct err *err)
{
	int failed =
	    sql_run(store, SQL_PROBLEMS_CLEAR, BINDS(bind_int(":id", id)), err);

	for (size_t i = 0; failed == 0 && i < problems->count; i++)
		failed = add_problem(store, id, i, &problems->items[i], err);
	return failed;
}

static void
read_problem(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct stored_problem *)item = (struct stored_problem){
	    .letter = sql_text(arena, stmt, 0),
	    .tbl = sql_text(arena, stmt, 1),
	    .row = sql_text(arena, stmt, 2),
	    .field = sql_text(arena, stmt, 3),
	    .wrote = sql_text(arena, stmt, 4),
	    .place = sql_text(arena, stmt, 5),
	    .reason = sql_text(arena, stmt, 6),
	    .allowed = sql_text(arena, stmt, 7),
	    .missing = sql_int(stmt, 8) != 0,
	};
}

int
submission_list_problems(struct store *store, struct arena *arena, int64_t id,
    struct stored_problems *ret_problems, struct err *err)
{
	static const struct sql_list list = {SQL_PROBLEMS,
	    sizeof(struct stored_problem), read_problem};

	return sql_list(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_problems, err);
}

int
submission_find_problem(struct store *store, struct arena *arena, int64_t id,
    const char *letter, struct stored_problem *ret_problem, struct err *err)
{
	static const struct sql_list list = {SQL_PROBLEM_FIND,
	    sizeof(struct stored_problem), read_problem};

	return sql_one(store, arena, &list,
	    BINDS(bind_int(":id", id), bind_text(":letter", letter)),
	    ret_problem, err);
}
