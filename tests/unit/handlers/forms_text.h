/*
 * Returns as people type them: whole ones, with a row of one's own put in.
 */
#ifndef TESTS_UNIT_HANDLERS_FORMS_TEXT_H
#define TESTS_UNIT_HANDLERS_FORMS_TEXT_H

#include "tests/unit/handlers/fixture.h"

#define S11_APPROVED "Sign off by: " HELEN "\n"
#define S11_LOW                                       \
	"Score: 1\nGap: Bank staff are not trained\n" \
	"Action: Write a pack for bank staff\nDue: 14 May 2026\n"

/* A whole section 11 return; row `row` (1 to 8, 0: none) reads `words`. */
static inline const char *
s11_with(struct fixture *f, const char *head, int row, const char *words)
{
	const char *text = arena_printf(f->arena,
	    "%sCompleted by: Amara Okafor\nJob title: Named Nurse\n"
	    "Board lead: Helen Marsh\nNumber of staff: 5200\n",
	    head);

	for (int i = 1; i <= 8; i++)
		text = i == row
			   ? arena_printf(f->arena, "%s== %d ==\n%s", text, i,
				 words)
			   : arena_printf(f->arena,
				 "%s== %d ==\nScore: 2\nEvidence: Paper %d\n",
				 text, i, i);
	return text;
}

static inline const char *
s11_whole(struct fixture *f)
{
	return s11_with(f, "Form: section-11\n" S11_APPROVED, 0, "");
}

/* Levels 1 to 5 and induction, all with the same two numbers. */
static inline const char *
training_text(struct fixture *f, const char *period, int scope, int in_date)
{
	static const char *const levels[] = {"induction", "1", "2", "3", "4",
	    "5"};
	const char *text = arena_printf(f->arena,
	    "Form: training-return\nPeriod: %s\nCompleted by: Ben Tate\n",
	    period);

	for (size_t i = 0; i < COUNT_OF(levels); i++)
		text = arena_printf(f->arena,
		    "%s== %s ==\nIn scope: %d\nIn date: %d\n", text, levels[i],
		    scope, in_date);
	return text;
}

static inline const char *
performance_text(struct fixture *f, const char *validated_by)
{
	return arena_printf(f->arena,
	    "Form: performance-return\nPeriod: 2025-Q3\n%s"
	    "== CIN-1 ==\nNumerator: 3\nDenominator: 40\nStatus: final\n",
	    validated_by);
}

static inline const char *
audit_text(struct fixture *f, const char *code, const char *recommendation)
{
	return arena_printf(f->arena,
	    "Form: audit-return\nTheme: Neglect\nCase code: %s\n"
	    "Auditor: Ben Tate\nAudited on: 20 February 2026\nOverall: Good\n"
	    "== Voice ==\nGrade: RI\nWorked well: Visits\n"
	    "To develop: Records\nVoice: partly\nOversight: yes\n%s",
	    code, recommendation);
}

#endif
