#include "base/macros.h"

#include <stdio.h>
#include <stdlib.h>

void
bug_stop(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "<2>bug at %s:%d: %s\n", file, line, what);
	abort();
}
