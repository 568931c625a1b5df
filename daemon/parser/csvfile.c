#include "parser/csvfile.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"

enum {
	SAMPLE_RECORDS = 20,
	FIELD_BEGUN = 2, /* libcsv's name for that state of its parser */
};

static const char SEPARATORS[] = ",;\t|";

/* UTF-16 without a BOM: every other byte of the start is NUL. */
static const char *
guess_utf16(const unsigned char *data, size_t bytes)
{
	size_t some = bytes < 64 ? bytes / 2 * 2 : 64, even = 0, odd = 0;

	for (size_t i = 0; i < some; i += 2) {
		even += data[i] == 0;
		odd += data[i + 1] == 0;
	}
	if (some >= 8 && odd * 2 >= some * 3 / 4)
		return "UTF-16LE";
	return some >= 8 && even * 2 >= some * 3 / 4 ? "UTF-16BE" : NULL;
}

/* What the file says of itself outranks the label of its attachment. */
static void
decode(struct context *ctx, const struct buf *file, const char *label,
    struct buf *out)
{
	const unsigned char *data = (const unsigned char *)buf_text(file);
	size_t bytes = file->len;
	const char *found = guess_utf16(data, bytes);

	if (bytes >= 2 && data[0] == 0xff && data[1] == 0xfe)
		found = "UTF-16LE";
	else if (bytes >= 2 && data[0] == 0xfe && data[1] == 0xff)
		found = "UTF-16BE";
	else if (text_is_utf8((const char *)data, bytes))
		found = "UTF-8";
	charset_decode(out, found == NULL ? label : found, ctx->fallback, data,
	    bytes);
}

/* As many records alike as can be; of those, the ones with more columns. A
 * title above the header has none. */
static size_t
score_counts(const size_t *counts, size_t records)
{
	size_t best = 0;

	for (size_t i = 0; i < records; i++) {
		size_t alike = 0;
		for (size_t k = 0; k < records; k++)
			alike += counts[k] == counts[i];
		if (counts[i] > 0 && alike * 1000 + counts[i] > best)
			best = alike * 1000 + counts[i];
	}
	return best;
}

/* Separators in each of the first records, quotes left out. */
static size_t
score_separator(const char *text, char separator)
{
	size_t counts[SAMPLE_RECORDS] = {0}, records = 0;
	bool quoted = false;

	for (; *text != '\0' && records < SAMPLE_RECORDS; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (*text == separator && !quoted)
			counts[records]++;
		else if (*text == '\n' && !quoted)
			records += counts[records] > 0 || text[1] != '\n';
	}
	records += records < SAMPLE_RECORDS && counts[records] > 0;
	return score_counts(counts, records);
}

static char
find_separator(const char *text)
{
	char best = ',';
	size_t best_score = 0;

	for (const char *p = SEPARATORS; *p != '\0'; p++) {
		size_t score = score_separator(text, *p);
		if (score > best_score) {
			best = *p;
			best_score = score;
		}
	}
	return best;
}

/* Excel's first line `sep=;`: takes it off, and says the separator. */
static char
take_sep_line(const char **text, uint32_t *line)
{
	const char *p = *text;

	p += *p == '"';
	if (!text_istarts(p, "sep=") || p[4] == '\0')
		return find_separator(*text);
	char separator = p[4];
	p += 5;
	p += *p == '"';
	p += strspn(p, "\r");
	if (*p != '\n' && *p != '\0')
		return find_separator(*text);
	*text = *p == '\0' ? p : p + 1;
	++*line;
	return separator;
}

struct reading {
	struct context *ctx;
	struct record_table table;
	struct record_row row;
	uint32_t line, lines_in_row;
};

/* `="00123"` is how one tells Excel that it is text. */
static char *
unwrap(char *cell)
{
	size_t len = strlen(cell);

	if (len < 3 || cell[0] != '=' || cell[1] != '"' || cell[len - 1] != '"')
		return cell;
	cell[len - 1] = '\0';
	return cell + 2;
}

static void
on_cell(void *data, size_t bytes, void *arg)
{
	struct reading *r = arg;
	struct context *ctx = r->ctx;
	const char *text = data == NULL ? "" : data;

	for (size_t i = 0; i < bytes; i++)
		r->lines_in_row += text[i] == '\n';
	if (r->table.cut)
		return;
	if (bytes > LIMIT_CELL_BYTES || r->row.cell_count == LIMIT_COLUMNS ||
	    !context_try(&ctx->cells_left, 1) ||
	    !context_try(&ctx->text_left, bytes + 8)) {
		r->table.cut = true;
		return;
	}
	char *cell = arena_strndup(ctx->arena, text, bytes);
	*(const char **)arena_push(ctx->arena, &r->row.cells,
	    &r->row.cell_count, sizeof(*r->row.cells)) = unwrap(cell);
}

static bool
is_empty(const struct record_row *row)
{
	for (size_t i = 0; i < row->cell_count; i++)
		if (*row->cells[i] != '\0')
			return false;
	return true;
}

static void
on_row(int c, void *arg)
{
	struct reading *r = arg;

	(void)c; /* which line end it was */
	if (r->table.row_count == LIMIT_ROWS)
		r->table.cut = true;
	if (!r->table.cut && !is_empty(&r->row)) {
		r->row.line = r->line;
		*(struct record_row *)arena_push(r->ctx->arena, &r->table.rows,
		    &r->table.row_count, sizeof(*r->table.rows)) = r->row;
	}
	r->line += 1 + r->lines_in_row;
	r->lines_in_row = 0;
	r->row = (struct record_row){0};
}

/* CRLF and lone CR as LF, so that a row end comes once for each line. */
static void
unify_line_ends(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\r' && p[1] == '\n')
			continue;
		*to++ = *p == '\r' ? '\n' : *p;
	}
	*to = '\0';
}

static bool
parse(struct reading *r, const char *text, char separator)
{
	struct csv_parser parser;
	size_t bytes = strlen(text);

	if (csv_init(&parser, CSV_REPALL_NL) != 0)
		return false;
	csv_set_delim(&parser, (unsigned char)separator);
	bool ok = csv_parse(&parser, text, bytes, on_cell, on_row, r) == bytes;
	/* Still inside quotes: rows were swallowed. csv_fini() would only say
	 * so in strict mode, which refuses 5" in a plain cell as well. */
	bool open = parser.quoted != 0 && parser.pstate == FIELD_BEGUN;
	ok = csv_fini(&parser, on_cell, on_row, r) == 0 && ok && !open;
	csv_free(&parser);
	return ok;
}

bool
csvfile_read(struct context *ctx, const struct buf *file, const char *label,
    struct record_table *ret_table)
{
	struct buf text CLEANUP(buf_done);
	struct reading r = {.ctx = ctx, .line = 1};

	buf_init(&text, (size_t)LIMIT_CSV_BYTES * 3);
	decode(ctx, file, label, &text);
	if (text.len == 0)
		return false;
	unify_line_ends(text.data);
	const char *start = text.data;
	char separator = take_sep_line(&start, &r.line);
	r.table = (struct record_table){.kind = TABLE_CSV,
	    .whose = WHOSE_NEW,
	    .name = ""};
	if (!parse(&r, start, separator) || r.table.row_count == 0)
		return false;
	*ret_table = r.table;
	return true;
}
