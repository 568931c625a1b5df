/* lscpctl return export: all returns of a round as one file, for people (XLSX:
 * a sheet of returns, one for each table), for programs (CSV, JSON). */
#include <string.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "ctl/verbs.h"
#include "forms/blank.h"
#include "forms/workbook_file.h"
#include "handlers/request_letter.h"
#include "store/round.h"
#include "store/submission.h"

/* One return, its answers as they may be shown. */
struct exported {
	const struct submission *submission;
	const char *agency; /* its name */
	struct form_answer *answers;
	size_t answer_count;
};

struct export
{
	struct arena *arena;
	const struct round *round;
	const struct form *form;
	struct exported *items;
	size_t count;
};

/* --- reading ----------------------------------------------------------------------- */

static int
read_one(struct ctl *ctl, const struct export *export, struct exported *item,
    struct err *err)
{
	const struct submission *submission = item->submission;
	struct agency agency = {.name = ""};
	struct answers answers;
	int failed = submission_list_answers(ctl->store, ctl->arena,
	    submission->id, &answers, err);

	if (failed >= 0 && submission->agency != 0)
		failed = agency_get(ctl->store, ctl->arena, submission->agency,
		    &agency, err);
	if (failed < 0)
		return failed;
	item->agency = agency.name;
	item->answers =
	    arena_array(ctl->arena, answers.count + 1, sizeof(*item->answers));
	item->answer_count = answers.count;
	for (size_t i = 0; i < answers.count; i++) {
		const struct answer *a = &answers.items[i];
		item->answers[i] = (struct form_answer){a->tbl, a->row,
		    a->field,
		    form_shown_value(export->form, a->tbl, a->field, a->value),
		    a->position};
	}
	return 0;
}

static int
read_round(struct ctl *ctl, struct export *export, struct err *err)
{
	struct submission_filter filter = {.round = export->round->id,
	    .form = "",
	    .which = SUBMISSIONS_STANDING};
	struct submissions list;
	int failed =
	    round_form(&ctl->desk, export->round->id, &export->form, err);

	if (failed >= 0)
		failed = submission_list(ctl->store, ctl->arena, &filter, &list,
		    err);
	if (failed < 0)
		return failed;
	export->items =
	    arena_array(ctl->arena, list.count + 1, sizeof(*export->items));
	export->count = list.count;
	for (size_t i = 0; failed >= 0 && i < list.count; i++) {
		export->items[i].submission = &list.items[i];
		failed = read_one(ctl, export, &export->items[i], err);
	}
	return failed;
}

/* --- CSV: a line for each answer ----------------------------------------------------- */

static int
write_csv(const struct export *export, struct buf *out, struct err *err)
{
	static const char *const header[] = {"ref", "agency", "state", "table",
	    "row", "field", "value"};

	(void)err;
	text_csv_row(out, header, COUNT_OF(header));
	for (size_t i = 0; i < export->count; i++) {
		const struct exported *item = &export->items[i];
		for (size_t j = 0; j < item->answer_count; j++) {
			const struct form_answer *a = &item->answers[j];
			const char *cells[] = {item->submission->ref,
			    item->submission->agency_code,
			    item->submission->state, a->tbl, a->row, a->field,
			    a->value};
			text_csv_row(out, cells, COUNT_OF(cells));
		}
	}
	return 0;
}

/* --- JSON: a list of returns ------------------------------------------------------------ */

static int
write_json(const struct export *export, struct buf *out, struct err *err)
{
	(void)err;
	buf_puts(out, "[");
	for (size_t i = 0; i < export->count; i++) {
		const struct exported *item = &export->items[i];
		const struct submission *s = item->submission;
		json_auto_t *object = blank_json_object(export->arena,
		    &(struct blank){.form = export->form,
			.round = s->round_ref,
			.agency = s->agency_code,
			.answers = item->answers,
			.answer_count = item->answer_count});
		(void)json_object_set_new(object, "ref", json_string(s->ref));
		(void)json_object_set_new(object, "state",
		    json_string(s->state));
		(void)json_object_set_new(object, "version",
		    json_integer(s->version));
		buf_puts(out, i == 0 ? "\n" : ",\n");
		blank_json_dump(out, object);
	}
	buf_puts(out, export->count == 0 ? "]\n" : "\n]\n");
	return 0;
}

/* --- XLSX: a sheet of returns, one for each table ------------------------------------------ */

struct export_sheet {
	const struct export *export;
	struct workbook_styles *styles;
	lxw_worksheet *sheet;
	const struct form_table *table; /* NULL: the returns */
	lxw_row_t row;
	lxw_col_t column;
	size_t lines;   /* of the row */
	double *widths; /* by column */
};

static void
put(struct export_sheet *s, const char *value, enum form_type type)
{
	enum workbook_number number = workbook_number_of(type);
	size_t lines = workbook_lines(value, s->widths[s->column]);

	s->lines = lines > s->lines ? lines : s->lines;
	workbook_put(s->sheet, s->row, s->column++, value, number,
	    workbook_input(s->styles, number, LOOK_PLAIN));
}

static void
put_header(struct export_sheet *s, const char *label, double width)
{
	s->widths[s->column] = width;
	(void)worksheet_set_column(s->sheet, s->column, s->column, width, NULL);
	(void)worksheet_write_string(s->sheet, 0, s->column++, label,
	    workbook_style(s->styles, STYLE_HEADER));
}

static void
put_fields(struct export_sheet *s, const struct exported *item, const char *row)
{
	const struct form *form = s->export->form;
	const struct form_field *fields =
	    s->table == NULL ? form->fields : s->table->columns;
	size_t count =
	    s->table == NULL ? form->field_count : s->table->column_count;

	for (size_t i = 0; i < count; i++)
		put(s,
		    answer_get(item->answers, item->answer_count,
			s->table == NULL ? "" : s->table->name, row,
			fields[i].name),
		    fields[i].type);
	(void)worksheet_set_row(s->sheet, s->row, workbook_height(s->lines),
	    NULL);
}

static void
put_whose(struct export_sheet *s, const struct exported *item)
{
	s->row++;
	s->column = 0;
	s->lines = 1;
	put(s, item->submission->ref, TYPE_TEXT);
	put(s, item->submission->agency_code, TYPE_TEXT);
	put(s, item->agency, TYPE_TEXT);
	put(s, item->submission->state, TYPE_TEXT);
}

static void
put_rows(struct export_sheet *s, const struct exported *item)
{
	if (s->table == NULL) {
		put_whose(s, item);
		put_fields(s, item, "");
		return;
	}
	const char **rows = answer_rows(s->export->arena, item->answers,
	    item->answer_count, s->table->name);
	for (; *rows != NULL; rows++) {
		const struct form_row *row = form_row_find(s->table, *rows);
		put_whose(s, item);
		if (s->table->key == NULL)
			put(s, *rows, TYPE_TEXT);
		if (s->table->rows == ROWS_FIXED)
			put(s, row == NULL ? "" : row->label, TYPE_TEXT);
		put_fields(s, item, *rows);
	}
}

static void
put_headers(struct export_sheet *s)
{
	const struct form *form = s->export->form;
	const struct form_field *fields =
	    s->table == NULL ? form->fields : s->table->columns;
	size_t count =
	    s->table == NULL ? form->field_count : s->table->column_count;

	s->widths =
	    arena_array(s->export->arena, count + 8, sizeof(*s->widths));
	put_header(s, "Reference", 13);
	put_header(s, "Agency", 10);
	put_header(s, "Name", 32);
	put_header(s, "State", 12);
	if (s->table != NULL && s->table->key == NULL)
		put_header(s, s->table->row_label, 10);
	if (s->table != NULL && s->table->rows == ROWS_FIXED)
		put_header(s, "Title", 32);
	for (size_t i = 0; i < count; i++)
		put_header(s, fields[i].label,
		    fields[i].type == TYPE_TEXT ? 32 : 16);
	(void)worksheet_set_row(s->sheet, 0, 32, NULL);
}

static void
put_sheet(struct export_sheet *s)
{
	put_headers(s);
	lxw_col_t last = (lxw_col_t)(s->column - 1);
	for (size_t i = 0; i < s->export->count; i++)
		put_rows(s, &s->export->items[i]);
	worksheet_freeze_panes(s->sheet, 1, 0);
	(void)worksheet_autofilter(s->sheet, 0, 0, s->row, last);
	worksheet_set_landscape(s->sheet);
	worksheet_set_paper(s->sheet, 9);
	worksheet_fit_to_pages(s->sheet, 1, 0);
	(void)worksheet_repeat_rows(s->sheet, 0, 0);
	(void)worksheet_ignore_errors(s->sheet,
	    LXW_IGNORE_NUMBER_STORED_AS_TEXT,
	    arena_printf(s->export->arena, "A1:XFD%u", s->row + 1));
}

static void
write_sheets(const void *ctx, struct workbook_styles *styles)
{
	const struct export *export = ctx;

	for (size_t i = 0; i <= export->form->table_count; i++) {
		struct export_sheet s = {.export = export,
		    .styles = styles,
		    .table = i == 0 ? NULL : &export->form->tables[i - 1]};
		/* A label that is no sheet's name: "Sheet2" it is. */
		s.sheet = workbook_add_worksheet(styles->book,
		    workbook_sheet_name(export->arena,
			s.table == NULL ? "Returns" : s.table->label));
		if (s.sheet == NULL)
			s.sheet = workbook_add_worksheet(styles->book, NULL);
		if (s.sheet != NULL)
			put_sheet(&s);
	}
}

static int
write_xlsx(const struct export *export, struct buf *out, struct err *err)
{
	return workbook_file_make(&(struct workbook_file){export, write_sheets},
	    out, err);
}

/* --- the verb ---------------------------------------------------------------------------------- */

static const struct {
	const char *ending;
	int (*write)(const struct export *export, struct buf *out,
	    struct err *err);
} g_kinds[] = {
    {".csv", write_csv},
    {".xlsx", write_xlsx},
    {".json", write_json},
};

static size_t
find_kind(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < COUNT_OF(g_kinds); i++) {
		size_t ending = strlen(g_kinds[i].ending);
		if (len > ending &&
		    text_ieq(path + len - ending, g_kinds[i].ending))
			return i;
	}
	return COUNT_OF(g_kinds);
}

int
return_export(struct ctl *ctl, struct err *err)
{
	struct buf out CLEANUP(buf_done);
	const char *ref = ctl_option(ctl, "round");
	const char *path = ctl_option(ctl, "o");
	struct round round;
	struct export export = {.arena = ctl->arena, .round = &round};

	buf_init(&out, LIMIT_ARENA_BYTES);
	if (ref == NULL || path == NULL)
		return ctl_say(CTL_USAGE,
		    "usage: return export --round R -o FILE.{csv,xlsx,json}");
	size_t kind = find_kind(path);
	if (kind == COUNT_OF(g_kinds))
		return ctl_say(CTL_USAGE,
		    "an export is a .csv, .xlsx or .json file");
	int found = round_find(ctl->store, ctl->arena, ref, &round, err);
	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no round %s", ref);
	if (found > 0)
		found = read_round(ctl, &export, err);
	if (found >= 0)
		found = g_kinds[kind].write(&export, &out, err);
	if (found >= 0 && out.over)
		found = err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "the export is longer than %zu bytes", out.max);
	if (found >= 0)
		found = io_replace_file(path, buf_text(&out), out.len, err);
	return found < 0 ? ctl_status(found) : CTL_OK;
}
