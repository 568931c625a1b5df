/* lscpctl inbox: what came in, and what a person decides about it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "ctl/verbs.h"
#include "store/message.h"

static const char *const g_columns[] = {"id", "received_at", "from_addr",
    "subject", "class", "outcome", "reason", "ref", NULL};

int
inbox_list(struct ctl *ctl, struct err *err)
{
	static const char *const outcomes[] = {"filed", "problems", "answered",
	    "reply", "bounce", "ignored", "attention", "quarantined",
	    "duplicate", NULL};
	const char *outcome = ctl_option(ctl, "outcome");
	struct view_filter filter = {"outcome", VIEW_IS, outcome};
	struct view_query query = {"v_message", &filter,
	    outcome == NULL ? 0 : 1, "id", 0};

	if (ctl_word("outcome", outcome, outcomes) != CTL_OK)
		return CTL_USAGE;
	int rows = print_view(ctl, &query, g_columns, err);
	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

/* The argument as a row's number; 0 and a message where it is none. */
static int64_t
message_id(const struct ctl *ctl)
{
	char *end;

	errno = 0;
	int64_t id = strtoll(ctl->args[0], &end, 10);
	if (*end != '\0' || errno != 0 || id <= 0) {
		(void)ctl_say(CTL_USAGE, "%s is no number of a message",
		    ctl->args[0]);
		return 0;
	}
	return id;
}

static json_t *
parts_json(const struct message_parts *parts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < parts->count; i++) {
		const struct message_part *part = &parts->items[i];
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", part->name,
			"type", part->type, "bytes", (json_int_t)part->bytes,
			"verdict", part->verdict, "sha256", part->sha256));
	}
	return list;
}

static int
show_raw(struct ctl *ctl, int64_t id, struct err *err)
{
	int found = message_read_raw(ctl->store, id, STDOUT_FILENO, err);

	if (found == 0)
		return ctl_say(CTL_NOT_FOUND,
		    "no bytes of message %lld are kept; look in its folder",
		    (long long)id);
	return found < 0 ? ctl_status(found) : CTL_OK;
}

int
inbox_show(struct ctl *ctl, struct err *err)
{
	struct message_parts parts;
	struct view_filter filter = {"id", VIEW_IS, ctl->args[0]};
	struct view_query query = {"v_message", &filter, 1, NULL, 1};
	int64_t id = message_id(ctl);
	json_t *object;

	if (id == 0)
		return CTL_USAGE;
	int found = view_object(ctl, &query, &object, err);
	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no message %s",
		    ctl->args[0]);
	if (found > 0 && ctl_option(ctl, "raw") != NULL) {
		json_decref(object);
		return show_raw(ctl, id, err);
	}
	if (found > 0)
		found =
		    message_list_parts(ctl->store, ctl->arena, id, &parts, err);
	if (found < 0)
		return ctl_status(found);
	(void)json_object_set_new(object, "files", parts_json(&parts));
	print_object(ctl, object);
	return CTL_OK;
}

/* Attention and quarantine can be judged again; all else stands. */
static int
judge_again(struct ctl *ctl, const char *again, struct err *err)
{
	struct message message;
	int64_t id = message_id(ctl);

	if (id == 0)
		return CTL_USAGE;
	int found = message_find(ctl->store, ctl->arena, id, &message, err);
	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no message %lld",
		    (long long)id);
	if (found < 0)
		return ctl_status(found);
	bool waits = message.settled_at == 0 &&
		     (strcmp(message.outcome, "attention") == 0 ||
			 strcmp(message.outcome, "quarantined") == 0);
	if (!waits)
		return ctl_say(CTL_REFUSED,
		    "message %lld is %s; only what waits for a person "
		    "(attention, quarantined) can be judged again",
		    (long long)id,
		    message.settled_at != 0 ? "settled" : message.outcome);
	int failed = message_set_again(ctl->store, id, again, err);
	if (failed >= 0) /* what killed the parser has its two tries again */
		failed = attempt_clear(ctl->store, message.sha256, err);
	if (failed >= 0)
		failed = desk_audit(&ctl->desk, NULL,
		    arena_printf(ctl->arena, "inbox-%s", again),
		    arena_printf(ctl->arena, "message %lld", (long long)id),
		    err);
	if (failed < 0)
		return ctl_status(failed);
	print_line("message %lld will be judged again%s", (long long)id,
	    ctl->dry_run ? " (dry run: not now)" : "");
	return CTL_OK;
}

int
inbox_retry(struct ctl *ctl, struct err *err)
{
	return judge_again(ctl, "retry", err);
}

int
inbox_release(struct ctl *ctl, struct err *err)
{
	return judge_again(ctl, "release", err);
}
