/*
 * Does a human's text read as a concern about a child at risk? A table of
 * patterns, sentence by sentence: what somebody says about a child fires;
 * the prose of the trade (policies, training, our own footer) does not.
 */
#ifndef LSCPD_DOMAIN_CONCERN_H
#define LSCPD_DOMAIN_CONCERN_H

#include <stdbool.h>

#include "base/arena.h"

/* `text`: new text that is no field's value, or a subject. */
bool concern_reads(struct arena *arena, const char *text);

#endif
