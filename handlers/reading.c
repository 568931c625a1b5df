#include "handlers/reading.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "handlers/return_place.h"
#include "store/round.h"

enum {
	GUESSES = 8,
	FORM_NAME_WORDS = 4, /* more behind "Form:" is prose */
};

/* What one reference of ours stands for; strings are never NULL. */
struct named {
	const char *form; /* "" : it says nothing of a form */
	int version;      /* 0: today's */
	const char *round, *agency, *submission, *action;
};

static const struct named g_nothing = {"", 0, "", "", "", ""};

static bool
is_numbered(const char *ref, char letter)
{
	if (toupper((unsigned char)ref[0]) != letter || ref[1] != '-' ||
	    ref[2] == '\0')
		return false;
	return strspn(ref + 2, "0123456789") == strlen(ref + 2);
}

static const struct form *
action_form(const struct desk *desk)
{
	for (size_t i = 0; i < desk->forms->count; i++)
		if (strcmp(desk->forms->items[i]->handler, "action-update") ==
		    0)
			return desk->forms->items[i];
	return NULL;
}

static int
name_submission(struct desk *desk, const char *ref, struct named *ret_named,
    struct err *err)
{
	struct submission submission;
	int found =
	    submission_find(desk->store, desk->arena, ref, &submission, err);

	if (found > 0)
		*ret_named = (struct named){.form = submission.form,
		    .version = submission.form_version,
		    .round = submission.round_ref,
		    .agency = submission.agency_code,
		    .submission = submission.ref,
		    .action = ""};
	return found;
}

static int
name_round(struct desk *desk, const char *ref, struct named *ret_named,
    struct err *err)
{
	const char *slash = strchr(ref, '/');
	struct round round;
	struct agency agency = {.code = ""};
	int found = round_find(desk->store, desk->arena,
	    slash == NULL
		? ref
		: arena_strndup(desk->arena, ref, (size_t)(slash - ref)),
	    &round, err);

	if (found <= 0)
		return found;
	if (slash != NULL && (found = agency_find(desk->store, desk->arena,
				  slash + 1, &agency, err)) < 0)
		return found;
	*ret_named = (struct named){.form = round.form,
	    .version = round.form_version,
	    .round = round.ref,
	    .agency = found == 1 && slash != NULL ? agency.code : "",
	    .submission = "",
	    .action = ""};
	return 1;
}

/* 1 where `ref` is something that we know, 0 where it is not. */
static int
name_reference(struct desk *desk, const char *refs, struct named *ret_named,
    struct err *err)
{
	char **parts = text_split(desk->arena, refs, ";");
	const char *ref = parts[0];
	const struct form *form;

	*ret_named = g_nothing;
	if (ref == NULL)
		return 0;
	if (is_numbered(ref, 'R'))
		return name_submission(desk, ref, ret_named, err);
	if (is_numbered(ref, 'A')) {
		form = action_form(desk);
		ret_named->form = form == NULL ? "" : form->name;
		if (parts[1] == NULL)
			ret_named->action = ref;
		return form != NULL;
	}
	int found = name_round(desk, ref, ret_named, err);
	if (found != 0)
		return found;
	form = forms_find(desk->forms, ref);
	if (form == NULL)
		return 0;
	ret_named->form = form->name;
	return 1;
}

/* "R-000123" of a subject that holds "[LSCP R-000123]"; "" without one. */
static const char *
subject_reference(const struct intake *intake)
{
	struct arena *arena = intake->desk->arena;
	const char *tag = arena_printf(arena, "[%s ",
	    intake->desk->settings->partnership.short_name);
	const char *at = text_ifind(intake->record->subject, tag);

	if (at == NULL)
		return "";
	at += strlen(tag);
	const char *end = strchr(at, ']');
	return end == NULL ? ""
			   : text_trim(arena,
				 arena_strndup(arena, at, (size_t)(end - at)));
}

/* What the thread, else the subject, names. */
static int
name_thread(const struct intake *intake, struct named *ret_named,
    struct err *err)
{
	struct desk *desk = intake->desk;
	const struct thread *thread = &intake->thread;

	*ret_named = g_nothing;
	if (!thread->found)
		return name_reference(desk, subject_reference(intake),
		    ret_named, err);
	int found = name_reference(desk, thread->mail.ref, ret_named, err);
	if (found != 0)
		return found;
	return name_reference(desk, form_block_ref(desk->arena, thread->text),
	    ret_named, err);
}

/* The block of a form of ours, copied into a new mail. */
static int
name_block(const struct intake *intake, struct named *ret_named,
    struct err *err)
{
	const struct record *record = intake->record;

	*ret_named = g_nothing;
	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++) {
			if (body->segments[s].whose != WHOSE_NEW)
				continue;
			int found = name_reference(intake->desk,
			    form_block_ref(intake->desk->arena,
				body->segments[s].text),
			    ret_named, err);
			if (found != 0)
				return found;
		}
	}
	return 0;
}

/* --- what thread and text say together ------------------------------------ */

static void
set_clash(struct intake *intake, const char *what, const char *fix)
{
	if (intake->reading.clash[0] != '\0')
		return;
	intake->reading.clash = what;
	intake->reading.clash_fix = fix;
}

static void
clash(struct intake *intake, const char *ours, const char *theirs)
{
	set_clash(intake,
	    arena_printf(intake->desk->arena,
		"Your email is part of our emails about %s, but it says %s.",
		ours, text_first_words(intake->desk->arena, theirs, 60)),
	    "Send it again, and name only one of the two.");
}

/* Takes over from the text what the thread leaves open; what both name must
 * be the same. */
static int
join_round(struct intake *intake, const struct named *thread,
    struct named *named, struct err *err)
{
	const char *written = intake->reading.header.round;
	struct named text;

	if (written[0] == '\0')
		return 0;
	int found = name_round(intake->desk, written, &text, err);
	if (found < 0)
		return found;
	if (thread->round[0] != '\0') {
		if (found == 0 || strcmp(text.round, thread->round) != 0)
			clash(intake, thread->round, written);
	} else if (found > 0) {
		if (named->form[0] != '\0' &&
		    strcmp(text.form, named->form) != 0)
			clash(intake, named->form, written);
		named->form = text.form;
		named->version = text.version;
		named->round = text.round;
	}
	if (found > 0 && named->agency[0] == '\0')
		named->agency = text.agency;
	return 0;
}

static int
join_agency(struct intake *intake, struct named *named, struct err *err)
{
	const char *written = intake->reading.header.agency;
	struct agency agency;

	if (written[0] == '\0' || named->agency[0] == '\0')
		return 0;
	int found = agency_find(intake->desk->store, intake->desk->arena,
	    written, &agency, err);
	if (found < 0)
		return found;
	if (found != 1 || strcmp(agency.code, named->agency) != 0)
		clash(intake, named->agency, written);
	return 0;
}

static size_t
count_words(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; count++) {
		text += strspn(text, " ");
		text += strcspn(text, " ");
	}
	return count;
}

static void
join_form(struct intake *intake, struct named *named)
{
	const char *written = intake->reading.header.form;
	struct arena *arena = intake->desk->arena;

	if (written[0] == '\0')
		return;
	const struct form *form = forms_find(intake->desk->forms, written);
	if (form != NULL) {
		if (named->form[0] == '\0')
			named->form = form->name;
		else if (strcmp(named->form, form->name) != 0)
			clash(intake, named->form, form->name);
	} else if (named->form[0] == '\0' &&
		   count_words(written) <= FORM_NAME_WORDS) {
		set_clash(intake,
		    arena_printf(arena, "We have no form called %s.",
			text_first_words(arena, written, 60)),
		    "For a list of our forms, reply: help");
	}
}

/* A header row that fits exactly one form. */
static void
join_guess(struct intake *intake, struct named *named)
{
	struct arena *arena = intake->desk->arena;
	const struct form *forms[GUESSES];
	const char *names[GUESSES];
	size_t count = form_guess(arena, intake->desk->forms, intake->record,
	    forms, GUESSES);

	if (count == 1)
		named->form = forms[0]->name;
	if (count < 2)
		return;
	for (size_t i = 0; i < count; i++)
		names[i] = forms[i]->name;
	const char *list = names[0];
	for (size_t i = 1; i < count; i++)
		list = arena_printf(arena, "%s%s%s", list,
		    i + 1 == count ? " and " : ", ", names[i]);
	set_clash(intake,
	    arena_printf(arena,
		"More than one of our forms fits what you sent: %s.", list),
	    "Send it again with this as its first line: Form: and the name of "
	    "the form");
}

/* --- the definition ------------------------------------------------------------- */

int
reading_definition(struct desk *desk, const char *name, int version,
    const struct form **ret_form, struct err *err)
{
	const struct form *today = forms_find(desk->forms, name);
	const char *source;

	*ret_form = today;
	if (version == 0)
		return 0;
	int found = form_version_find(desk->store, desk->arena, name, version,
	    &source, err);
	if (found <= 0)
		return found;
	if (today != NULL && strcmp(today->source, source) == 0)
		return 0;
	struct form_faults faults = {0};
	struct form *frozen;
	int failed =
	    form_parse(desk->arena, source, name, &faults, &frozen, err);
	if (failed == 0)
		*ret_form = frozen;
	return failed;
}

/* No round is named: the version of the only one that fits. */
static int
guess_version(const struct intake *intake, const char *form, int *ret_version,
    struct err *err)
{
	struct desk *desk = intake->desk;
	const char *written = intake->reading.header.agency;
	struct contact_agency one;
	const struct contact_agency *agencies = &one;
	size_t count = 0;
	struct rounds rounds;

	if (written[0] != '\0') {
		struct agency agency;
		int found = agency_find(desk->store, desk->arena, written,
		    &agency, err);
		if (found < 0)
			return found;
		if (found == 1) {
			one.id = agency.id;
			count = 1;
		}
	} else if (intake->contact != NULL) {
		agencies = intake->contact->agencies;
		count = intake->contact->agency_count;
	}
	int failed =
	    place_guess_rounds(desk, form, agencies, count, &rounds, err);
	if (failed < 0)
		return failed;
	if (rounds.count == 1)
		*ret_version = rounds.items[0].form_version;
	return 0;
}

/* --- all of it ------------------------------------------------------------------ */

/* The new text of the plain body, else of the HTML one. */
static const char *
new_text(const struct intake *intake)
{
	static const enum record_body_kind kinds[] = {BODY_PLAIN, BODY_HTML};
	const struct record *record = intake->record;
	CLEANUP(buf_done)
	struct buf text;

	buf_init(&text, LIMIT_TEXT_BYTES);
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		for (size_t b = 0; b < record->body_count; b++) {
			const struct record_body *body = &record->bodies[b];
			if (body->kind != kinds[k])
				continue;
			for (size_t s = 0; s < body->segment_count; s++)
				if (body->segments[s].whose == WHOSE_NEW)
					buf_puts(&text, body->segments[s].text);
		}
		if (!text_is_blank(buf_text(&text)))
			break;
	}
	return arena_strdup(intake->desk->arena, buf_text(&text));
}

static int
find_names(struct intake *intake, struct named *ret_named, struct err *err)
{
	struct named thread;
	int failed = name_thread(intake, &thread, err);

	if (failed < 0)
		return failed;
	*ret_named = thread;
	if (thread.form[0] == '\0' && intake->reading.header.form[0] == '\0' &&
	    (failed = name_block(intake, ret_named, err)) < 0)
		return failed;
	join_form(intake, ret_named);
	if ((failed = join_round(intake, &thread, ret_named, err)) < 0 ||
	    (failed = join_agency(intake, ret_named, err)) < 0)
		return failed;
	if (ret_named->form[0] == '\0' && intake->reading.clash[0] == '\0')
		join_guess(intake, ret_named);
	return 0;
}

/* A reply that holds nothing of the thread's form, but a file of another. */
static void
check_other_form(struct intake *intake)
{
	const struct reading *reading = &intake->reading;
	const struct form *forms[GUESSES];

	if (reading->source.saw_form || reading->source.entry_count > 0)
		return;
	size_t count = form_guess(intake->desk->arena, intake->desk->forms,
	    intake->record, forms, GUESSES);
	if (count == 1 && strcmp(forms[0]->name, reading->form->name) != 0)
		clash(intake, reading->form->name, forms[0]->name);
}

static int
read_form(struct intake *intake, const struct named *named, struct err *err)
{
	struct reading *reading = &intake->reading;
	int version = named->version;
	int failed = 0;

	if (named->round[0] == '\0' && named->submission[0] == '\0')
		failed = guess_version(intake, named->form, &version, err);
	if (failed < 0 || (failed = reading_definition(intake->desk,
			       named->form, version, &reading->form, err)) < 0)
		return failed;
	if (reading->form == NULL)
		return 0;
	if (strcmp(reading->form->handler, "action-update") == 0)
		reading->default_row = named->action;
	source_read(intake->desk->arena,
	    &(struct source_request){.form = reading->form,
		.record = intake->record,
		.sent_text = intake->thread.found ? intake->thread.text : NULL},
	    &reading->source);
	check_other_form(intake);
	return 0;
}

int
reading_make(struct intake *intake, struct err *err)
{
	struct reading *reading = &intake->reading;
	struct arena *arena = intake->desk->arena;
	struct named named;

	*reading = (struct reading){.clash = "",
	    .clash_fix = "",
	    .default_row = "",
	    .rest = ""};
	form_header_read(arena, intake->record, &reading->header);
	if (reading->header.conflict[0] != '\0')
		set_clash(intake,
		    arena_printf(arena,
			"Two lines of your email begin with %s: and differ.",
			reading->header.conflict),
		    "Send it again with only one of them.");
	int failed = find_names(intake, &named, err);
	if (failed < 0)
		return failed;
	reading->round_ref = named.round;
	reading->agency_code = named.agency;
	reading->submission_ref = named.submission;
	reading->action_ref = named.action;
	if (named.form[0] != '\0' &&
	    (failed = read_form(intake, &named, err)) < 0)
		return failed;
	reading->rest =
	    reading->form != NULL ? reading->source.rest : new_text(intake);
	if (reading->rest == NULL)
		reading->rest = "";
	return 0;
}
