/* Composing, judged by taking the bytes apart again. */
#include <gmime/gmime.h>

#include "base/limits.h"
#include "support.h"

static struct compose_mail
sample_mail(void)
{
	return (struct compose_mail){
	    .from_name = "Łódź & Partners, \"Safe\" Children",
	    .from_address = "lscp@partnership.example",
	    .to_name = "Zoë O'Brien, DSL",
	    .to_address = "zoe@school.example",
	    .original_to = "",
	    .subject = "[LSCP R-000123] Dépôt: we have it",
	    .date_at = NOW_AT,
	    .message_id = "<abc.1@partnership.example>",
	    .in_reply_to = "<q.1@school.example>",
	    .references = "<a@x.example> <q.1@school.example>",
	    .kind = "receipt",
	    .ref = "R-000123",
	    .instance = INSTANCE,
	    .origin = ORIGIN_ANSWER,
	    .text = "Hello Zoë\n\n.\nFrom here on\nline with a space \n",
	    .html = "<p>Hello Zo\xc3\xab</p>\n",
	};
}

static struct buf
compose(const struct compose_mail *mail)
{
	struct buf out;
	struct err err = {.code = 0};

	buf_init(&out, LIMIT_MAIL_BYTES);
	if (compose_write(mail, &out, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static GMimeMessage *
parse(const struct buf *mime)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(mime->data, mime->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	assert_non_null(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

static void
header_equals(GMimeMessage *message, const char *name, const char *value)
{
	const char *found =
	    g_mime_object_get_header(GMIME_OBJECT(message), name);

	if (value == NULL)
		assert_null(found);
	else
		assert_string_equal(found == NULL ? "(none)" : found, value);
}

static void
is_plain_on_the_wire(const struct buf *mime)
{
	size_t line = 0;

	for (size_t i = 0; i < mime->len; i++) {
		unsigned char c = (unsigned char)mime->data[i];
		assert_true(c < 0x80 && c != '\0');
		if (c == '\n')
			assert_true(i > 0 && mime->data[i - 1] == '\r');
		if (c == '\r')
			assert_true(mime->data[i + 1] == '\n');
		line = c == '\n' ? 0 : line + 1;
		assert_true(line <= 998);
	}
}

static void
has_its_headers(void **state)
{
	struct compose_mail mail = sample_mail();
	struct buf mime = compose(&mail);
	GMimeMessage *m = parse(&mime);
	InternetAddressList *from = g_mime_message_get_from(m);

	(void)state;
	is_plain_on_the_wire(&mime);
	assert_int_equal(internet_address_list_length(from), 1);
	assert_string_equal(internet_address_get_name(
				internet_address_list_get_address(from, 0)),
	    mail.from_name);
	assert_string_equal(g_mime_message_get_subject(m), mail.subject);
	header_equals(m, "Date", "Tue, 24 Feb 2026 10:42:00 +0000");
	header_equals(m, "Message-ID", "<abc.1@partnership.example>");
	header_equals(m, "In-Reply-To", "<q.1@school.example>");
	header_equals(m, "References", "<a@x.example> <q.1@school.example>");
	header_equals(m, "X-LSCPD-Kind", "receipt");
	header_equals(m, "X-LSCPD-Ref", "R-000123");
	header_equals(m, "X-LSCPD-Instance", INSTANCE);
	header_equals(m, "X-Original-To", NULL);
	header_equals(m, "Auto-Submitted", "auto-replied");
	header_equals(m, "X-Auto-Response-Suppress",
	    "DR, RN, NRN, OOF, AutoReply");
	header_equals(m, "MIME-Version", "1.0");
	g_object_unref(m);
	buf_done(&mime);
}

static void
says_who_began(void **state)
{
	struct compose_mail mail = sample_mail();

	(void)state;
	mail.origin = ORIGIN_STARTED;
	mail.in_reply_to = "";
	mail.references = "";
	mail.original_to = "true@school.example";
	mail.date_at = NOW_AT + 180 * 86400; /* summer time */
	struct buf mime = compose(&mail);
	GMimeMessage *m = parse(&mime);
	header_equals(m, "Auto-Submitted", "auto-generated");
	header_equals(m, "X-Auto-Response-Suppress", "DR, RN, NRN, AutoReply");
	header_equals(m, "In-Reply-To", NULL);
	header_equals(m, "References", NULL);
	header_equals(m, "X-Original-To", "true@school.example");
	header_equals(m, "Date", "Sun, 23 Aug 2026 11:42:00 +0100");
	g_object_unref(m);
	buf_done(&mime);
}

static GMimeObject *
nth(GMimeObject *parent, int n, const char *type, const char *subtype)
{
	assert_true(GMIME_IS_MULTIPART(parent));
	GMimeObject *part =
	    g_mime_multipart_get_part(GMIME_MULTIPART(parent), n);
	assert_non_null(part);
	assert_true(
	    g_mime_content_type_is_type(g_mime_object_get_content_type(part),
		type, subtype));
	return part;
}

static void
has_its_parts(void **state)
{
	static const char csv[] = "table,row\r\n\xff\x00binary";
	static const char name[] =
	    "Übersicht der sehr langen Namen von Dateien, die niemand so "
	    "nennen sollte – zweite Fassung.csv";
	const struct compose_file file = {name, "text/csv; charset=utf-8", csv,
	    sizeof(csv)};
	struct compose_mail mail = sample_mail(), again;
	struct arena *arena = arena_new(1 << 24);
	struct err err = {.code = 0};

	(void)state;
	mail.files = &file;
	mail.file_count = 1;
	struct buf mime = compose(&mail);
	is_plain_on_the_wire(&mime);
	GMimeMessage *m = parse(&mime);
	GMimeObject *mixed = g_mime_message_get_mime_part(m);
	assert_true(
	    g_mime_content_type_is_type(g_mime_object_get_content_type(mixed),
		"multipart", "mixed"));
	GMimeObject *both = nth(mixed, 0, "multipart", "alternative");
	GMimeObject *plain = nth(both, 0, "text", "plain");
	(void)nth(both, 1, "text", "html");
	GMimeObject *attached = nth(mixed, 1, "text", "csv");
	assert_string_equal(g_mime_part_get_filename(GMIME_PART(attached)),
	    name);
	assert_true(g_mime_part_is_attachment(GMIME_PART(attached)));
	char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(plain));
	assert_non_null(strstr(text, "line with a space "));
	g_free(text);
	g_object_unref(m);

	assert_int_equal(compose_read(arena, mime.data, mime.len, &again, &err),
	    0);
	assert_string_equal(again.text, mail.text);
	assert_string_equal(again.html, mail.html);
	assert_int_equal(again.file_count, 1);
	assert_string_equal(again.files[0].name, name);
	assert_string_equal(again.files[0].type, "text/csv; charset=utf-8");
	assert_int_equal(again.files[0].bytes, sizeof(csv));
	assert_memory_equal(again.files[0].data, csv, sizeof(csv));
	arena_free(arena);
	buf_done(&mime);
}

/* Whatever a header is made of, it stays one header. */
static void
takes_no_injection(void **state)
{
	static const char *const evil[] = {"x\r\nBcc: all@victim.example",
	    "x\nBcc: all@victim.example", "x\rBcc: all@victim.example",
	    "x\r\n\r\nBcc: all@victim.example",
	    "x\u2028 Bcc: all@victim.example",
	    "x =?utf-8?q?=0ABcc:_all=40victim.example?="};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(evil); i++) {
		struct compose_file file = {evil[i], evil[i], "x", 1};
		struct compose_mail mail = sample_mail();
		mail.from_name = mail.to_name = mail.subject = evil[i];
		mail.message_id = mail.in_reply_to = mail.references = evil[i];
		mail.kind = mail.ref = mail.instance = evil[i];
		mail.original_to = evil[i];
		mail.files = &file;
		mail.file_count = 1;
		struct buf mime = compose(&mail);
		GMimeMessage *m = parse(&mime);
		is_plain_on_the_wire(&mime);
		header_equals(m, "Bcc", NULL);
		header_equals(m, "Message-ID", NULL);
		header_equals(m, "In-Reply-To", NULL);
		assert_null(strstr(mime.data, "\nBcc:"));
		g_object_unref(m);
		buf_done(&mime);
	}
}

static void
refuses_addresses(void **state)
{
	static const char *const bad[] = {"", "a", "a@b", "@b.example",
	    "a@.example", "a b@c.example", "a@c.example\r\nDATA",
	    "a@c.example, b@c.example", "<a@c.example>", "\"a\"@c.example",
	    "a@[127.0.0.1]", "a..b@c.example", ".a@c.example", "a@-c.example",
	    "zo\xc3\xab@c.example", "a@b@c.example"};
	struct err err = {.code = 0};

	(void)state;
	assert_int_equal(compose_check_address("a.b+c@sub.office.example",
			     &err),
	    0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct compose_mail mail = sample_mail();
		struct buf out;
		mail.to_address = bad[i];
		buf_init(&out, LIMIT_MAIL_BYTES);
		assert_int_equal(compose_write(&mail, &out, &err), ERR_INPUT);
		assert_int_equal(out.len, 0);
		buf_done(&out);
	}
}

static void
is_bounded(void **state)
{
	struct compose_mail mail = sample_mail();
	struct err err = {.code = 0};
	struct buf out;
	static char many[60000], longest[5000];

	(void)state;
	for (size_t i = 0; i + 16 < sizeof(many); i += 15)
		memcpy(many + i, "<12345@x.test> ", 15);
	memset(longest, 'x', sizeof(longest) - 1);
	mail.references = many;
	mail.subject = mail.from_name = mail.to_name = mail.ref = longest;
	struct buf mime = compose(&mail);
	is_plain_on_the_wire(&mime);
	assert_true(mime.len < 10000);
	buf_done(&mime);

	buf_init(&out, 500);
	mail = sample_mail();
	assert_int_equal(compose_write(&mail, &out, &err), ERR_LIMIT);
	buf_done(&out);
}

static void
has_random_boundaries(void **state)
{
	struct compose_mail mail = sample_mail();
	struct buf a = compose(&mail), b = compose(&mail);
	const char *x = strstr(a.data, "boundary="),
		   *y = strstr(b.data, "boundary=");

	(void)state;
	assert_non_null(x);
	assert_non_null(y);
	assert_memory_not_equal(x, y, 30);
	buf_done(&a);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_its_headers),
	    cmocka_unit_test(says_who_began),
	    cmocka_unit_test(has_its_parts),
	    cmocka_unit_test(takes_no_injection),
	    cmocka_unit_test(refuses_addresses),
	    cmocka_unit_test(is_bounded),
	    cmocka_unit_test(has_random_boundaries),
	};

	assert_true(date_set_zone("Europe/London"));
	compose_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
