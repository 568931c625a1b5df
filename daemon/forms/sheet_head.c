/*
 * Header rows: which row holds the headings of a table, and of which one. Two
 * tables may stand beside each other, with an empty column between them.
 */
#include <string.h>

#include "base/text.h"
#include "forms/keys.h"
#include "forms/sheet_state.h"

/* A run of cells, and how it fits a table as its headings. */
struct fit {
	const struct form_table *table;
	size_t from, to;
	size_t columns; /* different columns of the table */
	size_t others;  /* plain fields, and what names the rows */
	bool twice;     /* one of the columns stands there twice */
};

static bool
names_rows(struct arena *arena, const struct form_table *table,
    const char *text)
{
	static const char *const words[] = {"row", "no", "number", "nr"};

	if (table == NULL || strlen(text) > 200)
		return false;
	const char *folded = text_fold(arena, text);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], folded) == 0)
			return true;
	return form_keys_have(&table->keys, folded) ||
	       strcmp(text_fold(arena, table->row_label), folded) == 0;
}

static bool
has_field_before(struct sheet_scan *scan, size_t at, const struct fit *fit,
    size_t column, const struct form_field *field)
{
	for (size_t c = fit->from; c < column; c++) {
		struct label_range look = sheet_look(scan, at, c);
		if (labels_pick(&look, fit->table) == field)
			return true;
	}
	return false;
}

static struct fit
fit_table(struct sheet_scan *scan, size_t at, const struct form_table *table,
    size_t from, size_t to)
{
	struct fit fit = {.table = table, .from = from, .to = to};

	for (size_t c = from; c <= to; c++) {
		struct label_range look = sheet_look(scan, at, c);
		const struct form_field *field = labels_pick(&look, table);
		if (field != NULL && has_field_before(scan, at, &fit, c, field))
			fit.twice = true;
		else if (field != NULL)
			fit.columns++;
		else if (labels_pick(&look, NULL) != NULL)
			fit.others++;
	}
	if (fit.columns != 1 || fit.others > 0)
		return fit;
	/* One heading alone needs a second sign that it is one. */
	for (size_t c = from; c <= to; c++)
		if (sheet_look(scan, at, c).count == 0 &&
		    sheet_has(scan, at, c))
			fit.others += names_rows(scan->arena, table,
			    sheet_text(scan, at, c));
	return fit;
}

static bool
is_better(const struct fit *fit, const struct fit *best)
{
	size_t known = fit->columns + fit->others;

	return fit->columns > 0 && known >= 2 &&
	       known > best->columns + best->others;
}

static bool
is_heading(struct sheet_scan *scan, size_t at, size_t column,
    const struct form_table *table)
{
	struct label_range look = sheet_look(scan, at, column);

	return labels_pick(&look, table) != NULL ||
	       (look.count == 0 && sheet_has(scan, at, column) &&
		   names_rows(scan->arena, table,
		       sheet_text(scan, at, column)));
}

/*
 * The run of cells around the table's own headings, and empty ones at its ends:
 * what stands further away beside it is no part of the table.
 */
static void
trim_fit(struct sheet_scan *scan, size_t at, struct fit *fit)
{
	size_t from = fit->to, to = fit->from;

	for (size_t c = fit->from; c <= fit->to; c++)
		if (is_heading(scan, at, c, fit->table)) {
			from = c < from ? c : from;
			to = c;
		}
	while (
	    from > fit->from && !text_is_blank(sheet_text(scan, at, from - 1)))
		from--;
	while (to < fit->to && !text_is_blank(sheet_text(scan, at, to + 1)))
		to++;
	while (
	    from > fit->from && text_is_blank(sheet_text(scan, at, from - 1)))
		from--;
	while (to < fit->to && text_is_blank(sheet_text(scan, at, to + 1)))
		to++;
	fit->from = from;
	fit->to = to;
}

/* The row below: `SIZE_MAX` where there is none. */
static size_t
row_below(const struct sheet_scan *scan, size_t at)
{
	size_t first;

	while (++at < scan->row_count)
		if (sheet_count(scan, at, &first) > 0)
			return at;
	return SIZE_MAX;
}

static bool
is_label_of(struct sheet_scan *scan, size_t at, size_t column,
    const struct form_table *table)
{
	struct label_range look = sheet_look(scan, at, column);

	return labels_pick(&look, table) != NULL ||
	       labels_pick(&look, NULL) != NULL;
}

/* Below the heading of a row, with something between any two of them. */
static bool
is_in_block(struct sheet_scan *scan, size_t at, const struct fit *fit)
{
	if (fit->table == NULL || scan->block.table != fit->table)
		return false;
	for (size_t c = fit->from; c < fit->to; c++)
		if (is_label_of(scan, at, c, fit->table) &&
		    is_label_of(scan, at, c + 1, fit->table))
			return false;
	return true;
}

/* Labels below labels are pairs, not a header. */
static bool
is_pairs(struct sheet_scan *scan, size_t at, const struct fit *fit)
{
	size_t below = row_below(scan, at), here = 0, there = 0;
	struct fit own = *fit;

	if (is_in_block(scan, at, fit))
		return true;
	if (below == SIZE_MAX)
		return false;
	trim_fit(scan, at, &own);
	for (size_t c = own.from; c <= own.to; c++)
		if (is_label_of(scan, at, c, fit->table)) {
			here++;
			there += is_label_of(scan, below, c, fit->table);
		}
	return there * 2 >= here;
}

/* Plain fields side by side, their answers below them. */
static bool
is_plain_header(struct sheet_scan *scan, size_t at, const struct fit *fit)
{
	size_t below = row_below(scan, at);
	bool beside = false, answered = false;

	for (size_t c = fit->from; c <= fit->to; c++) {
		if (!is_label_of(scan, at, c, NULL))
			continue;
		beside |= c > fit->from && is_label_of(scan, at, c - 1, NULL);
		answered |= below != SIZE_MAX && sheet_has(scan, below, c);
	}
	return beside && answered;
}

static bool
best_fit(struct sheet_scan *scan, size_t at, size_t from, size_t to,
    struct fit *ret_fit)
{
	struct fit best = {.table = NULL};

	for (size_t i = 0; i < scan->form->table_count; i++) {
		struct fit fit =
		    fit_table(scan, at, &scan->form->tables[i], from, to);
		if (is_better(&fit, &best))
			best = fit;
	}
	if (best.table == NULL) {
		struct fit fit = fit_table(scan, at, NULL, from, to);
		if (!is_better(&fit, &best) || !is_plain_header(scan, at, &fit))
			return false;
		best = fit;
	}
	if (is_pairs(scan, at, &best))
		return false;
	*ret_fit = best;
	return true;
}

static struct sheet_heading
heading_of(struct sheet_scan *scan, size_t at, size_t column,
    const struct form_table *table)
{
	struct sheet_heading heading = {ROLE_NONE, NULL, NULL, false};
	struct label_range look = sheet_look(scan, at, column);

	heading.field = labels_pick(&look, table);
	if (heading.field != NULL)
		heading.table = table;
	else
		heading.field = labels_pick(&look, NULL);
	if (heading.field != NULL)
		heading.role = ROLE_COLUMN;
	else if (sheet_has(scan, at, column) &&
		 names_rows(scan->arena, table, sheet_text(scan, at, column)))
		heading.role = ROLE_ROW;
	return heading;
}

static void
make_region(struct sheet_scan *scan, size_t at, const struct fit *fit,
    struct sheet_region *ret_region)
{
	struct sheet_region region = {.table = fit->table,
	    .from = fit->from,
	    .to = fit->to,
	    .at = at,
	    .last = at};

	region.headings = arena_array(scan->arena, fit->to - fit->from + 2,
	    sizeof(*region.headings));
	for (size_t c = fit->from; c <= fit->to; c++) {
		struct sheet_heading *heading = &region.headings[c - fit->from];
		*heading = heading_of(scan, at, c, fit->table);
		if (heading->role == ROLE_NONE && sheet_has(scan, at, c))
			scan->out->unknown++;
	}
	*ret_region = region;
}

/* Each run of filled cells by itself; a region reaches to the next one. */
static size_t
split_header(struct sheet_scan *scan, size_t at,
    struct fit ret_fits[static SHEET_REGIONS])
{
	size_t count = 0, from = 0;

	for (size_t c = 0; c <= scan->width && count < SHEET_REGIONS; c++) {
		if (c < scan->width && !text_is_blank(sheet_text(scan, at, c)))
			continue;
		if (c > from &&
		    best_fit(scan, at, from, c - 1, &ret_fits[count]))
			count++;
		from = c + 1;
	}
	for (size_t i = 0; i < count; i++) {
		ret_fits[i].from = i == 0 ? 0 : ret_fits[i - 1].to + 1;
		if (i + 1 == count)
			ret_fits[i].to = scan->width - 1;
	}
	return count;
}

/* Is there a second table beside the first, or the same one again? */
static bool
may_be_several(struct sheet_scan *scan, size_t at, const struct fit *fit)
{
	size_t others = 0;

	for (size_t c = fit->from; c <= fit->to; c++) {
		struct label_range look = sheet_look(scan, at, c);
		others += look.count > 0 &&
			  labels_pick(&look, fit->table) == NULL &&
			  labels_pick(&look, NULL) == NULL;
	}
	return fit->twice || others >= 2;
}

size_t
sheet_find_header(struct sheet_scan *scan, size_t at,
    struct sheet_region ret_regions[static SHEET_REGIONS])
{
	struct fit fits[SHEET_REGIONS];
	size_t count;

	if (scan->width < 2 || !sheet_has_label(scan, at) ||
	    !best_fit(scan, at, 0, scan->width - 1, &fits[0]))
		return 0;
	count = 1;
	if (may_be_several(scan, at, &fits[0])) {
		struct fit apart[SHEET_REGIONS];
		size_t several = split_header(scan, at, apart);
		if (several > 1) {
			memcpy(fits, apart, several * sizeof(*apart));
			count = several;
		}
	}
	for (size_t i = 0; i < count; i++) {
		trim_fit(scan, at, &fits[i]);
		make_region(scan, at, &fits[i], &ret_regions[i]);
	}
	return count;
}

const struct form_row *
sheet_find_row(struct arena *arena, const struct form_table *table,
    const char *text)
{
	enum {
		NAME_BYTES = 400
	};

	if (text_is_blank(text) || strlen(text) > NAME_BYTES)
		return NULL;
	const struct form_row *row = keys_find_row(arena, table, text);
	const char *bare = row == NULL ? label_without_hint(arena, text) : NULL;

	return bare == NULL ? row : keys_find_row(arena, table, bare);
}
