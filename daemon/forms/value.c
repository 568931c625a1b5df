#include "forms/value.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>

#include "base/address.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/period.h"

static size_t
count_chars(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static size_t
text_limit(const struct form_field *field)
{
	return field->has_max ? (size_t)field->max : LIMIT_ANSWER_CHARS;
}

static bool
pattern_fits(const struct form_field *field, const char *text)
{
	regex_t regex;
	regmatch_t match;

	if (*field->pattern == '\0')
		return true;
	if (regcomp(&regex, field->pattern, REG_EXTENDED) != 0)
		return false;
	bool fits = regexec(&regex, text, 1, &match, 0) == 0 &&
		    match.rm_so == 0 && (size_t)match.rm_eo == strlen(text);
	regfree(&regex);
	return fits;
}

static const char *
value_text(const struct value_request *request, const char **ret_reason)
{
	const char *text = text_clean(request->arena, request->text);
	size_t chars = count_chars(text), limit = text_limit(request->field);

	if (chars > limit) {
		*ret_reason = arena_printf(request->arena,
		    "it has %zu characters, and there is room for %zu.", chars,
		    limit);
		return NULL;
	}
	if (!pattern_fits(request->field, text)) {
		*ret_reason = request->field->message;
		return NULL;
	}
	return text;
}

static const char *
read_period(const struct value_request *request, unsigned kinds,
    const char **ret_reason)
{
	char text[PERIOD_TEXT_BYTES];
	struct period period;

	/* 2011-12 is a month or a year: the type knows which. */
	if (kinds == PERIOD_YEAR && period_parse(request->text, &period) &&
	    period.kind == PERIOD_MONTH &&
	    period.part == (period.year + 1) % 100)
		period = (struct period){PERIOD_YEAR, period.year, 0};
	else if (!period_read(request->arena, request->text, &period)) {
		*ret_reason = "we could not tell which period you mean.";
		return NULL;
	}
	if (((unsigned)period.kind & kinds) == 0) {
		*ret_reason = "this form does not cover a period of that "
			      "length.";
		return NULL;
	}
	period_format(&period, text);
	return arena_strdup(request->arena, text);
}

/* The kinds of period that a field takes, as bits. */
static unsigned
period_kinds(const struct judge_request *judge, const struct form_field *field)
{
	unsigned all = PERIOD_MONTH | PERIOD_QUARTER | PERIOD_YEAR;
	unsigned covers = judge != NULL ? judge->form->covers & all : all;

	switch (field->type) {
	case TYPE_MONTH:
		return PERIOD_MONTH;
	case TYPE_QUARTER:
		return PERIOD_QUARTER;
	case TYPE_YEAR:
		return PERIOD_YEAR;
	default:
		return covers != 0 ? covers : all;
	}
}

static const char *
value_period(const struct value_request *request, const char **ret_reason)
{
	return read_period(request,
	    period_kinds(request->judge, request->field), ret_reason);
}

static const char *
value_boolean(const struct value_request *request, const char **ret_reason)
{
	static const struct {
		const char *word, *value;
	} words[] = {
	    {"yes", "yes"},
	    {"y", "yes"},
	    {"true", "yes"},
	    {"1", "yes"},
	    {"no", "no"},
	    {"n", "no"},
	    {"false", "no"},
	    {"0", "no"},
	};

	const char *folded = text_fold(request->arena, request->text);

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i].word, folded) == 0)
			return words[i].value;
	*ret_reason = "we could not tell if it is yes or no.";
	return NULL;
}

/* --- choices ---------------------------------------------------------------- */

/* A value or a synonym, folded, exactly; NULL if none. */
static const char *
choice_exact(struct arena *arena, const struct form_choice *choice,
    const char *folded)
{
	for (size_t i = 0; i < choice->value_count; i++)
		if (strcmp(text_fold(arena, choice->values[i]), folded) == 0)
			return choice->values[i];
	for (size_t i = 0; i < choice->synonym_count; i++)
		if (strcmp(choice->synonyms[i].said, folded) == 0)
			return choice->synonyms[i].value;
	return NULL;
}

/*
 * "2 - met" begins and ends with words for one value; "2 or 3" does not. NULL
 * unless all that can be read at both ends agrees and nothing is left over.
 */
static const char *
choice_parts(struct arena *arena, const struct form_choice *choice,
    const char *folded)
{
	for (const char *gap = strchr(folded, ' '); gap != NULL;
	     gap = strchr(gap + 1, ' ')) {
		const char *head = choice_exact(arena, choice,
		    arena_strndup(arena, folded, (size_t)(gap - folded)));
		const char *tail = choice_exact(arena, choice, gap + 1);
		if (head != NULL && head == tail)
			return head;
	}
	return NULL;
}

/* "Score 2": the label, or its first word, in front of the value. */
static const char *
without_label(struct arena *arena, const struct form_field *field,
    const char *folded)
{
	for (size_t i = 0; i < field->keys.count; i++) {
		const char *key = field->keys.items[i];
		size_t len = strlen(key);
		if (strncmp(folded, key, len) == 0 && folded[len] == ' ')
			return folded + len + 1;
	}
	(void)arena;
	return folded;
}

static const char *
value_choice(const struct value_request *request, const char **ret_reason)
{
	const struct form_choice *choice = request->field->choice;
	struct arena *arena = request->arena;

	*ret_reason =
	    arena_printf(arena, "we could not tell which %s you mean.",
		text_lower(arena, request->field->label));
	if (strlen(request->text) > 200)
		return NULL;
	const char *folded = text_fold(arena, request->text);
	const char *value = choice_exact(arena, choice, folded);
	folded = without_label(arena, request->field, folded);
	if (value == NULL)
		value = choice_exact(arena, choice, folded);
	if (value == NULL)
		value = choice_parts(arena, choice, folded);
	/* A spreadsheet's 2 may come as 2.0. */
	const char *reason,
	    *number = number_read(arena, request->text, &reason);
	if (value == NULL && number != NULL)
		value = choice_exact(arena, choice, text_fold(arena, number));
	return value;
}

/* --- addresses and references ------------------------------------------------- */

/* "Helen Marsh <h.marsh@x.example>", and what Outlook makes of a link. */
static const char *
bare_address(struct arena *arena, const char *text)
{
	char *copy = text_trim(arena, text);
	char *open = strchr(copy, '<');

	if (open == NULL)
		return text_istarts(copy, "mailto:") ? copy + 7 : copy;
	char *close = strchr(open, '>');
	if (close == NULL || close[1] != '\0')
		return copy;
	*close = '\0';
	const char *inner = open + 1;
	if (text_istarts(inner, "mailto:"))
		inner += 7;
	*open = '\0';
	const char *before = text_trim(arena, copy);
	/* Two addresses that differ are nobody's. */
	return address_is_valid(before) && !text_ieq(before, inner) ? text
								    : inner;
}

static const char *
value_email(const struct value_request *request, const char **ret_reason)
{
	const char *address = address_wire(request->arena,
	    bare_address(request->arena, request->text));
	const struct form_lookup *lookup =
	    request->judge != NULL ? request->judge->lookup : NULL;
	const char *found = NULL, *why;

	if (address_is_valid(address))
		return text_lower(request->arena, address);
	/* The name of somebody we know will do. */
	if (lookup != NULL && lookup->contact != NULL)
		found = lookup->contact(lookup->ctx, request->arena,
		    request->text, &why);
	if (found == NULL)
		*ret_reason = "we could not read it as an email address.";
	return found;
}

static const char *
look_up(const struct value_request *request, form_lookup_fn lookup,
    const char *text, const char **ret_reason)
{
	*ret_reason = "we do not know it.";
	return lookup(request->judge->lookup->ctx, request->arena, text,
	    ret_reason);
}

static const char *
value_contact(const struct value_request *request, const char **ret_reason)
{
	const struct form_lookup *lookup = request->judge->lookup;
	const char *address = address_wire(request->arena,
	    bare_address(request->arena, request->text));

	if (lookup == NULL || lookup->contact == NULL)
		return value_email(request, ret_reason);
	return look_up(request, lookup->contact,
	    address_is_valid(address) ? address : request->text, ret_reason);
}

static const char *
upper(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

/* [A-Z0-9][A-Z0-9-]{0,15} in any case. */
static const char *
value_code(const struct value_request *request, const char **ret_reason)
{
	const struct form_lookup *lookup = request->judge->lookup;
	bool agency = request->field->type == TYPE_AGENCY;
	form_lookup_fn find = NULL;

	if (lookup != NULL)
		find = agency ? lookup->agency : lookup->group;
	if (find != NULL)
		return look_up(request, find, request->text, ret_reason);
	const char *code = upper(request->arena, request->text);
	size_t len = strlen(code);
	if (len <= 16 && isalnum((unsigned char)*code) &&
	    strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len)
		return code;
	*ret_reason = agency ? "we know no agency of that name."
			     : "we know no group of that name.";
	return NULL;
}

/* a-12 → A-0012: at least four digits. */
static const char *
value_reference(const struct value_request *request, const char **ret_reason)
{
	const struct form_lookup *lookup = request->judge->lookup;
	bool action = request->field->type == TYPE_ACTION;
	char letter = action ? 'A' : 'M';
	form_lookup_fn find = NULL;
	const char *text = request->text;
	const char *digits = text + 2;

	*ret_reason = "we could not read it as a reference.";
	size_t len = strlen(text);
	if (len < 3 || len > 14 || toupper((unsigned char)*text) != letter ||
	    text[1] != '-' || strspn(digits, "0123456789") != len - 2)
		return NULL;
	while (*digits == '0')
		digits++;
	const char *ref = arena_printf(request->arena, "%c-%s%s", letter,
	    &"0000"[strlen(digits) < 4 ? strlen(digits) : 4], digits);
	if (lookup != NULL)
		find = action ? lookup->action : lookup->meeting;
	return find != NULL ? look_up(request, find, ref, ret_reason) : ref;
}

/* --- the way in ------------------------------------------------------------------ */

static const struct {
	value_fn read;
	const char *allowed;
} g_types[] = {
    [TYPE_TEXT] = {value_text, ""},
    [TYPE_INTEGER] = {value_number, "a whole number, such as 120"},
    [TYPE_DECIMAL] = {value_number, "a number, such as 12.5"},
    [TYPE_PERCENT] = {value_number, "a percentage, such as 85"},
    [TYPE_DATE] = {value_date, "any date, written like 14 May 2026"},
    [TYPE_TIME] = {value_time, "a time, written like 14:30"},
    [TYPE_MONTH] = {value_period, "a month, written like March 2026"},
    [TYPE_QUARTER] = {value_period,
	"a quarter, written like 2026-Q1 (April to June 2026)"},
    [TYPE_YEAR] = {value_period, "a year, written like 2025-26"},
    [TYPE_PERIOD] = {value_period,
	"a year like 2025-26, a quarter like 2026-Q1, or a month like "
	"2026-03"},
    [TYPE_BOOLEAN] = {value_boolean, "yes or no"},
    [TYPE_CHOICE] = {value_choice, ""},
    [TYPE_EMAIL] = {value_email, "one email address"},
    [TYPE_AGENCY] = {value_code, "the name or code of an agency"},
    [TYPE_CONTACT] = {value_contact, "the email address of someone we know"},
    [TYPE_GROUP] = {value_code, "the name or code of a group"},
    [TYPE_ACTION] = {value_reference, "an action's reference, such as A-0001"},
    [TYPE_MEETING] = {value_reference, "a meeting's reference, such as M-0001"},
};

static const char *
list_values(struct arena *arena, const struct form_choice *choice)
{
	const char *list = "";

	for (size_t i = 0; i < choice->value_count; i++) {
		const char *join = ", ";
		if (i == 0)
			join = "";
		else if (i + 1 == choice->value_count)
			join = " or ";
		list = arena_printf(arena, "%s%s%s", list, join,
		    choice->values[i]);
	}
	return list;
}

static const char *
number_words(struct arena *arena, const struct form_field *field)
{
	const char *what =
	    field->type == TYPE_INTEGER ? "a whole number" : "a number";

	if (field->has_min && field->has_max)
		return arena_printf(arena, "%s from %.15g to %.15g", what,
		    field->min, field->max);
	if (field->has_min)
		return arena_printf(arena, "%s, %.15g or more", what,
		    field->min);
	if (field->has_max)
		return arena_printf(arena, "%s up to %.15g", what, field->max);
	return g_types[field->type].allowed;
}

/* What a check of a date asks for, where it is one plain test. */
static const char *
date_words_of(const struct form_field *field)
{
	static const struct {
		const char *tail, *words;
	} tests[] = {
	    {"is in the future",
		"any date after today, written like 14 May 2026"},
	    {"is not in the future",
		"today or an earlier date, written like 14 May 2026"},
	    {"is in the past",
		"any date before today, written like 14 May 2026"},
	};

	const char *text = field->check != NULL ? field->check->text : "";
	size_t name = strlen(field->name);

	for (size_t i = 0; i < COUNT_OF(tests); i++)
		if (strncmp(text, field->name, name) == 0 &&
		    text[name] == ' ' &&
		    strcmp(text + name + 1, tests[i].tail) == 0)
			return tests[i].words;
	return g_types[TYPE_DATE].allowed;
}

const char *
judge_allowed(struct arena *arena, const struct form_field *field)
{
	if (field->type == TYPE_CHOICE)
		return list_values(arena, field->choice);
	if (field->type == TYPE_TEXT && *field->pattern != '\0' &&
	    *field->help != '\0')
		return field->help;
	if (field->type == TYPE_TEXT)
		return text_limit(field) >= LIMIT_ANSWER_CHARS
			   ? "your own words"
			   : arena_printf(arena,
				 "your own words, up to %zu characters",
				 text_limit(field));
	if (field->type == TYPE_DATE)
		return date_words_of(field);
	if (form_type_is_number(field->type))
		return number_words(arena, field);
	return g_types[field->type].allowed;
}

struct judge_value
judge_value(struct arena *arena, const struct judge_request *request,
    const struct form_field *field, const char *text)
{
	struct value_request value = {.arena = arena,
	    .judge = request,
	    .field = field,
	    .text = text_trim(arena, text)};
	struct judge_value result = {NULL, "it is empty.", ""};

	if (*value.text != '\0')
		result.value =
		    g_types[field->type].read(&value, &result.reason);
	if (result.value == NULL)
		result.allowed = judge_allowed(arena, field);
	return result;
}
