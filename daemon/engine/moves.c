#include "engine/moves.h"

#include <string.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/feed.h"
#include "engine/fetch.h"
#include "store/message.h"

enum {
	SET_ENOUGH = 256, /* then no more is waited for */
};

static void
add(struct engine *engine, const char *key, enum wire_folder from,
    enum wire_folder to)
{
	struct moves *moves = &engine->fetch.moves;

	if (moves->arena == NULL)
		moves->arena = arena_new(LIMIT_ARENA_BYTES);
	*(struct wire_move_item *)arena_push(moves->arena, &moves->items,
	    &moves->count, sizeof(*moves->items)) = (struct wire_move_item){
	    .key = arena_strdup(moves->arena, key),
	    .from = from,
	    .to = to,
	};
}

void
moves_add(struct engine *engine, const struct incoming *in, enum wire_folder to)
{
	add(engine, in->key, in->from, to);
}

static void
clear(struct moves *moves)
{
	arena_cleanup(&moves->arena);
	moves->items = NULL;
	moves->count = moves->committed = 0;
}

void
moves_drop(struct engine *engine)
{
	struct moves *moves = &engine->fetch.moves;

	moves->count = moves->committed;
	if (moves->count == 0)
		clear(moves);
}

/* --- sending ---------------------------------------------------------------- */

static void
keep(struct engine *engine, const char *key)
{
	/* Where the mailbox is gone, its successor hands the message out
	 * again, and it is known then. */
	(void)fetch_send(engine, FRAME_KEEP, &(struct wire_keys){&key, 1});
}

static void
send_sets(struct engine *engine, struct wire_move_item *items, size_t count)
{
	for (size_t at = 0; at < count; at += WIRE_MOVE_MAX) {
		size_t n =
		    count - at < WIRE_MOVE_MAX ? count - at : WIRE_MOVE_MAX;
		if (fetch_send(engine, FRAME_MOVE,
			&(struct wire_move){items + at, n}) == 0)
			engine->fetch.moves.unanswered++;
		else
			engine->has_leftover = true;
	}
}

/* What stays where it is needs no move. */
static void
send_all(struct engine *engine)
{
	struct moves *moves = &engine->fetch.moves;
	size_t count = 0;

	FAULT("before moves");
	for (size_t i = 0; i < moves->count; i++) {
		const struct wire_move_item *item = &moves->items[i];
		if (item->from != item->to)
			moves->items[count++] = *item;
		else if (item->from == FOLDER_INBOX)
			keep(engine, item->key);
	}
	send_sets(engine, moves->items, count);
	clear(moves);
}

/* More is judged in a moment, and can go along. */
static bool
comes_more(const struct engine *engine)
{
	const struct fetch *fetch = &engine->fetch;

	return !engine->stopping &&
	       (fetch->more || fetch->running || feed_is_busy(engine));
}

void
moves_send(struct engine *engine)
{
	struct moves *moves = &engine->fetch.moves;

	if (moves->committed == 0 || engine->batch.is_open ||
	    (moves->committed < SET_ENOUGH && comes_more(engine)))
		return;
	send_all(engine);
}

void
moves_commit(struct engine *engine)
{
	engine->fetch.moves.committed = engine->fetch.moves.count;
	moves_send(engine);
}

/* --- answers ---------------------------------------------------------------- */

static void
remember(struct engine *engine, const struct message_moved *done, size_t count)
{
	struct err err = {0};
	int failed = engine_write_begin(engine, &err);

	if (failed == 0)
		failed = message_set_moved(engine->store, done, count,
		    clock_now(&engine->clock), &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "moved messages", &err);
}

static void
say_trouble(struct engine *engine, const char *text)
{
	if (fetch_is_new(engine->fetch.said_moves, text) && text[0] != '\0')
		log_warning("filed mail cannot be moved: %s", text);
	if (text[0] != '\0')
		engine->has_leftover = true;
}

void
moves_answered(struct engine *engine, const struct wire_moved *moved)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct message_moved *done =
	    arena_array(arena, moved->count + 1, sizeof(*done));
	const char *trouble = "";
	size_t count = 0;

	engine->fetch.moves.unanswered -= engine->fetch.moves.unanswered > 0;
	for (size_t i = 0; i < moved->count; i++) {
		const struct wire_moved_item *item = &moved->items[i];
		if (item->result == MOVE_DONE ||
		    item->result == MOVE_VANISHED) {
			done[count++] =
			    (struct message_moved){item->key, item->new_key};
			continue;
		}
		trouble = item->text;
		if (item->result == MOVE_FAILED)
			fetch_release(engine, item->key);
	}
	say_trouble(engine, trouble);
	remember(engine, done, count);
	FAULT("moved");
}

void
moves_lost(struct engine *engine)
{
	engine->fetch.moves.unanswered = 0;
	engine->fetch.moves.swept = false;
}

/* --- what nobody told ------------------------------------------------------- */

/* A server's name of a mail in the inbox: UIDVALIDITY/UID. */
static bool
is_inbox_key(const char *key)
{
	size_t digits = strspn(key, "0123456789");

	return digits > 0 && key[digits] == '/';
}

void
moves_sweep(struct engine *engine)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct moves *moves = &engine->fetch.moves;
	struct message_moves unmoved = {NULL, 0};
	struct err err = {0};
	int64_t after_id = 0;

	if (moves->swept || moves_are_busy(engine) || comes_more(engine) ||
	    engine->batch.is_open)
		return;
	moves->swept = true;
	do {
		if (message_list_unmoved(engine->store, arena, after_id,
			&unmoved, &err) < 0) {
			engine_complain(engine, "messages to be moved", &err);
			return;
		}
		for (size_t i = 0; i < unmoved.count; i++) {
			const struct message_move *row = &unmoved.items[i];
			enum wire_folder to;
			after_id = row->id;
			if (is_inbox_key(row->mailbox_key) &&
			    wire_folder_find(row->folder, &to))
				add(engine, row->mailbox_key, FOLDER_INBOX, to);
		}
	} while (unmoved.count > 0);
	moves->committed = moves->count;
	if (moves->count > 0)
		send_all(engine);
}

bool
moves_are_busy(const struct engine *engine)
{
	const struct moves *moves = &engine->fetch.moves;

	return moves->unanswered > 0 || moves->committed > 0;
}
