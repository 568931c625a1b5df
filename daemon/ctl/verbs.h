/*
 * Every verb of lscpctl, by the file of its noun. verbs.c has the table.
 */
#ifndef LSCPD_CTL_VERBS_H
#define LSCPD_CTL_VERBS_H

#include "ctl/ctl.h"

int status_run(struct ctl *ctl, struct err *err);

int inbox_list(struct ctl *ctl, struct err *err);
int inbox_show(struct ctl *ctl, struct err *err);
int inbox_retry(struct ctl *ctl, struct err *err);
int inbox_release(struct ctl *ctl, struct err *err);

int register_import_run(struct ctl *ctl, struct err *err);
int register_export_run(struct ctl *ctl, struct err *err);
int register_show(struct ctl *ctl, struct err *err);

int form_list(struct ctl *ctl, struct err *err);
int form_show(struct ctl *ctl, struct err *err);
int form_check_run(struct ctl *ctl, struct err *err);
int form_template(struct ctl *ctl, struct err *err);

int round_open_run(struct ctl *ctl, struct err *err);
int round_list(struct ctl *ctl, struct err *err);
int round_show(struct ctl *ctl, struct err *err);
int round_close_run(struct ctl *ctl, struct err *err);

int return_list(struct ctl *ctl, struct err *err);
int return_show(struct ctl *ctl, struct err *err);
int return_export(struct ctl *ctl, struct err *err);

int action_list_run(struct ctl *ctl, struct err *err);
int action_show(struct ctl *ctl, struct err *err);

int outbox_list(struct ctl *ctl, struct err *err);
int outbox_show(struct ctl *ctl, struct err *err);
int outbox_retry_run(struct ctl *ctl, struct err *err);
int outbox_hold_run(struct ctl *ctl, struct err *err);
int outbox_release_run(struct ctl *ctl, struct err *err);

int audit_show(struct ctl *ctl, struct err *err);
int backup_run(struct ctl *ctl, struct err *err);
int verify_run(struct ctl *ctl, struct err *err);

#endif
