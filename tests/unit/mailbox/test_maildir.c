/* What a Maildir hands out, and what it does not. */
#include "tests/unit/mailbox/mailbox_rig.h"

static void
test_folders_are_made(void **state)
{
	static const char *const folders[] = {"new", "cur", "tmp", ".Filed/cur",
	    ".Problems/new", ".Attention/tmp", ".Noise/cur", ".Quarantine/cur"};
	struct rig rig = rig_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		assert_true(is_there(&rig, folders[i]));
	assert_false(is_there(&rig, ".Ignored"));
	rig_close(&rig);
}

static void
test_fetch_claims(void **state)
{
	struct rig rig = rig_open();
	char sha[SHA256_HEX_BYTES];

	(void)state;
	drop(&rig, "new/1700000002.b", "two");
	drop(&rig, "new/1700000001.a,S=3", "one");
	drop(&rig, "cur/1700000003.c:2,SF", "three");
	struct page page = fetch_all(&rig);
	assert_int_equal(page.count, 3);
	assert_string_equal(page.messages[0].key, "1700000001.a,S=3");
	assert_string_equal(page.messages[1].key, "1700000002.b");
	assert_string_equal(page.messages[2].key, "1700000003.c");
	assert_string_equal(page.text[0], "one");
	assert_int_equal(page.messages[2].size_bytes, 5);
	sha256_of("three", 5, sha);
	assert_string_equal(page.messages[2].sha256, sha);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(page.messages[i].received_at, 0);
		assert_false(page.messages[i].cut);
		assert_false(page.messages[i].too_large);
	}
	/* Claimed without being marked as seen; flags that it has stay. */
	assert_true(is_there(&rig, "cur/1700000001.a,S=3:2,"));
	assert_true(is_there(&rig, "cur/1700000003.c:2,SF"));
	assert_int_equal(files_in(&rig, "new"), 0);
	assert_false(page.done.more);
	assert_int_equal(page.done.skipped, 0);
	rig_close(&rig);
}

static const struct odd {
	const char *name, *text;
	bool cut;
} g_odd[] = {
    {"1700000001.a,S=4", "four", false},
    {"1700000002.a,S=5", "four", true},
    {"1700000003.a,S=3", "four", true},
    {"1700000004.a,W=9", "four", false},
    {"1700000005.a", "", true},
    {"1700000006.a,S=0", "", true},
    {"1700000007.a,S=4,W=5", "four", false},
    {"1700000008.a,W=5,S=9", "four", true},
    {"1700000009.a,S=", "four", false},
};

static void
test_sizes(void **state)
{
	struct rig rig = rig_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_odd); i++) {
		char place[PATH_BYTES];
		(void)snprintf(place, sizeof(place), "new/%s", g_odd[i].name);
		drop(&rig, place, g_odd[i].text);
	}
	struct page page = fetch_all(&rig);
	assert_int_equal(page.count, COUNT_OF(g_odd));
	for (size_t i = 0; i < COUNT_OF(g_odd); i++)
		if (page.messages[i].cut != g_odd[i].cut)
			fail_msg("%s", g_odd[i].name);
	rig_close(&rig);
}

/* What is no message must neither be handed out nor stop the others. */
static void
test_strange_files(void **state)
{
	struct rig rig = rig_open();
	char path[PATH_BYTES];

	(void)state;
	drop(&rig, "new/1700000009.good", "good");
	drop(&rig, "new/.hidden", "no");
	path_of(&rig, "new/1.fifo", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	path_of(&rig, "new/2.link", path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	path_of(&rig, "cur/3.folder", path);
	assert_int_equal(mkdir(path, 0700), 0);
	path_of(&rig, "new/4.line\nbreak", path);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	struct page page = fetch_all(&rig);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.text[0], "good");
	assert_int_equal(page.done.skipped, 3);
	assert_true(page.done.note[0] != '\0');
	assert_true(is_there(&rig, "new/.hidden"));
	rig_close(&rig);
}

static void
test_not_handed_out_twice(void **state)
{
	struct rig rig = rig_open();
	const char *kept = "1700000002.b";
	struct wire_keys keys = {&kept, 1};

	(void)state;
	drop(&rig, "new/1700000001.a", "a");
	drop(&rig, "new/1700000002.b", "b");
	assert_int_equal(fetch_all(&rig).count, 2);
	assert_int_equal(fetch_all(&rig).count, 0);
	say(&rig, FRAME_KEEP, &keys);
	assert_int_equal(fetch_all(&rig).count, 0);

	/* Out and back in: it is news again, kept or not. */
	shift(&rig, "cur/1700000002.b:2,", ".Filed/cur/1700000002.b:2,");
	assert_int_equal(fetch_all(&rig).count, 0);
	shift(&rig, ".Filed/cur/1700000002.b:2,", "cur/1700000002.b:2,S");
	assert_int_equal(fetch_all(&rig).count, 1);

	say(&rig, FRAME_RELEASE, &keys);
	assert_int_equal(fetch_all(&rig).count, 1);
	restart(&rig);
	assert_int_equal(fetch_all(&rig).count, 2);
	rig_close(&rig);
}

static void
test_paging(void **state)
{
	struct rig rig = rig_open();
	char place[PATH_BYTES];

	(void)state;
	for (int i = 0; i < 10; i++) {
		(void)snprintf(place, sizeof(place), "new/17000000%02d.a", i);
		drop(&rig, place, "0123456789");
	}
	struct page page = fetch(&rig, LISTING_NEW, 4, 1 << 20);
	assert_int_equal(page.count, 4);
	assert_true(page.done.more);
	drop(&rig, "new/1600000000.late", "late"); /* waits for a new listing */
	page = fetch(&rig, LISTING_CONTINUE, 64, 25);
	assert_int_equal(page.count, 2);
	assert_string_equal(page.messages[0].key, "1700000004.a");
	assert_true(page.done.more);
	page = fetch(&rig, LISTING_CONTINUE, 64, 1); /* one always fits */
	assert_int_equal(page.count, 1);
	page = fetch(&rig, LISTING_CONTINUE, 64, 1 << 20);
	assert_int_equal(page.count, 3);
	assert_false(page.done.more);
	page = fetch(&rig, LISTING_CONTINUE, 64, 1 << 20);
	assert_int_equal(page.count, 0);
	page = fetch_all(&rig);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.text[0], "late");
	rig_close(&rig);
}

static enum frame_type
fetch_one(struct rig *rig, enum wire_folder folder, const char *key,
    struct page *ret_page)
{
	struct wire_place place = {folder, key};

	say(rig, FRAME_FETCH_ONE, &place);
	return collect(rig, ret_page);
}

static void
test_fetch_one(void **state)
{
	struct rig rig = rig_open();
	struct page page;

	(void)state;
	drop(&rig, ".Quarantine/cur/1700000001.q:2,S", "held");
	assert_int_equal(fetch_one(&rig, FOLDER_QUARANTINE, "1700000001.q",
			     &page),
	    FRAME_MESSAGE);
	assert_string_equal(page.text[0], "held");
	assert_true(is_there(&rig, ".Quarantine/cur/1700000001.q:2,S"));
	assert_int_equal(fetch_one(&rig, FOLDER_QUARANTINE, "1700000001",
			     &page),
	    FRAME_NOT_FOUND);
	assert_int_equal(fetch_one(&rig, FOLDER_INBOX, "../x", &page),
	    FRAME_NOT_FOUND);

	drop(&rig, "new/1700000002.n", "new");
	assert_int_equal(fetch_one(&rig, FOLDER_INBOX, "1700000002.n", &page),
	    FRAME_MESSAGE);
	assert_int_equal(fetch_all(&rig).count, 0);
	assert_int_equal(fetch_one(&rig, FOLDER_INBOX, "1700000002.n", &page),
	    FRAME_MESSAGE);
	rig_close(&rig);
}

static void
drop_large(const struct rig *rig, const char *place, const char *head,
    off_t bytes)
{
	char path[PATH_BYTES];

	drop(rig, place, head);
	path_of(rig, place, path);
	assert_int_equal(truncate(path, bytes), 0);
}

static void
test_large(void **state)
{
	struct rig rig = rig_open();
	char sha[SHA256_HEX_BYTES];
	char *zeros = calloc(1, 2 << 20);

	(void)state;
	/* In a file, in memory no longer. */
	memcpy(zeros, "A: b\n\n", 6);
	drop_large(&rig, "new/1700000001.m", "A: b\n\n", 2 << 20);
	struct page page = fetch_all(&rig);
	assert_int_equal(page.messages[0].size_bytes, 2 << 20);
	assert_false(page.messages[0].too_large);
	sha256_of(zeros, 2 << 20, sha);
	assert_string_equal(page.messages[0].sha256, sha);
	free(zeros);

	/* Over the limit: who wrote it, and no more; a terabyte takes no time. */
	drop_large(&rig, "new/1700000002.l", "From: a\r\nB: c\r\n\r\nbody",
	    LIMIT + 1);
	drop_large(&rig, "new/1700000003.t", "From: t\n\nbody", (off_t)1 << 40);
	page = fetch_all(&rig);
	assert_int_equal(page.count, 1); /* the second is a page of its own */
	assert_true(page.messages[0].too_large);
	assert_int_equal(page.messages[0].size_bytes, LIMIT + 1);
	assert_string_equal(page.text[0], "From: a\r\nB: c\r\n\r\n");
	page = fetch(&rig, LISTING_CONTINUE, 64, 1 << 20);
	assert_true(page.messages[0].too_large);
	assert_string_equal(page.text[0], "From: t\n\n");
	/* Nothing is left lying in the spool folder. */
	assert_int_equal(files_in(&rig, ".."), 1);
	rig_close(&rig);
}

/* A file that is being copied into new/ is not there yet. */
static void
test_being_written(void **state)
{
	struct rig rig = rig_open();
	char path[PATH_BYTES];

	(void)state;
	path_of(&rig, "new/1700000001.w", path);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "half", 4), 4);
	assert_int_equal(fetch_all(&rig).count, 0);
	assert_int_equal(write(fd, " all", 4), 4);
	(void)close(fd);
	struct page page = fetch_all(&rig);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.text[0], "half all");
	rig_close(&rig);
}

static const struct refused {
	const char *url;
	bool temporary;
} g_refused[] = {
    {"maildir:", false},
    {"pop3://somewhere", false},
    {"maildir:/nowhere/at/all", true},
    {"maildir:/dev/null", true},
};

static void
test_start_failed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_refused); i++) {
		struct rig rig = {.folder = "/tmp"};
		assert_int_equal(start(&rig, g_refused[i].url),
		    FRAME_START_FAILED);
		assert_int_equal(WEXITSTATUS(stop(&rig)), 78);
	}
}

static void
test_treaty_broken(void **state)
{
	struct rig rig = rig_open();
	char command[PATH_BYTES];
	struct frame frame;

	(void)state;
	assert_int_equal(write(rig.sock, "\0\0\0\0\377\377\1\0",
			     FRAME_HEADER_BYTES),
	    FRAME_HEADER_BYTES);
	assert_int_equal(frame_read(&rig.reader, FRAME_WAIT, &frame, &rig.err),
	    ERR_CLOSED);
	assert_int_equal(WEXITSTATUS(stop(&rig)), 1);
	arena_free(rig.arena);
	(void)snprintf(command, sizeof(command), "rm -rf %s", rig.folder);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_folders_are_made),
	    cmocka_unit_test(test_fetch_claims),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_strange_files),
	    cmocka_unit_test(test_not_handed_out_twice),
	    cmocka_unit_test(test_paging),
	    cmocka_unit_test(test_fetch_one),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_being_written),
	    cmocka_unit_test(test_start_failed),
	    cmocka_unit_test(test_treaty_broken),
	};

	return cmocka_run_group_tests_name("Maildir fetch", tests, NULL, NULL);
}
