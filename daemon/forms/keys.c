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

/* What stands behind `word` and a space at the begin of `folded`, or NULL. */
static const char *
behind_word(const char *folded, const char *word)
{
	size_t len = strlen(word);

	return len > 0 && strncmp(folded, word, len) == 0 && folded[len] == ' '
		   ? folded + len + 1
		   : NULL;
}

/* Are these the first words of the label? */
static bool
begins_label(struct arena *arena, const struct form_row *row, const char *words)
{
	const char *label = text_fold(arena, row->label);
	size_t len = strlen(words);

	return len > 0 && strncmp(label, words, len) == 0 &&
	       (label[len] == '\0' || label[len] == ' ');
}

const struct form_row *
keys_find_row(struct arena *arena, const struct form_table *table,
    const char *text)
{
	const char *folded = text_fold(arena, text);
	const char *behind =
	    behind_word(folded, text_fold(arena, table->row_label));
	const char *bare = behind != NULL ? behind : folded;

	for (size_t i = 0; i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		const char *title =
		    behind_word(bare, text_fold(arena, row->name));
		if (form_keys_have(&row->keys, folded) ||
		    form_keys_have(&row->keys, bare) ||
		    (title != NULL && begins_label(arena, row, title)))
			return row;
	}
	return NULL;
}

bool
keys_names_row(struct arena *arena, const struct form_table *table,
    const char *text, enum row_naming *ret_naming)
{
	const char *folded = text_fold(arena, text);
	const struct form_row *row = keys_find_row(arena, table, text);

	if (row == NULL || strcmp(text_fold(arena, row->name), folded) == 0)
		return false;
	if (behind_word(folded, text_fold(arena, table->row_label)) != NULL)
		*ret_naming = ROW_BY_WORD;
	else if (behind_word(folded, text_fold(arena, row->name)) != NULL)
		*ret_naming = ROW_BY_NUMBER;
	else
		*ret_naming = ROW_BY_LABEL;
	return true;
}

const struct form_table *
keys_find_table(const struct form *form, const char *folded)
{
	for (size_t i = 0; i < form->table_count; i++)
		if (form_keys_have(&form->tables[i].keys, folded))
			return &form->tables[i];
	return NULL;
}
