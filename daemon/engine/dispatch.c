#include "engine/dispatch.h"

#include <string.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/batch.h"
#include "engine/outage.h"
#include "engine/server_config.h"
#include "handlers/letters.h"

enum {
	BACKOFF_FIRST_S = 60,
	BACKOFF_MAX_S = 4 * 60 * 60,
	GIVE_UP_S = 3 * 24 * 60 * 60,
	BROKEN_MS = 60 * 1000, /* after a fault of our own */
	DISPATCH_AHEAD = 4,    /* mails in the courier's hand and socket */
	COURIER_SPARE_MS = 10 * 60 * 1000, /* over what it allows itself */
	SET_ARENA_BYTES = 4 * 1024 * 1024,
};

struct child *
dispatch_child_new(const struct engine *engine)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 16);
	struct wire_config config =
	    server_config_courier(arena, engine->settings);

	return child_new(CHILD_COURIER, engine->folder, &config);
}

/* A Maildir's file is named by the mail's id: twice is once. */
static enum outbox_delivery
delivery_kind(const struct engine *engine)
{
	return engine->settings->outgoing.server.path[0] != '\0'
		   ? DELIVERY_IDEMPOTENT
		   : DELIVERY_DOUBLES;
}

static int64_t
next_try_at(const struct engine *engine, const struct outbox_due *due)
{
	int64_t wait_s =
	    (int64_t)due->attempts * due->attempts * BACKOFF_FIRST_S;

	return clock_now(&engine->clock) +
	       (wait_s > BACKOFF_MAX_S ? BACKOFF_MAX_S : wait_s);
}

/* --- results ------------------------------------------------------------------------ */

static int
tell_staff(struct engine *engine, const struct outbox_result *result,
    struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct desk desk = engine_desk(engine, arena);
	struct outbox mail;
	int found = outbox_find(engine->store, arena, result->id, &mail, err);

	if (found <= 0)
		return found;
	if (result->how == OUTBOX_IN_DOUBT && mail.next_at != 0) {
		log_warning("mail %lld is in doubt, it is sent once more: %s",
		    (long long)result->id, result->error);
		return 0;
	}
	log_error("mail %lld is %s: %s", (long long)result->id,
	    result->how == OUTBOX_FAILED ? "failed" : "in doubt",
	    result->error);
	/* What cannot reach staff is not told to staff by mail. */
	if (strcmp(mail.topic, "failed-mail-staff") == 0)
		return 0;
	json_t *values = json_pack("{s:o, s:s, s:s, s:I, s:s, s:b}", "when",
	    letter_when(engine->mailer.now_at), "address", mail.recipient,
	    "about", mail.subject, "id", (json_int_t)mail.id, "why",
	    result->error, "doubt", result->how == OUTBOX_IN_DOUBT);
	int failed =
	    letter_to_staff(&desk, "failed-mail-staff", mail.ref, values, err);
	json_decref(values);
	return failed;
}

/* What was repeated when the last engine ended is in doubt for good. */
static int
recover(struct engine *engine, struct arena *arena, struct err *err)
{
	struct outbox_dues lost = {0};
	enum outbox_delivery delivery = delivery_kind(engine);
	int failed = 0;

	if (delivery == DELIVERY_DOUBLES)
		failed = outbox_list_repeated(engine->store, arena, &lost, err);
	if (failed >= 0)
		failed = outbox_recover(engine->store, delivery,
		    clock_now(&engine->clock), err);
	for (size_t i = 0; failed >= 0 && i < lost.count; i++)
		failed = tell_staff(engine,
		    &(struct outbox_result){.id = lost.items[i].id,
			.how = OUTBOX_IN_DOUBT,
			.error = "lscpd ended while it was being sent"},
		    err);
	return failed < 0 ? failed : 0;
}

int
dispatch_recover(struct engine *engine, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(SET_ARENA_BYTES);
	int failed = engine_write_begin(engine, err);

	if (failed == 0)
		failed = recover(engine, arena, err);
	return engine_write_end(engine, failed, err);
}

static int
report_all(struct engine *engine, const struct outbox_result *results,
    size_t count, struct err *err)
{
	int failed = outbox_report(engine->store, results, count,
	    clock_now(&engine->clock), err);

	for (size_t i = 0; failed >= 0 && i < count; i++) {
		bool hopeless = results[i].how == OUTBOX_FAILED ||
				results[i].how == OUTBOX_IN_DOUBT;
		if (hopeless)
			failed = tell_staff(engine, &results[i], err);
		if (failed >= 0 && results[i].how == OUTBOX_SENT)
			failed = outage_over(engine, err);
	}
	return failed < 0 ? failed : 0;
}

static void
report(struct engine *engine, const struct outbox_result *results, size_t count)
{
	struct err err = {0};
	int failed;

	if (count == 0)
		return;
	batch_commit(engine); /* what was sent must not be undone with it */
	failed = engine_write_begin(engine, &err);
	if (failed == 0)
		failed = report_all(engine, results, count, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "outbox", &err);
	FAULT("reported");
}

/* A --once run tries each mail once: what must wait is told at its end. */
static bool
waits_for_the_end(struct engine *engine, const struct outbox_result *result)
{
	struct dispatch *dispatch = &engine->dispatch;

	if (engine->mode != ENGINE_ONCE || result->how == OUTBOX_SENT ||
	    result->how == OUTBOX_FAILED)
		return false;
	engine->has_leftover = true;
	if (dispatch->later_arena == NULL)
		dispatch->later_arena = arena_new(LIMIT_ARENA_BYTES);
	struct outbox_result *kept = arena_push(dispatch->later_arena,
	    &dispatch->later, &dispatch->later_count, sizeof(*kept));
	*kept = *result;
	kept->error = arena_strdup(dispatch->later_arena, result->error);
	return true;
}

static void
add_result(struct engine *engine, const struct outbox_result *result)
{
	struct dispatch *dispatch = &engine->dispatch;

	if (waits_for_the_end(engine, result))
		return;
	struct outbox_result *kept =
	    &dispatch->results[dispatch->result_count++];
	*kept = *result;
	kept->error = arena_strdup(dispatch->due_arena, result->error);
}

static void
report_so_far(struct engine *engine)
{
	struct dispatch *dispatch = &engine->dispatch;

	report(engine, dispatch->results, dispatch->result_count);
	dispatch->result_count = 0;
}

/* The set is through: report it and forget it. */
static void
end_set(struct engine *engine)
{
	struct dispatch *dispatch = &engine->dispatch;

	report_so_far(engine);
	dispatch->due = NULL;
	dispatch->due_count = dispatch->next = dispatch->answered = 0;
	arena_cleanup(&dispatch->due_arena);
}

/* What was claimed and is not with the courier goes back as it was. */
static void
give_back_rest(struct engine *engine, const char *why)
{
	struct dispatch *dispatch = &engine->dispatch;

	while (dispatch->next < dispatch->due_count)
		add_result(engine,
		    &(struct outbox_result){.id =
						dispatch->due[dispatch->next++]
						    .id,
			.how = OUTBOX_UNTRIED,
			.error = why});
	dispatch->answered = dispatch->next;
	end_set(engine);
}

static struct outbox_result
result_of(const struct engine *engine, const struct outbox_due *due,
    const struct wire_delivered *delivered)
{
	struct outbox_result result = {.id = due->id, .error = delivered->text};

	static const enum outbox_how how[] = {
	    [DELIVERY_SENT] = OUTBOX_SENT,
	    [DELIVERY_LATER] = OUTBOX_LATER,
	    [DELIVERY_REFUSED] = OUTBOX_FAILED,
	    [DELIVERY_IN_DOUBT] = OUTBOX_IN_DOUBT,
	    [DELIVERY_SERVER_DOWN] = OUTBOX_UNTRIED,
	    [DELIVERY_UNREACHABLE] = OUTBOX_LATER,
	};

	result.how = how[delivered->result];
	if (result.how == OUTBOX_LATER || result.how == OUTBOX_IN_DOUBT)
		result.next_at = next_try_at(engine, due);
	return result;
}

/* Three days of trying are enough. */
static void
give_up_if_old(struct engine *engine, struct outbox_result *result)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct outbox mail;
	struct err err = {0};

	if (result->how != OUTBOX_LATER ||
	    outbox_find(engine->store, arena, result->id, &mail, &err) != 1)
		return;
	if (clock_now(&engine->clock) - mail.tried_at > GIVE_UP_S)
		result->how = OUTBOX_FAILED;
}

/* The courier watches the server; here only the courier is watched. */
static void
watch_courier(struct engine *engine)
{
	int64_t timeout_ms =
	    engine->settings->outgoing.server.timeout_s * INT64_C(1000);

	child_set_deadline(engine->courier,
	    dispatch_in_hand(engine)
		? clock_mono_ms() + 4 * timeout_ms + COURIER_SPARE_MS
		: 0);
}

/* A server is named by the text itself. */
static const char *
name_way(const struct engine *engine, struct arena *arena, const char *text)
{
	const char *path = engine->settings->outgoing.server.path;

	return path[0] == '\0' ? text
			       : arena_printf(arena, "%s: %s", path, text);
}

static void
on_delivered(struct engine *engine, struct arena *arena,
    const struct wire_delivered *delivered)
{
	struct dispatch *dispatch = &engine->dispatch;
	const struct outbox_due *due = &dispatch->due[dispatch->answered];

	if (!dispatch_in_hand(engine) || due->id != delivered->outbox_id)
		return; /* of a set that was given back */
	dispatch->answered++;
	watch_courier(engine);
	struct outbox_result result = result_of(engine, due, delivered);
	give_up_if_old(engine, &result);
	if (delivered->result == DELIVERY_LATER)
		log_warning("mail %lld has to wait: %s", (long long)result.id,
		    name_way(engine, arena, delivered->text));
	add_result(engine, &result);
	/* What follows it in the courier's hand has the same news. */
	bool is_shut = delivered->result == DELIVERY_SERVER_DOWN ||
		       delivered->result == DELIVERY_UNREACHABLE;
	if (!is_shut || clock_mono_ms() < dispatch->down_until_ms)
		return;
	report_so_far(engine); /* what went out before it proves nothing now */
	outage_seen(engine,
	    delivered->result == DELIVERY_SERVER_DOWN ? OUTAGE_REFUSED
						      : OUTAGE_UNREACHABLE,
	    name_way(engine, arena, delivered->text));
}

/* Of those in hand the first may have gone out, the others have not begun. */
static void
lose_those_in_hand(struct engine *engine, const char *why)
{
	struct dispatch *dispatch = &engine->dispatch;
	enum outbox_how how = delivery_kind(engine) == DELIVERY_IDEMPOTENT
				  ? OUTBOX_LATER
				  : OUTBOX_IN_DOUBT;

	while (dispatch_in_hand(engine)) {
		const struct outbox_due *due =
		    &dispatch->due[dispatch->answered++];
		add_result(engine, &(struct outbox_result){due->id, how,
				       next_try_at(engine, due), why});
		how = OUTBOX_UNTRIED;
	}
}

static void
on_lost(struct engine *engine, const char *why)
{
	struct dispatch *dispatch = &engine->dispatch;

	lose_those_in_hand(engine, why);
	report_so_far(engine);
	outage_seen(engine, OUTAGE_COURIER, why);
	if (dispatch->due_count > 0)
		give_back_rest(engine, why);
	if (engine->mode == ENGINE_ONCE) {
		dispatch->drained = true;
		dispatch->down_until_ms = INT64_MAX;
		engine->has_leftover = true;
	}
}

static void
on_frame(struct engine *engine, const struct frame *frame)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 20);
	struct wire_delivered delivered;
	struct err err = {0};

	if (treaty_decode(arena, frame, &delivered, &err) == 0) {
		on_delivered(engine, arena, &delivered);
		return;
	}
	child_replace(engine->courier);
	on_lost(engine, err.text);
}

void
dispatch_news(struct engine *engine)
{
	struct child_news news = {0};

	for (;;) {
		switch (child_next(engine->courier, clock_mono_ms(), &news)) {
		case CHILD_QUIET:
			return;
		case CHILD_IS_READY:
			break;
		case CHILD_LOST:
			on_lost(engine, news.text);
			break;
		case CHILD_FRAME:
			on_frame(engine, &news.frame);
			break;
		}
	}
}

/* --- handing over --------------------------------------------------------------------- */

/* In a --once run the time of a mail's next try does not matter. */
static int64_t
claim_until(const struct engine *engine)
{
	return engine->mode == ENGINE_ONCE ? INT64_MAX
					   : clock_now(&engine->clock);
}

static int
claim(struct engine *engine, struct err *err)
{
	struct dispatch *dispatch = &engine->dispatch;
	struct outbox_dues dues = {0};

	dispatch->due_arena = arena_new(SET_ARENA_BYTES);
	int failed = engine_write_begin(engine, err);
	if (failed == 0)
		failed = outbox_claim(engine->store, dispatch->due_arena,
		    &(struct outbox_wanted){
			.now_at = clock_now(&engine->clock),
			.until_at = claim_until(engine),
			.max = DISPATCH_SET,
		    },
		    &dues, err);
	failed = engine_write_end(engine, failed, err);
	if (failed < 0 || dues.count == 0) {
		arena_cleanup(&dispatch->due_arena);
		return failed;
	}
	FAULT("claimed");
	dispatch->due = dues.items;
	dispatch->due_count = dues.count;
	dispatch->next = dispatch->answered = 0;
	return 0;
}

/* Mail that was queued, or failed, before null-sender was set goes too. */
static const char *
sender_of(const struct engine *engine, const struct outbox_due *due)
{
	return due->envelope_from[0] != '\0' ||
		       engine->settings->outgoing.null_sender
		   ? due->envelope_from
		   : engine->settings->partnership.address;
}

static int
hand_over(struct engine *engine, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 20);
	struct buf mime CLEANUP(buf_done);
	struct dispatch *dispatch = &engine->dispatch;
	const struct outbox_due *due = &dispatch->due[dispatch->next];
	struct outbox mail;

	buf_init(&mime, LIMIT_MAIL_BYTES);
	int found = outbox_find(engine->store, arena, due->id, &mail, err);
	if (found > 0)
		found = outbox_read_mime(engine->store, due->id, &mime, err);
	if (found < 0)
		return found;
	int failed = child_send(engine->courier, FRAME_DELIVER,
	    &(struct wire_deliver){
		.outbox_id = due->id,
		.queued_at = mail.queued_at,
		.instance = engine->mailer.instance,
		.message_id = due->message_id,
		.envelope_from = sender_of(engine, due),
		.envelope_to = due->envelope_to,
		.mime = mime.data,
		.mime_bytes = mime.len,
	    },
	    -1, err);
	if (failed < 0)
		return failed;
	dispatch->next++;
	watch_courier(engine);
	return 0;
}

/*
 * All that was handed over has its result, and there is no more, or no more
 * can go now. Results wait for a commit of their own, since a lost batch must
 * not take them along.
 */
static bool
is_through(const struct engine *engine)
{
	const struct dispatch *dispatch = &engine->dispatch;

	return dispatch->due_count > 0 && !dispatch_in_hand(engine) &&
	       (dispatch->next == dispatch->due_count ||
		   clock_mono_ms() < dispatch->down_until_ms);
}

static bool
should_claim(struct engine *engine)
{
	struct err err = {0};
	int64_t next_at = 0;

	if (engine->stopping)
		return false;
	if (engine->mode == ENGINE_ONCE)
		return !engine->dispatch.drained;
	return outbox_next_at(engine->store, &next_at, &err) >= 0 &&
	       next_at != 0 && next_at <= clock_now(&engine->clock);
}

/* Keep the courier in work: it takes one at a time, the next ones wait in its
 * socket, so that it need not wait for the engine's turn. */
static int
hand_over_some(struct engine *engine, struct err *err)
{
	struct dispatch *dispatch = &engine->dispatch;
	int failed = 0;

	while (failed == 0 && dispatch->next < dispatch->due_count &&
	       dispatch->next - dispatch->answered < DISPATCH_AHEAD)
		failed = hand_over(engine, err);
	return failed;
}

void
dispatch_next(struct engine *engine)
{
	struct dispatch *dispatch = &engine->dispatch;
	struct err err = {0};
	int failed = 0;

	if (is_through(engine) && !engine->batch.is_open) {
		if (dispatch->next < dispatch->due_count)
			give_back_rest(engine, "the server takes no mail");
		else
			end_set(engine);
	}
	if (child_state(engine->courier) != CHILD_UP ||
	    clock_mono_ms() < dispatch->down_until_ms)
		return;
	if (dispatch->due_count == 0 && !engine->batch.is_open &&
	    should_claim(engine)) {
		failed = claim(engine, &err);
		dispatch->drained = dispatch->due_count == 0;
	}
	if (failed == 0)
		failed = hand_over_some(engine, &err);
	if (failed < 0 && !dispatch_in_hand(engine)) {
		engine_complain(engine, "outbox", &err);
		if (dispatch->due_count > 0)
			give_back_rest(engine, err.text);
		dispatch->down_until_ms = clock_mono_ms() + BROKEN_MS;
		dispatch->drained = true;
	}
}

bool
dispatch_in_hand(const struct engine *engine)
{
	return engine->dispatch.answered < engine->dispatch.next;
}

bool
dispatch_is_busy(const struct engine *engine)
{
	const struct dispatch *dispatch = &engine->dispatch;

	return dispatch->due_count > 0 ||
	       (!dispatch->drained &&
		   clock_mono_ms() >= dispatch->down_until_ms);
}

void
dispatch_finish(struct engine *engine)
{
	struct dispatch *dispatch = &engine->dispatch;

	lose_those_in_hand(engine, "the daemon was stopped");
	if (dispatch->due_count > 0)
		give_back_rest(engine, "the daemon was stopped");
	report(engine, dispatch->later, dispatch->later_count);
	dispatch->later = NULL;
	dispatch->later_count = 0;
	arena_cleanup(&dispatch->later_arena);
}

int64_t
dispatch_wake_ms(struct engine *engine)
{
	struct err err = {0};
	int64_t next_at = 0, now_at = clock_now(&engine->clock);

	if (engine->mode == ENGINE_ONCE || dispatch_in_hand(engine))
		return INT64_MAX;
	if (outbox_next_at(engine->store, &next_at, &err) < 0 || next_at == 0)
		return INT64_MAX;
	int64_t at = clock_mono_ms() +
		     (next_at > now_at ? (next_at - now_at) * 1000 : 0);
	return at < engine->dispatch.down_until_ms
		   ? engine->dispatch.down_until_ms
		   : at;
}
