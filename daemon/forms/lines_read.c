#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/keys.h"
#include "forms/lines.h"

enum {
	WRAPPED_LINES = 3, /* a label or heading may run over so many */
	UNKNOWN_KEY_WORDS = 4,
	UNREAD_BYTES = 200, /* kept of a line that is not understood */
	BARE_HEADING_BYTES = 120,
};

struct reader {
	struct arena *arena;
	const struct form *form;
	const struct text_lines *lines;
	struct text_reading *out;
	size_t at;
	const struct form_table *table; /* of the open row, or NULL */
	const char *row;                /* "" before a heading */
	const struct form_row *fixed;   /* the open row of a fixed table */
	bool in_row, key_given, lost;   /* lost: in a row that nobody knows */
	bool titled;                    /* only a heading so far in this row */
	bool closed;                    /* behind "Kind regards" */
	unsigned block;
	struct text_item *open; /* the value that may go on */
	struct buf value, typed;
};

/* What a key stands for, in the place where the reader is. */
struct meaning {
	const struct form_table *table;
	const struct form_field *field;
	bool header; /* Form:, Round:, Agency: */
};

static const struct form_field *
column_of(const struct form_table *table, const char *folded)
{
	return keys_find_field(table->columns, table->column_count, folded);
}

static bool
is_header(const char *folded)
{
	return strcmp(folded, "form") == 0 || strcmp(folded, "round") == 0 ||
	       strcmp(folded, "agency") == 0;
}

static bool
find_meaning(const struct reader *r, const char *folded,
    struct meaning *ret_meaning)
{
	const struct form *form = r->form;
	struct meaning found = {NULL, NULL, false};

	if (r->table != NULL &&
	    (found.field = column_of(r->table, folded)) != NULL)
		found.table = r->table;
	if (found.field == NULL)
		found.field =
		    keys_find_field(form->fields, form->field_count, folded);
	/* A column without a heading: where one table alone can be meant. */
	for (size_t i = 0; found.field == NULL && i < form->table_count; i++)
		if ((found.field = column_of(&form->tables[i], folded)) != NULL)
			found.table = &form->tables[i];
	found.header = found.field == NULL && is_header(folded);
	*ret_meaning = found;
	return found.field != NULL || found.header;
}

static bool
is_known(const void *ctx, const char *folded)
{
	struct meaning meaning;

	return find_meaning(ctx, folded, &meaning);
}

static bool
is_any_key(const void *ctx, const char *folded)
{
	(void)ctx;
	(void)folded;
	return true;
}

static void
note_unread(struct reader *r, const char *line)
{
	struct text_reading *out = r->out;
	const char *trimmed = text_trim(r->arena, line);

	if (*trimmed == '\0' || out->unread_count >= LIMIT_UNKNOWN_LINES)
		return;
	*(const char **)arena_push(r->arena, &out->unread, &out->unread_count,
	    sizeof(*out->unread)) =
	    arena_strndup(r->arena, trimmed, text_cut(trimmed, UNREAD_BYTES));
}

static void
add_rest(struct reader *r, const char *line)
{
	buf_puts(&r->out->rest, line);
	buf_putc(&r->out->rest, '\n');
}

/* The value that is open is as long as it will be. */
static void
close_value(struct reader *r)
{
	if (r->open == NULL)
		return;
	r->open->text = text_trim(r->arena, buf_text(&r->value));
	r->open->typed = text_trim(r->arena, buf_text(&r->typed));
	r->open = NULL;
}

static void
add_to_value(struct reader *r, const char *text, bool typed)
{
	if (r->value.len > 0)
		buf_putc(&r->value, '\n');
	buf_puts(&r->value, text);
	if (!typed)
		return;
	if (r->typed.len > 0)
		buf_putc(&r->typed, '\n');
	buf_puts(&r->typed, text);
}

static void
open_value(struct reader *r, const struct meaning *meaning, const char *value,
    bool typed)
{
	struct text_reading *out = r->out;

	close_value(r);
	buf_clear(&r->value);
	buf_clear(&r->typed);
	/* Items move when their array grows; the open one is the last. */
	struct text_item *item =
	    arena_push(r->arena, &out->items, &out->item_count, sizeof(*item));
	*item = (struct text_item){.table = meaning->table,
	    .field = meaning->field,
	    .row = meaning->table != NULL ? r->row : "",
	    .text = "",
	    .typed = "",
	    .block = meaning->table != NULL ? r->block : 0};
	r->open = item;
	if (*value != '\0')
		add_to_value(r, value, typed);
}

/* A row begins where a column comes without one, or its key comes again. */
static void
start_bare_row(struct reader *r, const struct meaning *meaning)
{
	const struct form_table *table = meaning->table;
	bool again = r->in_row && r->table == table && table->key != NULL &&
		     meaning->field == table->key && r->key_given;

	if (r->in_row && r->table == table && !again)
		return;
	close_value(r);
	r->table = table;
	r->row = "";
	r->fixed = NULL;
	r->in_row = true;
	r->lost = table->rows == ROWS_FIXED;
	r->key_given = false;
	r->block++;
}

static void
take_key(struct reader *r, const char *folded, const char *value,
    const struct text_line *line)
{
	struct meaning meaning;

	(void)find_meaning(r, folded, &meaning);
	r->out->started = true;
	r->titled = false;
	r->closed = false;
	if (meaning.header) {
		close_value(r);
		return;
	}
	if (meaning.table != NULL)
		start_bare_row(r, &meaning);
	if (meaning.table != NULL && r->lost) {
		close_value(r);
		if (*value != '\0')
			note_unread(r, line->text);
		return;
	}
	if (meaning.table != NULL && meaning.field == meaning.table->key)
		r->key_given = true;
	open_value(r, &meaning, value, line->typed);
}

/* --- headings ------------------------------------------------------------- */

/* Behind the signs that open a heading; NULL for another line. */
static const char *
behind_signs(const char *line)
{
	while (*line == ' ' || *line == '>' || *line == '*' || *line == '\t' ||
	       (unsigned char)*line == 0xc2 || (unsigned char)*line == 0xa0)
		line++;
	return strncmp(line, "==", 2) == 0 ? line + strspn(line, "= ") : NULL;
}

/*
 * `== standards 1 == Title` → "standards 1"; NULL for another line. The signs
 * behind it may stand on a later line, where a client wrapped it, or be
 * forgotten. Sets how many lines it takes.
 */
static const char *
heading_text(struct reader *r, size_t *ret_lines)
{
	const struct text_lines *lines = r->lines;
	const char *start = behind_signs(lines->items[r->at].text);

	*ret_lines = 1;
	if (start == NULL || *start == '\0')
		return NULL;
	const char *joined = start;
	for (size_t n = 1; n <= WRAPPED_LINES; n++) {
		size_t len = strcspn(joined, "=");
		if (joined[len] == '=') {
			*ret_lines = n;
			return text_trim(r->arena,
			    arena_strndup(r->arena, joined, len));
		}
		if (r->at + n >= lines->count)
			break;
		const char *next = lines->items[r->at + n].text;
		const char *folded, *value;
		if (text_is_blank(next) || behind_signs(next) != NULL ||
		    line_split(r->arena, next, is_known, r, &folded, &value))
			break;
		joined = arena_printf(r->arena, "%s %s", joined, next);
	}
	return text_trim(r->arena, start);
}

/* Does the heading begin with the table's name? What is left, or NULL. */
static const char *
behind_table(struct reader *r, const struct form_table *table,
    const char *heading)
{
	size_t len = strlen(heading);

	for (size_t cut = len; cut > 0; cut--) {
		if (cut < len && heading[cut] != ' ')
			continue;
		const char *folded =
		    text_fold(r->arena, arena_strndup(r->arena, heading, cut));
		if (form_keys_have(&table->keys, folded) ||
		    strcmp(folded, text_fold(r->arena, table->row_label)) == 0)
			return text_trim(r->arena, heading + cut);
	}
	return NULL;
}

static bool
try_row(struct reader *r, const struct form_table *table, const char *row)
{
	if (*row == '\0')
		return false;
	r->fixed = table->rows == ROWS_FIXED
		       ? keys_find_row(r->arena, table, row)
		       : NULL;
	if (table->rows == ROWS_FIXED && r->fixed == NULL)
		return false;
	r->table = table;
	r->row = r->fixed != NULL ? r->fixed->name : row;
	return true;
}

static bool
find_row(struct reader *r, const char *heading)
{
	const struct form *form = r->form;

	for (size_t i = 0; i < form->table_count; i++) {
		const char *row = behind_table(r, &form->tables[i], heading);
		if (row != NULL && try_row(r, &form->tables[i], row))
			return true;
	}
	if (r->table != NULL && form->table_count > 1 &&
	    try_row(r, r->table, heading))
		return true;
	for (size_t i = 0; i < form->table_count; i++)
		if (try_row(r, &form->tables[i], heading))
			return true;
	return false;
}

static void
take_heading(struct reader *r, const char *heading, const char *line)
{
	close_value(r);
	r->out->started = true;
	r->closed = false;
	r->key_given = false;
	r->titled = true;
	r->block++;
	r->in_row = true;
	r->lost = !find_row(r, heading);
	if (r->lost) {
		r->row = "";
		r->fixed = NULL;
		note_unread(r, line);
	}
}

/* Is the next line that says anything a column of the table? */
static bool
leads_to_column(struct reader *r, const struct form_table *table)
{
	const char *folded, *value;
	size_t at = r->at + 1;

	while (at < r->lines->count && text_is_blank(r->lines->items[at].text))
		at++;
	return at < r->lines->count &&
	       line_split(r->arena, r->lines->items[at].text, is_known, r,
		   &folded, &value) &&
	       column_of(table, folded) != NULL;
}

/* The rest of a title that a client wrapped. */
static bool
is_title_rest(struct reader *r, const char *line)
{
	if (!r->titled || r->fixed == NULL)
		return false;
	const char *folded = text_fold(r->arena, line);
	const char *label = text_fold(r->arena, r->fixed->label);
	size_t len = strlen(folded), all = strlen(label);
	return len > 0 && len <= all && strcmp(label + all - len, folded) == 0;
}

/*
 * "Standard 5", "5. Staff training", "Staff training": a heading without its
 * signs. Without the word it may be meant as an answer; what stands around it
 * tells.
 */
static bool
is_meant_as_row(struct reader *r, const struct form_table *table,
    enum row_naming naming)
{
	bool awaits = r->open != NULL && r->value.len == 0;
	bool in_text = r->open != NULL && r->open->field->type == TYPE_TEXT;
	bool behind_gap =
	    r->at > 0 && text_is_blank(r->lines->items[r->at - 1].text);

	if (naming == ROW_BY_WORD)
		return true;
	if (awaits || !leads_to_column(r, table))
		return false;
	return naming == ROW_BY_NUMBER || !in_text || behind_gap;
}

static bool
is_bare_heading(struct reader *r, const char *line)
{
	enum row_naming naming;

	if (strlen(line) > BARE_HEADING_BYTES || is_title_rest(r, line))
		return false;
	for (size_t i = 0; i < r->form->table_count; i++) {
		const struct form_table *table = &r->form->tables[i];
		if (table->rows == ROWS_FIXED &&
		    keys_names_row(r->arena, table, line, &naming) &&
		    is_meant_as_row(r, table, naming))
			return true;
	}
	return false;
}

/* --- other lines ---------------------------------------------------------- */

static bool
is_farewell(struct reader *r, const char *line)
{
	static const char *const words[] = {"kind regards", "regards",
	    "best regards", "warm regards", "best wishes", "many thanks",
	    "thanks", "thank you", "with thanks", "yours sincerely",
	    "yours faithfully", "kindest regards", "all the best",
	    "with best wishes", "with kind regards", "thanks and regards"};

	if (strlen(line) > 40)
		return false;
	const char *folded = text_fold(r->arena, line);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(folded, words[i]) == 0)
			return true;
	return false;
}

/* One to four words and a colon: perhaps a key with a slip in it. */
static bool
looks_like_key(struct reader *r, const char *line)
{
	const char *folded, *value;
	size_t words = 1;

	if (!line_split(r->arena, line, is_any_key, NULL, &folded, &value))
		return false;
	/* A time or a link is no key. */
	size_t len = strlen(folded);
	bool time = len > 0 && isdigit((unsigned char)folded[len - 1]) &&
		    isdigit((unsigned char)*value);
	if (time || strncmp(value, "//", 2) == 0)
		return false;
	for (const char *p = folded; *p != '\0'; p++)
		words += *p == ' ';
	return words <= UNKNOWN_KEY_WORDS;
}

static void
take_text(struct reader *r, const struct text_line *line)
{
	bool blank = text_is_blank(line->text);

	if (!r->out->started || r->closed) {
		add_rest(r, line->text);
		return;
	}
	if (!blank && is_farewell(r, line->text)) {
		close_value(r);
		r->closed = true;
		return;
	}
	if (!blank && is_title_rest(r, line->text))
		return;
	bool takes = r->open != NULL &&
		     (r->open->field->type == TYPE_TEXT || r->value.len == 0);
	if (blank) {
		if (r->open != NULL && r->value.len > 0)
			buf_putc(&r->value, '\n');
		return;
	}
	if (takes)
		add_to_value(r, text_trim(r->arena, line->text), line->typed);
	if (!takes || looks_like_key(r, line->text))
		note_unread(r, line->text);
}

/* The line, or it and those behind it, that a client may have wrapped. */
static size_t
take_keyed(struct reader *r)
{
	const struct text_lines *lines = r->lines;
	const char *joined = "";

	for (size_t n = 1; n <= WRAPPED_LINES && r->at + n <= lines->count;
	     n++) {
		const struct text_line *line = &lines->items[r->at + n - 1];
		const char *folded, *value;
		if (text_is_blank(line->text) || strlen(line->text) > 2000)
			return 0;
		joined = n == 1 ? line->text
				: arena_printf(r->arena, "%s %s", joined,
				      line->text);
		if (!line_split(r->arena, joined, is_known, r, &folded,
			&value)) {
			if (strlen(joined) > 160)
				return 0;
			continue;
		}
		take_key(r, folded, value, line);
		return n;
	}
	return 0;
}

static void
take_line(struct reader *r)
{
	const struct text_line *line = &r->lines->items[r->at];
	size_t taken = 1;
	const char *heading = heading_text(r, &taken);

	if (line_is_start(line->text)) {
		close_value(r);
		r->out->started = r->out->start_mark = true;
	} else if (heading != NULL) {
		take_heading(r, heading, line->text);
	} else if ((taken = take_keyed(r)) == 0) {
		taken = 1;
		if (is_bare_heading(r, line->text))
			take_heading(r, line->text, line->text);
		else
			take_text(r, line);
	}
	r->at += taken;
}

void
lines_read(struct arena *arena, const struct form *form,
    const struct text_lines *lines, struct text_reading *ret_reading)
{
	struct reader r = {.arena = arena,
	    .form = form,
	    .lines = lines,
	    .out = ret_reading,
	    .row = ""};

	*ret_reading = (struct text_reading){0};
	buf_init(&ret_reading->rest, LIMIT_TEXT_BYTES);
	buf_init(&r.value, LINES_VALUE_BYTES);
	buf_init(&r.typed, LINES_VALUE_BYTES);
	while (r.at < lines->count && ret_reading->item_count < LIMIT_ANSWERS) {
		if (line_is_end(lines->items[r.at].text)) {
			ret_reading->end_mark = ret_reading->started;
			r.at++;
			break;
		}
		take_line(&r);
	}
	close_value(&r);
	for (; r.at < lines->count; r.at++)
		add_rest(&r, lines->items[r.at].text);
	buf_done(&r.value);
	buf_done(&r.typed);
}
