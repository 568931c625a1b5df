/*
 * `status REF`: where a thing stands, for those who may see it: its own
 * agency's people, staff, the scrutineer. What there is not, and what is not
 * theirs, is answered alike.
 */
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/macros.h"
#include "base/text.h"
#include "domain/period.h"
#include "handlers/actions.h"
#include "handlers/commands.h"
#include "handlers/letters.h"
#include "mail/words.h"
#include "store/round.h"
#include "store/view.h"

/* What is told of one thing. */
struct telling {
	struct intake *intake;
	struct desk *desk;
	const char *ref; /* as asked, in capitals; the true one once found */
	const char *title;
	json_t *lines;
};

static void
add_line(struct telling *telling, const char *label, const char *value)
{
	if (value[0] != '\0')
		json_array_append_new(telling->lines,
		    json_pack("{s:s, s:s}", "label", label, "value", value));
}

static int
may_see(const struct telling *telling, int64_t agency, struct err *err)
{
	return agency_may_see(telling->desk, telling->intake->contact, agency,
	    err);
}

/* Does the agency of the thing get more than references, counts and dates?
 * Staff do in any case. */
static int
agency_line(struct telling *telling, int64_t id, const char *label,
    bool *ret_is_full, struct err *err)
{
	struct agency agency = {.name = "", .mail = ""};
	int failed = id == 0 ? 0
			     : agency_get(telling->desk->store,
				   telling->desk->arena, id, &agency, err);

	if (failed < 0)
		return failed;
	add_line(telling, label, agency.name);
	*ret_is_full = (telling->intake->contact->roles & ROLE_STAFF) != 0 ||
		       strcmp(agency.mail, "reference-only") != 0;
	return 0;
}

/* --- returns ------------------------------------------------------------------- */

static const char *
submission_words(const struct telling *telling,
    const struct submission *submission, size_t problems)
{
	static const struct {
		const char *state, *words;
	} table[] = {
	    {"returned", "here, and complete"},
	    {"signed_off", "here, complete and approved"},
	    {"superseded", "replaced by a newer one"},
	    {"withdrawn", "taken back"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (strcmp(submission->state, table[i].state) == 0)
			return table[i].words;
	return arena_printf(telling->desk->arena,
	    "kept, %s answer%s %s missing or wrong",
	    words_count(telling->desk->arena, problems),
	    problems == 1 ? "" : "s", problems == 1 ? "is" : "are");
}

static int
tell_submission(struct telling *telling, const char *ref, struct err *err)
{
	struct desk *desk = telling->desk;
	struct submission submission;
	struct stored_problems problems;
	bool is_full;
	int found =
	    submission_find(desk->store, desk->arena, ref, &submission, err);

	if (found <= 0)
		return found;
	bool is_own =
	    text_ieq(submission.sender, telling->intake->contact->email);
	int may = is_own ? 1 : may_see(telling, submission.agency, err);
	if (may <= 0)
		return may;
	int failed = submission_list_problems(desk->store, desk->arena,
	    submission.id, &problems, err);
	if (failed < 0 || (failed = agency_line(telling, submission.agency,
			       "Agency", &is_full, err)) < 0)
		return failed;
	const struct form *form = forms_find(desk->forms, submission.form);
	telling->ref = submission.ref;
	telling->title = form == NULL ? submission.form : form->title;
	add_line(telling, "Came in",
	    words_when(desk->arena, submission.received_at));
	struct period period;
	if (period_parse(submission.period, &period))
		add_line(telling, "For", period_words(desk->arena, &period));
	add_line(telling, "Where it stands",
	    submission_words(telling, &submission, problems.count));
	add_line(telling, "Version",
	    words_version(desk->arena, submission.version));
	return 1;
}

/* --- actions ---------------------------------------------------------------------- */

static int
tell_action(struct telling *telling, const char *ref, struct err *err)
{
	struct desk *desk = telling->desk;
	struct action action;
	bool is_full;
	int found = action_find(desk->store, desk->arena, ref, &action, err);

	if (found <= 0)
		return found;
	int may = may_see(telling, action.agency, err);
	if (may == 0)
		may = action_may_update(desk, telling->intake->contact, &action,
		    err);
	if (may <= 0)
		return may;
	int failed =
	    agency_line(telling, action.agency, "Lead agency", &is_full, err);
	if (failed < 0)
		return failed;
	telling->ref = action.ref;
	telling->title = is_full ? action.title : "your action";
	add_line(telling, "Owner",
	    action.owner_name[0] != '\0' ? action.owner_name
					 : action.owner_text);
	add_line(telling, "Date", due_words(desk, action.due_day));
	add_line(telling, "Where it stands", action_shown_words(desk, &action));
	add_line(telling, "You told us",
	    action_reported_words(action.reported));
	if (action.updated_at != 0)
		add_line(telling, "Last news",
		    words_when(desk->arena, action.updated_at));
	add_line(telling, "New date asked for",
	    words_day(desk->arena, action.wants_day));
	return 1;
}

/* --- findings ------------------------------------------------------------------------ */

struct finding_row {
	struct telling *telling;
	const char *agency, *theme, *severity, *text, *action;
};

static int
read_finding(void *ctx, const struct view_cell *cells, size_t count,
    struct err *err)
{
	struct finding_row *row = ctx;

	const struct {
		const char *name, **to;
	} columns[] = {
	    {"ref", &row->telling->ref},
	    {"agency", &row->agency},
	    {"theme", &row->theme},
	    {"severity", &row->severity},
	    {"text", &row->text},
	    {"action", &row->action},
	};

	(void)err; /* nothing here can fail */
	for (size_t c = 0; c < count; c++)
		for (size_t i = 0; i < COUNT_OF(columns); i++)
			if (strcmp(cells[c].name, columns[i].name) == 0)
				*columns[i].to =
				    arena_strdup(row->telling->desk->arena,
					cells[c].text);
	return 0;
}

static int
tell_finding(struct telling *telling, const char *ref, struct err *err)
{
	struct desk *desk = telling->desk;
	struct finding_row row = {telling, "", "", "", "", ""};
	const struct view_filter filter = {"ref", VIEW_IS, ref};
	struct agency agency = {.id = 0};
	bool is_full;
	int rows = view_rows(desk->store,
	    &(struct view_query){.view = "v_finding",
		.filters = &filter,
		.filter_count = 1},
	    read_finding, &row, err);

	if (rows <= 0)
		return rows;
	int found = row.agency[0] == '\0'
			? 0
			: agency_find(desk->store, desk->arena, row.agency,
			      &agency, err);
	int may = found < 0 ? found
			    : may_see(telling, found == 1 ? agency.id : 0, err);
	if (may <= 0)
		return may;
	int failed = agency_line(telling, found == 1 ? agency.id : 0, "Agency",
	    &is_full, err);
	if (failed < 0)
		return failed;
	telling->title = "what a return showed";
	add_line(telling, "Theme", row.theme);
	add_line(telling, "How serious", row.severity);
	if (is_full)
		add_line(telling, "What it is",
		    text_first_words(desk->arena, row.text, 120));
	add_line(telling, "Action", row.action);
	return 1;
}

/* --- requests and rounds ---------------------------------------------------------------- */

static const char *
request_words(const struct request *request)
{
	static const struct {
		const char *state, *words;
	} table[] = {
	    {"not_sent", "not asked for yet"},
	    {"sent", "asked for, not here yet"},
	    {"incomplete", "here, some answers are missing"},
	    {"returned", "here, and complete"},
	    {"signed_off", "here, complete and approved"},
	    {"exempt", "not asked for any more"},
	    {"non_return", "it did not come in time"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (strcmp(request->state, table[i].state) == 0)
			return table[i].words;
	return request->state;
}

static int
tell_request(struct telling *telling, const char *ref, struct err *err)
{
	struct desk *desk = telling->desk;
	struct request request;
	bool is_full;
	int found =
	    request_find_ref(desk->store, desk->arena, ref, &request, err);
	int may = found <= 0 ? found : may_see(telling, request.agency, err);

	if (may <= 0)
		return may;
	int failed =
	    agency_line(telling, request.agency, "Agency", &is_full, err);
	if (failed < 0)
		return failed;
	telling->ref = arena_printf(desk->arena, "%s/%s", request.round_ref,
	    request.agency_code);
	telling->title = request.title;
	add_line(telling, "Where it stands", request_words(&request));
	add_line(telling, "Date", due_words(desk, request.due_day));
	add_line(telling, "Time asked for, until",
	    words_day(desk->arena, request.wants_day));
	return 1;
}

/* Of a round: what is theirs of it, all of it for staff and the scrutineer. */
static int
tell_round(struct telling *telling, const char *ref, struct err *err)
{
	struct desk *desk = telling->desk;
	struct round round;
	struct requests requests;
	size_t told = 0;
	int found = round_find(desk->store, desk->arena, ref, &round, err);

	if (found <= 0)
		return found;
	int failed = request_list(desk->store, desk->arena,
	    &(struct request_filter){.round = round.id, .which = REQUESTS_ALL},
	    &requests, err);
	if (failed < 0)
		return failed;
	telling->ref = round.ref;
	telling->title = round.title;
	add_line(telling, "Date", due_words(desk, round.due_day));
	for (size_t i = 0; i < requests.count; i++) {
		int may = may_see(telling, requests.items[i].agency, err);
		if (may < 0)
			return may;
		if (may == 0)
			continue;
		told++;
		add_line(telling, requests.items[i].agency_code,
		    request_words(&requests.items[i]));
	}
	return told > 0;
}

/* --- the command -------------------------------------------------------------------------- */

static const char *
thread_ref(const struct intake *intake)
{
	const struct reading *reading = &intake->reading;

	if (reading->submission_ref[0] != '\0')
		return reading->submission_ref;
	if (reading->action_ref[0] != '\0')
		return reading->action_ref;
	if (reading->round_ref[0] == '\0' || reading->agency_code[0] == '\0')
		return "";
	return arena_printf(intake->desk->arena, "%s/%s", reading->round_ref,
	    reading->agency_code);
}

static int
tell(struct telling *telling, const char *ref, struct err *err)
{
	static int (*const tellers[])(struct telling *, const char *,
	    struct err *) = {tell_submission, tell_action, tell_finding,
	    tell_request, tell_round};
	int told = 0;

	for (size_t i = 0; told == 0 && i < COUNT_OF(tellers); i++) {
		json_array_clear(telling->lines);
		told = tellers[i](telling, ref, err);
	}
	return told;
}

int
command_status(struct intake *intake, const char *text, struct err *err)
{
	const char *ref = text[0] == '\0' ? thread_ref(intake) : text;
	json_auto_t *lines = json_array();
	struct telling telling = {.intake = intake,
	    .desk = intake->desk,
	    .ref = "",
	    .title = "",
	    .lines = lines};
	struct letter letter;

	if (ref[0] == '\0')
		return command_mine(intake, "", err);
	int found = tell(&telling, ref, err);
	if (found < 0)
		return found;
	if (found == 0) {
		json_array_clear(lines);
		telling.ref = telling.title = "";
	}
	json_auto_t *values = json_pack("{s:s, s:b, s:o, s:s, s:O}", "asked",
	    found > 0 ? telling.ref
		      : text_first_words(intake->desk->arena, ref, 60),
	    "found", found > 0, "when", letter_when(intake->received_at),
	    "title", telling.title, "lines", lines);
	letter_to_sender(intake, &letter);
	letter.topic = "status";
	letter.ref = telling.ref;
	return command_answer(intake, &letter, values, err);
}
