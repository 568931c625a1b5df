/*
 * What the tests of forms share: the shipped definitions, small records, and
 * readings and judgements as text that can be compared.
 */
#ifndef LSCPD_TESTS_UNIT_FORMS_SUPPORT_H
#define LSCPD_TESTS_UNIT_FORMS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/text.h"
#include "forms/judge.h"
#include "forms/source.h"

static struct arena *g_arena;
static struct forms g_forms;

static inline int
load_shipped(void **state)
{
	struct form_faults faults = {NULL, 0};
	struct err err = {0};

	(void)state;
	g_arena = arena_new(256 * 1024 * 1024);
	int rc = forms_load(g_arena, "config/forms", &faults, &g_forms, &err);
	for (size_t i = 0; i < faults.count; i++)
		print_error("%s\n", faults.items[i]);
	return rc;
}

static inline int
free_shipped(void **state)
{
	(void)state;
	arena_free(g_arena);
	return 0;
}

/* One segment each; the record is small and lives in the arena. */
static inline void
add_segment(struct record *record, enum record_body_kind kind,
    enum record_whose whose, const char *text)
{
	struct record_body *body = NULL;

	for (size_t i = 0; i < record->body_count; i++)
		if (record->bodies[i].kind == kind)
			body = &record->bodies[i];
	if (body == NULL) {
		body = arena_push(g_arena, &record->bodies, &record->body_count,
		    sizeof(*body));
		body->kind = kind;
	}
	struct record_segment *segment = arena_push(g_arena, &body->segments,
	    &body->segment_count, sizeof(*segment));
	segment->whose = whose;
	segment->depth = whose == WHOSE_QUOTED;
	segment->text = text;
}

/* A file `name`, its cells parted by `|`, its lines by LF. */
static inline struct record_table *
add_table(struct record *record, enum record_table_kind kind, const char *name,
    const char *text)
{
	struct record_table *table = arena_push(g_arena, &record->tables,
	    &record->table_count, sizeof(*table));
	uint32_t line = 0;

	table->kind = kind;
	table->name = "";
	table->part = UINT32_MAX;
	if (*name != '\0') {
		struct record_part *part = arena_push(g_arena, &record->parts,
		    &record->part_count, sizeof(*part));
		part->name = name;
		table->part = (uint32_t)record->part_count - 1;
	}
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *rest = arena_strndup(g_arena, text, len);
		struct record_row *row = arena_push(g_arena, &table->rows,
		    &table->row_count, sizeof(*row));
		row->line = ++line;
		for (char *cell; (cell = strsep(&rest, "|")) != NULL;)
			*(const char **)arena_push(g_arena, &row->cells,
			    &row->cell_count, sizeof(*row->cells)) = cell;
		text += len;
		text += *text == '\n';
	}
	return table;
}

static inline struct form_source
read_record(const char *form, const struct record *record, const char *sent)
{
	struct form_source source;

	source_read(g_arena,
	    &(struct source_request){.form = forms_find(&g_forms, form),
		.record = record,
		.sent_text = sent},
	    &source);
	return source;
}

static inline struct form_source
read_text(const char *form, const char *text)
{
	struct record *record = arena_alloc(g_arena, sizeof(*record));

	add_segment(record, BODY_PLAIN, WHOSE_NEW, text);
	return read_record(form, record, NULL);
}

/* "standards 1 score=2;" and so on, `!` before what has a fault. */
static inline const char *
entries_text(const struct form_source *source)
{
	const char *text = "";

	for (size_t i = 0; i < source->entry_count; i++) {
		const struct form_entry *entry = &source->entries[i];
		text = arena_printf(g_arena, "%s%s%s%s%s%s%s=%s;", text,
		    *entry->fault != '\0' ? "!" : "", entry->tbl,
		    *entry->tbl != '\0' ? " " : "", entry->row,
		    *entry->tbl != '\0' ? " " : "", entry->field, entry->text);
	}
	return text;
}

static inline const char *
unread_text(const struct form_source *source)
{
	const char *text = "";

	for (size_t i = 0; i < source->unread_count; i++)
		text = arena_printf(g_arena, "%s%s;", text, source->unread[i]);
	return text;
}

static inline struct judgement
judge_over(const char *form, const struct form_source *source,
    const struct judgement *standing)
{
	struct judgement judgement;
	struct judge_request request = {.form = forms_find(&g_forms, form),
	    .today_day = date_parse_iso("2026-03-02"),
	    .entries = source->entries,
	    .entry_count = source->entry_count,
	    .is_cut = source->is_cut,
	    .default_row = ""};

	if (standing != NULL) {
		request.standing = standing->answers;
		request.standing_count = standing->answer_count;
	}
	judge(g_arena, &request, &judgement);
	return judgement;
}

static inline struct judgement
judge_text(const char *form, const char *text)
{
	struct form_source source = read_text(form, text);

	return judge_over(form, &source, NULL);
}

static inline const char *
answers_text(const struct judgement *judgement)
{
	const char *text = "";

	for (size_t i = 0; i < judgement->answer_count; i++) {
		const struct form_answer *answer = &judgement->answers[i];
		text = arena_printf(g_arena, "%s%s%s%s%s%s=%s;", text,
		    answer->tbl, *answer->tbl != '\0' ? " " : "", answer->row,
		    *answer->tbl != '\0' ? " " : "", answer->field,
		    answer->value);
	}
	return text;
}

/* "field: reason;", `?` before what is only missing. */
static inline const char *
problems_text(const struct judgement *judgement)
{
	const char *text = "";

	for (size_t i = 0; i < judgement->problem_count; i++) {
		const struct form_problem *problem = &judgement->problems[i];
		text = arena_printf(g_arena, "%s%s%s%s%s: %s;", text,
		    problem->missing ? "?" : "", problem->row,
		    *problem->row != '\0' ? " " : "", problem->field,
		    problem->reason);
	}
	return text;
}

#endif
