#include "domain/workday.h"

#include <stdlib.h>

#include "base/date.h"

static int
compare_days(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

bool
workday_is(const struct holidays *holidays, int32_t day)
{
	if (date_weekday(day) > 4)
		return false;
	return holidays->count == 0 ||
	       bsearch(&day, holidays->days, holidays->count, sizeof(day),
		   compare_days) == NULL;
}

int32_t
workday_add(const struct holidays *holidays, int32_t day, int count)
{
	int step = count < 0 ? -1 : 1;

	if (count == 0)
		while (!workday_is(holidays, day))
			day++;
	while (count != 0) {
		day += step;
		if (workday_is(holidays, day))
			count -= step;
	}
	return day;
}

int
workday_between(const struct holidays *holidays, int32_t from_day,
    int32_t to_day)
{
	int count = 0;

	if (to_day < from_day)
		return -workday_between(holidays, to_day, from_day);
	for (int32_t day = from_day + 1; day <= to_day; day++)
		count += workday_is(holidays, day);
	return count;
}
