#include "forms/form_read.h"

#include <confuse.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/keys.h"

enum {
	MAX_SOURCE_BYTES = 256 * 1024
};

void
form_fault(struct form_reader *reader, const char *path, const char *format,
    ...)
{
	va_list args;

	va_start(args, format);
	const char *text = arena_vprintf(reader->arena, format, args);
	va_end(args);
	fault_add(reader->arena, reader->faults, reader->file,
	    scan_line(&reader->scan, path), "%s", text);
}

void
form_fault_at(struct form_reader *reader, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = arena_vprintf(reader->arena, format, args);
	va_end(args);
	fault_add(reader->arena, reader->faults, reader->file, line, "%s",
	    text);
}

/* Without the guard, in the reader's arena. */
static const char *
copy_text(struct form_reader *reader, const char *text)
{
	char *copy = arena_strdup(reader->arena, text);
	char *end = copy;

	for (const char *p = copy; *p != '\0'; p++)
		if (*p != FORM_GUARD)
			*end++ = *p;
	*end = '\0';
	return copy;
}

static const char *
get_text(struct form_reader *reader, cfg_t *cfg, const char *name)
{
	if (cfg_size(cfg, name) == 0 || cfg_getstr(cfg, name) == NULL)
		return "";
	return copy_text(reader, cfg_getstr(cfg, name));
}

static const char **
get_list(struct form_reader *reader, cfg_t *cfg, const char *name,
    size_t *ret_count)
{
	unsigned count = cfg_size(cfg, name);
	const char **items =
	    arena_array(reader->arena, count + 1, sizeof(*items));

	for (unsigned i = 0; i < count; i++)
		items[i] = copy_text(reader, cfg_getnstr(cfg, name, i));
	*ret_count = count;
	return items;
}

static bool
get_bool(struct form_reader *reader, cfg_t *cfg, const char *path,
    const char *name)
{
	const char *text = get_text(reader, cfg, name);

	if (text_ieq(text, "true") || text_ieq(text, "yes"))
		return true;
	if (*text != '\0' && !text_ieq(text, "false") && !text_ieq(text, "no"))
		form_fault(reader,
		    arena_printf(reader->arena, "%s/%s", path, name),
		    "`%s` is true or false, not `%s`", name, text);
	return false;
}

static bool
get_number(struct form_reader *reader, cfg_t *cfg, const char *path,
    const char *name, double *ret_number)
{
	const char *text = get_text(reader, cfg, name);
	char *end;

	if (*text == '\0')
		return false;
	double number = strtod(text, &end);
	if (*end != '\0' || strspn(text, "-.0123456789") != strlen(text) ||
	    fabs(number) > 1e12) {
		form_fault(reader,
		    arena_printf(reader->arena, "%s/%s", path, name),
		    "`%s` is a number such as 120, not `%s`", name, text);
		return false;
	}
	*ret_number = number;
	return true;
}

static size_t
get_count(struct form_reader *reader, cfg_t *cfg, const char *path,
    const char *name, size_t otherwise)
{
	double number = (double)otherwise;

	if (!get_number(reader, cfg, path, name, &number))
		return otherwise;
	if (number >= 0 && number <= LIMIT_ANSWERS && floor(number) == number)
		return (size_t)number;
	form_fault(reader, arena_printf(reader->arena, "%s/%s", path, name),
	    "`%s` is a whole number from 0 to %d", name, LIMIT_ANSWERS);
	return otherwise;
}

static const struct rule *
get_rule(struct form_reader *reader, const char *path, const char *text)
{
	struct rule *rule = NULL;
	struct err err = {0};

	if (*text != '\0' && rule_parse(reader->arena, text, &rule, &err) < 0)
		form_fault(reader, path, "%s", err.text);
	return rule;
}

/* Names go into the database, into CSV and into keys: [a-z][a-z0-9_]*. */
static const char *
get_name(struct form_reader *reader, cfg_t *cfg, const char *path)
{
	const char *name = copy_text(reader, cfg_title(cfg));
	size_t len = strlen(name);

	if (len == 0 || len > 40 || !islower((unsigned char)*name) ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len)
		form_fault(reader, path,
		    "the name `%s` must be a letter a to z and then letters, "
		    "digits or _, at most 40",
		    name);
	return name;
}

static enum form_type
get_type(struct form_reader *reader, cfg_t *cfg, const char *path)
{
	const char *text = get_text(reader, cfg, "type");
	const char *all = "";

	for (int i = 0; i <= TYPE_MEETING; i++) {
		const char *name = form_type_name((enum form_type)i);
		if (strcmp(name, text) == 0)
			return (enum form_type)i;
		all = arena_printf(reader->arena, "%s%s%s", all,
		    i > 0 ? ", " : "", name);
	}
	if (*text == '\0')
		form_fault(reader, path, "a type is missing; one of: %s", all);
	else
		form_fault(reader, arena_printf(reader->arena, "%s/type", path),
		    "the type `%s` does not exist; one of: %s", text, all);
	return TYPE_TEXT;
}

static const struct form_choice *
get_choice(struct form_reader *reader, cfg_t *cfg, const char *path,
    enum form_type type)
{
	const struct form *form = reader->form;
	const char *name = get_text(reader, cfg, "choice");

	if (type != TYPE_CHOICE && *name != '\0')
		form_fault(reader, path,
		    "`choice` belongs to `type = choice` alone");
	if (type != TYPE_CHOICE)
		return NULL;
	for (size_t i = 0; i < form->choice_count; i++)
		if (strcmp(form->choices[i].name, name) == 0)
			return &form->choices[i];
	form_fault(reader, path,
	    *name == '\0'
		? "`choice = NAME` is missing: which choice is it%s?"
		: "the choice `%s` is not defined; write choice \"NAME\" { "
		  "values = {…} } above",
	    name);
	return NULL;
}

static enum form_prefill
get_prefill(struct form_reader *reader, cfg_t *cfg, const char *path)
{
	static const char *const words[] = {
	    [PREFILL_NONE] = "",
	    [PREFILL_NAME] = "name",
	    [PREFILL_TITLE] = "title",
	    [PREFILL_EXECUTIVE] = "executive",
	    [PREFILL_AGENCY] = "agency",
	    [PREFILL_URN] = "urn",
	};
	const char *word = get_text(reader, cfg, "prefill");

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum form_prefill)i;
	form_fault(reader, path,
	    "prefill `%s` is not one of name, title, executive, agency, urn",
	    word);
	return PREFILL_NONE;
}

static void
read_field(struct form_reader *reader, cfg_t *cfg, const char *above,
    struct form_field *field)
{
	const char *path = arena_printf(reader->arena, "%s/%s %s", above,
	    cfg_name(cfg), cfg_title(cfg));
	size_t count;
	const char **also = get_list(reader, cfg, "also", &count);

	field->line = scan_line(&reader->scan, path);
	field->name = get_name(reader, cfg, path);
	field->label = get_text(reader, cfg, "label");
	if (*field->label == '\0')
		form_fault(reader, path,
		    "a label is missing: what people "
		    "read and type");
	field->help = get_text(reader, cfg, "help");
	field->type = get_type(reader, cfg, path);
	field->choice = get_choice(reader, cfg, path, field->type);
	field->required = get_bool(reader, cfg, path, "required");
	field->small_counts = get_bool(reader, cfg, path, "small-counts");
	field->prefill = get_prefill(reader, cfg, path);
	field->required_if = get_rule(reader,
	    arena_printf(reader->arena, "%s/required-if", path),
	    get_text(reader, cfg, "required-if"));
	field->check =
	    get_rule(reader, arena_printf(reader->arena, "%s/check", path),
		get_text(reader, cfg, "check"));
	field->pattern = get_text(reader, cfg, "pattern");
	field->message = get_text(reader, cfg, "message");
	field->has_min = get_number(reader, cfg, path, "min", &field->min);
	field->has_max = get_number(reader, cfg, path, "max", &field->max);
	keys_build(reader->arena, field->name, field->label, also,
	    &field->keys);
}

static struct form_field *
read_fields(struct form_reader *reader, cfg_t *cfg, const char *above,
    const char *kind, size_t *ret_count)
{
	size_t count = cfg_size(cfg, kind);
	struct form_field *fields =
	    arena_array(reader->arena, count + 1, sizeof(*fields));

	for (size_t i = 0; i < count; i++)
		read_field(reader, cfg_getnsec(cfg, kind, (unsigned)i), above,
		    &fields[i]);
	*ret_count = count;
	return fields;
}

static struct form_check *
read_checks(struct form_reader *reader, cfg_t *cfg, const char *above,
    size_t *ret_count)
{
	size_t count = cfg_size(cfg, "check");
	struct form_check *checks =
	    arena_array(reader->arena, count + 1, sizeof(*checks));

	for (size_t i = 0; i < count; i++) {
		cfg_t *sec = cfg_getnsec(cfg, "check", (unsigned)i);
		const char *path = arena_printf(reader->arena, "%s/check %s",
		    above, cfg_title(sec));
		checks[i].line = scan_line(&reader->scan, path);
		checks[i].rule =
		    get_rule(reader, path, copy_text(reader, cfg_title(sec)));
		checks[i].message = get_text(reader, sec, "message");
		if (*checks[i].message == '\0')
			form_fault(reader, path,
			    "a message is missing: what the sender is told "
			    "when this does not hold");
	}
	*ret_count = count;
	return checks;
}

/* "fully met = 2" */
static void
read_synonym(struct form_reader *reader, const char *path,
    struct form_choice *choice, const char *text)
{
	const char *equals = strrchr(text, '=');
	const char *value =
	    text_trim(reader->arena, equals != NULL ? equals + 1 : "");
	const char *said = text_fold(reader->arena,
	    arena_strndup(reader->arena, text,
		equals != NULL ? (size_t)(equals - text) : 0));
	struct form_synonym synonym = {said, NULL};

	for (size_t i = 0; i < choice->value_count; i++)
		if (strcmp(choice->values[i], value) == 0)
			synonym.value = choice->values[i];
	if (*said == '\0' || synonym.value == NULL) {
		form_fault(reader, path,
		    "the synonym `%s` must read `words = value`, with one of "
		    "the values of this choice",
		    text);
		return;
	}
	for (size_t i = 0; i < choice->synonym_count; i++)
		if (strcmp(choice->synonyms[i].said, said) == 0)
			form_fault(reader, path,
			    "the synonym `%s` stands here twice", text);
	*(struct form_synonym *)arena_push(reader->arena, &choice->synonyms,
	    &choice->synonym_count, sizeof(synonym)) = synonym;
}

static void
read_choices(struct form_reader *reader, cfg_t *cfg, const char *above)
{
	struct form *form = reader->form;

	form->choice_count = cfg_size(cfg, "choice");
	form->choices = arena_array(reader->arena, form->choice_count + 1,
	    sizeof(*form->choices));
	for (size_t i = 0; i < form->choice_count; i++) {
		cfg_t *sec = cfg_getnsec(cfg, "choice", (unsigned)i);
		struct form_choice *choice = &form->choices[i];
		const char *path = arena_printf(reader->arena, "%s/choice %s",
		    above, cfg_title(sec));
		choice->name = get_name(reader, sec, path);
		choice->values =
		    get_list(reader, sec, "values", &choice->value_count);
		if (choice->value_count == 0)
			form_fault(reader, path,
			    "a choice needs values: "
			    "values = {\"yes\", \"no\"}");
		path = arena_printf(reader->arena, "%s/synonyms", path);
		for (unsigned k = 0; k < cfg_size(sec, "synonyms"); k++)
			read_synonym(reader, path, choice,
			    copy_text(reader, cfg_getnstr(sec, "synonyms", k)));
	}
}

static void
read_rows(struct form_reader *reader, cfg_t *cfg, const char *above,
    struct form_table *table)
{
	size_t also_count;

	table->fixed_count = cfg_size(cfg, "row");
	table->fixed = arena_array(reader->arena, table->fixed_count + 1,
	    sizeof(*table->fixed));
	for (size_t i = 0; i < table->fixed_count; i++) {
		cfg_t *sec = cfg_getnsec(cfg, "row", (unsigned)i);
		struct form_row *row = &table->fixed[i];
		const char *path = arena_printf(reader->arena, "%s/row %s",
		    above, cfg_title(sec));
		row->line = scan_line(&reader->scan, path);
		row->name = copy_text(reader, cfg_title(sec));
		row->label = get_text(reader, sec, "label");
		if (*row->label == '\0')
			form_fault(reader, path,
			    "a label is missing: what this row is called");
		if (*row->name == '\0' || strlen(row->name) > 40)
			form_fault(reader, path,
			    "the name of a row has 1 to 40 characters");
		keys_build(reader->arena, row->name, row->label,
		    get_list(reader, sec, "also", &also_count), &row->keys);
	}
}

static void
read_row_kind(struct form_reader *reader, cfg_t *cfg, const char *path,
    struct form_table *table)
{
	const char *rows = get_text(reader, cfg, "rows");
	const char *key = get_text(reader, cfg, "key");

	table->rows = text_ieq(rows, "fixed") ? ROWS_FIXED : ROWS_REPEATING;
	if (table->rows == ROWS_REPEATING && !text_ieq(rows, "repeating"))
		form_fault(reader, arena_printf(reader->arena, "%s/rows", path),
		    "`rows` is fixed (with row \"NAME\" { … } for each) or "
		    "repeating");
	table->min_rows = get_count(reader, cfg, path, "min-rows", 0);
	table->max_rows = get_count(reader, cfg, path, "max-rows", 100);
	if (*key == '\0')
		return;
	for (size_t i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, key) == 0)
			table->key = &table->columns[i];
	if (table->key == NULL || table->rows == ROWS_FIXED)
		form_fault(reader, arena_printf(reader->arena, "%s/key", path),
		    "the key `%s` must be a column of this repeating table",
		    key);
}

static void
read_table(struct form_reader *reader, cfg_t *cfg, const char *above,
    struct form_table *table)
{
	const char *path =
	    arena_printf(reader->arena, "%s/table %s", above, cfg_title(cfg));
	size_t also_count;

	table->line = scan_line(&reader->scan, path);
	table->name = get_name(reader, cfg, path);
	table->label = get_text(reader, cfg, "label");
	if (*table->label == '\0')
		form_fault(reader, path,
		    "a label is missing: what people "
		    "read and type");
	table->row_label = get_text(reader, cfg, "row-label");
	if (*table->row_label == '\0')
		table->row_label = "Row";
	table->columns =
	    read_fields(reader, cfg, path, "column", &table->column_count);
	read_rows(reader, cfg, path, table);
	read_row_kind(reader, cfg, path, table);
	table->checks = read_checks(reader, cfg, path, &table->check_count);
	keys_build(reader->arena, table->name, table->label,
	    get_list(reader, cfg, "also", &also_count), &table->keys);
}

static void
read_tables(struct form_reader *reader, cfg_t *cfg, const char *path)
{
	struct form *form = reader->form;

	form->table_count = cfg_size(cfg, "table");
	form->tables = arena_array(reader->arena, form->table_count + 1,
	    sizeof(*form->tables));
	for (size_t i = 0; i < form->table_count; i++)
		read_table(reader, cfg_getnsec(cfg, "table", (unsigned)i), path,
		    &form->tables[i]);
}

static const struct {
	const char *word;
	unsigned bit;
} g_covers[] = {
    {"none", COVERS_NONE},
    {"round", COVERS_ROUND},
    {"month", COVERS_MONTH},
    {"quarter", COVERS_QUARTER},
    {"year", COVERS_YEAR},
};

static unsigned
read_covers(struct form_reader *reader, cfg_t *cfg, const char *path)
{
	unsigned covers = COVERS_NONE;

	for (unsigned i = 0; i < cfg_size(cfg, "period"); i++) {
		const char *word =
		    copy_text(reader, cfg_getnstr(cfg, "period", i));
		size_t k = 0;
		while (k < COUNT_OF(g_covers) &&
		       strcmp(g_covers[k].word, word) != 0)
			k++;
		if (k < COUNT_OF(g_covers))
			covers |= g_covers[k].bit;
		else
			form_fault(reader,
			    arena_printf(reader->arena, "%s/period", path),
			    "`period` is round, none, month, quarter or year, "
			    "not `%s`",
			    word);
	}
	return covers;
}

/* What one return is for, where the definition does not say. */
static void
default_one_per(struct form_reader *reader)
{
	struct form *form = reader->form;

	if (form->one_per_count > 0 || form->covers == COVERS_NONE)
		return;
	form->one_per = arena_array(reader->arena, 3, sizeof(*form->one_per));
	form->one_per[0] = "agency";
	form->one_per[1] = form->covers == COVERS_ROUND ? "round" : "period";
	form->one_per_count = 2;
}

void
form_read(struct form_reader *reader, cfg_t *cfg)
{
	struct form *form = reader->form;
	const char *path =
	    arena_printf(reader->arena, "form %s", cfg_title(cfg));
	double version = 1;

	form->name = get_name(reader, cfg, path);
	form->title = get_text(reader, cfg, "title");
	if (*form->title == '\0')
		form_fault(reader, path, "a title is missing");
	form->help = get_text(reader, cfg, "help");
	(void)get_number(reader, cfg, path, "version", &version);
	form->version = (int)version;
	if (version < 1 || version > 1e6 || floor(version) != version)
		form_fault(reader,
		    arena_printf(reader->arena, "%s/version", path),
		    "`version` is a whole number from 1");
	form->senders = get_list(reader, cfg, "senders", &form->sender_count);
	form->covers = read_covers(reader, cfg, path);
	form->one_per = get_list(reader, cfg, "one-per", &form->one_per_count);
	default_one_per(reader);
	form->sign_off = get_bool(reader, cfg, path, "sign-off");
	form->handler = get_text(reader, cfg, "handler");
	read_choices(reader, cfg, path);
	form->fields =
	    read_fields(reader, cfg, path, "field", &form->field_count);
	read_tables(reader, cfg, path);
	form->checks = read_checks(reader, cfg, path, &form->check_count);
}
