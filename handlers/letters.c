#include "handlers/letters.h"

#include <string.h>

#include "base/date.h"

enum {
	HOUR_S = 60 * 60,
	DAY_S = 24 * HOUR_S,
	REFERENCES_KEPT = 20, /* of a long thread: the newest */
};

/* RFC 5322, 3.6.4: those of the mail; its own id is put behind them. */
static const char *
references_of(const struct intake *intake)
{
	const struct record *record = intake->record;
	const char *text = "";
	size_t first = record->reference_count > REFERENCES_KEPT
			   ? record->reference_count - REFERENCES_KEPT
			   : 0;

	for (size_t i = first; i < record->reference_count; i++)
		if (strcmp(record->references[i], record->message_id) != 0)
			text = arena_printf(intake->desk->arena, "%s%s%s", text,
			    text[0] == '\0' ? "" : " ", record->references[i]);
	return text;
}

void
letter_to_sender(const struct intake *intake, struct letter *ret_letter)
{
	const struct contact *contact = intake->contact;

	*ret_letter = (struct letter){
	    .kind = "notice",
	    .ref = "",
	    .recipient = intake->from,
	    .name = contact == NULL ? "" : contact->name,
	    .contact = contact == NULL ? 0 : contact->id,
	    .in_reply_to = intake->record->message_id,
	    .references = references_of(intake),
	    .answers = intake->message,
	    .origin = ORIGIN_ANSWER,
	    .counts = LETTER_FREE,
	};
}

/* --- the budget of answers ---------------------------------------------------
 */

enum budget {
	BUDGET_LEFT,
	BUDGET_LAST_HOUR, /* the answer that says so is due */
	BUDGET_LAST_DAY,
	BUDGET_SPENT,
};

/* Has the last answer, the one that says so, gone out since then? */
static int
was_told(const struct intake *intake, int64_t since_at, struct err *err)
{
	int64_t count, last_at;
	int failed = outbox_ask(intake->desk->store,
	    &(struct outbox_question){.recipient = intake->from,
		.kind = "notice",
		.topic = "budget",
		.ref = "",
		.since_at = since_at},
	    &count, &last_at, err);

	return failed < 0 ? failed : count > 0;
}

static int
count_since(const struct intake *intake, int64_t seconds, int64_t *ret_count,
    struct err *err)
{
	return outbox_count_answers(intake->desk->store, intake->from,
	    intake->desk->now_at - seconds + 1, ret_count, err);
}

static int
budget_ask(const struct intake *intake, enum budget *ret_budget,
    struct err *err)
{
	const struct settings_limits *limits = &intake->desk->settings->limits;
	int64_t hour, day;
	int failed;

	if ((failed = count_since(intake, HOUR_S, &hour, err)) < 0 ||
	    (failed = count_since(intake, DAY_S, &day, err)) < 0)
		return failed;
	if (intake->contact == NULL || !intake->is_proven) {
		*ret_budget = day < limits->answers_per_day_others
				  ? BUDGET_LEFT
				  : BUDGET_SPENT;
		return 0;
	}
	if (hour < limits->answers_per_hour && day < limits->answers_per_day) {
		*ret_budget = BUDGET_LEFT;
		return 0;
	}
	int told = was_told(intake, intake->desk->now_at - HOUR_S + 1, err);
	if (told < 0)
		return told;
	if (told > 0 || day > limits->answers_per_day)
		*ret_budget = BUDGET_SPENT;
	else if (day == limits->answers_per_day)
		*ret_budget = BUDGET_LAST_DAY;
	else
		*ret_budget = BUDGET_LAST_HOUR;
	return 0;
}

static int
queue_last(const struct intake *intake, int64_t wait_s, struct err *err)
{
	struct desk *desk = intake->desk;
	struct letter letter;
	int64_t outbox;
	json_t *values =
	    json_pack("{s:o, s:o}", "when", letter_when(intake->received_at),
		"again", letter_when(desk->now_at + wait_s));

	letter_to_sender(intake, &letter);
	letter.topic = "budget";
	letter.counts = LETTER_COUNTED;
	int failed = mailer_queue(desk->mailer, &letter, values, &outbox, err);
	json_decref(values);
	return failed;
}

/* 1 where the answer may go, 0 where it may not, or an error. */
static int
budget_take(const struct intake *intake, struct err *err)
{
	static const int64_t waits[] =
	    {[BUDGET_LAST_HOUR] = HOUR_S, [BUDGET_LAST_DAY] = DAY_S};
	enum budget budget;
	int failed = budget_ask(intake, &budget, err);

	if (failed < 0)
		return failed;
	if (budget == BUDGET_LEFT)
		return 1;
	if (budget == BUDGET_SPENT)
		return 0;
	return queue_last(intake, waits[budget], err);
}

int
letter_answer(const struct intake *intake, struct letter *letter,
    const json_t *values, struct err *err)
{
	int64_t outbox;
	int may = budget_take(intake, err);

	if (may <= 0)
		return may;
	letter->counts = LETTER_COUNTED;
	int failed =
	    mailer_queue(intake->desk->mailer, letter, values, &outbox, err);
	return failed < 0 ? failed : 1;
}

int
letter_again(const struct intake *intake, int64_t first, struct err *err)
{
	struct letter letter;
	int64_t outbox;
	int may = budget_take(intake, err);

	if (may <= 0)
		return may;
	letter_to_sender(intake, &letter);
	letter.counts = LETTER_COUNTED;
	int failed =
	    mailer_resend(intake->desk->mailer, first, &letter, &outbox, err);
	return failed < 0 ? failed : 1;
}

/* --- staff --------------------------------------------------------------- */

int
letter_to_staff(struct desk *desk, const char *topic, const char *ref,
    const json_t *values, struct err *err)
{
	struct contacts staff;
	int failed = contact_list(desk->store, desk->arena,
	    (struct contact_filter){.roles = ROLE_STAFF}, &staff, err);

	for (size_t i = 0; failed >= 0 && i < staff.count; i++) {
		const struct contact *contact = &staff.items[i];
		int64_t outbox;
		if (!contact_is_reachable(contact, desk->today_day))
			continue;
		failed = mailer_queue(desk->mailer,
		    &(struct letter){.kind = "notice",
			.topic = topic,
			.ref = ref,
			.recipient = contact->email,
			.name = contact->name,
			.contact = contact->id,
			.origin = ORIGIN_STARTED},
		    values, &outbox, err);
	}
	return failed < 0 ? failed : 0;
}

json_t *
letter_day(int32_t day)
{
	char text[40];

	return json_string(
	    day == DAY_NONE ? "" : date_words(day, DATE_LONG, text));
}

json_t *
letter_when(int64_t at)
{
	char text[40];
	int minute = date_minute_of(at);

	return json_sprintf("%s at %02d:%02d",
	    date_words(date_of(at), DATE_NO_YEAR, text), minute / 60,
	    minute % 60);
}
