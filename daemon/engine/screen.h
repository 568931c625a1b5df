/*
 * The screen: does a message hold a child's NHS number, anywhere that we can
 * read? Subject, all text with its quotes, file names, tables, text files. The
 * number itself never leaves this module.
 */
#ifndef LSCPD_ENGINE_SCREEN_H
#define LSCPD_ENGINE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "wire/record.h"

enum {
	SCREEN_PLACES = 10
}; /* named at most */

struct screen {
	bool hit;
	/* Where, in words for the sender; file names that hold a number
	 * themselves are left out. */
	const char *places[SCREEN_PLACES];
	size_t place_count;
};

void screen_record(struct arena *arena, const struct record *record,
    struct screen *ret_screen);

#endif
