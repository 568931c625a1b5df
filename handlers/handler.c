#include "handlers/handler.h"

#include <stdarg.h>
#include <string.h>

#include "store/audit.h"

const struct handler *
handler_find(const char *name)
{
	for (size_t i = 0; g_handlers[i] != NULL; i++)
		if (strcmp(g_handlers[i]->name, name) == 0)
			return g_handlers[i];
	return NULL;
}

static bool
is_place(const struct form_problem *problem, const struct form_answer *answer)
{
	return strcmp(problem->tbl, answer->tbl) == 0 &&
	       strcmp(problem->row, answer->row) == 0 &&
	       strcmp(problem->field, answer->field) == 0;
}

static const struct form_answer *
find_place(const struct form_answer *answers, size_t count,
    const struct form_problem *problem)
{
	for (size_t i = 0; i < count; i++)
		if (is_place(problem, &answers[i]))
			return &answers[i];
	return NULL;
}

/* The answer goes, or becomes what it was before. */
static void
take_back(struct filing *filing, const struct form_problem *problem)
{
	struct judgement *judgement = filing->judgement;
	const struct form_answer *before =
	    find_place(filing->standing, filing->standing_count, problem);
	size_t kept = 0;

	for (size_t i = 0; i < judgement->answer_count; i++) {
		struct form_answer answer = judgement->answers[i];
		if (is_place(problem, &answer)) {
			if (before == NULL)
				continue;
			answer.value = before->value;
		}
		judgement->answers[kept++] = answer;
	}
	judgement->answer_count = kept;
}

/* Do the answers still differ from what stood? */
static bool
differs(const struct filing *filing)
{
	const struct judgement *judgement = filing->judgement;

	if (judgement->answer_count != filing->standing_count)
		return true;
	for (size_t i = 0; i < judgement->answer_count; i++) {
		const struct form_answer *answer = &judgement->answers[i];
		const struct form_problem at = {.tbl = answer->tbl,
		    .row = answer->row,
		    .field = answer->field};
		const struct form_answer *before =
		    find_place(filing->standing, filing->standing_count, &at);
		if (before == NULL || strcmp(before->value, answer->value) != 0)
			return true;
	}
	return false;
}

static void
insert(struct filing *filing, const struct form_problem *problem)
{
	struct judgement *judgement = filing->judgement;
	size_t count = judgement->problem_count;
	struct form_problem *problems =
	    arena_array(filing->desk->arena, count + 1, sizeof(*problems));
	size_t at = 0;

	while (
	    at < count && judgement->problems[at].position <= problem->position)
		at++;
	if (at > 0)
		memcpy(problems, judgement->problems, at * sizeof(*problems));
	problems[at] = *problem;
	if (at < count)
		memcpy(problems + at + 1, judgement->problems + at,
		    (count - at) * sizeof(*problems));
	judgement->problems = problems;
	judgement->problem_count = count + 1;
}

bool
reading_has_answers(const struct reading *reading)
{
	return reading->source.entry_count > 0 || reading->bulk.count > 0;
}

void
filing_add_problem(struct filing *filing, const struct form_problem *problem)
{
	struct judgement *judgement = filing->judgement;
	struct form_problem added = *problem;
	const struct form_answer *answer =
	    find_place(judgement->answers, judgement->answer_count, problem);

	if (added.position == 0)
		added.position = answer != NULL
				     ? answer->position
				     : form_position(filing->form, added.tbl,
					   added.row, added.field);
	if (!added.missing && answer != NULL) {
		take_back(filing, &added);
		judgement->is_changed = differs(filing);
	}
	if (added.missing) {
		judgement->missing++;
	} else {
		judgement->wrong++;
		if (judgement->right > 0)
			judgement->right--;
	}
	judgement->is_complete = false;
	insert(filing, &added);
}

void
filing_add_note(struct filing *filing, const char *format, ...)
{
	struct arena *arena = filing->desk->arena;
	const char **note = arena_push(arena, &filing->notes,
	    &filing->note_count, sizeof(*note));
	va_list args;

	va_start(args, format);
	*note = arena_vprintf(arena, format, args);
	va_end(args);
}

int
desk_audit(struct desk *desk, const struct contact *contact, const char *verb,
    const char *ref, struct err *err)
{
	const char *us = desk->actor == NULL ? "clerk" : desk->actor;
	const char *actor = contact == NULL ? us
					    : arena_printf(desk->arena, "%lld",
						  (long long)contact->id);

	return audit_add(desk->store,
	    &(struct audit){.at = desk->now_at,
		.actor = actor,
		.verb = verb,
		.ref = ref,
		.detail = ""},
	    err);
}
