#include "parser/message.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/body.h"
#include "parser/charset.h"
#include "parser/headers.h"
#include "parser/leaf.h"
#include "parser/parts.h"
#include "parser/report.h"

enum {
	CHUNK_BYTES = 64 * 1024
};

/* Where an object stands. */
struct place {
	unsigned depth;
	unsigned attached;    /* levels of attached messages around it */
	bool is_first;        /* the root, or the first of first parts */
	const char *parent;   /* subtype of the multipart around it; "" */
	const char *boundary; /* of that multipart; NULL */
};

static void walk(struct context *ctx, GMimeObject *o, struct place place);

static const char *
lower(struct context *ctx, const char *text)
{
	return text == NULL ? ""
			    : text_lower(ctx->arena,
				  charset_clean(ctx->arena, text, 200));
}

static const char *
mime_type(struct context *ctx, GMimeObject *o)
{
	char *type = g_mime_content_type_get_mime_type(
	    g_mime_object_get_content_type(o));
	const char *copy = lower(ctx, type);

	g_free(type);
	return copy;
}

/* File names come in three spellings; the parameter parser knows two. */
static const char *
file_name(struct context *ctx, GMimeObject *o)
{
	const char *name =
	    g_mime_object_get_content_disposition_parameter(o, "filename");

	if (name == NULL)
		name = g_mime_object_get_content_type_parameter(o, "name");
	if (name == NULL)
		return "";
	return text_trim(ctx->arena, headers_decode(ctx, name));
}

static bool
is_attachment(GMimeObject *o)
{
	const char *d = g_mime_object_get_disposition(o);

	return d != NULL && text_ieq(d, "attachment");
}

/*
 * Text that is shown as the message itself: without a file name, or the first
 * of all (some programs name even that), and not meant as a file.
 */
static bool
is_body(const char *type, const char *name, GMimeObject *o, struct place place)
{
	enum part_kind kind = parts_kind(type, name);

	if (!text_ieq(type, "text/plain") && !text_ieq(type, "text/html") &&
	    !text_ieq(type, "text/enriched") && !text_ieq(type, "text"))
		return false;
	if (kind != KIND_TEXT && kind != KIND_HTML && *name != '\0')
		return false;
	if (is_attachment(o))
		return place.is_first && place.depth == 0 && *name == '\0';
	return *name == '\0' || place.is_first;
}

static bool
is_report_part(const char *type)
{
	static const char *const types[] = {"message/delivery-status",
	    "message/global-delivery-status",
	    "message/disposition-notification", "message/feedback-report"};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (text_ieq(type, types[i]))
			return true;
	return false;
}

static void
note_calendar(struct context *ctx, GMimeObject *o, const struct record_part *p)
{
	struct record *r = ctx->record;
	const char *method =
	    g_mime_object_get_content_type_parameter(o, "method");

	r->has_calendar = true;
	if (*r->calendar_method != '\0')
		return;
	if (method == NULL) {
		const char *line = text_ifind(p->text, "\nMETHOD:");
		if (line != NULL)
			method = arena_strndup(ctx->arena, line + 8,
			    strcspn(line + 8, " \r\n"));
	}
	r->calendar_method = lower(ctx, method);
}

/* Text without NUL for the words of a report or of an attached message. */
static const char *
leaf_text(struct context *ctx, GMimePart *part, const struct leaf *leaf)
{
	struct buf text CLEANUP(buf_done);

	buf_init(&text, PART_TEXT_BYTES);
	charset_decode(&text, body_charset(part), ctx->fallback,
	    buf_text(&leaf->content), leaf->content.len);
	return arena_strdup(ctx->arena, buf_text(&text));
}

static struct record_part *
push_part(struct context *ctx)
{
	struct record *r = ctx->record;

	if (r->part_count == LIMIT_PARTS) {
		r->over_limit = true;
		return NULL;
	}
	struct record_part *p = arena_push(ctx->arena, &r->parts,
	    &r->part_count, sizeof(*r->parts));
	*p = (struct record_part){.name = "",
	    .type = "",
	    .encoding = "",
	    .reason = "",
	    .text = ""};
	return p;
}

/* A leaf that is no body of the message: named in the record. */
static void
add_part(struct context *ctx, GMimePart *part, const char *type,
    const char *name, const struct leaf *leaf)
{
	GMimeObject *o = GMIME_OBJECT(part);
	struct record_part *p = push_part(ctx);

	if (p == NULL)
		return;
	const char *encoding = g_mime_content_encoding_to_string(
	    g_mime_part_get_content_encoding(part));
	p->name = name;
	p->type = type;
	p->encoding = lower(ctx, encoding);
	p->offset = leaf->offset;
	p->raw_bytes = leaf->raw_bytes;
	p->bytes = leaf->bytes;
	memcpy(p->sha256, leaf->sha256, sizeof(p->sha256));
	p->is_inline =
	    !is_attachment(o) && (g_mime_object_get_content_id(o) != NULL ||
				     g_mime_object_get_disposition(o) != NULL);
	parts_judge(ctx, p, leaf, body_charset(part));
	if (p->verdict == PART_CALENDAR)
		note_calendar(ctx, o, p);
}

/* A leaf of a message that is attached or returned: only its words matter. */
static void
add_returned(struct context *ctx, GMimePart *part, const char *type,
    const char *name, const struct leaf *leaf)
{
	if (ctx->returned->over)
		return;
	if (*name != '\0')
		buf_printf(ctx->returned, "%s\n", name);
	if (is_body(type, name, GMIME_OBJECT(part),
		(struct place){.depth = 1, .parent = ""}))
		body_add_returned(ctx, part, leaf);
	else if (leaf->content.len > 0 &&
		 parts_keep_bytes(parts_kind(type, name)) > 0)
		buf_printf(ctx->returned, "%s\n", leaf_text(ctx, part, leaf));
}

static void
walk_leaf(struct context *ctx, GMimePart *part, struct place place)
{
	GMimeObject *o = GMIME_OBJECT(part);
	const char *type = mime_type(ctx, o), *name = file_name(ctx, o);
	bool body = is_body(type, name, o, place);
	bool report = is_report_part(type);
	size_t keep = parts_keep_bytes(parts_kind(type, name));
	struct leaf leaf CLEANUP(leaf_done);

	if (body)
		keep = text_ieq(type, "text/html") ? LIMIT_HTML_BYTES
						   : LIMIT_TEXT_BYTES;
	leaf_read(ctx, part, keep, &leaf);
	if (place.attached > 0) {
		add_returned(ctx, part, type, name, &leaf);
		return;
	}
	if (leaf.is_cut)
		ctx->record->is_cut = true;
	if (report)
		report_part(ctx, type, leaf_text(ctx, part, &leaf));
	if (text_ieq(type, "text/rfc822-headers") ||
	    text_ieq(type, "message/rfc822"))
		buf_printf(ctx->returned, "%s\n", leaf_text(ctx, part, &leaf));
	if (body)
		body_add(ctx, part, &leaf);
	else
		add_part(ctx, part, type, name, &leaf);
}

/* The kinds of multipart that say something. */
static void
note_multipart(struct context *ctx, GMimeObject *o, const char *subtype,
    struct place place)
{
	if (place.attached > 0)
		return;
	if (text_ieq(subtype, "signed"))
		ctx->record->is_signed = true;
	if (text_ieq(subtype, "encrypted"))
		ctx->record->is_encrypted = true;
	if (text_ieq(subtype, "report") && place.depth == 0)
		report_type(ctx,
		    lower(ctx, g_mime_object_get_content_type_parameter(o,
				   "report-type")));
}

static void
walk_multipart(struct context *ctx, GMimeMultipart *multipart,
    struct place place)
{
	GMimeObject *o = GMIME_OBJECT(multipart);
	const char *subtype =
	    lower(ctx, g_mime_content_type_get_media_subtype(
			   g_mime_object_get_content_type(o)));
	int count = g_mime_multipart_get_count(multipart);

	/* Only the outermost: an inner one may just be badly made. */
	if (place.depth == 0 && !multipart->write_end_boundary)
		ctx->record->is_cut = true;
	note_multipart(ctx, o, subtype, place);
	/* Without parts (a boundary that is wrong or missing) all its text is
	 * loose; it must not escape those who look for what it says. */
	if (count == 0 && place.attached == 0)
		body_add_loose(ctx, g_mime_multipart_get_prologue(multipart));
	for (int i = 0; i < count; i++)
		walk(ctx, g_mime_multipart_get_part(multipart, i),
		    (struct place){
			.depth = place.depth + 1,
			.attached = place.attached,
			.is_first = place.is_first && i == 0,
			.parent = subtype,
			.boundary = g_mime_multipart_get_boundary(multipart),
		    });
}

/* How far a stretch of the raw message goes: to the end, or to a boundary. */
struct stretch {
	struct context *ctx;
	const char *boundary; /* NULL: to the end */
	struct sha256 *sha;
	char line[256];
	size_t line_bytes;
	uint64_t bytes, line_start;
};

static bool
at_boundary(const struct stretch *s)
{
	size_t len = s->boundary == NULL ? 0 : strlen(s->boundary);

	return len > 0 && s->line_bytes >= len + 2 &&
	       memcmp(s->line, "--", 2) == 0 &&
	       memcmp(s->line + 2, s->boundary, len) == 0;
}

/* Bytes of `chunk` before the boundary; less than `bytes` if it is there. */
static uint64_t
find_end(GMimeStream *stream, const char *boundary)
{
	struct stretch s = {.boundary = boundary};
	char *chunk = g_malloc(CHUNK_BYTES);
	bool found = false;
	ssize_t n;

	(void)g_mime_stream_reset(stream);
	while (!found &&
	       (n = g_mime_stream_read(stream, chunk, CHUNK_BYTES)) > 0) {
		for (ssize_t i = 0; i < n && !found; i++, s.bytes++) {
			if (chunk[i] != '\n') {
				if (s.line_bytes < sizeof(s.line))
					s.line[s.line_bytes++] = chunk[i];
				continue;
			}
			found = at_boundary(&s);
			if (found)
				break;
			s.line_bytes = 0;
			s.line_start = s.bytes + 1;
		}
	}
	g_free(chunk);
	return found || at_boundary(&s) ? s.line_start : s.bytes;
}

static void
digest_stretch(GMimeStream *stream, char ret_hex[static SHA256_HEX_BYTES])
{
	struct sha256 *sha = sha256_new();
	char *chunk = g_malloc(CHUNK_BYTES);
	ssize_t n;

	(void)g_mime_stream_reset(stream);
	while ((n = g_mime_stream_read(stream, chunk, CHUNK_BYTES)) > 0)
		sha256_add(sha, chunk, (size_t)n);
	g_free(chunk);
	sha256_hex(sha, ret_hex);
}

/* An attached message stands in the raw bytes as it is: where, and how long. */
static void
locate(struct context *ctx, GMimeMessage *inner, struct place place,
    struct record_part *p)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(inner));
	GMimeHeader *first =
	    list == NULL || g_mime_header_list_get_count(list) == 0
		? NULL
		: g_mime_header_list_get_header_at(list, 0);
	gint64 start = first == NULL ? -1 : g_mime_header_get_offset(first);

	if (start < 0)
		return;
	GMimeStream *rest = g_mime_stream_substream(ctx->stream, start, -1);
	uint64_t bytes = find_end(rest, place.boundary);
	g_object_unref(rest);
	GMimeStream *all =
	    g_mime_stream_substream(ctx->stream, start, start + (gint64)bytes);
	digest_stretch(all, p->sha256);
	g_object_unref(all);
	p->offset = (uint64_t)start;
	p->raw_bytes = p->bytes = bytes;
}

static void
put_returned_headers(struct context *ctx, GMimeMessage *inner)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(inner));
	int count = list == NULL ? 0 : g_mime_header_list_get_count(list);

	for (int i = 0; i < count && i < LIMIT_HEADER_COUNT; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		buf_printf(ctx->returned, "%s: %s\n",
		    charset_clean(ctx->arena, g_mime_header_get_name(h), 200),
		    headers_decode(ctx, g_mime_header_get_raw_value(h)));
	}
	buf_putc(ctx->returned, '\n');
}

static void
walk_message_part(struct context *ctx, GMimeMessagePart *part,
    struct place place)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	GMimeObject *o = GMIME_OBJECT(part);
	size_t before = ctx->returned->len;
	struct record_part *p = NULL;

	if (inner == NULL)
		return;
	if (place.attached == 0 && (p = push_part(ctx)) != NULL) {
		p->name = file_name(ctx, o);
		p->type = mime_type(ctx, o);
		p->encoding = "7bit";
		p->verdict = PART_MESSAGE;
		p->is_inline = !is_attachment(o);
		locate(ctx, inner, place, p);
	}
	put_returned_headers(ctx, inner);
	GMimeObject *root = g_mime_message_get_mime_part(inner);
	if (root != NULL)
		walk(ctx, root,
		    (struct place){
			.depth = place.depth + 1,
			.attached = place.attached + 1,
			.parent = "",
		    });
	/* For whoever screens what it says; never read as anybody's words. */
	size_t len = ctx->returned->len - before;
	if (len > PART_TEXT_BYTES)
		len = text_cut(ctx->returned->data + before, PART_TEXT_BYTES);
	if (p != NULL && len > 0 && context_try(&ctx->text_left, len))
		p->text = arena_strndup(ctx->arena,
		    ctx->returned->data + before, len);
}

static void
walk(struct context *ctx, GMimeObject *o, struct place place)
{
	if (place.depth > LIMIT_PART_DEPTH) {
		ctx->record->over_limit = true;
		return;
	}
	if (GMIME_IS_MULTIPART(o)) {
		walk_multipart(ctx, GMIME_MULTIPART(o), place);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		walk_message_part(ctx, GMIME_MESSAGE_PART(o), place);
	} else if (GMIME_IS_PART(o)) {
		if (++ctx->leaves > LIMIT_PARTS)
			ctx->record->over_limit = true;
		else
			walk_leaf(ctx, GMIME_PART(o), place);
	}
}

void
message_walk(struct context *ctx, GMimeMessage *message)
{
	GMimeObject *root = g_mime_message_get_mime_part(message);

	if (root == NULL)
		return;
	ctx->record->content_type = mime_type(ctx, root);
	walk(ctx, root, (struct place){.is_first = true, .parent = ""});
	const char *type = ctx->record->content_type;
	if (parts_kind(type, "") == KIND_ENCRYPTED)
		ctx->record->is_encrypted = true;
	for (size_t i = 0; i < ctx->record->part_count; i++)
		if (ctx->record->parts[i].verdict == PART_LABELLED &&
		    (text_ifind(ctx->record->parts[i].name, ".rpmsg") != NULL ||
			text_ifind(ctx->record->parts[i].type, "rpmsg") !=
			    NULL))
			ctx->record->is_encrypted = true;
}
