#include "net/distrust.h"

#include <gnutls/x509.h>
#include <string.h>

#include "base/buf.h"

enum {
	NAME_BYTES = 256,
	NAMES = 5, /* of which a person is told */
	NAMES_BYTES = 200,
};

/* What a status means and what helps; the first that holds is told. */
static const struct {
	unsigned int status;
	const char *words;
} g_reasons[] = {
    {GNUTLS_CERT_EXPIRED, "it has expired; the server needs a new one"},
    {GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet; is the clock right?"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND,
	"its issuer is unknown here; if the authority is your own, name its "
	"certificate in ca-file"},
    {GNUTLS_CERT_UNEXPECTED_OWNER,
	"the name in the certificate does not match; write a name that it "
	"bears into the url"},
    {GNUTLS_CERT_REVOKED, "it was revoked; the server needs a new one"},
};

static void
add_name(struct buf *names, gnutls_x509_crt_t certificate, unsigned int number)
{
	char name[NAME_BYTES];
	size_t bytes = sizeof(name) - 1;
	int kind = gnutls_x509_crt_get_subject_alt_name(certificate, number,
	    name, &bytes, NULL);

	if (kind != GNUTLS_SAN_DNSNAME)
		return;
	name[bytes] = '\0';
	buf_puts(names, names->len == 0 ? ": " : ", ");
	buf_puts(names, name);
}

/* The names that the server's certificate bears, as far as it has any. */
static void
list_names(gnutls_session_t tls, struct buf *names)
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(tls, &count);
	gnutls_x509_crt_t certificate = NULL;

	if (count == 0 || gnutls_x509_crt_init(&certificate) != 0)
		return;
	if (gnutls_x509_crt_import(certificate, &chain[0],
		GNUTLS_X509_FMT_DER) == 0)
		for (unsigned int i = 0; i < NAMES; i++)
			add_name(names, certificate, i);
	gnutls_x509_crt_deinit(certificate);
}

int
distrust_say(gnutls_session_t tls, const char *host, struct err *err)
{
	unsigned int status = gnutls_session_get_verify_cert_status(tls);
	const char *words = "it does not verify";
	struct buf names CLEANUP(buf_done);

	buf_init(&names, NAMES_BYTES);
	for (size_t i = 0; i < COUNT_OF(g_reasons); i++)
		if ((status & g_reasons[i].status) != 0) {
			words = g_reasons[i].words;
			break;
		}
	if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0)
		list_names(tls, &names);
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "the certificate of %.100s is not to be trusted: %s%s", host, words,
	    buf_text(&names));
}
