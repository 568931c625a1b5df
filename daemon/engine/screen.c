#include "engine/screen.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "domain/nhs.h"

enum {
	HEADING_BYTES = 24
};

static bool
holds_number(const char *text)
{
	struct nhs_hit hit;

	return nhs_find(text, 0, &hit) == 1;
}

static void
add_place(struct screen *screen, const char *place)
{
	screen->hit = true;
	if (screen->place_count < SCREEN_PLACES)
		screen->places[screen->place_count++] = place;
}

/* A file's name for a person, unless the name is what must not be repeated. */
static const char *
file_words(struct arena *arena, const struct record *record, uint32_t part)
{
	if (part >= record->part_count)
		return "a table in your email";
	const char *name = record->parts[part].name;
	if (name[0] == '\0' || holds_number(name))
		return "an attached file";
	return arena_printf(arena, "file \"%s\"", name);
}

static void
screen_bodies(const struct record *record, struct screen *screen)
{
	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++) {
			if (!holds_number(body->segments[s].text))
				continue;
			add_place(screen,
			    body->segments[s].whose == WHOSE_NEW
				? "the text of your email"
				: "the earlier text below your email");
			return; /* HTML and text say the same */
		}
	}
}

/* "file "Induction proof.xlsx", sheet "List", cell C14" */
static const char *
cell_words(struct arena *arena, const struct record *record,
    const struct record_table *table, const struct record_row *row,
    size_t column)
{
	const char *file = file_words(arena, record, table->part);
	char letters[COLUMN_NAME_BYTES];

	if (table->kind == TABLE_JSON)
		return file;
	if (table->kind != TABLE_SHEET)
		return arena_printf(arena, "%s, line %u", file, row->line);
	record_column_name(column, letters);
	return arena_printf(arena, "%s, sheet %s, cell %s%u", file,
	    holds_number(table->name)
		? "with a number in its name"
		: arena_printf(arena, "\"%s\"", table->name),
	    letters, row->line);
}

/* "NHS number", "Their NHS no.", and not a sentence. */
static bool
says_nhs(const char *cell)
{
	return strlen(cell) <= HEADING_BYTES && text_ifind(cell, "nhs") != NULL;
}

/*
 * What a number is stands above its column, or left of it: with that in front
 * it is judged as if somebody had written "NHS" there.
 */
static bool
cell_holds_number(struct arena *arena, const struct record_row *row,
    size_t column, bool below_nhs)
{
	const char *cell = row->cells[column];

	if (holds_number(cell))
		return true;
	if (cell[strcspn(cell, "0123456789")] == '\0' ||
	    (!below_nhs && (column == 0 || text_ifind(row->cells[column - 1],
					       "nhs") == NULL)))
		return false;
	return holds_number(arena_printf(arena, "NHS %s", cell));
}

static void
screen_cells(struct arena *arena, const struct record *record,
    const struct record_table *table, struct screen *screen)
{
	bool below_nhs[LIMIT_COLUMNS] = {false};

	for (size_t r = 0; r < table->row_count; r++) {
		const struct record_row *row = &table->rows[r];
		for (size_t c = 0; c < row->cell_count && c < LIMIT_COLUMNS;
		     c++) {
			if ((record_cell_marks(table, row, c) & MARK_MERGED) ==
				0 &&
			    cell_holds_number(arena, row, c, below_nhs[c]))
				add_place(screen,
				    cell_words(arena, record, table, row, c));
			below_nhs[c] |= says_nhs(row->cells[c]);
		}
	}
}

static void
screen_tables(struct arena *arena, const struct record *record,
    struct screen *screen)
{
	for (size_t t = 0; t < record->table_count; t++) {
		const struct record_table *table = &record->tables[t];
		if (holds_number(table->name))
			add_place(screen,
			    arena_printf(arena, "the name of a sheet in %s",
				file_words(arena, record, table->part)));
		screen_cells(arena, record, table, screen);
	}
}

static void
screen_parts(struct arena *arena, const struct record *record,
    struct screen *screen)
{
	for (size_t p = 0; p < record->part_count; p++) {
		const struct record_part *part = &record->parts[p];
		if (holds_number(part->name))
			add_place(screen, "the name of an attached file");
		if (holds_number(part->text))
			add_place(screen,
			    file_words(arena, record, (uint32_t)p));
	}
}

void
screen_record(struct arena *arena, const struct record *record,
    struct screen *ret_screen)
{
	*ret_screen = (struct screen){0};
	if (holds_number(record->subject))
		add_place(ret_screen, "the subject line");
	screen_bodies(record, ret_screen);
	screen_tables(arena, record, ret_screen);
	screen_parts(arena, record, ret_screen);
}
