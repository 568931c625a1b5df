#include "handlers/findings.h"

#include <string.h>

#include "store/action.h"

const char *
filing_value(const struct filing *filing, const char *tbl, const char *row,
    const char *field)
{
	return answer_get(filing->judgement->answers,
	    filing->judgement->answer_count, tbl, row, field);
}

static const struct finding *
find_row(const struct findings *findings, const char *row)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].row, row) == 0)
			return &findings->items[i];
	return NULL;
}

static int
make(struct filing *filing, struct finding_note *note, struct err *err)
{
	const struct submission *submission = &filing->submission;
	char ref[REFERENCE_BYTES];
	int made = finding_add(filing->desk->store,
	    &(struct finding){.submission = submission->id,
		.agency = submission->agency,
		.thing = submission->thing,
		.row = note->row,
		.theme = note->theme,
		.priority = "",
		.kind = note->kind,
		.severity = note->severity,
		.text = note->text,
		.made_at = filing->desk->now_at},
	    &note->ret_id, ref, err);

	return made < 0 ? made : 0;
}

static bool
is_noted(const struct finding_note *notes, size_t count, const char *row)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(notes[i].row, row) == 0)
			return true;
	return false;
}

static int
settle(struct desk *desk, const struct finding *finding, struct err *err)
{
	struct action action;
	int failed = finding_close(desk->store, finding->id, desk->now_at, err);

	if (failed < 0 || finding->action == 0)
		return failed;
	int found =
	    action_get(desk->store, desk->arena, finding->action, &action, err);
	if (found <= 0 || strcmp(action.status, "proposed") != 0)
		return found < 0 ? found : 0;
	return action_set_status(desk->store, action.id, "closed", desk->now_at,
	    err);
}

int
findings_apply(struct filing *filing, struct finding_note *notes, size_t count,
    struct err *err)
{
	struct desk *desk = filing->desk;
	struct findings standing;
	int failed = finding_list(desk->store, desk->arena,
	    filing->submission.id, &standing, err);

	for (size_t i = 0; failed >= 0 && i < count; i++) {
		const struct finding *old = find_row(&standing, notes[i].row);
		if (old == NULL) {
			failed = make(filing, &notes[i], err);
			continue;
		}
		notes[i].ret_id = old->id;
		notes[i].ret_action = old->action;
	}
	for (size_t i = 0; failed >= 0 && i < standing.count; i++)
		if (!is_noted(notes, count, standing.items[i].row))
			failed = settle(desk, &standing.items[i], err);
	return failed < 0 ? failed : 0;
}
