/* lscpctl register: agencies, contacts, groups in and out as CSV files. */
#include <stdio.h>

#include "ctl/verbs.h"

static void
say_line(void *ctx, enum register_line_kind kind, const char *text)
{
	(void)ctx;
	if (kind == REGISTER_CHANGE)
		print_line("%s", text);
	else
		(void)fprintf(stderr, "%s\n", text);
}

int
register_import_run(struct ctl *ctl, struct err *err)
{
	struct register_import import = {
	    .folder = ctl->args[0],
	    .mode = ctl->dry_run ? REGISTER_DRY_RUN : REGISTER_APPLY,
	    .today_day = ctl->desk.today_day,
	    .line = say_line,
	};
	int failed = register_import(ctl->store, &import, err);

	if (failed < 0) {
		return import.ret_problems > 0 ? CTL_REFUSED
					       : ctl_status(failed);
	}
	failed =
	    desk_audit(&ctl->desk, NULL, "register-import", "register", err);
	if (failed < 0)
		return ctl_status(failed);
	print_line("%zu changes%s", import.ret_changes,
	    ctl->dry_run ? " (dry run: nothing was changed)" : "");
	return CTL_OK;
}

int
register_export_run(struct ctl *ctl, struct err *err)
{
	int failed = register_export(ctl->store, ctl->args[0], err);

	return failed < 0 ? ctl_status(failed) : CTL_OK;
}

static json_t *
agencies_json(const struct agencies *agencies)
{
	json_t *list = json_array();

	for (size_t i = 0; i < agencies->count; i++) {
		const struct agency *agency = &agencies->items[i];
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s}", "code", agency->code,
			"name", agency->name, "sector", agency->sector,
			"statutory_partner", agency->statutory_partner));
	}
	return list;
}

/* Who is in it today, as addresses. */
static int
members_text(struct ctl *ctl, int64_t group, const char **ret_text,
    struct err *err)
{
	const struct member_filter filter = {group, "", ctl->desk.today_day};
	struct contacts people;
	const char *text = "";
	int failed =
	    group_contacts(ctl->store, ctl->arena, &filter, &people, err);

	for (size_t i = 0; failed >= 0 && i < people.count; i++)
		text = arena_printf(ctl->arena, "%s%s%s", text,
		    i == 0 ? "" : ";", people.items[i].email);
	*ret_text = text;
	return failed;
}

static int
groups_json(struct ctl *ctl, json_t **ret_list, struct err *err)
{
	struct groups groups;
	const char *members;
	int failed = group_list(ctl->store, ctl->arena, &groups, err);

	if (failed < 0)
		return failed;
	*ret_list = json_array();
	for (size_t i = 0; failed >= 0 && i < groups.count; i++) {
		const struct group *group = &groups.items[i];
		failed = members_text(ctl, group->id, &members, err);
		(void)json_array_append_new(*ret_list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", group->code,
			"name", group->name, "kind", group->kind, "quorum",
			group->quorum, "members", members));
	}
	return failed;
}

int
register_show(struct ctl *ctl, struct err *err)
{
	struct view_query query = {"v_contact", NULL, 0, "agency", 0};
	struct agencies agencies;
	json_t *contacts, *groups;
	int failed = agency_list(ctl->store, ctl->arena, ctl->desk.today_day,
	    &agencies, err);

	if (failed >= 0)
		failed = view_array(ctl, &query, &contacts, err);
	if (failed >= 0)
		failed = groups_json(ctl, &groups, err);
	if (failed < 0)
		return ctl_status(failed);
	print_object(ctl,
	    json_pack("{s:o, s:o, s:o}", "agencies", agencies_json(&agencies),
		"contacts", contacts, "groups", groups));
	return CTL_OK;
}
