/* lscpctl form: the definitions, and blank forms from them. */
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "ctl/verbs.h"
#include "forms/blank.h"
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

static const struct template_kind {
	const char *name, *ending;
	void (*write)(struct buf *out, const struct blank *blank);
} g_kinds[] = {
    {"csv", ".csv", blank_csv},
    {"text", ".txt", blank_text},
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

/* Agency and round as they stand in the register. */
static int
fill_blank(struct ctl *ctl, struct blank *blank, struct err *err)
{
	const char *agency = ctl_option(ctl, "agency");
	const char *round = ctl_option(ctl, "round");
	struct agency found_agency;
	struct round found_round;
	int found;

	if (agency != NULL) {
		found = agency_find(ctl->store, ctl->arena, agency,
		    &found_agency, err);
		if (found != 1)
			return found < 0 ? ctl_status(found)
					 : ctl_say(CTL_NOT_FOUND,
					       "there is no agency %s", agency);
		blank->agency = found_agency.code;
	}
	if (round != NULL) {
		found = round_find(ctl->store, ctl->arena, round, &found_round,
		    err);
		if (found != 1)
			return found < 0 ? ctl_status(found)
					 : ctl_say(CTL_NOT_FOUND,
					       "there is no round %s", round);
		blank->round = found_round.ref;
	}
	if (blank->round[0] != '\0' && blank->agency[0] != '\0')
		blank->ref = arena_printf(ctl->arena, "%s/%s", blank->round,
		    blank->agency);
	return CTL_OK;
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
		    "a template is text (.txt) or csv (.csv) here");
	struct blank blank = {
	    .form = form,
	    .ref = form->name,
	    .round = "",
	    .agency = "",
	};
	int status = fill_blank(ctl, &blank, err);
	if (status != CTL_OK)
		return status;
	kind->write(&out, &blank);
	int failed = io_replace_file(path, buf_text(&out), out.len, err);
	return failed < 0 ? ctl_status(failed) : CTL_OK;
}
