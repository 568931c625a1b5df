#include "base/proc.h"

#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

enum {
	CHILD_SOCKET_FD = 3,
	CHILD_KEEP_FD = 4,
	CHILD_FIRST_CLOSED_FD = 5,
	SPARE_FD = 10, /* above all that a child has */
	EXEC_FAILED = 127,
	ENV_MAX = 64,
};

/* What a child sees of our environment; secrets travel elsewhere. */
static const char *const g_environment[] = {
    "PATH=",
    "TZ=",
    "LANG=",
    "LC_ALL=",
    "LSCPD_",
    "CREDENTIALS_DIRECTORY=", /* a path, not a secret */
    "ASAN_OPTIONS=",
    "UBSAN_OPTIONS=",
    "LSAN_OPTIONS=",
};

static void
choose_environment(char *ret_env[static ENV_MAX])
{
	size_t count = 0;

	for (char **e = environ; *e != NULL && count < ENV_MAX - 1; e++)
		for (size_t i = 0; i < COUNT_OF(g_environment); i++)
			if (strncmp(*e, g_environment[i],
				strlen(g_environment[i])) == 0)
				ret_env[count++] = *e;
	ret_env[count] = NULL;
}

static void
reset_signals(void)
{
	static const int quiet[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	sigset_t none;

	(void)sigemptyset(&none); /* cannot fail */
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL); /* some numbers cannot be set */
	for (size_t i = 0; i < COUNT_OF(quiet); i++)
		(void)signal(quiet[i], SIG_IGN); /* known numbers */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Only what is safe between fork and exec. Each step that fails ends the
 * child: it must not run with more than it was given.
 */
NORETURN static void
become(const char *path, int sock, int keep_fd, pid_t parent, char **env)
{
	const char *const argv[] = {path, NULL};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXEC_FAILED);
	int null = open("/dev/null", O_RDWR);
	sock = fcntl(sock, F_DUPFD, SPARE_FD);
	keep_fd = keep_fd < 0 ? -1 : fcntl(keep_fd, F_DUPFD, SPARE_FD);
	if (null < 0 || sock < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(sock, CHILD_SOCKET_FD) < 0 ||
	    dup2(keep_fd < 0 ? null : keep_fd, CHILD_KEEP_FD) < 0 ||
	    close_range(CHILD_FIRST_CLOSED_FD, ~0U, 0) != 0)
		_exit(EXEC_FAILED);
	reset_signals();
	(void)execve(path, (char *const *)(uintptr_t)argv, env);
	_exit(EXEC_FAILED);
}

static int
set_up_parent(struct proc *proc, int sock, struct err *err)
{
	proc->sock = sock;
	proc->pidfd = pidfd_open(proc->pid, 0);
	if (proc->pidfd < 0 || fcntl(sock, F_SETFL, O_NONBLOCK) != 0) {
		int code = err_system(err, "watch a child");
		int status;
		proc_kill(proc);
		(void)proc_reap(proc, -1, &status); /* it was killed */
		return code;
	}
	return 0;
}

int
proc_spawn(const char *path, int keep_fd, struct proc *ret_proc,
    struct err *err)
{
	struct proc proc = {.pidfd = -1, .sock = -1};
	char *env[ENV_MAX];
	int pair[2];

	choose_environment(env);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_system(err, "socketpair");
	pid_t parent = getpid();
	proc.pid = fork();
	if (proc.pid == 0)
		become(path, pair[1], keep_fd, parent, env);
	int code = proc.pid < 0 ? err_system(err, "fork") : 0;
	io_close(&pair[1]);
	if (code == 0)
		code = set_up_parent(&proc, pair[0], err);
	else
		io_close(&pair[0]);
	if (code == 0)
		*ret_proc = proc;
	return code;
}

int
proc_find(const char *name, const char *otherwise, char *ret_path,
    size_t path_bytes, struct err *err)
{
	char own[PATH_MAX] = "/";
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	const struct {
		const char *folder, *below;
	} places[] = {
	    {own, ""},
	    {own, "/../libexec/lscpd"}, /* installed, wherever it was put */
	    {otherwise, ""},
	};

	if (n > 0) {
		own[n] = '\0';
		*strrchr(own, '/') = '\0';
	}
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		int len = snprintf(ret_path, path_bytes, "%s%s/%s",
		    places[i].folder, places[i].below, name);
		if (len < (int)path_bytes && access(ret_path, X_OK) == 0)
			return 0;
	}
	return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
	    "the program %s is neither beside this one nor in %s", name,
	    otherwise);
}

void
proc_close_socket(struct proc *proc)
{
	io_close(&proc->sock);
}

void
proc_kill(const struct proc *proc)
{
	if (proc->pid > 0)
		(void)kill(proc->pid, SIGKILL); /* unreaped: it is ours */
}

int
proc_reap(struct proc *proc, int wait_ms, int *ret_status)
{
	struct pollfd p = {proc->pidfd, POLLIN, 0};
	int status = 0;

	if (proc->pid <= 0)
		return 0;
	if (wait_ms > 0 && proc->pidfd >= 0)
		(void)poll(&p, 1, wait_ms); /* waitpid() tells */
	pid_t got;
	do
		got = waitpid(proc->pid, &status, wait_ms < 0 ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return 0;
	*ret_status = got > 0 ? status : 0;
	io_close(&proc->pidfd);
	io_close(&proc->sock);
	proc->pid = 0;
	return 1;
}

void
proc_status_text(int status, char *ret_text, size_t text_bytes)
{
	if (WIFSIGNALED(status))
		(void)snprintf(ret_text, text_bytes, "killed by signal %d (%s)",
		    WTERMSIG(status),
		    sigdescr_np(WTERMSIG(status)) == NULL
			? "unknown"
			: sigdescr_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == EXEC_FAILED)
		(void)snprintf(ret_text, text_bytes,
		    "could not be started, or ended with status 127");
	else
		(void)snprintf(ret_text, text_bytes, "ended with status %d",
		    WEXITSTATUS(status));
}
