/*
 * What is due by the clock: the days that are counted anew when a local day
 * begins. Due is a question to the database and the clock, never a timer that
 * can be missed.
 */
#ifndef LSCPD_ENGINE_TIMETABLE_H
#define LSCPD_ENGINE_TIMETABLE_H

#include "engine/engine.h"

/* Do what is due now. */
void timetable_run(struct engine *engine);
/* When the next thing is due, monotonic. */
int64_t timetable_wake_ms(const struct engine *engine);

#endif
