/* lscpctl round: asking many agencies for one return. */
#include "base/text.h"
#include "ctl/verbs.h"
#include "handlers/rounds.h"

static void
print_report(const struct ctl *ctl, const struct rounds_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		print_line("%s", report->lines[i]);
	if (ctl->dry_run)
		print_line("dry run: nothing was changed");
}

int
round_open_run(struct ctl *ctl, struct err *err)
{
	const char *form = ctl_option(ctl, "form");
	const char *due = ctl_option(ctl, "due");
	const char *agencies = ctl_option(ctl, "agencies");
	struct rounds_report report = {0};
	struct rounds_open_request request = {
	    .ref = ctl->args[0],
	    .form = form,
	    .mode = ROUNDS_APPLY, /* the transaction undoes a dry run */
	};

	if (form == NULL || due == NULL)
		return ctl_say(CTL_USAGE,
		    "usage: round open REF --form NAME --due DAY");
	int status = ctl_day(ctl, due, &request.due_day);
	if (status != CTL_OK)
		return status;
	if (agencies != NULL) {
		char **list = text_split(ctl->arena, agencies, ";");
		request.agencies = (const char *const *)list;
		while (list[request.agency_count] != NULL)
			request.agency_count++;
	}
	int failed = rounds_open(&ctl->desk, &request, &report, err);
	if (failed < 0)
		return ctl_status(failed);
	print_report(ctl, &report);
	return CTL_OK;
}

int
round_close_run(struct ctl *ctl, struct err *err)
{
	struct rounds_report report = {0};
	int failed =
	    rounds_close(&ctl->desk, ctl->args[0], ROUNDS_APPLY, &report, err);

	if (failed < 0)
		return ctl_status(failed);
	print_report(ctl, &report);
	return CTL_OK;
}

int
round_list(struct ctl *ctl, struct err *err)
{
	static const char *const columns[] = {"ref", "form", "title", "due",
	    "state", NULL};
	struct view_query query = {"v_round", NULL, 0, "ref", 0};
	int rows = print_view(ctl, &query, columns, err);

	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

int
round_show(struct ctl *ctl, struct err *err)
{
	struct view_filter by_ref = {"ref", VIEW_IS, ctl->args[0]};
	struct view_filter by_round = {"round", VIEW_IS, ctl->args[0]};
	struct view_query round = {"v_round", &by_ref, 1, NULL, 1};
	struct view_query requests = {"v_request", &by_round, 1, "agency", 0};
	json_t *object, *list;
	int found = view_object(ctl, &round, &object, err);

	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no round %s",
		    ctl->args[0]);
	if (found > 0)
		found = view_array(ctl, &requests, &list, err);
	if (found < 0)
		return ctl_status(found);
	(void)json_object_set_new(object, "requests", list);
	print_object(ctl, object);
	return CTL_OK;
}
