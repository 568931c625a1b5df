#include "engine/screen.h"

#include <stdint.h>

#include "domain/nhs.h"

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

static void
screen_tables(struct arena *arena, const struct record *record,
    struct screen *screen)
{
	for (size_t t = 0; t < record->table_count; t++) {
		const struct record_table *table = &record->tables[t];
		for (size_t r = 0; r < table->row_count; r++) {
			const struct record_row *row = &table->rows[r];
			for (size_t c = 0; c < row->cell_count; c++)
				if (holds_number(row->cells[c]))
					add_place(screen,
					    arena_printf(arena, "%s, line %u",
						file_words(arena, record,
						    table->part),
						row->line));
		}
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
