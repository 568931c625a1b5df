#include "parser/csvfile.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/table.h"

enum {
	SAMPLE_RECORDS = 20,
	BLOCK_BYTES = 64 * 1024,
	FIELD_BEGUN = 2, /* libcsv's name for that state of its parser */
};

static const char SEPARATORS[] = ",;\t|";
static const char NOTHING[] = "there is nothing in it.";

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
	struct table_maker maker;
	uint32_t line, lines_in_row;
	size_t column;
	uint32_t open_line; /* where a quote begins that never ends; 0 */
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
	char *text = data;

	for (size_t i = 0; i < bytes; i++)
		r->lines_in_row += text[i] == '\n';
	if (bytes > 0)
		table_cell(&r->maker, r->column, unwrap(text), 0);
	r->column++;
}

static void
on_row(int c, void *arg)
{
	struct reading *r = arg;

	(void)c; /* which line end it was */
	r->line += 1 + r->lines_in_row;
	r->lines_in_row = 0;
	r->column = 0;
	table_row(&r->maker, r->line);
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

/* Stops where no more can be kept. */
static bool
feed(struct reading *r, struct csv_parser *parser, const char *text)
{
	size_t left = strlen(text);

	while (left > 0 && !r->maker.full) {
		size_t bytes = left < BLOCK_BYTES ? left : BLOCK_BYTES;
		if (csv_parse(parser, text, bytes, on_cell, on_row, r) != bytes)
			return false;
		text += bytes;
		left -= bytes;
	}
	return true;
}

static bool
parse(struct reading *r, const char *text, char separator)
{
	struct csv_parser parser;

	if (csv_init(&parser, CSV_REPALL_NL | CSV_APPEND_NULL) != 0)
		return false;
	csv_set_blk_size(&parser, BLOCK_BYTES);
	/* Cells come as strings, which unwrap() may change. */
	csv_set_delim(&parser, (unsigned char)separator);
	bool ok = feed(r, &parser, text);
	/* Still inside quotes: rows were swallowed. csv_fini() would only say
	 * so in strict mode, which refuses 5" in a plain cell as well. */
	if (parser.quoted != 0 && parser.pstate == FIELD_BEGUN &&
	    !r->maker.full)
		r->open_line = r->line;
	ok = csv_fini(&parser, on_cell, on_row, r) == 0 && ok;
	csv_free(&parser);
	return ok;
}

/* The verdict's words where nothing can be read. */
static const char *
parse_all(struct context *ctx, struct reading *r, char *text)
{
	const char *start = text;

	unify_line_ends(text);
	char separator = take_sep_line(&start, &r->line);
	table_row(&r->maker, r->line);
	if (!parse(r, start, separator))
		return "";
	if (r->open_line > 0)
		return arena_printf(ctx->arena,
		    "a quotation mark in line %u of it is never closed.",
		    (unsigned)r->open_line);
	return NULL;
}

void
csvfile_read(struct context *ctx, struct record_part *part,
    const struct buf *file, const char *label)
{
	struct buf text CLEANUP(buf_done);
	struct record *record = ctx->record;
	struct record_table table;
	struct reading r = {.line = 1};

	buf_init(&text, (size_t)LIMIT_CSV_BYTES * 3);
	charset_decode_file(&text, label, ctx->fallback, buf_text(file),
	    file->len);
	table_begin(&r.maker, ctx, TABLE_CSV, "");
	const char *wrong =
	    text.len == 0 ? NOTHING : parse_all(ctx, &r, text.data);
	table_end(&r.maker, &table);
	if (wrong == NULL && table.row_count == 0)
		wrong = NOTHING;
	part->verdict = wrong == NULL ? PART_READ : PART_UNREADABLE;
	part->reason = wrong == NULL ? r.maker.reason : wrong;
	if (wrong != NULL)
		return;
	table.part = (uint32_t)(part - record->parts);
	*(struct record_table *)arena_push(ctx->arena, &record->tables,
	    &record->table_count, sizeof(*record->tables)) = table;
}
