#include <gmime/gmime.h>
#include <string.h>

#include "base/macros.h"
#include "mail/compose.h"

struct reader {
	struct arena *arena;
	struct compose_mail *mail;
	struct compose_file *files;
	size_t file_count;
};

static void
unref(void *object)
{
	if (*(void **)object != NULL)
		g_object_unref(*(void **)object);
}

static struct compose_file
read_content(struct arena *arena, GMimePart *part)
{
	CLEANUP(unref)
	GMimeStream *stream = g_mime_stream_mem_new();
	struct compose_file file = {.name = "", .type = ""};
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	if (content != NULL)
		(void)g_mime_data_wrapper_write_to_stream(content, stream);
	const GByteArray *bytes =
	    g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	char *copy = arena_alloc(arena, (size_t)bytes->len + 1);
	if (bytes->len > 0)
		memcpy(copy, bytes->data, bytes->len);
	file.data = copy;
	file.bytes = bytes->len;
	return file;
}

/* Our texts have LF lines; on the wire they had CRLF. */
static const char *
unix_lines(const struct compose_file *file)
{
	char *text = (char *)(uintptr_t)file->data, *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if (from[0] != '\r' || from[1] != '\n')
			*to++ = *from;
	*to = '\0';
	return text;
}

/* The type without the file's name, which is a parameter of it too. */
static const char *
type_words(struct arena *arena, GMimeContentType *type)
{
	char *mime = g_mime_content_type_get_mime_type(type);
	const char *charset =
	    g_mime_content_type_get_parameter(type, "charset");
	const char *words = arena_printf(arena, "%s%s%s", mime,
	    charset == NULL ? "" : "; charset=",
	    charset == NULL ? "" : charset);

	g_free(mime);
	return words;
}

static void
read_part(struct reader *r, GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	struct compose_file file = read_content(r->arena, part);
	const char *name = g_mime_part_get_filename(part);

	if (name == NULL &&
	    g_mime_content_type_is_type(type, "text", "plain")) {
		r->mail->text = unix_lines(&file);
	} else if (name == NULL &&
		   g_mime_content_type_is_type(type, "text", "html")) {
		r->mail->html = unix_lines(&file);
	} else {
		struct compose_file *kept = arena_push(r->arena, &r->files,
		    &r->file_count, sizeof(*r->files));
		file.name = arena_strdup(r->arena, name == NULL ? "" : name);
		file.type = type_words(r->arena, type);
		*kept = file;
	}
}

/* `levels` deep: mixed, alternative in it, the part. */
static void
read_tree(struct reader *r, GMimeObject *object, int levels)
{
	if (GMIME_IS_PART(object))
		read_part(r, GMIME_PART(object));
	if (!GMIME_IS_MULTIPART(object) || levels == 0)
		return;
	GMimeMultipart *parts = GMIME_MULTIPART(object);
	for (int i = 0; i < g_mime_multipart_get_count(parts); i++)
		read_tree(r, g_mime_multipart_get_part(parts, i), levels - 1);
}

static const char *
header_of(struct arena *arena, GMimeMessage *mime, const char *name)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(mime), name);

	return arena_strdup(arena, value == NULL ? "" : value);
}

int
compose_read(struct arena *arena, const void *data, size_t bytes,
    struct compose_mail *ret_mail, struct err *err)
{
	CLEANUP(unref)
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, bytes);
	CLEANUP(unref)
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	CLEANUP(unref)
	GMimeMessage *mime = g_mime_parser_construct_message(parser, NULL);
	struct compose_mail mail = {.from_name = "",
	    .from_address = "",
	    .to_name = "",
	    .to_address = "",
	    .message_id = "",
	    .in_reply_to = "",
	    .references = "",
	    .kind = "",
	    .ref = "",
	    .instance = "",
	    .subject = "",
	    .original_to = "",
	    .text = "",
	    .html = ""};
	struct reader r = {arena, &mail, NULL, 0};

	if (mime == NULL || g_mime_message_get_mime_part(mime) == NULL)
		return err_set(err, ERR_INPUT, BLAME_OPERATOR,
		    "a mail of the outbox cannot be read again");
	read_tree(&r, g_mime_message_get_mime_part(mime), 2);
	mail.original_to = header_of(arena, mime, "X-Original-To");
	mail.files = r.files;
	mail.file_count = r.file_count;
	*ret_mail = mail;
	return 0;
}
