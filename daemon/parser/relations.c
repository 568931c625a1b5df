#include "parser/relations.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/xml.h"

struct reading {
	struct package *package;
	const char *folder; /* of the part, with its slash; "" */
	struct relations *out;
};

/* `/xl/styles.xml` is a name of its own, `styles.xml` one beside the part. */
static const char *
resolve(const struct reading *r, const char *target)
{
	if (*target == '/')
		return arena_strdup(r->package->arena, target + 1);
	return arena_printf(r->package->arena, "%s%s", r->folder, target);
}

static void
on_start(void *arg, const char *name, const char **attrs)
{
	struct reading *r = arg;
	const char *id = xml_attr(attrs, "Id"), *type = xml_attr(attrs, "Type");
	const char *target = xml_attr(attrs, "Target");
	const char *mode = xml_attr(attrs, "TargetMode");

	if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL ||
	    target == NULL || (mode != NULL && text_ieq(mode, "External")) ||
	    strlen(id) + strlen(type) + strlen(target) > LIMIT_HEADER_BYTES)
		return;
	if (r->out->count == LIMIT_RELATIONS) {
		package_stop(r->package, PART_TOO_LARGE,
		    "it holds too many parts.");
		return;
	}
	const char *word = strrchr(type, '/');
	*(struct relation *)arena_push(r->package->arena, &r->out->items,
	    &r->out->count, sizeof(*r->out->items)) = (struct relation){
	    .id = arena_strdup(r->package->arena, id),
	    .type =
		arena_strdup(r->package->arena, word == NULL ? type : word + 1),
	    .part = resolve(r, target),
	};
}

void
relations_read(struct package *p, const char *part,
    struct relations *ret_relations)
{
	static const struct xml_events events = {.start = on_start};
	const char *slash = strrchr(part, '/');
	const char *base = slash == NULL ? part : slash + 1;
	const char *folder =
	    arena_strndup(p->arena, part, (size_t)(base - part));
	struct reading r = {p, folder, ret_relations};

	*ret_relations = (struct relations){NULL, 0};
	(void)xml_read(p,
	    arena_printf(p->arena, "%s_rels/%s.rels", folder, base), &events,
	    &r);
}

const char *
relations_by_type(const struct relations *r, const char *type)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->items[i].type, type) == 0)
			return r->items[i].part;
	return NULL;
}

const char *
relations_by_id(const struct relations *r, const char *id, const char *type)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->items[i].id, id) == 0 &&
		    strcmp(r->items[i].type, type) == 0)
			return r->items[i].part;
	return NULL;
}
