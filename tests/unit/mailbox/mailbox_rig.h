/*
 * The mailbox process on a Maildir: the real session over a socket pair, in a
 * process of its own, spoken to as the engine does.
 */
#ifndef LSCPD_TESTS_MAILBOX_RIG_H
#define LSCPD_TESTS_MAILBOX_RIG_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "mailbox/session.h"
#include "wire/frame.h"
#include "wire/treaty.h"

enum {
	ARENA_BYTES = 16 << 20,
	PATH_BYTES = 512,
	LIMIT = 4 << 20,
	MANY = 100,
	WATCH_MS = 2000,
	QUIET_MS = 150,
};

struct rig {
	char folder[64];
	int sock;
	pid_t pid;
	struct frame_reader reader;
	struct arena *arena;
	struct err err;
};

/* What one FETCH brought. */
struct page {
	struct wire_message messages[MANY];
	char *text[MANY]; /* the bytes that came */
	size_t count;
	const char *attention[MANY];
	size_t attention_count;
	struct wire_fetch_done done;
	struct wire_failed failed;
};

static inline void
path_of(const struct rig *rig, const char *place, char ret_path[PATH_BYTES])
{
	(void)snprintf(ret_path, PATH_BYTES, "%.60s/inbox/%.400s", rig->folder,
	    place);
}

static inline void
drop(const struct rig *rig, const char *place, const char *text)
{
	char path[PATH_BYTES];
	struct err err;

	path_of(rig, place, path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, text, strlen(text), &err), 0);
	(void)close(fd);
}

static inline bool
is_there(const struct rig *rig, const char *place)
{
	char path[PATH_BYTES];

	path_of(rig, place, path);
	return access(path, F_OK) == 0;
}

static inline void
shift(const struct rig *rig, const char *from, const char *to)
{
	char a[PATH_BYTES], b[PATH_BYTES];

	path_of(rig, from, a);
	path_of(rig, to, b);
	assert_int_equal(rename(a, b), 0);
}

static inline int
files_in(const struct rig *rig, const char *place)
{
	char path[PATH_BYTES];
	int count = 0;

	path_of(rig, place, path);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static inline enum frame_type
next(struct rig *rig, struct frame *ret_frame)
{
	int code = frame_read(&rig->reader, FRAME_WAIT, ret_frame, &rig->err);

	if (code != 1)
		fail_msg("no frame: %s", rig->err.text);
	return ret_frame->type;
}

static inline void
say(struct rig *rig, enum frame_type type, const void *payload)
{
	assert_int_equal(treaty_write(rig->sock, type, payload, -1, &rig->err),
	    0);
}

static inline enum frame_type
start(struct rig *rig, const char *url)
{
	struct wire_setting settings[] = {
	    {"url", url},
	    {"spool", rig->folder},
	    {"limit.message", "4194304"},
	    {"folder.Ignored", "Noise"},
	};
	struct wire_config config = {settings, COUNT_OF(settings)};
	struct frame frame;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     pair),
	    0);
	rig->pid = fork();
	if (rig->pid == 0) {
		(void)close(pair[0]);
		/* cmocka's handlers would run the other tests in here. */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		(void)signal(SIGIO, SIG_IGN);
		_exit(mailbox_serve(pair[1]));
	}
	(void)close(pair[1]);
	rig->sock = pair[0];
	frame_reader_init(&rig->reader, rig->sock, FROM_MAILBOX);
	say(rig, FRAME_CONFIG, &config);
	return next(rig, &frame);
}

static inline int
stop(struct rig *rig)
{
	int status = -1;

	frame_reader_done(&rig->reader);
	(void)close(rig->sock);
	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	return status;
}

static inline struct rig
rig_open(void)
{
	struct rig rig = {.folder = "/tmp/lscpd-test-XXXXXX"};
	char url[PATH_BYTES];

	rig.arena = arena_new(ARENA_BYTES);
	assert_non_null(mkdtemp(rig.folder));
	(void)snprintf(url, sizeof(url), "maildir:%s/inbox", rig.folder);
	assert_int_equal(start(&rig, url), FRAME_READY);
	return rig;
}

static inline void
restart(struct rig *rig)
{
	char url[PATH_BYTES];

	assert_int_equal(stop(rig), 0);
	(void)snprintf(url, sizeof(url), "maildir:%s/inbox", rig->folder);
	assert_int_equal(start(rig, url), FRAME_READY);
}

static inline void
rig_close(struct rig *rig)
{
	char command[PATH_BYTES];

	assert_int_equal(stop(rig), 0);
	arena_free(rig->arena);
	(void)snprintf(command, sizeof(command), "rm -rf %s", rig->folder);
	assert_int_equal(system(command), 0);
}

static inline void
take_message(struct rig *rig, struct page *page, struct frame *frame)
{
	struct buf text;

	assert_true(page->count < MANY);
	assert_int_equal(treaty_decode(rig->arena, frame,
			     &page->messages[page->count], &rig->err),
	    0);
	assert_true(frame->fd >= 0);
	buf_init(&text, 64 << 20);
	assert_int_equal(io_read_all(frame->fd, &text, &rig->err), 0);
	/* Nobody who gets it can change it. */
	assert_int_equal(write(frame->fd, "x", 1), -1);
	page->text[page->count++] = arena_strdup(rig->arena, buf_text(&text));
	buf_done(&text);
}

/* Everything up to the frame that ends the answer; its type. */
static inline enum frame_type
collect(struct rig *rig, struct page *page)
{
	struct wire_attention part;
	struct frame frame;

	*page = (struct page){.count = 0};
	for (;;) {
		enum frame_type type = next(rig, &frame);
		if (type == FRAME_ATTENTION) {
			assert_int_equal(treaty_decode(rig->arena, &frame,
					     &part, &rig->err),
			    0);
			for (size_t i = 0; i < part.count; i++)
				page->attention[page->attention_count++] =
				    part.keys[i];
			continue;
		}
		if (type == FRAME_MESSAGE) {
			take_message(rig, page, &frame);
			if (page->messages[page->count - 1].by_name)
				return type;
			continue;
		}
		void *end = type == FRAME_FETCH_DONE ? (void *)&page->done
						     : (void *)&page->failed;
		if (type != FRAME_NOT_FOUND)
			assert_int_equal(treaty_decode(rig->arena, &frame, end,
					     &rig->err),
			    0);
		return type;
	}
}

static inline struct page
fetch(struct rig *rig, enum wire_listing listing, uint32_t max_messages,
    uint64_t max_bytes)
{
	struct wire_fetch request = {listing, max_messages, max_bytes};
	struct page page;

	say(rig, FRAME_FETCH, &request);
	enum frame_type type = collect(rig, &page);
	if (type != FRAME_FETCH_DONE)
		fail_msg("%s: %s", frame_type_name(type), page.failed.text);
	return page;
}

static inline struct page
fetch_all(struct rig *rig)
{
	return fetch(rig, LISTING_NEW, 64, 16 << 20);
}

static inline struct wire_moved_item
move_one(struct rig *rig, const char *key, enum wire_folder from,
    enum wire_folder to)
{
	struct wire_move_item item = {key, from, to};
	struct wire_move move = {&item, 1};
	struct wire_moved moved;
	struct frame frame;

	say(rig, FRAME_MOVE, &move);
	assert_int_equal(next(rig, &frame), FRAME_MOVED);
	assert_int_equal(treaty_decode(rig->arena, &frame, &moved, &rig->err),
	    0);
	assert_int_equal(moved.count, 1);
	assert_string_equal(moved.items[0].key, key);
	return moved.items[0];
}

#endif
