/*
 * The steps of intake that end with a word to a person: the concern lines, the
 * note that a child's data was locked away, "did you send this?", "a person
 * will look". What each says is a template's matter.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/concern.h"
#include "engine/judging.h"
#include "forms/blank.h"
#include "handlers/letters.h"
#include "handlers/parts.h"
#include "store/message.h"
#include "store/round.h"

enum {
	DAY_S = 24 * 60 * 60
};

/* Was a letter of that topic queued for this address within a day? */
static int
told_today(const struct judging *judging, const char *topic, struct err *err)
{
	const struct desk *desk = judging->intake.desk;
	int64_t count, last_at;
	int failed = outbox_ask(desk->store,
	    &(struct outbox_question){
		.recipient = judging->intake.from,
		.kind = "",
		.topic = topic,
		.ref = "",
		.since_at = desk->now_at - DAY_S + 1,
	    },
	    &count, &last_at, err);

	return failed < 0 ? failed : count > 0;
}

static bool
can_be_answered(const struct judging *judging)
{
	struct err ignored;

	return judging->class == CLASS_HUMAN &&
	       compose_check_address(judging->intake.from, &ignored) == 0;
}

/* Values with the day and hour at which the message came. */
static json_t *
values_new(const struct judging *judging)
{
	return json_pack("{s:o}", "when",
	    letter_when(judging->intake.received_at));
}

/* Judged anew: was the sender told something the first time? */
static int
was_told_before(const struct judging *judging, struct err *err)
{
	const struct desk *desk = judging->intake.desk;
	struct outbox mail;

	if (judging->in->again == AGAIN_NO)
		return 0;
	return outbox_find_answer(desk->store, desk->arena,
	    judging->in->earlier, &mail, err);
}

/* An answer within the sender's budget; `take_values` is used up. */
static int
answer(struct judging *judging, const char *topic, json_t *take_values,
    struct err *err)
{
	struct letter letter;
	int told = was_told_before(judging, err);

	if (told == 0) {
		letter_to_sender(&judging->intake, &letter);
		letter.topic = topic;
		told =
		    letter_answer(&judging->intake, &letter, take_values, err);
	}
	json_decref(take_values);
	return told < 0 ? told : 0;
}

/* --- a concern about a child -------------------------------------------------- */

static const char *
known_words(const struct judging *judging)
{
	const struct contact *contact = judging->intake.contact;

	if (contact == NULL)
		return "";
	return arena_printf(judging->intake.desk->arena, "%s%s%s",
	    contact->name, contact->agency_count > 0 ? ", " : "",
	    contact->agency_count > 0 ? contact->agencies[0].name : "");
}

/* What the sender of a concern had from us. */
enum lines {
	LINES_NONE, /* there is no address that mail could reach */
	LINES_SENT,
	LINES_EARLIER, /* on this day */
};

static int
tell_staff_of_concern(struct judging *judging, enum lines lines,
    struct err *err)
{
	json_t *values = values_new(judging);

	(void)json_object_update_new(values,
	    json_pack("{s:s, s:s, s:s, s:I, s:b, s:b}", "from",
		judging->intake.from, "known", known_words(judging), "folder",
		judging->screen.hit ? "Quarantine" : "Attention", "id",
		(json_int_t)judging->intake.message, "told",
		lines == LINES_SENT, "earlier", lines == LINES_EARLIER));
	int failed = letter_to_staff(judging->intake.desk, "concern-staff", "",
	    values, err);
	json_decref(values);
	return failed;
}

/*
 * Outside of every budget: it is sent to whoever wrote, once a day. Returns
 * enum lines, or an error.
 */
static int
send_concern_lines(struct judging *judging, struct err *err)
{
	struct letter letter;
	int64_t id;
	int told = told_today(judging, "concern", err);

	if (told < 0)
		return told;
	if (told > 0)
		return LINES_EARLIER;
	if (!can_be_answered(judging))
		return LINES_NONE;
	letter_to_sender(&judging->intake, &letter);
	letter.topic = "concern";
	json_t *values = json_object();
	int failed = mailer_queue(judging->intake.desk->mailer, &letter, values,
	    &id, err);
	json_decref(values);
	return failed < 0 ? failed : LINES_SENT;
}

enum {
	CONCERN_FILE_BYTES = 128 * 1024 /* of what files say */
};

/* Each by itself: cells are no sentence together. */
static void
add_saying(struct buf *out, const char *text)
{
	if (!text_is_blank(text))
		buf_printf(out, "%s.\n\n", text);
}

static void
add_table_sayings(const struct record_table *table, struct buf *out)
{
	for (size_t r = 0; r < table->row_count && !out->over; r++)
		for (size_t c = 0; c < table->rows[r].cell_count; c++)
			add_saying(out, table->rows[r].cells[c]);
}

/* What files say beside a form's answers, their names and their sheets'. */
static bool
files_read_as_concern(const struct judging *judging)
{
	const struct reading *reading = &judging->intake.reading;
	const struct record *record = judging->intake.record;
	const struct form_source *source = &reading->source;
	CLEANUP(buf_done)
	struct buf text;

	buf_init(&text, CONCERN_FILE_BYTES);
	for (size_t i = 0; i < record->part_count; i++) {
		add_saying(&text, record->parts[i].name);
		if (reading->form == NULL)
			add_saying(&text, record->parts[i].text);
	}
	for (size_t i = 0; i < source->loose_count; i++)
		add_saying(&text, source->loose[i]);
	for (size_t i = 0; i < record->table_count; i++) {
		const struct record_table *table = &record->tables[i];
		add_saying(&text, table->name);
		if (table->kind != TABLE_HTML &&
		    (source->table_read == NULL || !source->table_read[i]))
			add_table_sayings(table, &text);
	}
	return concern_reads(judging->intake.desk->arena, buf_text(&text));
}

/* In new text that is no field's value: without a form, in all of it. */
static bool
reads_as_concern(const struct judging *judging)
{
	struct arena *arena = judging->intake.desk->arena;
	const struct record *record = judging->intake.record;

	if (concern_reads(arena, judging->intake.reading.rest) ||
	    concern_reads(arena, record->subject) ||
	    files_read_as_concern(judging))
		return true;
	const struct form_source *source = &judging->intake.reading.source;
	for (size_t i = 0; i < source->unread_count; i++)
		if (concern_reads(arena, source->unread[i]))
			return true;
	if (judging->intake.reading.form != NULL)
		return false;
	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++)
			if (body->segments[s].whose == WHOSE_NEW &&
			    concern_reads(arena, body->segments[s].text))
				return true;
	}
	return false;
}

int
judge_concern(struct judging *judging, struct err *err)
{
	if (judging->class != CLASS_HUMAN || judging->is_vouched ||
	    !reads_as_concern(judging))
		return 0;
	int lines = send_concern_lines(judging, err);
	if (lines < 0)
		return lines;
	int failed = tell_staff_of_concern(judging, (enum lines)lines, err);
	if (failed < 0)
		return failed;
	return judging->screen.hit
		   ? judging_decide(judging, "quarantined", "child data")
		   : judging_decide(judging, "attention", "concern");
}

/* --- a child's data ------------------------------------------------------------- */

/* Until when the request that the thread is about can still be answered in
 * time; "" where nothing was asked for, or that day is over. */
static int
due_words(const struct judging *judging, char ret_due[static 40],
    struct err *err)
{
	const struct intake *intake = &judging->intake;
	struct request request;

	ret_due[0] = '\0';
	if (!intake->thread.found)
		return 0;
	int found = request_find_ref(intake->desk->store, intake->desk->arena,
	    intake->thread.mail.ref, &request, err);
	if (found > 0 && request.due_day >= intake->desk->today_day)
		(void)date_words(request.due_day, DATE_NO_YEAR, ret_due);
	return found < 0 ? found : 0;
}

static json_t *
place_list(const struct judging *judging)
{
	json_t *list = json_array();

	if (!judging->intake.is_proven)
		return list;
	for (size_t i = 0; i < judging->screen.place_count; i++)
		(void)json_array_append_new(list,
		    json_string(judging->screen.places[i]));
	return list;
}

int
judge_child_data(struct judging *judging, struct err *err)
{
	char due[40];

	if (!judging->screen.hit || judging->is_vouched)
		return 0;
	if (judging->intake.contact != NULL && judging->proof != PROOF_FAILED &&
	    can_be_answered(judging)) {
		int failed = due_words(judging, due, err);
		if (failed < 0)
			return failed;
		json_t *values = values_new(judging);
		(void)json_object_update_new(values,
		    json_pack("{s:s, s:o, s:s}", "what", "an NHS number",
			"where", place_list(judging), "due", due));
		failed = answer(judging, "child-data", values, err);
		if (failed < 0)
			return failed;
	}
	return judging_decide(judging, "quarantined", "child data");
}

/* --- what cannot be read ------------------------------------------------------- */

static const char *
megabytes(struct arena *arena, int64_t bytes)
{
	return arena_printf(arena, "%lld MB",
	    (long long)((bytes + 500000) / INT64_C(1000000)));
}

static int
answer_too_large(struct judging *judging, struct err *err)
{
	struct desk *desk = judging->intake.desk;
	json_t *values = values_new(judging);

	(void)json_object_update_new(values,
	    json_pack("{s:s, s:s}", "limit",
		megabytes(desk->arena, desk->settings->limits.message_bytes),
		"size",
		megabytes(desk->arena, (int64_t)judging->in->size_bytes)));
	return answer(judging, "too-large", values, err);
}

static int
answer_cannot_read(struct judging *judging, json_t *take_files, struct err *err)
{
	json_t *values = values_new(judging);

	(void)json_object_update_new(values,
	    json_pack("{s:b, s:o}", "kept", 1, "files", take_files));
	return answer(judging, "cannot-read", values, err);
}

/* Why a whole message is unreadable; NULL where it is not. */
static json_t *
damage_of(const struct judging *judging)
{
	const struct record *record = judging->intake.record;
	const char *why = NULL, *fix = "Please send your email again.";

	if (judging->in->cut || record->is_cut)
		why = "it did not come in whole.";
	else if (record->over_limit) {
		why = "it holds more than we can read.";
		fix = "Please send less in one email.";
	} else if (record->is_encrypted) {
		/* What locks it says best how to unlock it. */
		json_t *locked = parts_troubles(&judging->intake);
		if (json_array_size(locked) > 0)
			return locked;
		json_decref(locked);
		why = "it is encrypted.";
		fix = "Please send it without encryption.";
	}
	return why == NULL ? NULL
			   : json_pack("[{s:s, s:s, s:s}]", "name",
				 "your email", "why", why, "fix", fix);
}

int
judge_damaged(struct judging *judging, struct err *err)
{
	bool answerable = judging->intake.is_proven && can_be_answered(judging);
	int failed = 0;

	if (judging->in->too_large) {
		if (answerable)
			failed = answer_too_large(judging, err);
		return failed < 0
			   ? failed
			   : judging_decide(judging, "attention", "too large");
	}
	json_t *files = damage_of(judging);
	if (files == NULL)
		return 0;
	if (answerable)
		failed = answer_cannot_read(judging, files, err);
	else
		json_decref(files);
	return failed < 0 ? failed
			  : judging_decide(judging, "attention", "unreadable");
}

/* --- who wrote it ----------------------------------------------------------------- */

/* The first word of the new text is YES, with or without signs around it. */
static bool
says_yes(const char *text)
{
	while (*text != '\0' && !isalpha((unsigned char)*text))
		text++;
	return text_istarts(text, "yes") && !isalpha((unsigned char)text[3]);
}

/* YES to "did you send this?": its code went to the registered address. */
int
judge_yes(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	struct outbox_item item;

	if (judging->class != CLASS_HUMAN || intake->contact == NULL ||
	    judging->proof == PROOF_FAILED || !intake->thread.found ||
	    strcmp(intake->thread.mail.kind, "confirm") != 0 ||
	    !says_yes(intake->reading.rest))
		return 0;
	int found = outbox_find_item(intake->desk->store, intake->desk->arena,
	    intake->thread.mail.id, "1", &item, err);
	if (found <= 0)
		return found;
	struct message waiting;
	int64_t id = strtoll(item.ref, NULL, 10);
	found = message_find(intake->desk->store, intake->desk->arena, id,
	    &waiting, err);
	if (found < 0)
		return found;
	if (found > 0 && waiting.settled_at == 0 &&
	    strcmp(waiting.outcome, "attention") == 0) {
		int failed =
		    message_set_again(intake->desk->store, id, "release", err);
		if (failed < 0)
			return failed;
	}
	return judging_decide(judging, "answered", "");
}

/* "Did you send this?" to the registered address, once a day; where the
 * agency's rule is to confirm each mail, for each. */
static int
ask_to_confirm(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	const struct contact *contact = intake->contact;
	struct letter_item item = {
	    .label = "1",
	    .kind = "message",
	    .ref = arena_printf(intake->desk->arena, "%lld",
		(long long)intake->message),
	    .tbl = "",
	    .row = "",
	    .field = "",
	};
	struct letter letter;
	int64_t id;

	letter_to_sender(intake, &letter);
	letter.kind = letter.topic = "confirm";
	letter.recipient = contact->email;
	letter.items = &item;
	letter.item_count = 1;
	json_t *values = values_new(judging);
	(void)json_object_update_new(values,
	    json_pack("{s:s, s:o}", "subject", intake->record->subject, "files",
		parts_values(intake, PARTS_FILED)));
	int failed =
	    mailer_queue(intake->desk->mailer, &letter, values, &id, err);
	json_decref(values);
	return failed;
}

static int
judge_unproven(struct judging *judging, struct err *err)
{
	int told = 0;

	if (!judging->waits_for_yes)
		told = told_today(judging, "confirm", err);
	if (told == 0 && can_be_answered(judging))
		told = ask_to_confirm(judging, err);
	return told < 0 ? told
			: judging_decide(judging, "attention", "unproven");
}

int
judge_sender(struct judging *judging, struct err *err)
{
	if (judging->proof == PROOF_FAILED)
		return judging_decide(judging, "attention", "failed proof");
	if (judging->intake.contact == NULL)
		return judging_decide(judging, "attention", "unknown sender");
	if (judging->proof == PROOF_MISSING)
		return judge_unproven(judging, err);
	return 0;
}

/* --- what no handler wants --------------------------------------------------------- */

static json_t *
item_list(const struct outbox_items *items)
{
	json_t *list = json_array();

	for (size_t i = 0; i < items->count; i++) {
		const struct outbox_item *item = &items->items[i];
		const char *what =
		    item->field[0] != '\0' ? item->field : item->ref;
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s}", "label", item->label, "what",
			what));
	}
	return list;
}

/* How to answer, once a thread. */
static int
explain(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	const struct outbox *mail = &intake->thread.mail;
	struct outbox_items items;
	struct letter letter;
	int64_t count, last_at;
	int failed = outbox_ask(intake->desk->store,
	    &(struct outbox_question){.recipient = mail->recipient,
		.kind = "",
		.topic = "how-to-answer",
		.ref = mail->ref,
		.since_at = mail->queued_at},
	    &count, &last_at, err);

	if (failed < 0 || count > 0)
		return failed < 0 ? failed : 0;
	failed = outbox_list_items(intake->desk->store, intake->desk->arena,
	    mail->id, &items, err);
	if (failed < 0)
		return failed;
	letter_to_sender(intake, &letter);
	letter.topic = "how-to-answer";
	letter.ref = mail->ref;
	json_t *values = values_new(judging);
	(void)json_object_update_new(values,
	    json_pack("{s:b, s:o}", "blank",
		strstr(intake->thread.text, BLANK_START) != NULL, "items",
		item_list(&items)));
	failed = letter_answer(intake, &letter, values, err);
	json_decref(values);
	return failed < 0 ? failed : 0;
}

/* A reply that adds nothing to what we sent. */
int
judge_unchanged(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;

	if (!intake->thread.found || !parts_are_forms(intake) ||
	    intake->reading.source.entry_count > 0 ||
	    intake->reading.clash[0] != '\0' ||
	    !text_is_blank(intake->reading.rest))
		return 0;
	int failed = explain(judging, err);
	return failed < 0 ? failed
			  : judging_decide(judging, "ignored", "unchanged");
}

/* Nobody knew what to do with a proven person's mail: a person looks. */
int
judge_rest(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	json_t *troubles = parts_troubles(intake);
	int failed;

	if (json_array_size(troubles) > 0) {
		failed = answer_cannot_read(judging, troubles, err);
		return failed < 0
			   ? failed
			   : judging_decide(judging, "attention", "unreadable");
	}
	json_decref(troubles);
	json_t *values = values_new(judging);
	(void)json_object_set_new(values, "notes", parts_notes(intake));
	failed = answer(judging, "person-will-look", values, err);
	return failed < 0 ? failed
			  : judging_decide(judging, "attention", "free text");
}
