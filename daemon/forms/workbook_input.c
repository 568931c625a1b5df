#include <string.h>

#include "base/text.h"
#include "forms/workbook_page.h"
#include "forms/workbook_rule.h"

enum {
	TITLE_CHARS = 32,    /* of a message that a drop-down shows */
	MESSAGE_BYTES = 250, /* likewise; the format holds 255 */
	CELL_BYTES = 32,     /* "$XFD$1048576" */
};

static const char *
cut(struct arena *arena, const char *text, size_t bytes)
{
	return arena_strndup(arena, text, text_cut(text, bytes));
}

/* --- what is wrong ----------------------------------------------------------------- */

const struct workbook_note *
page_note(const struct page *page, const char *tbl, const char *row,
    const char *field)
{
	const struct workbook *workbook = page->workbook;

	for (size_t i = 0; i < workbook->note_count; i++) {
		const struct form_problem *p = workbook->notes[i].problem;
		if (strcmp(p->tbl, tbl) == 0 && strcmp(p->row, row) == 0 &&
		    strcmp(p->field, field) == 0)
			return &workbook->notes[i];
	}
	return NULL;
}

const char *
page_note_words(const struct page *page, const struct workbook_note *note,
    const char *label)
{
	const struct form_problem *p = note->problem;
	struct arena *arena = page->arena;
	const char *head = arena_printf(arena, "%s%s%s%s", note->letter,
	    note->letter[0] == '\0' ? "" : ". ", label,
	    label[0] == '\0' ? "" : ". ");
	const char *use =
	    p->allowed[0] == '\0'
		? ""
		: arena_printf(arena, "\nYou can use: %s", p->allowed);

	if (p->missing)
		return arena_printf(arena, "%sStill missing.%s", head, use);
	return arena_printf(arena, "%s%s%s%sThe problem: %s%s", head,
	    p->wrote[0] == '\0' ? "" : "You wrote: ", p->wrote,
	    p->wrote[0] == '\0' ? "" : "\n", p->reason, use);
}

static enum workbook_look
look_of(const struct workbook_note *note)
{
	if (note == NULL)
		return LOOK_PLAIN;
	return note->problem->missing ? LOOK_MISSING : LOOK_WRONG;
}

/* --- drop-downs ---------------------------------------------------------------------- */

static const struct workbook_list *
list_of_type(const struct page *page, enum form_type type)
{
	for (size_t i = 0; i < page->workbook->list_count; i++)
		if (page->workbook->lists[i].type == type &&
		    page->workbook->lists[i].count > 0)
			return &page->workbook->lists[i];
	return NULL;
}

/* A column of the hidden sheet; a list in the cell itself ends at 255 bytes. */
static const char *
offer(struct page *page, const void *of, const char *const *values,
    size_t count)
{
	lxw_col_t column = page->list_count++;

	for (size_t i = 0; i < count; i++)
		(void)worksheet_write_string(page->lists, (lxw_row_t)i, column,
		    values[i],
		    workbook_input(&page->styles, NUMBER_TEXT, LOOK_PLAIN));
	char from[CELL_BYTES], to[CELL_BYTES];
	lxw_rowcol_to_cell_abs(from, 0, column, LXW_TRUE, LXW_TRUE);
	lxw_rowcol_to_cell_abs(to, (lxw_row_t)(count - 1), column, LXW_TRUE,
	    LXW_TRUE);
	struct page_list *list = arena_push(page->arena, &page->offered,
	    &page->offered_count, sizeof(*list));
	*list = (struct page_list){of,
	    arena_printf(page->arena, "=" WORKBOOK_LISTS "!%s:%s", from, to)};
	return list->formula;
}

static const char *
offered_before(const struct page *page, const void *of)
{
	for (size_t i = 0; i < page->offered_count; i++)
		if (page->offered[i].of == of)
			return page->offered[i].formula;
	return NULL;
}

static const char *
offer_list(struct page *page, const struct workbook_list *list)
{
	const char **labels =
	    arena_array(page->arena, list->count, sizeof(*labels));

	for (size_t i = 0; i < list->count; i++)
		labels[i] = list->options[i].label;
	return offer(page, list, labels, list->count);
}

/* NULL: nothing to choose from. */
static const char *
drop_down(struct page *page, const struct form_field *field)
{
	static const char *const yes_no[] = {"yes", "no"};
	const struct workbook_list *list = list_of_type(page, field->type);
	const void *of = list;

	if (field->type == TYPE_CHOICE)
		of = field->choice;
	else if (field->type == TYPE_BOOLEAN)
		of = yes_no;
	if (of == NULL)
		return NULL;
	const char *before = offered_before(page, of);
	if (before != NULL)
		return before;
	if (field->type == TYPE_CHOICE)
		return offer(page, of, field->choice->values,
		    field->choice->value_count);
	return field->type == TYPE_BOOLEAN
		   ? offer(page, of, yes_no, COUNT_OF(yes_no))
		   : offer_list(page, list);
}

/* The name that a list offers for a code. */
static const char *
display(const struct page *page, const struct form_field *field,
    const char *value)
{
	const struct workbook_list *list = list_of_type(page, field->type);

	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (strcmp(list->options[i].value, value) == 0)
			return list->options[i].label;
	return value;
}

/* --- limits ----------------------------------------------------------------------------- */

static void
limit_number(const struct form_field *field, lxw_data_validation *v)
{
	static const double endless = 1e15;
	double scale = field->type == TYPE_PERCENT ? 100 : 1;

	v->validate = field->type == TYPE_INTEGER ? LXW_VALIDATION_TYPE_INTEGER
						  : LXW_VALIDATION_TYPE_DECIMAL;
	v->criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
	v->minimum_number = field->has_min ? field->min / scale : -endless;
	v->maximum_number = field->has_max ? field->max / scale : endless;
}

/* A plain test of the definition, else any day of this century. */
static void
limit_date(const struct form_field *field, lxw_data_validation *v)
{
	static char today[] = "=TODAY()";
	const char *check = field->check == NULL ? "" : field->check->text;
	const char *test = check + strcspn(check, " ");

	v->validate = LXW_VALIDATION_TYPE_DATE;
	v->criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
	v->minimum_datetime =
	    (lxw_datetime){.year = 2000, .month = 1, .day = 1};
	v->maximum_datetime =
	    (lxw_datetime){.year = 2099, .month = 12, .day = 31};
	if (strcmp(test, " is in the future") == 0) {
		v->validate = LXW_VALIDATION_TYPE_DATE_FORMULA;
		v->criteria = LXW_VALIDATION_CRITERIA_GREATER_THAN;
		v->value_formula = today;
	} else if (strcmp(test, " is not in the future") == 0) {
		v->validate = LXW_VALIDATION_TYPE_DATE_FORMULA;
		v->criteria = LXW_VALIDATION_CRITERIA_LESS_THAN_OR_EQUAL_TO;
		v->value_formula = today;
	}
}

static void
limit_length(const struct form_field *field, lxw_data_validation *v)
{
	v->validate = LXW_VALIDATION_TYPE_LENGTH;
	v->criteria = LXW_VALIDATION_CRITERIA_LESS_THAN_OR_EQUAL_TO;
	v->value_number = field->max;
}

/* A short list stands in the cell itself: the library (1.1.4) loses a few bytes
 * with each that is a formula. NULL where it would not fit. */
static char **
literal_list(struct arena *arena, const struct form_field *field)
{
	const struct form_choice *choice = field->choice;
	size_t bytes = 0;

	if (field->type != TYPE_CHOICE)
		return NULL;
	char **values =
	    arena_array(arena, choice->value_count + 1, sizeof(*values));
	for (size_t i = 0; i < choice->value_count; i++) {
		bytes += strlen(choice->values[i]) + 1;
		if (bytes > MESSAGE_BYTES ||
		    strchr(choice->values[i], ',') != NULL)
			return NULL;
		values[i] = arena_strdup(arena, choice->values[i]);
	}
	return values;
}

/* False where anything may be typed. */
static bool
choose_limit(struct page *page, const struct form_field *field,
    lxw_data_validation *v)
{
	char **literal = literal_list(page->arena, field);
	const char *list = literal != NULL ? NULL : drop_down(page, field);

	if (literal != NULL) {
		v->validate = LXW_VALIDATION_TYPE_LIST;
		v->value_list = literal;
	} else if (list != NULL) {
		v->validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
		v->value_formula = arena_strdup(page->arena, list);
		/* A name that the list lacks may be right all the same. */
		if (field->type != TYPE_CHOICE && field->type != TYPE_BOOLEAN)
			v->error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
	} else if (form_type_is_number(field->type)) {
		limit_number(field, v);
	} else if (field->type == TYPE_DATE) {
		limit_date(field, v);
	} else if (field->type == TYPE_TEXT && field->has_max) {
		limit_length(field, v);
	} else {
		return false;
	}
	return true;
}

static void
limit_range(struct page *page, const struct form_field *field,
    const lxw_row_t rows[2], lxw_col_t column)
{
	struct arena *arena = page->arena;
	lxw_data_validation v = {0};

	if (!choose_limit(page, field, &v))
		return;
	v.error_title = arena_strdup(arena,
	    v.validate == LXW_VALIDATION_TYPE_LIST_FORMULA ||
		    v.validate == LXW_VALIDATION_TYPE_LIST
		? "Please choose from the list"
		: "Please look at this again");
	v.error_message =
	    arena_strdup(arena, cut(arena,
				    arena_printf(arena, "You can use: %s.",
					judge_allowed(arena, field)),
				    MESSAGE_BYTES));
	(void)worksheet_data_validation_range(page->sheet, rows[0], column,
	    rows[1], column, &v);
}

/* --- what is still needed ------------------------------------------------------------------ */

/* Where the fields that a condition names stand. */
struct neighbours {
	struct arena *arena;
	const struct form_field *fields;
	size_t count;
	lxw_row_t row;
	lxw_col_t column;
	enum page_shape shape; /* blocks: one below the other */
	/* Of a repeating table: where a row that is not begun needs nothing;
	 * 0: nowhere. */
	lxw_row_t open_from;
};

static const struct form_field *
neighbour(const struct neighbours *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->fields[i].name, name) == 0)
			return &n->fields[i];
	return NULL;
}

static const char *
cell_of(const struct neighbours *n, size_t index)
{
	bool down = n->shape == SHAPE_BLOCKS;
	char cell[CELL_BYTES];

	lxw_rowcol_to_cell_abs(cell, n->row + (down ? (lxw_row_t)index : 0),
	    (lxw_col_t)(n->column + (down ? 0 : index)),
	    down ? LXW_TRUE : LXW_FALSE, LXW_TRUE);
	return arena_strdup(n->arena, cell);
}

static const char *
find_cell(const void *ctx, const char *name)
{
	const struct neighbours *n = ctx;
	const struct form_field *field = neighbour(n, name);

	return field == NULL ? NULL : cell_of(n, (size_t)(field - n->fields));
}

static bool
is_percent(const void *ctx, const char *name)
{
	const struct form_field *field = neighbour(ctx, name);

	return field != NULL && field->type == TYPE_PERCENT;
}

/* When an answer is needed, without "="; "" where never, or nobody can tell. */
static const char *
need_formula(const struct neighbours *n, const struct form_field *field)
{
	const struct workbook_cells cells = {n, find_cell, is_percent};
	CLEANUP(buf_done)
	struct buf out;

	buf_init(&out, 4096);
	if (field->required && n->open_from == 0)
		return "TRUE";
	if (field->required)
		return arena_printf(n->arena, "OR(ROW()<%u,COUNTA(%s:%s)>0)",
		    n->open_from + 1, cell_of(n, 0), cell_of(n, n->count - 1));
	return field->required_if != NULL &&
		       workbook_rule_formula(field->required_if, &cells, &out)
		   ? arena_strdup(n->arena, buf_text(&out))
		   : "";
}

static void
colour_needed(struct page *page, const struct neighbours *n,
    const struct form_field *field, const lxw_row_t rows[2])
{
	/* Relative to the first row of the range. */
	struct neighbours here = *n;
	size_t index = (size_t)(field - n->fields);
	lxw_col_t column =
	    (lxw_col_t)(n->column + (n->shape == SHAPE_GRID ? index : 0));

	if (n->shape == SHAPE_GRID)
		here.row = rows[0];
	const char *need = need_formula(&here, field);
	if (*need == '\0')
		return;
	lxw_conditional_format format = {
	    .type = LXW_CONDITIONAL_TYPE_FORMULA,
	    .value_string = arena_printf(page->arena,
		"=AND(LEN(TRIM(%s))=0,%s)", cell_of(&here, index), need),
	    .format = workbook_style(&page->styles, STYLE_NEEDED),
	};
	(void)worksheet_conditional_format_range(page->sheet, rows[0], column,
	    rows[1], column, &format);
}

static bool
is_wrong(const struct page *page, const char *tbl, const char *row,
    const char *field)
{
	const struct workbook_note *note = page_note(page, tbl, row, field);

	return note != NULL && !note->problem->missing;
}

/* A cell that is wrong keeps its colour: the range ends before it. */
void
page_limit_column(struct page *page, const struct page_column *column,
    size_t index)
{
	const struct form_table *table = column->table;
	const struct form_field *field = &table->columns[index];
	size_t count = column->last - column->first + 1;
	const struct neighbours n = {page->arena, table->columns,
	    table->column_count, column->first, column->lead, SHAPE_GRID,
	    table->rows == ROWS_FIXED
		? 0
		: column->first + (lxw_row_t)table->min_rows};

	limit_range(page, field,
	    (const lxw_row_t[2]){column->first, column->last},
	    (lxw_col_t)(column->lead + index));
	for (size_t from = 0, i = 0; i <= count; i++) {
		if (i < count &&
		    !is_wrong(page, table->name, column->rows[i], field->name))
			continue;
		if (i > from)
			colour_needed(page, &n, field,
			    (const lxw_row_t[2]){column->first +
						     (lxw_row_t)from,
				column->first + (lxw_row_t)i - 1});
		from = i + 1;
	}
}

void
page_limit_answer(struct page *page, lxw_row_t row,
    const struct page_answer *answer, lxw_row_t first)
{
	const struct form *form = page->workbook->blank->form;
	const struct form_table *table = form_table_find(form, answer->tbl);
	const lxw_row_t rows[2] = {row, row};
	const struct neighbours n = {page->arena,
	    table == NULL ? form->fields : table->columns,
	    table == NULL ? form->field_count : table->column_count, first,
	    answer->span.first, SHAPE_BLOCKS, 0};

	limit_range(page, answer->field, rows, answer->span.first);
	if (!is_wrong(page, answer->tbl, answer->row, answer->field->name))
		colour_needed(page, &n, answer->field, rows);
}

/* --- the cell --------------------------------------------------------------------------------- */

static void
put_comment(struct page *page, lxw_row_t row, lxw_col_t column,
    const struct workbook_note *note)
{
	lxw_comment_options options = {.author = arena_strdup(page->arena,
					   page->workbook->head->partnership),
	    .x_scale = 2.2,
	    .y_scale = 1.4};

	(void)worksheet_write_comment_opt(page->sheet, row, column,
	    cut(page->arena, page_note_words(page, note, ""), PAGE_TEXT_BYTES),
	    &options);
}

/* An offered row has its key before it has answers. */
static const char *
value_of(const struct page *page, const struct page_answer *answer)
{
	const struct blank *blank = page->workbook->blank;
	const struct form_table *table =
	    form_table_find(blank->form, answer->tbl);
	const char *value = answer_get(blank->answers, blank->answer_count,
	    answer->tbl, answer->row, answer->field->name);

	return *value == '\0' && table != NULL && table->key == answer->field
		   ? answer->row
		   : value;
}

void
page_put_answer(struct page *page, lxw_row_t row,
    const struct page_answer *answer)
{
	const struct workbook_note *note =
	    page_note(page, answer->tbl, answer->row, answer->field->name);
	const char *value = value_of(page, answer);
	enum workbook_number number = workbook_number_of(answer->field->type);
	lxw_format *format =
	    workbook_input(&page->styles, number, look_of(note));
	struct page_span span = answer->span;

	if (span.first < span.last)
		(void)worksheet_merge_range(page->sheet, row, span.first, row,
		    span.last, "", format);
	workbook_put(page->sheet, row, span.first,
	    cut(page->arena, display(page, answer->field, value),
		PAGE_TEXT_BYTES),
	    number, format);
	if (note != NULL)
		put_comment(page, row, span.first, note);
	page_map(page, row, answer, cut(page->arena, value, PAGE_TEXT_BYTES));
}
