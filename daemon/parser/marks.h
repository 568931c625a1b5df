/*
 * The marks that mail programs leave in text: how an older mail begins, how a
 * signature begins. marks_prepare() apart, each function looks at lines and
 * changes nothing.
 */
#ifndef LSCPD_PARSER_MARKS_H
#define LSCPD_PARSER_MARKS_H

#include "parser/lines.h"

enum marks_kind {
	MARKS_NONE = 0,
	MARKS_ATTRIBUTION, /* On … wrote: */
	MARKS_HEADERS,     /* From: Sent: To: Subject:, -----Original… */
	MARKS_FORWARD,     /* ---------- Forwarded message */
};

struct marks_opening {
	enum marks_kind kind;
	size_t lines; /* that belong to it */
};

/* Once for all lines, before any other of these functions. */
void marks_prepare(struct lines *lines);
/* Does an older mail begin at line `i`? */
struct marks_opening marks_opening(const struct lines *lines, size_t i);

bool marks_signature(const char *text); /* `-- `, lone */
bool marks_sent_from(const char *text); /* Sent from my iPhone */
bool marks_closing(const char *text);   /* Kind regards, */
/* Could be part of a form or a short answer: `Score: 2`, `== 2 ==`. */
bool marks_answer(const char *text);
/* The footer that a mailing list adds begins at line `i`. */
bool marks_list_footer(const struct lines *lines, size_t i);

#endif
