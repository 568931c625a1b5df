/*
 * The bank holidays file: JSON as gov.uk publishes it, of which the events of
 * england-and-wales count. Read once at start by settings_load(); inside the
 * room settings only.
 */
#ifndef LSCPD_SETTINGS_HOLIDAYS_H
#define LSCPD_SETTINGS_HOLIDAYS_H

#include "base/arena.h"
#include "base/problems.h"
#include "domain/workday.h"

/* What is wrong goes to `problems`; `ret_holidays` then holds what is right. */
void holidays_load(struct arena *arena, const char *path,
    struct problems *problems, struct holidays *ret_holidays);

#endif
