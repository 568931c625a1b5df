#include "forms/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	LABEL_BYTES = 400 /* longer cells are no labels, hint and all */
};

static int
compare(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static void
add_fields(struct arena *arena, struct labels *labels,
    const struct form_table *table, const struct form_field *fields,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < fields[i].keys.count; k++) {
			const char *key = fields[i].keys.items[k];
			*(struct label *)arena_push(arena, &labels->items,
			    &labels->count, sizeof(*labels->items)) =
			    (struct label){key, table, &fields[i]};
			labels->first[(unsigned char)key[0]] = true;
		}
}

void
labels_build(struct arena *arena, const struct form *form,
    struct labels *ret_labels)
{
	*ret_labels = (struct labels){NULL, 0, {false}};
	add_fields(arena, ret_labels, NULL, form->fields, form->field_count);
	for (size_t i = 0; i < form->table_count; i++)
		add_fields(arena, ret_labels, &form->tables[i],
		    form->tables[i].columns, form->tables[i].column_count);
	if (ret_labels->count > 0)
		qsort(ret_labels->items, ret_labels->count,
		    sizeof(*ret_labels->items), compare);
}

static struct label_range
find_folded(const struct labels *labels, const char *folded)
{
	struct label_range range = {NULL, 0};
	size_t low = 0, high = labels->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(labels->items[middle].key, folded) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + range.count < labels->count &&
	       strcmp(labels->items[low + range.count].key, folded) == 0)
		range.count++;
	if (range.count > 0)
		range.items = &labels->items[low];
	return range;
}

/* Most cells hold something else: seen by their first sign, without folding. */
static bool
may_be_label(const struct labels *labels, const char *text)
{
	size_t len = strnlen(text, LABEL_BYTES + 1);

	if (len == 0 || len > LABEL_BYTES)
		return false;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x80)
			return true;
		if (c >= 'A' && c <= 'Z')
			return labels->first[c | 0x20];
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			return labels->first[c];
	}
	return false;
}

const char *
label_without_hint(struct arena *arena, const char *text)
{
	text += strspn(text, " \t\r\n");
	size_t len = strcspn(text, "(\n");

	return len == 0 || text[len] == '\0' ? NULL
					     : arena_strndup(arena, text, len);
}

struct label_range
labels_find(struct arena *arena, const struct labels *labels, const char *text)
{
	struct label_range none = {NULL, 0};

	if (!may_be_label(labels, text))
		return none;
	struct label_range range = find_folded(labels, text_fold(arena, text));
	if (range.count > 0)
		return range;
	const char *bare = label_without_hint(arena, text);
	return bare == NULL ? none
			    : find_folded(labels, text_fold(arena, bare));
}

const struct form_field *
labels_pick(const struct label_range *range, const struct form_table *table)
{
	for (size_t i = 0; i < range->count; i++)
		if (range->items[i].table == table)
			return range->items[i].field;
	return NULL;
}
