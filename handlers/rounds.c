#include "handlers/rounds.h"

#include <ctype.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "handlers/actions.h"
#include "handlers/request_letter.h"
#include "store/round.h"

enum {
	REF_CHARS = 30, /* of a round: it stands in subjects */
};

/* --- words ----------------------------------------------------------------- */

PRINTF(3, 4)

static void
report(struct desk *desk, struct rounds_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char **line = arena_push(desk->arena, &report->lines,
	    &report->count, sizeof(*line));
	*line = arena_vprintf(desk->arena, format, args);
	va_end(args);
}

static int
refuse(struct err *err, const char *what, const char *text)
{
	return err_set(err, ERR_INPUT, BLAME_OPERATOR, "%s: %s", text, what);
}

/* --- opening ---------------------------------------------------------------- */

/* Letters, digits and dashes, and nothing that another sequence gives. */
static int
check_ref(const char *ref, struct err *err)
{
	size_t len = strlen(ref);
	bool sound =
	    len > 0 && len <= REF_CHARS && isalnum((unsigned char)ref[0]);

	for (size_t i = 0; i < len; i++)
		sound =
		    sound && (isalnum((unsigned char)ref[i]) || ref[i] == '-');
	if (!sound)
		return refuse(err,
		    "a reference has letters, digits and dashes, such as "
		    "S11-2026, and no more than 30 of them",
		    ref);
	if (len > 2 && ref[1] == '-' &&
	    strchr("RAFMDCrafmdc", ref[0]) != NULL &&
	    strspn(ref + 2, "0123456789") == len - 2)
		return refuse(err,
		    "this is how returns and actions are numbered; give "
		    "another reference, such as S11-2026",
		    ref);
	return 0;
}

static const char *
upper(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *c = copy; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

static int
check_open(struct desk *desk, const struct rounds_open_request *request,
    const struct form **ret_form, struct err *err)
{
	struct round taken;
	int failed = check_ref(request->ref, err);

	if (failed < 0)
		return failed;
	*ret_form = forms_find(desk->forms, request->form);
	if (*ret_form == NULL)
		return refuse(err,
		    "there is no form of that name; `lscpctl form list` shows "
		    "them",
		    request->form);
	if (request->due_day == DAY_NONE ||
	    request->due_day < desk->today_day) {
		char day[DATE_TEXT_BYTES] = "no day";
		if (request->due_day != DAY_NONE)
			date_format_iso(request->due_day, day);
		return refuse(err,
		    "the due day is over; give today or a later day", day);
	}
	int found =
	    round_find(desk->store, desk->arena, request->ref, &taken, err);
	if (found > 0)
		return refuse(err, "this reference is taken; give another one",
		    taken.ref);
	return found;
}

/* Who is asked: those of the agency that a mail reaches, leads before
 * deputies. */
static int
find_people(struct desk *desk, int64_t agency, struct contacts *ret_people,
    struct err *err)
{
	static const unsigned roles[] = {ROLE_LEAD, ROLE_DEPUTY};
	struct contacts people = {0};

	for (size_t r = 0; r < 2 && people.count == 0; r++) {
		struct contacts all;
		int failed = contact_list(desk->store, desk->arena,
		    (struct contact_filter){.agency = agency,
			.roles = roles[r]},
		    &all, err);
		if (failed < 0)
			return failed;
		for (size_t i = 0; i < all.count; i++) {
			if (!contact_is_reachable(&all.items[i],
				desk->today_day))
				continue;
			struct contact *one = arena_push(desk->arena,
			    &people.items, &people.count, sizeof(*one));
			*one = all.items[i];
		}
	}
	*ret_people = people;
	return 0;
}

/* The agencies that were named, each once. */
static int
named_agencies(struct desk *desk, const struct rounds_open_request *request,
    struct agencies *ret_agencies, struct err *err)
{
	struct agencies agencies = {0};

	for (size_t i = 0; i < request->agency_count; i++) {
		struct agency agency;
		int found = agency_find(desk->store, desk->arena,
		    request->agencies[i], &agency, err);
		if (found < 0)
			return found;
		if (found != 1)
			return refuse(err,
			    found == 0
				? "we know no such agency; `lscpctl register "
				  "show` lists them"
				: "several agencies have this name; give the "
				  "code",
			    request->agencies[i]);
		if (!agency_is_active(&agency, desk->today_day))
			return refuse(err, "this agency is not active",
			    agency.code);
		bool twice = false;
		for (size_t k = 0; k < agencies.count; k++)
			twice = twice || agencies.items[k].id == agency.id;
		if (twice)
			continue;
		struct agency *one = arena_push(desk->arena, &agencies.items,
		    &agencies.count, sizeof(*one));
		*one = agency;
	}
	*ret_agencies = agencies;
	return 0;
}

/* All active ones that have somebody to ask; the others are told. */
static int
all_agencies(struct desk *desk, struct rounds_report *ret_report,
    struct agencies *ret_agencies, struct err *err)
{
	struct agencies active, asked = {0};
	int failed = agency_list(desk->store, desk->arena, desk->today_day,
	    &active, err);

	for (size_t i = 0; failed >= 0 && i < active.count; i++) {
		struct contacts people;
		const struct contact_filter filter = {.agency =
							  active.items[i].id,
		    .roles = ROLE_LEAD | ROLE_DEPUTY};
		failed = contact_list(desk->store, desk->arena, filter, &people,
		    err);
		if (failed < 0)
			break;
		if (people.count == 0) {
			report(desk, ret_report,
			    "%s: not asked, it has no lead and no deputy",
			    active.items[i].code);
			continue;
		}
		struct agency *one = arena_push(desk->arena, &asked.items,
		    &asked.count, sizeof(*one));
		*one = active.items[i];
	}
	*ret_agencies = asked;
	return failed < 0 ? failed : 0;
}

/* "amara@…, ben@…": who gets the mail. */
static const char *
address_list(struct arena *arena, const struct contacts *people)
{
	const char *list = "";

	for (size_t i = 0; i < people->count; i++)
		list = arena_printf(arena, "%s%s%s", list, i == 0 ? "" : ", ",
		    people->items[i].email);
	return list;
}

static int
ask_agency(struct desk *desk, const struct request_new *request,
    const struct agency *agency, struct rounds_report *ret_report,
    struct err *err)
{
	struct contacts people;
	int64_t id;
	int mails, failed = request_add(desk->store, request, &id, err);

	if (failed < 0 ||
	    (failed = find_people(desk, agency->id, &people, err)) < 0 ||
	    (mails = failed = rounds_send_request(desk, id, err)) < 0)
		return failed;
	ret_report->requests++;
	ret_report->mails += (size_t)mails;
	if (mails == 0) {
		ret_report->unsent++;
		report(desk, ret_report,
		    "%s: not sent, nobody there can be reached (no active lead "
		    "or deputy)",
		    agency->code);
	} else {
		report(desk, ret_report, "%s: asked, %s", agency->code,
		    address_list(desk->arena, &people));
	}
	return 0;
}

static int
open_round(struct desk *desk, const struct rounds_open_request *request,
    const struct form *form, struct rounds_report *ret_report, struct err *err)
{
	const char *ref = upper(desk->arena, request->ref);
	struct agencies agencies = {0};
	int64_t round;
	int failed = request->agencies != NULL
			 ? named_agencies(desk, request, &agencies, err)
			 : all_agencies(desk, ret_report, &agencies, err);

	if (failed < 0)
		return failed;
	if (agencies.count == 0)
		return refuse(err, "there is no agency to ask", ref);
	failed = round_open(desk->store,
	    &(struct round_new){.ref = ref,
		.form = form->name,
		.title = form->title,
		.form_version = form->version,
		.source = form->source,
		.due_day = request->due_day,
		.opened_at = desk->now_at},
	    &round, err);
	for (size_t i = 0; failed >= 0 && i < agencies.count; i++)
		failed = ask_agency(desk,
		    &(struct request_new){.round = round,
			.agency = agencies.items[i].id,
			.due_day = request->due_day,
			.state = "not_sent"},
		    &agencies.items[i], ret_report, err);
	return failed < 0 ? failed
			  : desk_audit(desk, NULL, "round-open", ref, err);
}

/* Inside a savepoint, which a dry run and a failure undo. */
static int
finish(struct desk *desk, enum rounds_mode mode, int failed, struct err *err)
{
	struct err ignored;

	if (failed < 0) {
		if (store_in_transaction(desk->store))
			(void)store_rollback_to(desk->store, &ignored);
		return failed;
	}
	return mode == ROUNDS_DRY_RUN ? store_rollback_to(desk->store, err)
				      : store_release(desk->store, err);
}

int
rounds_open(struct desk *desk, const struct rounds_open_request *request,
    struct rounds_report *ret_report, struct err *err)
{
	const struct form *form;
	struct rounds_report made = {0};
	int failed = check_open(desk, request, &form, err);

	if (failed < 0 || (failed = store_savepoint(desk->store, err)) < 0)
		return failed;
	failed = open_round(desk, request, form, &made, err);
	failed = finish(desk, request->mode, failed, err);
	if (failed < 0)
		return failed;
	*ret_report = made;
	return 0;
}

/* --- closing ---------------------------------------------------------------- */

static int
close_round(struct desk *desk, const struct round *round,
    struct rounds_report *ret_report, struct err *err)
{
	struct requests open;
	int failed = request_list(desk->store, desk->arena,
	    &(struct request_filter){.round = round->id,
		.which = REQUESTS_OPEN},
	    &open, err);

	if (failed < 0)
		return failed;
	for (size_t i = 0; i < open.count; i++) {
		if ((failed = request_refresh(desk, &open.items[i], err)) < 0)
			return failed;
		report(desk, ret_report,
		    "%s: it is not complete, and counts as a non-return",
		    open.items[i].agency_code);
	}
	ret_report->requests = open.count;
	failed = round_close(desk->store, round->id, desk->now_at, err);
	return failed < 0
		   ? failed
		   : desk_audit(desk, NULL, "round-close", round->ref, err);
}

int
rounds_close(struct desk *desk, const char *ref, enum rounds_mode mode,
    struct rounds_report *ret_report, struct err *err)
{
	struct round round;
	struct rounds_report made = {0};
	int found = round_find(desk->store, desk->arena, ref, &round, err);

	if (found < 0)
		return found;
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "%s: there is no such round", ref);
	if (round.closed_at != 0)
		return refuse(err, "it is closed already", round.ref);
	int failed = store_savepoint(desk->store, err);
	if (failed < 0)
		return failed;
	failed = close_round(desk, &round, &made, err);
	failed = finish(desk, mode, failed, err);
	if (failed < 0)
		return failed;
	*ret_report = made;
	return 0;
}

/* --- the mail ----------------------------------------------------------------- */

int
rounds_send_request(struct desk *desk, int64_t id, struct err *err)
{
	struct request request = {0};
	struct contacts people;
	int failed = request_get(desk->store, desk->arena, id, &request, err);

	if (failed < 0 ||
	    (failed = find_people(desk, request.agency, &people, err)) < 0)
		return failed;
	for (size_t i = 0; i < people.count; i++)
		if ((failed = request_letter(desk, &request, &people.items[i],
			 err)) < 0)
			return failed;
	if (people.count == 0)
		return 0;
	if ((failed = request_set_state(desk->store, id, "sent", err)) < 0)
		return failed;
	failed = desk_audit(desk, NULL, "request-sent",
	    arena_printf(desk->arena, "%s/%s", request.round_ref,
		request.agency_code),
	    err);
	return failed < 0 ? failed : (int)people.count;
}
