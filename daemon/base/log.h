/*
 * The log: one line an event on stderr with a journal priority prefix
 * (`<6>lscpd: text`). Whatever came by mail is made harmless here: control
 * characters, and bytes that are not UTF-8, are written as \xNN. A line is at
 * most 1,000 bytes long.
 */
#ifndef LSCPD_BASE_LOG_H
#define LSCPD_BASE_LOG_H

#include "base/macros.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* `program` must outlive the process; lines above `max` are dropped. */
void log_open(const char *program, enum log_level max);
void log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
