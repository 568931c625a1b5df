#include "handlers/reading_names.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "store/round.h"

enum {
	FORM_NAME_WORDS = 4, /* more behind "Form:" is prose */
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

void
reading_clash(struct intake *intake, const char *ours, const char *theirs)
{
	struct arena *arena = intake->desk->arena;
	const char *file = intake->reading.header.file;
	const char *said = text_first_words(arena, theirs, 60);

	if (file[0] == '\0')
		set_clash(intake,
		    arena_printf(arena,
			"Your email is part of our emails about %s, but it "
			"says %s.",
			ours, said),
		    "Send it again, and name only one of the two.");
	else
		set_clash(intake,
		    arena_printf(arena,
			"Your email is part of our emails about %s, but the "
			"file %s is for %s.",
			ours, text_first_words(arena, file, 60), said),
		    "Use the workbook that came with those emails. Or send "
		    "this one in a new email, not as a reply.");
}

static void
clash_of_header(struct intake *intake)
{
	const struct form_header *header = &intake->reading.header;
	struct arena *arena = intake->desk->arena;

	if (header->conflict[0] == '\0')
		return;
	if (header->file[0] == '\0')
		set_clash(intake,
		    arena_printf(arena,
			"Two lines of your email begin with %s: and differ.",
			header->conflict),
		    "Send it again with only one of them.");
	else
		set_clash(intake,
		    arena_printf(arena,
			"The file %s and the rest of your email are not about "
			"the same thing. They differ in: %s.",
			text_first_words(arena, header->file, 60),
			header->conflict),
		    "Send them in two emails.");
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
			reading_clash(intake, thread->round, written);
	} else if (found > 0) {
		if (named->form[0] != '\0' &&
		    strcmp(text.form, named->form) != 0)
			reading_clash(intake, named->form, written);
		named->form = text.form;
		named->version = text.version;
		named->round = text.round;
	}
	if (found > 0 && named->agency[0] == '\0')
		named->agency = text.agency;
	return 0;
}

/*
 * The copy of a return names it, in its thread or out of it. What only looks
 * like a reference of ours says nothing.
 */
static int
join_copy(struct intake *intake, struct named *named, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	const char *ref = intake->reading.header.copy_of;
	struct submission submission;
	struct named copy;

	if (!is_numbered(ref, 'R'))
		return 0;
	int found =
	    submission_find(intake->desk->store, arena, ref, &submission, err);
	if (found <= 0)
		return found;
	if (strcmp(submission.state, "superseded") == 0 ||
	    strcmp(submission.state, "withdrawn") == 0) {
		set_clash(intake,
		    arena_printf(arena,
			"The file is a copy of %s, which does not count any "
			"more.",
			submission.ref),
		    "Use the copy in our newest email about this return. Or "
		    "type what is new in a reply to it.");
		return 0;
	}
	found = name_submission(intake->desk, ref, &copy, err);
	if (found <= 0)
		return found;
	if (named->submission[0] != '\0' &&
	    strcmp(named->submission, copy.submission) != 0)
		reading_clash(intake, named->submission, copy.submission);
	else if (named->form[0] != '\0' && strcmp(named->form, copy.form) != 0)
		reading_clash(intake, named->form, copy.submission);
	else if (named->round[0] != '\0' &&
		 strcmp(named->round, copy.round) != 0)
		reading_clash(intake, named->round, copy.submission);
	else
		*named = copy;
	return 0;
}

/* An agency that a sheet names: if it is one that we know. */
static int
note_sheet_agency(struct intake *intake, struct err *err)
{
	struct form_header *header = &intake->reading.header;
	struct agency agency;

	if (header->agency[0] != '\0' || header->sheet_agency[0] == '\0')
		return 0;
	int found = agency_find(intake->desk->store, intake->desk->arena,
	    header->sheet_agency, &agency, err);
	if (found == 1)
		header->agency = header->sheet_agency;
	return found < 0 ? found : 0;
}

int
reading_join_agency(struct intake *intake, struct named *named, struct err *err)
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
		reading_clash(intake, named->agency, written);
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
			reading_clash(intake, named->form, form->name);
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

int
reading_find_names(struct intake *intake, struct named *ret_named,
    struct err *err)
{
	struct named thread;
	int failed = name_thread(intake, &thread, err);

	clash_of_header(intake);
	if (failed < 0)
		return failed;
	*ret_named = thread;
	if (thread.form[0] == '\0' && intake->reading.header.form[0] == '\0' &&
	    (failed = name_block(intake, ret_named, err)) < 0)
		return failed;
	if ((failed = note_sheet_agency(intake, err)) < 0 ||
	    (failed = join_copy(intake, ret_named, err)) < 0)
		return failed;
	if (strcmp(thread.submission, ret_named->submission) != 0)
		thread = *ret_named;
	join_form(intake, ret_named);
	if ((failed = join_round(intake, &thread, ret_named, err)) < 0 ||
	    (failed = reading_join_agency(intake, ret_named, err)) < 0)
		return failed;
	if (ret_named->form[0] == '\0' && intake->reading.clash[0] == '\0')
		join_guess(intake, ret_named);
	return 0;
}
