#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, enum err_code code, enum err_blame blame,
    const char *format, ...)
{
	va_list args;

	err->code = code;
	err->blame = blame;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}

int
err_system(struct err *err, const char *format, ...)
{
	int saved = errno;
	va_list args;
	char what[300];
	char why[80] = "";

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* The GNU strerror_r may answer without touching the buffer. */
	const char *text = strerror_r(saved, why, sizeof(why));
	return err_set(err,
	    saved == ENOSPC || saved == EDQUOT ? ERR_FULL : ERR_SYSTEM,
	    BLAME_OPERATOR, "%s: %s", what, text);
}
