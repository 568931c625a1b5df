#include <string.h>

#include "handlers/findings.h"

static const char g_table[] = "lines";

static const char *
severity_of(const char *grade)
{
	static const struct {
		const char *grade, *severity;
	} grades[] = {
	    {"Inadequate", "high"},
	    {"Requires improvement", "medium"},
	};

	for (size_t i = 0; i < COUNT_OF(grades); i++)
		if (strcmp(grades[i].grade, grade) == 0)
			return grades[i].severity;
	return "low";
}

/* What an auditor recommends is a finding. */
static int
file(struct filing *filing, struct err *err)
{
	struct finding_note *notes = NULL;
	size_t count = 0;
	const char **rows =
	    answer_rows(filing->desk->arena, filing->judgement->answers,
		filing->judgement->answer_count, g_table);

	for (; *rows != NULL; rows++) {
		const char *text =
		    filing_value(filing, g_table, *rows, "recommendation");
		if (text[0] == '\0')
			continue;
		struct finding_note *note = arena_push(filing->desk->arena,
		    &notes, &count, sizeof(*note));
		*note = (struct finding_note){.row = *rows,
		    .theme = *rows,
		    .kind = "area_for_improvement",
		    .severity = severity_of(
			filing_value(filing, g_table, *rows, "grade")),
		    .text = text};
	}
	int failed = findings_apply(filing, notes, count, err);
	if (failed == 0 && count > 0)
		filing_add_note(filing,
		    "We noted what you recommend, for the partnership.");
	return failed;
}

const struct handler handler_audit_return = {
    .name = "audit-return",
    .summary = "findings from what auditors recommend",
    .file = file,
};
