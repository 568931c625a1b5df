/*
 * The relationships of an OOXML part (ECMA-376 part 2, 9): how parts find each
 * other. Those that leave the file are not kept.
 */
#ifndef LSCPD_PARSER_RELATIONS_H
#define LSCPD_PARSER_RELATIONS_H

#include "parser/package.h"

struct relation {
	const char *id;
	const char *type; /* the last word of it: worksheet, styles */
	const char *part; /* name in the package */
};

struct relations {
	struct relation *items; /* in the package's arena */
	size_t count;
};

/* Of `part`, "" for the package itself. Empty where there are none. */
void relations_read(struct package *p, const char *part,
    struct relations *ret_relations);
/* Name of the part; NULL. */
const char *relations_by_type(const struct relations *r, const char *type);
const char *
relations_by_id(const struct relations *r, const char *id, const char *type);

#endif
