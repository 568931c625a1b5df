/*
 * A consistent copy of the database in one file, while the daemon runs.
 */
#ifndef LSCPD_STORE_BACKUP_H
#define LSCPD_STORE_BACKUP_H

#include "store/db.h"

/* Into PATH.new, synced, renamed to PATH; not inside a transaction. */
int store_backup(struct store *store, const char *path, struct err *err);

#endif
