#include "mail/compose.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "mail/clean.h"

enum {
	HEADER_CHARS = 900,
	NAME_CHARS = 150,
	REFERENCE_BYTES = 250,
	REFERENCES_KEPT = 20, /* the newest, behind the first */
};

static void
unref(void *object)
{
	if (*(void **)object != NULL)
		g_object_unref(*(void **)object);
}

static void
drop_options(GMimeFormatOptions **options)
{
	g_mime_format_options_free(*options);
}

void
compose_init(void)
{
	g_mime_init();
}

int
compose_check_address(const char *address, struct err *err)
{
	if (address_is_valid(address))
		return 0;
	return err_set(err, ERR_INPUT, BLAME_OPERATOR,
	    "'%.100s' is no address that mail can be sent to", address);
}

/* RFC 5322: "Tue, 24 Feb 2026 10:42:00 +0000", in local time. */
static void
format_date(int64_t at, char ret_text[static 48])
{
	static const char days[] = "MonTueWedThuFriSatSun";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int32_t day = date_of(at);
	int minute = date_minute_of(at);
	struct civil c = date_to_civil(day);
	int64_t zone = day * INT64_C(1440) + minute - (at - at % 60) / 60;
	int east = (int)(zone < 0 ? -zone : zone);

	(void)snprintf(ret_text, 48,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d %c%02d%02d",
	    days + 3 * (size_t)date_weekday(day), c.day,
	    months + 3 * (size_t)(c.month - 1), c.year, minute / 60,
	    minute % 60, (int)(at % 60), zone < 0 ? '-' : '+', east / 60 % 100,
	    east % 60);
}

static void
set_header(struct arena *arena, GMimeMessage *mime, const char *name,
    const char *value)
{
	char *clean = clean_header(arena, value, HEADER_CHARS);

	if (*clean != '\0')
		g_mime_object_set_header(GMIME_OBJECT(mime), name, clean,
		    "utf-8");
}

/* `<…>` without spaces and within bounds; else "". */
static const char *
check_id(struct arena *arena, const char *id)
{
	size_t n = strlen(id);

	if (n < 3 || n > REFERENCE_BYTES || id[0] != '<' || id[n - 1] != '>')
		return "";
	for (size_t i = 1; i + 1 < n; i++)
		if (id[i] <= ' ' || id[i] > '~' || id[i] == '<' || id[i] == '>')
			return "";
	return arena_strdup(arena, id);
}

static void
set_references(struct arena *arena, GMimeMessage *mime, const char *references)
{
	CLEANUP(buf_done)
	struct buf all;
	char **ids = text_split(arena, references, " \t\r\n,");
	size_t count = 0;

	while (ids[count] != NULL)
		count++;
	buf_init(&all, (size_t)(REFERENCES_KEPT + 2) * (REFERENCE_BYTES + 1));
	for (size_t i = 0; i < count; i++) {
		const char *id = check_id(arena, ids[i]);
		if (*id != '\0' && (i == 0 || i + REFERENCES_KEPT >= count))
			buf_printf(&all, "%s%s", all.len > 0 ? " " : "", id);
	}
	if (all.len > 0)
		g_mime_object_set_header(GMIME_OBJECT(mime), "References",
		    buf_text(&all), "utf-8");
}

static void
set_robot_headers(struct arena *arena, GMimeMessage *mime,
    enum compose_origin origin)
{
	static const char *const submitted[] = {[ORIGIN_ANSWER] =
						    "auto-replied",
	    [ORIGIN_STARTED] = "auto-generated"};
	static const char *const suppress[] =
	    {[ORIGIN_ANSWER] = "DR, RN, NRN, OOF, AutoReply",
		[ORIGIN_STARTED] = "DR, RN, NRN, AutoReply"};

	set_header(arena, mime, "Auto-Submitted", submitted[origin]);
	set_header(arena, mime, "X-Auto-Response-Suppress", suppress[origin]);
}

static void
set_headers(struct arena *arena, GMimeMessage *mime,
    const struct compose_mail *mail)
{
	char date[48];

	g_mime_message_add_mailbox(mime, GMIME_ADDRESS_TYPE_FROM,
	    clean_header(arena, mail->from_name, NAME_CHARS),
	    mail->from_address);
	g_mime_message_add_mailbox(mime, GMIME_ADDRESS_TYPE_TO,
	    clean_header(arena, mail->to_name, NAME_CHARS), mail->to_address);
	g_mime_message_set_subject(mime,
	    clean_header(arena, mail->subject, LIMIT_SUBJECT_CHARS), "utf-8");
	format_date(mail->date_at, date);
	set_header(arena, mime, "Date", date);
	set_header(arena, mime, "Message-ID",
	    check_id(arena, mail->message_id));
	set_header(arena, mime, "In-Reply-To",
	    check_id(arena, mail->in_reply_to));
	set_references(arena, mime, mail->references);
	set_header(arena, mime, "X-Original-To", mail->original_to);
	set_header(arena, mime, "X-LSCPD-Kind", mail->kind);
	set_header(arena, mime, "X-LSCPD-Ref", mail->ref);
	set_header(arena, mime, "X-LSCPD-Instance", mail->instance);
	set_robot_headers(arena, mime, mail->origin);
}

static void
set_content(GMimePart *part, const void *data, size_t bytes,
    GMimeContentEncoding encoding)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, bytes);
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream,
	    GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, encoding);
	g_object_unref(content);
	g_object_unref(stream);
}

/* Not by g_mime_text_part_set_text(), which picks a charset of its own: what
 * a reply quotes is compared with what we sent, so it is UTF-8 always. */
static GMimeObject *
text_part(const char *subtype, const char *text)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);

	g_mime_text_part_set_charset(part, "utf-8");
	set_content(GMIME_PART(part), text, strlen(text),
	    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	return GMIME_OBJECT(part);
}

static GMimeObject *
file_part(struct arena *arena, const struct compose_file *file)
{
	GMimePart *part = g_mime_part_new();
	GMimeContentType *type = g_mime_content_type_parse(NULL,
	    clean_header(arena, file->type, NAME_CHARS));

	g_mime_object_set_content_type(GMIME_OBJECT(part), type);
	set_content(part, file->data, file->bytes,
	    GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_disposition(GMIME_OBJECT(part),
	    GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(part,
	    clean_header(arena, file->name, NAME_CHARS));
	g_object_unref(type);
	return GMIME_OBJECT(part);
}

/* The multipart keeps a reference of its own. */
static void
take_part(GMimeMultipart *multipart, GMimeObject *part)
{
	g_mime_multipart_add(multipart, part);
	g_object_unref(part);
}

static GMimeObject *
build_body(struct arena *arena, const struct compose_mail *mail)
{
	GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");

	take_part(both, text_part("plain", mail->text));
	take_part(both, text_part("html", mail->html));
	if (mail->file_count == 0)
		return GMIME_OBJECT(both);

	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	take_part(mixed, GMIME_OBJECT(both));
	for (size_t i = 0; i < mail->file_count; i++)
		take_part(mixed, file_part(arena, &mail->files[i]));
	return GMIME_OBJECT(mixed);
}

int
compose_write(const struct compose_mail *mail, struct buf *out, struct err *err)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	CLEANUP(unref)
	GMimeMessage *mime = g_mime_message_new(TRUE);
	CLEANUP(unref)
	GMimeObject *body = NULL;
	CLEANUP(unref)
	GMimeStream *stream = NULL;
	CLEANUP(drop_options)
	GMimeFormatOptions *options = g_mime_format_options_new();

	if (compose_check_address(mail->from_address, err) < 0 ||
	    compose_check_address(mail->to_address, err) < 0)
		return ERR_INPUT;
	set_headers(arena, mime, mail);
	body = build_body(arena, mail);
	g_mime_message_set_mime_part(mime, body);
	g_mime_format_options_set_newline_format(options,
	    GMIME_NEWLINE_FORMAT_DOS);
	stream = g_mime_stream_mem_new();
	if (g_mime_object_write_to_stream(GMIME_OBJECT(mime), options, stream) <
	    0)
		return err_set(err, ERR_SYSTEM, BLAME_OPERATOR,
		    "a mail cannot be composed");
	const GByteArray *bytes =
	    g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	buf_add(out, bytes->data, bytes->len);
	if (out->over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "a mail of %u bytes is too large to be sent", bytes->len);
	return 0;
}
