/*
 * Takes mail over TLS as fast as it comes and keeps none: a server that is no
 * bottleneck. One thread a connection, TLS from the first byte.
 *
 *     smtp_sink CERTIFICATE KEY LOG
 *
 * Prints its port, ends with its standard input. LOG gets a line for each
 * mail: the microsecond (CLOCK_MONOTONIC) of its 250, its recipient and what
 * it answers; and a line `session` for each handshake.
 */
#include <sys/socket.h>

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_BYTES = 64 * 1024,
	LINE_BYTES = 1200,
};

struct session {
	gnutls_session_t tls;
	char data[READ_BYTES], line[LINE_BYTES];
	size_t at, have;
	char recipient[LINE_BYTES], answers[LINE_BYTES];
};

static gnutls_certificate_credentials_t s_credentials;
static FILE *s_log;

static void
must(bool is_good, const char *what)
{
	if (is_good)
		return;
	perror(what);
	exit(1);
}

static bool
fill(struct session *s)
{
	ssize_t n;

	do
		n = gnutls_record_recv(s->tls, s->data, sizeof(s->data));
	while (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_AGAIN);
	s->at = 0;
	s->have = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next line without its end, cut where it is too long. */
static bool
read_line(struct session *s)
{
	size_t length = 0;

	for (;;) {
		if (s->at == s->have && !fill(s))
			return false;
		char *from = s->data + s->at;
		char *end = memchr(from, '\n', s->have - s->at);
		size_t n = end == NULL ? s->have - s->at : (size_t)(end - from);
		size_t room = sizeof(s->line) - 1 - length;
		memcpy(s->line + length, from, n < room ? n : room);
		length += n < room ? n : room;
		s->at += n + (end != NULL);
		if (end != NULL)
			break;
	}
	if (length > 0 && s->line[length - 1] == '\r')
		length--;
	s->line[length] = '\0';
	return true;
}

static bool
say(struct session *s, const char *text)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line), "%s\r\n", text);

	return gnutls_record_send(s->tls, line, (size_t)n) == n;
}

static void
note(const struct session *s)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)fprintf(s_log, "%lld\t%s\t%s\n",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, s->recipient,
	    s->answers);
	(void)fflush(s_log);
}

static bool
take_mail(struct session *s)
{
	static const char field[] = "In-Reply-To:";
	bool in_head = true, is_next = false;

	s->answers[0] = '\0';
	if (!say(s, "354 go ahead"))
		return false;
	while (read_line(s) && strcmp(s->line, ".") != 0) {
		in_head &= s->line[0] != '\0';
		if (in_head &&
		    strncasecmp(s->line, field, sizeof(field) - 1) == 0)
			strcpy(s->answers, s->line + sizeof(field) - 1);
		else if (in_head && s->answers[0] == '\0' && is_next)
			strcpy(s->answers, s->line);
		is_next =
		    s->answers[0] == '\0' && strcasecmp(s->line, field) == 0;
	}
	if (!say(s, "250 2.0.0 taken"))
		return false;
	note(s);
	return true;
}

static bool
obey(struct session *s)
{
	if (strncasecmp(s->line, "EHLO", 4) == 0)
		return say(s, "250-localhost\r\n250-8BITMIME\r\n"
			      "250-PIPELINING\r\n250 SIZE 100000000");
	if (strncasecmp(s->line, "DATA", 4) == 0)
		return take_mail(s);
	if (strncasecmp(s->line, "QUIT", 4) == 0) {
		(void)say(s, "221 bye");
		return false;
	}
	if (strncasecmp(s->line, "RCPT", 4) == 0)
		strcpy(s->recipient, s->line);
	return say(s, "250 2.0.0 ok");
}

static void *
serve(void *ctx)
{
	struct session *s = calloc(1, sizeof(*s));
	int sock = (int)(intptr_t)ctx;

	must(s != NULL && gnutls_init(&s->tls, GNUTLS_SERVER) == 0, "session");
	(void)gnutls_set_default_priority(s->tls);
	(void)gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
	    s_credentials);
	gnutls_transport_set_int(s->tls, sock);
	if (gnutls_handshake(s->tls) == 0 && say(s, "220 localhost")) {
		(void)fprintf(s_log, "session\n");
		(void)fflush(s_log);
		while (read_line(s) && obey(s))
			continue;
	}
	gnutls_deinit(s->tls);
	(void)close(sock);
	free(s);
	return NULL;
}

static int
open_port(void)
{
	struct sockaddr_in place = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(place);
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	must(sock >= 0 &&
		 bind(sock, (struct sockaddr *)&place, sizeof(place)) == 0 &&
		 listen(sock, 64) == 0 &&
		 getsockname(sock, (struct sockaddr *)&place, &bytes) == 0,
	    "listen");
	printf("%d\n", ntohs(place.sin_port));
	(void)fflush(stdout);
	return sock;
}

static void *
wait_for_end(void *ctx)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	(void)ctx;
	exit(0);
}

int
main(int argc, char **argv)
{
	int one = 1;
	pthread_t thread;

	must(argc == 4, "smtp_sink CERTIFICATE KEY LOG");
	must(gnutls_certificate_allocate_credentials(&s_credentials) == 0 &&
		 gnutls_certificate_set_x509_key_file(s_credentials, argv[1],
		     argv[2], GNUTLS_X509_FMT_PEM) == 0,
	    "certificate");
	s_log = fopen(argv[3], "we");
	must(s_log != NULL, argv[3]);
	int sock = open_port();
	must(pthread_create(&thread, NULL, wait_for_end, NULL) == 0, "thread");
	for (;;) {
		int client = accept(sock, NULL, NULL);
		must(client >= 0, "accept");
		(void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
		must(pthread_create(&thread, NULL, serve,
			 (void *)(intptr_t)client) == 0,
		    "thread");
		(void)pthread_detach(thread);
	}
}
