/* The cage: parsing goes on inside, everything else is refused or deadly. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "mail.h"
#include "parser/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#	define SANITIZED 1
#else
#	define SANITIZED 0
#endif

/* Runs `fn` in a child that has closed itself off; how it ended. */
static int
run_inside(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;
		if (sandbox_close(&err) != 0)
			_exit(99);
		sandbox_renew();
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int g_mail; /* a message, opened before */

static int
parse_it(void)
{
	struct arena *arena = mail_arena();
	struct record record;
	struct err err;

	if (parse_message(arena, g_mail, NULL, &record, &err) != 0)
		return 1;
	return record.body_count == 2 && record.table_count == 2 ? 0 : 2;
}

static int
open_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 &&
		       socket(AF_UNIX, SOCK_STREAM, 0) < 0
		   ? 0
		   : 1;
}

static int
start_a_program(void)
{
	char *const args[] = {NULL};

	(void)execve("/bin/true", args, args);
	return 1;
}

static int
eat_memory(void)
{
	for (int i = 0; i < 10; i++)
		if (malloc((size_t)64 * 1024 * 1024) == NULL)
			return 0;
	return 1;
}

static void
inside(void **state)
{
	static const char mail[] =
	    "Subject: =?koi8-r?B?xMHb?=\nContent-Type: multipart/mixed; "
	    "boundary=b\n\n--b\nContent-Type: text/plain; "
	    "charset=big5\n\n\xa4\xa4\n"
	    "--b\nContent-Type: text/html; charset=shift_jis\n\n"
	    "<table><tr><td>a</td><td>b</td></tr></table>\n"
	    "--b\nContent-Type: text/csv; name=a.csv\n\na;b\n--b--\n";
	struct err err;

	(void)state;
	g_mail = memfd_create("mail", MFD_CLOEXEC);
	assert_int_equal(io_write_all(g_mail, mail, sizeof(mail) - 1, &err), 0);
	assert_int_equal(run_inside(parse_it), 0);
	(void)close(g_mail); /* only read */
	if (SANITIZED)
		return;
	assert_int_equal(run_inside(open_a_file), 0);
	assert_int_equal(run_inside(eat_memory), 0);
	int status = run_inside(start_a_program);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inside),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
