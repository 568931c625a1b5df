#include "forms/keys.h"

#include <string.h>

#include "base/text.h"

static void
add_key(struct arena *arena, struct form_keys *keys, const char *folded)
{
	if (*folded != '\0' && !form_keys_have(keys, folded))
		*(const char **)arena_push(arena, &keys->items, &keys->count,
		    sizeof(*keys->items)) = folded;
}

/* "What is missing (score 0 or 1)" is "What is missing" too. */
static const char *
without_hint(struct arena *arena, const char *label)
{
	char *copy = text_trim(arena, label);
	size_t len = strlen(copy);

	while (len > 0 && strchr(":. ", copy[len - 1]) != NULL)
		len--;
	if (len == 0 || copy[len - 1] != ')')
		return "";
	copy[len] = '\0';
	char *open = strrchr(copy, '(');
	if (open == NULL || open == copy)
		return "";
	*open = '\0';
	return copy;
}

void
keys_build(struct arena *arena, const char *name, const char *label,
    const char *const *also, struct form_keys *ret_keys)
{
	add_key(arena, ret_keys, text_fold(arena, name));
	add_key(arena, ret_keys, text_fold(arena, label));
	add_key(arena, ret_keys, text_fold(arena, without_hint(arena, label)));
	for (; also != NULL && *also != NULL; also++)
		add_key(arena, ret_keys, text_fold(arena, *also));
}

bool
form_keys_have(const struct form_keys *keys, const char *folded)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->items[i], folded) == 0)
			return true;
	return false;
}

const char *
keys_clash(const struct form_keys *a, const struct form_keys *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (form_keys_have(b, a->items[i]))
			return a->items[i];
	return NULL;
}

void
keys_drop(struct form_keys *keys, const char *folded)
{
	size_t kept = 0;

	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->items[i], folded) != 0)
			keys->items[kept++] = keys->items[i];
	keys->count = kept;
}

const struct form_field *
keys_find_field(const struct form_field *fields, size_t count,
    const char *folded)
{
	if (*folded == '\0')
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (form_keys_have(&fields[i].keys, folded))
			return &fields[i];
	return NULL;
}

/* "5", "5 Staff training", "Staff training", "Standard 5". */
const struct form_row *
keys_find_row(struct arena *arena, const struct form_table *table,
    const char *text)
{
	const char *folded = text_fold(arena, text);
	const char *word = text_fold(arena, table->row_label);
	size_t len = strlen(word);

	if (len > 0 && strncmp(folded, word, len) == 0 && folded[len] == ' ')
		folded += len + 1;
	for (size_t i = 0; i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		const char *both = text_fold(arena,
		    arena_printf(arena, "%s %s", row->name, row->label));
		if (form_keys_have(&row->keys, folded) ||
		    strcmp(folded, both) == 0)
			return row;
	}
	return NULL;
}

const struct form_table *
keys_find_table(const struct form *form, const char *folded)
{
	for (size_t i = 0; i < form->table_count; i++)
		if (form_keys_have(&form->tables[i].keys, folded))
			return &form->tables[i];
	return NULL;
}
