/*
 * Workbooks for letters and files: a form with what the partnership and the
 * register say of it. Requests, templates, receipts and lscpctl are the
 * callers.
 */
#ifndef LSCPD_HANDLERS_WORKBOOKS_H
#define LSCPD_HANDLERS_WORKBOOKS_H

#include "forms/workbook.h"
#include "handlers/handler.h"

/* Whose it is, and who is asked; NULL and DAY_NONE for what there is not. */
struct workbook_whom {
	const struct agency *agency;
	const struct contact *person;
	int32_t due_day;
};

/*
 * Make the file, in the desk's arena. Of `workbook` all but head, lists and
 * made_at is read; a blank without answers gets those that the form wants in
 * place already, as far as the register knows them. It is called after the
 * form and the agency's code, a copy after the return's reference.
 */
int workbooks_make(struct desk *desk, const struct workbook *workbook,
    const struct workbook_whom *whom, struct compose_file *ret_file,
    struct err *err);

#endif
