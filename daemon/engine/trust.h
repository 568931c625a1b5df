/*
 * Is the sender who From says? The answer comes from the mail server's own
 * Authentication-Results (RFC 8601), never from From alone. Only results that
 * the receiving system itself wrote count: those with our authserv-id above
 * the first foreign Received (profile rfc8601), or the topmost ones of
 * Exchange Online, which carry no authserv-id (profile m365).
 */
#ifndef LSCPD_ENGINE_TRUST_H
#define LSCPD_ENGINE_TRUST_H

#include "settings/settings.h"
#include "wire/record.h"

enum proof {
	PROOF_PASSED,
	PROOF_MISSING, /* nothing speaks for the sender */
	PROOF_FAILED,  /* the server says that it is somebody else */
};

/*
 * `exception` is the agency's own rule (dmarc, dkim, spf, confirm; "" where it
 * has none) and takes the place of `trust->require`. `confirm` is never
 * passed: each mail waits for a YES.
 */
enum proof trust_proof(const struct record *record,
    const struct settings_trust *trust, const char *exception);

#endif
