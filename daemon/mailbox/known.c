#include "mailbox/known.h"

#include <glib.h>

#include "base/macros.h"

struct entry {
	enum known_state state;
	unsigned seen; /* the last listing that it stood in */
};

struct known {
	GHashTable *entries; /* key to entry, both owned */
	unsigned listing;
};

struct known *
known_new(void)
{
	struct known *known = g_new0(struct known, 1);

	known->entries =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return known;
}

void
known_free(struct known *known)
{
	if (known == NULL)
		return;
	g_hash_table_destroy(known->entries);
	g_free(known);
}

bool
known_has(const struct known *known, const char *key)
{
	return g_hash_table_contains(known->entries, key);
}

void
known_set(struct known *known, const char *key, enum known_state state)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->state = state;
	entry->seen = known->listing;
	(void)g_hash_table_replace(known->entries, g_strdup(key), entry);
}

void
known_drop(struct known *known, const char *key)
{
	(void)g_hash_table_remove(known->entries, key); /* or it never was */
}

void
known_begin(struct known *known)
{
	known->listing++;
}

void
known_seen(struct known *known, const char *key)
{
	struct entry *entry = g_hash_table_lookup(known->entries, key);

	if (entry != NULL)
		entry->seen = known->listing;
}

static gboolean
is_gone(gpointer key UNUSED, gpointer value, gpointer ctx)
{
	const struct entry *entry = value;
	const struct known *known = ctx;

	return entry->state == KNOWN_KEPT && entry->seen != known->listing;
}

void
known_end(struct known *known)
{
	(void)g_hash_table_foreach_remove(known->entries, is_gone, known);
}
