/*
 * What the tests of the handlers share: a database of their own with the
 * example register, the shipped forms and letters, and mails made by hand that
 * go the engine's way: thread, reading, row, handler.
 */
#ifndef TESTS_UNIT_HANDLERS_FIXTURE_H
#define TESTS_UNIT_HANDLERS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "handlers/handler.h"
#include "handlers/reading.h"
#include "store/action.h"
#include "store/message.h"
#include "store/round.h"

enum {
	T0 = 1771929720, /* Tuesday 24 February 2026, 10:42 */
	DAY_S = 24 * 60 * 60,
	ARENA_MAX = 256 * 1024 * 1024,
};

#define AMARA "amara.okafor@northbank.example"           /* NHT, lead */
#define BEN   "ben.tate@northbank.example"               /* NHT, deputy */
#define DEVI  "devi.shah@northbank.example"              /* NHT, data */
#define HELEN "helen.marsh@northbank.example"            /* NHT, executive */
#define PETRA "petra.vance@fairbourne-probation.example" /* no answers */
#define VERA  "vera.lind@orchard-trust.example" /* ORCH, parent of GRN */
#define SAM   "sam.dean@greenhill.example"      /* GRN and ORCH */
#define PRIYA "priya.nair@fscp.example"         /* staff */

struct fixture {
	char folder[64], path[96];
	struct store *store;
	struct arena *arena;
	struct settings settings;
	struct forms forms;
	struct template_set *templates;
	struct mailer mailer;
	struct desk desk;
	struct err err;
	int64_t now_at;
	int mails;      /* that came in */
	int64_t outbox; /* the newest mail that went out; 0: none */
	struct intake intake;
	struct record record;
};

/* `expr` must not fail; the words say why it did. */
#define OK(f, expr)                                               \
	do {                                                      \
		(f)->err = (struct err){0};                       \
		if ((expr) < 0)                                   \
			fail_msg("%s: %s", #expr, (f)->err.text); \
	} while (0)

static inline void
fixture_settings(struct settings *settings)
{
	*settings = (struct settings){
	    .partnership = {.name = "Fairbourne Safeguarding Children "
				    "Partnership",
		.short_name = "LSCP",
		.address = "lscp@partnership.example",
		.phone = "020 7946 0396",
		.concern = "Worried about a child now? Call the MASH.",
		.marking = "OFFICIAL",
		.timezone = "Europe/London"},
	    .outgoing = {.mode = MODE_LIVE,
		.null_sender = true,
		.redirect = ""},
	    .limits = {.answers_per_hour = 20,
		.answers_per_day = 60,
		.answers_per_day_others = 1},
	    .training_target = 90,
	};
}

static inline void
fixture_templates(struct fixture *f)
{
	struct problems problems;
	json_t *common = mailer_common_sample(&f->settings);

	problems_init(&problems);
	if (templates_load("config/templates", common, &problems, &f->templates,
		&f->err) < 0)
		fail_msg("%s", buf_text(&problems.text));
	json_decref(common);
	problems_done(&problems);
}

static inline void
fixture_line(void *ctx, enum register_line_kind kind, const char *text)
{
	(void)ctx;
	if (kind == REGISTER_PROBLEM)
		print_message("%s\n", text);
}

static inline void
fixture_register(struct fixture *f)
{
	struct register_import import = {.folder = "config/register",
	    .mode = REGISTER_APPLY,
	    .today_day = date_of(f->now_at),
	    .line = fixture_line};

	OK(f, store_begin(f->store, &f->err));
	OK(f, register_import(f->store, &import, &f->err));
	OK(f, store_commit(f->store, &f->err));
}

/* The clock; the next mail comes then. */
static inline void
fixture_at(struct fixture *f, int64_t now_at)
{
	f->now_at = now_at;
	f->mailer.now_at = now_at;
	f->desk.now_at = now_at;
	f->desk.today_day = date_of(now_at);
}

static inline int
fixture_up(void **state)
{
	static const char instance[] = "0123456789abcdef";
	struct fixture *f = calloc(1, sizeof(*f));
	struct form_faults faults = {0};

	assert_non_null(f);
	assert_true(date_set_zone("Europe/London"));
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/lscpd.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/lscpd.db", f->folder);
	f->now_at = T0;
	f->arena = arena_new(ARENA_MAX);
	fixture_settings(&f->settings);
	compose_init();
	OK(f, store_open(f->path, STORE_WRITE, &f->store, &f->err));
	fixture_register(f);
	fixture_templates(f);
	OK(f,
	    forms_load(f->arena, "config/forms", &faults, &f->forms, &f->err));
	f->mailer = (struct mailer){.store = f->store,
	    .settings = &f->settings,
	    .templates = f->templates,
	    .instance = instance};
	f->desk = (struct desk){.store = f->store,
	    .settings = &f->settings,
	    .forms = &f->forms,
	    .mailer = &f->mailer,
	    .arena = f->arena};
	fixture_at(f, T0);
	*state = f;
	return 0;
}

static inline int
fixture_down(void **state)
{
	struct fixture *f = *state;
	char command[160];

	store_close(f->store);
	templates_free(f->templates);
	arena_free(f->arena);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* --- rounds --------------------------------------------------------------- */

static inline int64_t
agency_id(struct fixture *f, const char *code)
{
	struct agency agency;

	assert_int_equal(agency_find(f->store, f->arena, code, &agency,
			     &f->err),
	    1);
	return agency.id;
}

/* A round of that form, and a request to each agency ("NHT;LA"). */
static inline void
open_round(struct fixture *f, const char *ref, const char *form_name,
    const char *due, const char *agencies)
{
	const struct form *form = forms_find(&f->forms, form_name);
	int64_t round, request;

	assert_non_null(form);
	OK(f, store_begin(f->store, &f->err));
	OK(f, round_open(f->store,
		  &(struct round_new){.ref = ref,
		      .form = form->name,
		      .title = form->title,
		      .form_version = form->version,
		      .source = form->source,
		      .due_day = date_parse_iso(due),
		      .opened_at = f->now_at},
		  &round, &f->err));
	for (char **code = text_split(f->arena, agencies, ";"); *code != NULL;
	     code++)
		OK(f, request_add(f->store,
			  &(struct request_new){.round = round,
			      .agency = agency_id(f, *code),
			      .due_day = date_parse_iso(due),
			      .state = "sent"},
			  &request, &f->err));
	OK(f, store_commit(f->store, &f->err));
}

static inline void
close_round(struct fixture *f, const char *ref)
{
	struct round round;

	assert_int_equal(round_find(f->store, f->arena, ref, &round, &f->err),
	    1);
	OK(f, store_begin(f->store, &f->err));
	OK(f, round_close(f->store, round.id, f->now_at, &f->err));
	OK(f, store_commit(f->store, &f->err));
}

/* --- a mail that comes in ----------------------------------------------------- */

struct given {
	const char *from, *subject, *text;
	const char *csv_name, *csv; /* an attached file, comma separated */
	const char *file_name;      /* an attached file that nobody reads */
	int64_t answers;            /* outbox id that it answers; 0 */
};

static inline void
given_csv(struct fixture *f, const struct given *given)
{
	struct record_table *table = arena_alloc(f->arena, sizeof(*table));
	char **lines = text_split(f->arena, given->csv, "\n");

	*table = (struct record_table){.kind = TABLE_CSV, .name = ""};
	for (uint32_t n = 0; lines[n] != NULL; n++) {
		struct record_row *row = arena_push(f->arena, &table->rows,
		    &table->row_count, sizeof(*row));
		row->line = n + 1;
		for (const char *at = lines[n]; at != NULL;) {
			const char *comma = strchr(at, ',');
			const char **cell = arena_push(f->arena, &row->cells,
			    &row->cell_count, sizeof(*cell));
			*cell = comma == NULL ? arena_strdup(f->arena, at)
					      : arena_strndup(f->arena, at,
						    (size_t)(comma - at));
			at = comma == NULL ? NULL : comma + 1;
		}
	}
	f->record.tables = table;
	f->record.table_count = 1;
}

static inline void
given_part(struct fixture *f, const char *name, enum record_verdict verdict)
{
	struct record_part *parts =
	    arena_array(f->arena, f->record.part_count + 1, sizeof(*parts));
	struct record_part *part = &parts[f->record.part_count];

	if (f->record.part_count > 0)
		memcpy(parts, f->record.parts,
		    f->record.part_count * sizeof(*parts));
	*part = (struct record_part){.name = name,
	    .type = "application/octet-stream",
	    .encoding = "base64",
	    .bytes = 1234,
	    .verdict = verdict,
	    .reason = "",
	    .text = ""};
	sha256_of(name, strlen(name), part->sha256);
	f->record.parts = parts;
	f->record.part_count++;
}

static inline void
given_record(struct fixture *f, const struct given *given)
{
	struct record_body *body = arena_alloc(f->arena, sizeof(*body));
	struct record_segment *segment =
	    arena_alloc(f->arena, sizeof(*segment));
	struct record_address *from = arena_alloc(f->arena, sizeof(*from));

	*segment = (struct record_segment){.whose = WHOSE_NEW,
	    .line = 1,
	    .text = given->text == NULL ? "" : given->text};
	*body = (struct record_body){.kind = BODY_PLAIN,
	    .segments = segment,
	    .segment_count = 1};
	*from = (struct record_address){.name = "", .addr = given->from};
	f->record =
	    (struct record){.subject = given->subject == NULL ? "Our return"
							      : given->subject,
		.from = {.items = from, .count = 1},
		.message_id =
		    arena_printf(f->arena, "<%d@sender.example>", f->mails),
		.in_reply_to = "",
		.bodies = body,
		.body_count = 1,
		.calendar_method = "",
		.content_type = "text/plain"};
	sha256_of(&f->mails, sizeof(f->mails), f->record.content_key);
	if (given->csv != NULL) {
		given_part(f, given->csv_name, PART_READ);
		given_csv(f, given);
	}
	if (given->file_name != NULL)
		given_part(f, given->file_name, PART_KEPT);
}

static inline void
given_thread(struct fixture *f, int64_t answers)
{
	struct thread *thread = &f->intake.thread;

	thread->text = "";
	if (answers == 0)
		return;
	assert_int_equal(outbox_find(f->store, f->arena, answers, &thread->mail,
			     &f->err),
	    1);
	assert_int_equal(outbox_text(f->store, f->arena, answers, &thread->text,
			     &f->err),
	    1);
	thread->found = true;
}

static inline void
given_row(struct fixture *f)
{
	const struct intake *intake = &f->intake;
	const struct message row = {
	    .mailbox_key = arena_printf(f->arena, "key-%d", f->mails),
	    .sha256 = f->record.content_key,
	    .content_key = f->record.content_key,
	    .received_at = f->now_at,
	    .judged_at = f->now_at,
	    .from_addr = intake->from,
	    .subject = f->record.subject,
	    .message_id = f->record.message_id,
	    .class = "human",
	    .outcome = "attention",
	    .reason = "",
	    .ref = "",
	    .folder = "Attention",
	    .size_bytes = 1000,
	    .again = "",
	};

	OK(f, message_add(f->store, &row, &f->intake.message, &f->err));
}

static inline void
find_newest(struct fixture *f)
{
	struct outbox mail;

	while (
	    outbox_find(f->store, f->arena, f->outbox + 1, &mail, &f->err) > 0)
		f->outbox++;
}

/* The handler's answer to a mail: taken (1) or not (0). */
typedef int (*deed_fn)(struct intake *intake, struct err *err);

static inline int
mail_in(struct fixture *f, const struct given *given, deed_fn deed)
{
	struct contact *contact = arena_alloc(f->arena, sizeof(*contact));

	f->mails++;
	f->now_at += 60;
	fixture_at(f, f->now_at);
	given_record(f, given);
	f->intake = (struct intake){.desk = &f->desk,
	    .record = &f->record,
	    .received_at = f->now_at,
	    .from = given->from,
	    .outcome = {.outcome = "", .reason = "", .ref = ""}};
	if (contact_find(f->store, f->arena, given->from, contact, &f->err) > 0)
		f->intake.contact = contact;
	f->intake.is_proven = f->intake.contact != NULL;
	OK(f, store_begin(f->store, &f->err));
	given_thread(f, given->answers);
	OK(f, reading_make(&f->intake, &f->err));
	given_row(f);
	f->err = (struct err){0};
	int taken = deed(&f->intake, &f->err);
	if (taken < 0)
		fail_msg("%s", f->err.text);
	OK(f, store_commit(f->store, &f->err));
	find_newest(f);
	return taken;
}

/* --- what stands now --------------------------------------------------------- */

static inline struct outbox
newest_mail(struct fixture *f)
{
	struct outbox mail = {.kind = "", .topic = "", .ref = ""};

	if (f->outbox > 0)
		assert_int_equal(outbox_find(f->store, f->arena, f->outbox,
				     &mail, &f->err),
		    1);
	return mail;
}

static inline const char *
newest_text(struct fixture *f)
{
	const char *text = "";

	assert_int_equal(outbox_text(f->store, f->arena, f->outbox, &text,
			     &f->err),
	    1);
	return text;
}

static inline void
assert_says(struct fixture *f, const char *words)
{
	const char *text = newest_text(f);

	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static inline void
assert_silent(struct fixture *f, const char *words)
{
	const char *text = newest_text(f);

	if (strstr(text, words) != NULL)
		fail_msg("\"%s\" is in:\n%s", words, text);
}

/* Outcome, kind of the newest mail, reference. */
static inline void
assert_became(struct fixture *f, const char *outcome, const char *kind,
    const char *ref)
{
	if (strcmp(f->intake.outcome.outcome, outcome) != 0 ||
	    strcmp(newest_mail(f).kind, kind) != 0)
		fail_msg("%s and %s, not %s and %s:\n%s",
		    f->intake.outcome.outcome, newest_mail(f).kind, outcome,
		    kind, f->outbox > 0 ? newest_text(f) : "");
	assert_string_equal(f->intake.outcome.ref, ref);
}

static inline struct submission
the_return(struct fixture *f, const char *ref)
{
	struct submission submission;

	assert_int_equal(submission_find(f->store, f->arena, ref, &submission,
			     &f->err),
	    1);
	return submission;
}

static inline void
assert_return(struct fixture *f, const char *ref, const char *state,
    int version)
{
	struct submission submission = the_return(f, ref);

	assert_string_equal(submission.state, state);
	assert_int_equal(submission.version, version);
}

static inline const char *
the_answer(struct fixture *f, const char *ref, const char *tbl, const char *row,
    const char *field)
{
	struct answers answers;

	OK(f, submission_list_answers(f->store, f->arena, the_return(f, ref).id,
		  &answers, &f->err));
	for (size_t i = 0; i < answers.count; i++) {
		const struct answer *answer = &answers.items[i];
		if (strcmp(answer->tbl, tbl) == 0 &&
		    strcmp(answer->row, row) == 0 &&
		    strcmp(answer->field, field) == 0)
			return answer->value;
	}
	return "";
}

static inline const char *
request_state(struct fixture *f, const char *ref)
{
	struct request request;

	assert_int_equal(request_find_ref(f->store, f->arena, ref, &request,
			     &f->err),
	    1);
	return request.state;
}

static inline size_t
open_findings(struct fixture *f, const char *ref)
{
	struct findings findings;

	OK(f, finding_list(f->store, f->arena, the_return(f, ref).id, &findings,
		  &f->err));
	return findings.count;
}

static inline size_t
count_actions(struct fixture *f, const char *ref, const char *status)
{
	struct actions actions;
	size_t count = 0;

	OK(f, action_list(f->store, f->arena,
		  &(struct action_filter){.submission = the_return(f, ref).id,
		      .which = ACTIONS_ALL},
		  &actions, &f->err));
	for (size_t i = 0; i < actions.count; i++)
		count += strcmp(actions.items[i].status, status) == 0;
	return count;
}

#endif
