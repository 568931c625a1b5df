/*
 * Supervision of children. This program is its own tiny child: started again
 * with LSCPD_TEST_CHILD set it behaves as its configuration says.
 */
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

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

#include "base/clock.h"
#include "base/io.h"
#include "engine/bell.h"
#include "engine/child.h"
#include "engine/lock.h"
#include "engine/notify.h"
#include "wire/serve.h"

enum {
	PATH_BYTES = 128,
	PATIENCE_MS = 10000,
	ARENA_BYTES = 1 << 20,
	SHORT_MS = 200,
};

/* The child's side ---------------------------------------------------------*/

static void
answer(struct frame_reader *reader, struct err *err)
{
	struct buf text CLEANUP(buf_done);
	struct frame frame;

	buf_init(&text, 1 << 20);
	if (frame_read(reader, FRAME_WAIT, &frame, err) != 1)
		_exit(serve_end(err));
	(void)io_read_all(frame.fd, &text, err);
	if (strcmp(buf_text(&text), "die") == 0)
		(void)raise(SIGKILL);
	if (strcmp(buf_text(&text), "hang") == 0)
		(void)pause();
	if (strcmp(buf_text(&text), "cut") == 0) {
		(void)!write(FRAME_SOCKET, "\377\0\0\0", 4);
		_exit(3);
	}
	enum frame_type type = strcmp(buf_text(&text), "wrong") == 0
				   ? FRAME_DELIVERED
				   : FRAME_RECORD;
	if (frame_write(FRAME_SOCKET, type, &text, -1, err) != 0)
		_exit(serve_end(err));
}

static void
be_child(void)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct frame_reader reader;
	struct wire_config config;
	struct err err;

	frame_reader_init(&reader, FRAME_SOCKET, FROM_ENGINE);
	if (serve_config(&reader, arena, &config, &err) != 0)
		_exit(serve_end(&err));
	const char *mode = wire_config_get(&config, "mode", "");
	if (strcmp(mode, "refuse") == 0) {
		(void)err_set(&err, ERR_CONFIG, BLAME_OPERATOR, "no such url");
		_exit(serve_start_failed(FRAME_SOCKET, &err));
	}
	if (strcmp(mode, "early") == 0)
		(void)frame_write(FRAME_SOCKET, FRAME_RECORD, NULL, -1, &err);
	if (strcmp(mode, "other") == 0) {
		struct wire_ready ready = {"99.9"};
		(void)treaty_write(FRAME_SOCKET, FRAME_READY, &ready, -1, &err);
	}
	if (serve_ready(FRAME_SOCKET, &err) != 0)
		_exit(serve_end(&err));
	if (strcmp(mode, "deaf") == 0)
		for (;;)
			(void)pause();
	for (;;)
		answer(&reader, &err);
}

/* The engine's side --------------------------------------------------------*/

struct rig {
	char folder[64];
	struct child *child;
	struct child_news news;
	struct err err;
};

static struct child *
new_child(const char *folder, const char *mode)
{
	struct wire_setting setting = {"mode", mode};
	struct wire_config config = {&setting, 1};
	struct child *child = child_new(CHILD_PARSER, folder, &config);

	child_set_program(child, "/proc/self/exe");
	return child;
}

static struct rig
rig_open(const char *mode)
{
	struct rig rig = {.folder = "/tmp/lscpd-test-XXXXXX"};

	assert_non_null(mkdtemp(rig.folder));
	rig.child = new_child(rig.folder, mode);
	return rig;
}

static void
rig_close(struct rig *rig)
{
	char command[PATH_BYTES];

	child_free(rig->child);
	(void)snprintf(command, sizeof(command), "rm -rf %s", rig->folder);
	assert_int_equal(system(command), 0);
}

/* As the engine's loop waits: until there is news, or the time is over. */
static enum child_word
wait_news(struct child *child, struct child_news *news, int64_t max_ms)
{
	int64_t end_at = clock_mono_ms() + max_ms;

	for (;;) {
		int64_t now = clock_mono_ms();
		if (child_next(child, now, news) != CHILD_QUIET)
			return news->word;
		if (now >= end_at)
			return CHILD_QUIET;
		int64_t wake_at = child_wake_at(child);
		if (wake_at > end_at)
			wake_at = end_at;
		struct pollfd p = {child_fd(child), child_events(child), 0};
		(void)poll(&p, 1, wake_at > now ? (int)(wake_at - now) : 0);
	}
}

static void
expect(struct rig *rig, enum child_word word)
{
	enum child_word got = wait_news(rig->child, &rig->news, PATIENCE_MS);

	if (got != word)
		fail_msg("news %d, not %d: %s", got, word, rig->news.text);
}

static void
ask(struct rig *rig, const char *text)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	(void)close(fds[1]);
	assert_int_equal(child_send(rig->child, FRAME_PARSE, NULL, fds[0],
			     &rig->err),
	    0);
	(void)close(fds[0]);
}

static void
test_ready_and_answers(void **state)
{
	struct rig rig = rig_open("");

	(void)state;
	assert_int_equal(child_send(rig.child, FRAME_PARSE, NULL, 0, &rig.err),
	    ERR_CLOSED);
	expect(&rig, CHILD_IS_READY);
	assert_int_equal(child_state(rig.child), CHILD_UP);
	ask(&rig, "one");
	ask(&rig, "two");
	expect(&rig, CHILD_FRAME);
	assert_int_equal(rig.news.frame.type, FRAME_RECORD);
	assert_memory_equal(rig.news.frame.data, "one", 3);
	expect(&rig, CHILD_FRAME);
	assert_memory_equal(rig.news.frame.data, "two", 3);
	assert_int_equal(child_answers(rig.child), 2);
	rig_close(&rig);
}

static const struct bad {
	const char *mode, *ask;
	enum child_end end;
	const char *text;
} g_bad[] = {
    {"", "die", END_DIED, "signal 9"},
    {"", "wrong", END_PROTOCOL, "may not come"},
    {"", "cut", END_PROTOCOL, "inside a frame"},
    {"early", NULL, END_PROTOCOL, "before it was ready"},
    {"other", NULL, END_PROTOCOL, "version"},
    {"refuse", NULL, END_START, "no such url"},
};

static void
test_bad_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_bad); i++) {
		struct rig rig = rig_open(g_bad[i].mode);
		if (g_bad[i].ask != NULL) {
			expect(&rig, CHILD_IS_READY);
			ask(&rig, g_bad[i].ask);
		}
		expect(&rig, CHILD_LOST);
		assert_int_equal(rig.news.end, g_bad[i].end);
		assert_int_equal(rig.news.lasting, g_bad[i].end == END_START);
		if (strstr(rig.news.text, g_bad[i].text) == NULL)
			fail_msg("%s", rig.news.text);
		assert_int_equal(child_pid(rig.child), 0);
		assert_int_equal(child_unsent(rig.child), 0);
		rig_close(&rig);
	}
}

static void
test_restart_and_backoff(void **state)
{
	struct rig rig = rig_open("");
	int64_t waits[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		expect(&rig, CHILD_IS_READY);
		ask(&rig, "die");
		expect(&rig, CHILD_LOST);
		assert_int_equal(child_losses(rig.child), i + 1);
		waits[i] = child_wake_at(rig.child) - clock_mono_ms();
	}
	assert_in_range(waits[0], 50, 100);
	assert_in_range(waits[3], 700, 800);
	/* An answer makes good for all of it. */
	expect(&rig, CHILD_IS_READY);
	ask(&rig, "fine");
	expect(&rig, CHILD_FRAME);
	(void)wait_news(rig.child, &rig.news, SHORT_MS);
	ask(&rig, "die");
	expect(&rig, CHILD_LOST);
	assert_int_equal(child_losses(rig.child), 1);
	assert_true(child_wake_at(rig.child) <= clock_mono_ms());
	expect(&rig, CHILD_IS_READY);
	rig_close(&rig);
}

static void
test_deadline(void **state)
{
	struct rig rig = rig_open("");

	(void)state;
	expect(&rig, CHILD_IS_READY);
	ask(&rig, "hang");
	child_set_deadline(rig.child, clock_mono_ms() + SHORT_MS);
	int64_t began_at = clock_mono_ms();
	expect(&rig, CHILD_LOST);
	assert_int_equal(rig.news.end, END_DEADLINE);
	assert_in_range(clock_mono_ms() - began_at, SHORT_MS - 20, 5000);
	expect(&rig, CHILD_IS_READY); /* the deadline went with it */
	assert_int_equal(wait_news(rig.child, &rig.news, SHORT_MS),
	    CHILD_QUIET);
	rig_close(&rig);
}

static void
test_queue_is_bounded(void **state)
{
	struct rig rig = rig_open("deaf");
	struct wire_deliver mail = {.mime_bytes = 8 << 20};
	char *mime = calloc(1, 8 << 20);
	int code = 0, sent = 0;

	(void)state;
	mail.mime = mime;
	expect(&rig, CHILD_IS_READY);
	int64_t began_at = clock_mono_ms();
	while (sent < 100 && code == 0) {
		code =
		    child_send(rig.child, FRAME_DELIVER, &mail, -1, &rig.err);
		sent += code == 0;
	}
	assert_int_equal(code, ERR_BUSY);
	assert_in_range(sent, 4, 6);
	assert_true(child_unsent(rig.child) <= CHILD_QUEUE_BYTES);
	assert_true(clock_mono_ms() - began_at < 5000);
	assert_int_equal(child_events(rig.child), POLLIN | POLLOUT);
	free(mime);
	rig_close(&rig);
}

static void
test_replace(void **state)
{
	struct rig rig = rig_open("");

	(void)state;
	expect(&rig, CHILD_IS_READY);
	int first = child_pid(rig.child);
	child_replace(rig.child);
	expect(&rig, CHILD_IS_READY); /* without news of a loss */
	assert_int_not_equal(child_pid(rig.child), first);
	ask(&rig, "hello");
	expect(&rig, CHILD_FRAME);
	child_stop(rig.child, 1000);
	assert_int_equal(child_state(rig.child), CHILD_STOPPED);
	assert_int_equal(wait_news(rig.child, &rig.news, SHORT_MS),
	    CHILD_QUIET);
	child_start(rig.child);
	expect(&rig, CHILD_IS_READY);
	rig_close(&rig);
}

static void
test_no_program(void **state)
{
	struct rig rig = rig_open("");

	(void)state;
	child_set_program(rig.child, "/nowhere/lscpd-parser");
	expect(&rig, CHILD_LOST);
	assert_non_null(strstr(rig.news.text, "could not be started"));
	rig_close(&rig);
}

static void
test_waits_for_the_old_one(void **state)
{
	struct rig rig = rig_open("");
	char path[PATH_BYTES];
	int lock = -1;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/lscpd-parser.lock", rig.folder);
	assert_int_equal(lock_take(path, &lock, &rig.err), 0);
	assert_int_equal(wait_news(rig.child, &rig.news, SHORT_MS),
	    CHILD_QUIET);
	assert_int_equal(child_state(rig.child), CHILD_DOWN);
	(void)close(lock);
	expect(&rig, CHILD_IS_READY);
	/* The child holds it now, not we. */
	assert_true(lock_holder(path) > 0);
	child_stop(rig.child, 1000);
	assert_int_equal(lock_holder(path), 0);
	rig_close(&rig);
}

/* kill -9 of an engine takes its children along, at work or idle. */
static void
test_dies_with_its_engine(void **state)
{
	struct rig rig = rig_open("");
	int pipe_fds[2];
	pid_t child = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	pid_t engine = fork();
	if (engine == 0) {
		struct child_news news;
		struct child *ours = new_child(rig.folder, "deaf");
		(void)wait_news(ours, &news, PATIENCE_MS);
		child = child_pid(ours);
		(void)!write(pipe_fds[1], &child, sizeof(child));
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pipe_fds[0], &child, sizeof(child)),
	    sizeof(child));
	int pidfd = pidfd_open(child, 0);
	assert_true(pidfd >= 0);
	struct pollfd p = {pidfd, POLLIN, 0};
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(kill(engine, SIGKILL), 0);
	assert_int_equal(waitpid(engine, NULL, 0), engine);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	(void)close(pidfd);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	expect(&rig, CHILD_IS_READY); /* the next engine's starts */
	rig_close(&rig);
}

static void
test_instance_lock(void **state)
{
	char folder[] = "/tmp/lscpd-test-XXXXXX";
	char path[PATH_BYTES], mine[PATH_BYTES];
	struct err err;
	int first = -1, second = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/lock", folder);
	assert_int_equal(lock_holder(path), 0);
	assert_int_equal(lock_take(path, &first, &err), 0);
	assert_int_equal(lock_holder(path), getpid());
	assert_int_equal(lock_take(path, &second, &err), ERR_BUSY);
	(void)snprintf(mine, sizeof(mine), "process %d", (int)getpid());
	assert_non_null(strstr(err.text, mine));
	(void)close(first);
	assert_int_equal(lock_take(path, &second, &err), 0);
	(void)close(second);
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
test_bell(void **state)
{
	char folder[PATH_BYTES] = "/tmp/lscpd-test-XXXXXX";
	struct err err;
	int fd = -1, again = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	bell_ring(folder); /* nobody there */
	assert_int_equal(bell_open(folder, &fd, &err), 0);
	assert_int_equal(bell_drain(fd), 0);
	bell_ring(folder);
	bell_ring(folder);
	struct pollfd p = {fd, POLLIN, 0};
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(bell_drain(fd), 2);
	assert_int_equal(poll(&p, 1, 0), 0);
	/* One that a killed daemon left is replaced. */
	assert_int_equal(bell_open(folder, &again, &err), 0);
	bell_ring(folder);
	assert_int_equal(bell_drain(again), 1);
	(void)close(fd);
	bell_close(folder, again);
	assert_int_equal(rmdir(folder), 0);
	assert_int_not_equal(bell_open(folder, &fd, &err), 0);
}

static void
test_notify(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa_family_t);

	(void)state;
	/* Bound to a name of the kernel's choice in the abstract space. */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	len = sizeof(address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	address.sun_path[0] = '@';
	notify_send("READY=1"); /* no manager, no trouble */
	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
	notify_send("STATUS=%d waiting", 3);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 16);
	assert_string_equal(text, "STATUS=3 waiting");
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	struct watchdog dog;
	watchdog_init(&dog);
	for (int i = 0; i < 2; i++) /* the second turn is too early */
		watchdog_feed(&dog);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 10);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), -1);
	assert_in_range(watchdog_wake_ms(&dog) - clock_mono_ms(), 1, 15000);
	(void)setenv("WATCHDOG_PID", "1", 1);
	watchdog_init(&dog);
	watchdog_feed(&dog);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), -1);
	assert_true(watchdog_wake_ms(&dog) == INT64_MAX);
	(void)unsetenv("NOTIFY_SOCKET");
	assert_false(notify_is_wanted());
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ready_and_answers),
	    cmocka_unit_test(test_bad_ends),
	    cmocka_unit_test(test_restart_and_backoff),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_queue_is_bounded),
	    cmocka_unit_test(test_replace),
	    cmocka_unit_test(test_no_program),
	    cmocka_unit_test(test_waits_for_the_old_one),
	    cmocka_unit_test(test_dies_with_its_engine),
	    cmocka_unit_test(test_instance_lock),
	    cmocka_unit_test(test_bell),
	    cmocka_unit_test(test_notify),
	};

	if (getenv("LSCPD_TEST_CHILD") != NULL)
		be_child();
	(void)setenv("LSCPD_TEST_CHILD", "1", 1);
	return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}
