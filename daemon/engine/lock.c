#include "engine/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

enum {
	PID_TEXT_BYTES = 24
};

/*
 * A lock of the open file description: asked for without taking it, and
 * inherited with the descriptor.
 */
static struct flock
whole_file(void)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int
read_pid(int fd)
{
	char text[PID_TEXT_BYTES] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return (int)strtol(text, NULL, 10);
}

int
lock_take(const char *path, int *ret_fd, struct err *err)
{
	int fd CLEANUP(io_close)
	= open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct flock lock = whole_file();
	char text[PID_TEXT_BYTES];

	if (fd < 0)
		return err_system(err, "%s", path);
	if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return err_system(err, "%s", path);
		return err_set(err, ERR_BUSY, BLAME_OPERATOR,
		    "%s is held by process %d", path, read_pid(fd));
	}
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return err_system(err, "%s", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int
lock_holder(const char *path)
{
	int fd CLEANUP(io_close)
	= open(path, O_RDWR | O_CLOEXEC);
	struct flock lock = whole_file();

	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) != 0 ||
	    lock.l_type == F_UNLCK)
		return 0;
	int pid = read_pid(fd);
	return pid > 0 ? pid : 1; /* taken a moment ago, not written yet */
}
