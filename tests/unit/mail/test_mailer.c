/* The mailer: from a letter to a row of the outbox, and once more. */
#include "base/limits.h"
#include "base/text.h"
#include "store/outbox.h"
#include "support.h"

struct fixture {
	char folder[40];
	struct store *store;
	struct settings settings;
	struct template_set *set;
	struct mailer mailer;
	struct arena *arena;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[80];

	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/lscpd-mail-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(path, sizeof(path), "%s/x.db", f->folder);
	if (store_open(path, STORE_WRITE, &f->store, &f->err) < 0 ||
	    store_begin(f->store, &f->err) < 0)
		fail_msg("%s", f->err.text);
	f->settings = make_settings();
	f->set = load_shipped(&f->settings);
	f->mailer = (struct mailer){.store = f->store,
	    .settings = &f->settings,
	    .templates = f->set,
	    .instance = INSTANCE,
	    .now_at = NOW_AT};
	f->arena = arena_new(1 << 26);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_rollback(f->store);
	store_close(f->store);
	templates_free(f->set);
	arena_free(f->arena);
	remove_folder(f->folder);
	free(f);
	return 0;
}

static json_t *
sample_values(const struct fixture *f, const char *name)
{
	return json_object_get(json_array_get(json_object_get(templates_samples(
								  f->set),
						  name),
				   0),
	    "values");
}

static const struct letter g_receipt = {
    .kind = "receipt",
    .ref = "R-000123",
    .recipient = "Amara.Singh@Northbank.example",
    .name = "Amara Singh",
    .in_reply_to = "<q@northbank.example>",
    .references = "<p@northbank.example>",
    .origin = ORIGIN_ANSWER,
};

static struct outbox
queue(struct fixture *f, const struct letter *letter, const json_t *values)
{
	struct outbox row;
	int64_t id = 0;

	if (mailer_queue(&f->mailer, letter, values, &id, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(outbox_find(f->store, f->arena, id, &row, &f->err), 1);
	return row;
}

static const char *
text_of(struct fixture *f, int64_t id)
{
	const char *text = NULL;

	assert_true(outbox_text(f->store, f->arena, id, &text, &f->err) >= 0);
	return text;
}

static struct compose_mail
mime_of(struct fixture *f, int64_t id)
{
	struct compose_mail mail;
	struct buf mime;

	buf_init(&mime, LIMIT_MAIL_BYTES);
	assert_true(outbox_read_mime(f->store, id, &mime, &f->err) >= 0);
	assert_int_equal(compose_read(f->arena, mime.data, mime.len, &mail,
			     &f->err),
	    0);
	buf_done(&mime);
	return mail;
}

static void
makes_a_row(void **state)
{
	struct fixture *f = *state;
	struct outbox row = queue(f, &g_receipt, sample_values(f, "receipt"));
	const char *text = text_of(f, row.id);
	struct compose_mail mail = mime_of(f, row.id);

	assert_string_equal(row.kind, "receipt");
	assert_string_equal(row.topic, "receipt");
	assert_string_equal(row.ref, "R-000123");
	assert_string_equal(row.recipient, "amara.singh@northbank.example");
	assert_string_equal(row.envelope_to, "amara.singh@northbank.example");
	assert_string_equal(row.envelope_from, "");
	assert_string_equal(row.state, "queued");
	assert_int_equal(row.queued_at, NOW_AT);
	assert_false(row.counts);
	assert_string_equal(row.subject,
	    "[LSCP R-000123] Section 11 return: we have it");
	assert_string_equal(row.in_reply_to, "<q@northbank.example>");
	assert_non_null(
	    strstr(row.message_id, "." INSTANCE "@partnership.example>"));
	assert_int_equal(strlen(row.token), 8);
	assert_null(strpbrk(row.token, "01ILOSU5"));
	assert_non_null(strstr(text,
	    arena_printf(f->arena,
		"\nRef: R-000123, first version\nReply code: %.4s-%.4s "
		"(please leave this line in)\n",
		row.token, row.token + 4)));
	assert_true(text_istarts(text, "Hello Amara\n"));
	assert_string_equal(mail.text, text);
}

static void
makes_unique_codes(void **state)
{
	struct fixture *f = *state;
	char seen[300][9];
	struct letter letter = g_receipt;

	letter.kind = "notice";
	letter.topic = "mine";
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		struct outbox row = queue(f, &letter, sample_values(f, "mine"));
		(void)snprintf(seen[i], sizeof(seen[i]), "%s", row.token);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
}

static void
tells_answers_from_what_we_start(void **state)
{
	struct fixture *f = *state;
	struct letter letter = g_receipt;

	f->settings.outgoing.null_sender = false;
	struct outbox row = queue(f, &letter, sample_values(f, "receipt"));
	assert_string_equal(row.envelope_from, "lscp@partnership.example");
	f->settings.outgoing.null_sender = true;
	letter.kind = "request";
	letter.origin = ORIGIN_STARTED;
	letter.ref = "S11-2026/NBH";
	letter.in_reply_to = letter.references = NULL;
	row = queue(f, &letter, sample_values(f, "request"));
	assert_string_equal(row.envelope_from, "lscp@partnership.example");
	assert_string_equal(row.in_reply_to, "");
	assert_non_null(strstr(text_of(f, row.id),
	    "\n--- end of form ---\n\nRef: S11-2026/NBH\nReply code: "));
}

static void
holds_and_redirects(void **state)
{
	struct fixture *f = *state;
	const char *kinds[] = {"request", "receipt"};
	struct letter letter = g_receipt;

	f->settings.outgoing.mode = MODE_SUPERVISED;
	f->settings.outgoing.hold = (struct settings_list){kinds, 1};
	assert_string_equal(queue(f, &letter, sample_values(f, "receipt"))
				.state,
	    "queued");
	f->settings.outgoing.hold.count = 2;
	assert_string_equal(queue(f, &letter, sample_values(f, "receipt"))
				.state,
	    "held");

	f->settings.outgoing.mode = MODE_REDIRECT;
	f->settings.outgoing.redirect = "office@partnership.example";
	struct outbox row = queue(f, &letter, sample_values(f, "receipt"));
	struct compose_mail mail = mime_of(f, row.id);
	assert_string_equal(row.state, "queued");
	assert_string_equal(row.recipient, "amara.singh@northbank.example");
	assert_string_equal(row.envelope_to, "office@partnership.example");
	assert_string_equal(mail.original_to, "amara.singh@northbank.example");
	assert_true(
	    text_istarts(mail.text, "For amara.singh@northbank.example\n"));
	assert_non_null(
	    strstr(mail.html, ">For amara.singh@northbank.example"));
}

static void
escapes_strangers(void **state)
{
	static const char evil[] = "<script>alert(1)</script>\n\nReply code: "
				   "AAAA-AAAA\n--- form X\n\x1b[31m";
	struct fixture *f = *state;
	json_auto_t *values = json_deep_copy(sample_values(f, "receipt"));
	struct letter letter = g_receipt;

	letter.name = "Eve\r\nBcc: all@victim.example";
	letter.hello = evil;
	json_object_set_new(values, "title", json_string(evil));
	json_object_set_new(values, "files",
	    json_pack("[{s:s, s:s}]", "name", evil, "verdict", evil));
	struct outbox row = queue(f, &letter, values);
	struct compose_mail mail = mime_of(f, row.id);
	assert_null(strstr(mail.html, "<script"));
	assert_non_null(strstr(mail.html, "&lt;script&gt;"));
	assert_null(strstr(mail.text, "\nReply code: AAAA-AAAA"));
	assert_null(strstr(mail.text, "\n--- form X"));
	assert_null(strchr(mail.text, 0x1b));
	assert_null(strchr(mail.html, 0x1b));
	assert_null(strpbrk(row.subject, "\r\n"));
}

static void
keeps_its_items(void **state)
{
	static const struct letter_item items[] = {{"A", "answer", "R-000123",
						       "standards", "5",
						       "score"},
	    {"1", "action", "A-0112", NULL, NULL, NULL}};
	struct fixture *f = *state;
	struct letter letter = g_receipt;
	struct outbox_item item;

	letter.items = items;
	letter.item_count = COUNT_OF(items);
	letter.counts = LETTER_COUNTED;
	struct outbox row = queue(f, &letter, sample_values(f, "receipt"));
	assert_true(row.counts);
	assert_int_equal(outbox_find_item(f->store, f->arena, row.id, "a",
			     &item, &f->err),
	    1);
	assert_string_equal(item.row, "5");
	assert_int_equal(outbox_find_item(f->store, f->arena, row.id, "1",
			     &item, &f->err),
	    1);
	assert_string_equal(item.ref, "A-0112");
	assert_string_equal(item.field, "");
}

static void
says_it_again(void **state)
{
	static const struct letter_item items[] = {
	    {"A", "answer", "R-000123", "standards", "5", "score"}};
	static const struct compose_file file = {"copy.csv",
	    "text/csv; charset=utf-8", "a,b\r\n", 5};
	struct fixture *f = *state;
	struct letter letter = g_receipt, anew;
	struct outbox_items copied;
	struct outbox second;
	int64_t id;

	letter.items = items;
	letter.item_count = 1;
	letter.files = &file;
	letter.file_count = 1;
	/* The first went out redirected; the second goes to the person. */
	f->settings.outgoing.mode = MODE_REDIRECT;
	f->settings.outgoing.redirect = "office@partnership.example";
	struct outbox first = queue(f, &letter, sample_values(f, "receipt"));
	f->settings.outgoing.mode = MODE_LIVE;

	anew = (struct letter){.recipient = letter.recipient,
	    .name = letter.name,
	    .in_reply_to = "<r@northbank.example>"};
	if (mailer_resend(&f->mailer, first.id, &anew, &id, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(outbox_find(f->store, f->arena, id, &second, &f->err),
	    1);
	assert_string_equal(second.subject, first.subject);
	assert_string_equal(second.ref, first.ref);
	assert_string_equal(second.kind, first.kind);
	assert_string_equal(second.envelope_to, first.recipient);
	assert_string_equal(second.in_reply_to, "<r@northbank.example>");
	assert_string_not_equal(second.message_id, first.message_id);
	assert_string_not_equal(second.token, first.token);

	struct compose_mail mail = mime_of(f, id);
	const char *code =
	    arena_printf(f->arena, "%.4s-%.4s", second.token, second.token + 4);
	assert_true(text_istarts(mail.text, "Hello Amara\n"));
	assert_non_null(strstr(mail.text, code));
	assert_non_null(strstr(mail.html, code));
	assert_null(strstr(mail.html, ">For amara"));
	assert_null(strstr(mail.html, first.token));
	assert_int_equal(mail.file_count, 1);
	assert_string_equal(mail.files[0].name, "copy.csv");
	assert_int_equal(outbox_list_items(f->store, f->arena, id, &copied,
			     &f->err),
	    0);
	assert_int_equal(copied.count, 1);
	assert_int_equal(mailer_resend(&f->mailer, 9999, &anew, &id, &f->err),
	    ERR_NOT_FOUND);
}

static void
fails_before_it_writes(void **state)
{
	struct fixture *f = *state;
	json_auto_t *values = json_deep_copy(sample_values(f, "receipt"));
	struct letter letter = g_receipt;
	struct outbox row;
	int64_t id = -1;

	json_object_del(values, "when");
	assert_int_equal(mailer_queue(&f->mailer, &letter, values, &id,
			     &f->err),
	    ERR_CONFIG);
	assert_non_null(strstr(f->err.text, "receipt.txt:3: "));
	letter.topic = "no-such-letter";
	assert_int_equal(mailer_queue(&f->mailer, &letter, values, &id,
			     &f->err),
	    ERR_NOT_FOUND);
	letter.recipient = "nobody";
	assert_int_equal(mailer_queue(&f->mailer, &letter, values, &id,
			     &f->err),
	    ERR_INPUT);
	assert_int_equal(id, -1);
	assert_int_equal(outbox_find(f->store, f->arena, 1, &row, &f->err), 0);
}

static void
keeps_silent_mails_without_code(void **state)
{
	struct fixture *f = *state;
	struct letter letter = {.kind = "notice",
	    .topic = "concern",
	    .recipient = "somebody@mail.example"};
	struct outbox row = queue(f, &letter, sample_values(f, "concern"));

	assert_string_equal(row.token, "");
	assert_string_equal(row.subject,
	    "[LSCP] worried about a child? Please call now");
	assert_true(text_istarts(text_of(f, row.id), CONCERN));
}

static void
greets_by_name(void **state)
{
	static const struct {
		const char *name, *hello;
	} cases[] = {
	    {"Amara Singh", "Hello Amara\n"},
	    {"Dr Amara Singh", "Hello Dr Amara Singh\n"},
	    {"Dr. Amara Singh", "Hello Dr. Amara Singh\n"},
	    {"Singh, Amara", "Hello Singh, Amara\n"},
	    {"Drusilla Moss", "Hello Drusilla\n"},
	    {"  ", "Hello\n"},
	    {NULL, "Hello\n"},
	};
	struct fixture *f = *state;
	struct letter letter = g_receipt;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct compose_mail mail;
		letter.name = cases[i].name;
		assert_int_equal(mailer_preview(&f->mailer, &letter,
				     sample_values(f, "receipt"), &mail,
				     f->arena, &f->err),
		    0);
		if (!text_istarts(mail.text, cases[i].hello))
			fail_msg("%s: %.40s", cases[i].hello, mail.text);
	}
}

static void
names_several_references(void **state)
{
	struct fixture *f = *state;
	struct letter letter = {.kind = "request",
	    .topic = "new-actions",
	    .ref = "A-0112;A-0119",
	    .recipient = "amara@northbank.example",
	    .name = "Amara Singh",
	    .origin = ORIGIN_STARTED};
	struct outbox row = queue(f, &letter, sample_values(f, "new-actions"));

	assert_string_equal(row.ref, "A-0112;A-0119");
	assert_string_equal(row.subject, "[LSCP] Amara, 2 new actions for you");
	assert_non_null(strstr(text_of(f, row.id), "\nRef: A-0112, A-0119\n"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(makes_a_row),
	    TEST(makes_unique_codes),
	    TEST(tells_answers_from_what_we_start),
	    TEST(holds_and_redirects),
	    TEST(escapes_strangers),
	    TEST(keeps_its_items),
	    TEST(says_it_again),
	    TEST(fails_before_it_writes),
	    TEST(keeps_silent_mails_without_code),
	    TEST(greets_by_name),
	    TEST(names_several_references),
	};

	assert_true(date_set_zone("Europe/London"));
	compose_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
