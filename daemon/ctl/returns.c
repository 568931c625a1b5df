/* lscpctl return: the returns as they stand. */
#include <string.h>

#include "base/text.h"
#include "ctl/verbs.h"
#include "store/message.h"
#include "store/submission.h"

/* Up to two filters from options of the same names. */
static size_t
filters_from(const struct ctl *ctl, const char *const *names,
    struct view_filter *ret_filters)
{
	size_t count = 0;

	for (; *names != NULL; names++) {
		const char *value = ctl_option(ctl, *names);
		if (value != NULL)
			ret_filters[count++] =
			    (struct view_filter){*names, VIEW_IS, value};
	}
	return count;
}

int
return_list(struct ctl *ctl, struct err *err)
{
	static const char *const names[] = {"round", "agency", NULL};
	static const char *const columns[] = {"ref", "form", "round", "period",
	    "agency", "sender", "received_at", "state", "version", NULL};
	struct view_filter filters[2];
	struct view_query query = {"v_submission", filters,
	    filters_from(ctl, names, filters), "ref", 0};
	int rows = print_view(ctl, &query, columns, err);

	return rows < 0 ? ctl_status(rows) : CTL_OK;
}

/* --- show ------------------------------------------------------------------------------ */

static json_t *
problems_json(const struct stored_problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->count; i++) {
		const struct stored_problem *p = &problems->items[i];
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "letter",
			p->letter, "tbl", p->tbl, "row", p->row, "field",
			p->field, "wrote", p->wrote, "reason", p->reason,
			"allowed", p->allowed));
	}
	return list;
}

static json_t *
lines_json(const struct unread_lines *lines)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lines->count; i++)
		(void)json_array_append_new(list, json_string(lines->items[i]));
	return list;
}

static int
add_files(struct ctl *ctl, int64_t message, json_t *list, struct err *err)
{
	struct message_parts parts;
	int failed = message == 0 ? 0
				  : message_list_parts(ctl->store, ctl->arena,
					message, &parts, err);

	for (size_t i = 0; message != 0 && failed >= 0 && i < parts.count; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:I, s:s, s:s}", "name",
			parts.items[i].name, "bytes",
			(json_int_t)parts.items[i].bytes, "verdict",
			parts.items[i].verdict, "sha256",
			parts.items[i].sha256));
	return failed;
}

/* What hangs on the submission besides its row and answers. */
static int
add_details(struct ctl *ctl, const struct submission *submission,
    json_t *object, struct err *err)
{
	struct stored_problems problems;
	struct unread_lines lines;
	struct submission_versions versions;
	json_t *files = json_array();
	int failed;

	(void)json_object_set_new(object, "files", files);
	if ((failed = submission_list_problems(ctl->store, ctl->arena,
		 submission->id, &problems, err)) < 0 ||
	    (failed = submission_list_unread(ctl->store, ctl->arena,
		 submission->id, &lines, err)) < 0 ||
	    (failed = submission_list_versions(ctl->store, ctl->arena,
		 submission->id, &versions, err)) < 0)
		return failed;
	(void)json_object_set_new(object, "problems", problems_json(&problems));
	(void)json_object_set_new(object, "lines", lines_json(&lines));
	for (size_t i = 0; i < versions.count; i++) {
		failed = add_files(ctl, versions.items[i].message, files, err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

int
return_show(struct ctl *ctl, struct err *err)
{
	struct submission submission;
	struct view_filter filter;
	struct view_query row = {"v_submission", &filter, 1, NULL, 1};
	struct view_query answers = {"v_answer", &filter, 1, NULL, 0};
	json_t *object, *list;
	int found = submission_find(ctl->store, ctl->arena, ctl->args[0],
	    &submission, err);

	if (found == 0)
		return ctl_say(CTL_NOT_FOUND, "there is no return %s",
		    ctl->args[0]);
	filter = (struct view_filter){"ref", VIEW_IS, submission.ref};
	if (found > 0)
		found = view_object(ctl, &row, &object, err);
	if (found > 0)
		found = view_array(ctl, &answers, &list, err);
	if (found >= 0) {
		(void)json_object_set_new(object, "answers", list);
		found = add_details(ctl, &submission, object, err);
	}
	if (found < 0)
		return ctl_status(found);
	print_object(ctl, object);
	return CTL_OK;
}
