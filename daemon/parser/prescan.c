#include "parser/prescan.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"

enum {
	CHUNK_BYTES = 64 * 1024,
	HEAD_BYTES = 1024, /* of each line that are looked at */
	MAX_BOUNDARIES = 500,
	MAX_BOUNDARY_BYTES = 200,
	MAX_DELIMITERS = 4 * LIMIT_PARTS,
	MAX_MESSAGES = 2 * LIMIT_PARTS,
	MAX_SIGNS = 500, /* `:` or `;` in one field: groups, parameters */
	MAX_BLOCK_BYTES = 2 * LIMIT_HEADERS_BYTES, /* one header block */
	MAX_LOOSE_BYTES = 8 * 1024 * 1024,
};

struct boundary {
	char text[MAX_BOUNDARY_BYTES];
	size_t len;
};

struct scan {
	struct prescan result;
	struct boundary *boundaries;
	size_t boundary_count, delimiters, messages;
	bool in_header, seen_message, own_header_done;
	bool blind; /* a boundary may stand where we did not look */
	uint64_t block_bytes;
	char head[HEAD_BYTES + 1]; /* of the line at hand */
	size_t head_bytes, line_bytes;
	size_t colons, semicolons; /* of the field at hand */
	/*
	 * Text before the first and behind the last part of a multipart, which
	 * GMime keeps in memory.
	 */
	bool is_loose, seen_multipart;
	uint64_t loose_bytes;
};

static void
add_boundary(struct scan *s, const char *value)
{
	struct boundary *b = &s->boundaries[s->boundary_count];
	size_t len;

	value += strspn(value, " \t");
	if (*value == '"')
		len = strcspn(++value, "\"");
	else
		len = strcspn(value, " \t;");
	if (len == 0 || len >= MAX_BOUNDARY_BYTES)
		return;
	if (s->boundary_count + 1 == MAX_BOUNDARIES) {
		s->result.over_limit = true;
		return;
	}
	s->seen_multipart = true;
	memcpy(b->text, value, len);
	b->len = len;
	s->boundary_count++;
}

static bool
is_delimiter(const struct scan *s)
{
	const char *rest = s->head + 2;
	size_t len = s->head_bytes - 2;

	while (len > 0 && (rest[len - 1] == ' ' || rest[len - 1] == '\t'))
		len--;
	if (s->blind && len > 0)
		return true;
	for (size_t i = 0; i < s->boundary_count; i++) {
		const struct boundary *b = &s->boundaries[i];
		bool fits = len == b->len || len == b->len + 2;
		if (fits && memcmp(rest, b->text, b->len) == 0)
			return true;
	}
	return false;
}

/* The empty line behind a header block. A message in a message has its own
 * header right there. */
static void
end_block(struct scan *s)
{
	s->in_header = s->seen_message;
	s->is_loose = s->is_loose || s->seen_multipart;
	s->seen_multipart = false;
	s->messages += s->seen_message;
	s->seen_message = false;
	s->block_bytes = 0;
	if (s->messages > MAX_MESSAGES)
		s->result.over_limit = true;
}

/* What may begin at `p`, in the middle of a header line. */
static void
header_word(struct scan *s, const char *p)
{
	if (text_istarts(p, "boundary")) {
		const char *sign = p + 8 + strspn(p + 8, " \t*0");
		if (*sign == '=')
			add_boundary(s, sign + 1);
	}
	s->seen_multipart = s->seen_multipart || text_istarts(p, "multipart/");
	s->seen_message = s->seen_message || text_istarts(p, "message/");
}

static void
header_line(struct scan *s)
{
	if (s->line_bytes == 0) {
		end_block(s);
		return;
	}
	s->block_bytes += s->line_bytes;
	if (s->block_bytes > MAX_BLOCK_BYTES)
		s->result.over_limit = true;
	for (const char *p = s->head; *p != '\0'; p++)
		if (*p == 'b' || *p == 'B' || *p == 'm' || *p == 'M')
			header_word(s, p);
	s->blind = s->blind || s->line_bytes > s->head_bytes;
}

static void
end_line(struct scan *s)
{
	if (s->head_bytes > 0 && s->head[s->head_bytes - 1] == '\r' &&
	    s->line_bytes == s->head_bytes) {
		s->head_bytes--;
		s->line_bytes--;
	}
	s->head[s->head_bytes] = '\0';
	if (s->head_bytes >= 2 && memcmp(s->head, "--", 2) == 0 &&
	    s->line_bytes == s->head_bytes && is_delimiter(s)) {
		/* A closing one has `--` at its end, and loose text behind. */
		s->is_loose = s->head_bytes > 4 &&
			      memcmp(s->head + s->head_bytes - 2, "--", 2) == 0;
		s->in_header = !s->is_loose;
		s->loose_bytes = 0;
		s->seen_message = s->seen_multipart = false;
		s->block_bytes = 0;
		if (++s->delimiters > MAX_DELIMITERS)
			s->result.over_limit = true;
	} else if (s->in_header) {
		header_line(s);
	}
	s->head_bytes = s->line_bytes = 0;
}

/*
 * GMime parses address groups by recursion, and parameters in time that grows
 * with their square.
 */
static void
count_signs(struct scan *s, const char *data, size_t bytes)
{
	if (s->line_bytes == 0 && bytes > 0 && *data != ' ' && *data != '\t')
		s->colons = s->semicolons = 0;
	for (size_t i = 0; i < bytes; i++) {
		s->colons += data[i] == ':';
		s->semicolons += data[i] == ';';
	}
	if (s->colons > MAX_SIGNS || s->semicolons > MAX_SIGNS)
		s->result.over_limit = true;
}

static void
take(struct scan *s, const char *data, size_t bytes)
{
	for (size_t i = 0, n; i < bytes; i += n) {
		const char *end = memchr(data + i, '\n', bytes - i);
		size_t len = end == NULL ? bytes - i : (size_t)(end - data) - i;
		if (s->in_header)
			count_signs(s, data + i, len);
		size_t room = HEAD_BYTES - s->head_bytes;
		memcpy(s->head + s->head_bytes, data + i,
		    len < room ? len : room);
		s->head_bytes += len < room ? len : room;
		s->line_bytes += len;
		n = len;
		if (end == NULL)
			continue;
		n++;
		s->result.line_ends++;
		bool blank = s->line_bytes == 0 ||
			     (s->line_bytes == 1 && s->head[0] == '\r');
		if (blank && !s->own_header_done) {
			s->own_header_done = true;
			s->result.header_bytes = s->result.bytes + i + n;
		}
		end_line(s);
	}
	s->result.bytes += bytes;
	s->loose_bytes += s->is_loose ? bytes : 0;
	if (s->loose_bytes > MAX_LOOSE_BYTES)
		s->result.over_limit = true;
	/* A header line without end is a block without end. */
	if (s->in_header && s->line_bytes > MAX_BLOCK_BYTES)
		s->result.over_limit = true;
}

static ssize_t
read_at(int fd, char *chunk, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, chunk, CHUNK_BYTES, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

int
prescan_read(int fd, struct prescan *ret_prescan, struct err *err)
{
	struct scan *s = g_malloc0(sizeof(*s));
	char *chunk = g_malloc(CHUNK_BYTES);
	ssize_t n;

	s->boundaries = g_malloc_n(MAX_BOUNDARIES, sizeof(*s->boundaries));
	s->in_header = true;
	while ((n = read_at(fd, chunk, s->result.bytes)) > 0)
		take(s, chunk, (size_t)n);
	int failed = n < 0 ? err_system(err, "the message cannot be read") : 0;
	if (!s->own_header_done)
		s->result.header_bytes = s->result.bytes;
	if (failed == 0)
		*ret_prescan = s->result;
	g_free(s->boundaries);
	g_free(chunk);
	g_free(s);
	return failed;
}
