#include "mail/values.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"

enum {
	NAME_BYTES = 100
};

static const char *const g_numbers[] = {"no", "one", "two", "three", "four",
    "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};

void
values_drop(json_t **value)
{
	json_decref(*value);
}

const char *
values_number_word(size_t number, char ret_word[static 24])
{
	if (number < COUNT_OF(g_numbers))
		(void)snprintf(ret_word, 24, "%s", g_numbers[number]);
	else
		(void)snprintf(ret_word, 24, "%zu", number);
	return ret_word;
}

static void
set_new(json_t *object, const char *name, const char *ending, json_t *value)
{
	char full[NAME_BYTES + 12];

	(void)snprintf(full, sizeof(full), "%.*s%s", NAME_BYTES, name, ending);
	BUG_ON(json_object_set_new(object, full, value) != 0);
}

/* What follows from a list: see values.h. */
static void
add_count(json_t *object, const char *name, const json_t *list)
{
	size_t count = json_array_size(list);
	json_t *few = json_array();
	char word[24];

	BUG_ON(few == NULL);
	for (size_t i = 0; i < count && i < VALUES_FEW; i++)
		BUG_ON(json_array_append(few, json_array_get(list, i)) != 0);
	set_new(object, name, "_few", few);
	set_new(object, name, "_many", json_boolean(count > VALUES_FEW));

	set_new(object, name, "_count", json_integer((json_int_t)count));
	set_new(object, name, "_one", json_boolean(count == 1));
	set_new(object, name, "_words",
	    json_string(values_number_word(count, word)));
	for (char *c = word; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	set_new(object, name, "_capitals", json_string(word));
}

/* Lines of a block as a list, so that HTML can set each as a paragraph. */
static json_t *
split_lines(const char *text)
{
	json_t *lines = json_array();

	BUG_ON(lines == NULL);
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		json_t *line = json_stringn_nocheck(text, n);
		BUG_ON(json_array_append_new(lines, line) != 0);
		text += n;
		if (*text == '\n')
			text++;
	}
	return lines;
}

json_t *
values_complete(const json_t *common, const json_t *values)
{
	json_t *all = json_object(), *value;
	const char *name;

	BUG_ON(all == NULL);
	/* jansson takes no const here, but only counts references. */
	BUG_ON(json_object_update(all, (json_t *)common) != 0);
	if (values != NULL)
		BUG_ON(json_object_update(all, (json_t *)values) != 0);

	json_t *form = json_object_get(all, "form");
	if (json_is_string(form))
		set_new(all, "form", "_lines",
		    split_lines(json_string_value(form)));

	json_t *given = json_copy(all);
	BUG_ON(given == NULL);
	json_object_foreach(given, name, value)
	{
		if (json_is_array(value))
			add_count(all, name, value);
	}
	json_decref(given);
	return all;
}
