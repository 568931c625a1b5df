#include "handlers/short_deeds.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "handlers/actions.h"
#include "handlers/letters.h"
#include "mail/words.h"
#include "store/round.h"

enum {
	SAID_CHARS = 200, /* of what somebody wrote, in a notice */
};

static const char *
agency_of(const struct contact *contact)
{
	return contact->agency_count == 0 ? "" : contact->agencies[0].name;
}

/* "Amara Singh, Northbank Hospitals NHS Trust" */
static const char *
person_of(const struct intake *intake)
{
	const struct contact *contact = intake->contact;

	return contact->agency_count == 0
		   ? contact->name
		   : arena_printf(intake->desk->arena, "%s, %s", contact->name,
			 contact->agencies[0].name);
}

/* --- a notice to staff ------------------------------------------------------ */

struct detail {
	const char *label, *value;
};

struct notice {
	const char *ref, *heading, *what, *todo;
	struct detail details[4];
};

static int
tell_staff(const struct intake *intake, const struct notice *notice,
    struct err *err)
{
	json_t *details = json_array();

	for (size_t i = 0; i < 4 && notice->details[i].label != NULL; i++)
		if (notice->details[i].value[0] != '\0')
			json_array_append_new(details,
			    json_pack("{s:s, s:s}", "label",
				notice->details[i].label, "value",
				notice->details[i].value));
	json_auto_t *values =
	    json_pack("{s:s, s:o, s:[s], s:o, s:[s]}", "heading",
		notice->heading, "when", letter_when(intake->received_at),
		"what", notice->what, "details", details, "todo", notice->todo);
	return letter_to_staff(intake->desk, "staff-notice", notice->ref,
	    values, err);
}

/* --- more time ----------------------------------------------------------------- */

static int
answer_wish(struct intake *intake, const struct request *request,
    const struct target *target, const struct short_line *line, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	struct letter letter;
	int64_t outbox;
	json_auto_t *values = json_pack("{s:o, s:s, s:s, s:s, s:s}", "when",
	    letter_when(intake->received_at), "title", request->title, "until",
	    words_day_short(arena, line->day), "due",
	    words_day_short(arena, request->due_day), "reason",
	    text_first_words(arena, line->text, SAID_CHARS));

	letter_to_sender(intake, &letter);
	letter.kind = "receipt";
	letter.topic = "asked-for-time";
	letter.ref = target->ref;
	return mailer_queue(intake->desk->mailer, &letter, values, &outbox,
	    err);
}

static int
tell_wish(struct intake *intake, const struct request *request,
    const struct target *target, const struct short_line *line, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	const char *agency = agency_of(intake->contact);

	return tell_staff(intake,
	    &(struct notice){.ref = target->ref,
		.heading = arena_printf(arena, "%s asks for more time",
		    agency[0] == '\0' ? intake->contact->name : agency),
		.what = arena_printf(arena, "%s needs until %s for: %s.",
		    intake->contact->name, words_day_short(arena, line->day),
		    request->title),
		.todo = arena_printf(arena,
		    "Please answer %s. Nothing changes until you do.",
		    intake->contact->name),
		.details = {{"Due now",
				words_day_short(arena, request->due_day)},
		    {"Reason",
			text_first_words(arena, line->text, SAID_CHARS)}}},
	    err);
}

int
short_need_until(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err)
{
	struct desk *desk = intake->desk;
	struct request request;
	int found = request_find_ref(desk->store, desk->arena, target->ref,
	    &request, err);
	int may = found <= 0 ? found
			     : agency_may_see(desk, intake->contact,
				   request.agency, err);

	if (may <= 0)
		return may;
	int failed = request_set_wish(desk->store, request.id, line->day,
	    line->text, err);
	if (failed < 0 ||
	    (failed = desk_audit(desk, intake->contact, "request-wish",
		 target->ref, err)) < 0 ||
	    (failed = answer_wish(intake, &request, target, line, err)) < 0 ||
	    (failed = tell_wish(intake, &request, target, line, err)) < 0)
		return failed;
	intake->outcome = (struct outcome){.outcome = "filed",
	    .reason = "",
	    .ref = target->ref};
	return 1;
}

/* --- another person -------------------------------------------------------------- */

/* "the Section 11 return", "action A-0112" */
static int
name_target(struct desk *desk, const struct target *target,
    const char **ret_words, struct err *err)
{
	struct request request;

	*ret_words = "what we asked for";
	if (target->kind == TARGET_ACTION) {
		*ret_words =
		    arena_printf(desk->arena, "action %s", target->ref);
		return 0;
	}
	if (target->kind != TARGET_REQUEST)
		return 0;
	int found = request_find_ref(desk->store, desk->arena, target->ref,
	    &request, err);
	if (found > 0)
		*ret_words = arena_printf(desk->arena, "the %s", request.title);
	return found < 0 ? found : 0;
}

static void
set_attention(struct intake *intake, const struct target *target)
{
	intake->outcome = (struct outcome){.outcome = "attention",
	    .reason = "free text",
	    .ref = target->ref};
}

int
short_not_me(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	const char *what;
	const char *person = text_first_words(arena, line->text, SAID_CHARS);
	struct letter letter;
	int failed = name_target(intake->desk, target, &what, err);

	if (failed < 0)
		return failed;
	json_auto_t *values = json_pack("{s:o, s:s, s:s}", "when",
	    letter_when(intake->received_at), "what", what, "person", person);
	letter_to_sender(intake, &letter);
	letter.topic = "not-me";
	letter.ref = target->ref;
	if ((failed = letter_answer(intake, &letter, values, err)) < 0)
		return failed;
	failed = tell_staff(intake,
	    &(struct notice){.ref = target->ref,
		.heading =
		    arena_printf(arena, "%s is for somebody else, says %s",
			what, intake->contact->name),
		.what =
		    arena_printf(arena, "%s says that %s is not theirs to do.",
			person_of(intake), what),
		.todo = "Please find out who it is for, and change the "
			"register.",
		.details = {{"The person named", person}}},
	    err);
	set_attention(intake, target);
	return failed;
}

/* --- a call ---------------------------------------------------------------------------- */

int
short_call(struct intake *intake, const struct target *target,
    const struct short_line *line, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	const char *what;
	struct letter letter;
	int failed = name_target(intake->desk, target, &what, err);

	if (failed < 0)
		return failed;
	json_auto_t *values = json_pack("{s:o, s:s}", "when",
	    letter_when(intake->received_at), "number", intake->contact->phone);
	letter_to_sender(intake, &letter);
	letter.topic = "please-call";
	letter.ref = target->ref;
	if ((failed = letter_answer(intake, &letter, values, err)) < 0)
		return failed;
	failed = tell_staff(intake,
	    &(struct notice){.ref = target->ref,
		.heading = "a call is wanted",
		.what = arena_printf(arena, "%s would like a call.",
		    person_of(intake)),
		.todo = arena_printf(arena, "Please call %s.",
		    intake->contact->name),
		.details = {{"Phone", intake->contact->phone},
		    {"About", target->kind == TARGET_NONE ? "" : what},
		    {"Their words",
			text_first_words(arena, line->text, SAID_CHARS)}}},
	    err);
	set_attention(intake, target);
	return failed;
}
