#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "mailbox/imap.h"

enum {
	/* IDLE ends after 29 minutes at the latest, and behind some routers
	 * after ten; a sync is due every five in any case. */
	IDLE_S = 280,
	ANSWER_S = 15, /* to IDLE and DONE, which cost no work */
};

static void
set_timer(const struct imap_box *box, int seconds)
{
	const struct itimerspec spec = {.it_value = {.tv_sec = seconds}};

	/* It can fail by a bug of ours only. */
	BUG_ON(timerfd_settime(box->timer_fd, 0, &spec, NULL) != 0);
}

static void
stop_polling(const struct imap_box *box)
{
	/* It may not be there: then there is nothing to do. */
	if (box->stream != NULL)
		(void)epoll_ctl(box->watch_fd, EPOLL_CTL_DEL,
		    stream_fd(box->stream), NULL);
}

bool
imap_watch_end(struct imap_box *box)
{
	if (!box->idling)
		return true;
	stop_polling(box);
	set_timer(box, 0);
	box->idling = false;
	stream_begin_short(box->stream, ANSWER_S);
	if (mailimap_idle_done(box->session) == MAILIMAP_NO_ERROR)
		return true;
	imap_disconnect(box);
	return false;
}

/* Did mail come while nobody listened? */
static bool
has_changed(const struct imap_box *box)
{
	const struct imap_folder *inbox = &box->folders[FOLDER_INBOX];
	const struct mailimap_selection_info *info =
	    box->session->imap_selection_info;

	return !inbox->listed || info->sel_exists > inbox->exists ||
	       (info->sel_uidnext != 0 && info->sel_uidnext > inbox->uidnext);
}

static bool
begin_idle(struct imap_box *box)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
	struct err err;

	if (imap_select(box, FOLDER_INBOX, &err) != 0)
		return false;
	stream_begin_short(box->stream, ANSWER_S);
	if (mailimap_idle(box->session) != MAILIMAP_NO_ERROR) {
		/* It says that it can and cannot: polling is left. */
		box->cannot_idle = true;
		imap_disconnect(box);
		return false;
	}
	box->idling = true;
	box->idle_scanned = 0;
	box->hint =
	    has_changed(box) || box->session->imap_stream->read_buffer_len > 0;
	if (epoll_ctl(box->watch_fd, EPOLL_CTL_ADD, stream_fd(box->stream),
		&event) != 0)
		box->hint = true;
	set_timer(box, IDLE_S);
	return true;
}

void
imap_watch(void *ctx)
{
	struct imap_box *box = ctx;

	if (box->session == NULL || box->idling || !box->wants_idle ||
	    box->cannot_idle || !imap_has(box, "IDLE"))
		return;
	/* Where it fails, the next look is the engine's, by the clock. */
	(void)begin_idle(box);
}

int
imap_watch_fd(void *ctx)
{
	const struct imap_box *box = ctx;

	return box->idling ? box->watch_fd : -1;
}

/* Whole lines that came since the last look: is one of new mail? */
static bool
scan(struct imap_box *box, const char *data, size_t bytes)
{
	bool news = false;

	while (box->idle_scanned < bytes) {
		const char *line = data + box->idle_scanned;
		const char *end = memchr(line, '\n', bytes - box->idle_scanned);
		if (end == NULL)
			break;
		if (memmem(line, (size_t)(end - line), " EXISTS", 7) != NULL ||
		    memmem(line, (size_t)(end - line), "* BYE", 5) != NULL)
			news = true;
		box->idle_scanned = (size_t)(end - data) + 1;
	}
	return news;
}

static bool
time_is_up(const struct imap_box *box)
{
	uint64_t times;

	return read(box->timer_fd, &times, sizeof(times)) == sizeof(times);
}

bool
imap_watch_news(void *ctx, const struct known *known)
{
	struct imap_box *box = ctx;
	const char *data;
	size_t bytes;
	bool news = box->hint;

	(void)known; /* a count is no key: only a listing tells */
	box->hint = false;
	if (!box->idling)
		return news;
	if (!stream_peek(box->stream, &data, &bytes)) {
		stop_polling(box); /* the end would wake us for ever */
		return true;
	}
	if (scan(box, data, bytes))
		news = true;
	return time_is_up(box) || news;
}
