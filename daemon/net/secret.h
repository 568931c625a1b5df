/*
 * A password or client secret, read from where an administrator put it, each
 * time it is needed: a new one counts without a restart. Nothing of it is ever
 * logged.
 */
#ifndef LSCPD_NET_SECRET_H
#define LSCPD_NET_SECRET_H

#include "base/buf.h"
#include "base/err.h"

enum {
	SECRET_BYTES = 4096
};

/*
 * The first line of the file into `secret`, which is wiped by secret_done().
 * ERR_CONFIG where it is missing, empty, or open to others: a file of a
 * person may be read by its owner alone, one in $CREDENTIALS_DIRECTORY by
 * whom systemd lets in.
 */
int secret_read(const char *path, struct buf *ret_secret, struct err *err);
/* The same for a credential that systemd passed: LoadCredential=NAME:… */
int secret_read_credential(const char *name, struct buf *ret_secret,
    struct err *err);
/* Wipes and frees; works as CLEANUP(secret_done). */
void secret_done(struct buf *secret);

#endif
