#include <stdlib.h>
#include <string.h>

#include "handlers/handler.h"

/* Small counts could tell who a child is: others see that there are a few. */
static const char *
shown(const char *tbl, const char *field, const char *value)
{
	char *end;

	if (strcmp(tbl, "indicators") != 0 ||
	    (strcmp(field, "numerator") != 0 &&
		strcmp(field, "denominator") != 0))
		return value;
	double number = strtod(value, &end);
	return *end == '\0' && number > 0 && number < 5 ? "<5" : value;
}

const struct handler handler_performance_return = {
    .name = "performance-return",
    .summary = "figures of a quarter; small counts are shown as <5",
    .shown = shown,
};
