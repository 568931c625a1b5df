#include "engine/bell.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

static const char g_name[] = "lscpd.bell";

/* Through the folder's descriptor: a socket's own path is at most 107 bytes. */
static struct sockaddr_un
address_in(int folder_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
	    "/proc/self/fd/%d/%s", folder_fd, g_name);
	return address;
}

int
bell_open(const char *folder, int *ret_fd, struct err *err)
{
	int dir CLEANUP(io_close)
	= open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd CLEANUP(io_close)
	= socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (dir < 0)
		return err_system(err, "%s", folder);
	if (fd < 0)
		return err_system(err, "%s", g_name);
	if (unlinkat(dir, g_name, 0) != 0 && errno != ENOENT)
		return err_system(err, "%s/%s", folder, g_name);
	struct sockaddr_un address = address_in(dir);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return err_system(err, "%s/%s", folder, g_name);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int
bell_drain(int fd)
{
	char byte;
	int count = 0;

	while (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		count++;
	return count;
}

void
bell_close(const char *folder, int fd)
{
	int dir CLEANUP(io_close)
	= open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		(void)unlinkat(dir, g_name, 0); /* the next one clears it */
	io_close(&fd);
}

void
bell_ring(const char *folder)
{
	int dir CLEANUP(io_close)
	= open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd CLEANUP(io_close)
	= socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (dir < 0 || fd < 0)
		return;
	struct sockaddr_un address = address_in(dir);
	/* Without a daemon there is nobody to wake; a full bell rings. */
	(void)sendto(fd, "", 1, MSG_NOSIGNAL, (struct sockaddr *)&address,
	    sizeof(address));
}
