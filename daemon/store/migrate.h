/*
 * Bringing a database to the schema of this program: numbered steps, forward
 * only. Called by store_open() alone.
 */
#ifndef LSCPD_STORE_MIGRATE_H
#define LSCPD_STORE_MIGRATE_H

#include "store/sql.h"

struct schema {
	const char *const *steps; /* step n makes schema n + 1 out of n */
	int count;
};

/* The schema of this program. */
struct schema schema_current(void);
/*
 * A new file gets all steps and an instance; an older one is copied to
 * PATH.before-N first; ERR_CONFIG for a newer one or one that is not ours.
 */
int migrate_run(struct store *store, struct schema schema, struct err *err);
/* For readers, which change nothing: ERR_CONFIG unless it is this schema. */
int migrate_check(struct store *store, struct schema schema, struct err *err);

#endif
