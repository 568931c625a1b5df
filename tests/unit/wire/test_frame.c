/* Frames between engine and children: whole, in parts, and broken. */
#include <sys/socket.h>

#include <endian.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "wire/frame.h"
#include "wire/pack.h"
#include "wire/treaty.h"

enum {
	ARENA_BYTES = 1 << 20
};

struct rig {
	int a, b;
	struct frame_reader reader; /* of b */
	struct arena *arena;
	struct err err;
};

static struct rig
rig_open(enum frame_from peer)
{
	struct rig rig = {.arena = arena_new(ARENA_BYTES)};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     pair),
	    0);
	rig.a = pair[0];
	rig.b = pair[1];
	frame_reader_init(&rig.reader, rig.b, peer);
	return rig;
}

static void
rig_close(struct rig *rig)
{
	frame_reader_done(&rig->reader);
	arena_free(rig->arena);
	if (rig->a >= 0)
		(void)close(rig->a);
	(void)close(rig->b);
}

static void
put_header(int sock, uint32_t length, uint16_t type, uint16_t version)
{
	uint8_t header[FRAME_HEADER_BYTES];

	length = htole32(length);
	type = htole16(type);
	version = htole16(version);
	memcpy(header, &length, 4);
	memcpy(header + 4, &type, 2);
	memcpy(header + 6, &version, 2);
	assert_int_equal(write(sock, header, sizeof(header)), sizeof(header));
}

static int
open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
test_round_trip(void **state)
{
	struct rig rig = rig_open(FROM_ENGINE);
	struct wire_fetch out = {LISTING_CONTINUE, 64, 1ULL << 33}, in;
	struct frame frame;

	(void)state;
	assert_int_equal(treaty_write(rig.a, FRAME_FETCH, &out, -1, &rig.err),
	    0);
	assert_int_equal(frame_read(&rig.reader, FRAME_WAIT, &frame, &rig.err),
	    1);
	assert_int_equal(frame.type, FRAME_FETCH);
	assert_int_equal(frame.fd, -1);
	assert_int_equal(treaty_decode(rig.arena, &frame, &in, &rig.err), 0);
	assert_int_equal(in.listing, out.listing);
	assert_int_equal(in.max_messages, out.max_messages);
	assert_true(in.max_bytes == out.max_bytes);
	rig_close(&rig);
}

static void
test_strings_and_arrays(void **state)
{
	struct rig rig = rig_open(FROM_ENGINE);
	struct wire_move_item items[] = {
	    {"a.1", FOLDER_INBOX, FOLDER_FILED},
	    {"", FOLDER_QUARANTINE, FOLDER_PROBLEMS},
	};
	struct wire_move out = {items, 2}, in;
	struct frame frame;

	(void)state;
	assert_int_equal(treaty_write(rig.a, FRAME_MOVE, &out, -1, &rig.err),
	    0);
	assert_int_equal(frame_read(&rig.reader, FRAME_WAIT, &frame, &rig.err),
	    1);
	assert_int_equal(treaty_decode(rig.arena, &frame, &in, &rig.err), 0);
	assert_int_equal(in.count, 2);
	assert_string_equal(in.items[0].key, "a.1");
	assert_int_equal(in.items[0].to, FOLDER_FILED);
	assert_string_equal(in.items[1].key, "");
	assert_int_equal(in.items[1].from, FOLDER_QUARANTINE);
	rig_close(&rig);
}

static void
test_byte_by_byte(void **state)
{
	struct rig rig = rig_open(FROM_PARSER);
	struct buf bytes CLEANUP(buf_done);
	struct frame frame;

	(void)state;
	buf_init(&bytes, 1000);
	assert_int_equal(frame_format(&bytes, FRAME_RECORD, "hello", 5,
			     &rig.err),
	    0);
	assert_int_equal(frame_format(&bytes, FRAME_RECORD, "you", 3, &rig.err),
	    0);
	size_t first = FRAME_HEADER_BYTES + 5;
	for (size_t i = 0; i < first; i++) {
		assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
				     &rig.err),
		    0);
		assert_int_equal(write(rig.a, bytes.data + i, 1), 1);
	}
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    1);
	assert_int_equal(frame.bytes, 5);
	assert_memory_equal(frame.data, "hello", 5);
	assert_int_equal(write(rig.a, bytes.data + first, bytes.len - first),
	    bytes.len - first);
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    1);
	assert_memory_equal(frame.data, "you", 3);
	rig_close(&rig);
}

static const struct broken {
	const char *what;
	uint32_t length;
	uint16_t type, version;
} g_broken[] = {
    {"a version of tomorrow", 0, FRAME_WATCH, FRAME_VERSION + 1},
    {"no version", 0, FRAME_WATCH, 0},
    {"no type", 0, FRAME_NONE, FRAME_VERSION},
    {"an unknown type", 0, 9, FRAME_VERSION},
    {"a type beyond the table", 0, 60000, FRAME_VERSION},
    {"a type of another sender", 0, FRAME_CHANGED, FRAME_VERSION},
    {"a payload where none is", 1, FRAME_WATCH, FRAME_VERSION},
    {"a payload too long", 65, FRAME_FETCH, FRAME_VERSION},
    {"a payload of 4 GiB", UINT32_MAX, FRAME_DELIVER, FRAME_VERSION},
};

static void
test_broken_headers(void **state)
{
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_broken); i++) {
		struct rig rig = rig_open(FROM_ENGINE);
		put_header(rig.a, g_broken[i].length, g_broken[i].type,
		    g_broken[i].version);
		int code =
		    frame_read(&rig.reader, FRAME_WAIT, &frame, &rig.err);
		if (code != ERR_PROTOCOL)
			fail_msg("%s: %d", g_broken[i].what, code);
		rig_close(&rig);
	}
}

static void
test_closed(void **state)
{
	struct frame frame;

	(void)state;
	for (int part = 0; part < 3; part++) {
		struct rig rig = rig_open(FROM_ENGINE);
		if (part == 1)
			assert_int_equal(write(rig.a, "\5", 1), 1);
		if (part == 2)
			put_header(rig.a, 16, FRAME_FETCH, FRAME_VERSION);
		(void)close(rig.a);
		rig.a = -1;
		assert_int_equal(frame_read(&rig.reader, FRAME_WAIT, &frame,
				     &rig.err),
		    part == 0 ? ERR_CLOSED : ERR_PROTOCOL);
		rig_close(&rig);
	}
	struct rig rig = rig_open(FROM_ENGINE);
	(void)close(rig.a);
	rig.a = -1;
	assert_int_equal(frame_write(rig.b, FRAME_WATCH, NULL, -1, &rig.err),
	    ERR_CLOSED);
	rig_close(&rig);
}

static void
test_descriptor(void **state)
{
	struct rig rig = rig_open(FROM_ENGINE);
	int before = open_fds();
	struct frame frame;
	int pipe_fds[2];
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	for (int i = 0; i < 2; i++) {
		/* A frame without one in front must not get it. */
		assert_int_equal(frame_write(rig.a, FRAME_WATCH, NULL, -1,
				     &rig.err),
		    0);
		assert_int_equal(frame_write(rig.a, FRAME_PARSE, NULL,
				     pipe_fds[0], &rig.err),
		    0);
	}
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    1);
	assert_int_equal(frame.fd, -1);
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    1);
	assert_true(frame.fd >= 0);
	assert_int_equal(fcntl(frame.fd, F_GETFD), FD_CLOEXEC);
	int taken = frame_take_fd(&rig.reader, &frame);
	for (int i = 0; i < 2; i++) /* the second one is not taken */
		assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
				     &rig.err),
		    1);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(read(taken, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	(void)close(taken);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	rig_close(&rig);
	assert_int_equal(open_fds(), before - 2);
}

static void
test_descriptor_where_none_belongs(void **state)
{
	struct rig rig = rig_open(FROM_ENGINE);
	int before = open_fds();
	struct frame frame;

	(void)state;
	assert_int_equal(frame_write(rig.a, FRAME_WATCH, NULL, 0, &rig.err), 0);
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    ERR_PROTOCOL);
	rig_close(&rig);
	assert_int_equal(open_fds(), before - 2);
}

static void
test_two_descriptors(void **state)
{
	struct rig rig = rig_open(FROM_ENGINE);
	int before = open_fds();
	struct buf bytes CLEANUP(buf_done);
	struct frame frame;

	(void)state;
	buf_init(&bytes, 100);
	assert_int_equal(frame_format(&bytes, FRAME_PARSE, NULL, 0, &rig.err),
	    0);
	assert_int_equal(frame_send_part(rig.a, bytes.data, 4, 0, &rig.err), 4);
	assert_int_equal(frame_send_part(rig.a, bytes.data + 4, 4, 1, &rig.err),
	    4);
	assert_int_equal(frame_read(&rig.reader, FRAME_NO_WAIT, &frame,
			     &rig.err),
	    ERR_PROTOCOL);
	rig_close(&rig);
	assert_int_equal(open_fds(), before - 2);
}

static int
decode_of(enum frame_type type, const struct buf *payload, size_t bytes)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	struct frame frame = {type, buf_text(payload), bytes, -1};

	union {
		struct wire_move move;
		struct wire_message message;
		struct wire_config config;
		struct wire_deliver deliver;
		struct wire_probe probe;
		struct wire_probed probed;
	} any;
	struct err err;

	return treaty_decode(arena, &frame, &any, &err);
}

/* No prefix of a payload is sound, and nothing may follow it. */
static void
test_payload_cut_and_longer(void **state)
{
	struct wire_move_item item = {"k", FOLDER_INBOX, FOLDER_FILED};
	struct wire_move move = {&item, 1};
	struct wire_message message = {.key = "k", .too_large = true};
	struct wire_setting setting = {"url", "maildir:x"};
	struct wire_config config = {&setting, 1};
	struct wire_deliver mail = {.mime = "A: b\r\n", .mime_bytes = 6};
	struct wire_probe probe = {"check-1"};
	struct wire_probed probed = {"INBOX", 12, true};

	const struct {
		enum frame_type type;
		const void *payload;
	} cases[] = {
	    {FRAME_MOVE, &move},
	    {FRAME_MESSAGE, &message},
	    {FRAME_CONFIG, &config},
	    {FRAME_DELIVER, &mail},
	    {FRAME_PROBE, &probe},
	    {FRAME_PROBED, &probed},
	};

	(void)state;
	memset(message.sha256, 'a', SHA256_HEX_BYTES - 1);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out CLEANUP(buf_done);
		buf_init(&out, 1000);
		treaty_encode(cases[i].type, cases[i].payload, &out);
		assert_int_equal(decode_of(cases[i].type, &out, out.len), 0);
		for (size_t n = 0; n < out.len; n++)
			assert_int_equal(decode_of(cases[i].type, &out, n),
			    ERR_PROTOCOL);
		buf_putc(&out, '\0');
		assert_int_equal(decode_of(cases[i].type, &out, out.len),
		    ERR_PROTOCOL);
	}
}

static void
test_payload_lies(void **state)
{
	struct buf out CLEANUP(buf_done);

	(void)state;
	buf_init(&out, 1000);
	pack_u32(&out, UINT32_MAX); /* items that are not there */
	assert_int_equal(decode_of(FRAME_MOVE, &out, out.len), ERR_PROTOCOL);

	buf_clear(&out);
	pack_u32(&out, 1);
	pack_str(&out, "k");
	pack_u32(&out, FOLDER_LAST + 1); /* no such folder */
	pack_u32(&out, 0);
	assert_int_equal(decode_of(FRAME_MOVE, &out, out.len), ERR_PROTOCOL);

	buf_clear(&out);
	pack_u32(&out, 1);
	pack_bytes(&out, "a\0b", 3); /* a NUL in a string */
	pack_str(&out, "");
	assert_int_equal(decode_of(FRAME_CONFIG, &out, out.len), ERR_PROTOCOL);

	buf_clear(&out); /* a digest that is none, a flag that is 2 */
	struct wire_message message = {.key = "k", .sha256 = "zz"};
	treaty_encode(FRAME_MESSAGE, &message, &out);
	assert_int_equal(decode_of(FRAME_MESSAGE, &out, out.len), ERR_PROTOCOL);
	buf_clear(&out);
	memset(message.sha256, '0', SHA256_HEX_BYTES - 1);
	treaty_encode(FRAME_MESSAGE, &message, &out);
	assert_int_equal(decode_of(FRAME_MESSAGE, &out, out.len), 0);
	out.data[out.len - 1] = 2;
	assert_int_equal(decode_of(FRAME_MESSAGE, &out, out.len), ERR_PROTOCOL);
}

static void
test_bounds_of_writers(void **state)
{
	struct rig rig = rig_open(FROM_MAILBOX);
	struct buf big CLEANUP(buf_done);

	(void)state;
	buf_init(&big, 1 << 20);
	while (big.len < frame_max_bytes(FRAME_NOT_FOUND) + 1)
		buf_putc(&big, 'x');
	assert_int_equal(frame_write(rig.a, FRAME_NOT_FOUND, &big, -1,
			     &rig.err),
	    ERR_LIMIT);
	assert_int_equal(frame_max_bytes((enum frame_type)63), 0);
	assert_string_equal(frame_type_name((enum frame_type)63), "?");
	rig_close(&rig);
}

static void
test_folder_names(void **state)
{
	enum wire_folder folder = FOLDER_INBOX;

	(void)state;
	for (int i = 0; i <= FOLDER_LAST; i++) {
		assert_true(
		    wire_folder_find(wire_folder_name((enum wire_folder)i),
			&folder));
		assert_int_equal(folder, i);
	}
	assert_false(wire_folder_find("filed", &folder));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_strings_and_arrays),
	    cmocka_unit_test(test_byte_by_byte),
	    cmocka_unit_test(test_broken_headers),
	    cmocka_unit_test(test_closed),
	    cmocka_unit_test(test_descriptor),
	    cmocka_unit_test(test_descriptor_where_none_belongs),
	    cmocka_unit_test(test_two_descriptors),
	    cmocka_unit_test(test_payload_cut_and_longer),
	    cmocka_unit_test(test_payload_lies),
	    cmocka_unit_test(test_bounds_of_writers),
	    cmocka_unit_test(test_folder_names),
	};

	return cmocka_run_group_tests_name("wire frames", tests, NULL, NULL);
}
