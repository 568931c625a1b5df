/* lscpctl outbox: mails on their way out, and staff's word about them. */
#include "store/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/verbs.h"

int
outbox_list(struct ctl *ctl, struct err *err)
{
	static const char *const columns[] = {"id", "kind", "ref", "recipient",
	    "subject", "state", "attempts", "queued_at", "last_error", NULL};
	static const char *const states[] = {"queued", "sending", "sent",
	    "failed", "in_doubt", "held", NULL};
	const char *state = ctl_option(ctl, "state");
	struct view_filter filter = {"state", VIEW_IS, state};
	struct view_query query = {"v_outbox", &filter, state == NULL ? 0 : 1,
	    "id", 0};

	if (ctl_word("state", state, states) != CTL_OK)
		return CTL_USAGE;
	int rows = print_view(ctl, &query, columns, err);
	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

static int64_t
mail_id(const struct ctl *ctl)
{
	char *end;

	errno = 0;
	int64_t id = strtoll(ctl->args[0], &end, 10);
	if (*end != '\0' || errno != 0 || id <= 0) {
		(void)ctl_say(CTL_USAGE, "%s is no number of a mail",
		    ctl->args[0]);
		return 0;
	}
	return id;
}

int
outbox_show(struct ctl *ctl, struct err *err)
{
	struct view_filter filter = {"id", VIEW_IS, ctl->args[0]};
	struct view_query query = {"v_outbox", &filter, 1, NULL, 1};
	const char *text = "";
	json_t *object;
	int64_t id = mail_id(ctl);

	if (id == 0)
		return CTL_USAGE;
	int found = view_object(ctl, &query, &object, err);
	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no mail %s",
		    ctl->args[0]);
	if (found > 0)
		found = outbox_text(ctl->store, ctl->arena, id, &text, err);
	if (found < 0)
		return ctl_status(found);
	if (ctl->json) {
		(void)json_object_set_new(object, "text", json_string(text));
		print_object(ctl, object);
		return CTL_OK;
	}
	print_object(ctl, object);
	print_line("%s", "");
	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		print_line("%.*s", (int)len, line);
		line += len;
		line += *line == '\n';
	}
	return CTL_OK;
}

struct change {
	const char *verb, *done; /* for the audit trail, for the reader */
};

static const struct change g_retried = {"outbox-retry", "queued again"};
static const struct change g_held = {"outbox-hold", "held"};
static const struct change g_released = {"outbox-release", "released"};

/* One change of state, with its line in the audit trail. */
static int
change(struct ctl *ctl, struct change change, int failed, struct err *err)
{
	const char *what = arena_printf(ctl->arena, "mail %s", ctl->args[0]);

	if (failed >= 0)
		failed = desk_audit(&ctl->desk, NULL, change.verb, what, err);
	if (failed < 0)
		return ctl_status(failed);
	print_line("%s: %s%s", what, change.done,
	    ctl->dry_run ? " (dry run: nothing was changed)" : "");
	return CTL_OK;
}

int
outbox_retry_run(struct ctl *ctl, struct err *err)
{
	int64_t id = mail_id(ctl);

	return id == 0
		   ? CTL_USAGE
		   : change(ctl, g_retried,
			 outbox_retry(ctl->store, id, ctl->desk.now_at, err),
			 err);
}

int
outbox_hold_run(struct ctl *ctl, struct err *err)
{
	int64_t id = mail_id(ctl);

	return id == 0
		   ? CTL_USAGE
		   : change(ctl, g_held, outbox_hold(ctl->store, id, err), err);
}

int
outbox_release_run(struct ctl *ctl, struct err *err)
{
	if (strcmp(ctl->args[0], "all") == 0) {
		int count =
		    outbox_release_all(ctl->store, ctl->desk.now_at, err);
		struct change released = {g_released.verb,
		    arena_printf(ctl->arena, "%d released", count)};
		return change(ctl, released, count, err);
	}
	int64_t id = mail_id(ctl);
	return id == 0
		   ? CTL_USAGE
		   : change(ctl, g_released,
			 outbox_release(ctl->store, id, ctl->desk.now_at, err),
			 err);
}
