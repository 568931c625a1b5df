/* lscpctl form: the definitions, and blank forms from them. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "ctl/verbs.h"
#include "forms/blank.h"
#include "handlers/request_letter.h"
#include "handlers/workbooks.h"
#include "store/round.h"

static int
no_form(const struct ctl *ctl)
{
	return ctl_say(CTL_NOT_FOUND, "there is no form %s", ctl->args[0]);
}

int
form_list(struct ctl *ctl, struct err *err)
{
	json_t *list = json_array();

	(void)err;
	for (size_t i = 0; i < ctl->forms.count; i++) {
		const struct form *form = ctl->forms.items[i];
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:i}", "name", form->name, "title",
			form->title, "version", form->version));
	}
	print_list(ctl, list);
	return CTL_OK;
}

/* --- show ---------------------------------------------------------------------------- */

static json_t *
choice_json(const struct form_choice *choice)
{
	json_t *list = json_array();

	for (size_t i = 0; i < choice->value_count; i++)
		(void)json_array_append_new(list,
		    json_string(choice->values[i]));
	return list;
}

static json_t *
field_json(const struct form_field *field)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "name", field->name,
	    "label", field->label, "type", form_type_name(field->type),
	    "required", field->required);

	if (field->required_if != NULL)
		(void)json_object_set_new(object, "required_if",
		    json_string(field->required_if->text));
	if (field->choice != NULL)
		(void)json_object_set_new(object, "values",
		    choice_json(field->choice));
	if (field->has_max)
		(void)json_object_set_new(object, "max",
		    json_integer((json_int_t)field->max));
	if (field->help[0] != '\0')
		(void)json_object_set_new(object, "help",
		    json_string(field->help));
	return object;
}

static json_t *
fields_json(const struct form_field *fields, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(list, field_json(&fields[i]));
	return list;
}

static json_t *
table_json(const struct form_table *table)
{
	json_t *names = json_array();

	for (size_t i = 0; i < table->fixed_count; i++)
		(void)json_array_append_new(names,
		    json_string(table->fixed[i].name));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", table->name,
	    "label", table->label, "rows",
	    table->rows == ROWS_FIXED ? "fixed" : "repeating", "row_names",
	    names, "columns", fields_json(table->columns, table->column_count));
}

static json_t *
form_json(const struct form *form)
{
	json_t *tables = json_array();

	for (size_t i = 0; i < form->table_count; i++)
		(void)json_array_append_new(tables,
		    table_json(&form->tables[i]));
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "name", form->name,
	    "title", form->title, "version", form->version, "handler",
	    form->handler, "fields",
	    fields_json(form->fields, form->field_count), "tables", tables);
}

/* For a terminal: a table of columns for each table of the form. */
static void
print_form(struct ctl *ctl, json_t *take_form)
{
	json_t *tables = json_incref(json_object_get(take_form, "tables"));
	size_t i;
	const json_t *table;

	(void)json_object_del(take_form, "tables");
	print_object(ctl, take_form);
	json_array_foreach(tables, i, table)
	{
		(void)printf("\n");
		print_line("table %s: %s, rows %s",
		    json_string_value(json_object_get(table, "name")),
		    json_string_value(json_object_get(table, "label")),
		    json_string_value(json_object_get(table, "rows")));
		print_list(ctl, json_incref(json_object_get(table, "columns")));
	}
	json_decref(tables);
}

int
form_show(struct ctl *ctl, struct err *err)
{
	const struct form *form = forms_find(&ctl->forms, ctl->args[0]);

	(void)err;
	if (form == NULL)
		return no_form(ctl);
	if (ctl->json)
		print_object(ctl, form_json(form));
	else
		print_form(ctl, form_json(form));
	return CTL_OK;
}

int
form_check_run(struct ctl *ctl, struct err *err)
{
	struct form_faults faults = {0};
	struct form *form;
	int failed = form_load(ctl->arena, ctl->args[0], &faults, &form, err);

	for (size_t i = 0; i < faults.count; i++)
		print_line("%s", faults.items[i]);
	if (failed < 0 && faults.count > 0)
		err->text[0] = '\0'; /* it was the first of these lines */
	if (failed < 0)
		return failed == ERR_NOT_FOUND ? CTL_NOT_FOUND : CTL_REFUSED;
	print_line("%s version %d is right", form->name, form->version);
	return CTL_OK;
}

/* --- template -------------------------------------------------------------------------- */

struct templating {
	struct ctl *ctl;
	struct blank blank;
	struct agency agency; /* id 0: any */
	struct workbook_whom whom;
};

static int
write_workbook(const struct templating *t, struct buf *out, struct err *err)
{
	struct compose_file file;
	int failed = workbooks_make(&t->ctl->desk,
	    &(struct workbook){.blank = &t->blank}, &t->whom, &file, err);

	if (failed >= 0)
		buf_add(out, file.data, file.bytes);
	return failed;
}

static const struct template_kind {
	const char *name, *ending;
	void (*write)(struct buf *out, const struct blank *blank);
	/* What needs more than the blank. */
	int (*make)(const struct templating *t, struct buf *out,
	    struct err *err);
} g_kinds[] = {
    {"xlsx", ".xlsx", NULL, write_workbook},
    {"csv", ".csv", blank_csv, NULL},
    {"text", ".txt", blank_text, NULL},
    {"schema", ".schema.json", blank_schema, NULL},
    {"json", ".json", blank_json, NULL},
};

static const struct template_kind *
find_kind(const char *as, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < COUNT_OF(g_kinds); i++) {
		size_t ending = strlen(g_kinds[i].ending);
		if (as != NULL ? text_ieq(as, g_kinds[i].name)
			       : len > ending && text_ieq(path + len - ending,
						     g_kinds[i].ending))
			return &g_kinds[i];
	}
	return NULL;
}

/* The agency as it stands in the register. */
static int
find_agency(struct templating *t, struct err *err)
{
	struct ctl *ctl = t->ctl;
	const char *agency = ctl_option(ctl, "agency");

	if (agency == NULL)
		return CTL_OK;
	int found =
	    agency_find(ctl->store, ctl->arena, agency, &t->agency, err);
	if (found != 1)
		return found < 0 ? ctl_status(found)
				 : ctl_say(CTL_NOT_FOUND,
				       "there is no agency %s", agency);
	t->blank.agency = t->agency.code;
	t->whom.agency = &t->agency;
	return CTL_OK;
}

/* The day the agency has; that of the round for all others. */
static int
find_due(struct templating *t, const struct round *round, struct err *err)
{
	struct request request;
	int found = t->agency.id == 0
			? 0
			: request_find(t->ctl->store, t->ctl->arena, round->id,
			      t->agency.id, &request, err);

	if (found >= 0)
		t->whom.due_day = found == 1 ? request.due_day : round->due_day;
	return found;
}

/* A round asks with the definition that it opened with. */
static int
find_round(struct templating *t, struct err *err)
{
	struct ctl *ctl = t->ctl;
	const char *ref = ctl_option(ctl, "round");
	struct round round;

	if (ref == NULL)
		return CTL_OK;
	int found = round_find(ctl->store, ctl->arena, ref, &round, err);
	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no round %s", ref);
	if (found > 0 && strcmp(round.form, t->blank.form->name) != 0)
		return ctl_say(CTL_REFUSED, "%s asks for %s, not for %s",
		    round.ref, round.form, t->blank.form->name);
	if (found > 0)
		found = round_form(&ctl->desk, round.id, &t->blank.form, err);
	if (found >= 0)
		found = find_due(t, &round, err);
	if (found < 0)
		return ctl_status(found);
	t->blank.round = round.ref;
	return CTL_OK;
}

static int
fill_blank(struct templating *t, struct err *err)
{
	int status = find_agency(t, err);

	if (status == CTL_OK)
		status = find_round(t, err);
	if (status == CTL_OK && t->blank.round[0] != '\0')
		t->blank.ref =
		    arena_printf(t->ctl->arena, "%s%s%s", t->blank.round,
			t->blank.agency[0] == '\0' ? "" : "/", t->blank.agency);
	return status;
}

int
form_template(struct ctl *ctl, struct err *err)
{
	struct buf out CLEANUP(buf_done);
	const char *path = ctl_option(ctl, "o");
	const struct form *form = forms_find(&ctl->forms, ctl->args[0]);

	buf_init(&out, LIMIT_MAIL_BYTES);
	if (form == NULL)
		return no_form(ctl);
	if (path == NULL)
		return ctl_say(CTL_USAGE, "-o FILE says where to write it");
	const struct template_kind *kind =
	    find_kind(ctl_option(ctl, "as"), path);
	if (kind == NULL)
		return ctl_say(CTL_USAGE,
		    "a template is xlsx, csv, text (.txt), json or schema "
		    "(.schema.json)");
	struct templating t = {.ctl = ctl,
	    .blank = {.form = form,
		.ref = form->name,
		.round = "",
		.agency = ""},
	    .whom = {NULL, NULL, DAY_NONE}};
	int status = fill_blank(&t, err);
	if (status != CTL_OK)
		return status;
	int failed = 0;
	if (kind->make != NULL)
		failed = kind->make(&t, &out, err);
	else
		kind->write(&out, &t.blank);
	if (failed >= 0)
		failed = io_replace_file(path, buf_text(&out), out.len, err);
	return failed < 0 ? ctl_status(failed) : CTL_OK;
}
