#include "engine/attention.h"

#include <string.h>

#include "base/limits.h"
#include "engine/fetch.h"
#include "store/message.h"

void
attention_forget(struct engine *engine)
{
	arena_cleanup(&engine->fetch.attention.arena);
	engine->fetch.attention = (struct attention){.arena = NULL};
}

bool
attention_is_busy(const struct engine *engine)
{
	const struct attention *a = &engine->fetch.attention;

	return a->asking || a->untold_count > 0;
}

/* --- the listing ------------------------------------------------------------ */

static bool
is_told(const struct message_move *row, const char *epoch)
{
	return strncmp(row->mailbox_key, epoch, strlen(epoch)) == 0;
}

/* Open rows whose key is of another time or place. */
static int
find_untold(struct engine *engine, const char *epoch, struct err *err)
{
	struct attention *a = &engine->fetch.attention;
	struct message_moves open;
	int failed = message_list_open(engine->store, a->arena, &open, err);

	for (size_t i = 0; failed >= 0 && i < open.count; i++)
		if (!is_told(&open.items[i], epoch))
			*(int64_t *)arena_push(a->arena, &a->untold,
			    &a->untold_count, sizeof(*a->untold)) =
			    open.items[i].id;
	return failed < 0 ? failed : 0;
}

static int
find_strangers(struct engine *engine, struct err *err)
{
	struct attention *a = &engine->fetch.attention;
	int found = 0;

	for (size_t i = 0; found >= 0 && i < a->count; i++) {
		struct message row;
		found = message_find_key(engine->store, a->arena, a->keys[i],
		    &row, err);
		if (found == 0)
			*(const char **)arena_push(a->arena, &a->strangers,
			    &a->stranger_count, sizeof(*a->strangers)) =
			    a->keys[i];
	}
	return found < 0 ? found : 0;
}

static int
follow(struct engine *engine, const char *epoch, struct err *err)
{
	struct attention *a = &engine->fetch.attention;
	const struct message_present present = {a->keys, a->count, epoch};
	int failed = message_settle_gone(engine->store, &present,
	    clock_now(&engine->clock), err);

	if (failed >= 0)
		failed = find_untold(engine, epoch, err);
	if (failed >= 0 && a->untold_count > 0)
		failed = find_strangers(engine, err);
	return failed < 0 ? failed : 0;
}

void
attention_take(struct engine *engine, const struct wire_attention *part)
{
	struct attention *a = &engine->fetch.attention;
	struct err err = {0};

	if (a->untold_count > 0 || a->arena == NULL) {
		attention_forget(engine); /* of the listing before */
		a->arena = arena_new(LIMIT_ARENA_BYTES);
	}
	for (size_t i = 0; i < part->count; i++)
		*(const char **)arena_push(a->arena, &a->keys, &a->count,
		    sizeof(*a->keys)) = arena_strdup(a->arena, part->keys[i]);
	if (part->more)
		return;
	int failed = engine_write_begin(engine, &err);
	if (failed == 0)
		failed = follow(engine, part->epoch, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "settled messages", &err);
	if (failed < 0 || a->untold_count == 0)
		attention_forget(engine);
}

/* --- strangers --------------------------------------------------------------- */

/* A row that waits to hear where its message is, and has these bytes. */
static int
place(struct engine *engine, const char *sha256, const char *key,
    struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct attention *a = &engine->fetch.attention;
	struct message row;
	int found = message_find_sha(engine->store, arena, sha256, &row, err);

	for (size_t i = 0; found > 0 && i < a->untold_count; i++) {
		if (a->untold[i] != row.id)
			continue;
		a->untold[i] = 0;
		return message_place(engine->store, row.id, key,
		    clock_now(&engine->clock), err);
	}
	return found < 0 ? found : 0;
}

/*
 * None of the strangers was theirs. One that went from the inbox was taken by
 * a person then; of a folder that began anew nothing is known.
 */
static int
settle_lost(struct engine *engine, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct attention *a = &engine->fetch.attention;
	int failed = 0;

	for (size_t i = 0; failed >= 0 && i < a->untold_count; i++) {
		struct message row;
		if (a->untold[i] == 0)
			continue;
		failed =
		    message_find(engine->store, arena, a->untold[i], &row, err);
		if (failed > 0 && row.mailbox_key[0] >= '0' &&
		    row.mailbox_key[0] <= '9')
			failed = message_settle(engine->store, row.id,
			    clock_now(&engine->clock), err);
	}
	return failed < 0 ? failed : 0;
}

void
attention_answer(struct engine *engine, const struct wire_message *message)
{
	struct attention *a = &engine->fetch.attention;
	struct err err = {0};

	a->asking = false;
	a->missed |= message == NULL;
	if (message == NULL)
		return;
	int failed = engine_write_begin(engine, &err);
	if (failed == 0)
		failed = place(engine, message->sha256, message->key, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "attention", &err);
}

static void
finish(struct engine *engine)
{
	struct err err = {0};
	int failed = engine_write_begin(engine, &err);

	if (failed == 0 && !engine->fetch.attention.missed)
		failed = settle_lost(engine, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "settled messages", &err);
	attention_forget(engine);
}

void
attention_ask(struct engine *engine)
{
	struct attention *a = &engine->fetch.attention;

	if (a->untold_count == 0 || a->asking)
		return;
	if (a->next == a->stranger_count) {
		finish(engine);
		return;
	}
	struct wire_place stranger = {FOLDER_ATTENTION,
	    a->strangers[a->next++]};
	a->asking = fetch_send(engine, FRAME_FETCH_ONE, &stranger) == 0;
	if (!a->asking)
		attention_forget(engine);
}
