/*
 * NHS numbers in text: ten digits, plain or as 3-3-4 with spaces (NBSP and
 * thin ones too), dashes or dots between, with a right check digit (modulus
 * 11) and in a range that is in use: 400-499 and 600-708 in England, Wales and
 * the Isle of Man, 999 for tests; any range where "NHS" stands shortly before. A digit at either side, or letters at both,
 * make it part of something else. Used to lock mail away, so the caller never
 * repeats what was found.
 */
#ifndef LSCPD_DOMAIN_NHS_H
#define LSCPD_DOMAIN_NHS_H

#include <stddef.h>

struct nhs_hit {
	size_t offset, bytes; /* in the text */
};

/* The first number at or behind `from`; 1 if there is one, else 0. */
int nhs_find(const char *text, size_t from, struct nhs_hit *ret_hit);

#endif
