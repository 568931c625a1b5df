/* Filing, and what people do to the Maildir meanwhile. */
#include "tests/unit/mailbox/mailbox_rig.h"

/* Somebody reads or moves mail while we page through it. */
static void
test_renamed_meanwhile(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	drop(&rig, "new/1700000001.a", "a");
	drop(&rig, "new/1700000002.b", "b");
	drop(&rig, "new/1700000003.c", "c");
	assert_int_equal(fetch(&rig, LISTING_NEW, 1, 1 << 20).count, 1);
	shift(&rig, "new/1700000002.b", "cur/1700000002.b:2,S");
	shift(&rig, "new/1700000003.c", ".Filed/cur/1700000003.c:2,S");
	struct page page = fetch(&rig, LISTING_CONTINUE, 64, 1 << 20);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.text[0], "b");
	assert_true(is_there(&rig, "cur/1700000002.b:2,S"));

	shift(&rig, "cur/1700000001.a:2,", "cur/1700000001.a:2,FS");
	struct wire_moved_item moved =
	    move_one(&rig, "1700000001.a", FOLDER_INBOX, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_true(is_there(&rig, ".Filed/cur/1700000001.a:2,FS"));
	rig_close(&rig);
}

static void
test_moves(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	drop(&rig, "new/1700000001.a", "a");
	drop(&rig, "new/1700000002.b", "b");
	assert_int_equal(fetch_all(&rig).count, 2);
	struct wire_moved_item moved =
	    move_one(&rig, "1700000001.a", FOLDER_INBOX, FOLDER_ATTENTION);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_string_equal(moved.new_key, "1700000001.a");
	assert_true(is_there(&rig, ".Attention/cur/1700000001.a:2,"));
	/* Again, as after a crash: it is there. */
	moved = move_one(&rig, "1700000001.a", FOLDER_INBOX, FOLDER_ATTENTION);
	assert_int_equal(moved.result, MOVE_DONE);
	moved = move_one(&rig, "1700000009.x", FOLDER_INBOX, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_VANISHED);

	struct page page = fetch_all(&rig);
	assert_int_equal(page.attention_count, 1);
	assert_string_equal(page.attention[0], "1700000001.a");
	/* Staff take it back to the inbox: it comes again. */
	shift(&rig, ".Attention/cur/1700000001.a:2,", "cur/1700000001.a:2,");
	page = fetch_all(&rig);
	assert_int_equal(page.attention_count, 0);
	assert_int_equal(page.count, 1);

	/* Moves without a fetch before: a new process files what was judged. */
	restart(&rig);
	moved = move_one(&rig, "1700000002.b", FOLDER_INBOX, FOLDER_IGNORED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_true(is_there(&rig, ".Noise/cur/1700000002.b:2,"));
	moved = move_one(&rig, "1700000002.b", FOLDER_IGNORED, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_true(is_there(&rig, ".Filed/cur/1700000002.b:2,"));
	rig_close(&rig);
}

static void
test_move_onto_another(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	drop(&rig, "new/1700000001.a,S=4", "same");
	drop(&rig, "new/1700000002.b,S=4", "mine");
	drop(&rig, ".Filed/cur/1700000001.a,S=4:2,", "same");
	drop(&rig, ".Filed/cur/1700000002.b,S=4:2,", "else");
	assert_int_equal(fetch_all(&rig).count, 2);
	struct wire_moved_item moved =
	    move_one(&rig, "1700000001.a,S=4", FOLDER_INBOX, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_string_equal(moved.new_key, "1700000001.a,S=4");
	moved = move_one(&rig, "1700000002.b,S=4", FOLDER_INBOX, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_string_equal(moved.new_key, "1700000002.b_2,S=4");
	assert_int_equal(files_in(&rig, ".Filed/cur"), 3);
	assert_int_equal(files_in(&rig, "cur"), 0);
	rig_close(&rig);
}

/* One key, two messages: both are kept and both are handed out. */
static void
test_same_key_twice(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	drop(&rig, "cur/1700000001.a:2,S", "first");
	drop(&rig, "new/1700000001.a", "second");
	struct page page = fetch_all(&rig);
	assert_int_equal(page.count, 2);
	assert_string_equal(page.messages[0].key, "1700000001.a");
	assert_string_equal(page.text[0], "first");
	assert_string_equal(page.messages[1].key, "1700000001.a_2");
	assert_string_equal(page.text[1], "second");
	assert_int_equal(files_in(&rig, "cur"), 2);
	rig_close(&rig);
}

static void
test_folder_deleted(void **state)
{
	struct rig rig = rig_open();
	char command[2 * PATH_BYTES];

	(void)state;
	drop(&rig, "new/1700000001.a", "a");
	assert_int_equal(fetch_all(&rig).count, 1);
	(void)snprintf(command, sizeof(command), "rm -r %s/inbox/.Filed",
	    rig.folder);
	assert_int_equal(system(command), 0);
	struct wire_moved_item moved =
	    move_one(&rig, "1700000001.a", FOLDER_INBOX, FOLDER_FILED);
	assert_int_equal(moved.result, MOVE_DONE);
	assert_true(is_there(&rig, ".Filed/cur/1700000001.a:2,"));

	/* The whole Maildir goes away, and another comes in its place. */
	(void)snprintf(command, sizeof(command), "mv %s/inbox %s/away",
	    rig.folder, rig.folder);
	assert_int_equal(system(command), 0);
	struct wire_fetch request = {LISTING_NEW, 64, 1 << 20};
	struct page page;
	say(&rig, FRAME_FETCH, &request);
	assert_int_equal(collect(&rig, &page), FRAME_SYNC_FAILED);
	assert_true(page.failed.temporary);
	(void)snprintf(command, sizeof(command), "mkdir %s/inbox", rig.folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(fetch_all(&rig).count, 0);
	drop(&rig, "new/1700000005.z", "z");
	assert_int_equal(fetch_all(&rig).count, 1);
	rig_close(&rig);
}

static bool
speaks_within(const struct rig *rig, int ms)
{
	struct pollfd p = {rig->sock, POLLIN, 0};

	return poll(&p, 1, ms) == 1;
}

static void
test_watch(void **state)
{
	struct rig rig = rig_open();
	struct frame frame;

	(void)state;
	drop(&rig, "new/1700000001.a", "a");
	assert_int_equal(fetch_all(&rig).count, 1);
	say(&rig, FRAME_WATCH, NULL);
	/* Our own claim and move are no news. */
	assert_int_equal(move_one(&rig, "1700000001.a", FOLDER_INBOX,
			     FOLDER_FILED)
			     .result,
	    MOVE_DONE);
	assert_false(speaks_within(&rig, QUIET_MS));
	drop(&rig, "tmp/1700000002.b", "b");
	shift(&rig, "tmp/1700000002.b", "new/1700000002.b");
	assert_true(speaks_within(&rig, WATCH_MS));
	assert_int_equal(next(&rig, &frame), FRAME_CHANGED);
	drop(&rig, "new/1700000003.c", "c"); /* once for each WATCH */
	assert_false(speaks_within(&rig, QUIET_MS));
	say(&rig, FRAME_WATCH, NULL); /* but it is not forgotten */
	assert_int_equal(next(&rig, &frame), FRAME_CHANGED);
	assert_int_equal(fetch_all(&rig).count, 2);
	say(&rig, FRAME_WATCH, NULL);
	assert_false(speaks_within(&rig, QUIET_MS));
	/* A person drags one back. */
	shift(&rig, ".Filed/cur/1700000001.a:2,", "cur/1700000001.a:2,S");
	assert_int_equal(next(&rig, &frame), FRAME_CHANGED);
	rig_close(&rig);
}

static void
test_many_in_attention(void **state)
{
	struct rig rig = rig_open();
	struct wire_fetch request = {LISTING_NEW, 1, 1};
	struct wire_attention part = {.more = true};
	struct frame frame;
	char place[PATH_BYTES];
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 1024; i++) {
		(void)snprintf(place, sizeof(place), ".Attention/cur/%d.x:2,",
		    i);
		drop(&rig, place, "");
	}
	say(&rig, FRAME_FETCH, &request);
	while (part.more) {
		assert_int_equal(next(&rig, &frame), FRAME_ATTENTION);
		assert_int_equal(treaty_decode(rig.arena, &frame, &part,
				     &rig.err),
		    0);
		count += part.count;
	}
	assert_int_equal(count, 1024);
	assert_int_equal(next(&rig, &frame), FRAME_FETCH_DONE);
	rig_close(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_renamed_meanwhile),
	    cmocka_unit_test(test_moves),
	    cmocka_unit_test(test_move_onto_another),
	    cmocka_unit_test(test_same_key_twice),
	    cmocka_unit_test(test_folder_deleted),
	    cmocka_unit_test(test_watch),
	    cmocka_unit_test(test_many_in_attention),
	};

	return cmocka_run_group_tests_name("Maildir move", tests, NULL, NULL);
}
