/* lscpctl action: what somebody must do by when. */
#include "store/action.h"

#include "base/date.h"
#include "ctl/verbs.h"

static const char *const g_columns[] = {"ref", "title", "agency", "owner",
    "group_code", "due", "status", "brag_shown", NULL};

/* Overdue: the day is over, and the owner still owes it. */
int
action_list_run(struct ctl *ctl, struct err *err)
{
	char today[DATE_TEXT_BYTES];
	struct view_filter filters[4];
	struct view_query query = {"v_action", filters, 0, "due", 0};
	const char *agency = ctl_option(ctl, "agency");
	const char *group = ctl_option(ctl, "group");

	date_format_iso(ctl->desk.today_day, today);
	if (agency != NULL)
		filters[query.filter_count++] =
		    (struct view_filter){"agency", VIEW_IS, agency};
	if (group != NULL)
		filters[query.filter_count++] =
		    (struct view_filter){"group_code", VIEW_IS, group};
	if (ctl_option(ctl, "overdue") != NULL) {
		filters[query.filter_count++] =
		    (struct view_filter){"due", VIEW_BEFORE, today};
		filters[query.filter_count++] =
		    (struct view_filter){"status", VIEW_IS, "open"};
	}
	int rows = print_view(ctl, &query, g_columns, err);
	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

static json_t *
day_json(int32_t day)
{
	char text[DATE_TEXT_BYTES];

	if (day == DAY_NONE)
		return json_null();
	date_format_iso(day, text);
	return json_string(text);
}

static json_t *
updates_json(const struct action_updates *updates)
{
	json_t *list = json_array();
	char at[INSTANT_TEXT_BYTES];

	for (size_t i = 0; i < updates->count; i++) {
		const struct action_update *u = &updates->items[i];
		instant_format(u->at, at);
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "at", at,
			"by", u->by, "status", u->status, "progress",
			u->progress, "evidence", u->evidence, "impact",
			u->impact, "new_date", day_json(u->new_day)));
	}
	return list;
}

int
action_show(struct ctl *ctl, struct err *err)
{
	struct action action;
	struct action_updates updates;
	json_t *object;
	int found =
	    action_find(ctl->store, ctl->arena, ctl->args[0], &action, err);

	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no action %s",
		    ctl->args[0]);
	struct view_filter filter = {"ref", VIEW_IS,
	    found > 0 ? action.ref : ""};
	struct view_query query = {"v_action", &filter, 1, NULL, 1};
	if (found > 0)
		found = view_object(ctl, &query, &object, err);
	if (found > 0)
		found = action_list_updates(ctl->store, ctl->arena, action.id,
		    &updates, err);
	if (found < 0)
		return ctl_status(found);
	(void)json_object_update_new(object,
	    json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o}", "recommendation",
		action.recommendation, "success_measure",
		action.success_measure, "evidence_expected",
		action.evidence_expected, "percent", action.percent, "new_date",
		day_json(action.wants_day), "new_date_reason",
		action.wants_reason, "updates", updates_json(&updates)));
	print_object(ctl, object);
	return CTL_OK;
}
