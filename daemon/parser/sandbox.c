#include "parser/sandbox.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <seccomp.h>

/* The sanitizers map terabytes of shadow, and ask the system for more. */
#if defined(__SANITIZE_ADDRESS__)
#	define SANITIZED 1
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define SANITIZED 1
#	endif
#endif
#ifndef SANITIZED
#	define SANITIZED 0
#endif

enum {
	CPU_SECONDS = 10,                 /* for one message */
	MEMORY_BYTES = 192 * 1024 * 1024, /* libraries take 60 of them */
	OPEN_FILES = 16,
	STACK_BYTES = 8 * 1024 * 1024,
};

/* What reading, computing and answering take. */
static const int g_allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(lseek),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrusage),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Libraries ask for these and go on without: no reason to die. */
static const int g_refused[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(socket),
    SCMP_SYS(stat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(readlink),
    SCMP_SYS(uname),
    SCMP_SYS(ioctl),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_getaffinity),
};

/* With conditions: memory that is not executable; our own limits and signals.
 */
static int
add_narrow(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec = {.arg = 2,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = PROT_EXEC};
	const struct scmp_arg_cmp own_cpu[] = {
	    {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0},
	    {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = RLIMIT_CPU},
	};
	const struct scmp_arg_cmp ourselves = {.arg = 0,
	    .op = SCMP_CMP_EQ,
	    .datum_a = (scmp_datum_t)getpid()};

	const struct {
		int call;
		unsigned count;
		const struct scmp_arg_cmp *conditions;
	} rules[] = {
	    {SCMP_SYS(mmap), 1, &no_exec},
	    {SCMP_SYS(mprotect), 1, &no_exec},
	    {SCMP_SYS(prlimit64), 2, own_cpu},
	    /* abort() is how a bug ends us: its name helps whoever looks. */
	    {SCMP_SYS(tgkill), 1, &ourselves},
	};

	int bad = 0;

	for (size_t i = 0; bad == 0 && i < COUNT_OF(rules); i++)
		bad = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		    rules[i].call, rules[i].count, rules[i].conditions);
	return bad;
}

static int
close_syscalls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int bad = filter == NULL;

	for (size_t i = 0; !bad && i < COUNT_OF(g_allowed); i++)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, g_allowed[i], 0);
	for (size_t i = 0; !bad && i < COUNT_OF(g_refused); i++)
		bad = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
		    g_refused[i], 0);
	if (!bad)
		bad = add_narrow(filter);
	if (!bad)
		bad = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (bad == 0)
		return 0;
	errno = bad < 0 ? -bad : ENOMEM;
	return err_system(err, "the system call filter cannot be set");
}

static const struct {
	int resource;
	rlim_t limit;
} g_limits[] = {
    {RLIMIT_CORE, 0},
    {RLIMIT_FSIZE, 0},
    {RLIMIT_NPROC, 0},
    {RLIMIT_NOFILE, OPEN_FILES},
    {RLIMIT_STACK, STACK_BYTES},
#if !SANITIZED
    {RLIMIT_AS, MEMORY_BYTES},
#endif
};

static int
close_limits(struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(g_limits); i++) {
		struct rlimit limit = {g_limits[i].limit, g_limits[i].limit};
		if (setrlimit((__rlimit_resource_t)g_limits[i].resource,
			&limit) != 0)
			return err_system(err, "a limit cannot be set");
	}
	return 0;
}

int
sandbox_close(struct err *err)
{
	/* Log lines into a file are lost then, not deadly. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_system(err, "the process cannot be closed off");
	int failed = close_limits(err);
	if (failed != 0 || SANITIZED)
		return failed;
	return close_syscalls(err);
}

void
sandbox_renew(void)
{
	struct rusage used;
	struct rlimit limit = {.rlim_max = RLIM_INFINITY};

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return;
	limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec +
				  1 + CPU_SECONDS);
	/* Should it fail, the limit before holds: safe, at worst too early. */
	(void)prlimit(0, RLIMIT_CPU, &limit, NULL);
}
