#include "parser/leaf.h"

#include <string.h>

#include "base/limits.h"

enum {
	CHUNK_BYTES = 64 * 1024,
	CARRY_BYTES = 40
};

/* Base64 seen so far: how many letters, then how many `=`. */
struct base64 {
	size_t letters, pads;
};

static void
count_base64(struct base64 *b, const char *data, size_t bytes)
{
	static unsigned char letters[256];
	size_t i = 0;

	if (letters['A'] == 0)
		for (int c = 0; c < 256; c++)
			letters[c] = g_ascii_isalnum(c) || c == '+' || c == '/';
	if (b->pads == 0) {
		const char *pad = memchr(data, '=', bytes);
		size_t n = pad == NULL ? bytes : (size_t)(pad - data);
		for (; i < n; i++)
			b->letters += letters[(unsigned char)data[i]];
	}
	for (; i < bytes && b->pads < 2; i++)
		b->pads += data[i] == '=';
}

/* Four letters make a group; the last one is filled up by `=`. */
static bool
is_cut(const struct base64 *b)
{
	static const size_t pads_due[4] = {0, 4, 2, 1};

	return b->pads < pads_due[b->letters % 4];
}

/* Words that are looked for in the content, whatever chunk they lie across. */
static const struct needle {
	const char *bytes;
	size_t len, offset_of_flag;
} g_needles[] = {
    {"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e", 31,
	offsetof(struct leaf, has_package)},
    {"D\0R\0M\0E\0n\0c\0r\0y\0p\0t\0e\0d", 23, offsetof(struct leaf, has_drm)},
    {"/Encrypt", 8, offsetof(struct leaf, has_encrypt)},
    {"vbaProject.bin", 14, offsetof(struct leaf, has_macros)},
};

struct search {
	char window[CARRY_BYTES + CHUNK_BYTES];
	size_t carried;
};

static void
search_step(struct search *s, struct leaf *leaf, const char *data, size_t bytes)
{
	while (bytes > 0) {
		size_t n = bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES;
		memcpy(s->window + s->carried, data, n);
		size_t all = s->carried + n;
		for (size_t i = 0; i < COUNT_OF(g_needles); i++)
			if (memmem(s->window, all, g_needles[i].bytes,
				g_needles[i].len) != NULL)
				*((bool *)((char *)leaf +
					   g_needles[i].offset_of_flag)) = true;
		s->carried = all < CARRY_BYTES ? all : CARRY_BYTES;
		memmove(s->window, s->window + all - s->carried, s->carried);
		data += n;
		bytes -= n;
	}
}

/* Only these can be locked or hold macros; texts need no search. */
static bool
is_searched(const struct leaf *leaf)
{
	static const char *const magic[] = {"PK", "\xd0\xcf\x11\xe0", "%PDF"};

	for (size_t i = 0; i < COUNT_OF(magic); i++)
		if (leaf->head_bytes >= 4 &&
		    memcmp(leaf->head, magic[i], strlen(magic[i])) == 0)
			return true;
	return false;
}

struct reading {
	struct context *ctx;
	struct leaf *leaf;
	struct sha256 *sha;
	bool is_base64;
	struct base64 base64;
	struct search *search;
};

static void
take_decoded(struct reading *r, const char *data, size_t bytes)
{
	struct leaf *leaf = r->leaf;
	size_t room = sizeof(leaf->head) - leaf->head_bytes;
	size_t n = bytes < room ? bytes : room;

	if (bytes == 0)
		return;
	memcpy(leaf->head + leaf->head_bytes, data, n);
	leaf->head_bytes += n;
	leaf->bytes += bytes;
	if (leaf->content.len == 0 && leaf->content.max < LIMIT_OFFICE_BYTES &&
	    leaf->head_bytes >= 4 && memcmp(leaf->head, "PK\3\4", 4) == 0)
		leaf->content.max = LIMIT_OFFICE_BYTES;
	sha256_add(r->sha, data, bytes);
	buf_add(&leaf->content, data, bytes);
	if (!is_searched(leaf))
		return;
	if (r->search == NULL)
		r->search = g_malloc0(sizeof(*r->search));
	search_step(r->search, leaf, data, bytes);
}

static void
read_all(struct reading *r, GMimeStream *stream, GMimeFilter *filter)
{
	char *chunk = g_malloc(CHUNK_BYTES), *out;
	size_t len, prespace;
	ssize_t n;

	while ((n = g_mime_stream_read(stream, chunk, CHUNK_BYTES)) > 0) {
		if (r->is_base64)
			count_base64(&r->base64, chunk, (size_t)n);
		g_mime_filter_filter(filter, chunk, (size_t)n, 0, &out, &len,
		    &prespace);
		take_decoded(r, out, len);
	}
	g_mime_filter_complete(filter, chunk, 0, 0, &out, &len, &prespace);
	take_decoded(r, out, len);
	g_free(chunk);
}

void
leaf_read(struct context *ctx, GMimePart *part, size_t keep_bytes,
    struct leaf *ret)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	struct reading r = {.ctx = ctx, .leaf = ret};

	*ret = (struct leaf){0};
	buf_init(&ret->content, keep_bytes);
	r.sha = sha256_new();
	if (content != NULL) {
		GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
		GMimeContentEncoding encoding =
		    g_mime_data_wrapper_get_encoding(content);
		GMimeFilter *filter = g_mime_filter_basic_new(encoding, FALSE);
		gint64 length = g_mime_stream_length(stream);
		ret->offset = (uint64_t)stream->bound_start;
		ret->raw_bytes = length < 0 ? 0 : (uint64_t)length;
		(void)g_mime_stream_reset(stream); /* else nothing is read */
		r.is_base64 = encoding == GMIME_CONTENT_ENCODING_BASE64;
		read_all(&r, stream, filter);
		ret->is_cut = r.is_base64 && is_cut(&r.base64);
		g_free(r.search);
		g_object_unref(filter);
	}
	sha256_hex(r.sha, ret->sha256);
	sha256_add(ctx->key, ret->sha256, SHA256_HEX_BYTES);
}

void
leaf_done(struct leaf *leaf)
{
	buf_done(&leaf->content);
}
