/*
 * What an answering machine sends: ignored, but a day until which somebody of
 * the register is away is noted, so that others are asked meanwhile.
 */
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "handlers/day_words.h"
#include "handlers/handler.h"

enum {
	READ_BYTES = 4000, /* of a notice: the day stands near its begin */
};

/* The marks of an automatic answer: RFC 3834, and those before it. */
static const struct {
	const char *header, *without; /* "": whatever it says */
} g_marks[] = {
    {"Auto-Submitted", "no"},
    {"X-Autoreply", ""},
    {"X-Autorespond", ""},
    {"X-Auto-Reply", ""},
    {"X-AutoReply-From", ""},
    {"X-Mail-Autoreply", ""},
    {"X-POST-MessageClass", ""},
};

static bool
is_automatic(const struct record *record)
{
	const char *precedence = record_header(record, "Precedence");

	if (precedence != NULL && text_ifind(precedence, "auto") != NULL)
		return true;
	for (size_t i = 0; i < COUNT_OF(g_marks); i++) {
		const char *value = record_header(record, g_marks[i].header);
		if (value != NULL &&
		    (g_marks[i].without[0] == '\0' ||
			!text_istarts(value, g_marks[i].without)))
			return true;
	}
	return false;
}

static const char *
text_of(const struct intake *intake)
{
	const struct record *record = intake->record;
	const char *text = record->subject;

	for (size_t b = 0; b < record->body_count; b++)
		for (size_t s = 0; s < record->bodies[b].segment_count; s++) {
			const struct record_segment *segment =
			    &record->bodies[b].segments[s];
			if (segment->whose != WHOSE_NEW ||
			    strlen(text) > READ_BYTES)
				continue;
			text = arena_printf(intake->desk->arena, "%s\n%.*s",
			    text, (int)text_cut(segment->text, READ_BYTES),
			    segment->text);
		}
	return text;
}

/*
 * From alone is nobody's word: there must be proof, or it must answer a mail
 * of ours to that person, whose id a stranger does not know.
 */
static bool
is_believed(const struct intake *intake)
{
	return intake->contact != NULL &&
	       (intake->is_proven || intake->thread.found);
}

static int
note_absence(const struct intake *intake, struct err *err)
{
	struct desk *desk = intake->desk;
	int32_t day = absence_until(text_of(intake), desk->today_day);

	if (day == DAY_NONE || day == intake->contact->absent_day)
		return 0;
	int failed =
	    contact_set_absent(desk->store, intake->contact->id, day, err);
	return failed < 0
		   ? failed
		   : desk_audit(desk, intake->contact, "contact-away", "", err);
}

static int
take(struct intake *intake, struct err *err)
{
	if (!is_automatic(intake->record))
		return 0;
	int failed = is_believed(intake) ? note_absence(intake, err) : 0;
	if (failed < 0)
		return failed;
	intake->outcome = (struct outcome){.outcome = "ignored",
	    .reason = "auto-reply",
	    .ref = ""};
	return 1;
}

const struct handler handler_absence = {
    .name = "absence",
    .summary = "an answering machine: the day until which it says is noted",
    .take = take,
};
