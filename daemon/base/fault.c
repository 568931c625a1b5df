#include "base/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of this point: its line in the log, else counted in here. */
static long
count_point(const char *name)
{
	static long s_count;
	const char *path = getenv("LSCPD_FAULT_LOG");
	char line[FAULT_LINE_BYTES + 1];

	if (path == NULL)
		return ++s_count;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)snprintf(line, sizeof(line), "%-*.*s\n", FAULT_LINE_BYTES - 1,
	    FAULT_LINE_BYTES - 1, name);
	long number = 0;
	if (fd >= 0 && write(fd, line, FAULT_LINE_BYTES) == FAULT_LINE_BYTES)
		number = (long)(lseek(fd, 0, SEEK_CUR) / FAULT_LINE_BYTES);
	if (fd >= 0)
		(void)close(fd); /* a log for tests: a loss shows there */
	return number;
}

void
fault_point(const char *name)
{
	const char *at = getenv("LSCPD_FAULT_AT");

	if (at == NULL && getenv("LSCPD_FAULT_LOG") == NULL)
		return;
	if (at != NULL && count_point(name) == strtol(at, NULL, 10))
		(void)raise(SIGKILL); /* cannot fail for ourselves */
	else if (at == NULL)
		(void)count_point(name);
}
