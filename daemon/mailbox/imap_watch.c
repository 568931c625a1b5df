#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "mailbox/imap.h"

enum {
	/* IDLE ends after 29 minutes at the latest, and behind some routers
	 * after ten; a sync is due every five in any case. */
	LOOK_S = 290,
	LOOK_AT_EASE_S = 240, /* where the server wakes us anyway */
	LOOK_WITHOUT_IDLE_S = 60,
	ANSWER_S = 15, /* to IDLE and DONE, which cost no work */
	IDLE_FAILURES = 3,
	MS = 1000,
	NS_PER_MS = 1000000,
};

static void
set_timer(const struct imap_box *box, int64_t ms)
{
	const struct itimerspec spec = {
	    .it_value = {.tv_sec = ms / MS, .tv_nsec = ms % MS * NS_PER_MS}};

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
	set_timer(box, 0);
	if (!box->idling)
		return true;
	stop_polling(box);
	box->idling = false;
	stream_begin_short(box->stream, ANSWER_S);
	if (mailimap_idle_done(box->session) == MAILIMAP_NO_ERROR)
		return true;
	imap_disconnect(box);
	return false;
}

/*
 * Did mail come while nobody listened? What a selection says is of its own
 * time; a count that has grown since is news as well.
 */
static bool
has_changed(const struct imap_box *box)
{
	const struct imap_folder *inbox = &box->folders[FOLDER_INBOX];
	const struct mailimap_selection_info *info =
	    box->session->imap_selection_info;

	return !inbox->listed || info->sel_exists > inbox->exists ||
	       (info->sel_uidnext != 0 && info->sel_uidnext > inbox->uidnext);
}

/* Some say that they can and cannot, others only break now and then. */
static void
note_idle_failure(struct imap_box *box, int code)
{
	bool refused = code != MAILIMAP_ERROR_STREAM;

	box->idle_failures = refused ? IDLE_FAILURES : box->idle_failures + 1;
	imap_disconnect(box);
}

static void
begin_idle(struct imap_box *box)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
	struct err err;

	if (imap_select(box, FOLDER_INBOX, &err) != 0)
		return;
	stream_begin_short(box->stream, ANSWER_S);
	int code = mailimap_idle(box->session);
	if (code != MAILIMAP_NO_ERROR) {
		note_idle_failure(box, code);
		return;
	}
	box->idling = true;
	box->idle_failures = 0;
	box->idle_scanned = 0;
	box->hint =
	    has_changed(box) || box->session->imap_stream->read_buffer_len > 0;
	if (epoll_ctl(box->watch_fd, EPOLL_CTL_ADD, stream_fd(box->stream),
		&event) != 0)
		box->hint = true;
}

/* When to look again, whatever the server says until then. */
static int64_t
next_look_ms(const struct imap_box *box)
{
	int64_t left = box->retry_at_ms - clock_mono_ms();

	if (box->failures > 0)
		return left > 0 ? left : 1;
	if (box->idling || box->polls_by_setting)
		return LOOK_S * (int64_t)MS;
	return LOOK_WITHOUT_IDLE_S * (int64_t)MS;
}

void
imap_watch(void *ctx)
{
	struct imap_box *box = ctx;

	box->looked_at_ms = clock_mono_ms();
	if (box->session != NULL && !box->idling && box->wants_idle &&
	    box->idle_failures < IDLE_FAILURES && imap_has(box, "IDLE"))
		begin_idle(box);
	set_timer(box, next_look_ms(box));
}

int
imap_watch_fd(void *ctx)
{
	return ((const struct imap_box *)ctx)->watch_fd;
}

/* Of new mail, of a folder that begins anew, or of the end of it all. */
static bool
is_news(const char *line, size_t bytes)
{
	static const char *const words[] = {" EXISTS", "* BYE", "UIDVALIDITY"};

	if (bytes > 0 && line[0] != '*')
		return true; /* the end of IDLE, which nobody asked for */
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (memmem(line, bytes, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* Whole lines that came since the last look: is one of them news? */
static bool
scan(struct imap_box *box, const char *data, size_t bytes)
{
	bool news = false;

	while (box->idle_scanned < bytes) {
		const char *line = data + box->idle_scanned;
		const char *end = memchr(line, '\n', bytes - box->idle_scanned);
		if (end == NULL)
			break;
		news |= is_news(line, (size_t)(end - line));
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

/*
 * The server is asked whether all is as it was listed; where it is, the engine
 * need not be woken.
 */
static bool
look(struct imap_box *box)
{
	struct err err;

	if (!imap_watch_end(box) ||
	    imap_select_anew(box, FOLDER_INBOX, &err) != 0 ||
	    has_changed(box) || !imap_is_unchanged(box, FOLDER_ATTENTION))
		return true;
	imap_watch(box);
	return !box->idling || box->hint;
}

static bool
is_time_to_look(const struct imap_box *box)
{
	return time_is_up(box) || clock_mono_ms() - box->looked_at_ms >=
				      LOOK_AT_EASE_S * (int64_t)MS;
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
		return time_is_up(box) || news;
	if (!stream_peek(box->stream, &data, &bytes)) {
		stop_polling(box); /* the end would wake us for ever */
		return true;
	}
	news |= scan(box, data, bytes);
	return news || (is_time_to_look(box) && look(box));
}
