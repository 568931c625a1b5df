#include "net/resolve.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum {
	HOST_BYTES = 256,
	MS = 1000,
	NS = 1000000,
};

/* All that a look-up needs, since it may outlive our patience. */
struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	char host[HOST_BYTES], port[12];
};

static struct lookup *
lookup_new(const char *host, int port)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	BUG_ON(lookup == NULL);
	(void)snprintf(lookup->host, sizeof(lookup->host), "%s", host);
	(void)snprintf(lookup->port, sizeof(lookup->port), "%d", port);
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->hints.ai_flags = AI_ADDRCONFIG;
	/* Of numbers too: 127.0.0.1 needs no interface besides lo. */
	if (strspn(host, "0123456789.:abcdefABCDEF") == strlen(host))
		lookup->hints.ai_flags = 0;
	lookup->request = (struct gaicb){.ar_name = lookup->host,
	    .ar_service = lookup->port,
	    .ar_request = &lookup->hints};
	return lookup;
}

static int
wait_for(struct lookup *lookup, int timeout_s)
{
	const struct gaicb *const list[] = {&lookup->request};
	int64_t end_ms = clock_mono_ms() + timeout_s * (int64_t)MS;
	int code;

	while ((code = gai_error(&lookup->request)) == EAI_INPROGRESS) {
		int64_t left = end_ms - clock_mono_ms();
		if (left <= 0)
			return EAI_INPROGRESS;
		struct timespec wait = {left / MS, left % MS * NS};
		(void)gai_suspend(list, 1, &wait); /* asked again above */
	}
	return code;
}

int
resolve_host(const char *host, int port, int timeout_s,
    struct addrinfo **ret_all, struct err *err)
{
	struct lookup *lookup = lookup_new(host, port);
	struct gaicb *list[] = {&lookup->request};
	int code = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);

	if (code == 0)
		code = wait_for(lookup, timeout_s);
	if (code == 0) {
		*ret_all = lookup->request.ar_result;
		free(lookup);
		return 0;
	}
	/* What cannot be cancelled still writes there: it is left to it. */
	if (code != EAI_INPROGRESS ||
	    gai_cancel(&lookup->request) == EAI_CANCELED)
		free(lookup);
	return err_set(err, ERR_CLOSED, BLAME_OPERATOR,
	    "the address of %.100s cannot be found: %s", host,
	    code == EAI_INPROGRESS ? "no answer in time" : gai_strerror(code));
}
