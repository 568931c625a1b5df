#include <regex.h>
#include <string.h>

#include "base/text.h"
#include "domain/period.h"
#include "forms/form_read.h"
#include "forms/keys.h"

/* The fields that one rule may speak of: those of a row, or of the form. */
struct scope {
	const struct form_field *fields;
	size_t count;
	const char *what; /* "column" or "field" */
};

static const struct form_field *
scope_find(const struct scope *scope, const char *name)
{
	for (size_t i = 0; i < scope->count; i++)
		if (strcmp(scope->fields[i].name, name) == 0)
			return &scope->fields[i];
	return NULL;
}

static bool
is_period_type(enum form_type type)
{
	return type == TYPE_MONTH || type == TYPE_QUARTER ||
	       type == TYPE_YEAR || type == TYPE_PERIOD;
}

static bool
choice_has(const struct form_choice *choice, const char *value)
{
	for (size_t i = 0; i < choice->value_count; i++)
		if (text_ieq(choice->values[i], value))
			return true;
	return false;
}

static void
check_value(struct form_reader *reader, int line, const char *text,
    const struct form_field *field, const char *value)
{
	if (field->type == TYPE_CHOICE && field->choice != NULL &&
	    !choice_has(field->choice, value))
		form_fault_at(reader, line,
		    "the rule `%s` compares `%s` with `%s`, which is no value "
		    "of the choice `%s`; a value that begins with `not` "
		    "stands in '…'",
		    text, field->name, value, field->choice->name);
	if (field->type == TYPE_BOOLEAN && !text_ieq(value, "yes") &&
	    !text_ieq(value, "no"))
		form_fault_at(reader, line,
		    "the rule `%s`: `%s` is yes or no, not `%s`", text,
		    field->name, value);
}

static const char *
use_fault(const struct form_field *field, enum rule_use use)
{
	if (use == RULE_USE_NUMBER && !form_type_is_number(field->type))
		return "a number is needed there";
	if (use == RULE_USE_DAY && field->type != TYPE_DATE)
		return "a date is needed there";
	if (use == RULE_USE_PERIOD && !is_period_type(field->type))
		return "a period is needed there";
	if (use == RULE_USE_ORDER && !form_type_is_number(field->type) &&
	    !is_period_type(field->type) && field->type != TYPE_DATE)
		return "numbers, dates or periods can be ordered, this cannot";
	return NULL;
}

static void
check_rule(struct form_reader *reader, int line, const struct rule *rule,
    const struct scope *scope)
{
	for (size_t i = 0; rule != NULL && i < rule->mention_count; i++) {
		const struct rule_mention *mention = &rule->mentions[i];
		const struct form_field *field =
		    scope_find(scope, mention->field);
		if (field == NULL) {
			form_fault_at(reader, line,
			    "the rule `%s` speaks of `%s`, which is no %s "
			    "here; a value stands behind `is`",
			    rule->text, mention->field, scope->what);
			continue;
		}
		const char *fault = use_fault(field, mention->use);
		if (fault != NULL)
			form_fault_at(reader, line,
			    "the rule `%s`: `%s` is a %s, and %s", rule->text,
			    field->name, form_type_name(field->type), fault);
		if (mention->use == RULE_USE_VALUE)
			check_value(reader, line, rule->text, field,
			    mention->value);
	}
}

/* Checks of one test on a day or period explain themselves. */
static bool
explains_itself(const struct rule *rule)
{
	return rule->mention_count == 1 &&
	       (rule->mentions[0].use == RULE_USE_DAY ||
		   rule->mentions[0].use == RULE_USE_PERIOD);
}

static void
check_pattern(struct form_reader *reader, const struct form_field *field)
{
	regex_t regex;

	if (*field->pattern == '\0')
		return;
	if (field->type != TYPE_TEXT || *field->message == '\0')
		form_fault_at(reader, field->line,
		    "the pattern of `%s` needs type = text and a message",
		    field->name);
	if (regcomp(&regex, field->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		form_fault_at(reader, field->line,
		    "the pattern of `%s` is no extended regular expression",
		    field->name);
	else
		regfree(&regex);
}

static void
check_field(struct form_reader *reader, const struct form_field *field,
    const struct scope *scope)
{
	bool takes_max =
	    field->type == TYPE_TEXT || form_type_is_number(field->type);

	check_rule(reader, field->line, field->required_if, scope);
	check_rule(reader, field->line, field->check, scope);
	if (field->required && field->required_if != NULL)
		form_fault_at(reader, field->line,
		    "`%s` has both `required` and `required-if`; keep one",
		    field->name);
	if (field->check != NULL && *field->message == '\0' &&
	    !explains_itself(field->check))
		form_fault_at(reader, field->line,
		    "`%s` has a check but no message: what is the sender "
		    "told when it does not hold?",
		    field->name);
	check_pattern(reader, field);
	if (field->small_counts && !form_type_is_number(field->type))
		form_fault_at(reader, field->line,
		    "`small-counts` belongs to numbers; `%s` is a %s",
		    field->name, form_type_name(field->type));
	if (field->has_min && !form_type_is_number(field->type))
		form_fault_at(reader, field->line,
		    "`min` belongs to numbers; `%s` is a %s", field->name,
		    form_type_name(field->type));
	if (field->has_max && !takes_max)
		form_fault_at(reader, field->line,
		    "`max` belongs to texts and numbers; `%s` is a %s",
		    field->name, form_type_name(field->type));
	if (field->has_min && field->has_max && field->min > field->max)
		form_fault_at(reader, field->line,
		    "`min` of `%s` is above its `max`; swap them", field->name);
	if (field->type == TYPE_TEXT && field->has_max && field->max < 1)
		form_fault_at(reader, field->line,
		    "`max` of the text `%s` is at least 1", field->name);
}

static void
check_scope(struct form_reader *reader, const struct scope *scope,
    const struct form_check *checks, size_t check_count)
{
	for (size_t i = 0; i < scope->count; i++)
		check_field(reader, &scope->fields[i], scope);
	for (size_t i = 0; i < check_count; i++)
		check_rule(reader, checks[i].line, checks[i].rule, scope);
}

static void
check_table(struct form_reader *reader, const struct form_table *table)
{
	struct scope scope = {table->columns, table->column_count, "column"};

	check_scope(reader, &scope, table->checks, table->check_count);
	if (table->column_count == 0)
		form_fault_at(reader, table->line,
		    "the table `%s` has no column \"NAME\" { … }", table->name);
	if (table->rows == ROWS_FIXED && table->fixed_count == 0)
		form_fault_at(reader, table->line,
		    "the fixed table `%s` has no row \"NAME\" { … }",
		    table->name);
	if (table->rows == ROWS_REPEATING && table->fixed_count > 0)
		form_fault_at(reader, table->line,
		    "the repeating table `%s` has rows; write rows = fixed",
		    table->name);
	if (table->max_rows == 0 || table->min_rows > table->max_rows)
		form_fault_at(reader, table->line,
		    "`min-rows` of `%s` is above its `max-rows`", table->name);
	if (table->key != NULL && !table->key->required)
		form_fault_at(reader, table->key->line,
		    "the key `%s` names the row, so write required = true",
		    table->key->name);
}

static void
check_words(struct form_reader *reader, const char *option,
    const char *const *words, const char *const *allowed)
{
	const char *path = arena_printf(reader->arena, "form %s/%s",
	    reader->form->name, option);

	for (; *words != NULL; words++) {
		const char *all = "";
		bool known = false;
		for (size_t i = 0; allowed[i] != NULL; i++) {
			known |= strcmp(allowed[i], *words) == 0;
			all = arena_printf(reader->arena, "%s%s%s", all,
			    i > 0 ? ", " : "", allowed[i]);
		}
		for (size_t i = 0; i < reader->form->field_count; i++)
			known |=
			    strcmp(option, "one-per") == 0 &&
			    strcmp(reader->form->fields[i].name, *words) == 0;
		if (!known)
			form_fault(reader, path,
			    "`%s` cannot stand in `%s`; one of: %s", *words,
			    option, all);
	}
}

static void
check_period(struct form_reader *reader)
{
	static const struct {
		enum form_type type;
		unsigned covers;
	} types[] = {
	    {TYPE_MONTH, COVERS_MONTH},
	    {TYPE_QUARTER, COVERS_QUARTER},
	    {TYPE_YEAR, COVERS_YEAR},
	    {TYPE_PERIOD, COVERS_MONTH | COVERS_QUARTER | COVERS_YEAR},
	};
	const struct form *form = reader->form;
	const struct form_field *field = form_field_find(form, "", "period");
	const char *path =
	    arena_printf(reader->arena, "form %s/period", form->name);
	unsigned spans = form->covers & ~(unsigned)COVERS_ROUND;
	unsigned taken = 0;

	if ((form->covers & COVERS_ROUND) != 0 && spans != 0)
		form_fault(reader, path,
		    "`period` is round, or month, quarter and year, not both");
	if (spans == 0)
		return;
	for (size_t i = 0; field != NULL && i < COUNT_OF(types); i++)
		if (types[i].type == field->type)
			taken = types[i].covers;
	if (field == NULL || !field->required || (taken & spans) != spans)
		form_fault(reader, path,
		    "a form with this `period` needs a field \"period\" with "
		    "required = true and a type that takes it");
}

/* Is the key the field's name or whole label, not what a hint left over? */
static bool
is_own_name(const struct form_reader *reader, const struct form_field *field,
    const char *key)
{
	return strcmp(key, text_fold(reader->arena, field->name)) == 0 ||
	       strcmp(key, text_fold(reader->arena, field->label)) == 0;
}

/* Two of one kind under one key: a reader could not tell them apart. */
static void
check_pair(struct form_reader *reader, struct form_field *a,
    struct form_field *b)
{
	const char *clash;

	while ((clash = keys_clash(&a->keys, &b->keys)) != NULL) {
		bool hint = !is_own_name(reader, a, clash) &&
			    !is_own_name(reader, b, clash);
		if (!hint)
			form_fault_at(reader, b->line,
			    "`%s` and `%s` may both be called \"%s\"; give "
			    "one another label",
			    a->name, b->name, clash);
		keys_drop(&a->keys, clash);
		keys_drop(&b->keys, clash);
	}
}

static void
check_fields_apart(struct form_reader *reader, struct form_field *fields,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			check_pair(reader, &fields[k], &fields[i]);
}

static void
check_rows_apart(struct form_reader *reader, const struct form_table *table)
{
	for (size_t i = 0; i < table->fixed_count; i++)
		for (size_t k = 0; k < i; k++)
			if (keys_clash(&table->fixed[i].keys,
				&table->fixed[k].keys) != NULL)
				form_fault_at(reader, table->fixed[i].line,
				    "the rows `%s` and `%s` have one label; "
				    "give one another",
				    table->fixed[k].name, table->fixed[i].name);
}

static void
check_reserved(struct form_reader *reader, const struct form_field *field)
{
	static const char *const words[] = {"form", "round", "agency"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (form_keys_have(&field->keys, words[i]))
			form_fault_at(reader, field->line,
			    "`%s` cannot be called \"%s\": that line says "
			    "which form it is; give it another label",
			    field->name, words[i]);
}

void
form_check_keys(struct form_reader *reader)
{
	struct form *form = reader->form;

	check_fields_apart(reader, form->fields, form->field_count);
	for (size_t i = 0; i < form->field_count; i++)
		check_reserved(reader, &form->fields[i]);
	for (size_t t = 0; t < form->table_count; t++) {
		struct form_table *table = &form->tables[t];
		check_fields_apart(reader, table->columns, table->column_count);
		check_rows_apart(reader, table);
		for (size_t i = 0; i < form->field_count; i++)
			for (size_t k = 0; k < table->column_count; k++)
				check_pair(reader, &form->fields[i],
				    &table->columns[k]);
		for (size_t k = 0; k < t; k++)
			if (keys_clash(&form->tables[k].keys, &table->keys))
				form_fault_at(reader, table->line,
				    "the tables `%s` and `%s` have one label; "
				    "give one another",
				    form->tables[k].name, table->name);
	}
}

void
form_check(struct form_reader *reader)
{
	static const char *const senders[] = {"staff", "lead", "deputy",
	    "executive", "governor", "data", "member", "scrutineer", "chair",
	    "owner", "minute_taker", NULL};
	static const char *const one_per[] = {"agency", "round", "period",
	    "sender", "a field's name", NULL};
	const struct form *form = reader->form;
	struct scope scope = {form->fields, form->field_count, "field"};
	const char *path = arena_printf(reader->arena, "form %s", form->name);

	check_scope(reader, &scope, form->checks, form->check_count);
	for (size_t i = 0; i < form->table_count; i++)
		check_table(reader, &form->tables[i]);
	if (form->field_count + form->table_count == 0)
		form_fault(reader, path,
		    "the form asks nothing; add field \"NAME\" { … }");
	if (form->sender_count == 0)
		form_fault(reader, path,
		    "`senders` is missing: who may send it, such as senders = "
		    "{lead, deputy}");
	else
		check_words(reader, "senders", form->senders, senders);
	if (form->one_per_count > 0)
		check_words(reader, "one-per", form->one_per, one_per);
	check_period(reader);
	form_check_keys(reader);
}
