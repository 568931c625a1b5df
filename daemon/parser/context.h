/*
 * What the files of the parser share while they read one message: where its
 * bytes are, the record in the making, and how much may still be put into it.
 */
#ifndef LSCPD_PARSER_CONTEXT_H
#define LSCPD_PARSER_CONTEXT_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sha256.h"
#include "parser/parse.h"
#include "wire/record.h"

/* Bounds over the whole of a record; those of one thing are in base/limits.h.
 */
enum {
	BUDGET_TEXT_BYTES = 8 * 1024 * 1024, /* bodies, cells, texts of parts */
	BUDGET_BODY_BYTES =
	    4 * 1024 * 1024, /* decoded, before they are taken apart */
	BUDGET_LINES = 100000,
	BUDGET_SEGMENTS = 20000,
	BUDGET_TABLES = 500,
	PART_TEXT_BYTES = 1024 * 1024, /* of an attached text, for screening */
};

struct context {
	struct arena *arena;
	const char *fallback; /* charset, or NULL */
	GMimeParserOptions *gmime;
	GMimeStream *stream;
	struct record *record;
	struct sha256 *key;
	size_t text_left, body_left, cells_left, segments_left, lines_left;
	size_t unpack_left;
	size_t leaves;        /* seen, those of attached messages too */
	bool header_only;     /* beyond the limits: its body is not looked at */
	bool is_forward;      /* by its subject */
	struct buf *returned; /* text of attached messages, for reports */
};

/* Takes `amount` from what is left of `*budget`; false if it is too much. */
static inline bool
context_try(size_t *budget, size_t amount)
{
	if (amount > *budget)
		return false;
	*budget -= amount;
	return true;
}

/* The same for what belongs to the message itself: too much is over_limit. */
static inline bool
context_take(struct context *ctx, size_t *budget, size_t amount)
{
	bool enough = context_try(budget, amount);

	ctx->record->over_limit = ctx->record->over_limit || !enough;
	return enough;
}

#endif
