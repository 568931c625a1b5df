/* What must fit between the rows and the files of a register. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "store/books.h"

/* Names in a file, sorted: who bears one? */
struct name {
	const char *text;
	const char *owner; /* the row's own name */
	const char *file;
	int line;
};

struct names {
	struct arena *arena;
	struct name *items;
	size_t count;
};

static void
add_name(struct names *names, struct name name)
{
	struct name *item = arena_push(names->arena, &names->items,
	    &names->count, sizeof(*item));

	*item = name;
}

static int
compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order != 0 ? order : x->line - y->line;
}

static int
compare_text(const void *text, const void *name)
{
	return strcmp(text, ((const struct name *)name)->text);
}

static const struct name *
find_name(const struct names *names, const char *text)
{
	if (names->count == 0)
		return NULL;
	return bsearch(text, names->items, names->count, sizeof(struct name),
	    compare_text);
}

/* Sorts them, and tells each that stands twice. */
static void
sort_names(struct teller *teller, struct names *names, const char *noun)
{
	if (names->count == 0)
		return;
	qsort(names->items, names->count, sizeof(struct name), compare_names);
	for (size_t i = 1; i < names->count; i++) {
		const struct name *a = &names->items[i - 1];
		const struct name *b = &names->items[i];
		if (strcmp(a->text, b->text) != 0 ||
		    (a->line == b->line && strcmp(a->owner, b->owner) == 0))
			continue;
		tell_problem(teller, b->file, b->line,
		    "%s \"%s\" stands in line %d already: leave one out", noun,
		    b->text, a->line);
	}
}

/* The keys of a file. */
static struct names
key_names(struct teller *teller, const struct sheet *sheet,
    const struct book *book)
{
	struct names names = {.arena = teller->arena};

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		const char *key = book_key(teller->arena, book, row->cells);
		if (key[0] != '\0')
			add_name(&names, (struct name){key, key,
					     book->sheet.file, row->line});
	}
	sort_names(teller, &names, book->noun);
	return names;
}

/* Addresses and aliases of all contacts. */
static struct names
address_names(struct teller *teller, const struct sheet *sheet)
{
	struct names names = {.arena = teller->arena};

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		const char *email = row->cells[CONTACT_EMAIL];
		char **aliases =
		    text_split(teller->arena, row->cells[CONTACT_ALIASES], ";");
		struct name name = {email, email, "contacts.csv", row->line};
		add_name(&names, name);
		for (size_t k = 0; aliases[k] != NULL; k++) {
			name.text = aliases[k];
			if (strcmp(aliases[k], email) == 0)
				tell_problem(teller, name.file, name.line,
				    "alias \"%s\" is the contact's own "
				    "address: leave it out",
				    email);
			else
				add_name(&names, name);
		}
	}
	sort_names(teller, &names, "the address");
	return names;
}

/* Codes and aliases of agencies; one word must not mean two of them. */
static void
check_aliases(struct teller *teller, const struct sheet *sheet)
{
	struct names names = {.arena = teller->arena};

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		const char *code = row->cells[AGENCY_CODE];
		char **aliases =
		    text_split(teller->arena, row->cells[AGENCY_ALIASES], ";");
		struct name name = {text_fold(teller->arena, code), code,
		    "agencies.csv", row->line};
		add_name(&names, name);
		for (size_t k = 0; aliases[k] != NULL; k++) {
			name.text = text_fold(teller->arena, aliases[k]);
			add_name(&names, name);
		}
	}
	sort_names(teller, &names, "the code or alias");
}

static void
check_ref(struct teller *teller, const struct names *names,
    const struct sheet_column *column, const struct name *used)
{
	if (used->text[0] == '\0' || find_name(names, used->text) != NULL)
		return;
	/* A file that could not be read is the one problem, not each row that
	 * refers to it. */
	if (names->count == 0 && teller->import->ret_problems > 0)
		return;
	tell_problem(teller, used->file, used->line,
	    "%s \"%s\" is not in %s: add it there, or correct it here",
	    column->name, used->text, used->owner);
}

/* Each item of one column must be a name; `where` says of which file. */
static void
check_refs(struct teller *teller, const struct sheet *sheet, int column,
    const struct names *names, const char *where)
{
	for (size_t i = 0; i < sheet->count; i++) {
		char **items = text_split(teller->arena,
		    sheet->rows[i].cells[column], ";");
		for (size_t k = 0; items[k] != NULL; k++)
			check_ref(teller, names, &sheet->spec->columns[column],
			    &(struct name){items[k], where, sheet->spec->file,
				sheet->rows[i].line});
	}
}

/* An alias stands for the contact: from here on by the main address. */
static void
resolve_address(const struct sheet *sheet, int column,
    const struct names *addresses)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const char **cell = &sheet->rows[i].cells[column];
		const struct name *name = find_name(addresses, *cell);
		if (name != NULL)
			*cell = name->owner;
	}
}

static void
check_days(struct teller *teller, const struct sheet *sheet, int from, int to)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const char *const *cells = sheet->rows[i].cells;
		if (cells[to][0] == '\0' || strcmp(cells[from], cells[to]) <= 0)
			continue;
		tell_problem(teller, sheet->spec->file, sheet->rows[i].line,
		    "%s %s is before %s %s", sheet->spec->columns[to].name,
		    cells[to], sheet->spec->columns[from].name, cells[from]);
	}
}

static void
check_contacts(struct teller *teller, const struct sheet *sheet)
{
	static const char *const needs[] = {"lead", "deputy", "executive",
	    "governor", "data"};

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		const char *roles = row->cells[CONTACT_ROLES];
		if (strcmp(row->cells[CONTACT_DEPUTY],
			row->cells[CONTACT_EMAIL]) == 0)
			tell_problem(teller, "contacts.csv", row->line,
			    "deputy \"%s\" is the contact: name another, or "
			    "leave it empty",
			    row->cells[CONTACT_DEPUTY]);
		for (size_t k = 0; k < COUNT_OF(needs); k++) {
			if (row->cells[CONTACT_AGENCY][0] != '\0' ||
			    strstr(roles, needs[k]) == NULL)
				continue;
			tell_problem(teller, "contacts.csv", row->line,
			    "agency is empty: a %s belongs to one", needs[k]);
			break;
		}
	}
}

static void
check_parents(struct teller *teller, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const char *const *cells = sheet->rows[i].cells;
		if (cells[AGENCY_PARENT][0] != '\0' &&
		    strcmp(cells[AGENCY_PARENT], cells[AGENCY_CODE]) == 0)
			tell_problem(teller, "agencies.csv",
			    sheet->rows[i].line,
			    "parent \"%s\" is the agency itself: leave it "
			    "empty",
			    cells[AGENCY_PARENT]);
	}
}

/* After resolving: an alias and its address are one member. */
static void
check_members(struct teller *teller, const struct sheet *sheet)
{
	(void)key_names(teller, sheet, &g_books[BOOK_MEMBERS]);
}

/* A priority that is over may name a group that is closed. */
static void
check_owners(struct teller *teller, const struct sheet *sheet,
    const struct names *groups)
{
	char today[DATE_TEXT_BYTES];

	date_format_iso(teller->import->today_day, today);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_row *row = &sheet->rows[i];
		const char *to = row->cells[PRIORITY_TO];
		if (to[0] != '\0' && strcmp(to, today) <= 0)
			continue;
		check_ref(teller, groups, &sheet->spec->columns[PRIORITY_OWNER],
		    &(struct name){row->cells[PRIORITY_OWNER], "groups.csv",
			sheet->spec->file, row->line});
	}
}

void
register_check(struct teller *teller, struct sheet sheets[BOOK_COUNT])
{
	const struct sheet *agencies = &sheets[BOOK_AGENCIES];
	const struct sheet *contacts = &sheets[BOOK_CONTACTS];
	const struct sheet *groups = &sheets[BOOK_GROUPS];
	const struct sheet *members = &sheets[BOOK_MEMBERS];
	const struct sheet *priorities = &sheets[BOOK_PRIORITIES];
	struct names codes =
	    key_names(teller, agencies, &g_books[BOOK_AGENCIES]);
	struct names group_codes =
	    key_names(teller, groups, &g_books[BOOK_GROUPS]);
	struct names addresses = address_names(teller, contacts);

	check_aliases(teller, agencies);
	check_parents(teller, agencies);
	check_refs(teller, agencies, AGENCY_PARENT, &codes, "agencies.csv");
	check_refs(teller, contacts, CONTACT_AGENCY, &codes, "agencies.csv");
	check_refs(teller, contacts, CONTACT_DEPUTY, &addresses,
	    "contacts.csv");
	resolve_address(contacts, CONTACT_DEPUTY, &addresses);
	check_contacts(teller, contacts);
	check_refs(teller, members, MEMBER_GROUP, &group_codes, "groups.csv");
	check_refs(teller, members, MEMBER_EMAIL, &addresses, "contacts.csv");
	resolve_address(members, MEMBER_EMAIL, &addresses);
	check_members(teller, members);
	(void)key_names(teller, priorities, &g_books[BOOK_PRIORITIES]);
	check_owners(teller, priorities, &group_codes);
	check_days(teller, agencies, AGENCY_FROM, AGENCY_TO);
	check_days(teller, members, MEMBER_FROM, MEMBER_TO);
	check_days(teller, priorities, PRIORITY_FROM, PRIORITY_TO);
}
