/*
 * Many returns of one form in one mail: a trust's or a council's file with a
 * row for each school, or a workbook with a sheet for each agency. Each is
 * filed or comes back on its own, by the same steps as one that came alone,
 * in a savepoint of its own; one answer tells what became of all of them, with
 * a list attached. Called by return.c, and by reading.c for the question
 * below.
 */
#ifndef LSCPD_HANDLERS_RETURN_BULK_H
#define LSCPD_HANDLERS_RETURN_BULK_H

#include "handlers/handler.h"

/* Does the mail answer one of ours that was about many? Then a row of it
 * corrects what stands. */
bool return_bulk_is_thread(const struct intake *intake);

/*
 * All of intake->reading.bulk; a rehearsal undoes each again. Fills the
 * outcome and queues the answer. Returns 1, or an error that undoes the mail:
 * what is wrong with one of them never does.
 */
int return_bulk(struct intake *intake, struct err *err);

#endif
