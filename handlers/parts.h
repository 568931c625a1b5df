/*
 * The files that came with a message, in words for a person: what became of
 * each. The receipt and `lscpctl return show` say the same.
 */
#ifndef LSCPD_HANDLERS_PARTS_H
#define LSCPD_HANDLERS_PARTS_H

#include <jansson.h>

#include "handlers/handler.h"

/* "read", "kept as proof. We did not look inside it.", "kept, but it is locked
 * with a password. Open it …" */
const char *
part_verdict_words(struct arena *arena, const struct record_part *part);

/* Should have been read, or cannot be yet: why, and what the sender can do.
 * False for a file that is simply kept, or was read. */
struct part_trouble {
	const char *why, *fix;
};

bool part_has_trouble(const struct record_part *part,
    struct part_trouble *ret_trouble);

/* Did what came with them find its place? */
enum parts_use {
	PARTS_FILED,
	PARTS_LOOSE, /* nothing was kept that they could belong to */
};

/* [{"name", "verdict"}] for letters, in the message's order. */
json_t *parts_values(const struct intake *intake, enum parts_use use);
/* [{"name", "why", "fix"}]: what could not be read, a share link too. */
json_t *parts_troubles(const struct intake *intake);

/* Sentences about files that may hold answers, but were not looked into. */
json_t *parts_notes(const struct intake *intake);
/* What to do instead of a link to a shared file; NULL without one. */
const char *parts_link_note(const struct intake *intake);

/* Is nothing attached but forms that were read (and logos)? */
bool parts_are_forms(const struct intake *intake);
/* A file that somebody attached as proof: no form that was read, no logo, no
 * signature, no locked thing. */
bool parts_is_evidence(const struct intake *intake, size_t part);

/* Keep the parts beside the message's row. */
int parts_store(const struct intake *intake, struct err *err);

#endif
