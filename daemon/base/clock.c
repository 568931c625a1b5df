#include "base/clock.h"

#include <time.h>

static int64_t
clock_real(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
	return now.tv_sec;
}

void
clock_init(struct clock *clock)
{
	clock->offset_s = 0;
}

void
clock_init_at(struct clock *clock, int64_t now_at)
{
	clock->offset_s = now_at - clock_real();
}

int64_t
clock_now(const struct clock *clock)
{
	return clock_real() + clock->offset_s;
}

int64_t
clock_mono_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail */
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}
