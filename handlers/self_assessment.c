#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "handlers/actions.h"
#include "handlers/findings.h"
#include "mail/words.h"
#include "store/action.h"

enum {
	TITLE_CHARS = 60
};

/* The table that is scored: section-11's standards, section-175's items. */
static const struct form_table *
scored_table(const struct filing *filing)
{
	const struct form *form = filing->form;

	for (size_t i = 0; i < form->table_count; i++)
		if (form->tables[i].rows == ROWS_FIXED &&
		    form_field_find(form, form->tables[i].name, "score") !=
			NULL)
			return &form->tables[i];
	return NULL;
}

/* --- what the register and the request know ---------------------------------- */

/* The value of a plain field that this mail gave; "" where it stood so before:
 * what was right once is left alone. */
static const char *
new_value(const struct filing *filing, const char *field)
{
	const char *value = filing_value(filing, "", "", field);

	return strcmp(value, answer_get(filing->standing,
				 filing->standing_count, "", "", field)) == 0
		   ? ""
		   : value;
}

static void
refuse(struct filing *filing, const char *field, const char *reason,
    const char *allowed)
{
	filing_add_problem(filing,
	    &(struct form_problem){.tbl = "",
		.row = "",
		.field = field,
		.wrote = filing_value(filing, "", "", field),
		.place = "",
		.reason = reason,
		.allowed = allowed});
}

/* A school whose URN the register does not have may say what it likes. */
static void
check_urn(struct filing *filing)
{
	const char *urn = new_value(filing, "urn");

	if (urn[0] == '\0' || filing->agency == NULL ||
	    filing->agency->urn[0] == '\0' ||
	    strcmp(urn, filing->agency->urn) == 0)
		return;
	refuse(filing, "urn",
	    arena_printf(filing->desk->arena, "this is not the URN of %s.",
		filing->agency->name),
	    filing->agency->urn);
}

static void
check_review(struct filing *filing)
{
	int32_t day =
	    date_parse_iso(new_value(filing, "reviewed_by_governors"));

	if (day == DAY_NONE || filing->due_day == DAY_NONE ||
	    day <= filing->due_day)
		return;
	refuse(filing, "reviewed_by_governors",
	    "the governors have to review it before it is due.",
	    arena_printf(filing->desk->arena, "a day up to %s",
		words_day(filing->desk->arena, filing->due_day)));
}

/* --- who is to approve it ------------------------------------------------------- */

static void
refuse_approver(struct filing *filing, const char *reason)
{
	refuse(filing, "sign_off_by", reason,
	    arena_printf(filing->desk->arena,
		"the email address of an executive or governor of %s",
		filing->agency == NULL ? "your agency" : filing->agency->name));
}

static bool
may_approve(const struct filing *filing, const struct contact *contact)
{
	return !contact->left && !contact->shared &&
	       (contact->roles & (ROLE_EXECUTIVE | ROLE_GOVERNOR)) != 0 &&
	       filing->agency != NULL &&
	       contact_has_agency(contact, filing->agency->id);
}

static int
check_approver(struct filing *filing, struct err *err)
{
	const char *value = new_value(filing, "sign_off_by");
	struct desk *desk = filing->desk;
	struct contact contact;

	if (value[0] == '\0')
		return 0;
	int found =
	    contact_find(desk->store, desk->arena, value, &contact, err);
	if (found < 0)
		return found;
	if (found > 0 && contact.id == filing->sender->id)
		refuse_approver(filing,
		    "this is your own address. It has to be somebody else's.");
	else if (found == 0 || !may_approve(filing, &contact))
		refuse_approver(filing,
		    "we do not know this address as an executive's or a "
		    "governor's.");
	return 0;
}

static int
check(struct filing *filing, struct err *err)
{
	check_urn(filing);
	check_review(filing);
	return check_approver(filing, err);
}

/* --- what has to get better ------------------------------------------------------ */

/* Of a row that is scored. */
static const char *
row_value(const struct filing *filing, const char *row, const char *column)
{
	return filing_value(filing, scored_table(filing)->name, row, column);
}

/* What is missing, in the sender's words; a form without that question asks
 * only what will be done. */
static const char *
gap_of(const struct filing *filing, const char *row)
{
	const char *gap = row_value(filing, row, "gap");

	return gap[0] != '\0' ? gap : row_value(filing, row, "action");
}

/* Rows scored 0 or 1. Returns how many. */
static size_t
collect(const struct filing *filing, const struct form_table *table,
    struct finding_note *notes)
{
	size_t count = 0;

	for (size_t i = 0; i < table->fixed_count; i++) {
		const struct form_row *row = &table->fixed[i];
		const char *score = row_value(filing, row->name, "score");
		bool none = strcmp(score, "0") == 0;
		if (!none && strcmp(score, "1") != 0)
			continue;
		notes[count++] = (struct finding_note){.row = row->name,
		    .theme = row->label,
		    .kind = none ? "gap" : "area_for_improvement",
		    .severity = none ? "high" : "medium",
		    .text = gap_of(filing, row->name)};
	}
	return count;
}

/* Who is named, if we know them; else as written; nobody named: the sender. */
static int
set_owner(const struct filing *filing, const char *row, struct action *action,
    struct err *err)
{
	const char *owner = row_value(filing, row, "owner");
	struct desk *desk = filing->desk;
	struct contact contact;

	if (owner[0] == '\0') {
		action->owner = filing->sender->id;
		return 0;
	}
	int found =
	    contact_find(desk->store, desk->arena, owner, &contact, err);
	if (found > 0 && !contact.left)
		action->owner = contact.id;
	else
		action->owner_text = owner;
	return found < 0 ? found : 0;
}

static int
draft(const struct filing *filing, const char *row, struct action *ret_action,
    struct err *err)
{
	const char *text = row_value(filing, row, "action");

	*ret_action = (struct action){
	    .source = filing->submission.ref,
	    .submission = filing->submission.id,
	    .row = row,
	    .title = text_first_words(filing->desk->arena, text, TITLE_CHARS),
	    .text = text,
	    .recommendation = "",
	    .priority = "normal",
	    .agency = filing->submission.agency,
	    .owner_text = "",
	    .success_measure = "",
	    .evidence_expected = "",
	    .due_day = date_parse_iso(row_value(filing, row, "due")),
	    .status = "proposed",
	    .opened_at = filing->desk->now_at,
	};
	return set_owner(filing, row, ret_action, err);
}

/* An amended row proposes anew; what somebody has agreed already is theirs. */
static int
drop_old(const struct filing *filing, const struct finding_note *note,
    const struct action *fresh, struct err *err)
{
	struct desk *desk = filing->desk;
	struct action old;

	if (note->ret_action == 0)
		return 1;
	int found =
	    action_get(desk->store, desk->arena, note->ret_action, &old, err);
	if (found < 0)
		return found;
	if (found == 0 || strcmp(old.status, "proposed") != 0 ||
	    (strcmp(old.text, fresh->text) == 0 &&
		old.due_day == fresh->due_day && old.owner == fresh->owner &&
		strcmp(old.owner_text, fresh->owner_text) == 0))
		return 0;
	int failed =
	    action_set_status(desk->store, old.id, "closed", desk->now_at, err);
	if (failed >= 0)
		failed = action_refresh_ref(desk, old.ref, err);
	return failed < 0 ? failed : 1;
}

static int
propose(const struct filing *filing, const struct finding_note *note,
    struct err *err)
{
	struct desk *desk = filing->desk;
	struct action action;
	char ref[REFERENCE_BYTES];
	int64_t id;
	int failed = draft(filing, note->row, &action, err);

	if (failed < 0)
		return failed;
	int wanted = drop_old(filing, note, &action, err);
	if (wanted <= 0)
		return wanted;
	failed = action_make(desk, &action, &id, ref, err);
	if (failed < 0)
		return failed;
	return finding_set_action(desk->store, note->ret_id, id, err);
}

static int
file(struct filing *filing, struct err *err)
{
	const struct form_table *table = scored_table(filing);

	if (table == NULL)
		return 0;
	struct finding_note *notes = arena_array(filing->desk->arena,
	    table->fixed_count + 1, sizeof(*notes));
	size_t count = collect(filing, table, notes);
	int failed = findings_apply(filing, notes, count, err);

	for (size_t i = 0; failed >= 0 && i < count; i++)
		failed = propose(filing, &notes[i], err);
	if (failed < 0 || count == 0)
		return failed;
	filing_add_note(filing,
	    "You scored 0 or 1 %s. We noted what is missing there. We also "
	    "noted what you plan to do, as a proposal.",
	    count == 1 ? "once"
		       : arena_printf(filing->desk->arena, "%s times",
			     words_count(filing->desk->arena, count)));
	return 0;
}

const struct handler handler_self_assessment = {
    .name = "self-assessment",
    .summary = "findings and proposed actions from scores of 0 and 1",
    .check = check,
    .file = file,
};
