/*
 * Child programs: started with nothing but what they need, and dead when
 * their parent dies. The child has /dev/null as input and output, our stderr,
 * its end of a SOCK_STREAM pair on descriptor 3, one inherited descriptor on 4
 * (a lock), and nothing else open; a clean signal mask; SIGINT, SIGTERM and
 * SIGHUP ignored, since it ends when its socket does.
 */
#ifndef LSCPD_BASE_PROC_H
#define LSCPD_BASE_PROC_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct proc {
	pid_t pid; /* 0: none */
	int pidfd; /* readable once it has ended; -1 */
	int sock;  /* our end, non-blocking, close-on-exec; -1 */
};

/*
 * `path` of the program, `keep_fd` (or -1) what it inherits as 4. That the
 * program cannot be executed shows as exit status 127.
 */
int proc_spawn(const char *path, int keep_fd, struct proc *ret_proc,
    struct err *err);
/*
 * The program `name` in the folder of our own program, in libexec/lscpd beside
 * that, or in `otherwise`.
 */
int proc_find(const char *name, const char *otherwise, char *ret_path,
    size_t path_bytes, struct err *err);
void proc_close_socket(struct proc *proc);
void proc_kill(const struct proc *proc);
/*
 * Has it ended? Waits at most `wait_ms` (0: no wait). 1 once reaped (the
 * struct is empty then), with `status` as waitpid() gives it; 0 if it runs.
 */
int proc_reap(struct proc *proc, int wait_ms, int *ret_status);
/* "killed by signal 11 (Segmentation fault)", "ended with status 1". */
void proc_status_text(int status, char *ret_text, size_t text_bytes);

#endif
