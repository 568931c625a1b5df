#include "handlers/workbooks.h"

#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "mail/words.h"

/* --- what drop-downs offer ----------------------------------------------------------- */

static struct workbook_option *
add_option(struct arena *arena, struct workbook_list *list)
{
	/* The list is ours while it grows. */
	struct workbook_option *options =
	    (struct workbook_option *)list->options;
	struct workbook_option *added =
	    arena_push(arena, &options, &list->count, sizeof(*options));

	list->options = options;
	return added;
}

static int
list_agencies(struct desk *desk, struct workbook_list *list, struct err *err)
{
	struct agencies agencies;
	int failed = agency_list(desk->store, desk->arena, desk->today_day,
	    &agencies, err);

	for (size_t i = 0; failed >= 0 && i < agencies.count; i++)
		*add_option(desk->arena, list) =
		    (struct workbook_option){agencies.items[i].code,
			agencies.items[i].name};
	return failed;
}

static int
list_groups(struct desk *desk, struct workbook_list *list, struct err *err)
{
	struct groups groups;
	int failed = group_list(desk->store, desk->arena, &groups, err);

	for (size_t i = 0; failed >= 0 && i < groups.count; i++)
		*add_option(desk->arena, list) =
		    (struct workbook_option){groups.items[i].code,
			groups.items[i].name};
	return failed;
}

/* People are not among them: a workbook travels. */
static const struct {
	enum form_type type;
	int (*list)(struct desk *desk, struct workbook_list *list,
	    struct err *err);
} g_lists[] = {
    {TYPE_AGENCY, list_agencies},
    {TYPE_GROUP, list_groups},
};

static bool
has_type(const struct form_field *fields, size_t count, enum form_type type)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].type == type)
			return true;
	return false;
}

static bool
form_has_type(const struct form *form, enum form_type type)
{
	bool has = has_type(form->fields, form->field_count, type);

	for (size_t i = 0; !has && i < form->table_count; i++)
		has = has_type(form->tables[i].columns,
		    form->tables[i].column_count, type);
	return has;
}

/* --- what is in place already ---------------------------------------------------------- */

/* The address of the one who may sign for the agency; "" where several may. */
static int
find_executive(struct desk *desk, const struct workbook_whom *whom,
    const char **ret_email, struct err *err)
{
	struct contacts all;
	size_t found = 0;
	int failed = contact_list(desk->store, desk->arena,
	    (struct contact_filter){whom->agency->id,
		ROLE_EXECUTIVE | ROLE_GOVERNOR},
	    &all, err);

	for (size_t i = 0; failed >= 0 && i < all.count; i++) {
		const struct contact *one = &all.items[i];
		bool is_asked =
		    whom->person != NULL && one->id == whom->person->id;
		if (!one->shared && !is_asked)
			*ret_email = found++ == 0 ? one->email : "";
	}
	return failed < 0 ? failed : 0;
}

static int
find_value(struct desk *desk, enum form_prefill prefill,
    const struct workbook_whom *whom, const char **ret_value, struct err *err)
{
	bool is_person = whom->person != NULL && !whom->person->shared;
	const char *values[] = {
	    [PREFILL_NONE] = "",
	    [PREFILL_NAME] = is_person ? whom->person->name : "",
	    [PREFILL_TITLE] = is_person ? whom->person->title : "",
	    [PREFILL_EXECUTIVE] = "",
	    [PREFILL_AGENCY] = whom->agency != NULL ? whom->agency->name : "",
	    [PREFILL_URN] = whom->agency != NULL ? whom->agency->urn : "",
	};

	*ret_value = values[prefill];
	return prefill == PREFILL_EXECUTIVE && whom->agency != NULL
		   ? find_executive(desk, whom, ret_value, err)
		   : 0;
}

static int
prefill(struct desk *desk, const struct workbook_whom *whom,
    struct blank *blank, struct err *err)
{
	const struct form *form = blank->form;
	struct form_answer *answers =
	    arena_array(desk->arena, form->field_count + 1, sizeof(*answers));
	size_t count = 0;
	int failed = 0;

	for (size_t i = 0; failed >= 0 && i < form->field_count; i++) {
		const struct form_field *field = &form->fields[i];
		const char *value = "";
		failed = find_value(desk, field->prefill, whom, &value, err);
		if (failed >= 0 && value[0] != '\0')
			answers[count++] = (struct form_answer){"", "",
			    field->name, value, (int)i + 1};
	}
	blank->answers = answers;
	blank->answer_count = count;
	return failed;
}

/* --- the file ------------------------------------------------------------------------- */

static struct workbook_head
head_of(struct desk *desk, const struct workbook_whom *whom)
{
	const struct settings_partnership *p = &desk->settings->partnership;

	return (struct workbook_head){.partnership = p->name,
	    .address = p->address,
	    .phone = p->phone,
	    .concern = p->concern,
	    .marking = p->marking,
	    .instance = desk->mailer->instance,
	    .agency = whom->agency == NULL ? "" : whom->agency->name,
	    .person = whom->person == NULL ? "" : whom->person->name,
	    .due = whom->due_day == DAY_NONE
		       ? ""
		       : words_day(desk->arena, whom->due_day)};
}

/* "Section 11 self-assessment LGT.xlsx": what a folder may hold. */
static const char *
file_name(struct desk *desk, const struct workbook *workbook)
{
	const struct blank *blank = workbook->blank;
	char *name =
	    workbook->copy > 0
		? arena_printf(desk->arena, "%s.xlsx", blank->ref)
		: arena_printf(desk->arena, "%s%s%s.xlsx", blank->form->title,
		      blank->agency[0] == '\0' ? "" : " ", blank->agency);

	for (char *p = name; *p != '\0'; p++)
		if (strchr("/\\:*?\"<>|", *p) != NULL)
			*p = ' ';
	return name;
}

static int
set_lists(struct desk *desk, struct workbook *workbook,
    struct workbook_list *lists, struct err *err)
{
	int failed = 0;

	workbook->lists = lists;
	for (size_t i = 0; failed >= 0 && i < COUNT_OF(g_lists); i++) {
		struct workbook_list *list = &lists[workbook->list_count];
		if (!form_has_type(workbook->blank->form, g_lists[i].type))
			continue;
		list->type = g_lists[i].type;
		workbook->list_count++;
		failed = g_lists[i].list(desk, list, err);
	}
	return failed;
}

int
workbooks_make(struct desk *desk, const struct workbook *workbook,
    const struct workbook_whom *whom, struct compose_file *ret_file,
    struct err *err)
{
	struct workbook_list lists[COUNT_OF(g_lists)] = {{0}};
	const struct workbook_head head = head_of(desk, whom);
	struct workbook whole = *workbook;
	struct blank blank = *workbook->blank;
	CLEANUP(buf_done)
	struct buf out;

	buf_init(&out, LIMIT_MAIL_BYTES / 4);
	whole.blank = &blank;
	whole.head = &head;
	whole.made_at = desk->now_at;
	int failed = set_lists(desk, &whole, lists, err);
	if (failed >= 0 && whole.copy == 0 && blank.answer_count == 0)
		failed = prefill(desk, whom, &blank, err);
	if (failed >= 0)
		failed = workbook_write(&whole, &out, err);
	if (failed < 0)
		return failed;
	char *data = arena_alloc(desk->arena, out.len);
	memcpy(data, out.data, out.len);
	*ret_file = (struct compose_file){.name = file_name(desk, &whole),
	    .type = WORKBOOK_TYPE,
	    .data = data,
	    .bytes = out.len};
	return 0;
}
