#include "forms/bulk.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/bulk_header.h"
#include "forms/collect.h"
#include "forms/grid.h"

enum {
	NAME_BYTES = 80,
	AGENCY_BYTES = 120, /* more is no agency's name */
	AGENCY_ROWS = 60,   /* of a sheet, in which its agency may stand */
};

bool
bulk_fits(struct arena *arena, const struct form *form,
    const struct record_table *table)
{
	struct bulk_header header;

	return bulk_header_find(arena, form, table, &header) &&
	       header.unknown == 0;
}

/* --- reading: whose they are ----------------------------------------------------- */

/* What the common readers need. */
static struct collector
collector_of(struct arena *arena, const struct bulk_request *request)
{
	return (struct collector){.arena = arena,
	    .form = request->form,
	    .record = request->record};
}

struct reader {
	struct arena *arena;
	struct collector collector; /* for the names of places */
	const struct bulk_request *request;
	struct bulk *out;
};

static void
add_unread(struct reader *r, const char *text)
{
	struct bulk *out = r->out;

	if (out->unread_count < LIMIT_UNKNOWN_LINES)
		*(const char **)arena_push(r->arena, &out->unread,
		    &out->unread_count, sizeof(*out->unread)) = text;
}

static struct bulk_set *
add_set(struct reader *r)
{
	struct bulk *out = r->out;

	if (out->count >= LIMIT_BULK_RETURNS) {
		out->is_cut = true;
		return NULL;
	}
	return arena_push(r->arena, &out->sets, &out->count,
	    sizeof(*out->sets));
}

/* The first column that names the agency and is filled; "Agency" before what
 * is a field of the form too. */
static void
name_agency(struct arena *arena, const struct bulk_header *header,
    const struct record_row *row, struct bulk_set *set)
{
	const char *agency = "";

	for (size_t i = 0; i < header->count; i++) {
		const struct bulk_column *column = &header->columns[i];
		const char *cell = grid_cell(row, i);
		if (!column->names_agency || text_is_blank(cell) ||
		    (*agency != '\0' && column->field != NULL))
			continue;
		agency = text_trim(arena, cell);
		set->is_answer = column->field != NULL;
		if (!set->is_answer)
			break;
	}
	set->agency =
	    arena_strndup(arena, agency, text_cut(agency, AGENCY_BYTES));
}

static void
name_unknown(struct reader *r, const struct bulk_header *header,
    const struct record_table *table)
{
	const struct record_row *row = &table->rows[header->index];

	for (size_t i = 0; i < header->count; i++) {
		const struct bulk_column *column = &header->columns[i];
		const char *cell = grid_cell(row, i);
		if (column->field != NULL || column->names_agency ||
		    text_is_blank(cell))
			continue;
		add_unread(r,
		    arena_printf(r->arena,
			"%s: we do not know the column \"%s\"", header->file,
			text_first_words(r->arena, cell, NAME_BYTES)));
	}
}

/* Lines above the header may be titles; nobody's answers stand there. */
static void
name_above(struct reader *r, const struct bulk_header *header,
    const struct record_table *table)
{
	for (size_t i = 0; i < header->index; i++) {
		const struct record_row *row = &table->rows[i];
		if (grid_row_is_blank(row))
			continue;
		add_unread(r, arena_printf(r->arena, "%s: \"%s\"",
				  collect_row_place(&r->collector, table, row),
				  text_first_words(r->arena, grid_cell(row, 0),
				      NAME_BYTES)));
	}
}

static bool
hides_something(const struct record_table *table)
{
	bool hides = table->hidden;

	for (size_t i = 0; !hides && i < table->mark_count; i++)
		hides = (table->marks[i].kinds & MARK_HIDDEN) != 0;
	for (size_t i = 0; !hides && i < table->row_count; i++)
		hides = table->rows[i].hidden;
	return hides;
}

/* What is hidden may be what nobody meant to send. */
static void
note_hidden(struct reader *r, const struct bulk_header *header,
    const struct record_table *table)
{
	if (hides_something(table))
		*(const char **)arena_push(r->arena, &r->out->notes,
		    &r->out->note_count, sizeof(*r->out->notes)) =
		    arena_printf(r->arena,
			"%s has hidden rows or columns. We read them too.",
			header->file);
}

static void
read_rows(struct reader *r, size_t index, const struct bulk_header *header)
{
	const struct record_table *table = &r->request->record->tables[index];

	r->out->taken[index] = true;
	r->out->is_cut |= table->cut;
	name_above(r, header, table);
	name_unknown(r, header, table);
	note_hidden(r, header, table);
	for (size_t i = header->index + 1; i < table->row_count; i++) {
		const struct record_row *row = &table->rows[i];
		if (grid_row_is_blank(row))
			continue;
		struct bulk_set *set = add_set(r);
		if (set == NULL)
			return;
		*set =
		    (struct bulk_set){.place = collect_row_place(&r->collector,
					  table, row),
			.header = header,
			.table = index,
			.row = i};
		name_agency(r->arena, header, row, set);
	}
}

/* --- reading: a sheet for each ------------------------------------------------------ */

/* "Agency" and the cell behind it, near the top. */
static const char *
agency_cell(struct arena *arena, const struct record_table *table)
{
	for (size_t i = 0; i < table->row_count && i < AGENCY_ROWS; i++) {
		const struct record_row *row = &table->rows[i];
		for (size_t c = 0; c + 1 < row->cell_count; c++) {
			const char *cell = row->cells[c];
			const char *next = row->cells[c + 1];
			if (strlen(cell) <= AGENCY_BYTES &&
			    bulk_is_agency_word(text_fold(arena, cell)) &&
			    !text_is_blank(next) &&
			    strlen(next) <= AGENCY_BYTES)
				return text_trim(arena, next);
		}
	}
	return "";
}

static const char *
agency_of_sheet(const struct reader *r, const struct record_table *table)
{
	const struct form_lookup *lookup = r->request->lookup;
	const char *agency = agency_cell(r->arena, table);
	const char *reason;

	if (*agency != '\0' || *table->name == '\0' || lookup == NULL ||
	    lookup->agency == NULL)
		return agency;
	return lookup->agency(lookup->ctx, r->arena, table->name, &reason) !=
		       NULL
		   ? table->name
		   : "";
}

static void
read_sheet(struct arena *arena, const struct bulk_request *request,
    size_t index, struct form_source *ret_source)
{
	const struct record *record = request->record;
	struct collector collector = collector_of(arena, request);

	collector.out = ret_source;
	*ret_source = (struct form_source){.rest = ""};
	ret_source->table_read = arena_array(arena, record->table_count + 1,
	    sizeof(*ret_source->table_read));
	for (size_t i = index;
	     i < record->table_count &&
	     record->tables[i].part == record->tables[index].part &&
	     strcmp(record->tables[i].name, record->tables[index].name) == 0;
	     i++)
		collect_grid(&collector, &record->tables[i], i);
}

/* A sheet is a run of tables of one name in one workbook. */
static bool
begins_sheet(const struct record *record, size_t index)
{
	const struct record_table *table = &record->tables[index];
	const struct record_table *before = table - 1;

	return table->kind == TABLE_SHEET &&
	       (index == 0 || before->part != table->part ||
		   strcmp(before->name, table->name) != 0);
}

/* The sheets of one workbook from table `from` on, with who is named there. */
static size_t
find_sheets(const struct reader *r, size_t from, struct bulk_set *sets)
{
	const struct record *record = r->request->record;
	size_t count = 0;

	for (size_t i = from;
	     i < record->table_count &&
	     record->tables[i].part == record->tables[from].part;
	     i++)
		if (begins_sheet(record, i))
			sets[count++] =
			    (struct bulk_set){.agency = agency_of_sheet(r,
						  &record->tables[i]),
				.table = i};
	return count;
}

static bool
name_two(struct arena *arena, const struct bulk_set *sets, size_t count)
{
	const char *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (*sets[i].agency == '\0')
			continue;
		const char *folded = text_fold(arena, sets[i].agency);
		if (first != NULL && strcmp(first, folded) != 0)
			return true;
		first = folded;
	}
	return false;
}

/* Of them those that hold the form. */
static size_t
keep_filled(const struct reader *r, struct bulk_set *sets, size_t count)
{
	const struct record *record = r->request->record;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct form_source source;
		read_sheet(r->arena, r->request, sets[i].table, &source);
		if (source.entry_count == 0)
			continue;
		sets[kept] = sets[i];
		sets[kept++].place = collect_table_name(&r->collector,
		    &record->tables[sets[i].table]);
	}
	return kept;
}

static void
read_workbook(struct reader *r, size_t from)
{
	const struct record *record = r->request->record;
	struct bulk_set *sets =
	    arena_array(r->arena, record->table_count + 1, sizeof(*sets));
	size_t count = find_sheets(r, from, sets);

	if (!name_two(r->arena, sets, count))
		return;
	count = keep_filled(r, sets, count);
	if (!name_two(r->arena, sets, count))
		return;
	for (size_t i = from;
	     i < record->table_count &&
	     record->tables[i].part == record->tables[from].part;
	     i++)
		r->out->taken[i] = true;
	for (size_t i = 0; i < count; i++) {
		struct bulk_set *set = add_set(r);
		if (set == NULL)
			return;
		*set = sets[i];
	}
}

static bool
has_two_sheets(const struct record *record, size_t from)
{
	for (size_t i = from + 1;
	     i < record->table_count &&
	     record->tables[i].part == record->tables[from].part;
	     i++)
		if (begins_sheet(record, i))
			return true;
	return false;
}

static bool
begins_workbook(const struct record *record, size_t index)
{
	return begins_sheet(record, index) &&
	       (index == 0 || record->tables[index - 1].part !=
				  record->tables[index].part) &&
	       has_two_sheets(record, index);
}

void
bulk_read(struct arena *arena, const struct bulk_request *request,
    struct bulk *ret_bulk)
{
	const struct record *record = request->record;
	struct reader r = {arena, collector_of(arena, request), request,
	    ret_bulk};

	*ret_bulk = (struct bulk){0};
	ret_bulk->taken = arena_array(arena, record->table_count + 1,
	    sizeof(*ret_bulk->taken));
	if (!bulk_is_per_agency(request->form))
		return;
	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		struct bulk_header header;
		if (table->whose != WHOSE_NEW || ret_bulk->taken[i])
			continue;
		if (bulk_header_find(arena, request->form, table, &header)) {
			struct bulk_header *kept =
			    arena_alloc(arena, sizeof(*kept));
			*kept = header;
			kept->file = collect_table_name(&r.collector, table);
			read_rows(&r, i, kept);
		} else if (begins_workbook(record, i)) {
			read_workbook(&r, i);
		}
	}
}

/* --- what one of them says ------------------------------------------------------------ */

static void
read_row(struct collector *collector, const struct bulk_request *request,
    const struct bulk_set *set)
{
	const struct record_table *table = &request->record->tables[set->table];
	const struct record_row *row = &table->rows[set->row];

	collector->out->saw_form = true;
	for (size_t i = 0; i < set->header->count; i++) {
		const struct bulk_column *column = &set->header->columns[i];
		unsigned marks = record_cell_marks(table, row, i);
		const char *text = (marks & MARK_NO_VALUE) != 0
				       ? "a formula"
				       : grid_cell(row, i);
		if (column->field == NULL || text_is_blank(text))
			continue;
		bool in_table = column->row != NULL;
		collect_entry(collector,
		    &(struct form_entry){.tbl = in_table ? column->table->name
							 : "",
			.row = in_table ? column->row->name : "",
			.field = column->field->name,
			.text =
			    collect_value(text_trim(collector->arena, text)),
			.fault = collect_mark_fault(marks),
			.origin =
			    table->kind == TABLE_SHEET
				? collect_cell_place(collector, table, row, i)
				: set->place,
			.block = in_table ? 1 : 0});
	}
	if (set->header->has_twins)
		collect_faults(collector, 0);
}

void
bulk_source(struct arena *arena, const struct bulk_request *request,
    const struct bulk_set *set, struct form_source *ret_source)
{
	struct collector collector = collector_of(arena, request);

	collector.out = ret_source;
	if (set->header == NULL) {
		read_sheet(arena, request, set->table, ret_source);
		return;
	}
	*ret_source = (struct form_source){.rest = ""};
	read_row(&collector, request, set);
}
