#include "forms/guide.h"

#include <string.h>

/* The longest synonym says it best: "not applicable" rather than "n/a". */
const char *
guide_meaning(const struct form_choice *choice, const char *value)
{
	const char *best = "";

	for (size_t i = 0; i < choice->synonym_count; i++)
		if (strcmp(choice->synonyms[i].value, value) == 0 &&
		    strlen(choice->synonyms[i].said) > strlen(best))
			best = choice->synonyms[i].said;
	return best;
}

static bool
means_all(const struct form_choice *choice)
{
	for (size_t i = 0; i < choice->value_count; i++)
		if (guide_meaning(choice, choice->values[i])[0] == '\0')
			return false;
	return true;
}

const struct form_field *
guide_field(const struct form *form)
{
	for (size_t t = 0; t < form->table_count; t++) {
		const struct form_table *table = &form->tables[t];
		for (size_t c = 0; c < table->column_count; c++)
			if (table->columns[c].required &&
			    table->columns[c].type == TYPE_CHOICE &&
			    table->columns[c].choice->synonym_count > 0)
				return means_all(table->columns[c].choice)
					   ? &table->columns[c]
					   : NULL;
	}
	return NULL;
}
