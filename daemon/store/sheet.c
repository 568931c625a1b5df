#include "store/sheet.h"

#include <csv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	PROBLEMS_MAX = 500,
	LINE_BYTES = 4000
};

struct raw_row {
	int line;
	const char **cells;
	size_t count;
};

/* What libcsv hands over, cell by cell. */
struct reading {
	struct arena *arena;
	struct raw_row *rows;
	size_t row_count, cell_count;
	struct raw_row row; /* the one that is being read */
	int line;
	bool too_much;
};

static void
tell(struct teller *teller, enum register_line_kind kind, const char *text)
{
	struct buf line CLEANUP(buf_done);

	buf_init(&line, LINE_BYTES);
	text_escape_control(&line, text);
	teller->import->line(teller->import->ctx, kind, buf_text(&line));
}

void
tell_problem(struct teller *teller, const char *file, int line,
    const char *format, ...)
{
	va_list args;

	if (++teller->import->ret_problems > PROBLEMS_MAX)
		return;
	va_start(args, format);
	const char *words = arena_vprintf(teller->arena, format, args);
	va_end(args);
	tell(teller, REGISTER_PROBLEM,
	    line == 0 ? arena_printf(teller->arena, "%s/%s: %s",
			    teller->import->folder, file, words)
		      : arena_printf(teller->arena, "%s/%s:%d: %s",
			    teller->import->folder, file, line, words));
}

void
tell_change(struct teller *teller, const char *format, ...)
{
	va_list args;

	teller->import->ret_changes++;
	va_start(args, format);
	const char *words = arena_vprintf(teller->arena, format, args);
	va_end(args);
	tell(teller, REGISTER_CHANGE, words);
}

static bool
is_formula(char c)
{
	return c != '\0' && strchr("=+-@\t\r", c) != NULL;
}

static void
take_cell(void *data, size_t bytes, void *ctx)
{
	struct reading *reading = ctx;
	const char *text = data;

	if (++reading->cell_count > LIMIT_CELLS ||
	    reading->row.count >= LIMIT_COLUMNS) {
		reading->too_much = true;
		return;
	}
	if (reading->row.count == 0)
		reading->row.line = reading->line;
	for (size_t i = 0; i < bytes; i++)
		reading->line += text[i] == '\n';
	/* Our own export put it there, so that no program runs the cell. */
	if (bytes >= 2 && text[0] == '\'' && is_formula(text[1])) {
		text++;
		bytes--;
	}
	const char **cell = arena_push(reading->arena, &reading->row.cells,
	    &reading->row.count, sizeof(*cell));
	*cell = arena_strndup(reading->arena, bytes == 0 ? "" : text, bytes);
}

static bool
row_is_empty(const struct raw_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (!text_is_blank(row->cells[i]))
			return false;
	return true;
}

static void
take_row(int ending, void *ctx)
{
	struct reading *reading = ctx;

	if (!row_is_empty(&reading->row)) {
		struct raw_row *row = arena_push(reading->arena, &reading->rows,
		    &reading->row_count, sizeof(*row));
		*row = reading->row;
	}
	reading->row = (struct raw_row){0};
	reading->line += ending == '\n';
}

/* Line ends become LF, the mark of Excel's UTF-8 goes. */
static void
plain_lines(struct buf *text)
{
	size_t from = 0, to = 0;

	if (text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0)
		from = 3;
	for (; from < text->len; from++) {
		char c = text->data[from];
		if (c == '\r' && from + 1 < text->len &&
		    text->data[from + 1] == '\n')
			continue;
		text->data[to++] = c == '\r' ? '\n' : c;
	}
	text->len = to;
}

static int
line_of(const struct buf *text, size_t offset)
{
	int line = 1;

	for (size_t i = 0; i < offset && i < text->len; i++)
		line += text->data[i] == '\n';
	return line;
}

/* The first byte that is no UTF-8 text; the length where all is. */
static size_t
bad_byte(const struct buf *text)
{
	size_t start = 0;

	for (size_t i = 0; i <= text->len; i++) {
		if (i < text->len && text->data[i] == '\0')
			return i;
		if (i < text->len && text->data[i] != '\n')
			continue;
		if (!text_is_utf8(text->data + start, i - start))
			return start;
		start = i + 1;
	}
	return text->len;
}

static bool
split_cells(struct teller *teller, const struct sheet_spec *spec,
    const struct buf *text, struct reading *reading)
{
	struct csv_parser parser;
	size_t bad = bad_byte(text), done;

	if (bad < text->len) {
		tell_problem(teller, spec->file, line_of(text, bad),
		    "this is not UTF-8 text: save the file as CSV UTF-8");
		return false;
	}
	BUG_ON(csv_init(&parser,
		   CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0);
	done = csv_parse(&parser, text->data, text->len, take_cell, take_row,
	    reading);
	bool broken = done != text->len ||
		      csv_fini(&parser, take_cell, take_row, reading) != 0;
	csv_free(&parser);
	if (broken)
		tell_problem(teller, spec->file, line_of(text, done),
		    "a quotation mark stands in the middle of a cell, or is "
		    "never closed: put \" around the whole cell and write \"\" "
		    "inside it");
	else if (reading->too_much)
		tell_problem(teller, spec->file, 0,
		    "more than %d cells, or %d columns", (int)LIMIT_CELLS,
		    (int)LIMIT_COLUMNS);
	return !broken && !reading->too_much;
}

static const char *
all_names(struct arena *arena, const struct sheet_spec *spec)
{
	const char *text = "";

	for (size_t i = 0; i < spec->column_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ",",
		    spec->columns[i].name);
	return text;
}

static int
find_column(const struct sheet_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->column_count; i++)
		if (text_ieq(spec->columns[i].name, name))
			return (int)i;
	return -1;
}

/* `places[c]` is the cell of column c of the spec, or -1. */
static void
read_header(struct teller *teller, const struct sheet_spec *spec,
    const struct raw_row *header, int *places)
{
	const char *file = spec->file;

	for (size_t i = 0; i < spec->column_count; i++)
		places[i] = -1;
	for (size_t i = 0; i < header->count; i++) {
		char *name = text_trim(teller->arena, header->cells[i]);
		int column = find_column(spec, name);
		if (column < 0)
			tell_problem(teller, file, header->line,
			    "unknown column \"%s\": the columns are %s", name,
			    all_names(teller->arena, spec));
		else if (places[column] >= 0)
			tell_problem(teller, file, header->line,
			    "the column %s stands twice: leave one out", name);
		else
			places[column] = (int)i;
	}
	for (size_t i = 0; i < spec->column_count; i++)
		if (places[i] < 0 && spec->columns[i].need == COLUMN_NEEDED)
			tell_problem(teller, file, header->line,
			    "the column %s is missing: the first line must be "
			    "%s, separated by commas",
			    spec->columns[i].name,
			    all_names(teller->arena, spec));
}

static bool
row_fits(struct teller *teller, const struct sheet_spec *spec,
    const struct raw_row *row, size_t width)
{
	bool fits = row->count == width;

	if (!fits)
		tell_problem(teller, spec->file, row->line,
		    "%zu cells under %zu columns: put \" around a cell that "
		    "holds a comma, and leave no cell out",
		    row->count, width);
	return fits;
}

static void
read_cells(struct teller *teller, const struct sheet_spec *spec,
    const struct raw_row *raw, const int *places, struct sheet_row *ret_row)
{
	const char **cells =
	    arena_array(teller->arena, spec->column_count, sizeof(*cells));

	for (size_t i = 0; i < spec->column_count; i++) {
		const char *text = places[i] < 0 ? "" : raw->cells[places[i]];
		const char *wrong = cell_check(teller->arena, &spec->columns[i],
		    text, &cells[i]);
		if (wrong != NULL)
			tell_problem(teller, spec->file, raw->line,
			    "%s \"%s\" %s", spec->columns[i].name,
			    text_first_words(teller->arena, text, 80), wrong);
		if (cells[i] == NULL)
			cells[i] = "";
	}
	*ret_row = (struct sheet_row){.line = raw->line, .cells = cells};
}

static void
read_rows(struct teller *teller, const struct reading *reading,
    struct sheet *sheet)
{
	const struct sheet_spec *spec = sheet->spec;
	size_t before = teller->import->ret_problems;
	int *places =
	    arena_array(teller->arena, spec->column_count, sizeof(*places));

	if (reading->row_count == 0) {
		tell_problem(teller, spec->file, 1,
		    "the file is empty: its first line must be %s",
		    all_names(teller->arena, spec));
		return;
	}
	read_header(teller, spec, &reading->rows[0], places);
	if (teller->import->ret_problems != before)
		return; /* the cells would all be told wrong */
	for (size_t i = 1; i < reading->row_count; i++) {
		const struct raw_row *raw = &reading->rows[i];
		if (!row_fits(teller, spec, raw, reading->rows[0].count))
			continue;
		struct sheet_row *row = arena_push(teller->arena, &sheet->rows,
		    &sheet->count, sizeof(*row));
		read_cells(teller, spec, raw, places, row);
	}
}

/* False: there is nothing to read, and that is fine or was told. */
static int
open_sheet(struct teller *teller, const struct sheet_spec *spec,
    struct buf *text, struct err *err)
{
	const char *path = arena_printf(teller->arena, "%s/%s",
	    teller->import->folder, spec->file);
	struct err reason = {0};
	int failed = io_read_file(path, text, &reason);

	if (failed == ERR_NOT_FOUND && spec->need == COLUMN_MAYBE)
		return 0;
	if (failed == ERR_NOT_FOUND || failed == ERR_LIMIT) {
		tell_problem(teller, spec->file, 0,
		    failed == ERR_LIMIT ? "the file is longer than 4 MiB"
					: "the file is missing: a register has "
					  "agencies.csv, contacts.csv, "
					  "groups.csv and members.csv");
		return 0;
	}
	if (failed < 0)
		*err = reason;
	return failed < 0 ? failed : 1;
}

int
sheet_read(struct teller *teller, const struct sheet_spec *spec,
    struct sheet *ret_sheet, struct err *err)
{
	struct reading reading = {.arena = teller->arena, .line = 1};
	struct sheet sheet = {.spec = spec};
	struct buf text CLEANUP(buf_done);

	buf_init(&text, LIMIT_CSV_BYTES);
	int open = open_sheet(teller, spec, &text, err);
	if (open == 1) {
		sheet.is_present = true;
		plain_lines(&text);
		if (split_cells(teller, spec, &text, &reading))
			read_rows(teller, &reading, &sheet);
	}
	*ret_sheet = sheet;
	return open < 0 ? open : 0;
}
