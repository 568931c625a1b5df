#include "engine/intake.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "engine/judging.h"
#include "engine/thread.h"
#include "handlers/parts.h"
#include "handlers/reading.h"
#include "store/message.h"

static const struct record g_no_record = {
    .subject = "",
    .message_id = "",
    .in_reply_to = "",
    .calendar_method = "",
    .content_type = "",
};

/* Where each outcome lies; a duplicate lies where the first one does. */
static const struct {
	const char *outcome;
	enum wire_folder folder;
} g_folders[] = {
    {"filed", FOLDER_FILED},
    {"problems", FOLDER_PROBLEMS},
    {"answered", FOLDER_FILED},
    {"reply", FOLDER_FILED},
    {"bounce", FOLDER_FILED},
    {"ignored", FOLDER_IGNORED},
    {"attention", FOLDER_ATTENTION},
    {"quarantined", FOLDER_QUARANTINE},
    {"duplicate", FOLDER_FILED},
};

static enum wire_folder
folder_of_outcome(const char *outcome)
{
	for (size_t i = 0; i < COUNT_OF(g_folders); i++)
		if (strcmp(g_folders[i].outcome, outcome) == 0)
			return g_folders[i].folder;
	return FOLDER_ATTENTION;
}

static enum wire_folder
folder_of(const struct judging *judging)
{
	const struct outcome *outcome = &judging->intake.outcome;
	enum wire_folder folder;

	if (wire_folder_find(judging->folder, &folder))
		return folder;
	return folder_of_outcome(
	    outcome->like != NULL ? outcome->like : outcome->outcome);
}

int
judging_decide(struct judging *judging, const char *outcome, const char *reason)
{
	judging->intake.outcome.outcome = outcome;
	judging->intake.outcome.reason = reason;
	if (judging->intake.outcome.ref == NULL)
		judging->intake.outcome.ref = "";
	return 1;
}

/* --- what is known without parsing ---------------------------------------- */

static bool
was_brought_back(const struct message *earlier)
{
	return strcmp(earlier->outcome, "attention") == 0 &&
	       earlier->moved_at != 0 && earlier->settled_at != 0;
}

/*
 * A server names a message anew in each folder, and all of them when it begins
 * a folder anew: the same bytes under a name of the same front are another
 * copy. A Maildir's names have no front, and stay.
 */
static bool
is_another_copy(const char *earlier, const char *key)
{
	size_t front = strcspn(key, "/");

	return strcmp(earlier, key) != 0 &&
	       (key[front] == '\0' || strncmp(earlier, key, front + 1) == 0);
}

int
intake_known(struct desk *desk, struct incoming *in,
    struct intake_verdict *ret_verdict, struct err *err)
{
	struct message earlier;

	if (in->again != AGAIN_NO)
		return 0;
	int found = message_find_sha(desk->store, desk->arena, in->sha256,
	    &earlier, err);
	if (found <= 0)
		return found;
	if (was_brought_back(&earlier)) {
		in->again = AGAIN_DRAGGED;
		in->earlier = earlier.id;
		return 0;
	}
	if (is_another_copy(earlier.mailbox_key, in->key))
		return 0; /* a duplicate, to be judged */
	ret_verdict->message = earlier.id;
	ret_verdict->known_key = earlier.mailbox_key;
	ret_verdict->folder = FOLDER_ATTENTION;
	(void)wire_folder_find(earlier.folder, &ret_verdict->folder);
	return 1;
}

/* --- the steps --------------------------------------------------------------- */

static int
duplicate_of(struct judging *judging, const struct message *first)
{
	judging->first =
	    first->first != 0 && strcmp(first->outcome, "duplicate") == 0
		? first->first
		: first->id;
	judging->folder = first->folder;
	judging->intake.outcome.ref = first->ref;
	return judging_decide(judging, "duplicate", first->reason);
}

static int
judge_duplicate(struct judging *judging, struct err *err)
{
	(void)err;
	if (judging->double_of == NULL)
		return 0;
	judging->class = classify(judging->intake.record, judging->self);
	return duplicate_of(judging, judging->double_of);
}

static int
judge_killer(struct judging *judging, struct err *err)
{
	(void)err;
	if (!judging->in->killer)
		return 0;
	judging->class = CLASS_UNSURE;
	return judging_decide(judging, "quarantined", "killed the parser");
}

static int
judge_unparsed(struct judging *judging, struct err *err)
{
	(void)err;
	if (!judging->in->unparsed)
		return 0;
	judging->class = CLASS_UNSURE;
	return judging_decide(judging, "attention", "unreadable");
}

/* Lists and doubtful mail may carry what somebody was asked for. */
static bool
carries_answer(const struct judging *judging)
{
	return judging->intake.thread.found ||
	       reading_has_answers(&judging->intake.reading);
}

static int
judge_class(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;

	judging->class = classify(intake->record, judging->self);
	if (judging->class == CLASS_LIST && carries_answer(judging))
		judging->class = CLASS_UNSURE;
	if (judging->is_vouched && judging->class == CLASS_UNSURE)
		judging->class = CLASS_HUMAN;

	static const char *const takers[] = {
	    [CLASS_BOUNCE] = "delivery-report",
	    [CLASS_ROBOT] = "absence",
	};
	switch (judging->class) {
	case CLASS_HUMAN:
	case CLASS_UNSURE:
		return 0;
	case CLASS_LIST:
		return judging_decide(judging, "ignored", "list");
	case CLASS_CALENDAR:
		judging->folder = wire_folder_name(FOLDER_INBOX);
		return judging_decide(judging, "ignored", "");
	case CLASS_READ_RECEIPT:
	case CLASS_OWN:
		return judging_decide(judging, "ignored", "");
	case CLASS_BOUNCE:
	case CLASS_ROBOT:
		break;
	}
	const struct handler *handler = handler_find(takers[judging->class]);
	BUG_ON(handler == NULL || handler->take == NULL);
	int taken = handler->take(intake, err);
	return taken != 0 ? taken
			  : judging_decide(judging, "ignored", "auto-reply");
}

static int
judge_doubtful(struct judging *judging, struct err *err)
{
	(void)err;
	if (judging->class != CLASS_UNSURE)
		return 0;
	return judging_decide(judging, "attention", "doubtful");
}

/* Who writes to us after a bounce can be written to again. */
static int
judge_bounced(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	struct desk *desk = intake->desk;

	if (!intake->is_proven || judging->is_vouched ||
	    judging->class != CLASS_HUMAN || intake->contact->bounced_at == 0 ||
	    intake->received_at < intake->contact->bounced_at)
		return 0;
	struct contact *back = arena_alloc(desk->arena, sizeof(*back));
	*back = *intake->contact;
	back->bounced_at = 0;
	intake->contact = back;
	int failed = contact_clear_bounced(desk->store, back->id, err);
	return failed < 0
		   ? failed
		   : desk_audit(desk, back, "contact-reachable", "", err);
}

/* What a proven person's mail can be, first come first served. */
static int
judge_handlers(struct judging *judging, struct err *err)
{
	static const char *const order[] = {"command", "short-answer",
	    "return"};

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		const struct handler *handler = handler_find(order[i]);
		BUG_ON(handler == NULL || handler->take == NULL);
		int taken = handler->take(&judging->intake, err);
		if (taken != 0)
			return taken;
	}
	return 0;
}

static const judging_step_fn g_steps[] = {
    judge_killer,
    judge_duplicate,
    judge_unparsed,
    judge_class,
    judge_bounced,
    judge_concern, /* before all that asks who wrote it */
    judge_child_data,
    judge_damaged,
    judge_yes,
    judge_sender,
    judge_doubtful,
    judge_unchanged,
    judge_handlers,
    judge_rest,
};

/* --- before and after -------------------------------------------------------- */

static int
find_sender(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	struct desk *desk = intake->desk;
	struct contact *contact = arena_alloc(desk->arena, sizeof(*contact));
	const char *exception = "";

	if (intake->from[0] == '\0')
		return 0;
	int found =
	    contact_find(desk->store, desk->arena, intake->from, contact, err);
	if (found < 0)
		return found;
	if (found > 0 && !contact->left)
		intake->contact = contact;
	if (intake->contact != NULL && contact->agency_count > 0) {
		struct agency agency;
		found = agency_get(desk->store, desk->arena,
		    contact->agencies[0].id, &agency, err);
		if (found < 0)
			return found;
		if (found > 0)
			exception = agency.proof;
	}
	judging->waits_for_yes = strcmp(exception, "confirm") == 0;
	judging->proof =
	    trust_proof(intake->record, &desk->settings->trust, exception);
	if (judging->is_vouched)
		judging->proof = PROOF_PASSED;
	intake->is_proven =
	    intake->contact != NULL && judging->proof == PROOF_PASSED;
	return 0;
}

/* The row, with a provisional outcome: what follows refers to it. */
static int
add_row(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	const struct incoming *in = judging->in;
	struct message row = {
	    .mailbox_key = in->key,
	    .sha256 = in->sha256,
	    .content_key = intake->record->content_key,
	    .received_at = intake->received_at,
	    .judged_at = intake->desk->now_at,
	    .from_addr = intake->from,
	    .subject = judging->screen.hit && !judging->is_vouched
			   ? "" /* it may name the child */
			   : intake->record->subject,
	    .message_id = intake->record->message_id,
	    .class = classify_word(CLASS_UNSURE),
	    .outcome = "attention",
	    .reason = "",
	    .ref = "",
	    .folder = wire_folder_name(FOLDER_ATTENTION),
	    .size_bytes = (int64_t)in->size_bytes,
	    .first = in->earlier,
	    .again = "",
	};

	return message_add(intake->desk->store, &row, &intake->message, err);
}

/* The bytes and parts of all but what is locked away. */
static int
keep_bytes(struct judging *judging, enum wire_folder folder, struct err *err)
{
	struct intake *intake = &judging->intake;

	if (folder == FOLDER_QUARANTINE)
		return 0;
	if (!judging->in->too_large) {
		int failed = message_add_raw(intake->desk->store,
		    intake->message, judging->in->fd, err);
		if (failed != 0)
			return failed;
	}
	return parts_store(intake, err);
}

static int
settle_earlier(struct judging *judging, struct err *err)
{
	struct desk *desk = judging->intake.desk;

	if (judging->in->again == AGAIN_NO)
		return 0;
	int failed = message_settle(desk->store, judging->in->earlier,
	    desk->now_at, err);
	return failed < 0 ? failed
			  : message_clear_again(desk->store,
				judging->in->earlier, err);
}

static int
conclude(struct judging *judging, enum wire_folder folder, struct err *err)
{
	struct intake *intake = &judging->intake;
	struct desk *desk = intake->desk;
	struct message_verdict verdict = {
	    .class = classify_word(judging->class),
	    .outcome = intake->outcome.outcome,
	    .reason = intake->outcome.reason,
	    .ref = intake->outcome.ref,
	    .folder = wire_folder_name(folder),
	    .contact = intake->contact == NULL ? 0 : intake->contact->id,
	    .first = judging->in->earlier != 0 ? judging->in->earlier
					       : judging->first,
	    .moved_at = folder == judging->in->from ? desk->now_at : 0,
	};
	int failed = message_judge(desk->store, intake->message, &verdict, err);

	if (failed < 0)
		return failed;
	if ((failed = keep_bytes(judging, folder, err)) < 0 ||
	    (failed = settle_earlier(judging, err)) < 0)
		return failed;
	return desk_audit(desk, intake->contact, "judged",
	    arena_printf(desk->arena, "message %lld %s",
		(long long)intake->message, intake->outcome.outcome),
	    err);
}

/* The same bytes, or the same mail by another way: looked for before there is
 * a row of this one. */
static int
find_double(struct judging *judging, struct err *err)
{
	const struct intake *intake = &judging->intake;
	struct desk *desk = intake->desk;
	struct message *first = arena_alloc(desk->arena, sizeof(*first));

	if (judging->in->again != AGAIN_NO)
		return 0;
	int found = message_find_sha(desk->store, desk->arena,
	    judging->in->sha256, first, err);
	if (found == 0 && intake->record->content_key[0] != '\0')
		found = message_find_content(desk->store, desk->arena,
		    &(struct message_content){.content_key =
						  intake->record->content_key,
			.from_addr = intake->from},
		    first, err);
	if (found > 0)
		judging->double_of = first;
	return found < 0 ? found : 0;
}

static int
prepare(struct judging *judging, struct err *err)
{
	struct intake *intake = &judging->intake;
	int failed;

	screen_record(intake->desk->arena, intake->record, &judging->screen);
	if ((failed = find_double(judging, err)) < 0 ||
	    (failed = find_sender(judging, err)) < 0 ||
	    (failed = thread_find(intake, err)) < 0 ||
	    (failed = reading_make(intake, err)) < 0)
		return failed;
	return add_row(judging, err);
}

static int
run_steps(struct judging *judging, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(g_steps); i++) {
		int decided = g_steps[i](judging, err);
		if (decided != 0)
			return decided;
	}
	BUG_ON(true); /* the last step always decides */
}

/* `since`: what came before that day is left where it is, unread. */
static bool
is_before_since(const struct desk *desk, const struct incoming *in,
    const struct record *record)
{
	int32_t since_day = desk->settings->mailbox.since_day;
	int64_t at = in->received_at != 0 ? in->received_at : record->date_at;

	return since_day != DAY_NONE && at != 0 && date_of(at) < since_day &&
	       in->again == AGAIN_NO;
}

int
intake_judge(struct desk *desk, const struct classify_self *self,
    const struct incoming *in, const struct record *record,
    struct intake_verdict *ret_verdict, struct err *err)
{
	if (record == NULL)
		record = &g_no_record;
	if (is_before_since(desk, in, record)) {
		*ret_verdict = (struct intake_verdict){.folder = FOLDER_INBOX};
		return 0;
	}
	struct judging judging = {
	    .intake =
		{
		    .desk = desk,
		    .record = record,
		    .received_at =
			in->received_at != 0 && in->received_at < desk->now_at
			    ? in->received_at
			    : desk->now_at,
		    .from = record->from.count == 0
				? ""
				: text_lower(desk->arena,
				      record->from.items[0].addr),
		    .outcome = {"", "", "", NULL},
		},
	    .in = in,
	    .self = self,
	    .class = CLASS_UNSURE,
	    .is_vouched = in->again == AGAIN_RELEASE,
	    .folder = "",
	};
	int failed = prepare(&judging, err);

	if (failed < 0 || (failed = run_steps(&judging, err)) < 0)
		return failed;
	ret_verdict->folder = folder_of(&judging);
	ret_verdict->message = judging.intake.message;
	return conclude(&judging, ret_verdict->folder, err);
}
