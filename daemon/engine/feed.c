#include "engine/feed.h"

#include "base/limits.h"
#include "base/log.h"
#include "engine/batch.h"
#include "engine/intake.h"
#include "store/message.h"
#include "wire/record.h"

enum {
	PARSE_MS = 15 * 1000,  /* a message that takes longer hangs */
	PARSER_MESSAGES = 500, /* then a fresh process takes over */
	TRIES_ALONE = 2,
	KNOWN_ARENA_BYTES = 1024 * 1024,
};

struct child *
feed_child_new(const struct engine *engine)
{
	return child_new(CHILD_PARSER, engine->folder,
	    &(struct wire_config){NULL, 0});
}

static void
parser_replace(struct engine *engine)
{
	engine->feed.parsed = 0;
	child_set_deadline(engine->parser, 0);
	child_replace(engine->parser);
}

/* --- answers --------------------------------------------------------------------- */

/* The message in hand has killed the parser, or made it lie. */
static void
on_anomaly(struct engine *engine, const char *what)
{
	struct incoming *in = engine->feed.parsing;

	engine->feed.parsing = NULL;
	engine->feed.parsed = 0;
	if (in == NULL) {
		log_warning("parser: %s", what);
		return;
	}
	log_warning("message %.40s: the parser failed%s: %s", in->key,
	    in->alone ? " again" : "", what);
	if (in->alone) {
		in->killer = true;
		batch_add(engine, in, NULL);
		return;
	}
	in->alone = true;
	incoming_push_front(&engine->feed.waiting, in);
}

static void
forget_attempts(struct engine *engine, const struct incoming *in)
{
	struct err err = {0};
	int failed = engine_write_begin(engine, &err);

	if (failed == 0)
		failed = attempt_clear(engine->store, in->sha256, &err);
	if (engine_write_end(engine, failed, &err) < 0)
		engine_complain(engine, "attempts", &err);
}

static void
on_record(struct engine *engine, const struct frame *frame)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct incoming *in = engine->feed.parsing;
	struct record record;
	struct err err = {0};

	child_set_deadline(engine->parser, 0);
	if (record_decode(arena, frame->data, frame->bytes, &record, &err) <
	    0) {
		parser_replace(engine);
		on_anomaly(engine, err.text);
		return;
	}
	engine->feed.parsing = NULL;
	if (in->alone)
		forget_attempts(engine, in);
	/* The parser reads the next one while this one is judged. */
	if (++engine->feed.parsed >= PARSER_MESSAGES)
		parser_replace(engine);
	else if (!in->alone && !in->single && !engine->stopping)
		feed_next(engine);
	batch_add(engine, in, &record);
}

static void
on_parse_failed(struct engine *engine)
{
	struct incoming *in = engine->feed.parsing;

	engine->feed.parsing = NULL;
	in->unparsed = true;
	batch_add(engine, in, NULL);
	parser_replace(engine);
}

static void
on_frame(struct engine *engine, const struct frame *frame)
{
	if (engine->feed.parsing == NULL) {
		parser_replace(engine); /* an answer to nothing */
		return;
	}
	if (frame->type == FRAME_RECORD)
		on_record(engine, frame);
	else
		on_parse_failed(engine);
}

void
feed_news(struct engine *engine)
{
	struct child_news news = {0};

	switch (child_next(engine->parser, clock_mono_ms(), &news)) {
	case CHILD_QUIET:
	case CHILD_IS_READY:
		break;
	case CHILD_LOST:
		on_anomaly(engine, news.text);
		break;
	case CHILD_FRAME:
		on_frame(engine, &news.frame);
		break;
	}
}

/* --- questions -------------------------------------------------------------------- */

/* 1 where the message needs no parser: judged before, or not to be tried. */
static int
needs_no_parser(struct engine *engine, struct incoming *in, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(KNOWN_ARENA_BYTES);
	struct desk desk = engine_desk(engine, arena);
	struct intake_verdict verdict;
	int tries = 0;
	int known = intake_known(&desk, in, &verdict, err);

	if (known != 0)
		return known;
	int found = attempt_count(engine->store, in->sha256, &tries, err);
	if (found < 0)
		return found;
	in->alone |= tries > 0;
	in->killer = tries >= TRIES_ALONE;
	return in->killer;
}

/* Durably, before the parser sees it: even we may not survive it. */
static int
count_attempt(struct engine *engine, const struct incoming *in, struct err *err)
{
	int tries;

	batch_commit(engine);
	int failed = store_begin(engine->store, err);
	if (failed < 0)
		return failed;
	failed = attempt_add(engine->store, in->sha256, &tries, err);
	if (failed < 0) {
		store_rollback(engine->store);
		return failed;
	}
	return store_commit(engine->store, err);
}

static int
parse(struct engine *engine, struct incoming *in, struct err *err)
{
	int failed = 0;

	if (in->alone)
		failed = count_attempt(engine, in, err);
	if (failed == 0)
		failed =
		    child_send(engine->parser, FRAME_PARSE, NULL, in->fd, err);
	if (failed < 0)
		return failed;
	engine->feed.parsing = in;
	child_set_deadline(engine->parser, clock_mono_ms() + PARSE_MS);
	return 0;
}

void
feed_next(struct engine *engine)
{
	struct feed *feed = &engine->feed;
	struct err err = {0};

	while (feed->parsing == NULL && feed->waiting.count > 0 &&
	       child_state(engine->parser) == CHILD_UP) {
		struct incoming *in = incoming_pop(&feed->waiting);
		int done = needs_no_parser(engine, in, &err);
		if (done == 0)
			done = parse(engine, in, &err);
		if (done > 0) {
			batch_add(engine, in, NULL);
		} else if (done < 0) {
			engine_complain(engine, "parsing", &err);
			incoming_push_front(&feed->waiting, in);
			return;
		}
		if (batch_is_due(engine))
			batch_commit(engine);
	}
}

bool
feed_is_busy(const struct engine *engine)
{
	return engine->feed.parsing != NULL || engine->feed.waiting.count > 0;
}
