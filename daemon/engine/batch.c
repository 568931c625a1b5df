#include "engine/batch.h"

#include <string.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/fetch.h"
#include "engine/intake.h"
#include "engine/moves.h"
#include "store/message.h"

enum {
	PAUSE_MS = 30 * 1000
};

/* Give the message back to the mailbox: a later listing brings it again. */
static void
put_back(struct engine *engine, struct incoming *take_in)
{
	engine->has_leftover = true;
	engine->fetch.wanted |= engine->mode == ENGINE_STAY;
	if (take_in->again == AGAIN_NO || take_in->again == AGAIN_DRAGGED) {
		fetch_release(engine, take_in->key);
	} else {
		engine->fetch.again_busy = 0;
		engine->paused_until_ms = clock_mono_ms() + PAUSE_MS;
	}
	incoming_free(take_in);
}

/* The whole transaction is gone: each of its messages again, by itself. */
static void
batch_lost(struct engine *engine)
{
	struct incoming *in;

	store_rollback(engine->store);
	engine->batch.is_open = false;
	engine->has_news = true; /* they wait for no event */
	while ((in = incoming_pop(&engine->batch.judged)) != NULL) {
		if (in->single) {
			engine->paused_until_ms = clock_mono_ms() + PAUSE_MS;
			put_back(engine, in);
			continue;
		}
		in->single = true;
		incoming_push(&engine->feed.waiting, in);
	}
}

static int
batch_open(struct engine *engine, struct err *err)
{
	if (engine->batch.is_open)
		return 0;
	int failed = store_begin(engine->store, err);
	if (failed < 0)
		return failed;
	engine->batch.is_open = true;
	engine->batch.opened_ms = clock_mono_ms();
	return 0;
}

/* In a savepoint: a failure undoes this message only. */
static int
judge_one(struct engine *engine, struct incoming *in,
    const struct record *record, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct desk desk = engine_desk(engine, arena);
	struct intake_verdict verdict = {0};
	int known = intake_known(&desk, in, &verdict, err);

	if (known < 0)
		return known;
	if (known == 0) {
		int failed = store_savepoint(engine->store, err);
		if (failed < 0)
			return failed;
		failed = intake_judge(&desk, &engine->self, in, record,
		    &verdict, err);
		FAULT("judged");
		if (failed < 0) {
			struct err undo;
			if (store_in_transaction(engine->store))
				(void)store_rollback_to(engine->store,
				    &undo); /* the first error counts */
			return failed;
		}
		failed = store_release(engine->store, err);
		if (failed < 0)
			return failed;
	}
	/* A person brought it back, or the server has another name for it. */
	if (known > 0 && strcmp(verdict.known_key, in->key) != 0)
		known = message_place(engine->store, verdict.message, in->key,
		    0, err);
	if (known < 0)
		return known;
	if (in->earlier == engine->fetch.again_busy)
		engine->fetch.again_busy = 0;
	moves_add(engine, in, verdict.folder);
	return 0;
}

void
batch_add(struct engine *engine, struct incoming *take_in,
    const struct record *record)
{
	struct err err = {0};
	int failed = batch_open(engine, &err);

	if (failed == 0)
		failed = judge_one(engine, take_in, record, &err);
	if (failed == 0) {
		incoming_push(&engine->batch.judged, take_in);
		if (take_in->single)
			batch_commit(engine);
		return;
	}
	log_error("message %.40s cannot be judged now: %s", take_in->key,
	    err.text);
	if (engine->batch.is_open && !store_in_transaction(engine->store)) {
		incoming_push(&engine->batch.judged, take_in);
		moves_drop(engine);
		batch_lost(engine);
		return;
	}
	if (failed == ERR_FULL)
		engine->paused_until_ms = clock_mono_ms() + PAUSE_MS;
	put_back(engine, take_in);
}

void
batch_commit(struct engine *engine)
{
	struct err err = {0};

	if (!engine->batch.is_open)
		return;
	FAULT("before commit");
	if (store_commit(engine->store, &err) < 0) {
		engine_complain(engine, "commit", &err);
		moves_drop(engine);
		batch_lost(engine);
		return;
	}
	FAULT("after commit");
	engine->batch.is_open = false;
	engine->has_news = true;
	engine->dispatch.drained = false;
	incoming_drop_all(&engine->batch.judged);
	moves_commit(engine);
}

bool
batch_is_due(const struct engine *engine)
{
	const struct batch *batch = &engine->batch;

	if (!batch->is_open)
		return false;
	return batch->judged.count >= BATCH_MESSAGES ||
	       (engine->feed.parsing == NULL &&
		   engine->feed.waiting.count == 0) ||
	       clock_mono_ms() - batch->opened_ms >= BATCH_OPEN_MS;
}
