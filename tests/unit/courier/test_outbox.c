/* Delivery into an outgoing Maildir: the real session, in its own process. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
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
#include "courier/session.h"
#include "wire/frame.h"
#include "wire/treaty.h"

enum {
	PATH_BYTES = 512,
	ARENA_BYTES = 4 << 20
};

struct rig {
	char folder[64];
	int sock;
	pid_t pid;
	struct frame_reader reader;
	struct arena *arena;
	struct err err;
};

static enum frame_type
start(struct rig *rig, const char *url)
{
	struct wire_setting setting = {"url", url};
	struct wire_config config = {&setting, 1};
	struct frame frame;
	int pair[2];

	rig->arena = arena_new(ARENA_BYTES);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     pair),
	    0);
	rig->pid = fork();
	if (rig->pid == 0) {
		(void)close(pair[0]);
		/* cmocka's handlers would run the other tests in here. */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		_exit(courier_serve(pair[1]));
	}
	(void)close(pair[1]);
	rig->sock = pair[0];
	frame_reader_init(&rig->reader, rig->sock, FROM_COURIER);
	assert_int_equal(treaty_write(rig->sock, FRAME_CONFIG, &config, -1,
			     &rig->err),
	    0);
	assert_int_equal(frame_read(&rig->reader, FRAME_WAIT, &frame,
			     &rig->err),
	    1);
	return frame.type;
}

static struct rig
rig_open(void)
{
	struct rig rig = {.folder = "/tmp/lscpd-test-XXXXXX"};
	char url[PATH_BYTES];

	assert_non_null(mkdtemp(rig.folder));
	(void)snprintf(url, sizeof(url), "maildir:%s/outbox", rig.folder);
	assert_int_equal(start(&rig, url), FRAME_READY);
	return rig;
}

static int
stop(struct rig *rig)
{
	int status = -1;

	frame_reader_done(&rig->reader);
	(void)close(rig->sock);
	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	arena_free(rig->arena);
	return WEXITSTATUS(status);
}

static void
run(const struct rig *rig, const char *format)
{
	char command[PATH_BYTES];
	const char *mark = strstr(format, "DIR");

	(void)snprintf(command, sizeof(command), "%.*s%s%s",
	    (int)(mark - format), format, rig->folder, mark + 3);
	assert_int_equal(system(command), 0);
}

static void
rig_close(struct rig *rig)
{
	assert_int_equal(stop(rig), 0);
	run(rig, "rm -rf DIR");
}

static struct wire_deliver
some_mail(int64_t id)
{
	static const char mime[] = "Subject: hello\r\n\r\nOne\rline\r\n.\r\n";

	return (struct wire_deliver){
	    .outbox_id = id,
	    .queued_at = 1700000000,
	    .instance = "0123456789abcdef",
	    .message_id = "<1@partnership.example>",
	    .envelope_from = "",
	    .envelope_to = "j.okafor@lgt.example",
	    .mime = mime,
	    .mime_bytes = sizeof(mime) - 1,
	};
}

static enum wire_delivery
deliver(struct rig *rig, const struct wire_deliver *mail)
{
	struct wire_delivered done;
	struct frame frame;

	assert_int_equal(treaty_write(rig->sock, FRAME_DELIVER, mail, -1,
			     &rig->err),
	    0);
	assert_int_equal(frame_read(&rig->reader, FRAME_WAIT, &frame,
			     &rig->err),
	    1);
	assert_int_equal(frame.type, FRAME_DELIVERED);
	assert_int_equal(treaty_decode(rig->arena, &frame, &done, &rig->err),
	    0);
	assert_true(done.outbox_id == mail->outbox_id);
	assert_int_equal(done.text[0] == '\0', done.result == DELIVERY_SENT);
	return done.result;
}

static int
files_in(const struct rig *rig, const char *sub)
{
	char path[PATH_BYTES];
	int count = 0;

	(void)snprintf(path, sizeof(path), "%s/outbox/%s", rig->folder, sub);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static const char *
content(struct rig *rig, const char *place)
{
	struct buf text;
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/outbox/%s", rig->folder, place);
	buf_init(&text, 2 << 20);
	assert_int_equal(io_read_file(path, &text, &rig->err), 0);
	const char *copy = arena_strdup(rig->arena, buf_text(&text));
	buf_done(&text);
	return copy;
}

static const char g_place[] = "new/1700000000.O7.0123456789abcdef";

static void
test_name_and_content(void **state)
{
	struct rig rig = rig_open();
	struct wire_deliver mail = some_mail(7);

	(void)state;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_string_equal(content(&rig, g_place),
	    "Return-Path: <>\r\nDelivered-To: j.okafor@lgt.example\r\n"
	    "Subject: hello\r\n\r\nOne\rline\r\n.\r\n");
	assert_int_equal(files_in(&rig, "tmp"), 0);
	mail.outbox_id = 8;
	mail.envelope_from = "lscp@partnership.example";
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(files_in(&rig, "new"), 2);
	rig_close(&rig);
}

static void
test_again_is_no_second_mail(void **state)
{
	struct rig rig = rig_open();
	struct wire_deliver mail = some_mail(7);

	(void)state;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(files_in(&rig, "new"), 1);
	/* Somebody has read it. */
	run(&rig, "cd DIR/outbox && mv new/1700000000.O7.0123456789abcdef "
		  "cur/1700000000.O7.0123456789abcdef:2,RS");
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(files_in(&rig, "new"), 0);
	assert_int_equal(files_in(&rig, "cur"), 1);
	/* What a crash left in tmp/ is in nobody's way. */
	run(&rig, "echo junk > "
		  "DIR/outbox/tmp/1700000000.O70.0123456789abcdef");
	mail.outbox_id = 70;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(files_in(&rig, "tmp"), 0);
	/* Another database's mail of the same number is another mail. */
	mail.instance = "fedcba9876543210";
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	assert_int_equal(files_in(&rig, "new"), 2);
	rig_close(&rig);
}

static void
test_folder_missing(void **state)
{
	struct rig rig = rig_open();
	struct wire_deliver mail = some_mail(7);

	(void)state;
	run(&rig, "rm -r DIR/outbox"); /* it is made again */
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	run(&rig, "rm -r DIR"); /* that is beyond us */
	mail.outbox_id = 9;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SERVER_DOWN);
	run(&rig, "mkdir DIR");
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	rig_close(&rig);
}

static void
test_cannot_write(void **state)
{
	struct rig rig = rig_open();
	struct wire_deliver mail = some_mail(7);

	(void)state;
	/* A folder stands where the mail is to be written. */
	run(&rig, "mkdir DIR/outbox/tmp/1700000000.O7.0123456789abcdef");
	assert_int_equal(deliver(&rig, &mail), DELIVERY_LATER);
	mail.outbox_id = 8; /* the others go on */
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	run(&rig, "rmdir DIR/outbox/tmp/1700000000.O7.0123456789abcdef");
	mail.outbox_id = 7;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	rig_close(&rig);
}

static const struct hostile {
	const char *instance, *from, *to;
} g_hostile[] = {
    {"../../etc", "", "a@b.example"},
    {"a/b", "", "a@b.example"},
    {"0123", "a@b.example\nBcc: x@y.example", "a@b.example"},
    {"0123", "", "a@b.example\r\nX: y"},
};

static void
test_hostile(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_hostile); i++) {
		struct wire_deliver mail = some_mail(1);
		mail.instance = g_hostile[i].instance;
		mail.envelope_from = g_hostile[i].from;
		mail.envelope_to = g_hostile[i].to;
		assert_int_equal(deliver(&rig, &mail), DELIVERY_REFUSED);
	}
	assert_int_equal(files_in(&rig, "new"), 0);
	rig_close(&rig);
}

static void
test_large_and_empty(void **state)
{
	struct rig rig = rig_open();
	struct wire_deliver mail = some_mail(7);
	size_t lines = 300000;
	char *text = malloc(lines * 4);

	(void)state;
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * 4, "ab\r\n", 4);
	mail.mime = text;
	mail.mime_bytes = lines * 4;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	const char *got = content(&rig, g_place);
	const char *body = strstr(got, "\nab\r\n");
	assert_non_null(body);
	assert_int_equal(strlen(body + 1), lines * 4);
	mail.outbox_id = 8;
	mail.mime_bytes = 0;
	assert_int_equal(deliver(&rig, &mail), DELIVERY_SENT);
	free(text);
	rig_close(&rig);
}

static void
test_start_failed(void **state)
{
	static const char *const urls[] = {"maildir:", "smtp://mail.example",
	    "maildir:/nowhere/at/all"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct rig rig = {.folder = "/tmp"};
		assert_int_equal(start(&rig, urls[i]), FRAME_START_FAILED);
		assert_int_equal(stop(&rig), 78);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_name_and_content),
	    cmocka_unit_test(test_again_is_no_second_mail),
	    cmocka_unit_test(test_folder_missing),
	    cmocka_unit_test(test_cannot_write),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_large_and_empty),
	    cmocka_unit_test(test_start_failed),
	};

	return cmocka_run_group_tests_name("courier", tests, NULL, NULL);
}
