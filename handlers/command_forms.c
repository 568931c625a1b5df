#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "forms/blank.h"
#include "handlers/actions.h"
#include "handlers/commands.h"
#include "handlers/letters.h"
#include "handlers/request_letter.h"
#include "handlers/workbooks.h"
#include "mail/words.h"
#include "store/round.h"

static const char UPDATE_HANDLER[] = "action-update";

/* --- help ------------------------------------------------------------------- */

/* Roles as the register has them; owner and chair are found out with the
 * form itself, so that a list is rather too long than too short. */
static bool
may_send(const struct contact *contact, const struct form *form)
{
	for (size_t i = 0; i < form->sender_count; i++) {
		const char *sender = form->senders[i];
		if ((role_of_word(sender) & contact->roles) != 0 ||
		    strcmp(sender, "owner") == 0 ||
		    (strcmp(sender, "chair") == 0 &&
			(contact->roles & ROLE_MEMBER) != 0))
			return true;
	}
	return form->sender_count == 0 || (contact->roles & ROLE_STAFF) != 0;
}

int
command_list_forms(struct intake *intake, const char *note, struct err *err)
{
	const struct forms *forms = intake->desk->forms;
	json_t *list = json_array();
	struct letter letter;

	for (size_t i = 0; i < forms->count; i++)
		if (may_send(intake->contact, forms->items[i]))
			json_array_append_new(list,
			    json_pack("{s:s, s:s}", "name",
				forms->items[i]->name, "title",
				forms->items[i]->title));
	json_auto_t *values = json_pack("{s:o, s:o, s:s}", "when",
	    letter_when(intake->received_at), "forms", list, "note", note);
	letter_to_sender(intake, &letter);
	letter.topic = "help";
	return command_answer(intake, &letter, values, err);
}

int
command_help(struct intake *intake, const char *text, struct err *err)
{
	(void)text; /* nothing stands behind it */
	return command_list_forms(intake, "", err);
}

/* --- template ------------------------------------------------------------------ */

/* Where a form would go: the only open request that awaits it, else nothing. */
struct place_asked {
	struct request request; /* id 0: none */
	struct agency agency;   /* id 0: not known */
	const char *ref;        /* S11-2026/LGT; "" */
};

static int
find_asked(const struct intake *intake, const struct form *form,
    struct place_asked *ret_asked, struct err *err)
{
	struct desk *desk = intake->desk;
	const struct contact *contact = intake->contact;
	struct place_asked asked = {.agency = {.name = "", .code = ""},
	    .ref = ""};
	size_t fitting = 0;

	for (size_t a = 0; a < contact->agency_count; a++) {
		struct requests open;
		int failed = request_list(desk->store, desk->arena,
		    &(struct request_filter){.agency = contact->agencies[a].id,
			.which = REQUESTS_OPEN},
		    &open, err);
		if (failed < 0)
			return failed;
		for (size_t i = 0; i < open.count; i++)
			if (strcmp(open.items[i].form, form->name) == 0) {
				asked.request = open.items[i];
				fitting++;
			}
	}
	if (fitting != 1)
		asked.request = (struct request){0};
	int64_t agency = asked.request.agency;
	if (agency == 0 && contact->agency_count == 1)
		agency = contact->agencies[0].id;
	if (agency != 0) {
		int failed = agency_get(desk->store, desk->arena, agency,
		    &asked.agency, err);
		if (failed < 0)
			return failed;
	}
	if (asked.request.id != 0)
		asked.ref = arena_printf(desk->arena, "%s/%s",
		    asked.request.round_ref, asked.request.agency_code);
	*ret_asked = asked;
	return 0;
}

/* The sender's open actions, as rows to fill in. */
static int
offer_actions(const struct intake *intake, const struct form *form,
    struct blank *blank, struct err *err)
{
	struct desk *desk = intake->desk;
	struct actions actions;

	if (strcmp(form->handler, UPDATE_HANDLER) != 0 ||
	    form->table_count == 0)
		return 0;
	int failed = action_list(desk->store, desk->arena,
	    &(struct action_filter){.owner = intake->contact->id,
		.which = ACTIONS_OWED},
	    &actions, err);
	if (failed < 0)
		return failed;
	struct blank_row *rows =
	    arena_array(desk->arena, actions.count + 1, sizeof(*rows));
	for (size_t i = 0; i < actions.count; i++)
		rows[i] = (struct blank_row){.tbl = form->tables[0].name,
		    .row = actions.items[i].ref,
		    .title = actions.items[i].title};
	blank->rows = rows;
	blank->row_count = actions.count;
	return 0;
}

static int
send_template(struct intake *intake, const struct form *form,
    const struct place_asked *asked, const struct blank *blank, struct err *err)
{
	struct arena *arena = intake->desk->arena;
	CLEANUP(buf_done)
	struct buf text;
	CLEANUP(buf_done)
	struct buf csv;
	struct letter letter;

	buf_init(&text, LIMIT_TEXT_BYTES);
	buf_init(&csv, LIMIT_CSV_BYTES);
	blank_block(&text, blank);
	blank_csv(&csv, blank);
	struct compose_file files[] = {{0},
	    {.name = arena_printf(arena, "%s.csv", form->name),
		.type = "text/csv; charset=utf-8",
		.data = buf_text(&csv),
		.bytes = csv.len}};
	int failed =
	    workbooks_make(intake->desk, &(struct workbook){.blank = blank},
		&(struct workbook_whom){asked->agency.id == 0 ? NULL
							      : &asked->agency,
		    intake->contact,
		    asked->request.id == 0 ? DAY_NONE : asked->request.due_day},
		&files[0], err);
	if (failed < 0)
		return failed;
	json_auto_t *values = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s}",
	    "title", form->title, "agency", asked->agency.name, "when",
	    letter_when(intake->received_at), "due",
	    asked->request.id == 0
		? ""
		: words_day_short(arena, asked->request.due_day),
	    "workbook", files[0].name, "csv", files[1].name, "form",
	    buf_text(&text));
	letter_to_sender(intake, &letter);
	letter.kind = letter.topic = "template";
	/* Without a request, the form's name: a reply is then of that form. */
	letter.ref = asked->ref;
	letter.files = files;
	letter.file_count = COUNT_OF(files);
	return command_answer(intake, &letter, values, err);
}

int
command_template(struct intake *intake, const char *text, struct err *err)
{
	struct desk *desk = intake->desk;
	const struct form *form = forms_find(desk->forms, text);
	struct place_asked asked;

	if (form == NULL)
		return command_list_forms(intake,
		    text[0] == '\0'
			? "Write template and the name of one of the forms "
			  "below."
			: arena_printf(desk->arena,
			      "We have no form called %s. These are the forms "
			      "that we have for you.",
			      text_first_words(desk->arena, text, 60)),
		    err);
	int failed = find_asked(intake, form, &asked, err);
	if (failed < 0)
		return failed;
	if (asked.request.id != 0 &&
	    (failed = round_form(desk, asked.request.round, &form, err)) < 0)
		return failed;
	struct blank blank = {.form = form,
	    .ref = asked.ref[0] == '\0' ? form->name : asked.ref,
	    .round = asked.request.id == 0 ? "" : asked.request.round_ref,
	    .agency = asked.agency.code};
	if ((failed = offer_actions(intake, form, &blank, err)) < 0)
		return failed;
	return send_template(intake, form, &asked, &blank, err);
}
