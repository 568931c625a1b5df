#include "engine/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

enum {
	NOTIFY_BYTES = 1000,
	US_PER_MS = 1000
};

void
notify_send(const char *format, ...)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	char text[NOTIFY_BYTES];
	va_list args;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract name space */
	socklen_t len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int fd CLEANUP(io_close)
	= socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0) /* a manager that does not listen is not our trouble */
		(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		    (struct sockaddr *)&address, len);
}

int64_t
notify_watchdog_ms(void)
{
	const char *wanted = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (wanted == NULL ||
	    (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoll(wanted, NULL, 10) / US_PER_MS / 2;
}
