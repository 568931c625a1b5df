/*
 * What stands on a sheet and was not read: named to the sender, in few words,
 * but for what we wrote there ourselves.
 */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/collect_sheet.h"
#include "forms/judge.h"
#include "forms/lines.h"
#include "forms/workbook.h"

/* The heading of the titles of rows that we offer. */
static const char g_about[] = "About";

static const struct record_row *
row_at(const struct sheet_reader *r, size_t at)
{
	return &r->table->rows[at];
}

/* --- words that are no answers ------------------------------------------- */

bool
sheet_is_help(const struct sheet_reader *r, const struct form_field *field,
    const char *text)
{
	struct arena *arena = r->collector->arena;

	return (*field->help != '\0' && text_same(arena, text, field->help)) ||
	       (field->type != TYPE_TEXT &&
		   text_same(arena, text, judge_allowed(arena, field)));
}

static bool
knows_field(const struct sheet_reader *r, const struct form_field *fields,
    size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (form_keys_have(&fields[i].keys,
			text_fold(r->collector->arena, text)) ||
		    sheet_is_help(r, &fields[i], text))
			return true;
	return false;
}

/* A title, a label, a help of the form itself. */
static bool
is_of_form(const struct sheet_reader *r, const char *text)
{
	const struct form *form = r->collector->form;
	struct arena *arena = r->collector->arena;

	if (text_same(arena, text, form->title) ||
	    (*form->help != '\0' && text_same(arena, text, form->help)) ||
	    knows_field(r, form->fields, form->field_count, text))
		return true;
	for (size_t i = 0; i < form->table_count; i++) {
		const struct form_table *table = &form->tables[i];
		if (form_keys_have(&table->keys, text_fold(arena, text)) ||
		    knows_field(r, table->columns, table->column_count, text))
			return true;
	}
	return false;
}

/* --- what was not read --------------------------------------------------- */

/* Our words: of the form itself, or of the workbook that we made of it. */
static bool
is_our_word(const struct sheet_reader *r, const char *text)
{
	return identity_wrote(r->collector->arena, &r->identity, text) ||
	       (r->has_identity && text_ieq(text, g_about)) ||
	       is_of_form(r, text);
}

/* Nothing but such words? */
static bool
is_known(const struct sheet_reader *r, const struct sheet_unread *unread)
{
	const struct record_row *row = row_at(r, unread->at);

	if (unread->what != LEFT_LINE)
		return is_our_word(r, unread->text);
	for (size_t c = 0; c < row->cell_count; c++)
		if (!text_is_blank(row->cells[c]) &&
		    !is_our_word(r, row->cells[c]))
			return false;
	return true;
}

static void
add_loose(struct collector *collector, const char *text)
{
	struct form_source *out = collector->out;

	if (out->loose_count < LIMIT_ANSWERS)
		*(const char **)arena_push(collector->arena, &out->loose,
		    &out->loose_count, sizeof(*out->loose)) = text;
}

/* So many that are alike are said one by one; more in one line. */
enum {
	ALIKE = 3
};

/* Our words in front of the questions, or beside them, once the hidden sheet
 * is lost: a crowd that says nothing one by one. */
struct left_crowd {
	size_t head;     /* lines above the first question */
	size_t *columns; /* by column: cells beside answers */
	bool head_told, *column_told;
};

static bool
is_head(const struct sheet_reader *r, const struct sheet_unread *unread)
{
	return unread->what == LEFT_LINE && r->sheet.cell_count > 0 &&
	       unread->at < r->sheet.cells[0].at;
}

static void
tell_head(const struct sheet_reader *r, const struct sheet_unread *unread)
{
	struct collector *collector = r->collector;

	collect_unread_at(collector,
	    collect_row_place(collector, r->table, row_at(r, unread->at)),
	    "we did not read the lines above the first question, which begin",
	    unread->text);
}

static void
tell_column(const struct sheet_reader *r, const struct sheet_unread *unread)
{
	struct collector *collector = r->collector;
	char letters[COLUMN_NAME_BYTES];

	record_column_name(unread->column, letters);
	collect_unread_at(collector,
	    arena_printf(collector->arena, "%s, column %s",
		collect_table_name(collector, r->table), letters),
	    "we did not read what stands beside your answers, such as",
	    unread->text);
}

static void
tell_one(const struct sheet_reader *r, const struct sheet_unread *unread)
{
	static const char *const words[] = {
	    [LEFT_LINE] = "we did not read this line, which begins",
	    [LEFT_ROW] = "we do not know the row",
	    [LEFT_COLUMN] = "we do not know the column",
	    [LEFT_FIELD] = "we do not know the field",
	    [LEFT_CELL] = "we did not read",
	};
	const struct record_row *row = row_at(r, unread->at);
	struct collector *collector = r->collector;

	collect_unread_at(collector,
	    unread->what == LEFT_CELL
		? collect_cell_place(collector, r->table, row, unread->column)
		: collect_row_place(collector, r->table, row),
	    words[unread->what], unread->text);
}

static void
tell(const struct sheet_reader *r, const struct sheet_unread *unread,
    struct left_crowd *crowd)
{
	if (is_head(r, unread) && crowd->head > ALIKE) {
		if (!crowd->head_told)
			tell_head(r, unread);
		crowd->head_told = true;
	} else if (unread->what == LEFT_CELL &&
		   crowd->columns[unread->column] > ALIKE) {
		if (!crowd->column_told[unread->column])
			tell_column(r, unread);
		crowd->column_told[unread->column] = true;
	} else {
		tell_one(r, unread);
	}
}

void
sheet_name_left(struct sheet_reader *r)
{
	struct arena *arena = r->collector->arena;
	struct left_crowd crowd = {
	    .columns = arena_array(arena, LIMIT_COLUMNS, sizeof(size_t)),
	    .column_told = arena_array(arena, LIMIT_COLUMNS, sizeof(bool)),
	};
	struct sheet_unread *left = r->sheet.unread;
	size_t count = 0;

	for (size_t i = 0; i < r->sheet.unread_count; i++) {
		if (is_known(r, &left[i]))
			continue;
		left[count++] = left[i];
		crowd.head += is_head(r, &left[i]);
		if (left[i].what == LEFT_CELL)
			crowd.columns[left[i].column]++;
		add_loose(r->collector, left[i].text);
	}
	for (size_t i = 0; i < count; i++)
		tell(r, &left[i], &crowd);
}

/* --- what held none of it ------------------------------------------------ */

static bool
is_part_read(const struct collector *collector, uint32_t part)
{
	for (size_t i = 0; i < collector->record->table_count; i++)
		if (collector->record->tables[i].part == part &&
		    collector->out->table_read[i])
			return true;
	return false;
}

/*
 * A file of its own is said among the files, as proof; a sheet beside one that
 * was read, and any where nothing else was, is said here.
 */
static bool
is_strange(struct collector *collector, const struct record_table *table)
{
	struct identity identity;

	if (table->kind == TABLE_HTML || table->kind == TABLE_WORD ||
	    table->row_count == 0 || identity_is_sheet(table))
		return false;
	if (text_ieq(table->name, WORKBOOK_ABOUT) &&
	    identity_find(collector->arena, collector->record, table->part,
		&identity))
		return false;
	return table->kind == TABLE_CSV || !collector->out->saw_form ||
	       is_part_read(collector, table->part);
}

void
collect_strange(struct collector *collector, const bool *skip)
{
	const struct record *record = collector->record;

	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		if (table->whose != WHOSE_NEW ||
		    collector->out->table_read[i] ||
		    (skip != NULL && skip[i]) || !is_strange(collector, table))
			continue;
		collect_unread_at(collector,
		    collect_table_name(collector, table),
		    table->kind == TABLE_CSV
			? "its first line has no heading that this form knows"
			: "we found no question of this form there",
		    "");
	}
}
