#include "engine/visit.h"

#include <poll.h>

#include "base/clock.h"

/* The next news of the child; ERR_CLOSED where none comes by then. */
static int
wait_for_news(struct child *child, int64_t until_ms,
    struct child_news *ret_news, struct err *err)
{
	while (child_next(child, clock_mono_ms(), ret_news) == CHILD_QUIET) {
		int64_t now_ms = clock_mono_ms();
		int64_t at_ms = child_wake_at(child);
		struct pollfd p = {child_fd(child), child_events(child), 0};

		if (now_ms >= until_ms)
			return err_set(err, ERR_CLOSED, BLAME_NOBODY,
			    "no answer within the time that is allowed");
		if (at_ms > until_ms)
			at_ms = until_ms;
		/* Interrupted or not: the child is asked again. */
		(void)poll(&p, 1, at_ms > now_ms ? (int)(at_ms - now_ms) : 0);
	}
	if (ret_news->word != CHILD_LOST)
		return 0;
	return err_set(err, ret_news->lasting ? ERR_CONFIG : ERR_CLOSED,
	    BLAME_OPERATOR, "%s", ret_news->text);
}

int
visit_ask(struct child *child, enum frame_type type, const void *payload,
    int64_t within_ms, struct child_news *ret_news, struct err *err)
{
	int64_t until_ms = clock_mono_ms() + within_ms;
	int code = 0;

	while (code == 0 && child_state(child) != CHILD_UP)
		code = wait_for_news(child, until_ms, ret_news, err);
	if (code == 0)
		code = child_send(child, type, payload, -1, err);
	until_ms = clock_mono_ms() + within_ms;
	do {
		if (code == 0)
			code = wait_for_news(child, until_ms, ret_news, err);
	} while (code == 0 && ret_news->word != CHILD_FRAME);
	return code;
}
