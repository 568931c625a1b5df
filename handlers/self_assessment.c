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

static const char g_table[] = "standards";

/* --- who is to approve it ------------------------------------------------------- */

static void
refuse_approver(struct filing *filing, const char *wrote, const char *reason)
{
	const char *agency =
	    filing->agency == NULL ? "your agency" : filing->agency->name;

	filing_add_problem(filing,
	    &(struct form_problem){.tbl = "",
		.row = "",
		.field = "sign_off_by",
		.wrote = wrote,
		.place = "",
		.reason = reason,
		.allowed = arena_printf(filing->desk->arena,
		    "the email address of an executive or governor of %s",
		    agency)});
}

static bool
may_approve(const struct filing *filing, const struct contact *contact)
{
	return !contact->left && !contact->shared &&
	       (contact->roles & (ROLE_EXECUTIVE | ROLE_GOVERNOR)) != 0 &&
	       filing->agency != NULL &&
	       contact_has_agency(contact, filing->agency->id);
}

/* Asked of what this mail says; what was right once is left alone. */
static int
check(struct filing *filing, struct err *err)
{
	const char *value = filing_value(filing, "", "", "sign_off_by");
	struct desk *desk = filing->desk;
	struct contact contact;

	if (value[0] == '\0' ||
	    strcmp(value, answer_get(filing->standing, filing->standing_count,
			      "", "", "sign_off_by")) == 0)
		return 0;
	int found =
	    contact_find(desk->store, desk->arena, value, &contact, err);
	if (found < 0)
		return found;
	if (found > 0 && contact.id == filing->sender->id)
		refuse_approver(filing, value,
		    "this is your own address. It has to be somebody else's.");
	else if (found == 0 || !may_approve(filing, &contact))
		refuse_approver(filing, value,
		    "we do not know this address as an executive's.");
	return 0;
}

/* --- what has to get better ------------------------------------------------------ */

static const struct form_row *
fixed_row(const struct filing *filing, size_t i)
{
	const struct form_table *table = form_table_find(filing->form, g_table);

	return table != NULL && i < table->fixed_count ? &table->fixed[i]
						       : NULL;
}

/* Rows scored 0 or 1. Returns how many. */
static size_t
collect(const struct filing *filing, struct finding_note *notes)
{
	const struct form_row *row;
	size_t count = 0;

	for (size_t i = 0; (row = fixed_row(filing, i)) != NULL; i++) {
		const char *score =
		    filing_value(filing, g_table, row->name, "score");
		bool none = strcmp(score, "0") == 0;
		if (!none && strcmp(score, "1") != 0)
			continue;
		notes[count++] = (struct finding_note){.row = row->name,
		    .theme = row->label,
		    .kind = none ? "gap" : "area_for_improvement",
		    .severity = none ? "high" : "medium",
		    .text = filing_value(filing, g_table, row->name, "gap")};
	}
	return count;
}

/* Who is named, if we know them; else as written; nobody named: the sender. */
static int
set_owner(const struct filing *filing, const char *row, struct action *action,
    struct err *err)
{
	const char *owner = filing_value(filing, g_table, row, "owner");
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
	const char *text = filing_value(filing, g_table, row, "action");

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
	    .due_day =
		date_parse_iso(filing_value(filing, g_table, row, "due")),
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
	failed = action_add(desk->store, &action, &id, ref, err);
	if (failed < 0 || (failed = action_refresh_ref(desk, ref, err)) < 0)
		return failed;
	return finding_set_action(desk->store, note->ret_id, id, err);
}

static int
file(struct filing *filing, struct err *err)
{
	const struct form_table *table = form_table_find(filing->form, g_table);
	struct finding_note *notes = arena_array(filing->desk->arena,
	    table == NULL ? 1 : table->fixed_count + 1, sizeof(*notes));
	size_t count = collect(filing, notes);
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
