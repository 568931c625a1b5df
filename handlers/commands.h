/*
 * Commands by mail (contract 6): each answers, fills the outcome and returns 1,
 * or an error. Shared by the files command*.c and by short answers.
 */
#ifndef LSCPD_HANDLERS_COMMANDS_H
#define LSCPD_HANDLERS_COMMANDS_H

#include "handlers/handler.h"

/* `text` is what stands behind the word, trimmed; "". */
typedef int (*command_fn)(struct intake *, const char *, struct err *);

int command_help(struct intake *intake, const char *text, struct err *err);
int command_template(struct intake *intake, const char *text, struct err *err);
int command_mine(struct intake *intake, const char *text, struct err *err);
int command_status(struct intake *intake, const char *text, struct err *err);
int command_check(struct intake *intake, const char *text, struct err *err);
int command_withdraw(struct intake *intake, const char *text, struct err *err);

/* The list of forms, with a sentence in front ("" for none). */
int
command_list_forms(struct intake *intake, const char *note, struct err *err);

/* Queue the letter of a command (kind notice unless set) and end. */
int command_answer(struct intake *intake, struct letter *letter,
    const json_t *values, struct err *err);

#endif
