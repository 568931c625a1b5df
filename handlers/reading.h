/*
 * Which form a message is, and what it says of it: found before trust, so
 * nothing here depends on who may do what. Contract 6, "Which form, round,
 * agency".
 */
#ifndef LSCPD_HANDLERS_READING_H
#define LSCPD_HANDLERS_READING_H

#include "handlers/handler.h"

/*
 * Fill intake->reading from intake->record and intake->thread. A frozen
 * definition is used where the thread or text names a round or a submission.
 */
int reading_make(struct intake *intake, struct err *err);

/*
 * A definition as it was when a round opened with that version, else today's
 * (version 0: today's). `*ret_form` is NULL where there is none.
 */
int reading_definition(struct desk *desk, const char *name, int version,
    const struct form **ret_form, struct err *err);

#endif
