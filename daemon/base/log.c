#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

static const char *g_program = "lscpd";
static enum log_level g_max = LOG_LEVEL_INFO;

void
log_open(const char *program, enum log_level max)
{
	g_program = program;
	g_max = max;
}

void
log_line(enum log_level level, const char *format, ...)
{
	struct buf line CLEANUP(buf_done);
	char text[1000];
	va_list args;

	if (level > g_max)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	buf_init(&line, 4200);
	buf_printf(&line, "<%d>%s: ", level, g_program);
	text_escape_control(&line, text);
	buf_putc(&line, '\n');
	/* One write a line, so that the processes' lines never mix. A log
	 * that cannot be written has nowhere to complain. */
	if (write(STDERR_FILENO, line.data, line.len) < 0)
		return;
}
