#include <stdlib.h>
#include <string.h>

#include "handlers/findings.h"

static const char g_table[] = "levels";

static long long
number_of(const struct filing *filing, const char *row, const char *field)
{
	return strtoll(filing_value(filing, g_table, row, field), NULL, 10);
}

/* A level with fewer people in date than the target asks for. */
static int
file(struct filing *filing, struct err *err)
{
	const struct form_table *table = form_table_find(filing->form, g_table);
	long long target = filing->desk->settings->training_target;
	struct finding_note *notes = NULL;
	size_t count = 0;

	for (size_t i = 0; table != NULL && i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		long long scope = number_of(filing, row->name, "in_scope");
		long long in_date = number_of(filing, row->name, "in_date");
		if (scope <= 0 || in_date * 100 >= target * scope)
			continue;
		struct finding_note *note = arena_push(filing->desk->arena,
		    &notes, &count, sizeof(*note));
		*note = (struct finding_note){.row = row->name,
		    .theme = row->label,
		    .kind = "area_for_improvement",
		    .severity =
			in_date * 200 < target * scope ? "high" : "medium",
		    .text = arena_printf(filing->desk->arena,
			"%s: %lld of %lld staff in date (%lld %%), the target "
			"is %lld %%",
			row->label, in_date, scope, in_date * 100 / scope,
			target)};
	}
	int failed = findings_apply(filing, notes, count, err);
	if (failed == 0 && count > 0)
		filing_add_note(filing,
		    "We aim for %lld %% of staff in date. %s below that, and "
		    "we noted it.",
		    target, count == 1 ? "One level is" : "Some levels are");
	return failed;
}

const struct handler handler_training_return = {
    .name = "training-return",
    .summary = "findings from levels below the target",
    .file = file,
};
