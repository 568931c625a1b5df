#include <fcntl.h>

#include "base/sha256.h"
#include "fixture.h"

/* 3 MB that are nobody's text: every byte value, also over piece borders. */
enum {
	BIG_BYTES = 3 * 1024 * 1024 + 17
};

static int
temp_file(void)
{
	char name[] = "/tmp/lscpd-raw-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	(void)unlink(name);
	return fd;
}

static char *
big_text(struct fixture *f)
{
	char *text = arena_alloc(f->arena, BIG_BYTES);
	unsigned seed = 1;

	for (size_t i = 0; i < BIG_BYTES; i++) {
		seed = seed * 1664525u + 1013904223u;
		text[i] = (char)(seed >> 24);
	}
	return text;
}

static void
raw_bytes_come_back(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {0, 1, 256 * 1024, 256 * 1024 + 1,
	    BIG_BYTES};
	char *text = big_text(f), *back = arena_alloc(f->arena, BIG_BYTES + 1);

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		int in CLEANUP(io_close)
		= temp_file();
		int out CLEANUP(io_close)
		= temp_file();
		OK(f, io_write_all(in, text, sizes[i], &f->err));
		begin(f);
		int64_t id =
		    add_message(f, arena_printf(f->arena, "key%zu", i));
		OK(f, message_add_raw(f->store, id, in, &f->err));
		commit(f);
		GIVES(f, sizes[i] > 0,
		    message_read_raw(f->store, id, out, &f->err));
		assert_int_equal(pread(out, back, BIG_BYTES + 1, 0), sizes[i]);
		assert_memory_equal(back, text, sizes[i]);
	}
}

static void
a_message_is_found_again(void **state)
{
	struct fixture *f = *state;
	struct message message;

	begin(f);
	int64_t first = add_message(f, "one"), second = add_message(f, "two");
	int64_t third = add_message(f, "one");
	commit(f);
	GIVES(f, 1,
	    message_find_key(f->store, f->arena, "one", &message, &f->err));
	assert_int_equal(message.id, third);
	assert_string_equal(message.from_addr, "ana@lgt.example");
	assert_int_equal(message.moved_at, 0);
	GIVES(f, 0,
	    message_find_key(f->store, f->arena, "onE", &message, &f->err));
	GIVES(f, 1,
	    message_find_sha(f->store, f->arena, SHA_1, &message, &f->err));
	assert_int_equal(message.id, third);

	struct message_content content = {"content", "ANA@lgt.example", 0};
	GIVES(f, 1,
	    message_find_content(f->store, f->arena, &content, &message,
		&f->err));
	assert_int_equal(message.id, first);
	content.except = first;
	GIVES(f, 1,
	    message_find_content(f->store, f->arena, &content, &message,
		&f->err));
	assert_int_equal(message.id, second);
	content.from_addr = "dan@lgt.example";
	GIVES(f, 0,
	    message_find_content(f->store, f->arena, &content, &message,
		&f->err));
	content = (struct message_content){"", "ana@lgt.example", 0};
	GIVES(f, 0,
	    message_find_content(f->store, f->arena, &content, &message,
		&f->err));
}

static void
a_verdict_replaces_the_first(void **state)
{
	struct fixture *f = *state;
	struct message message;
	const struct message_verdict verdict = {.class = "human",
	    .outcome = "problems",
	    .ref = "R-000001",
	    .folder = "Problems"};
	const struct message_verdict stays = {.class = "calendar",
	    .outcome = "ignored",
	    .reason = "not ours",
	    .folder = "INBOX"};
	const struct message_verdict wrong = {.class = "human",
	    .outcome = "eaten",
	    .folder = "Filed"};

	begin(f);
	int64_t id = add_message(f, "one");
	OK(f, message_judge(f->store, id, &verdict, &f->err));
	GIVES(f, 1, message_find(f->store, f->arena, id, &message, &f->err));
	assert_string_equal(message.outcome, "problems");
	assert_int_equal(message.moved_at, 0);
	OK(f, message_judge(f->store, id, &stays, &f->err));
	GIVES(f, 1, message_find(f->store, f->arena, id, &message, &f->err));
	assert_int_equal(message.moved_at, T0);
	GIVES(f, ERR_DATABASE, message_judge(f->store, id, &wrong, &f->err));
	assert_true(store_in_transaction(f->store));
	commit(f);
}

static void
moves_are_kept_until_confirmed(void **state)
{
	struct fixture *f = *state;
	struct message message;
	struct message_moves moves;
	const struct message_moved moved[] = {{"one", ""}, {"three", "three_2"},
	    {"unknown", ""}};

	begin(f);
	(void)add_message(f, "one");
	int64_t two = add_message(f, "two");
	(void)add_message(f, "three");
	OK(f, message_set_moved(f->store, moved, 3, T0 + 1, &f->err));
	commit(f);
	GIVES(f, 0,
	    message_find_key(f->store, f->arena, "three", &message, &f->err));
	GIVES(f, 1,
	    message_find_key(f->store, f->arena, "three_2", &message, &f->err));
	assert_int_equal(message.moved_at, T0 + 1);
	OK(f, message_list_unmoved(f->store, f->arena, 0, &moves, &f->err));
	assert_int_equal(moves.count, 1);
	assert_int_equal(moves.items[0].id, two);
	assert_string_equal(moves.items[0].mailbox_key, "two");
	assert_string_equal(moves.items[0].folder, "Filed");
	OK(f, message_list_unmoved(f->store, f->arena, two, &moves, &f->err));
	assert_int_equal(moves.count, 0);
}

static void
what_left_attention_is_settled(void **state)
{
	struct fixture *f = *state;
	const struct message_verdict attention = {.class = "human",
	    .outcome = "attention",
	    .reason = "free text",
	    .folder = "Attention"};
	const char *const keys[] = {"zulu", "alpha", "mike"};
	const char *const left[] = {"zulu", "other", "alpha"};
	const struct message_moved moved = {"zulu", ""};
	const struct message_present none = {NULL, 0, ""};
	const struct message_present all = {keys, 3, ""};
	const struct message_present now = {left, 3, ""};
	const struct message_present anew = {NULL, 0, "8/"};
	int64_t open;

	begin(f);
	for (size_t i = 0; i < 3; i++)
		OK(f, message_judge(f->store, add_message(f, keys[i]),
			  &attention, &f->err));
	/* Not moved yet: it is not there, but nobody took it away. */
	GIVES(f, 0, message_settle_gone(f->store, &none, T0, &f->err));
	OK(f, message_set_moved(f->store, &moved, 1, T0, &f->err));
	/* Nobody told of the others' move, but there they stand. */
	GIVES(f, 0, message_settle_gone(f->store, &all, T0, &f->err));
	GIVES(f, 1, message_settle_gone(f->store, &now, T0, &f->err));
	GIVES(f, 0, message_settle_gone(f->store, &now, T0, &f->err));
	OK(f, message_count_open(f->store, &open, &f->err));
	assert_int_equal(open, 2);
	/* Keys of another time: what is not named may stand there all the same. */
	GIVES(f, 0, message_settle_gone(f->store, &anew, T0, &f->err));
	GIVES(f, 2, message_settle_gone(f->store, &none, T0, &f->err));
	commit(f);
}

static void
a_queue_of_second_judgements(void **state)
{
	struct fixture *f = *state;
	struct message message;

	begin(f);
	int64_t one = add_message(f, "one"), two = add_message(f, "two");
	OK(f, message_set_again(f->store, two, "retry", &f->err));
	OK(f, message_set_again(f->store, one, "release", &f->err));
	GIVES(f, ERR_NOT_FOUND,
	    message_set_again(f->store, 99, "retry", &f->err));
	GIVES(f, 1, message_next_again(f->store, f->arena, &message, &f->err));
	assert_int_equal(message.id, one);
	assert_string_equal(message.again, "release");
	OK(f, message_clear_again(f->store, one, &f->err));
	GIVES(f, 1, message_next_again(f->store, f->arena, &message, &f->err));
	assert_string_equal(message.again, "retry");
	OK(f, message_clear_again(f->store, two, &f->err));
	GIVES(f, 0, message_next_again(f->store, f->arena, &message, &f->err));
	commit(f);
}

static void
tries_are_counted(void **state)
{
	struct fixture *f = *state;
	int tries = 7;

	OK(f, attempt_count(f->store, SHA_1, &tries, &f->err));
	assert_int_equal(tries, 0);
	begin(f);
	OK(f, attempt_add(f->store, SHA_1, &tries, &f->err));
	assert_int_equal(tries, 1);
	OK(f, attempt_add(f->store, SHA_1, &tries, &f->err));
	assert_int_equal(tries, 2);
	OK(f, attempt_clear(f->store, SHA_1, &f->err));
	OK(f, attempt_count(f->store, SHA_1, &tries, &f->err));
	assert_int_equal(tries, 0);
	commit(f);
}

static void
parts_and_counts(void **state)
{
	struct fixture *f = *state;
	struct message_part part = {.name = "évidence.pdf",
	    .type = "application/pdf",
	    .sha256 = SHA_1,
	    .verdict = "kept, we did not look inside it",
	    .encoding = "base64",
	    .bytes = 10,
	    .offset = 500,
	    .raw_bytes = 16};
	struct message_parts parts = {&part, 1}, back;
	struct store_counts counts;

	begin(f);
	int64_t id = add_message(f, "one");
	OK(f, message_add_parts(f->store, id, &parts, &f->err));
	commit(f);
	OK(f, message_list_parts(f->store, f->arena, id, &back, &f->err));
	assert_int_equal(back.count, 1);
	assert_string_equal(back.items[0].name, "évidence.pdf");
	assert_int_equal(back.items[0].raw_bytes, 16);
	OK(f, message_count_outcomes(f->store, f->arena, T0, T0 + 1, &counts,
		  &f->err));
	assert_int_equal(counts.count, 1);
	assert_string_equal(counts.items[0].word, "filed");
	OK(f, message_count_outcomes(f->store, f->arena, T0 + 1, T0 + 2,
		  &counts, &f->err));
	assert_int_equal(counts.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(raw_bytes_come_back),
	    TEST(a_message_is_found_again),
	    TEST(a_verdict_replaces_the_first),
	    TEST(moves_are_kept_until_confirmed),
	    TEST(what_left_attention_is_settled),
	    TEST(a_queue_of_second_judgements),
	    TEST(tries_are_counted),
	    TEST(parts_and_counts),
	};

	return cmocka_run_group_tests_name("store/message", tests, NULL, NULL);
}
