/*
 * An attached file that is a zip of parts, as workbooks and Word files are:
 * opened from memory, looked at for what no honest file has, and its parts
 * unpacked piece by piece within a budget over the whole message. The
 * directory at the end of the file alone says what is in it; sizes that it
 * claims are not believed.
 *
 * The first thing that is wrong ends the reading: it leaves a verdict, and
 * words for the sender.
 */
#ifndef LSCPD_PARSER_PACKAGE_H
#define LSCPD_PARSER_PACKAGE_H

#include <zip.h>

#include "parser/context.h"

struct package {
	struct context *ctx;
	struct arena *arena; /* of this file; freed with it */
	zip_t *archive;
	enum record_verdict verdict; /* PART_READ unless something is wrong */
	const char *reason;          /* in ctx->arena; "" */
	struct record_table *tables; /* in ctx->arena: what was read */
	size_t table_count;
	size_t begun; /* tables, those without rows too */
};

/* Never fails, but may be stopped from birth. package_done() afterwards. */
void
package_open(struct package *p, struct context *ctx, const struct buf *file);
void package_done(struct package *p);

bool package_stopped(const struct package *p);
/* Only the first call counts. `reason` may be "". */
void package_stop(struct package *p, enum record_verdict verdict,
    const char *reason);

bool package_has(const struct package *p, const char *name);

struct table_maker;

/* A table of the file; beyond LIMIT_SHEETS one that takes nothing. */
void package_begin(struct package *p, struct table_maker *maker,
    enum record_table_kind kind, const char *name);
/* Ends the table, and keeps it if it has rows; its reason may become ours. */
void package_add(struct package *p, struct table_maker *maker);

/* The words of a document beside its tables become the part's text. */
void package_keep_text(struct package *p, struct record_part *part,
    const struct buf *text);

/* False to stop early, which is no fault. */
typedef bool (*package_take_fn)(void *arg, const char *data, size_t bytes);

/*
 * Unpacks one part into `take`. ERR_NOT_FOUND without such a part (nothing is
 * stopped by that); ERR_INPUT if the package is stopped.
 */
int package_read(struct package *p, const char *name, package_take_fn take,
    void *arg);

#endif
