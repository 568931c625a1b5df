/*
 * lscpd-parser: makes records of raw messages, and can do nothing else.
 * Started by lscpd, with which it speaks on descriptor 3.
 */
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "parser/parse.h"
#include "parser/sandbox.h"
#include "wire/serve.h"

enum {
	CONFIG_BYTES = 64 * 1024,
	FALLBACK_BYTES = 64
};

struct session {
	struct frame_reader reader;
	struct parse_options options;
	char fallback[FALLBACK_BYTES];
};

/* CONFIG of the parser: charset.fallback. */
static int
begin(struct session *s, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(CONFIG_BYTES);
	struct wire_config config;
	int code = serve_config(&s->reader, arena, &config, err);

	if (code != 0)
		return code;
	const char *name =
	    wire_config_get(&config, "charset.fallback", "windows-1252");
	(void)stpncpy(s->fallback, name, sizeof(s->fallback) - 1);
	s->options.charset_fallback = s->fallback;
	parse_init();
	return sandbox_close(err);
}

static int
answer(const struct record *record, struct err *err)
{
	struct buf bytes CLEANUP(buf_done);

	buf_init(&bytes, LIMIT_RECORD_BYTES);
	record_encode(record, &bytes);
	/* The budgets of parser/context.h stay far below. */
	BUG_ON(bytes.over);
	return frame_write(FRAME_SOCKET, FRAME_RECORD, &bytes, -1, err);
}

static int
parse_one(struct session *s, int fd, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct record record;
	struct err why = {.text = ""};

	if (parse_message(arena, fd, &s->options, &record, &why) == 0)
		return answer(&record, err);
	struct wire_failed failed = serve_failure(&why);
	failed.temporary = why.code == ERR_SYSTEM;
	return treaty_write(FRAME_SOCKET, FRAME_PARSE_FAILED, &failed, -1, err);
}

static int
serve_one(struct session *s, struct err *err)
{
	struct frame frame;
	int code = frame_read(&s->reader, FRAME_WAIT, &frame, err);

	if (code < 0)
		return code;
	int fd CLEANUP(io_close)
	= frame_take_fd(&s->reader, &frame);
	if (frame.type != FRAME_PARSE || fd < 0)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the parser was sent a frame %s",
		    frame_type_name(frame.type));
	sandbox_renew();
	return parse_one(s, fd, err);
}

int
main(void)
{
	struct session s = {.fallback = ""};
	struct err err;

	log_open("lscpd-parser", LOG_LEVEL_INFO);
	arena_keep_memory();
	if (!serve_has_engine())
		return SERVE_USAGE;
	frame_reader_init(&s.reader, FRAME_SOCKET, FROM_ENGINE);
	int code = begin(&s, &err);
	if (code != 0 && code != ERR_CLOSED && code != ERR_PROTOCOL)
		return serve_start_failed(FRAME_SOCKET, &err);
	if (code == 0)
		code = serve_ready(FRAME_SOCKET, &err);
	while (code == 0)
		code = serve_one(&s, &err);
	/* No handlers at exit: libraries would want calls that are closed. */
	_exit(serve_end(&err));
}
