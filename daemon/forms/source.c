#include "forms/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "forms/collect.h"
#include "forms/lines.h"
#include "forms/source_tables.h"

static const char g_below[] = "in the form below";

/* One kind of body, taken apart: the sender's own lines, and our form in the
 * quote with what was typed between its lines. */
struct body_lines {
	struct text_lines own, quoted;
	bool present;
};

/* --- our own mail ---------------------------------------------------------- */

/* From the start mark to the end mark; without a start mark nothing. */
static void
add_block(struct arena *arena, struct text_lines *lines, const char *text)
{
	struct text_lines all = {NULL, 0, false};
	bool inside = false;

	lines_add(arena, &all, text, false);
	for (size_t i = 0; i < all.count; i++) {
		const struct text_line *line = &all.items[i];
		inside |= line_is_start(line->text);
		if (!inside)
			continue;
		*(struct text_line *)arena_push(arena, &lines->items,
		    &lines->count, sizeof(*line)) = *line;
		if (line_is_end(line->text))
			break;
	}
}

const char *
form_block_ref(struct arena *arena, const char *text)
{
	struct text_lines lines = {NULL, 0, false};

	lines_add(arena, &lines, text, false);
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i].text;
		if (!line_is_start(line))
			continue;
		const char *ref = text_ifind(line, "form ") + 5;
		ref += strspn(ref, " ");
		return arena_strndup(arena, ref, strcspn(ref, ": \t"));
	}
	return "";
}

/* --- bodies into lines ------------------------------------------------------ */

static uint32_t
least_depth(const struct record *record)
{
	uint32_t least = UINT32_MAX;

	for (size_t b = 0; b < record->body_count; b++)
		for (size_t s = 0; s < record->bodies[b].segment_count; s++) {
			const struct record_segment *segment =
			    &record->bodies[b].segments[s];
			if (segment->whose == WHOSE_QUOTED &&
			    segment->depth < least)
				least = segment->depth;
		}
	return least;
}

static bool
has_start(struct arena *arena, const struct record_body *body, uint32_t depth)
{
	for (size_t s = 0; s < body->segment_count; s++) {
		const struct record_segment *segment = &body->segments[s];
		struct text_lines lines = {NULL, 0, false};
		if (segment->whose != WHOSE_QUOTED || segment->depth != depth)
			continue;
		lines_add(arena, &lines, segment->text, false);
		for (size_t i = 0; i < lines.count; i++)
			if (line_is_start(lines.items[i].text))
				return true;
	}
	return false;
}

/* Where the splitting of a body is: before, in or behind the quoted form. */
struct splitter {
	struct arena *arena;
	struct body_lines *lines;
	bool marked; /* the quote has a start mark */
	bool inside, over;
};

/* A piece of the quote, or what was typed between its lines. */
static void
split_segment(struct splitter *s, const struct record_segment *segment)
{
	struct text_lines part = {NULL, 0, false};

	lines_add(s->arena, &part, segment->text, segment->whose == WHOSE_NEW);
	for (size_t i = 0; i < part.count && !s->over; i++) {
		const char *line = part.items[i].text;
		s->inside = s->inside || !s->marked || line_is_start(line);
		if (!s->inside)
			continue;
		lines_add(s->arena, &s->lines->quoted,
		    *line != '\0' ? line : "\n", part.items[i].typed);
		s->over = line_is_end(line);
	}
	if (s->over || !s->marked)
		s->inside = false;
}

/*
 * The lines of a body. Inside our quoted form, new text is what was typed
 * between its lines; quotes that are deeper are another's words.
 */
static void
split_body(struct arena *arena, const struct record_body *body, uint32_t depth,
    struct body_lines *lines)
{
	struct splitter s = {.arena = arena,
	    .lines = lines,
	    .marked = has_start(arena, body, depth)};

	lines->present = true;
	for (size_t i = 0; i < body->segment_count; i++) {
		const struct record_segment *segment = &body->segments[i];
		bool quoted =
		    segment->whose == WHOSE_QUOTED && segment->depth == depth;
		if (segment->whose == WHOSE_NEW && !s.inside)
			lines_add(arena, &lines->own, segment->text, false);
		else if (!s.over && (quoted || segment->whose == WHOSE_NEW))
			split_segment(&s, segment);
	}
}

/* --- readings into entries --------------------------------------------------- */

static struct form_entry
entry_of(const struct text_item *item, const char *text, const char *origin)
{
	return (struct form_entry){.tbl = item->table != NULL
					      ? item->table->name
					      : "",
	    .row = item->row,
	    .field = item->field->name,
	    .text = text,
	    .origin = origin,
	    .fault = "",
	    .block = item->block};
}

static bool
has_values(const struct text_reading *reading)
{
	for (size_t i = 0; i < reading->item_count; i++)
		if (*reading->items[i].text != '\0')
			return true;
	return false;
}

/* The sender's own text. Returns what stands outside the form. */
static const char *
collect_own(struct collector *collector, struct text_lines *lines)
{
	struct form_source *out = collector->out;
	struct text_reading reading;
	size_t from = out->entry_count;

	source_drop_tables(collector, lines);
	lines_read(collector->arena, collector->form, lines, &reading);
	collector->source++;
	for (size_t i = 0; i < reading.item_count; i++) {
		struct form_entry entry =
		    entry_of(&reading.items[i], reading.items[i].text, "");
		collect_entry(collector, &entry);
	}
	collect_faults(collector, from);
	for (size_t i = 0; i < reading.unread_count; i++)
		collect_unread(collector, reading.unread[i]);
	out->saw_form |= reading.item_count > 0;
	out->is_cut |=
	    lines->is_cut || reading.item_count >= LIMIT_ANSWERS ||
	    (reading.start_mark && !reading.end_mark && has_values(&reading));
	const char *rest = text_trim(collector->arena, buf_text(&reading.rest));
	buf_done(&reading.rest);
	return rest;
}

static const struct text_item *
sent_item(const struct text_reading *sent, const struct text_item *item)
{
	for (size_t i = 0; i < sent->item_count; i++) {
		const struct text_item *one = &sent->items[i];
		if (one->table == item->table && one->field == item->field &&
		    text_ieq(one->row, item->row))
			return one;
	}
	return NULL;
}

/* What was put in, "" where the value is as we sent it. */
static const char *
changed_text(struct arena *arena, const struct text_item *item,
    const struct text_item *sent)
{
	const char *before = sent != NULL ? sent->text : "";

	if (text_same(arena, item->text, before))
		return "";
	if (*item->typed != '\0' &&
	    text_same(arena, item->text,
		arena_printf(arena, "%s\n%s", before, item->typed)))
		return item->typed;
	return item->text;
}

static void
collect_quoted_unread(struct collector *collector,
    const struct text_reading *reading, const char *sent_text)
{
	const char *sent = text_squeeze(collector->arena, sent_text);

	for (size_t i = 0; i < reading->unread_count; i++)
		if (strstr(sent, text_squeeze(collector->arena,
				     reading->unread[i])) == NULL)
			collect_unread(collector, reading->unread[i]);
}

/* Our form in the quote: only what differs from what we sent there. */
static void
collect_quoted(struct collector *collector, const struct text_lines *lines,
    const struct text_reading *sent, const char *sent_text)
{
	struct form_source *out = collector->out;
	struct text_reading reading;
	size_t from = out->entry_count;

	lines_read(collector->arena, collector->form, lines, &reading);
	collector->source++;
	for (size_t i = 0; i < reading.item_count; i++) {
		const struct text_item *item = &reading.items[i];
		struct form_entry entry = entry_of(item,
		    changed_text(collector->arena, item, sent_item(sent, item)),
		    g_below);
		collect_entry(collector, &entry);
	}
	collect_faults(collector, from);
	collect_quoted_unread(collector, &reading, sent_text);
	out->saw_quoted |= reading.item_count > 0;
	out->saw_form |= out->entry_count > from;
	out->is_cut |=
	    out->entry_count > from &&
	    (lines->is_cut || (reading.start_mark && !reading.end_mark));
	buf_done(&reading.rest);
}

static void
collect_bodies(struct collector *collector, const char *sent_text)
{
	static const enum record_body_kind kinds[] = {BODY_PLAIN, BODY_HTML};
	struct arena *arena = collector->arena;
	const struct record *record = collector->record;
	struct text_lines sent_lines = {NULL, 0, false};
	struct text_reading sent;
	uint32_t depth = least_depth(record);
	bool has_rest = false;

	if (sent_text != NULL)
		add_block(arena, &sent_lines, sent_text);
	lines_read(arena, collector->form, &sent_lines, &sent);
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		struct body_lines lines = {0};
		for (size_t b = 0; b < record->body_count; b++)
			if (record->bodies[b].kind == kinds[k])
				split_body(arena, &record->bodies[b],
				    sent_lines.count > 0 ? depth : UINT32_MAX,
				    &lines);
		if (!lines.present)
			continue;
		const char *rest = collect_own(collector, &lines.own);
		if (!has_rest)
			collector->out->rest = rest;
		has_rest = has_rest || *rest != '\0';
		if (sent_lines.count > 0 && lines.quoted.count > 0)
			collect_quoted(collector, &lines.quoted, &sent,
			    sent_text);
	}
	buf_done(&sent.rest);
}

/* A workbook of ours that came back as it was says nothing. */
static void
drop_unchanged(struct form_source *source)
{
	for (size_t i = 0; i < source->entry_count; i++)
		if (!source->entries[i].is_ours)
			return;
	source->entry_count = 0;
}

void
source_read(struct arena *arena, const struct source_request *request,
    struct form_source *ret_source)
{
	const struct record *record = request->record;
	struct collector collector = {.arena = arena,
	    .form = request->form,
	    .record = record,
	    .out = ret_source,
	    .instance = request->instance};

	*ret_source = (struct form_source){.rest = ""};
	ret_source->table_read = arena_array(arena, record->table_count + 1,
	    sizeof(*ret_source->table_read));
	collect_bodies(&collector, request->sent_text);
	for (size_t i = 0; i < record->table_count; i++)
		if (record->tables[i].whose == WHOSE_NEW &&
		    (request->skip == NULL || !request->skip[i]))
			collect_grid(&collector, &record->tables[i], i);
	collect_strange(&collector, request->skip);
	drop_unchanged(ret_source);
}
