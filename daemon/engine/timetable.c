#include "engine/timetable.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "handlers/actions.h"

/* BRAG and lateness depend on the day: all of them, in one transaction. */
static int
count_days(struct engine *engine, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct desk desk = engine_desk(engine, arena);
	int failed = engine_write_begin(engine, err);

	if (failed == 0)
		failed = actions_refresh(&desk, err);
	if (failed >= 0)
		failed = requests_refresh(&desk, err);
	if (failed >= 0)
		failed = status_set_as_of(engine->store, desk.now_at,
		    desk.today_day, err);
	return engine_write_end(engine, failed < 0 ? failed : 0, err);
}

/* A secret that ends unnoticed stops all mail: each day a line from then on. */
static void
warn_of_secrets(const struct engine *engine, int32_t today)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 16);
	const struct settings *settings = engine->settings;

	for (size_t i = 0; i < settings->oauth2_count; i++) {
		const char *words =
		    settings_secret_warning(&settings->oauth2[i], arena, today);
		if (words != NULL)
			log_warning("%s", words);
	}
}

void
timetable_run(struct engine *engine)
{
	struct err err = {0};
	int32_t today = date_of(clock_now(&engine->clock));

	if (today == engine->today_day || engine->batch.is_open)
		return;
	if (count_days(engine, &err) < 0) {
		engine_complain(engine, "counting days", &err);
		return;
	}
	warn_of_secrets(engine, today);
	engine->today_day = today;
}

int64_t
timetable_wake_ms(const struct engine *engine)
{
	int64_t now_at = clock_now(&engine->clock);
	int64_t next_at = instant_day_end(date_of(now_at)) + 1;

	return clock_mono_ms() + (next_at - now_at) * 1000;
}
