#include "mail/compose.h"

#include <sys/random.h>

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
	LINE_CHARS = 76,
	HEADER_CHARS = 900,
	NAME_CHARS = 150,
	REFERENCE_BYTES = 250,
	REFERENCES_KEPT = 20, /* the newest, behind the first */
};

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

/*
 * GMime encodes what has to be encoded; what stands around it is written here:
 * building and walking its objects took half of the time of an answer.
 */

/* On lines of LINE_CHARS, broken where a single space is. */
static void
put_folded(struct buf *out, const char *name, const char *value)
{
	size_t column = strlen(name) + 2;

	buf_printf(out, "%s: ", name);
	while (*value != '\0') {
		size_t word = strcspn(value + 1, " ") + 1;
		if (column + word > LINE_CHARS && *value == ' ' && word > 1) {
			buf_puts(out, "\r\n");
			column = 0;
		}
		buf_add(out, value, word);
		column += word;
		value += word;
	}
	buf_puts(out, "\r\n");
}

static bool
is_plain(const char *text)
{
	if (strstr(text, "=?") != NULL)
		return false; /* it would be taken for an encoded word */
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

static void
put_text(struct arena *arena, struct buf *out, const char *name,
    const char *value, size_t max_chars)
{
	const char *clean = clean_header(arena, value, max_chars);

	if (*clean == '\0')
		return;
	if (is_plain(clean)) {
		put_folded(out, name, clean);
		return;
	}
	char *encoded = g_mime_utils_header_encode_text(NULL, clean, "utf-8");
	put_folded(out, name, encoded);
	g_free(encoded);
}

static void
put_header(struct arena *arena, struct buf *out, const char *name,
    const char *value)
{
	put_text(arena, out, name, value, HEADER_CHARS);
}

static void
put_person(struct arena *arena, struct buf *out, const char *header,
    const char *name, const char *address)
{
	char *phrase = g_mime_utils_header_encode_phrase(NULL,
	    clean_header(arena, name, NAME_CHARS), "utf-8");

	put_folded(out, header,
	    arena_printf(arena, *phrase == '\0' ? "%s%s" : "%s <%s>", phrase,
		address));
	g_free(phrase);
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
put_references(struct arena *arena, struct buf *out, const char *references)
{
	char **ids = text_split(arena, references, " \t\r\n,");
	const char *before = "References: ";
	size_t count = 0;

	while (ids[count] != NULL)
		count++;
	for (size_t i = 0; i < count; i++) {
		const char *id = check_id(arena, ids[i]);
		if (*id == '\0' || (i > 0 && i + REFERENCES_KEPT < count))
			continue;
		buf_printf(out, "%s%s\r\n", before, id);
		before = " ";
	}
}

static void
put_robot_headers(struct arena *arena, struct buf *out,
    enum compose_origin origin)
{
	static const char *const submitted[] = {[ORIGIN_ANSWER] =
						    "auto-replied",
	    [ORIGIN_STARTED] = "auto-generated"};
	static const char *const suppress[] =
	    {[ORIGIN_ANSWER] = "DR, RN, NRN, OOF, AutoReply",
		[ORIGIN_STARTED] = "DR, RN, NRN, AutoReply"};

	put_header(arena, out, "Auto-Submitted", submitted[origin]);
	put_header(arena, out, "X-Auto-Response-Suppress", suppress[origin]);
}

static void
put_headers(struct arena *arena, struct buf *out,
    const struct compose_mail *mail)
{
	char date[48];

	put_person(arena, out, "From", mail->from_name, mail->from_address);
	put_person(arena, out, "To", mail->to_name, mail->to_address);
	put_text(arena, out, "Subject", mail->subject, LIMIT_SUBJECT_CHARS);
	format_date(mail->date_at, date);
	put_header(arena, out, "Date", date);
	put_header(arena, out, "Message-ID", check_id(arena, mail->message_id));
	put_header(arena, out, "In-Reply-To",
	    check_id(arena, mail->in_reply_to));
	put_references(arena, out, mail->references);
	put_header(arena, out, "X-Original-To", mail->original_to);
	put_header(arena, out, "X-LSCPD-Kind", mail->kind);
	put_header(arena, out, "X-LSCPD-Ref", mail->ref);
	put_header(arena, out, "X-LSCPD-Instance", mail->instance);
	put_robot_headers(arena, out, mail->origin);
	buf_puts(out, "MIME-Version: 1.0\r\n");
}

/* --- parts ---------------------------------------------------------------- */

static void
put_encoded(struct buf *out, GMimeContentEncoding how, const void *data,
    size_t bytes)
{
	GMimeEncoding encoding;

	g_mime_encoding_init_encode(&encoding, how);
	char *text = g_malloc(g_mime_encoding_outlen(&encoding, bytes) + 1);
	size_t left = g_mime_encoding_flush(&encoding, data, bytes, text);
	for (const char *line = text; left > 0;) {
		const char *end = memchr(line, '\n', left);
		size_t n = end == NULL ? left : (size_t)(end - line);
		buf_add(out, line, n);
		if (end != NULL)
			buf_puts(out, "\r\n");
		n += end != NULL;
		line += n;
		left -= n;
	}
	g_free(text);
}

/* UTF-8 always: what a reply quotes is compared with what we sent. */
static void
put_text_part(struct buf *out, const char *subtype, const char *text)
{
	buf_printf(out,
	    "Content-Type: text/%s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    subtype);
	put_encoded(out, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, text,
	    strlen(text));
}

/* GMime writes parameters on lines of their own, in the Unix way. */
static void
put_parameters(struct buf *out, const char *name, char *take_text)
{
	char *save = NULL;

	buf_printf(out, "%s:", name);
	for (char *line = strtok_r(take_text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		buf_printf(out, "%s%s\r\n", *line == '\t' ? "" : " ", line);
	g_free(take_text);
}

static void
put_file(struct arena *arena, struct buf *out, const struct compose_file *file)
{
	const char *name = clean_header(arena, file->name, NAME_CHARS);
	GMimeContentType *type = g_mime_content_type_parse(NULL,
	    clean_header(arena, file->type, NAME_CHARS));
	GMimeContentDisposition *disposition = g_mime_content_disposition_new();

	g_mime_content_disposition_set_disposition(disposition,
	    GMIME_DISPOSITION_ATTACHMENT);
	g_mime_content_disposition_set_parameter(disposition, "filename", name);
	g_mime_content_type_set_parameter(type, "name", name);
	put_parameters(out, "Content-Type",
	    g_mime_content_type_encode(type, NULL));
	put_parameters(out, "Content-Disposition",
	    g_mime_content_disposition_encode(disposition, NULL));
	g_object_unref(disposition);
	g_object_unref(type);
	buf_puts(out, "Content-Transfer-Encoding: base64\r\n\r\n");
	put_encoded(out, GMIME_CONTENT_ENCODING_BASE64, file->data,
	    file->bytes);
}

/* In no encoded text does `=` stand before `_`. */
static const char *
make_boundary(struct arena *arena)
{
	uint64_t random[2];
	ssize_t got = getrandom(random, sizeof(random), 0);

	/* So few bytes come whole and uninterrupted, see getrandom(2). */
	BUG_ON(got != (ssize_t)sizeof(random));
	return arena_printf(arena, "=_%016llx%016llx",
	    (unsigned long long)random[0], (unsigned long long)random[1]);
}

static void
put_texts(struct arena *arena, struct buf *out, const struct compose_mail *mail)
{
	const char *mark = make_boundary(arena);

	buf_printf(out,
	    "Content-Type: multipart/alternative;\r\n\tboundary=\"%s\"\r\n"
	    "\r\n--%s\r\n",
	    mark, mark);
	put_text_part(out, "plain", mail->text);
	buf_printf(out, "\r\n--%s\r\n", mark);
	put_text_part(out, "html", mail->html);
	buf_printf(out, "\r\n--%s--\r\n", mark);
}

static void
put_body(struct arena *arena, struct buf *out, const struct compose_mail *mail)
{
	if (mail->file_count == 0) {
		put_texts(arena, out, mail);
		return;
	}
	const char *mark = make_boundary(arena);
	buf_printf(out,
	    "Content-Type: multipart/mixed;\r\n\tboundary=\"%s\"\r\n"
	    "\r\n--%s\r\n",
	    mark, mark);
	put_texts(arena, out, mail);
	for (size_t i = 0; i < mail->file_count; i++) {
		buf_printf(out, "\r\n--%s\r\n", mark);
		put_file(arena, out, &mail->files[i]);
	}
	buf_printf(out, "\r\n--%s--\r\n", mark);
}

int
compose_write(const struct compose_mail *mail, struct buf *out, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);

	if (compose_check_address(mail->from_address, err) < 0 ||
	    compose_check_address(mail->to_address, err) < 0)
		return ERR_INPUT;
	put_headers(arena, out, mail);
	put_body(arena, out, mail);
	if (out->over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "a mail of more than %zu bytes is too large to be sent",
		    out->max);
	return 0;
}
