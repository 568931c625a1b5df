#include "engine/engine.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/date.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/batch.h"
#include "engine/bell.h"
#include "engine/dispatch.h"
#include "engine/feed.h"
#include "engine/fetch.h"
#include "engine/lock.h"
#include "engine/moves.h"
#include "engine/notify.h"
#include "engine/standing.h"
#include "engine/timetable.h"

enum {
	STOP_MS = 8 * 1000,  /* for what is in hand, after SIGTERM */
	REST_MS = 75 * 1000, /* the same before a reload */
	CHILD_STOP_WAIT_MS = 500,
	TURN_MS = 600 * 1000, /* all that is due has a time of its own */
	BUSY_TURN_MS = 1000,
};

struct desk
engine_desk(struct engine *engine, struct arena *arena)
{
	int64_t now_at = clock_now(&engine->clock);

	engine->mailer.now_at = now_at;
	return (struct desk){
	    .store = engine->store,
	    .settings = engine->settings,
	    .forms = &engine->words.forms,
	    .mailer = &engine->mailer,
	    .holidays = engine->settings->holidays,
	    .now_at = now_at,
	    .today_day = date_of(now_at),
	    .arena = arena,
	};
}

int
engine_write_begin(struct engine *engine, struct err *err)
{
	if (engine->batch.is_open)
		return 0;
	int failed = store_set_durable(engine->store, STORE_NORMAL, err);

	return failed < 0 ? failed : store_begin(engine->store, err);
}

int
engine_write_end(struct engine *engine, int failed, struct err *err)
{
	struct err ignored;

	if (engine->batch.is_open)
		return failed;
	if (failed >= 0)
		failed = store_commit(engine->store, err);
	if (failed < 0)
		store_rollback(engine->store);
	/* The next batch must be durable; if it cannot be made so, the
	 * pragma's failure comes up again at its own commit. */
	(void)store_set_durable(engine->store, STORE_FULL, &ignored);
	return failed < 0 ? failed : 0;
}

void
engine_complain(struct engine *engine, const char *what, const struct err *err)
{
	log_error("%s: %s", what, err->text);
	engine->has_leftover = true;
	if (err->code == ERR_DATABASE)
		engine->database_failed = true;
}

/* --- opening and closing --------------------------------------------------------- */

static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return arena_strndup(arena, path,
	    slash == path ? 1 : (size_t)(slash - path));
}

static int
open_store(struct engine *engine, struct err *err)
{
	const char *lock = arena_printf(engine->arena, "%s.lock",
	    engine->settings->store_path);
	int failed = io_make_folder(engine->folder, err);

	if (failed == 0)
		failed = lock_take(lock, &engine->lock_fd, err);
	/* The bell and the locks of the children have fixed names there. */
	if (failed == 0)
		failed = lock_take(arena_printf(engine->arena, "%s/lscpd.lock",
				       engine->folder),
		    &engine->folder_fd, err);
	if (failed == 0)
		failed = store_open(engine->settings->store_path, STORE_WRITE,
		    &engine->store, err);
	if (failed == ERR_CONFIG) /* a newer database, or none of ours */
		failed = (int)(err->code = ERR_DATABASE);
	return failed;
}

static int
open_words(struct engine *engine, struct err *err)
{
	struct problems problems CLEANUP(problems_done);

	problems_init(&problems);
	int failed = words_load(engine->arena, engine->settings, &problems,
	    &engine->words, err);
	problems_log(&problems);
	return failed;
}

static int
open_mailer(struct engine *engine, struct err *err)
{
	const char *instance = "";
	int found =
	    meta_find(engine->store, engine->arena, "instance", &instance, err);

	if (found < 0)
		return found;
	compose_init();
	engine->mailer = (struct mailer){
	    .store = engine->store,
	    .settings = engine->settings,
	    .templates = engine->words.templates,
	    .instance = instance,
	    .now_at = clock_now(&engine->clock),
	};
	const struct settings_partnership *us = &engine->settings->partnership;
	const char **aliases =
	    arena_array(engine->arena, us->aliases.count + 1, sizeof(*aliases));
	for (size_t i = 0; i < us->aliases.count; i++)
		aliases[i] = us->aliases.items[i];
	engine->self = (struct classify_self){instance, us->address, aliases};
	return 0;
}

static int
open_signals(struct engine *engine, struct err *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return err_system(err, "signals");
	engine->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return engine->signal_fd < 0 ? err_system(err, "signalfd") : 0;
}

static int
open_all(struct engine *engine, struct err *err)
{
	int failed;

	if ((failed = open_store(engine, err)) < 0 ||
	    (failed = open_words(engine, err)) < 0 ||
	    (failed = open_mailer(engine, err)) < 0 ||
	    (failed = open_signals(engine, err)) < 0 ||
	    (failed = bell_open(engine->folder, &engine->bell_fd, err)) < 0 ||
	    (failed = dispatch_recover(engine, err)) < 0)
		return failed;
	engine->mailbox = fetch_child_new(engine);
	engine->parser = feed_child_new(engine);
	engine->courier = dispatch_child_new(engine);
	engine->fetch.wanted = true;
	engine->fetch.due_ms = INT64_MAX;
	watchdog_init(&engine->watchdog);
	return 0;
}

int
engine_open(struct engine *engine, const struct settings *settings,
    const struct clock *clock, enum engine_mode mode, struct err *err)
{
	*engine = (struct engine){
	    .mode = mode,
	    .settings = settings,
	    .arena = arena_new(LIMIT_ARENA_BYTES),
	    .clock = *clock,
	    .lock_fd = -1,
	    .folder_fd = -1,
	    .bell_fd = -1,
	    .signal_fd = -1,
	    .today_day = DAY_NONE,
	};
	engine->folder = folder_of(engine->arena, settings->store_path);
	int failed = open_all(engine, err);
	if (failed < 0)
		engine_close(engine);
	return failed;
}

static void
stop_child(struct child *child)
{
	if (child == NULL)
		return;
	child_stop(child, CHILD_STOP_WAIT_MS);
	child_free(child);
}

void
engine_close(struct engine *engine)
{
	stop_child(engine->courier);
	stop_child(engine->parser);
	stop_child(engine->mailbox);
	incoming_drop_all(&engine->feed.waiting);
	incoming_drop_all(&engine->batch.judged);
	incoming_free(engine->feed.parsing);
	arena_cleanup(&engine->fetch.moves.arena);
	arena_cleanup(&engine->fetch.attention.arena);
	arena_cleanup(&engine->dispatch.due_arena);
	arena_cleanup(&engine->dispatch.later_arena);
	if (engine->bell_fd >= 0)
		bell_close(engine->folder, engine->bell_fd);
	io_close(&engine->signal_fd);
	words_done(&engine->words);
	store_close(engine->store);
	io_close(&engine->folder_fd);
	io_close(&engine->lock_fd);
	arena_cleanup(&engine->arena);
}

/* --- the loop ----------------------------------------------------------------------- */

/* The nearest end counts, whoever asked for it. */
static void
stop_by(struct engine *engine, int64_t within_ms)
{
	int64_t at_ms = clock_mono_ms() + within_ms;

	if (!engine->stopping || at_ms < engine->stop_at_ms)
		engine->stop_at_ms = at_ms;
	engine->stopping = true;
}

static void
read_signals(struct engine *engine)
{
	struct signalfd_siginfo info;

	while (read(engine->signal_fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			/* A --once run reads all of it at its next start. */
			engine->hangup = engine->mode == ENGINE_STAY;
			continue;
		}
		engine->terminated = true;
		stop_by(engine, STOP_MS);
		notify_send("STOPPING=1");
	}
}

static void
hear_bell(struct engine *engine)
{
	if (bell_drain(engine->bell_fd) == 0)
		return;
	engine->fetch.wanted = true;
	engine->dispatch.drained = false;
}

/* Everything that can be done now without waiting. */
static void
turn(struct engine *engine)
{
	engine->has_news = false;
	read_signals(engine);
	hear_bell(engine);
	fetch_news(engine);
	feed_news(engine);
	dispatch_news(engine);
	if (!engine->stopping)
		feed_next(engine);
	if (batch_is_due(engine) || engine->stopping)
		batch_commit(engine);
	timetable_run(engine);
	fetch_ask(engine);
	dispatch_next(engine);
	watchdog_feed(&engine->watchdog);
}

static int64_t
earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool
engine_is_busy(const struct engine *engine)
{
	return feed_is_busy(engine) || fetch_is_busy(engine) ||
	       engine->dispatch.due_count > 0;
}

/* While anything is under way no sleep is long: a wakeup that was forgotten
 * must cost a moment, never a night. */
static int64_t
longest_ms(const struct engine *engine)
{
	return engine->mode == ENGINE_STAY && !engine_is_busy(engine)
		   ? TURN_MS
		   : BUSY_TURN_MS;
}

static int
sleep_ms(struct engine *engine)
{
	int64_t now_ms = clock_mono_ms();
	int64_t at = now_ms + longest_ms(engine);

	if (engine->has_news)
		return 0;
	at = earliest(at, child_wake_at(engine->mailbox));
	at = earliest(at, child_wake_at(engine->parser));
	at = earliest(at, child_wake_at(engine->courier));
	at = earliest(at, watchdog_wake_ms(&engine->watchdog));
	if (engine->batch.is_open)
		at = earliest(at, engine->batch.opened_ms + BATCH_OPEN_MS);
	if (!engine->stopping) {
		at = earliest(at, fetch_wake_ms(engine));
		at = earliest(at, dispatch_wake_ms(engine));
		at = earliest(at, timetable_wake_ms(engine));
	}
	return at <= now_ms ? 0 : (int)(at - now_ms);
}

static void
wait_for_news(struct engine *engine)
{
	struct child *const children[] = {engine->mailbox, engine->parser,
	    engine->courier};
	struct pollfd fds[5] = {{engine->signal_fd, POLLIN, 0},
	    {engine->bell_fd, POLLIN, 0}};

	standing_tell(engine);
	for (size_t i = 0; i < COUNT_OF(children); i++)
		fds[2 + i] = (struct pollfd){child_fd(children[i]),
		    child_events(children[i]), 0};
	if (poll(fds, COUNT_OF(fds), sleep_ms(engine)) < 0 && errno != EINTR)
		log_error("poll: errno %d", errno);
}

/* What was begun: a message at the parser, a mail at the courier, moves. */
static bool
has_work_in_hand(const struct engine *engine)
{
	return engine->batch.is_open || engine->feed.parsing != NULL ||
	       dispatch_in_hand(engine) || moves_are_busy(engine);
}

static bool
is_done(const struct engine *engine)
{
	if (engine->stopping)
		return !has_work_in_hand(engine) ||
		       clock_mono_ms() > engine->stop_at_ms;
	return engine->mode == ENGINE_ONCE && !engine->batch.is_open &&
	       !feed_is_busy(engine) && !fetch_is_busy(engine) &&
	       !dispatch_is_busy(engine);
}

static int
exit_status(const struct engine *engine)
{
	if (engine->database_failed)
		return EX_IOERR;
	/* A --once run that was told to stop has not come to its end. */
	if (engine->mode == ENGINE_ONCE &&
	    (engine->has_leftover || engine->stopping))
		return EX_TEMPFAIL;
	return EX_OK;
}

static int
finish(struct engine *engine)
{
	batch_commit(engine);
	dispatch_finish(engine);
	return exit_status(engine);
}

int
engine_run(struct engine *engine)
{
	notify_send("READY=1\nSTATUS=looking at the mailbox");
	for (;;) {
		turn(engine);
		if (engine->hangup && !engine->stopping) {
			engine->hangup = false;
			notify_send("RELOADING=1\nMONOTONIC_USEC=%lld",
			    (long long)clock_mono_us());
			return ENGINE_HANGUP;
		}
		if (is_done(engine))
			return finish(engine);
		wait_for_news(engine);
	}
}

void
engine_rest(struct engine *engine)
{
	stop_by(engine, REST_MS);
	for (;;) {
		turn(engine);
		if (is_done(engine))
			break;
		wait_for_news(engine);
	}
	(void)finish(engine); /* the status of a run that goes on */
}
