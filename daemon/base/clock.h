/*
 * Time. The wall clock is a value that is passed in, read once per turn of a
 * loop, so that tests and rehearsals can set it; the monotonic clock serves
 * timeouts only. Nothing else in the project asks the system what time it is.
 */
#ifndef LSCPD_BASE_CLOCK_H
#define LSCPD_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t offset_s; /* virtual minus real time; 0 for the real clock */
};

/* The real clock. */
void clock_init(struct clock *clock);
/* A clock that says `now_at` this moment and runs on from there. */
void clock_init_at(struct clock *clock, int64_t now_at);
/* Seconds since 1970 UTC. */
int64_t clock_now(const struct clock *clock);
/* Milliseconds of a clock that never jumps; only differences mean anything. */
int64_t clock_mono_ms(void);
/* The same in microseconds, as systemd wants to be told. */
int64_t clock_mono_us(void);

#endif
