#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "handlers/actions.h"
#include "handlers/short_sorting.h"
#include "mail/words.h"

static const char UPDATE_TABLE[] = "updates";

enum {
	SOURCE_SHORT = 1000, /* of entries: no other source has it */
};

/* --- what a line is about ------------------------------------------------------- */

static const struct outbox_item *
find_item(const struct short_sorting *sorting, const char *label)
{
	for (size_t i = 0; i < sorting->items.count; i++)
		if (text_ieq(sorting->items.items[i].label, label))
			return &sorting->items.items[i];
	return NULL;
}

bool
short_lists_actions(const struct short_sorting *sorting)
{
	for (size_t i = 0; i < sorting->items.count; i++)
		if (strcmp(sorting->items.items[i].kind, "action") == 0)
			return true;
	return false;
}

/* The one thing that the mail is about, where a line has no label. */
static struct target
only_target(const struct short_sorting *sorting)
{
	const struct intake *intake = sorting->intake;
	const struct reading *reading = &intake->reading;

	if (reading->action_ref[0] != '\0')
		return (
		    struct target){TARGET_ACTION, reading->action_ref, NULL};
	if (reading->round_ref[0] != '\0' && reading->agency_code[0] != '\0')
		return (struct target){TARGET_REQUEST,
		    arena_printf(intake->desk->arena, "%s/%s",
			reading->round_ref, reading->agency_code),
		    NULL};
	return (struct target){TARGET_NONE,
	    intake->thread.found ? intake->thread.mail.ref : "", NULL};
}

static struct target
target_of(const struct short_sorting *sorting, const struct short_line *line)
{
	static const struct {
		const char *word;
		enum target_kind kind;
	} kinds[] = {{"answer", TARGET_ANSWER}, {"action", TARGET_ACTION},
	    {"request", TARGET_REQUEST}};

	if (line->label[0] == '\0')
		return only_target(sorting);
	const struct outbox_item *item = find_item(sorting, line->label);
	if (item == NULL)
		return line->label[0] == 'A' && line->label[1] == '-'
			   ? (struct target){TARGET_ACTION, line->label, NULL}
			   : (struct target){TARGET_NONE, "", NULL};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(item->kind, kinds[i].word) == 0)
			return (struct target){kinds[i].kind, item->ref, item};
	return (struct target){TARGET_NONE, item->ref, item};
}

/* --- entries ---------------------------------------------------------------------- */

void
short_add_entry(struct arena *arena, struct short_entries *entries,
    const struct form_entry *entry)
{
	struct form_entry *one =
	    arena_push(arena, &entries->items, &entries->count, sizeof(*one));

	*one = *entry;
	for (size_t i = 0; i + 1 < entries->count; i++) {
		struct form_entry *other = &entries->items[i];
		if (strcmp(other->tbl, one->tbl) == 0 &&
		    strcmp(other->row, one->row) == 0 &&
		    strcmp(other->field, one->field) == 0 &&
		    strcmp(other->text, one->text) != 0)
			other->fault = one->fault =
			    "you gave two answers to this one.";
	}
}

/* Is it the sender's own name, below what they wrote? */
static bool
is_own_name(const struct intake *intake, const char *line)
{
	struct arena *arena = intake->desk->arena;
	const char *folded = text_fold(arena, line);
	const char *name = text_fold(arena, intake->contact->name);
	size_t len = strlen(folded);

	return len > 0 && strncmp(name, folded, len) == 0 &&
	       (name[len] == '\0' || name[len] == ' ');
}

/* Without a name as its last line. */
static const char *
without_name(const struct short_sorting *sorting, const char *text)
{
	const char *last = strrchr(text, '\n');
	struct arena *arena = sorting->intake->desk->arena;

	return last != NULL && is_own_name(sorting->intake, last + 1)
		   ? text_trim(arena,
			 arena_strndup(arena, text, (size_t)(last - text)))
		   : text;
}

/* What stands on further lines belongs to a text, but not to a date. */
static const char *
answer_text(const struct short_sorting *sorting, const struct short_line *line,
    const struct outbox_item *item)
{
	const struct form *form = sorting->intake->reading.form;
	const struct form_field *field =
	    form == NULL ? NULL : form_field_find(form, item->tbl, item->field);
	size_t first = strcspn(line->text, "\n");

	return field == NULL || field->type == TYPE_TEXT
		   ? without_name(sorting, line->text)
		   : arena_strndup(sorting->intake->desk->arena, line->text,
			 first);
}

static void
add_answer(struct short_sorting *sorting, const struct short_line *line,
    const struct outbox_item *item)
{
	const char *text = answer_text(sorting, line, item);

	if (text_is_blank(text))
		return; /* `B:` and nothing: it is still asked for */
	if (sorting->submission[0] == '\0')
		sorting->submission = item->ref;
	short_add_entry(sorting->intake->desk->arena, &sorting->answers,
	    &(struct form_entry){.tbl = item->tbl,
		.row = item->row,
		.field = item->field,
		.text = text,
		.origin = "",
		.fault = "",
		.source = 0,
		.block = 0});
}

/* Entries of one row share a block. */
static unsigned
block_of(const struct short_entries *entries, const char *row)
{
	for (size_t i = 0; i < entries->count; i++)
		if (strcmp(entries->items[i].row, row) == 0)
			return entries->items[i].block;
	return (unsigned)entries->count + 1;
}

void
short_add_update(struct short_sorting *sorting, const char *ref,
    const char *field, const char *text)
{
	if (text[0] == '\0')
		return;
	short_add_entry(sorting->intake->desk->arena, &sorting->updates,
	    &(struct form_entry){.tbl = UPDATE_TABLE,
		.row = ref,
		.field = field,
		.text = text,
		.origin = "",
		.fault = "",
		.source = SOURCE_SHORT,
		.block = block_of(&sorting->updates, ref)});
}

/* `done - …`: what follows is both the progress and the evidence. */
static void
add_status(struct short_sorting *sorting, const char *ref,
    const struct short_line *line)
{
	short_add_update(sorting, ref, "status", line->status);
	short_add_update(sorting, ref, "progress",
	    line->text[0] != '\0' ? line->text : line->status);
	if (strcmp(line->status, "done") == 0)
		short_add_update(sorting, ref, "evidence", line->text);
}

/* Who needs longer is late already, or about to be. */
static int
add_until(struct short_sorting *sorting, const char *ref,
    const struct short_line *line, struct err *err)
{
	struct desk *desk = sorting->intake->desk;
	struct action action;
	char day[DATE_TEXT_BYTES];
	int found = action_find(desk->store, desk->arena, ref, &action, err);

	if (found < 0)
		return found;
	bool overdue = found > 0 && action.due_day != DAY_NONE &&
		       action.due_day < desk->today_day;
	date_format_iso(line->day, day);
	short_add_update(sorting, ref, "status", overdue ? "late" : "at risk");
	short_add_update(sorting, ref, "progress",
	    arena_printf(desk->arena, "needs until %s%s%s",
		words_day_short(desk->arena, line->day),
		line->text[0] == '\0' ? "" : ": ", line->text));
	short_add_update(sorting, ref, "new_date",
	    arena_strdup(desk->arena, day));
	short_add_update(sorting, ref, "reason", line->text);
	return 0;
}

/* --- sorting -------------------------------------------------------------------------- */

static void
keep(struct short_sorting *sorting, struct short_items *items,
    const struct short_item *item)
{
	struct short_item *one = arena_push(sorting->intake->desk->arena,
	    &items->items, &items->count, sizeof(*one));

	*one = *item;
}

static void
give_back(struct short_sorting *sorting, const struct short_line *line,
    struct target target, const char *reason)
{
	keep(sorting, &sorting->returned,
	    &(struct short_item){line, target, reason});
}

static void
add_prose(struct short_sorting *sorting, const struct short_line *line)
{
	const char **one = arena_push(sorting->intake->desk->arena,
	    &sorting->prose, &sorting->prose_count, sizeof(*one));

	*one = line->wrote;
}

/* A word without a label, in a mail that is not about one thing. */
static void
sort_unlabelled(struct short_sorting *sorting, const struct short_line *line,
    struct target target)
{
	if (short_lists_actions(sorting))
		give_back(sorting, line, target,
		    "we could not tell which action you mean.");
	else
		add_prose(sorting, line);
}

static int
sort_until(struct short_sorting *sorting, const struct short_line *line,
    struct target target, struct err *err)
{
	if (target.kind != TARGET_ACTION && target.kind != TARGET_REQUEST) {
		sort_unlabelled(sorting, line, target);
		return 0;
	}
	if (line->day == DAY_NONE ||
	    line->day <= sorting->intake->desk->today_day) {
		give_back(sorting, line, target,
		    line->day == DAY_NONE ? "we could not read the date."
					  : "this date is over.");
		return 0;
	}
	if (target.kind == TARGET_ACTION)
		return add_until(sorting, target.ref, line, err);
	keep(sorting, &sorting->untils, &(struct short_item){line, target, ""});
	return 0;
}

static void
sort_status(struct short_sorting *sorting, const struct short_line *line,
    struct target target)
{
	if (target.kind == TARGET_ACTION)
		add_status(sorting, target.ref, line);
	else if (target.kind == TARGET_REQUEST && line->label[0] == '\0')
		add_prose(sorting, line);
	else
		sort_unlabelled(sorting, line, target);
}

static void
sort_person(struct short_sorting *sorting, const struct short_line *line,
    struct target target)
{
	bool is_ours = target.kind == TARGET_ACTION ||
		       target.kind == TARGET_REQUEST ||
		       sorting->intake->thread.found;

	if (line->kind == SHORT_CALL && is_ours) {
		keep(sorting, &sorting->calls,
		    &(struct short_item){line, target, ""});
	} else if (line->kind == SHORT_NOT_ME &&
		   (target.kind == TARGET_ACTION ||
		       target.kind == TARGET_REQUEST)) {
		keep(sorting, &sorting->not_mes,
		    &(struct short_item){line, target, ""});
	} else {
		sort_unlabelled(sorting, line, target);
	}
}

static int
sort_line(struct short_sorting *sorting, const struct short_line *line,
    struct err *err)
{
	struct target target = target_of(sorting, line);

	switch (line->kind) {
	case SHORT_PROSE:
		if (!is_own_name(sorting->intake, line->wrote))
			add_prose(sorting, line);
		break;
	case SHORT_ANSWER:
		if (target.kind == TARGET_ANSWER)
			add_answer(sorting, line, target.item);
		else
			add_prose(sorting, line);
		break;
	case SHORT_STATUS:
		sort_status(sorting, line, target);
		break;
	case SHORT_UNTIL:
		return sort_until(sorting, line, target, err);
	case SHORT_NOT_ME:
	case SHORT_CALL:
		sort_person(sorting, line, target);
		break;
	case SHORT_WITHDRAW:
		sorting->withdraws =
		    sorting->intake->reading.submission_ref[0] != '\0' ||
		    sorting->intake->reading.round_ref[0] != '\0';
		break;
	case SHORT_UNKNOWN:
		give_back(sorting, line, target,
		    find_item(sorting, line->label) != NULL ||
			    target.kind == TARGET_ACTION
			? "we could not tell how it stands."
			: "our email had no such number or letter.");
		break;
	}
	return 0;
}

int
short_sort(struct intake *intake, struct short_sorting *ret_sorting,
    struct err *err)
{
	struct short_sorting *sorting = ret_sorting;
	struct desk *desk = intake->desk;
	bool leads = true;
	int failed = 0;

	*sorting = (struct short_sorting){.intake = intake, .submission = ""};
	if (intake->thread.found)
		failed = outbox_list_items(desk->store, desk->arena,
		    intake->thread.mail.id, &sorting->items, err);
	if (failed < 0)
		return failed;
	short_words_read(desk->arena, intake->reading.rest, &sorting->items,
	    desk->today_day, &sorting->lines);
	for (size_t i = 0; i < sorting->lines.count; i++) {
		const struct short_line *line = &sorting->lines.items[i];
		if ((failed = sort_line(sorting, line, err)) < 0)
			return failed;
		leads = leads && line->kind == SHORT_PROSE;
		if (leads)
			sorting->leading_count = sorting->prose_count;
	}
	return sorting->withdraws || sorting->answers.count > 0 ||
	       sorting->updates.count > 0 || sorting->returned.count > 0 ||
	       sorting->untils.count > 0 || sorting->not_mes.count > 0 ||
	       sorting->calls.count > 0;
}
