#include "base/io.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
io_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* nothing was written that matters */
	*fd = -1;
	errno = saved;
}

int
io_write_all(int fd, const void *data, size_t bytes, struct err *err)
{
	const char *p = data;

	while (bytes > 0) {
		ssize_t n = write(fd, p, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_system(err, "write");
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

int
io_read_all(int fd, struct buf *buf, struct err *err)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_system(err, "read");
		if (n == 0)
			return 0;
		buf_add(buf, chunk, (size_t)n);
		if (buf->over)
			return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
			    "longer than %zu bytes", buf->max);
	}
}

int
io_read_file(const char *path, struct buf *buf, struct err *err)
{
	int fd CLEANUP(io_close)
	= open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		int missing = errno == ENOENT;
		int code = err_system(err, "%s", path);
		return missing ? (int)(err->code = ERR_NOT_FOUND) : code;
	}
	return io_read_all(fd, buf, err);
}

int
io_close_sync(int fd, struct err *err)
{
	int failed = fsync(fd) != 0 ? err_system(err, "fsync") : 0;

	if (close(fd) != 0 && failed == 0)
		failed = err_system(err, "close");
	return failed;
}

int
io_sync_folder(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_system(err, "%s", path);
	return io_close_sync(fd, err);
}

int
io_replace_file(const char *path, const void *data, size_t bytes,
    struct err *err)
{
	char temp[4096], folder[4096];
	const char *slash = strrchr(path, '/');
	size_t dir = slash == NULL ? 0 : (size_t)(slash - path);

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "the file name is too long");
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)dir,
	    slash == NULL ? "" : path);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_system(err, "%s", temp);
	int failed = io_write_all(fd, data, bytes, err);
	if (failed == 0) {
		failed = io_close_sync(fd, err);
	} else {
		(void)close(fd); /* the write has failed already */
	}
	if (failed == 0 && rename(temp, path) != 0)
		failed = err_system(err, "%s", path);
	if (failed != 0) {
		(void)unlink(temp);
		return failed;
	}
	return io_sync_folder(folder[0] == '\0' ? "." : folder, err);
}

int
io_make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_system(err, "%s", path);
	return 0;
}
