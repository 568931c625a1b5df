#include "base/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum {
	PROBLEM_LINE_BYTES = 1000
};

void
problems_init(struct problems *problems)
{
	buf_init(&problems->text, PROBLEMS_TEXT_BYTES);
	problems->count = 0;
}

void
problems_done(struct problems *problems)
{
	buf_done(&problems->text);
	problems->count = 0;
}

void
problems_add(struct problems *problems, const char *file, int line,
    const char *format, ...)
{
	char words[PROBLEM_LINE_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	problems->count++;
	text_escape_control(&problems->text, file);
	if (line > 0)
		buf_printf(&problems->text, ":%d", line);
	buf_puts(&problems->text, ": ");
	text_escape_control(&problems->text, words);
	buf_putc(&problems->text, '\n');
}

void
problems_add_line(struct problems *problems, const char *line)
{
	problems->count++;
	text_escape_control(&problems->text, line);
	buf_putc(&problems->text, '\n');
}

void
problems_add_err(struct problems *problems, const char *file,
    const struct err *err, const char *advice)
{
	const char *said = err->text;
	size_t n = strlen(file);

	if (strncmp(said, file, n) == 0 && strncmp(said + n, ": ", 2) == 0)
		said += n + 2;
	problems_add(problems, file, 0, "%s; %s", said, advice);
}

void
problems_log(const struct problems *problems)
{
	const char *line = buf_text(&problems->text);

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		log_error("%.*s", (int)len, line);
		line += len;
		line += *line == '\n';
	}
}
