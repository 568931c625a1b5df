/* The cells of the register's files: what each kind may hold. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "domain/quorum.h"
#include "store/sheet.h"

enum {
	CELL_BYTES = 1000,
	CODE_CHARS = 16,
	NUMBER_MAX = 99
};

struct cell {
	struct arena *arena;
	const struct sheet_column *column;
	const char *text; /* cleaned, not empty */
	const char *ret_text;
};

typedef const char *(*check_fn)(struct cell *cell);

/* In upper case; NULL where it is no code. */
static const char *
as_code(struct arena *arena, const char *text)
{
	char *code = arena_strdup(arena, text);
	size_t length = strlen(code);

	for (size_t i = 0; i < length; i++) {
		code[i] = (char)toupper((unsigned char)code[i]);
		if (!(code[i] >= 'A' && code[i] <= 'Z') &&
		    !(code[i] >= '0' && code[i] <= '9') &&
		    !(code[i] == '-' && i > 0))
			return NULL;
	}
	return length >= 1 && length <= CODE_CHARS ? code : NULL;
}

static const char *
check_text(struct cell *cell)
{
	cell->ret_text = cell->text;
	return NULL;
}

static const char *
check_code(struct cell *cell)
{
	cell->ret_text = as_code(cell->arena, cell->text);
	if (cell->ret_text != NULL)
		return NULL;
	return "is not a code: write 1 to 16 letters, digits and hyphens, with "
	       "a letter or digit first, such as LGT";
}

static const char *
check_email(struct cell *cell)
{
	cell->ret_text =
	    text_lower(cell->arena, address_wire(cell->arena, cell->text));
	if (address_is_valid(cell->ret_text))
		return NULL;
	return "is not a mail address: write it as name@organisation.example, "
	       "without a display name";
}

static const char *
check_day(struct cell *cell)
{
	cell->ret_text = cell->text;
	if (date_parse_iso(cell->text) != DAY_NONE)
		return NULL;
	return "is not a day: write it as 2026-03-31";
}

static const char *
check_status(struct cell *cell)
{
	static const char away[] = "away until ";
	const char *text = text_lower(cell->arena, cell->text);

	cell->ret_text = text;
	if (strcmp(text, "active") == 0 || strcmp(text, "left") == 0)
		return NULL;
	if (text_istarts(text, away) &&
	    date_parse_iso(text + sizeof(away) - 1) != DAY_NONE)
		return NULL;
	return "is not a status: write active, left or away until 2026-03-31";
}

static const char *
check_quorum(struct cell *cell)
{
	const struct quorum *quorum;
	struct err err = {0};

	cell->ret_text = cell->text;
	if (quorum_parse(cell->arena, cell->text, &quorum, &err) < 0)
		return arena_printf(cell->arena,
		    "is not a quorum rule: %s; write for example LA & ICB & "
		    "POLICE & (chair | vice), or 4 of 6 members",
		    err.text);
	return NULL;
}

static const char *
check_number(struct cell *cell)
{
	size_t digits = strspn(cell->text, "0123456789");
	int number = atoi(cell->text);

	if (digits == 0 || digits > 3 || cell->text[digits] != '\0' ||
	    number > NUMBER_MAX)
		return "is not a number of days: write a whole number from 0 "
		       "to "
		       "99";
	cell->ret_text = arena_printf(cell->arena, "%d", number);
	return NULL;
}

static const char *
all_words(struct cell *cell)
{
	const char *text = "";

	for (const char *const *word = cell->column->words; *word; word++)
		text = arena_printf(cell->arena, "%s%s%s", text,
		    text[0] == '\0' ? "" : ", ", *word);
	return text;
}

static const char *
check_word(struct cell *cell)
{
	for (const char *const *word = cell->column->words; *word; word++) {
		if (!text_ieq(*word, cell->text))
			continue;
		cell->ret_text = *word;
		return NULL;
	}
	return arena_printf(cell->arena, "is none of: %s", all_words(cell));
}

static const char *
join(struct arena *arena, const char *list, const char *item)
{
	return arena_printf(arena, "%s%s%s", list, list[0] == '\0' ? "" : ";",
	    item);
}

static bool
list_has(struct arena *arena, const char *list, const char *item)
{
	char **items = text_split(arena, list, ";");

	for (size_t i = 0; items[i] != NULL; i++)
		if (strcmp(items[i], item) == 0)
			return true;
	return false;
}

/* Each item by `check`, joined again; an item twice stands once. */
static const char *
check_each(struct cell *cell, check_fn check)
{
	char **items = text_split(cell->arena, cell->text, ";");
	const char *list = "";

	for (size_t i = 0; items[i] != NULL; i++) {
		struct cell one = {cell->arena, cell->column, items[i], ""};
		const char *wrong = check(&one);
		if (wrong != NULL)
			return arena_printf(cell->arena, "(\"%s\") %s",
			    items[i], wrong);
		if (!list_has(cell->arena, list, one.ret_text))
			list = join(cell->arena, list, one.ret_text);
	}
	cell->ret_text = list;
	return NULL;
}

static const char *
check_codes(struct cell *cell)
{
	return check_each(cell, check_code);
}

static const char *
check_list(struct cell *cell)
{
	return check_each(cell, check_text);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In their alphabet, as the database gives them back. */
static const char *
check_emails(struct cell *cell)
{
	const char *wrong = check_each(cell, check_email);
	const char *list = "";
	size_t count = 0;

	if (wrong != NULL)
		return wrong;
	char **items = text_split(cell->arena, cell->ret_text, ";");
	while (items[count] != NULL)
		count++;
	qsort(items, count, sizeof(*items), compare_texts);
	for (size_t i = 0; i < count; i++)
		list = join(cell->arena, list, items[i]);
	cell->ret_text = list;
	return NULL;
}

static const char *
check_words(struct cell *cell)
{
	const char *wrong = check_each(cell, check_word), *list = "";

	if (wrong != NULL)
		return wrong;
	for (const char *const *word = cell->column->words; *word; word++)
		if (list_has(cell->arena, cell->ret_text, *word))
			list = join(cell->arena, list, *word);
	cell->ret_text = list;
	return NULL;
}

enum empty {
	EMPTY_FINE,
	EMPTY_WRONG
};

static const struct {
	check_fn check;
	enum empty empty;
} g_kinds[] = {
    [CELL_TEXT] = {check_text, EMPTY_FINE},
    [CELL_NAME] = {check_text, EMPTY_WRONG},
    [CELL_CODE] = {check_code, EMPTY_WRONG},
    [CELL_MAYBE_CODE] = {check_code, EMPTY_FINE},
    [CELL_CODES] = {check_codes, EMPTY_FINE},
    [CELL_LIST] = {check_list, EMPTY_FINE},
    [CELL_EMAIL] = {check_email, EMPTY_WRONG},
    [CELL_MAYBE_EMAIL] = {check_email, EMPTY_FINE},
    [CELL_EMAILS] = {check_emails, EMPTY_FINE},
    [CELL_DAY] = {check_day, EMPTY_FINE},
    [CELL_WORD] = {check_word, EMPTY_WRONG},
    [CELL_WORDS] = {check_words, EMPTY_FINE},
    [CELL_NUMBER] = {check_number, EMPTY_WRONG},
    [CELL_STATUS] = {check_status, EMPTY_WRONG},
    [CELL_QUORUM] = {check_quorum, EMPTY_FINE},
};

static const char *
check_empty(const struct sheet_column *column, const char **ret_text)
{
	*ret_text = column->otherwise == NULL ? "" : column->otherwise;
	if (column->otherwise != NULL ||
	    g_kinds[column->kind].empty == EMPTY_FINE)
		return NULL;
	return "is empty: it must be filled";
}

const char *
cell_check(struct arena *arena, const struct sheet_column *column,
    const char *text, const char **ret_text)
{
	struct cell cell = {arena, column, text_clean(arena, text), ""};

	if (cell.text[0] == '\0')
		return check_empty(column, ret_text);
	if (strlen(cell.text) > CELL_BYTES)
		return "is too long: at most 1,000 bytes";
	if (strpbrk(cell.text, "\n\t") != NULL)
		return "stands on several lines: write it on one";
	const char *wrong = g_kinds[column->kind].check(&cell);
	*ret_text = wrong == NULL ? cell.ret_text : cell.text;
	return wrong;
}
