#include "engine/fetch.h"

#include <sys/mman.h>
#include <sys/statvfs.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/server_config.h"
#include "store/message.h"

enum {
	PAGE_MESSAGES = 64,
	PAGE_BYTES = 16 * 1024 * 1024,
	PAGE_AHEAD = 16, /* waiting messages below which the next page is due */
	LIST_ARENA_BYTES = 64 * 1024 * 1024,
	LOSSES_ONCE = 3, /* a --once run gives up then */
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

/* --- moves -------------------------------------------------------------------- */

void
fetch_add_move(struct engine *engine, const struct incoming *in,
    enum wire_folder to)
{
	struct fetch *fetch = &engine->fetch;

	if (fetch->move_arena == NULL)
		fetch->move_arena = arena_new(LIST_ARENA_BYTES);
	*(struct wire_move_item *)arena_push(fetch->move_arena, &fetch->moves,
	    &fetch->move_count, sizeof(*fetch->moves)) =
	    (struct wire_move_item){
		.key = arena_strdup(fetch->move_arena, in->key),
		.from = in->from,
		.to = to,
	    };
}

void
fetch_drop_moves(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;

	arena_cleanup(&fetch->move_arena);
	fetch->moves = NULL;
	fetch->move_count = 0;
}

static int
send_to(struct engine *engine, enum frame_type type, const void *payload)
{
	struct err err;

	return child_send(engine->mailbox, type, payload, -1, &err);
}

static void
keep(struct engine *engine, const char *key)
{
	/* Where the mailbox is gone, its successor hands the message out
	 * again, and it is known then. */
	(void)send_to(engine, FRAME_KEEP, &(struct wire_keys){&key, 1});
}

void
fetch_release(struct engine *engine, const char *key)
{
	(void)send_to(engine, FRAME_RELEASE, &(struct wire_keys){&key, 1});
}

/* What stays where it is needs no move. */
static bool
is_at_home(const struct wire_move_item *item)
{
	return item->from == item->to;
}

void
fetch_send_moves(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	size_t count = 0;

	if (fetch->move_count == 0)
		return;
	FAULT("before moves");
	for (size_t i = 0; i < fetch->move_count; i++) {
		if (!is_at_home(&fetch->moves[i]))
			fetch->moves[count++] = fetch->moves[i];
		else if (fetch->moves[i].from == FOLDER_INBOX)
			keep(engine, fetch->moves[i].key);
	}
	for (size_t at = 0; at < count; at += WIRE_MOVE_MAX) {
		size_t n =
		    count - at < WIRE_MOVE_MAX ? count - at : WIRE_MOVE_MAX;
		if (send_to(engine, FRAME_MOVE,
			&(struct wire_move){fetch->moves + at, n}) == 0)
			fetch->moves_unanswered++;
		else
			engine->has_leftover = true;
	}
	fetch_drop_moves(engine);
}

static void
on_moved(struct engine *engine, const struct wire_moved *moved)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIST_ARENA_BYTES);
	struct message_moved *done =
	    arena_array(arena, moved->count + 1, sizeof(*done));
	const char *path = engine->settings->mailbox.server.path;
	size_t count = 0;
	struct err err = {0};

	engine->fetch.moves_unanswered -= engine->fetch.moves_unanswered > 0;
	for (size_t i = 0; i < moved->count; i++) {
		const struct wire_moved_item *item = &moved->items[i];
		if (item->result != MOVE_FAILED) {
			done[count++] =
			    (struct message_moved){item->key, item->new_key};
			continue;
		}
		log_warning("message %.40s is filed but cannot be moved in "
			    "%s: %s",
		    item->key, path[0] == '\0' ? "the mailbox" : path,
		    item->text);
		engine->has_leftover = true;
		fetch_release(engine, item->key);
	}
	int failed = engine_write_begin(engine, &err);
	if (failed == 0)
		failed = message_set_moved(engine->store, done, count,
		    clock_now(&engine->clock), &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "moved messages", &err);
	FAULT("moved");
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
	struct incoming *in = incoming_new(message, fd);

	if (message->by_name) {
		in->again = engine->fetch.again_why;
		in->earlier = engine->fetch.again_busy;
		in->from = engine->fetch.again_from;
		engine->fetch.by_name = false;
	}
	incoming_push(&engine->feed.waiting, in);
}

/* Rows whose message a person took out of Attention are settled. */
static void
on_attention(struct engine *engine, const struct wire_attention *attention)
{
	struct fetch *fetch = &engine->fetch;
	struct err err = {0};

	if (fetch->attention_arena == NULL)
		fetch->attention_arena = arena_new(LIST_ARENA_BYTES);
	for (size_t i = 0; i < attention->count; i++)
		*(const char **)arena_push(fetch->attention_arena,
		    &fetch->attention, &fetch->attention_count,
		    sizeof(*fetch->attention)) =
		    arena_strdup(fetch->attention_arena, attention->keys[i]);
	if (attention->more)
		return;
	int failed = engine_write_begin(engine, &err);
	const struct message_present present = {fetch->attention,
	    fetch->attention_count, attention->epoch};
	if (failed == 0)
		failed = message_settle_gone(engine->store, &present,
		    clock_now(&engine->clock), &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "settled messages", &err);
	arena_cleanup(&fetch->attention_arena);
	fetch->attention = NULL;
	fetch->attention_count = 0;
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
	    clock_mono_ms() + engine->settings->mailbox.poll_s * INT64_C(1000);
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
	poll_later(engine);
	if (done->skipped > 0) {
		log_warning("%u messages cannot be read from the mailbox: %s",
		    done->skipped, done->note);
		engine->has_leftover = true;
	}
	remember_sync(engine, "");
}

static void
on_sync_failed(struct engine *engine, const struct wire_failed *failed)
{
	struct fetch *fetch = &engine->fetch;

	log_error("the mailbox cannot be read: %s", failed->text);
	engine->has_leftover = true;
	fetch->running = fetch->more = fetch->by_name = false;
	fetch->finished = true; /* of a --once run: no more today */
	fetch->again_busy = 0;
	poll_later(engine);
	remember_sync(engine, failed->text);
}

static void
on_not_found(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	struct err err = {0};
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

	log_error("mailbox: %s", news->text);
	fetch->running = fetch->more = fetch->watching = fetch->by_name = false;
	fetch->moves_unanswered = 0;
	fetch->again_busy = 0;
	fetch->wanted = true;
	arena_cleanup(&fetch->attention_arena);
	fetch->attention = NULL;
	fetch->attention_count = 0;
	if (engine->mode == ENGINE_ONCE &&
	    (news->lasting || child_losses(engine->mailbox) >= LOSSES_ONCE)) {
		fetch->wanted = false;
		fetch->finished = true;
		engine->has_leftover = true;
	}
	remember_sync(engine, news->text);
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
		on_attention(engine, &frame.attention);
		break;
	case FRAME_FETCH_DONE:
		on_fetch_done(engine, &frame.done);
		break;
	case FRAME_SYNC_FAILED:
		on_sync_failed(engine, &frame.failed);
		break;
	case FRAME_MOVED:
		on_moved(engine, &frame.moved);
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
	if (send_to(engine, FRAME_FETCH, &page) != 0)
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
	if (send_to(engine, FRAME_FETCH_ONE, &place) == 0)
		fetch->by_name = true;
	else
		fetch->again_busy = 0;
}

void
fetch_ask(struct engine *engine)
{
	struct fetch *fetch = &engine->fetch;
	int64_t now_ms = clock_mono_ms();

	if (engine->stopping || child_state(engine->mailbox) != CHILD_UP ||
	    now_ms < engine->paused_until_ms)
		return;
	if (engine->mode == ENGINE_STAY && now_ms >= fetch->due_ms)
		fetch->wanted = true;
	if (!fetch->running && (fetch->more || fetch->wanted) &&
	    engine->feed.waiting.count < PAGE_AHEAD)
		ask_page(engine);
	if (fetch->again_busy == 0 && !engine->batch.is_open &&
	    engine->feed.waiting.count == 0 && engine->feed.parsing == NULL)
		ask_again(engine);
	if (engine->mode == ENGINE_STAY && !fetch->watching &&
	    !fetch->running && !fetch->more && !fetch->wanted)
		fetch->watching = send_to(engine, FRAME_WATCH, NULL) == 0;
}

bool
fetch_is_busy(const struct engine *engine)
{
	const struct fetch *fetch = &engine->fetch;

	return !fetch->finished || fetch->running || fetch->more ||
	       fetch->by_name || fetch->again_busy != 0 ||
	       fetch->moves_unanswered > 0;
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
