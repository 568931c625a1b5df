/*
 * Returns: which form, round and agency a mail is for, what stands already,
 * what it changes, and the answer to it (contract 6, 7 and 13). The handler
 * `return` takes whole mails; short answers and commands come in by the other
 * doors. All of them write inside the caller's savepoint, queue the answer and
 * fill intake->outcome. The sender is of the register and proven.
 */
#ifndef LSCPD_HANDLERS_RETURN_H
#define LSCPD_HANDLERS_RETURN_H

#include "handlers/handler.h"

/*
 * What intake->reading found, as a return. 1 taken, 0 where the mail holds no
 * form (nothing written), or an error.
 */
int return_take(struct intake *intake, struct err *err);

/*
 * Corrections of one return, from lettered problems; what the mail holds
 * besides of the same form counts too. `entries` are borrowed. Returns 1.
 */
int return_amend(struct intake *intake, const struct submission *submission,
    const struct form_entry *entries, size_t count, struct err *err);

/* The command `check`: judge, answer, store nothing. Returns 1. */
int return_rehearse(struct intake *intake, struct err *err);

/*
 * The command `withdraw`, by the sender, a lead or deputy of the agency, or
 * staff; anybody else is told so. Returns 1.
 */
int return_withdraw(struct intake *intake, const struct submission *submission,
    struct err *err);

/* The answer that this return had, once more; outcome duplicate. Returns 1. */
int return_resend(struct intake *intake, const struct submission *submission,
    struct err *err);

#endif
