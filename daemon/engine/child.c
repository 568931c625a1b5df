#include "engine/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "engine/lock.h"

enum {
	LOCK_RETRY_MS = 50, /* an old child is on its way out */
	KILLED_MS = 2000,   /* from SIGKILL to the end, before we look again */
	DOUBLINGS_MAX = 16,
	DECODE_BYTES = 64 * 1024,
};

static const struct role {
	const char *program;
	enum frame_from peer;
	int64_t first_ms, max_ms; /* of waiting before a restart */
} g_roles[] = {
    [CHILD_MAILBOX] = {"lscpd-mailbox", FROM_MAILBOX, 1000, 60000},
    [CHILD_PARSER] = {"lscpd-parser", FROM_PARSER, 100, 2000},
    [CHILD_COURIER] = {"lscpd-courier", FROM_COURIER, 1000, 60000},
};

/* A frame that the socket has not taken whole. */
struct unsent {
	struct unsent *next;
	struct buf data;
	size_t sent;
	int fd;
};

struct child {
	const struct role *role;
	char program[PATH_MAX];   /* "": where proc_find() says */
	char lock_path[PATH_MAX]; /* "": none */
	struct buf config;

	enum child_state state;
	struct proc proc;
	struct frame_reader reader;
	struct unsent *first, **last;
	size_t unsent_bytes;

	int64_t wake_at;     /* DOWN: start; STARTING: give up; ENDING: kill */
	int64_t deadline_at; /* 0: none */
	int64_t started_at;
	uint64_t answers;
	int losses;

	bool replaced; /* this end is wanted: no news of it */
	struct child_news loss;
};

static void
encode_config(struct child *child, const struct wire_config *config)
{
	buf_clear(&child->config);
	treaty_encode(FRAME_CONFIG, config, &child->config);
	BUG_ON(child->config.over);
}

struct child *
child_new(enum child_role role, const char *lock_folder,
    const struct wire_config *config)
{
	struct child *child = calloc(1, sizeof(*child));

	BUG_ON(child == NULL);
	child->role = &g_roles[role];
	child->proc = (struct proc){.pidfd = -1, .sock = -1};
	child->last = &child->first;
	if (lock_folder != NULL) {
		int len = snprintf(child->lock_path, sizeof(child->lock_path),
		    "%s/%s.lock", lock_folder, child->role->program);
		BUG_ON(len >= (int)sizeof(child->lock_path));
	}
	buf_init(&child->config, frame_max_bytes(FRAME_CONFIG));
	encode_config(child, config);
	frame_reader_init(&child->reader, -1, child->role->peer);
	child_start(child);
	return child;
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	child_stop(child, 0);
	buf_done(&child->config);
	free(child);
}

void
child_set_program(struct child *child, const char *path)
{
	(void)snprintf(child->program, sizeof(child->program), "%s", path);
}

static void
drop_first(struct child *child)
{
	struct unsent *item = child->first;

	child->first = item->next;
	if (child->first == NULL)
		child->last = &child->first;
	child->unsent_bytes -= item->data.len;
	io_close(&item->fd);
	buf_done(&item->data);
	free(item);
}

/* Send what the socket takes; a broken one shows when it is read. */
static void
flush(struct child *child)
{
	struct err err;

	while (child->first != NULL && child->proc.sock >= 0) {
		struct unsent *item = child->first;
		int64_t n = frame_send_part(child->proc.sock,
		    item->data.data + item->sent, item->data.len - item->sent,
		    item->sent == 0 ? item->fd : -1, &err);
		if (n <= 0)
			return;
		item->sent += (size_t)n;
		if (item->sent == item->data.len)
			drop_first(child);
	}
}

static int
enqueue(struct child *child, enum frame_type type, const struct buf *payload,
    int fd, struct err *err)
{
	struct unsent *item = calloc(1, sizeof(*item));
	int code = 0;

	BUG_ON(item == NULL);
	item->fd = -1;
	buf_init(&item->data, payload->len + FRAME_HEADER_BYTES);
	if (fd >= 0 && (item->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		code = err_system(err, "keep a descriptor");
	if (code == 0)
		code = frame_format(&item->data, type, buf_text(payload),
		    payload->len, err);
	if (code != 0) {
		io_close(&item->fd);
		buf_done(&item->data);
		free(item);
		return code;
	}
	child->unsent_bytes += item->data.len;
	*child->last = item;
	child->last = &item->next;
	flush(child);
	return 0;
}

int
child_send(struct child *child, enum frame_type type, const void *payload,
    int fd, struct err *err)
{
	struct buf out CLEANUP(buf_done);

	buf_init(&out, frame_max_bytes(type) + 1);
	if (child->state != CHILD_UP)
		return err_set(err, ERR_CLOSED, BLAME_NOBODY, "%s is not up",
		    child->role->program);
	treaty_encode(type, payload, &out);
	if (child->unsent_bytes + out.len > CHILD_QUEUE_BYTES)
		return err_set(err, ERR_BUSY, BLAME_NOBODY,
		    "%s does not take what it is sent", child->role->program);
	return enqueue(child, type, &out, fd, err);
}

/* The process is gone: nothing of it stays. */
static void
forget(struct child *child)
{
	while (child->first != NULL)
		drop_first(child);
	frame_reader_done(&child->reader);
	child->deadline_at = 0;
}

/* Note why it ends, and wait for it; what ends against its will is killed. */
static void
begin_end(struct child *child, enum child_end end, const char *text)
{
	child->state = CHILD_ENDING;
	child->deadline_at = 0;
	child->loss = (struct child_news){.word = CHILD_LOST, .end = end};
	child->loss.frame.fd = -1;
	(void)snprintf(child->loss.text, sizeof(child->loss.text), "%s", text);
	proc_close_socket(&child->proc);
	if (end == END_DEADLINE || end == END_PROTOCOL)
		proc_kill(&child->proc);
	child->wake_at = clock_mono_ms() + CHILD_STOP_MS;
}

/* When the next process may start, by how this one fared. */
static void
plan_restart(struct child *child, int64_t mono_ms)
{
	const struct role *role = child->role;
	int64_t wait_ms = role->first_ms;

	if (child->answers > 0) {
		child->losses = 0;
		if (mono_ms - child->started_at >= role->first_ms)
			wait_ms = 0;
	}
	for (int i = 0; i < child->losses && i < DOUBLINGS_MAX; i++)
		wait_ms *= 2;
	if (wait_ms > role->max_ms)
		wait_ms = role->max_ms;
	child->losses++;
	child->wake_at = mono_ms + wait_ms;
}

static enum child_word
tell_loss(struct child *child, int64_t mono_ms, const char *what,
    struct child_news *ret_news)
{
	char why[280];

	(void)snprintf(why, sizeof(why), "%.279s", child->loss.text);
	*ret_news = child->loss;
	(void)snprintf(ret_news->text, sizeof(ret_news->text), "%s: %s%s%.80s",
	    child->role->program, why, why[0] == '\0' ? "" : ", ", what);
	plan_restart(child, mono_ms);
	return CHILD_LOST;
}

static enum child_word
next_ending(struct child *child, int64_t mono_ms, struct child_news *ret_news)
{
	char what[120];
	int status = 0;

	if (mono_ms >= child->wake_at) {
		proc_kill(&child->proc);
		child->wake_at = mono_ms + KILLED_MS;
	}
	if (!proc_reap(&child->proc, 0, &status))
		return CHILD_QUIET;
	forget(child);
	child->state = CHILD_DOWN;
	child->wake_at = mono_ms;
	if (child->replaced)
		return child_next(child, mono_ms, ret_news);
	proc_status_text(status, what, sizeof(what));
	return tell_loss(child, mono_ms, what, ret_news);
}

/* Under the role's lock, if it has one, which the new process inherits. */
static int
spawn(struct child *child, struct err *err)
{
	int lock CLEANUP(io_close)
	= -1;
	char path[PATH_MAX];
	int code = child->lock_path[0] == '\0'
		       ? 0
		       : lock_take(child->lock_path, &lock, err);

	(void)snprintf(path, sizeof(path), "%s", child->program);
	if (code == 0 && path[0] == '\0')
		code = proc_find(child->role->program, LSCPD_LIBEXEC, path,
		    sizeof(path), err);
	if (code == 0)
		code = proc_spawn(path, lock, &child->proc, err);
	if (code == 0)
		frame_reader_init(&child->reader, child->proc.sock,
		    child->role->peer);
	return code == 0 ? enqueue(child, FRAME_CONFIG, &child->config, -1, err)
			 : code;
}

static enum child_word
next_down(struct child *child, int64_t mono_ms, struct child_news *ret_news)
{
	struct err err;

	if (mono_ms < child->wake_at)
		return CHILD_QUIET;
	child->answers = 0;
	child->replaced = false;
	child->started_at = mono_ms;
	int code = spawn(child, &err);
	if (code == ERR_BUSY) {
		child->wake_at = mono_ms + LOCK_RETRY_MS;
		return CHILD_QUIET;
	}
	if (code != 0 && child->proc.pid == 0) {
		child->loss = (struct child_news){.word = CHILD_LOST,
		    .end = END_START,
		    .lasting = true};
		child->loss.frame.fd = -1;
		(void)snprintf(child->loss.text, sizeof(child->loss.text), "%s",
		    err.text);
		return tell_loss(child, mono_ms, "not started", ret_news);
	}
	child->state = CHILD_STARTING;
	child->wake_at = mono_ms + CHILD_START_MS;
	return CHILD_QUIET;
}

/* READY or START_FAILED; the child has no business with anything else. */
static enum child_word
first_frame(struct child *child, struct child_news *news)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(DECODE_BYTES);
	struct wire_ready ready;
	struct wire_failed failed;
	struct err err;
	char text[400];

	if (news->frame.type == FRAME_READY) {
		if (treaty_decode(arena, &news->frame, &ready, &err) != 0) {
			begin_end(child, END_PROTOCOL, err.text);
		} else if (strcmp(ready.version, LSCPD_VERSION) != 0) {
			(void)snprintf(text, sizeof(text),
			    "its version is %.40s, ours is %s", ready.version,
			    LSCPD_VERSION);
			begin_end(child, END_PROTOCOL, text);
		} else {
			child->state = CHILD_UP;
			news->word = CHILD_IS_READY;
			return CHILD_IS_READY;
		}
	} else if (news->frame.type == FRAME_START_FAILED &&
		   treaty_decode(arena, &news->frame, &failed, &err) == 0) {
		begin_end(child, END_START, failed.text);
		child->loss.lasting = !failed.temporary;
	} else {
		begin_end(child, END_PROTOCOL, "it spoke before it was ready");
	}
	return CHILD_QUIET;
}

/* Starting or up: write, watch the time, read one frame. */
static enum child_word
next_running(struct child *child, int64_t mono_ms, struct child_news *ret_news)
{
	struct err err;

	flush(child);
	int code =
	    frame_read(&child->reader, FRAME_NO_WAIT, &ret_news->frame, &err);
	if (code == 1 && child->state == CHILD_STARTING)
		return first_frame(child, ret_news);
	if (code == 1) {
		child->answers++;
		ret_news->word = CHILD_FRAME;
		return CHILD_FRAME;
	}
	bool late = child->deadline_at != 0 && mono_ms >= child->deadline_at;
	late |= child->state == CHILD_STARTING && mono_ms >= child->wake_at;
	if (code == ERR_CLOSED)
		begin_end(child, END_DIED, "");
	else if (code < 0)
		begin_end(child, END_PROTOCOL, err.text);
	else if (late)
		begin_end(child, END_DEADLINE, "no answer in time");
	return CHILD_QUIET;
}

enum child_word
child_next(struct child *child, int64_t mono_ms, struct child_news *ret_news)
{
	enum child_word word = CHILD_QUIET;

	*ret_news = (struct child_news){.word = CHILD_QUIET};
	ret_news->frame.fd = -1;
	if (child->state == CHILD_DOWN)
		word = next_down(child, mono_ms, ret_news);
	else if (child->state == CHILD_STARTING || child->state == CHILD_UP)
		word = next_running(child, mono_ms, ret_news);
	if (child->state == CHILD_ENDING && word == CHILD_QUIET)
		word = next_ending(child, mono_ms, ret_news);
	return word;
}

int
child_take_fd(struct child *child, struct child_news *news)
{
	return frame_take_fd(&child->reader, &news->frame);
}

int
child_fd(const struct child *child)
{
	return child->state == CHILD_ENDING ? child->proc.pidfd
					    : child->proc.sock;
}

short
child_events(const struct child *child)
{
	if (child_fd(child) < 0)
		return 0;
	if (child->state != CHILD_ENDING && child->first != NULL)
		return POLLIN | POLLOUT;
	return POLLIN;
}

int64_t
child_wake_at(const struct child *child)
{
	int64_t at = INT64_MAX;

	if (child->state != CHILD_UP && child->state != CHILD_STOPPED)
		at = child->wake_at;
	if (child->deadline_at != 0 && child->deadline_at < at)
		at = child->deadline_at;
	return at;
}

enum child_state
child_state(const struct child *child)
{
	return child->state;
}

int
child_pid(const struct child *child)
{
	return (int)child->proc.pid;
}

uint64_t
child_answers(const struct child *child)
{
	return child->answers;
}

int
child_losses(const struct child *child)
{
	return child->losses;
}

size_t
child_unsent(const struct child *child)
{
	return child->unsent_bytes;
}

void
child_set_deadline(struct child *child, int64_t at_mono_ms)
{
	child->deadline_at = at_mono_ms;
}

void
child_replace(struct child *child)
{
	if (child->state == CHILD_STARTING || child->state == CHILD_UP) {
		begin_end(child, END_DIED, "");
		child->replaced = true;
	} else if (child->state == CHILD_DOWN) {
		child->wake_at = 0;
	}
}

void
child_stop(struct child *child, int wait_ms)
{
	int status;

	proc_close_socket(&child->proc);
	if (child->proc.pid > 0 && !proc_reap(&child->proc, wait_ms, &status)) {
		proc_kill(&child->proc);
		(void)proc_reap(&child->proc, KILLED_MS, &status); /* or init */
	}
	forget(child);
	child->state = CHILD_STOPPED;
}

void
child_start(struct child *child)
{
	if (child->state == CHILD_DOWN || child->state == CHILD_STOPPED) {
		child->state = CHILD_DOWN;
		child->wake_at = 0;
	}
}
