/* Import and export of the register. */
#include "store/register.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "store/books.h"
#include "store/sql.h"

enum {
	EXPORT_BYTES = 16 * 1024 * 1024
};

/* A row as it stands in the database. */
struct stored {
	const char *key;
	const char **cells; /* and one place more, for the day that closes it */
	bool closed, in_file;
};

struct importing {
	struct store *store;
	struct teller *teller;
	const struct book *book;
	const struct sheet *sheet;
	struct stored *rows;
	size_t count;
	const char *today;
};

static struct stored
read_stored(struct arena *arena, const struct book *book, sqlite3_stmt *stmt)
{
	size_t columns = book->sheet.column_count;
	struct stored row = {
	    .cells = arena_array(arena, columns + 1, sizeof(*row.cells)),
	    .closed = sql_int(stmt, (int)columns) != 0,
	};

	for (size_t i = 0; i < columns; i++)
		row.cells[i] = sql_text(arena, stmt, (int)i);
	row.key = book_key(arena, book, row.cells);
	return row;
}

static int
compare_stored(const void *a, const void *b)
{
	return strcmp(((const struct stored *)a)->key,
	    ((const struct stored *)b)->key);
}

static int
compare_key(const void *key, const void *row)
{
	return strcmp(key, ((const struct stored *)row)->key);
}

static int
read_book(struct importing *importing, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	struct arena *arena = importing->teller->arena;
	int more = sql_open(importing->store, importing->book->select,
	    BINDS(bind_text(":today", importing->today)), &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(importing->store, stmt, err)) == 1) {
		struct stored *row = arena_push(arena, &importing->rows,
		    &importing->count, sizeof(*row));
		*row = read_stored(arena, importing->book, stmt);
	}
	if (importing->count > 0)
		qsort(importing->rows, importing->count, sizeof(struct stored),
		    compare_stored);
	return more;
}

static struct stored *
find_stored(const struct importing *importing, const char *key)
{
	if (importing->count == 0)
		return NULL;
	return bsearch(key, importing->rows, importing->count,
	    sizeof(struct stored), compare_key);
}

/* `phone: "1" -> "2", title: …`; "" where nothing differs. */
static const char *
differences(const struct importing *importing, const struct stored *old,
    const char *const *cells)
{
	const struct sheet_spec *spec = &importing->book->sheet;
	const char *text = "";

	for (size_t i = 0; i < spec->column_count; i++)
		if (strcmp(old->cells[i], cells[i]) != 0)
			text = arena_printf(importing->teller->arena,
			    "%s%s%s: \"%s\" -> \"%s\"", text,
			    text[0] == '\0' ? "" : ", ", spec->columns[i].name,
			    old->cells[i], cells[i]);
	/* A group has no column for it. */
	if (text[0] == '\0' && old->closed &&
	    importing->book == &g_books[BOOK_GROUPS])
		return "open again";
	return text;
}

static bool
tell_row(struct importing *importing, const struct sheet_row *row)
{
	const char *noun = importing->book->noun;
	const char *key =
	    book_key(importing->teller->arena, importing->book, row->cells);
	struct stored *old = find_stored(importing, key);

	if (old == NULL) {
		tell_change(importing->teller, "added %s %s", noun, key);
		return true;
	}
	old->in_file = true;
	const char *what = differences(importing, old, row->cells);
	if (what[0] == '\0')
		return false;
	tell_change(importing->teller, "changed %s %s: %s", noun, key, what);
	return true;
}

/* Returns 1 where the row was written. */
static int
import_row(struct importing *importing, const struct sheet_row *row,
    struct err *err)
{
	if (!tell_row(importing, row))
		return 0;
	int failed = importing->book->write(importing->store,
	    importing->teller->arena, row->cells, err);
	return failed < 0 ? failed : 1;
}

static int
link_rows(struct importing *importing, const bool *written, struct err *err)
{
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < importing->sheet->count; i++)
		if (written[i])
			failed = importing->book->link(importing->store,
			    importing->teller->arena,
			    importing->sheet->rows[i].cells, err);
	return failed;
}

static int
close_missing(struct importing *importing, struct err *err)
{
	const struct book *book = importing->book;
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < importing->count; i++) {
		struct stored *row = &importing->rows[i];
		if (row->in_file || row->closed)
			continue;
		tell_change(importing->teller,
		    "closed %s %s: it is no longer in %s (%s %s)", book->noun,
		    row->key, book->sheet.file, book->closing,
		    importing->today);
		row->cells[book->sheet.column_count] = importing->today;
		failed = book->close(importing->store, importing->teller->arena,
		    row->cells, err);
	}
	return failed;
}

static int
import_book(struct importing *importing, struct err *err)
{
	const struct sheet *sheet = importing->sheet;
	bool *written = arena_array(importing->teller->arena, sheet->count + 1,
	    sizeof(*written));
	int failed = read_book(importing, err);

	for (size_t i = 0; failed >= 0 && i < sheet->count; i++) {
		failed = import_row(importing, &sheet->rows[i], err);
		written[i] = failed == 1;
	}
	if (failed >= 0 && importing->book->link != NULL)
		failed = link_rows(importing, written, err);
	if (failed >= 0)
		failed = close_missing(importing, err);
	return failed < 0 ? failed : 0;
}

static int
import_books(struct store *store, struct teller *teller,
    const struct sheet *sheets, struct err *err)
{
	char today[DATE_TEXT_BYTES];
	int failed = 0;

	date_format_iso(teller->import->today_day, today);
	for (size_t i = 0; failed == 0 && i < BOOK_COUNT; i++) {
		struct importing importing = {.store = store,
		    .teller = teller,
		    .book = &g_books[i],
		    .sheet = &sheets[i],
		    .today = today};
		if (sheets[i].is_present)
			failed = import_book(&importing, err);
	}
	return failed;
}

static int
import_inside(struct store *store, struct teller *teller, struct err *err)
{
	struct sheet sheets[BOOK_COUNT];
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < BOOK_COUNT; i++)
		failed = sheet_read(teller, &g_books[i].sheet, &sheets[i], err);
	if (failed < 0)
		return failed;
	register_check(teller, sheets);
	if (teller->import->ret_problems > 0)
		return err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "%s: %zu problem%s, nothing was changed",
		    teller->import->folder, teller->import->ret_problems,
		    teller->import->ret_problems == 1 ? "" : "s");
	return import_books(store, teller, sheets, err);
}

int
register_import(struct store *store, struct register_import *import,
    struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct teller teller = {.import = import, .arena = arena};
	struct err undo = {0};
	int failed = store_savepoint(store, err);

	import->ret_problems = import->ret_changes = 0;
	if (failed < 0)
		return failed;
	failed = import_inside(store, &teller, err);
	if (failed == 0 && import->mode == REGISTER_APPLY)
		return store_release(store, err);
	if (store_rollback_to(store, &undo) < 0 && failed == 0) {
		*err = undo;
		failed = (int)undo.code;
	}
	return failed;
}

static void
write_line(struct buf *out, const struct book *book, const char *const *cells)
{
	for (size_t i = 0; i < book->sheet.column_count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		text_escape_csv(out, cells[i]);
	}
	buf_putc(out, '\n');
}

static void
write_header(struct buf *out, const struct book *book)
{
	for (size_t i = 0; i < book->sheet.column_count; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ",",
		    book->sheet.columns[i].name);
	buf_putc(out, '\n');
}

static int
write_rows(struct store *store, struct arena *arena, const struct book *book,
    struct buf *out, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int more = sql_open(store, book->select, BINDS(bind_text(":today", "")),
	    &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(store, stmt, err)) == 1) {
		struct stored row = read_stored(arena, book, stmt);
		if (!row.closed)
			write_line(out, book, row.cells);
	}
	return more;
}

static int
export_book(struct store *store, const struct book *book, const char *folder,
    struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct buf out CLEANUP(buf_done);

	buf_init(&out, EXPORT_BYTES);
	write_header(&out, book);
	int failed = write_rows(store, arena, book, &out, err);
	if (failed < 0)
		return failed;
	if (out.over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "%s would be longer than 16 MiB", book->sheet.file);
	return io_replace_file(arena_printf(arena, "%s/%s", folder,
				   book->sheet.file),
	    out.data, out.len, err);
}

int
register_export(struct store *store, const char *folder, struct err *err)
{
	int failed = io_make_folder(folder, err);

	for (size_t i = 0; failed == 0 && i < BOOK_COUNT; i++)
		failed = export_book(store, &g_books[i], folder, err);
	return failed;
}
