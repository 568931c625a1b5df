#include "parser/office.h"

#include <string.h>

#include "base/text.h"
#include "parser/relations.h"
#include "parser/xml.h"

/* By the root element of the main part. NULL: a kind that we do not read. */
static const struct {
	const char *root;
	void (*read)(struct package *p, struct record_part *part,
	    const char *main_part);
} g_kinds[] = {
    {"workbook", xlsx_read},
    {"document", docx_read},
    {"document-content", ods_read},
};

static void
on_root(void *arg, const char *name, const char **attrs)
{
	size_t *kind = arg;

	(void)attrs;
	*kind = 0;
	while (
	    *kind < COUNT_OF(g_kinds) && strcmp(g_kinds[*kind].root, name) != 0)
		++*kind;
}

static bool
is_enough(const void *arg)
{
	(void)arg;
	return true;
}

/* ODF says in a list of parts which of them are locked. */
static void
on_manifest(void *arg, const char *name, const char **attrs)
{
	(void)attrs;
	if (strcmp(name, "encryption-data") == 0)
		package_stop(arg, PART_ENCRYPTED, "");
}

/* Name of the part that says what the file is; NULL for any other zip. */
static const char *
find_main(struct package *p)
{
	static const struct xml_events events = {.start = on_manifest};
	struct relations relations;

	if (package_stopped(p))
		return NULL;
	(void)xml_read(p, "META-INF/manifest.xml", &events, p);
	if (package_has(p, "META-INF/manifest.xml") &&
	    package_has(p, "content.xml"))
		return "content.xml";
	relations_read(p, "", &relations);
	return relations_by_type(&relations, "officeDocument");
}

/* Tables count only if all of the file was sound. */
static void
hand_over(struct package *p, struct record_part *part)
{
	struct record *r = p->ctx->record;

	part->verdict = p->verdict;
	part->reason = p->reason;
	for (size_t i = 0; p->verdict == PART_READ && i < p->table_count; i++) {
		if (r->table_count == BUDGET_TABLES) {
			part->reason = "your email holds too many tables. We "
				       "read the first ones.";
			return;
		}
		p->tables[i].part = (uint32_t)(part - r->parts);
		*(struct record_table *)arena_push(p->ctx->arena, &r->tables,
		    &r->table_count, sizeof(*r->tables)) = p->tables[i];
	}
	if (p->verdict == PART_READ && p->table_count == 0 &&
	    *part->reason == '\0')
		part->reason = "there is nothing in it.";
}

/* False if it is an Office file of no kind that we know. */
static bool
read_kind(struct package *p, struct record_part *part, const char *main_part)
{
	static const struct xml_events events = {.start = on_root,
	    .enough = is_enough};
	size_t kind = COUNT_OF(g_kinds);
	size_t dot = strlen(main_part);

	/* Excel's binary workbooks. */
	if (dot > 4 && text_ieq(main_part + dot - 4, ".bin")) {
		package_stop(p, PART_OLD_FORMAT, "");
		return true;
	}
	if (xml_read(p, main_part, &events, &kind) == ERR_NOT_FOUND)
		package_stop(p, PART_UNREADABLE, "");
	if (package_stopped(p))
		return true;
	if (kind == COUNT_OF(g_kinds))
		return false;
	g_kinds[kind].read(p, part, main_part);
	return true;
}

bool
office_read(struct context *ctx, struct record_part *part,
    const struct buf *file)
{
	struct package p;

	package_open(&p, ctx, file);
	const char *main_part = find_main(&p);
	bool known = main_part != NULL && read_kind(&p, part, main_part);
	if (known || package_stopped(&p))
		hand_over(&p, part);
	package_done(&p);
	return known;
}
