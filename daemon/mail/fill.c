#include "mail/fill.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

enum {
	FILL_CELLS = 8, /* columns of a table; further tabs are spaces */
	FILL_CELL_COLUMNS = 30, /* of all but the last */
	FILL_HANG_COLUMNS = 40, /* text hangs no further in than this */
	FILL_GAP = 2,
	FILL_LEAST_COLUMNS = 12, /* what is left for the last column */
};

struct span {
	const char *text;
	size_t bytes;
};

struct row {
	size_t indent;
	struct span cells[FILL_CELLS];
	size_t cell_count;
};

struct filler {
	struct arena *arena;
	struct buf *out;
	struct row *rows; /* of the table that is being gathered */
	size_t row_count;
	bool blank; /* the last line out was empty */
	bool in_form;
};

static size_t
char_columns(const char *at, size_t bytes, size_t *ret_bytes)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)at,
	    (utf8proc_ssize_t)bytes, &c);

	*ret_bytes = n <= 0 ? 1 : (size_t)n;
	return n <= 0 ? 1 : (size_t)utf8proc_charwidth(c);
}

static size_t
span_columns(struct span span)
{
	size_t columns = 0, n;

	for (size_t i = 0; i < span.bytes; i += n)
		columns += char_columns(span.text + i, span.bytes - i, &n);
	return columns;
}

static size_t
longest_word(struct span span)
{
	size_t longest = 0;

	while (span.bytes > 0) {
		const char *space = memchr(span.text, ' ', span.bytes);
		struct span word = span;
		if (space != NULL)
			word.bytes = (size_t)(space - span.text);
		size_t columns = span_columns(word);
		longest = columns > longest ? columns : longest;
		word.bytes += space != NULL;
		span.text += word.bytes;
		span.bytes -= word.bytes;
	}
	return longest;
}

static struct span
trim_left(struct span span)
{
	while (span.bytes > 0 && *span.text == ' ') {
		span.text++;
		span.bytes--;
	}
	return span;
}

/* Not between "27" and "February", "Friday" and "27", "020" and "7946". */
static bool
is_tied(const struct span *line, size_t space)
{
	if (space == 0 || space + 1 >= line->bytes)
		return false;
	const char *at = line->text + space;
	bool digit_after = at[1] >= '0' && at[1] <= '9';
	if (at[-1] >= '0' && at[-1] <= '9')
		return digit_after || (at[1] >= 'A' && at[1] <= 'Z');
	return digit_after && space >= 3 && memcmp(at - 3, "day", 3) == 0;
}

/*
 * Take what fits into `columns` off the front of `*rest`, whole words where
 * possible; a word that is too long for any line is cut.
 */
static struct span
take_line(struct span *rest, size_t columns)
{
	struct span line = *rest;
	size_t used = 0, at = 0, n, space = 0, tied = 0;

	while (at < rest->bytes) {
		size_t more =
		    char_columns(rest->text + at, rest->bytes - at, &n);
		if (rest->text[at] == ' ') {
			if (is_tied(rest, at))
				tied = at;
			else
				space = at;
		}
		if (used + more > columns && at > 0)
			break;
		used += more;
		at += n;
	}
	if (at < rest->bytes && space + tied > 0)
		at = space > 0 ? space : tied;
	line.bytes = at;
	rest->text += at;
	rest->bytes -= at;
	*rest = trim_left(*rest);
	while (line.bytes > 0 && line.text[line.bytes - 1] == ' ')
		line.bytes--;
	return line;
}

static void
pad(struct buf *out, size_t columns)
{
	while (columns-- > 0)
		buf_putc(out, ' ');
}

static void
end_line(struct filler *f)
{
	buf_putc(f->out, '\n');
	f->blank = false;
}

/* Where the second line of a wrapped one begins: behind `A. `, or behind the
 * gap of `Label:   `, else under the first word. */
static size_t
hang_of(struct span line)
{
	size_t i = 0, word = 0;

	while (i < line.bytes && line.text[i] == ' ')
		i++;
	size_t indent = i;
	while (i < line.bytes && line.text[i] != ' ')
		i++;
	word = i - indent;
	if (word >= 2 && word <= 3 && line.text[i - 1] == '.' && i < line.bytes)
		return i + 1;
	for (; i + 2 < line.bytes && i < FILL_HANG_COLUMNS; i++)
		if (line.text[i] == ' ' && line.text[i + 1] == ' ') {
			while (i < line.bytes && line.text[i] == ' ')
				i++;
			return i < FILL_HANG_COLUMNS ? i : indent;
		}
	return indent;
}

static void
put_wrapped(struct filler *f, struct span line)
{
	size_t hang = hang_of(line), indent = 0;

	while (indent < line.bytes && line.text[indent] == ' ')
		indent++;
	if (hang + longest_word(line) > FILL_COLUMNS)
		hang = indent;
	if (span_columns(line) > FILL_COLUMNS) {
		/* The first line keeps its own spacing, the rest hang. */
		struct span first = {line.text + indent, line.bytes - indent};
		struct span part = take_line(&first, FILL_COLUMNS - indent);
		pad(f->out, indent);
		buf_add(f->out, part.text, part.bytes);
		end_line(f);
		line = first;
		while (line.bytes > 0) {
			part = take_line(&line, FILL_COLUMNS - hang);
			pad(f->out, hang);
			buf_add(f->out, part.text, part.bytes);
			end_line(f);
		}
		return;
	}
	buf_add(f->out, line.text, line.bytes);
	end_line(f);
}

static struct row
split_row(struct span line)
{
	struct row row = {0};

	while (row.indent < line.bytes && line.text[row.indent] == ' ')
		row.indent++;
	line.text += row.indent;
	line.bytes -= row.indent;
	for (;;) {
		struct span *cell = &row.cells[row.cell_count++];
		const char *tab = memchr(line.text, '\t', line.bytes);
		*cell = line;
		if (tab == NULL || row.cell_count == FILL_CELLS)
			break;
		cell->bytes = (size_t)(tab - line.text);
		line.text += cell->bytes + 1;
		line.bytes -= cell->bytes + 1;
	}
	return row;
}

/* Columns that the table takes by itself; what a row needs besides its last
 * cell's longest word goes to `ret_room`, the least of all rows. */
static size_t
widest_row(const struct filler *f, const size_t widths[static FILL_CELLS],
    size_t *ret_room)
{
	size_t widest = 0;

	*ret_room = FILL_CELL_COLUMNS;
	for (size_t r = 0; r < f->row_count; r++) {
		const struct row *row = &f->rows[r];
		size_t last = row->cell_count - 1;
		size_t total = row->indent + span_columns(row->cells[last]);
		size_t word = row->indent + longest_word(row->cells[last]);
		for (size_t c = 0; c < last; c++)
			total += widths[c] + FILL_GAP;
		widest = total > widest ? total : widest;
		word += last * FILL_GAP;
		size_t room = word < FILL_COLUMNS ? FILL_COLUMNS - word : 0;
		if (last > 0 && room / last < *ret_room)
			*ret_room = room / last;
	}
	return widest;
}

/* Each column as wide as its widest cell that has one behind it; where the
 * table would be too wide that way, no wider than FILL_CELL_COLUMNS, and
 * narrower where that keeps a long word (an address) of the last one whole. */
static void
measure(const struct filler *f, size_t widths[static FILL_CELLS])
{
	size_t most;

	for (size_t r = 0; r < f->row_count; r++)
		for (size_t c = 0; c + 1 < f->rows[r].cell_count; c++) {
			size_t n = span_columns(f->rows[r].cells[c]);
			widths[c] = n > widths[c] ? n : widths[c];
		}
	if (widest_row(f, widths, &most) <= FILL_COLUMNS)
		return;
	if (most < FILL_LEAST_COLUMNS)
		most = FILL_CELL_COLUMNS; /* it is cut in any case */
	for (size_t c = 0; c < FILL_CELLS; c++)
		widths[c] = widths[c] > most ? most : widths[c];
}

static void
put_row(struct filler *f, const struct row *row,
    const size_t widths[static FILL_CELLS])
{
	struct span rest[FILL_CELLS];
	bool more = true;

	memcpy(rest, row->cells, sizeof(rest));
	while (more) {
		size_t column = row->indent, at = 0;
		more = false;
		for (size_t c = 0; c < row->cell_count; c++) {
			size_t room = widths[c];
			if (c + 1 == row->cell_count)
				room =
				    column + FILL_LEAST_COLUMNS > FILL_COLUMNS
					? FILL_LEAST_COLUMNS
					: FILL_COLUMNS - column;
			struct span part = take_line(&rest[c], room);
			if (part.bytes > 0) {
				pad(f->out, column - at);
				buf_add(f->out, part.text, part.bytes);
				at = column + span_columns(part);
			}
			more = more || rest[c].bytes > 0;
			column += widths[c] + FILL_GAP;
		}
		end_line(f);
	}
}

static void
put_table(struct filler *f)
{
	size_t widths[FILL_CELLS] = {0};

	measure(f, widths);
	for (size_t r = 0; r < f->row_count; r++)
		put_row(f, &f->rows[r], widths);
	f->rows = NULL;
	f->row_count = 0;
}

static void
put_plain(struct filler *f, struct span line)
{
	while (line.bytes > 0 && line.text[line.bytes - 1] == ' ')
		line.bytes--;
	if (line.bytes > 0) {
		put_wrapped(f, line);
	} else if (!f->blank) {
		end_line(f);
		f->blank = true;
	}
}

static void
put_line(struct filler *f, struct span line)
{
	static const char form[] = "--- form ", end[] = "--- end of form ---";

	if (!f->in_form && line.bytes > 0 &&
	    memchr(line.text, '\t', line.bytes) != NULL) {
		struct row *row = arena_push(f->arena, &f->rows, &f->row_count,
		    sizeof(*f->rows));
		*row = split_row(line);
		return;
	}
	put_table(f);
	if (line.bytes >= strlen(form) &&
	    memcmp(line.text, form, strlen(form)) == 0)
		f->in_form = true;
	if (!f->in_form) {
		put_plain(f, line);
		return;
	}
	buf_add(f->out, line.text, line.bytes);
	end_line(f);
	if (line.bytes >= strlen(end) &&
	    memcmp(line.text, end, strlen(end)) == 0)
		f->in_form = false;
}

void
fill_text(struct buf *out, const char *text)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct filler f = {.arena = arena, .out = out, .blank = true};

	while (*text != '\0') {
		struct span line = {text, strcspn(text, "\n")};
		put_line(&f, line);
		text += line.bytes + (text[line.bytes] == '\n');
	}
	put_table(&f);
}
