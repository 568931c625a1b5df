#include "engine/outage.h"

#include "base/limits.h"
#include "base/log.h"
#include "handlers/letters.h"

enum {
	DAY_S = 24 * 60 * 60,
	ALONE_MS = 60 * 1000,
	/* Failed logins by the minute are what locks an account. */
	ALONE_MAX_MS = 15 * 60 * 1000,
};

/* Once an outage, and once a day where it comes and goes. */
static int
tell_staff(struct engine *engine, const char *why, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct desk desk = engine_desk(engine, arena);
	int64_t since_at = 0, told_at = 0;
	int failed;

	if ((failed = meta_get_number(engine->store, "refused_since", &since_at,
		 err)) < 0 ||
	    (failed = meta_get_number(engine->store, "refused_told_at",
		 &told_at, err)) < 0)
		return failed;
	if (since_at != 0)
		return 0;
	failed =
	    meta_set_number(engine->store, "refused_since", desk.now_at, err);
	if (failed < 0 || (told_at != 0 && desk.now_at - told_at < DAY_S))
		return failed;
	json_t *values = json_pack("{s:o, s:s}", "when",
	    letter_when(desk.now_at), "why", why);
	failed = letter_to_staff(&desk, "no-sending-staff", "", values, err);
	json_decref(values);
	if (failed < 0)
		return failed;
	return meta_set_number(engine->store, "refused_told_at", desk.now_at,
	    err);
}

static void
remember(struct engine *engine, enum outage outage, const char *why)
{
	struct err err = {0};
	int failed = engine_write_begin(engine, &err);

	if (failed == 0)
		failed = meta_set(engine->store, "last_send_error", why, &err);
	if (failed == 0 && outage == OUTAGE_REFUSED)
		failed = tell_staff(engine, why, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "sending status", &err);
}

/* For one mail after the other the time between tries is its own. */
static int64_t
alone_ms(struct dispatch *dispatch, enum outage outage)
{
	if (outage != OUTAGE_REFUSED) {
		dispatch->refusals = 0;
		return outage == OUTAGE_COURIER ? 0 : ALONE_MS;
	}
	dispatch->refusals++;
	int64_t ms =
	    (int64_t)dispatch->refusals * dispatch->refusals * ALONE_MS;
	if (ms < ALONE_MAX_MS)
		return ms;
	dispatch->refusals--; /* it need not grow on */
	return ALONE_MAX_MS;
}

void
outage_seen(struct engine *engine, enum outage outage, const char *why)
{
	struct dispatch *dispatch = &engine->dispatch;

	log_error("mail cannot be sent: %s", why);
	dispatch->known_to_work = false;
	dispatch->down_until_ms = clock_mono_ms() + alone_ms(dispatch, outage);
	remember(engine, outage, why);
}

int
outage_over(struct engine *engine, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 16);
	struct dispatch *dispatch = &engine->dispatch;
	const char *trouble = "";
	int failed;

	if (dispatch->known_to_work)
		return 0;
	failed =
	    meta_find(engine->store, arena, "last_send_error", &trouble, err);
	if (failed > 0 && trouble[0] != '\0') {
		if ((failed = meta_set(engine->store, "last_send_error", "",
			 err)) < 0 ||
		    (failed = meta_set_number(engine->store, "refused_since", 0,
			 err)) < 0 ||
		    (failed = outbox_hurry(engine->store,
			 clock_now(&engine->clock), err)) < 0)
			return failed;
		log_notice("mail goes out again");
	}
	if (failed < 0)
		return failed;
	dispatch->refusals = 0;
	dispatch->known_to_work = true;
	return 0;
}
