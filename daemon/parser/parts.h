/*
 * What an attached part is, from its type, its name and its first bytes, and
 * what becomes of it.
 */
#ifndef LSCPD_PARSER_PARTS_H
#define LSCPD_PARSER_PARTS_H

#include "parser/leaf.h"

enum part_kind {
	KIND_OTHER = 0,
	KIND_CSV,
	KIND_TEXT, /* shown to nobody, but screened */
	KIND_HTML,
	KIND_JSON,
	KIND_WORKBOOK,
	KIND_WORD, /* most often evidence: a policy, a plan */
	KIND_OLD_OFFICE,
	KIND_WINMAIL,
	KIND_CALENDAR,
	KIND_ENCRYPTED, /* these three by type or name alone */
	KIND_LABELLED,
	KIND_WRAPPED,
	KIND_SIGNATURE,
};

/* `type` in lower case, `name` decoded. */
enum part_kind parts_kind(const char *type, const char *name);
/* How much of its content parts_judge() wants to see. */
size_t parts_keep_bytes(enum part_kind kind);
bool parts_says_macros(const char *type, const char *name);

/*
 * Verdict, text and tables of a part that stands in ctx->record->parts.
 * `label` is its declared charset or NULL.
 */
void parts_judge(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label);

#endif
