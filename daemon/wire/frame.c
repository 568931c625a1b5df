#include "wire/frame.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"

#define KIB ((size_t)1024)

enum {
	FROM_CHILDREN = FROM_MAILBOX | FROM_PARSER | FROM_COURIER,
	READ_BYTES = 64 * 1024,
	KEEP_BYTES = 1024 * 1024, /* of buffer between two frames */
};

enum frame_carry {
	CARRY_NOTHING,
	CARRY_FD
};

static const struct frame_rule {
	const char *name;
	size_t max_bytes;
	unsigned from; /* enum frame_from, several */
	enum frame_carry carry;
} g_rules[FRAME_TYPE_MAX] = {
    [FRAME_CONFIG] = {"CONFIG", 256 * KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_READY] = {"READY", KIB, FROM_CHILDREN, CARRY_NOTHING},
    [FRAME_START_FAILED] = {"START_FAILED", 8 * KIB, FROM_CHILDREN,
	CARRY_NOTHING},

    [FRAME_FETCH] = {"FETCH", 64, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_ATTENTION] = {"ATTENTION", 512 * KIB, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_MESSAGE] = {"MESSAGE", 4 * KIB, FROM_MAILBOX, CARRY_FD},
    [FRAME_FETCH_DONE] = {"FETCH_DONE", 8 * KIB, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_SYNC_FAILED] = {"SYNC_FAILED", 8 * KIB, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_MOVE] = {"MOVE", 512 * KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_MOVED] = {"MOVED", 1024 * KIB, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_KEEP] = {"KEEP", 512 * KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_RELEASE] = {"RELEASE", 512 * KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_FETCH_ONE] = {"FETCH_ONE", 4 * KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_NOT_FOUND] = {"NOT_FOUND", 4 * KIB, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_WATCH] = {"WATCH", 0, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_CHANGED] = {"CHANGED", 0, FROM_MAILBOX, CARRY_NOTHING},
    [FRAME_PROBE] = {"PROBE", KIB, FROM_ENGINE, CARRY_NOTHING},
    [FRAME_PROBED] = {"PROBED", 8 * KIB, FROM_MAILBOX, CARRY_NOTHING},

    [FRAME_PARSE] = {"PARSE", 0, FROM_ENGINE, CARRY_FD},
    [FRAME_RECORD] = {"RECORD", LIMIT_RECORD_BYTES, FROM_PARSER, CARRY_NOTHING},
    [FRAME_PARSE_FAILED] = {"PARSE_FAILED", 8 * KIB, FROM_PARSER,
	CARRY_NOTHING},

    [FRAME_DELIVER] = {"DELIVER", LIMIT_MAIL_BYTES + 64 * KIB, FROM_ENGINE,
	CARRY_NOTHING},
    [FRAME_DELIVERED] = {"DELIVERED", 8 * KIB, FROM_COURIER, CARRY_NOTHING},
};

static const struct frame_rule *
rule_of(unsigned type)
{
	if (type >= FRAME_TYPE_MAX || g_rules[type].name == NULL)
		return NULL;
	return &g_rules[type];
}

const char *
frame_type_name(enum frame_type type)
{
	const struct frame_rule *rule = rule_of(type);

	return rule == NULL ? "?" : rule->name;
}

size_t
frame_max_bytes(enum frame_type type)
{
	const struct frame_rule *rule = rule_of(type);

	return rule == NULL ? 0 : rule->max_bytes;
}

void
frame_reader_init(struct frame_reader *reader, int sock, enum frame_from peer)
{
	*reader = (struct frame_reader){
	    .sock = sock,
	    .peer = peer,
	    .fd = -1,
	};
	buf_init(&reader->payload, LIMIT_RECORD_BYTES);
}

/* Ready for the next frame; what the last one left is dropped. */
static void
start_over(struct frame_reader *reader)
{
	io_close(&reader->fd);
	reader->got = 0;
	reader->delivered = 0;
	if (reader->payload.cap > KEEP_BYTES)
		buf_done(&reader->payload);
	buf_clear(&reader->payload);
}

void
frame_reader_done(struct frame_reader *reader)
{
	start_over(reader);
	buf_done(&reader->payload);
}

int
frame_take_fd(struct frame_reader *reader, struct frame *frame)
{
	int fd = reader->fd;

	reader->fd = -1;
	frame->fd = -1;
	return fd;
}

/* Keep the one descriptor of this frame; close all others. */
static int
collect_fds(struct frame_reader *reader, struct msghdr *msg)
{
	int extra = (msg->msg_flags & MSG_CTRUNC) != 0;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (reader->fd < 0) {
				reader->fd = fd;
				continue;
			}
			io_close(&fd);
			extra = 1;
		}
	}
	return extra;
}

/*
 * Read at most `bytes`, never beyond the frame, so that a descriptor that
 * comes along belongs to this frame. The count; 0 if nothing is there now.
 */
static ssize_t
read_part(struct frame_reader *reader, void *data, size_t bytes,
    enum frame_wait wait, struct err *err)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = {data, bytes};
	struct msghdr msg = {
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	int flags = MSG_CMSG_CLOEXEC | (wait == FRAME_WAIT ? 0 : MSG_DONTWAIT);
	ssize_t n;

	do
		n = recvmsg(reader->sock, &msg, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n == 0 || (n < 0 && errno == ECONNRESET)) {
		if (reader->got == 0)
			return err_set(err, ERR_CLOSED, BLAME_NOBODY,
			    "the connection was closed");
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the connection ended inside a frame");
	}
	if (n < 0)
		return err_system(err, "read a frame");
	if (collect_fds(reader, &msg))
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "more than one descriptor in a frame");
	return n;
}

static int
check_header(struct frame_reader *reader, struct err *err)
{
	uint16_t type, version;

	memcpy(&reader->want, reader->header, 4);
	memcpy(&type, reader->header + 4, 2);
	memcpy(&version, reader->header + 6, 2);
	reader->want = le32toh(reader->want);
	type = le16toh(type);
	version = le16toh(version);
	if (version != FRAME_VERSION)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "a frame of version %u, ours is %d: programs of different "
		    "releases?",
		    version, FRAME_VERSION);
	const struct frame_rule *rule = rule_of(type);
	if (rule == NULL || (rule->from & (unsigned)reader->peer) == 0)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "a frame of type %u (%s) that may not come from there",
		    type, rule == NULL ? "unknown" : rule->name);
	if (reader->want > rule->max_bytes)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "a frame %s of %u bytes, at most %zu are allowed",
		    rule->name, reader->want, rule->max_bytes);
	reader->type = (enum frame_type)type;
	return 0;
}

static int
read_header(struct frame_reader *reader, enum frame_wait wait, struct err *err)
{
	while (reader->got < FRAME_HEADER_BYTES) {
		ssize_t n = read_part(reader, reader->header + reader->got,
		    FRAME_HEADER_BYTES - reader->got, wait, err);
		if (n <= 0)
			return (int)n;
		reader->got += (size_t)n;
		if (reader->got == FRAME_HEADER_BYTES) {
			int code = check_header(reader, err);
			if (code != 0)
				return code;
		}
	}
	return 1;
}

static int
read_payload(struct frame_reader *reader, enum frame_wait wait, struct err *err)
{
	char part[READ_BYTES];

	while (reader->payload.len < reader->want) {
		size_t left = reader->want - reader->payload.len;
		ssize_t n = read_part(reader, part,
		    left < sizeof(part) ? left : sizeof(part), wait, err);
		if (n <= 0)
			return (int)n;
		buf_add(&reader->payload, part, (size_t)n);
		reader->got += (size_t)n;
	}
	return 1;
}

int
frame_read(struct frame_reader *reader, enum frame_wait wait,
    struct frame *ret_frame, struct err *err)
{
	if (reader->delivered)
		start_over(reader);
	int code = read_header(reader, wait, err);
	if (code == 1)
		code = read_payload(reader, wait, err);
	if (code != 1)
		return code;
	if (reader->fd >= 0 && g_rules[reader->type].carry == CARRY_NOTHING)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "a descriptor came with a frame %s",
		    frame_type_name(reader->type));
	reader->delivered = 1;
	*ret_frame = (struct frame){
	    .type = reader->type,
	    .data = buf_text(&reader->payload),
	    .bytes = reader->payload.len,
	    .fd = reader->fd,
	};
	return 1;
}

int
frame_format(struct buf *out, enum frame_type type, const void *payload,
    size_t bytes, struct err *err)
{
	const struct frame_rule *rule = rule_of(type);
	uint32_t length = htole32((uint32_t)bytes);
	uint16_t kind = htole16((uint16_t)type);
	uint16_t version = htole16(FRAME_VERSION);

	BUG_ON(rule == NULL);
	if (bytes > rule->max_bytes)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "a frame %s of %zu bytes, at most %zu are allowed",
		    rule->name, bytes, rule->max_bytes);
	buf_add(out, &length, sizeof(length));
	buf_add(out, &kind, sizeof(kind));
	buf_add(out, &version, sizeof(version));
	if (bytes > 0)
		buf_add(out, payload, bytes);
	return 0;
}

static ssize_t
send_some(int sock, const void *data, size_t bytes, int fd, int flags)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct iovec iov = {(void *)(uintptr_t)data, bytes};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL | flags);
	while (n < 0 && errno == EINTR);
	return n;
}

int64_t
frame_send_part(int sock, const void *data, size_t bytes, int fd,
    struct err *err)
{
	ssize_t n = send_some(sock, data, bytes, fd, MSG_DONTWAIT);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return err_set(err, ERR_CLOSED, BLAME_NOBODY,
		    "the connection was closed");
	return err_system(err, "write a frame");
}

int
frame_write(int sock, enum frame_type type, const struct buf *payload, int fd,
    struct err *err)
{
	size_t bytes = payload == NULL ? 0 : payload->len;
	struct buf out CLEANUP(buf_done);
	size_t sent = 0;

	buf_init(&out, bytes + FRAME_HEADER_BYTES);
	int code = frame_format(&out, type,
	    payload == NULL ? NULL : payload->data, bytes, err);
	while (code == 0 && sent < out.len) {
		ssize_t n = send_some(sock, out.data + sent, out.len - sent,
		    sent == 0 ? fd : -1, 0);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return err_set(err, ERR_CLOSED, BLAME_NOBODY,
			    "the connection was closed");
		if (n < 0)
			return err_system(err, "write a frame");
		sent += (size_t)n;
	}
	return code;
}
