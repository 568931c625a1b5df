#include "engine/fetch.h"

#include <sys/mman.h>
#include <sys/statvfs.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/attention.h"
#include "engine/feed.h"
#include "engine/moves.h"
#include "engine/server_config.h"
#include "store/message.h"

enum {
	PAGE_MESSAGES = 256,
	PAGE_BYTES = 16 * 1024 * 1024,
	PAGE_AHEAD =
	    128, /* waiting messages below which the next page is due */
	LIST_ARENA_BYTES = 64 * 1024 * 1024,
	LOSSES_ONCE = 3, /* a --once run gives up then */
	LOST_WAIT_MS = 1000,
	LOST_DOUBLINGS = 9,
};

struct child *
fetch_child_new(const struct engine *engine)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 20);
	struct wire_config config = server_config_mailbox(arena,
	    engine->settings, engine->folder, SERVER_TO_WORK);

	return child_new(CHILD_MAILBOX, engine->folder, &config);
}

/* --- words ------------------------------------------------------------------ */

int
fetch_send(struct engine *engine, enum frame_type type, const void *payload)
{
	struct err err;

	return child_send(engine->mailbox, type, payload, -1, &err);
}

void
fetch_release(struct engine *engine, const char *key)
{
	(void)fetch_send(engine, FRAME_RELEASE, &(struct wire_keys){&key, 1});
}

bool
fetch_is_new(char said[static FETCH_SAID_BYTES], const char *text)
{
	char words[FETCH_SAID_BYTES];

	(void)snprintf(words, sizeof(words), "%s", text);
	if (strcmp(said, words) == 0)
		return false;
	memcpy(said, words, sizeof(words));
	return true;
}

/* --- listings ------------------------------------------------------------------ */

static bool
is_low_on_disk(const struct engine *engine)
{
	struct statvfs fs;

	return statvfs(engine->folder, &fs) == 0 &&
	       (int64_t)(fs.f_bavail * fs.f_frsize) <
		   engine->settings->min_free_bytes;
}

static void
on_message(struct engine *engine, const struct wire_message *message, int fd)
{
	struct incoming *in;

	if (message->by_name && engine->fetch.attention.asking) {
		attention_answer(engine, message);
		io_close(&fd);
		return;
	}
	in = incoming_new(message, fd);
	if (message->by_name) {
		in->again = engine->fetch.again_why;
		in->earlier = engine->fetch.again_busy;
		in->from = engine->fetch.again_from;
		engine->fetch.by_name = false;
	}
	incoming_push(&engine->feed.waiting, in);
}

static void
remember_sync(struct engine *engine, const char *trouble)
{
	struct err err = {0};
	int failed = engine_write_begin(engine, &err);

	if (failed == 0 && trouble[0] == '\0')
		failed = status_set_last_sync(engine->store,
		    clock_now(&engine->clock), &err);
	if (failed == 0)
		failed =
		    meta_set(engine->store, "last_sync_error", trouble, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "sync status", &err);
}

static void
poll_later(struct engine *engine)
{
	engine->fetch.due_ms =
	    clock_mono_ms() + settings_poll_s(engine->settings) * INT64_C(1000);
}

static void
on_fetch_done(struct engine *engine, const struct wire_fetch_done *done)
{
	struct fetch *fetch = &engine->fetch;

	fetch->running = false;
	fetch->more = done->more;
	if (done->more) {
		/* A backlog may take an hour: each page shows that it works. */
		remember_sync(engine, "");
		return;
	}
	fetch->finished = true;
	fetch->losses = 0;
	poll_later(engine);
	engine->has_leftover |= done->skipped > 0;
	if (fetch_is_new(fetch->said_skipped, done->note) && done->skipped > 0)
		log_warning("%u messages cannot be read from the mailbox: %s",
		    done->skipped, done->note);
	if (fetch_is_new(fetch->said_sync, ""))
		log_notice("the mailbox can be read again");
	remember_sync(engine, "");
}

/* Once in the log, until it is over; the next try is told by the clock. */
static void
note_trouble(struct engine *engine, const char *text)
{
	engine->has_leftover = true;
	if (fetch_is_new(engine->fetch.said_sync, text))
		log_error("the mailbox cannot be read: %s", text);
	poll_later(engine);
	remember_sync(engine, text);
}

static void
on_sync_failed(struct engine *engine, const struct wire_failed *failed)
{
	struct fetch *fetch = &engine->fetch;

	fetch->running = fetch->more = fetch->by_name = false;
	fetch->finished = true; /* of a --once run: no more today */
	fetch->again_busy = 0;
	attention_forget(engine);
	note_trouble(engine, failed->text);
}

static void
on_not_found(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	struct err err = {0};

	if (fetch->attention.asking) {
		attention_answer(engine, NULL);
		return;
	}
	int failed = engine_write_begin(engine, &err);
	if (failed == 0)
		failed =
		    message_clear_again(engine->store, fetch->again_busy, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "judging again", &err);
	log_warning("message %lld is no longer in its folder",
	    (long long)fetch->again_busy);
	fetch->by_name = false;
	fetch->again_busy = 0;
}

static void
on_lost(struct engine *engine, const struct child_news *news)
{
	struct fetch *fetch = &engine->fetch;
	int64_t wait_ms = 0;

	fetch->running = fetch->more = fetch->watching = fetch->by_name = false;
	fetch->again_busy = 0;
	moves_lost(engine);
	attention_forget(engine);
	note_trouble(engine, news->text);
	/* What ends it each time must not keep it busy for ever. */
	if (fetch->losses++ > 0 && engine->mode == ENGINE_STAY)
		wait_ms = LOST_WAIT_MS
			  << (fetch->losses < LOST_DOUBLINGS ? fetch->losses
							     : LOST_DOUBLINGS);
	fetch->due_ms = clock_mono_ms() + wait_ms;
	fetch->wanted = wait_ms == 0;
	if (engine->mode == ENGINE_ONCE &&
	    (news->lasting || child_losses(engine->mailbox) >= LOSSES_ONCE)) {
		fetch->wanted = false;
		fetch->finished = true;
	}
}

/* --- frames ---------------------------------------------------------------------- */

union mailbox_frame {
	struct wire_message message;
	struct wire_attention attention;
	struct wire_fetch_done done;
	struct wire_failed failed;
	struct wire_moved moved;
	struct wire_place place;
};

static void
on_frame(struct engine *engine, struct child_news *news)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIST_ARENA_BYTES);
	union mailbox_frame frame;
	struct err err = {0};

	if (news->frame.type == FRAME_CHANGED) {
		engine->fetch.watching = false;
		engine->fetch.wanted = true;
		return;
	}
	if (treaty_decode(arena, &news->frame, &frame, &err) < 0) {
		engine_complain(engine, "mailbox", &err);
		child_replace(engine->mailbox);
		on_lost(engine, &(struct child_news){.text = "replaced"});
		return;
	}
	switch (news->frame.type) {
	case FRAME_MESSAGE:
		on_message(engine, &frame.message,
		    child_take_fd(engine->mailbox, news));
		break;
	case FRAME_ATTENTION:
		attention_take(engine, &frame.attention);
		break;
	case FRAME_FETCH_DONE:
		on_fetch_done(engine, &frame.done);
		break;
	case FRAME_SYNC_FAILED:
		on_sync_failed(engine, &frame.failed);
		break;
	case FRAME_MOVED:
		moves_answered(engine, &frame.moved);
		break;
	case FRAME_NOT_FOUND:
		on_not_found(engine);
		break;
	default:
		break; /* the reader lets nothing else through */
	}
}

void
fetch_news(struct engine *engine)
{
	struct child_news news = {0};

	for (;;) {
		switch (child_next(engine->mailbox, clock_mono_ms(), &news)) {
		case CHILD_QUIET:
			return;
		case CHILD_IS_READY:
			break;
		case CHILD_LOST:
			on_lost(engine, &news);
			break;
		case CHILD_FRAME:
			on_frame(engine, &news);
			break;
		}
	}
}

/* --- asking ------------------------------------------------------------------------- */

static void
ask_page(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	struct wire_fetch page = {
	    .listing = fetch->more ? LISTING_CONTINUE : LISTING_NEW,
	    .max_messages = PAGE_MESSAGES,
	    .max_bytes = PAGE_BYTES,
	};

	if (page.listing == LISTING_NEW && is_low_on_disk(engine)) {
		on_sync_failed(engine,
		    &(struct wire_failed){.text =
					      "less space on the disk than "
					      "min-free; nothing is fetched"});
		fetch->wanted = false;
		return;
	}
	if (fetch_send(engine, FRAME_FETCH, &page) != 0)
		return;
	if (page.listing == LISTING_NEW)
		fetch->wanted = false;
	fetch->running = true;
}

/* The bytes of a message of ours that is judged again, as a descriptor. */
static int
open_raw(struct engine *engine, const struct message *message)
{
	struct err err = {0};
	int fd =
	    message->size_bytes <= 1024 * 1024
		? memfd_create("again", MFD_CLOEXEC)
		: open(engine->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (message_read_raw(engine->store, message->id, fd, &err) != 1)
		io_close(&fd);
	return fd;
}

static void
judge_again(struct engine *engine, const struct message *message, int take_fd)
{
	struct wire_message again = {
	    .key = message->mailbox_key,
	    .received_at = message->received_at,
	    .size_bytes = (uint64_t)message->size_bytes,
	};
	struct incoming *in;

	memcpy(again.sha256, message->sha256, sizeof(again.sha256));
	in = incoming_new(&again, take_fd);
	in->again = engine->fetch.again_why;
	in->earlier = message->id;
	in->from = engine->fetch.again_from;
	incoming_push(&engine->feed.waiting, in);
	engine->has_news = true;
}

/* What a person released or asked to have judged again, one at a time. */
static void
ask_again(struct engine *engine)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIST_ARENA_BYTES);
	struct fetch *fetch = &engine->fetch;
	struct message message;
	struct err err = {0};

	if (message_next_again(engine->store, arena, &message, &err) != 1)
		return;
	fetch->again_busy = message.id;
	fetch->again_why =
	    strcmp(message.again, "release") == 0 ? AGAIN_RELEASE : AGAIN_RETRY;
	fetch->again_from = FOLDER_QUARANTINE;
	(void)wire_folder_find(message.folder, &fetch->again_from);
	int fd = open_raw(engine, &message);
	if (fd >= 0) {
		judge_again(engine, &message, fd);
		return;
	}
	struct wire_place place = {fetch->again_from, message.mailbox_key};
	if (fetch_send(engine, FRAME_FETCH_ONE, &place) == 0)
		fetch->by_name = true;
	else
		fetch->again_busy = 0;
}

static void
ask_for_one(struct engine *engine)
{
	if (engine->fetch.attention.untold_count > 0)
		attention_ask(engine);
	else
		ask_again(engine);
}

void
fetch_ask(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	int64_t now_ms = clock_mono_ms();

	moves_send(engine);
	if (engine->stopping || child_state(engine->mailbox) != CHILD_UP ||
	    now_ms < engine->paused_until_ms)
		return;
	if (engine->mode == ENGINE_STAY && now_ms >= fetch->due_ms)
		fetch->wanted = true;
	if (!fetch->running && (fetch->more || fetch->wanted) &&
	    engine->feed.waiting.count < PAGE_AHEAD)
		ask_page(engine);
	if (fetch->again_busy == 0 && !engine->batch.is_open &&
	    !fetch->running && !feed_is_busy(engine))
		ask_for_one(engine);
	if (fetch->finished && fetch->said_sync[0] == '\0')
		moves_sweep(engine);
	/* Beside the listing, so that the mailbox goes to sleep behind it. */
	if (engine->mode == ENGINE_STAY && !fetch->watching && !fetch->more &&
	    !fetch->wanted)
		fetch->watching = fetch_send(engine, FRAME_WATCH, NULL) == 0;
}

bool
fetch_is_busy(const struct engine *engine)
{
	const struct fetch *fetch = &engine->fetch;

	return !fetch->finished || fetch->running || fetch->more ||
	       fetch->by_name || fetch->again_busy != 0 ||
	       moves_are_busy(engine) || attention_is_busy(engine);
}

int64_t
fetch_wake_ms(const struct engine *engine)
{
	int64_t at =
	    engine->mode == ENGINE_STAY ? engine->fetch.due_ms : INT64_MAX;

	if (engine->paused_until_ms > clock_mono_ms() &&
	    engine->paused_until_ms < at)
		at = engine->paused_until_ms;
	return at;
}
