#include "handlers/reading.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "handlers/lookup.h"
#include "handlers/reading_names.h"
#include "handlers/return_bulk.h"
#include "handlers/return_place.h"
#include "store/round.h"

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

/* No round is named: the version of the only one that fits the agency that is
 * written, else the sender's. */
static int
guess_version(const struct intake *intake, const char *form,
    const char *written, int *ret_version, struct err *err)
{
	struct desk *desk = intake->desk;
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

/* Of this database, by which its workbooks are known. */
static const char *
instance_of(const struct intake *intake)
{
	const struct mailer *mailer = intake->desk->mailer;

	return mailer == NULL ? NULL : mailer->instance;
}

/* A reply that holds nothing of the thread's form, but a file of another. */
static void
check_other_form(struct intake *intake)
{
	const struct reading *reading = &intake->reading;
	const struct form *forms[GUESSES];

	if (reading->source.saw_form || reading->source.entry_count > 0 ||
	    reading->bulk.count > 0)
		return;
	size_t count = form_guess(intake->desk->arena, intake->desk->forms,
	    intake->record, forms, GUESSES);
	if (count == 1 && strcmp(forms[0]->name, reading->form->name) != 0)
		reading_clash(intake, reading->form->name, forms[0]->name);
}

/* --- many in one ----------------------------------------------------------------- */

static int
read_many(struct intake *intake, struct err *err)
{
	struct reading *reading = &intake->reading;
	struct lookup lookup;

	lookup_init(&lookup, intake->desk);
	bulk_read(intake->desk->arena,
	    &(struct bulk_request){.form = reading->form,
		.record = intake->record,
		.lookup = &lookup.form},
	    &reading->bulk);
	return lookup_result(&lookup, err);
}

/* Once more where the round that awaits the first of them has another
 * definition. */
static int
read_many_again(struct intake *intake, const struct named *named,
    struct err *err)
{
	struct reading *reading = &intake->reading;
	int version = 0;

	if (reading->bulk.count == 0 || named->round[0] != '\0')
		return 0;
	int failed = guess_version(intake, named->form,
	    reading->bulk.sets[0].agency, &version, err);
	if (failed < 0 || version == 0 || version == reading->form->version)
		return failed;
	failed = reading_definition(intake->desk, named->form, version,
	    &reading->form, err);
	return failed < 0 ? failed : read_many(intake, err);
}

/* A single row that answers no mail about many is one return. */
static int
join_single(struct intake *intake, struct named *named, struct err *err)
{
	struct reading *reading = &intake->reading;
	struct form_source *source = &reading->source;
	const struct bulk *bulk = &reading->bulk;
	struct arena *arena = intake->desk->arena;
	struct form_source one;

	if (bulk->count != 1 || return_bulk_is_thread(intake))
		return 0;
	bulk_source(arena,
	    &(struct bulk_request){.form = reading->form,
		.record = intake->record},
	    &bulk->sets[0], &one);
	for (size_t i = 0; i < one.entry_count; i++) {
		struct form_entry *entry = arena_push(arena, &source->entries,
		    &source->entry_count, sizeof(*entry));
		*entry = one.entries[i];
		entry->source = UINT_MAX; /* no other has so many */
	}
	for (size_t i = 0; i < bulk->unread_count; i++)
		*(const char **)arena_push(arena, &source->unread,
		    &source->unread_count, sizeof(*source->unread)) =
		    bulk->unread[i];
	for (size_t i = 0; i < bulk->note_count; i++)
		*(const char **)arena_push(arena, &source->notes,
		    &source->note_count, sizeof(*source->notes)) =
		    bulk->notes[i];
	source->is_cut |= bulk->is_cut;
	source->saw_form = true;
	if (!bulk->sets[0].is_answer && reading->header.agency[0] == '\0')
		reading->header.agency = bulk->sets[0].agency;
	reading->bulk.count = 0;
	return reading_join_agency(intake, named, err);
}

static int
read_form(struct intake *intake, struct named *named, struct err *err)
{
	struct reading *reading = &intake->reading;
	int version = named->version;
	int failed = 0;

	if (named->round[0] == '\0' && named->submission[0] == '\0')
		failed = guess_version(intake, named->form,
		    reading->header.agency, &version, err);
	if (failed < 0 || (failed = reading_definition(intake->desk,
			       named->form, version, &reading->form, err)) < 0)
		return failed;
	if (reading->form == NULL)
		return 0;
	if (strcmp(reading->form->handler, "action-update") == 0)
		reading->default_row = named->action;
	if ((failed = read_many(intake, err)) < 0 ||
	    (failed = read_many_again(intake, named, err)) < 0)
		return failed;
	source_read(intake->desk->arena,
	    &(struct source_request){.form = reading->form,
		.record = intake->record,
		.sent_text = intake->thread.found ? intake->thread.text : NULL,
		.instance = instance_of(intake),
		.skip = reading->bulk.taken},
	    &reading->source);
	for (size_t i = 0; i < intake->record->table_count; i++)
		reading->source.table_read[i] |= reading->bulk.taken[i];
	if ((failed = join_single(intake, named, err)) < 0)
		return failed;
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
	form_header_read(arena, intake->record, instance_of(intake),
	    &reading->header);
	int failed = reading_find_names(intake, &named, err);
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
