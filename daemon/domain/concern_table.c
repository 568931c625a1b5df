#include "domain/concern_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "domain/concern_words.h"

/* A word where it stands in the lists; the number is its place here. */
struct word {
	const char *text;
	size_t bytes;
};

static struct word g_words[CONCERN_WORDS]; /* [0] is no word */
static unsigned g_word_count;
static unsigned g_order[CONCERN_WORDS]; /* numbers, sorted by their words */
static struct concern_table g_table;

static int
compare_words(struct word a, struct word b)
{
	size_t bytes = a.bytes < b.bytes ? a.bytes : b.bytes;
	int order = memcmp(a.text, b.text, bytes);

	if (order != 0)
		return order;
	return (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

static int
compare_numbers(const void *a, const void *b)
{
	return compare_words(g_words[*(const unsigned *)a],
	    g_words[*(const unsigned *)b]);
}

static unsigned
add_word(struct word word)
{
	for (unsigned i = 1; i <= g_word_count; i++)
		if (compare_words(g_words[i], word) == 0)
			return i;
	BUG_ON(g_word_count + 1 >= CONCERN_WORDS);
	g_words[++g_word_count] = word;
	return g_word_count;
}

static const char *
set_words(const char *name, size_t bytes)
{
	for (const struct concern_set *set = g_concern_sets; set->name != NULL;
	     set++)
		if (strlen(set->name) == bytes &&
		    memcmp(set->name, name, bytes) == 0)
			return set->words;
	bug_stop(__FILE__, __LINE__, name);
}

/* `a|b|@set`, `bytes` long, into numbers. */
static void
add_list(struct concern_words *words, const char *list, size_t bytes)
{
	const char *end = list + bytes;

	while (list < end) {
		struct word word = {list, strcspn(list, "| ")};
		if (word.bytes > (size_t)(end - list))
			word.bytes = (size_t)(end - list);
		if (*list == '@') {
			const char *set = set_words(list, word.bytes);
			add_list(words, set, strlen(set));
		} else {
			unsigned number = add_word(word);
			words->bits[number / 64] |= UINT64_C(1)
						    << (number % 64);
		}
		list += word.bytes + 1;
	}
}

/* `a ~2 b|c .`: `~` belongs to the place behind it, `.` is any word. */
static void
add_pattern(struct concern_row *row, const char *text)
{
	size_t gap = 0;

	while (*text != '\0') {
		size_t bytes = strcspn(text, " ");
		if (*text == '~') {
			gap += (size_t)strtoul(text + 1, NULL, 10);
		} else {
			BUG_ON(row->count == CONCERN_PLACES);
			struct concern_place *place =
			    &row->places[row->count++];
			place->gap = gap;
			place->any = bytes == 1 && *text == '.';
			if (!place->any)
				add_list(&place->words, text, bytes);
			gap = 0;
		}
		text += bytes;
		text += *text == ' ';
	}
}

static void
make_table(void)
{
	const struct concern_pattern *pattern = g_concern_patterns;

	for (; pattern->text != NULL; pattern++) {
		BUG_ON(g_table.pattern_count == CONCERN_PATTERNS);
		struct concern_row *row =
		    &g_table.patterns[g_table.pattern_count++];
		row->is_weak = pattern->strength == CONCERN_WEAK;
		add_pattern(row, pattern->text);
	}
	for (const char *const *ours = g_concern_ours; *ours != NULL; ours++)
		add_pattern(&g_table.ours[g_table.ours_count++], *ours);
	add_list(&g_table.trade, g_concern_trade, strlen(g_concern_trade));
	add_list(&g_table.when, g_concern_if, strlen(g_concern_if));
	add_list(&g_table.rule, g_concern_rule, strlen(g_concern_rule));
	for (unsigned i = 0; i < g_word_count; i++)
		g_order[i] = i + 1;
	qsort(g_order, g_word_count, sizeof(*g_order), compare_numbers);
}

const struct concern_table *
concern_table_get(void)
{
	if (g_table.pattern_count == 0)
		make_table();
	return &g_table;
}

unsigned
concern_word_number(const char *text)
{
	struct word word = {text, strlen(text)};
	size_t low = 0, high = g_word_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_words(g_words[g_order[middle]], word);
		if (order == 0)
			return g_order[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return CONCERN_UNKNOWN;
}
