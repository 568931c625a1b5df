#include <string.h>

#include "net/distrust.h"
#include "net/stream_state.h"

static int
read_trust(struct stream *stream, struct err *err)
{
	const char *file = stream->settings->ca_file;
	int n;

	BUG_ON(gnutls_certificate_allocate_credentials(&stream->trust) != 0);
	if (file[0] == '\0')
		n = gnutls_certificate_set_x509_system_trust(stream->trust);
	else
		n = gnutls_certificate_set_x509_trust_file(stream->trust, file,
		    GNUTLS_X509_FMT_PEM);
	if (n > 0)
		return 0;
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "no authority's certificate can be read from %.200s%s%s",
	    file[0] == '\0' ? "the system's store" : file, n < 0 ? ": " : "",
	    n < 0 ? gnutls_strerror(n) : "");
}

static bool
is_ip_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	       strspn(host, "0123456789.") == strlen(host);
}

static void
prepare_session(struct stream *stream)
{
	const char *host = stream->settings->host;

	BUG_ON(gnutls_init(&stream->tls,
		   GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0);
	BUG_ON(gnutls_priority_set_direct(stream->tls,
		   "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1", NULL) != 0);
	BUG_ON(gnutls_credentials_set(stream->tls, GNUTLS_CRD_CERTIFICATE,
		   stream->trust) != 0);
	if (!is_ip_address(host)) /* which the extension cannot carry */
		(void)gnutls_server_name_set(stream->tls, GNUTLS_NAME_DNS, host,
		    strlen(host));
	gnutls_session_set_verify_cert(stream->tls, host, 0);
	gnutls_transport_set_int(stream->tls, stream->fd);
}

static int
shake_hands(struct stream *stream)
{
	int code;

	while (stream_is_again(code = gnutls_handshake(stream->tls)))
		if (stream_wait_tls(stream) != 0)
			return GNUTLS_E_TIMEDOUT;
	return code;
}

int
stream_start_tls(struct stream *stream, struct err *err)
{
	int code = read_trust(stream, err);

	if (code != 0)
		return code;
	prepare_session(stream);
	code = shake_hands(stream);
	if (code == 0)
		return 0;
	if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
		stream->dead = true;
		return distrust_say(stream->tls, stream->settings->host, err);
	}
	(void)stream_give_up(stream, "%s", gnutls_strerror(code));
	return err_set(err, ERR_CLOSED, BLAME_OPERATOR,
	    "TLS with %.100s port %d: %s", stream->settings->host,
	    stream->settings->port, stream->why);
}
