/* lscpctl audit, backup, verify: is the record whole, and is there a copy. */
#include <stdio.h>

#include "ctl/verbs.h"
#include "store/audit.h"
#include "store/backup.h"

int
audit_show(struct ctl *ctl, struct err *err)
{
	static const char *const columns[] = {"id", "at", "actor", "verb",
	    "ref", "detail", NULL};
	struct view_filter filter = {"ref", VIEW_HAS, ctl->args[0]};
	struct view_query query = {"v_audit", &filter, ctl->arg_count, "id", 0};
	int rows = print_view(ctl, &query, columns, err);

	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

int
backup_run(struct ctl *ctl, struct err *err)
{
	int failed = store_backup(ctl->store, ctl->args[0], err);

	if (failed < 0)
		return ctl_status(failed);
	print_line("backed up to %s", ctl->args[0]);
	return CTL_OK;
}

static void
say_finding(void *ctx, const char *text)
{
	(void)ctx;
	print_line("%s", text);
}

int
verify_run(struct ctl *ctl, struct err *err)
{
	struct verify verify = {.line = say_finding};
	int failed = store_verify(ctl->store, &verify, err);

	if (failed == ERR_DATABASE) /* so damaged that it cannot be read */
		return ctl_say(CTL_NOT_FOUND, "not sound");
	if (failed < 0)
		return ctl_status(failed);
	if (verify.ret_findings > 0)
		return ctl_say(CTL_NOT_FOUND, "not sound: %zu findings",
		    verify.ret_findings);
	print_line("sound: %lld messages, %lld audit rows",
	    (long long)verify.ret_messages, (long long)verify.ret_audit_rows);
	return CTL_OK;
}
