#include "engine/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

enum {
	NOTIFY_BYTES = 1000,
	US_PER_MS = 1000,
	DECIMAL = 10,
};

bool
notify_is_wanted(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

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

static int64_t
asked_watchdog_ms(void)
{
	const char *wanted = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (wanted == NULL ||
	    (pid != NULL && strtol(pid, NULL, DECIMAL) != (long)getpid()))
		return 0;
	return strtoll(wanted, NULL, DECIMAL) / US_PER_MS / 2;
}

void
watchdog_init(struct watchdog *watchdog)
{
	*watchdog = (struct watchdog){.every_ms = asked_watchdog_ms()};
}

void
watchdog_feed(struct watchdog *watchdog)
{
	int64_t now_ms = clock_mono_ms();

	if (watchdog->every_ms == 0 || now_ms < watchdog->due_ms)
		return;
	watchdog->due_ms = now_ms + watchdog->every_ms;
	notify_send("WATCHDOG=1");
}

int64_t
watchdog_wake_ms(const struct watchdog *watchdog)
{
	return watchdog->every_ms == 0 ? INT64_MAX : watchdog->due_ms;
}
