#include "parser/parse.h"

#include <sys/mman.h>

#include <gmime/gmime.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/context.h"
#include "parser/headers.h"
#include "parser/message.h"
#include "parser/prescan.h"
#include "parser/report.h"
#include "parser/words.h"

enum {
	RETURNED_BYTES = 1024 * 1024, /* text of attached messages, looked at */
	OLD_MAC_BYTES = 4 * 1024 * 1024,
	FIELD_SIGNS = 200, /* colons and semicolons that a field keeps */
};

/* GMime tells of trouble only here; nesting is what we must know. */
static void
on_warning(gint64 offset, GMimeParserWarning code, const gchar *item,
    gpointer arg)
{
	struct context *ctx = arg;

	(void)offset;
	(void)item;
	if (code == GMIME_CRIT_NESTING_OVERFLOW)
		ctx->record->over_limit = true;
}

static GMimeParserOptions *
options_new(struct context *ctx)
{
	static const char *charsets[] = {"utf-8", "windows-1252", NULL};
	GMimeParserOptions *o = g_mime_parser_options_new();

	g_mime_parser_options_set_fallback_charsets(o, charsets);
	g_mime_parser_options_set_address_compliance_mode(o,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	g_mime_parser_options_set_parameter_compliance_mode(o,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	g_mime_parser_options_set_rfc2047_compliance_mode(o,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	g_mime_parser_options_set_allow_addresses_without_domain(o, TRUE);
	g_mime_parser_options_set_warning_callback(o, on_warning, ctx);
	return o;
}

static void
record_init(struct record *r)
{
	*r = (struct record){0};
	r->subject = r->message_id = r->in_reply_to = "";
	r->calendar_method = r->content_type = "";
}

static void
read_message(struct context *ctx, GMimeMessage *message)
{
	struct record *r = ctx->record;
	GMimeObject *root = g_mime_message_get_mime_part(message);

	headers_read(ctx, g_mime_object_get_header_list(GMIME_OBJECT(message)));
	if (root != NULL)
		headers_read(ctx, g_mime_object_get_header_list(root));
	ctx->is_forward = words_start(words_forward_subject, r->subject);
	if (!ctx->header_only)
		message_walk(ctx, message);
	report_finish(ctx);
}

static GMimeMessage *
construct(struct context *ctx)
{
	GMimeParser *parser = g_mime_parser_new_with_stream(ctx->stream);

	g_mime_parser_set_persist_stream(parser, TRUE);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	GMimeMessage *message =
	    g_mime_parser_construct_message(parser, ctx->gmime);
	g_object_unref(parser);
	return message;
}

static int
parse_stream(struct context *ctx, struct err *err)
{
	struct buf returned CLEANUP(buf_done);
	int failed = 0;

	buf_init(&returned, RETURNED_BYTES);
	ctx->returned = &returned;
	ctx->gmime = options_new(ctx);
	ctx->key = sha256_new();
	GMimeMessage *message = construct(ctx);
	if (message != NULL) {
		read_message(ctx, message);
		g_object_unref(message);
	}
	if (ctx->record->header_count == 0)
		failed = err_set(err, ERR_INPUT, BLAME_SENDER,
		    "this is not an email: it has no header");
	sha256_hex(ctx->key, ctx->record->content_key);
	g_mime_parser_options_free(ctx->gmime);
	return failed;
}

/*
 * Old Macs ended lines with CR alone, which no MIME parser reads. Such a
 * message, if it is not large, is read from a copy in memory with LF in their
 * place; offsets stay the same. NULL if it is none.
 */
static GMimeStream *
open_old_mac(int fd, uint64_t bytes)
{
	char *copy;

	if (bytes == 0 || bytes > OLD_MAC_BYTES)
		return NULL;
	copy = g_malloc(bytes);
	ssize_t n = pread(fd, copy, bytes, 0);
	if (n != (ssize_t)bytes || memchr(copy, '\n', bytes) != NULL ||
	    memchr(copy, '\r', bytes) == NULL) {
		g_free(copy);
		return NULL;
	}
	for (uint64_t i = 0; i < bytes; i++)
		if (copy[i] == '\r')
			copy[i] = '\n';
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(copy, bytes);
	g_free(copy);
	return stream;
}

/*
 * Of a message beyond the limits only its header is read, from a copy in which
 * no field has more signs of syntax than an honest one: GMime would recurse
 * for each.
 */
static GMimeStream *
open_header(int fd, uint64_t bytes)
{
	size_t most = bytes < LIMIT_HEADERS_BYTES ? bytes : LIMIT_HEADERS_BYTES;
	size_t signs = 0;
	char *copy = g_malloc0(most + 1);
	ssize_t n = pread(fd, copy, most, 0);
	size_t len = n < 0 ? 0 : (size_t)n;

	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '\n' && copy[i + 1] != ' ' &&
		    copy[i + 1] != '\t')
			signs = 0;
		else if ((copy[i] == ':' || copy[i] == ';') &&
			 ++signs > FIELD_SIGNS)
			copy[i] = ' ';
	}
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(copy, len);
	g_free(copy);
	return stream;
}

static GMimeStream *
open_stream(int fd, const struct prescan *scan)
{
	GMimeStream *stream = NULL;

	if (scan->over_limit)
		return open_header(fd, scan->header_bytes);
	if (scan->line_ends == 0)
		stream = open_old_mac(fd, scan->bytes);
	if (stream != NULL)
		return stream;
	stream = g_mime_stream_fs_new_with_bounds(fd, 0, (gint64)scan->bytes);
	g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
	return stream;
}

int
parse_message(struct arena *arena, int fd, const struct parse_options *options,
    struct record *ret_record, struct err *err)
{
	struct record record;
	struct prescan scan;
	struct context ctx = {
	    .arena = arena,
	    .fallback = options == NULL ? NULL : options->charset_fallback,
	    .record = &record,
	    .text_left = BUDGET_TEXT_BYTES,
	    .body_left = BUDGET_BODY_BYTES,
	    .lines_left = BUDGET_LINES,
	    .cells_left = LIMIT_CELLS,
	    .segments_left = BUDGET_SEGMENTS,
	    .unpack_left = LIMIT_UNPACKED_BYTES,
	};

	record_init(&record);
	int failed = prescan_read(fd, &scan, err);
	if (failed != 0)
		return failed;
	record.over_limit = ctx.header_only = scan.over_limit;
	ctx.stream = open_stream(fd, &scan);
	failed = parse_stream(&ctx, err);
	g_object_unref(ctx.stream);
	if (failed != 0)
		return failed;
	*ret_record = record;
	return 0;
}

/* Touches what every library loads at first use. */
static const char WARM_UP[] =
    "Received: from a.example by b.example; Wed, 18 Nov 2026 11:06:40 +0000\n"
    "From: =?windows-1252?Q?=80?= <a@a.example>, g: b@b.example;\n"
    "To: \"=?utf-8?B?w6k=?=\" <c@c.example>\n"
    "Subject: =?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-8859-15?Q?=A4?=\n"
    "Date: Wed, 18 Nov 2026 11:06:40 +0100\n"
    "Message-ID: <warm@a.example>\n"
    "Content-Type: multipart/mixed; boundary=a\n\n"
    "--a\nContent-Type: multipart/alternative; boundary=b\n\n"
    "--b\nContent-Type: text/plain; charset=windows-1250; format=flowed\n\n"
    "x\xb3\n\nOn Wed, A wrote:\n> y\n"
    "--b\nContent-Type: text/html; charset=utf-8\n\n"
    "<html><body><p>x &eacute;</p><table><tr><td>a</td><td>b</td></tr>"
    "</table></body></html>\n--b--\n"
    "--a\nContent-Type: text/csv; name*=utf-8''%e2%82%ac.csv\n"
    "Content-Transfer-Encoding: base64\n\nYSxiCjEsMgo=\n"
    "--a\nContent-Type: text/plain; name=\"=?utf-8?Q?=C3=A9=2Etxt?=\"\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "Content-Disposition: attachment\n\n=C3=A9\n"
    "--a\nContent-Type: application/octet-stream; name=u\n"
    "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 u\n#86)C\n`\nend\n"
    "--a\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--a--\n";

static void
warm_up(void)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	int fd CLEANUP(io_close)
	= memfd_create("warm-up", MFD_CLOEXEC);
	struct record record;
	struct err err = {0};

	BUG_ON(fd < 0);
	BUG_ON(io_write_all(fd, WARM_UP, sizeof(WARM_UP) - 1, &err) != 0);
	BUG_ON(parse_message(arena, fd, NULL, &record, &err) != 0);
	BUG_ON(record.body_count != 2 || record.part_count != 4);
}

void
parse_init(void)
{
	/* A zone without a file: libzip asks for local time at each entry. */
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	g_mime_init();
	xmlInitParser();
	json_object_seed(0);
	charset_init();
	warm_up();
}
