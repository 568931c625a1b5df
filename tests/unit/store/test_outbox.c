#include "fixture.h"
#include "store/outbox.h"

static int64_t
add_mail(struct fixture *f, const char *name)
{
	const struct outbox mail = {.kind = "receipt",
	    .topic = "receipt",
	    .ref = "R-000001",
	    .recipient = "Ana@lgt.example",
	    .envelope_to = "ana@lgt.example",
	    .envelope_from = "",
	    .subject = "[LSCP R-000001] Received",
	    .message_id = arena_printf(f->arena, "<%s@lscp.example>", name),
	    .token = name,
	    .counts = true,
	    .state = "queued",
	    .queued_at = T0};
	const struct outbox_body body = {"text", "a\0b\r\n", 5};
	struct outbox_item items[] = {
	    {"A", "answer", "R-000001", "standards", "1", "due"},
	    {"10", "action", "A-0001", "", "", ""},
	    {"2", "action", "A-0002", "", "", ""},
	};
	const struct outbox_items list = {items, COUNT_OF(items)};
	int64_t id = 0;

	OK(f, outbox_add(f->store, &mail, &body, &list, &id, &f->err));
	return id;
}

static const char *
state_of(struct fixture *f, int64_t id)
{
	struct outbox mail;

	GIVES(f, 1, outbox_find(f->store, f->arena, id, &mail, &f->err));
	return mail.state;
}

static size_t
claim(struct fixture *f, int64_t now_at)
{
	struct outbox_dues dues;

	OK(f, outbox_claim(f->store, f->arena,
		  &(struct outbox_wanted){now_at, now_at, 10}, &dues, &f->err));
	return dues.count;
}

static void
report(struct fixture *f, int64_t id, enum outbox_how how, int64_t next_at)
{
	const struct outbox_result result = {id, how, next_at, "451 later"};

	OK(f, outbox_report(f->store, &result, 1, T0 + 5, &f->err));
}

static void
a_mail_is_kept_whole(void **state)
{
	struct fixture *f = *state;
	struct outbox mail;
	struct outbox_items items;
	struct outbox_item item;
	const char *text = NULL;
	struct buf mime CLEANUP(buf_done);

	buf_init(&mime, 100);
	begin(f);
	int64_t id = add_mail(f, "ABCD1234");
	commit(f);
	OK(f, outbox_read_mime(f->store, id, &mime, &f->err));
	assert_int_equal(mime.len, 5);
	assert_memory_equal(mime.data, "a\0b\r\n", 5);
	GIVES(f, 1, outbox_text(f->store, f->arena, id, &text, &f->err));
	assert_string_equal(text, "text");
	OK(f, outbox_list_items(f->store, f->arena, id, &items, &f->err));
	assert_int_equal(items.count, 3);
	assert_string_equal(items.items[1].label, "10");
	GIVES(f, 1,
	    outbox_find_item(f->store, f->arena, id, "a", &item, &f->err));
	assert_string_equal(item.field, "due");
	GIVES(f, 0,
	    outbox_find_item(f->store, f->arena, id, "B", &item, &f->err));
	GIVES(f, 1,
	    outbox_find_token(f->store, f->arena, "abcd-1234", &mail, &f->err));
	assert_string_equal(mail.recipient, "ana@lgt.example");
	GIVES(f, 0, outbox_find_token(f->store, f->arena, "", &mail, &f->err));
	GIVES(f, 1,
	    outbox_find_message_id(f->store, f->arena,
		"<ABCD1234@lscp.example>", &mail, &f->err));
	GIVES(f, 0,
	    outbox_find_message_id(f->store, f->arena, "<x@lscp.example>",
		&mail, &f->err));
	GIVES(f, ERR_NOT_FOUND, outbox_read_mime(f->store, 99, &mime, &f->err));
}

static void
sent_is_sent_once(void **state)
{
	struct fixture *f = *state;
	struct outbox mail;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	assert_int_equal(claim(f, T0 - 1), 0);
	assert_int_equal(claim(f, T0), 1);
	assert_string_equal(state_of(f, id), "sending");
	assert_int_equal(claim(f, T0), 0);
	report(f, id, OUTBOX_SENT, 0);
	report(f, id, OUTBOX_FAILED, 0); /* too late to say that */
	assert_int_equal(claim(f, T0 + 1000000), 0);
	commit(f);
	OK(f, outbox_find(f->store, f->arena, id, &mail, &f->err));
	assert_string_equal(mail.state, "sent");
	assert_int_equal(mail.sent_at, T0 + 5);
	assert_int_equal(mail.attempts, 1);
}

static void
later_and_failed(void **state)
{
	struct fixture *f = *state;
	int64_t next = 0;
	struct outbox mail;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	(void)claim(f, T0);
	report(f, id, OUTBOX_LATER, T0 + 60);
	OK(f, outbox_next_at(f->store, &next, &f->err));
	assert_int_equal(next, T0 + 60);
	assert_int_equal(claim(f, T0 + 59), 0);
	assert_int_equal(claim(f, T0 + 60), 1);
	report(f, id, OUTBOX_FAILED, 0);
	OK(f, outbox_find(f->store, f->arena, id, &mail, &f->err));
	assert_string_equal(mail.state, "failed");
	assert_string_equal(mail.last_error, "451 later");
	assert_int_equal(mail.attempts, 2);
	OK(f, outbox_next_at(f->store, &next, &f->err));
	assert_int_equal(next, 0);
	OK(f, outbox_retry(f->store, id, T0 + 70, &f->err));
	assert_int_equal(claim(f, T0 + 70), 1);
	commit(f);
}

static void
doubt_is_tried_once_more(void **state)
{
	struct fixture *f = *state;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	(void)claim(f, T0);
	report(f, id, OUTBOX_IN_DOUBT, T0 + 60);
	assert_string_equal(state_of(f, id), "in_doubt");
	assert_int_equal(claim(f, T0 + 60), 1);
	report(f, id, OUTBOX_IN_DOUBT, T0 + 120);
	assert_string_equal(state_of(f, id), "in_doubt");
	assert_int_equal(claim(f, T0 + 1000000), 0);
	OK(f, outbox_retry(f->store, id, T0 + 70, &f->err));
	assert_int_equal(claim(f, T0 + 70), 1);
	commit(f);
}

static void
what_was_not_tried_is_as_before(void **state)
{
	struct fixture *f = *state;
	struct outbox mail;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	(void)claim(f, T0);
	report(f, id, OUTBOX_UNTRIED, 0);
	OK(f, outbox_find(f->store, f->arena, id, &mail, &f->err));
	assert_string_equal(mail.state, "queued");
	assert_int_equal(mail.attempts, 0);
	assert_int_equal(mail.tried_at, 0);
	assert_int_equal(claim(f, T0), 1);
	report(f, id, OUTBOX_LATER, T0 + 60);
	assert_int_equal(claim(f, T0 + 60), 1);
	report(f, id, OUTBOX_UNTRIED, 0);
	OK(f, outbox_find(f->store, f->arena, id, &mail, &f->err));
	assert_int_equal(mail.attempts, 1);
	assert_int_equal(mail.tried_at, T0);
	assert_int_equal(mail.next_at, T0 + 60);
	OK(f, outbox_hurry(f->store, T0 + 1, &f->err));
	assert_int_equal(claim(f, T0 + 1), 1);
	report(f, id, OUTBOX_IN_DOUBT, T0 + 60);
	assert_int_equal(claim(f, T0 + 60), 1);
	report(f, id, OUTBOX_UNTRIED, 0);
	assert_string_equal(state_of(f, id), "in_doubt");
	assert_int_equal(claim(f, T0 + 60), 1);
	commit(f);
}

static void
a_crash_is_recovered_by_kind_of_delivery(void **state)
{
	struct fixture *f = *state;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	(void)claim(f, T0);
	GIVES(f, 1, outbox_recover(f->store, DELIVERY_IDEMPOTENT, T0, &f->err));
	assert_string_equal(state_of(f, id), "queued");
	(void)claim(f, T0);
	GIVES(f, 1, outbox_recover(f->store, DELIVERY_DOUBLES, T0, &f->err));
	assert_string_equal(state_of(f, id), "in_doubt");
	assert_int_equal(claim(f, T0), 1);
	struct outbox_dues repeated;
	OK(f, outbox_list_repeated(f->store, f->arena, &repeated, &f->err));
	assert_int_equal(repeated.count, 1);
	GIVES(f, 1, outbox_recover(f->store, DELIVERY_DOUBLES, T0, &f->err));
	assert_int_equal(claim(f, T0), 0);
	GIVES(f, 0, outbox_recover(f->store, DELIVERY_DOUBLES, T0, &f->err));
	commit(f);
}

static void
staff_hold_and_release(void **state)
{
	struct fixture *f = *state;

	begin(f);
	int64_t one = add_mail(f, "AAAA"), two = add_mail(f, "BBBB");
	OK(f, outbox_hold(f->store, one, &f->err));
	OK(f, outbox_hold(f->store, two, &f->err));
	GIVES(f, ERR_INPUT, outbox_hold(f->store, one, &f->err));
	GIVES(f, ERR_INPUT, outbox_retry(f->store, one, T0, &f->err));
	assert_non_null(strstr(f->err.text, "is held"));
	GIVES(f, ERR_NOT_FOUND, outbox_hold(f->store, 99, &f->err));
	assert_int_equal(claim(f, T0 + 1000), 0);
	OK(f, outbox_release(f->store, one, T0, &f->err));
	GIVES(f, ERR_INPUT, outbox_release(f->store, one, T0, &f->err));
	GIVES(f, 1, outbox_release_all(f->store, T0, &f->err));
	assert_int_equal(claim(f, T0), 2);
	commit(f);
}

static int64_t
tried_at(struct fixture *f, int64_t id)
{
	struct outbox mail;

	GIVES(f, 1, outbox_find(f->store, f->arena, id, &mail, &f->err));
	return mail.tried_at;
}

/* However long it was held or failed before: the tries count from their own
 * beginning. */
static void
tries_are_counted_from_the_first(void **state)
{
	struct fixture *f = *state;

	begin(f);
	int64_t id = add_mail(f, "AAAA");
	assert_int_equal(tried_at(f, id), 0);
	(void)claim(f, T0 + 1000);
	report(f, id, OUTBOX_LATER, T0 + 2000);
	(void)claim(f, T0 + 2000);
	assert_int_equal(tried_at(f, id), T0 + 1000);
	report(f, id, OUTBOX_FAILED, 0);
	OK(f, outbox_retry(f->store, id, T0 + 9000, &f->err));
	(void)claim(f, T0 + 9000);
	assert_int_equal(tried_at(f, id), T0 + 9000);
	commit(f);
}

static void
questions_are_answered(void **state)
{
	struct fixture *f = *state;
	struct outbox_question question = {.recipient = "ANA@lgt.example",
	    .since_at = T0};
	int64_t count, last_at;
	struct store_counts counts;
	struct outbox mail;

	begin(f);
	(void)add_mail(f, "AAAA");
	int64_t two = add_mail(f, "BBBB");
	commit(f);
	OK(f, outbox_ask(f->store, &question, &count, &last_at, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(last_at, T0);
	question.topic = "confirm";
	OK(f, outbox_ask(f->store, &question, &count, &last_at, &f->err));
	assert_int_equal(count, 0);
	assert_int_equal(last_at, 0);
	OK(f, outbox_count_answers(f->store, "ana@lgt.example", T0 + 1, &count,
		  &f->err));
	assert_int_equal(count, 0);
	OK(f, outbox_count_answers(f->store, "Ana@lgt.example", T0, &count,
		  &f->err));
	assert_int_equal(count, 2);
	OK(f, outbox_count_states(f->store, f->arena, &counts, &f->err));
	assert_int_equal(counts.count, 1);
	GIVES(f, 1,
	    outbox_find_ref(f->store, f->arena, "R-000001", "ana@lgt.example",
		&mail, &f->err));
	assert_int_equal(mail.id, two);
	GIVES(f, 0, outbox_find_answer(f->store, f->arena, 1, &mail, &f->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_mail_is_kept_whole),
	    TEST(sent_is_sent_once),
	    TEST(later_and_failed),
	    TEST(doubt_is_tried_once_more),
	    TEST(what_was_not_tried_is_as_before),
	    TEST(a_crash_is_recovered_by_kind_of_delivery),
	    TEST(staff_hold_and_release),
	    TEST(tries_are_counted_from_the_first),
	    TEST(questions_are_answered),
	};

	return cmocka_run_group_tests_name("store/outbox", tests, NULL, NULL);
}
