#include "parser/xlsx.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/relations.h"
#include "parser/xml.h"

enum {
	NAME_BYTES = 255
};

static void
add_sheet(struct xlsx *book, const char **attrs)
{
	struct package *p = book->package;
	const char *name = xml_attr(attrs, "name");
	const char *id = xml_attr(attrs, "id");
	const char *state = xml_attr(attrs, "state");

	if (id == NULL)
		return;
	if (book->sheet_count > LIMIT_SHEETS)
		return; /* one more than is read tells that there are more */
	*(struct xlsx_sheet *)arena_push(p->arena, &book->sheets,
	    &book->sheet_count, sizeof(*book->sheets)) = (struct xlsx_sheet){
	    .name =
		charset_clean(p->arena, name == NULL ? "" : name, NAME_BYTES),
	    .relation = arena_strndup(p->arena, id, NAME_BYTES),
	    .hidden = state != NULL && !text_ieq(state, "visible"),
	};
}

static void
on_workbook(void *arg, const char *name, const char **attrs)
{
	struct xlsx *book = arg;

	if (strcmp(name, "workbookPr") == 0 && xml_attr_true(attrs, "date1904"))
		book->epoch = EPOCH_1904;
	else if (strcmp(name, "sheet") == 0)
		add_sheet(book, attrs);
}

void
xlsx_read(struct package *p, struct record_part *part, const char *main_part)
{
	static const struct xml_events events = {.start = on_workbook};
	struct xlsx book = {.package = p, .strings_left = LIMIT_STRINGS_BYTES};
	struct relations relations;

	part->macros |= package_has(p, "xl/vbaProject.bin");
	relations_read(p, main_part, &relations);
	(void)xml_read(p, main_part, &events, &book);
	const char *strings = relations_by_type(&relations, "sharedStrings");
	const char *styles = relations_by_type(&relations, "styles");
	if (strings != NULL)
		xlsx_read_strings(&book, strings);
	if (styles != NULL)
		xlsx_read_styles(&book, styles);
	for (size_t i = 0; i < book.sheet_count && !package_stopped(p); i++) {
		/* Charts and the like have sheets of their own. */
		const char *sheet = relations_by_id(&relations,
		    book.sheets[i].relation, "worksheet");
		if (sheet != NULL)
			xlsx_read_sheet(&book, sheet, &book.sheets[i]);
	}
}
