#include <sys/inotify.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "mailbox/maildir.h"
#include "mailbox/maildir_name.h"

enum {
	/* A rename, a link, and the end of a copy that was written in place. */
	NEWS = IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE,
	LOST = IN_Q_OVERFLOW | IN_IGNORED | IN_UNMOUNT,
	EVENTS_BYTES = 16 * 1024,
};

static const char *const g_watched[] = {"new", "cur"};

void
maildir_watch(struct maildir *box)
{
	char events[EVENTS_BYTES];
	char path[64];

	if (box->inotify < 0)
		box->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (box->inotify < 0)
		return; /* the engine's timer is enough */
	while (read(box->inotify, events, sizeof(events)) > 0)
		;
	for (size_t i = 0; i < COUNT_OF(g_watched); i++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s",
		    box->root, g_watched[i]);
		if (inotify_add_watch(box->inotify, path, NEWS) < 0)
			io_close(&box->inotify);
	}
}

int
maildir_watch_fd(void *ctx)
{
	const struct maildir *box = ctx;

	return box->inotify;
}

static bool
is_news(const struct inotify_event *event, const struct known *known)
{
	char key[NAME_BYTES];

	if (event->mask & (uint32_t)LOST)
		return true;
	if (event->len == 0 || event->name[0] == '.')
		return false;
	(void)snprintf(key, sizeof(key), "%.*s",
	    (int)maildir_name_key_bytes(event->name), event->name);
	return !known_has(known, key);
}

bool
maildir_watch_news(void *ctx, const struct known *known)
{
	const struct maildir *box = ctx;
	_Alignas(struct inotify_event) char events[EVENTS_BYTES];
	bool news = false;
	ssize_t n;

	while (box->inotify >= 0 &&
	       (n = read(box->inotify, events, sizeof(events))) > 0) {
		for (char *p = events; p < events + n;) {
			struct inotify_event *event = (void *)p;
			news |= is_news(event, known);
			p += sizeof(*event) + event->len;
		}
	}
	return news;
}
