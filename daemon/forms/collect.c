#include "forms/collect.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "forms/lines.h"

const char g_fault_twice[] = "it is here twice, so we do not know which "
			     "one you mean.";
const char g_fault_row_twice[] = "it is here twice, so we do not know which "
				 "one you mean.";

void
collect_entry(struct collector *collector, const struct form_entry *entry)
{
	struct form_source *out = collector->out;

	if (text_is_blank(entry->text))
		return;
	if (out->entry_count >= LIMIT_ANSWERS) {
		out->is_cut = true;
		return;
	}
	struct form_entry *copy = arena_push(collector->arena, &out->entries,
	    &out->entry_count, sizeof(*copy));
	*copy = *entry;
	copy->source = collector->source;
	if (copy->fault == NULL)
		copy->fault = "";
	if (copy->origin == NULL)
		copy->origin = "";
}

void
collect_unread(struct collector *collector, const char *text)
{
	struct form_source *out = collector->out;

	if (out->unread_count >= LIMIT_UNKNOWN_LINES)
		return;
	for (size_t i = 0; i < out->unread_count; i++)
		if (text_same(collector->arena, out->unread[i], text))
			return;
	*(const char **)arena_push(collector->arena, &out->unread,
	    &out->unread_count, sizeof(*out->unread)) = text;
}

static bool
same_row(const struct form_entry *a, const struct form_entry *b)
{
	if (strcmp(a->tbl, b->tbl) != 0)
		return false;
	return *a->row == '\0' && *a->tbl != '\0'
		   ? a->block == b->block
		   : text_same_name(a->row, b->row);
}

void
collect_faults(struct collector *collector, size_t from)
{
	struct form_source *out = collector->out;

	for (size_t i = from; i < out->entry_count; i++) {
		struct form_entry *a = &out->entries[i];
		for (size_t k = from; k < i; k++) {
			struct form_entry *b = &out->entries[k];
			if (!same_row(a, b))
				continue;
			if (a->block != b->block)
				a->fault = b->fault = g_fault_row_twice;
			else if (strcmp(a->field, b->field) == 0)
				a->fault = b->fault = g_fault_twice;
		}
	}
}
