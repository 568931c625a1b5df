#include "fixture.h"
#include "store/action.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "store/view.h"

/* What is promised to whoever reads them: names and order. */
static const struct {
	const char *view, *columns;
} g_promised[] = {
    {"v_status", "key value"},
    {"v_message", "id received_at from_addr subject message_id class outcome "
		  "reason ref folder size_bytes"},
    {"v_submission", "ref form form_version round period agency sender "
		     "received_at state version"},
    {"v_answer", "ref tbl row field value"},
    {"v_round", "ref form form_version title opened_at due closed_at state"},
    {"v_request", "round agency due original_due state late_days reminders "
		  "last_reminder_at submission"},
    {"v_contact", "email name agency roles status away_until bounced_at"},
    {"v_action", "ref source title text priority agency owner group_code due "
		 "original_due status brag_reported brag_derived brag_shown "
		 "verified_at extensions updated_at"},
    {"v_finding", "ref source agency theme priority kind severity text action"},
    {"v_meeting", "ref group_code title uid sequence starts_at ends_at status"},
    {"v_attendee", "meeting email role partstat instance comment answered_at"},
    {"v_outbox", "id kind ref recipient subject message_id in_reply_to state "
		 "attempts queued_at sent_at last_error"},
    {"v_audit", "id at actor verb ref detail hash"},
};

static void
columns_are_as_promised(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT_OF(g_promised); i++) {
		struct view_names names;
		const char *text = "";
		OK(f, view_columns(f->store, f->arena, g_promised[i].view,
			  &names, &f->err));
		for (size_t k = 0; k < names.count; k++)
			text = arena_printf(f->arena, "%s%s%s", text,
			    k == 0 ? "" : " ", names.items[k]);
		assert_string_equal(text, g_promised[i].columns);
	}
}

/* `name=value|…`, a line for each row; a NULL has no `=`. */
static int
collect_row(void *ctx, const struct view_cell *cells, size_t count,
    struct err *err)
{
	struct fixture *f = ctx;

	(void)err;
	for (size_t i = 0; i < count; i++)
		buf_printf(&f->lines, "%s%s%s%s", i == 0 ? "" : "|",
		    cells[i].name, cells[i].type == VIEW_NULL ? "" : "=",
		    cells[i].text);
	buf_putc(&f->lines, '\n');
	return 0;
}

static int
ask(struct fixture *f, const char *view, const struct view_filter *filters,
    size_t count)
{
	const struct view_query query = {.view = view,
	    .filters = filters,
	    .filter_count = count};

	buf_clear(&f->lines);
	f->err = (struct err){0};
	return view_rows(f->store, &query, collect_row, f, &f->err);
}

static void
formats_are_as_promised(void **state)
{
	struct fixture *f = *state;
	const struct outbox mail = {.kind = "receipt",
	    .recipient = "Ana@LGT.example",
	    .envelope_to = "ana@lgt.example",
	    .subject = "S",
	    .message_id = "<a@lscp.example>",
	    .state = "queued",
	    .queued_at = T0};
	const struct outbox_body body = {"t", "m", 1};
	const struct outbox_items items = {0};
	int64_t id;

	import_example(f);
	begin(f);
	(void)add_message(f, "one");
	OK(f, outbox_add(f->store, &mail, &body, &items, &id, &f->err));
	OK(f, status_set_as_of(f->store, T0, date_parse_iso("2026-03-02"),
		  &f->err));
	commit(f);
	GIVES(f, 1, ask(f, "v_message", NULL, 0));
	assert_string_equal(buf_text(&f->lines),
	    "id=1|received_at=2026-03-02T07:30:00Z|from_addr=ana@lgt.example|"
	    "subject=Return|message_id=<1@lgt.example>|class=human|"
	    "outcome=filed|reason=|ref=|folder=Filed|size_bytes=4\n");
	GIVES(f, 1, ask(f, "v_outbox", NULL, 0));
	assert_string_equal(buf_text(&f->lines),
	    "id=1|kind=receipt|ref=|recipient=ana@lgt.example|subject=S|"
	    "message_id=<a@lscp.example>|in_reply_to=|state=queued|attempts=0|"
	    "queued_at=2026-03-02T07:30:00Z|sent_at|last_error=\n");
	const struct view_filter dan = {"email", VIEW_IS, "DAN@lgt.example"};
	GIVES(f, 1, ask(f, "v_contact", &dan, 1));
	assert_string_equal(buf_text(&f->lines),
	    "email=dan@lgt.example|name=Dan Deputy|agency=LGT;MET|roles=deputy|"
	    "status=away|away_until=2026-03-05|bounced_at\n");
	GIVES(f, 5, ask(f, "v_status", NULL, 0));
	assert_true(told(f, "key=as_of|value=2026-03-02T07:30:00Z\n"));
	assert_true(told(f, "key=last_sync_at|value\n"));
	assert_true(told(f, "key=queued|value=1\n"));
	assert_true(told(f, arena_printf(f->arena, "key=schema|value=%d\n",
				schema_current().count)));
}

static void
an_action_shows_its_colours(void **state)
{
	struct fixture *f = *state;
	struct agency agency;
	char ref[REFERENCE_BYTES];
	int64_t id;

	import_example(f);
	OK(f, agency_find(f->store, f->arena, "LGT", &agency, &f->err));
	const struct action action = {.source = "RR-2026-01",
	    .title = "Train",
	    .text = "Train all",
	    .agency = agency.id,
	    .owner_text = "A. Nother",
	    .due_day = DAY_NONE,
	    .status = "open",
	    .opened_at = T0};
	begin(f);
	OK(f, action_add(f->store, &action, &id, ref, &f->err));
	OK(f, action_set_brag(f->store, id, "grey", "grey", &f->err));
	commit(f);
	GIVES(f, 1, ask(f, "v_action", NULL, 0));
	assert_string_equal(buf_text(&f->lines),
	    "ref=A-0001|source=RR-2026-01|title=Train|text=Train all|"
	    "priority=normal|agency=LGT|owner=A. Nother|group_code|due|"
	    "original_due|status=open|brag_reported|brag_derived=grey|"
	    "brag_shown=grey|verified_at|extensions=0|updated_at\n");
	begin(f);
	OK(f, action_set_status(f->store, id, "closed", T0, &f->err));
	commit(f);
	GIVES(f, 1, ask(f, "v_action", NULL, 0));
	assert_true(told(f, "|brag_reported|brag_derived|brag_shown|"));
}

static void
filters_choose(void **state)
{
	struct fixture *f = *state;

	static const struct {
		struct view_filter filter;
		int rows;
	} cases[] = {
	    {{"agency", VIEW_HAS, "met"}, 2},
	    {{"agency", VIEW_IS, "met"}, 1},
	    {{"agency", VIEW_EXACT, "MET"}, 1},
	    {{"agency", VIEW_EXACT, "met"}, 0},
	    {{"roles", VIEW_HAS, "executive"}, 1},
	    {{"roles", VIEW_HAS, "exec"}, 0},
	    {{"status", VIEW_IS_NOT, "active"}, 1},
	    {{"away_until", VIEW_IS_NULL, NULL}, 3},
	    {{"away_until", VIEW_BEFORE, "2026-03-06"}, 1},
	    {{"away_until", VIEW_AT_LEAST, "2026-03-06"}, 0},
	    {{"name", VIEW_IS, "' OR 1=1 --"}, 0},
	};

	import_example(f);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		GIVES(f, cases[i].rows,
		    ask(f, "v_contact", &cases[i].filter, 1));
	const struct view_filter both[] = {cases[0].filter, cases[6].filter};
	GIVES(f, 1, ask(f, "v_contact", both, 2));
	begin(f);
	for (int i = 0; i < 12; i++)
		(void)add_message(f, arena_printf(f->arena, "k%d", i));
	commit(f);
	const struct view_filter ids = {"id", VIEW_AT_LEAST, "9"};
	GIVES(f, 4, ask(f, "v_message", &ids, 1));
	const struct view_filter one = {"id", VIEW_EXACT, "9"};
	GIVES(f, 1, ask(f, "v_message", &one, 1));
	const struct view_query query = {.view = "v_message",
	    .order = "-id",
	    .limit = 2};
	GIVES(f, 2, view_rows(f->store, &query, collect_row, f, &f->err));
	assert_true(told(f, "\nid=12|"));
}

static void
nothing_else_is_read(void **state)
{
	struct fixture *f = *state;
	static const char *const views[] = {"message", "raw", "sqlite_schema",
	    "v_message; DROP TABLE message", ""};
	const struct view_filter column = {"id\" OR 1 --", VIEW_IS, "1"};
	const struct view_query order = {.view = "v_message",
	    .order = "1; DROP TABLE message"};

	for (size_t i = 0; i < COUNT_OF(views); i++)
		GIVES(f, ERR_INPUT, ask(f, views[i], NULL, 0));
	GIVES(f, ERR_INPUT, ask(f, "v_message", &column, 1));
	GIVES(f, ERR_INPUT,
	    view_rows(f->store, &order, collect_row, f, &f->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(columns_are_as_promised),
	    TEST(formats_are_as_promised),
	    TEST(an_action_shows_its_colours),
	    TEST(filters_choose),
	    TEST(nothing_else_is_read),
	};

	return cmocka_run_group_tests_name("store/view", tests, NULL, NULL);
}
