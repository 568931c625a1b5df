#include "parser/headers.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "base/limits.h"
#include "base/text.h"
#include "parser/authres.h"
#include "parser/charset.h"

enum {
	MAX_ID_BYTES = 998,
	MAX_HOST_BYTES = 255,
	MAX_RAW_BYTES = 64 * 1024
};

/* An encoded word: =?charset?B?text?= */
struct word {
	char charset[64];
	char encoding; /* 'B' or 'Q' */
	const char *text;
	size_t len;
	const char *end; /* behind it */
};

static bool
read_word(const char *p, struct word *ret_word)
{
	struct word w = {0};

	if (p[0] != '=' || p[1] != '?')
		return false;
	const char *charset = p + 2;
	size_t len = strcspn(charset, "? \t");
	if (charset[len] != '?' || len == 0 || len >= sizeof(w.charset))
		return false;
	memcpy(w.charset, charset, len);
	p = charset + len + 1;
	w.encoding = (char)toupper((unsigned char)*p);
	if ((w.encoding != 'B' && w.encoding != 'Q') || p[1] != '?')
		return false;
	w.text = p + 2;
	const char *end = strstr(w.text, "?=");
	if (end == NULL)
		return false;
	w.len = (size_t)(end - w.text);
	w.end = end + 2;
	*ret_word = w;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct buf *out, const struct word *w)
{
	for (size_t i = 0; i < w->len; i++) {
		char c = w->text[i];
		if (c == '=' && i + 2 < w->len &&
		    hex_value(w->text[i + 1]) >= 0 &&
		    hex_value(w->text[i + 2]) >= 0) {
			buf_putc(out, (char)(hex_value(w->text[i + 1]) << 4 |
					     hex_value(w->text[i + 2])));
			i += 2;
		} else {
			buf_putc(out, c == '_' ? ' ' : c);
		}
	}
}

static void
decode_b(struct buf *out, const struct word *w)
{
	unsigned char chunk[512];
	guint32 save = 0;
	int state = 0;

	for (size_t i = 0; i < w->len; i += 256) {
		size_t n = w->len - i < 256 ? w->len - i : 256;
		size_t got =
		    g_mime_encoding_base64_decode_step((const unsigned char *)
							       w->text +
							   i,
			n, chunk, &state, &save);
		buf_add(out, chunk, got);
	}
}

/*
 * One encoded word and those that follow in the same charset: their bytes are
 * joined first, for some writers split a character over two words.
 */
static const char *
decode_words(struct context *ctx, struct buf *out, struct word w)
{
	struct buf bytes CLEANUP(buf_done);
	struct word next = w;
	const char *end;

	buf_init(&bytes, LIMIT_HEADERS_BYTES);
	do {
		(next.encoding == 'Q' ? decode_q : decode_b)(&bytes, &next);
		end = next.end;
	} while (read_word(end + strspn(end, " \t\r\n"), &next) &&
		 text_ieq(next.charset, w.charset));
	charset_decode(out, w.charset, ctx->fallback, buf_text(&bytes),
	    bytes.len);
	return end;
}

/* What stands between encoded words; white space alone is nothing (2047 6.2).
 */
static void
put_plain(struct context *ctx, struct buf *out, const char *from,
    const char *to)
{
	size_t len = (size_t)(to - from);

	charset_decode(out, NULL, ctx->fallback, from, len);
}

static char *
decode_header(struct context *ctx, const char *raw, size_t max_bytes)
{
	struct buf out CLEANUP(buf_done);
	const char *plain = raw, *p = raw;
	bool after_word = false;
	struct word w;

	buf_init(&out, LIMIT_HEADERS_BYTES);
	while ((p = strstr(p, "=?")) != NULL && !out.over) {
		if (!read_word(p, &w)) {
			p += 2;
			continue;
		}
		if (!after_word || plain + strspn(plain, " \t\r\n") != p)
			put_plain(ctx, &out, plain, p);
		plain = p = decode_words(ctx, &out, w);
		after_word = true;
	}
	put_plain(ctx, &out, plain, plain + strlen(plain));

	char *clean = charset_clean(ctx->arena, buf_text(&out), max_bytes);
	/* Unfolding: line ends are already spaces; runs of them become one. */
	char *to = clean;
	for (char *from = clean; *from != '\0'; from++)
		if (*from != ' ' || (to > clean && to[-1] != ' '))
			*to++ = *from;
	while (to > clean && to[-1] == ' ')
		to--;
	*to = '\0';
	return clean;
}

char *
headers_decode(struct context *ctx, const char *raw)
{
	if (raw == NULL)
		return arena_strdup(ctx->arena, "");
	/* A raw field is cut before the work: what is kept is short anyway. */
	char *some =
	    arena_strndup(ctx->arena, raw, (size_t)LIMIT_HEADER_BYTES * 8);
	return decode_header(ctx, some, LIMIT_HEADER_BYTES);
}

char *
headers_first_id(struct arena *arena, const char *value)
{
	const char *open = strchr(value, '<');
	const char *close = open == NULL ? NULL : strchr(open, '>');

	/* Neither `<>` nor a monster is anybody's id. */
	if (close == NULL || close == open + 1 || close - open > MAX_ID_BYTES)
		return arena_strdup(arena, "");
	return arena_strndup(arena, open, (size_t)(close - open) + 1);
}

static void
read_references(struct context *ctx, const char *value)
{
	struct record *r = ctx->record;

	while (r->reference_count < LIMIT_REFERENCES) {
		char *id = headers_first_id(ctx->arena, value);
		if (*id == '\0')
			return;
		*(const char **)arena_push(ctx->arena, &r->references,
		    &r->reference_count, sizeof(*r->references)) = id;
		value = strchr(value, '<') + strlen(id);
	}
}

static void
push_address(struct context *ctx, struct record_addresses *list,
    InternetAddress *item)
{
	const char *name = internet_address_get_name(item);
	const char *addr =
	    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(item));

	struct record_address *a = arena_push(ctx->arena, &list->items,
	    &list->count, sizeof(*list->items));
	a->name = name == NULL ? "" : headers_decode(ctx, name);
	char *copy = address_wire(ctx->arena,
	    charset_clean(ctx->arena, addr == NULL ? "" : addr,
		LIMIT_HEADER_BYTES));
	char *at = strrchr(copy, '@');
	for (; at != NULL && *at != '\0'; at++)
		*at = (char)g_ascii_tolower(*at);
	a->addr = copy;
}

static void
push_addresses(struct context *ctx, struct record_addresses *ret,
    InternetAddressList *list, int depth)
{
	int count = list == NULL ? 0 : internet_address_list_length(list);

	for (int i = 0; i < count && ret->count < LIMIT_ADDRESSES; i++) {
		InternetAddress *item =
		    internet_address_list_get_address(list, i);
		if (INTERNET_ADDRESS_IS_MAILBOX(item)) {
			push_address(ctx, ret, item);
		} else if (INTERNET_ADDRESS_IS_GROUP(item) && depth < 3) {
			ret->group = true;
			push_addresses(ctx, ret,
			    internet_address_group_get_members(
				INTERNET_ADDRESS_GROUP(item)),
			    depth + 1);
		}
	}
}

static void
read_addresses(struct context *ctx, struct record_addresses *ret,
    const char *raw)
{
	enum {
		MOST = 64 * 1024
	};

	char *some = arena_strndup(ctx->arena, raw, MOST);
	InternetAddressList *list =
	    internet_address_list_parse(ctx->gmime, some);

	push_addresses(ctx, ret, list, 0);
	if (list != NULL)
		g_object_unref(list);
}

/* The word behind "from" or "by" of a Received field: a host name. */
static const char *
received_host(struct arena *arena, const char *value, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = value; (p = text_ifind(p, word)) != NULL; p++) {
		if ((p != value && p[-1] != ' ') || p[len] != ' ')
			continue;
		p += len;
		p += strspn(p, " ");
		return text_lower(arena,
		    arena_strndup(arena, p, strcspn(p, " ;()")));
	}
	return "";
}

static void
read_received(struct context *ctx, const char *value)
{
	struct record *r = ctx->record;
	struct record_received *hop = arena_push(ctx->arena, &r->received,
	    &r->received_count, sizeof(*r->received));

	hop->from = text_istarts(value, "from ")
			? received_host(ctx->arena, value, "from")
			: "";
	hop->by = received_host(ctx->arena, value, "by");
}

static void
read_date(struct record *r, const char *value)
{
	GDateTime *date = g_mime_utils_header_decode_date(value);

	if (date == NULL)
		return;
	r->date_at = g_date_time_to_unix(date);
	g_date_time_unref(date);
}

static void
read_first(const char **field, const char *value)
{
	if (**field == '\0')
		*field = value;
}

static void
read_lists(struct context *ctx, const char *name, const char *raw)
{
	struct record *r = ctx->record;

	const struct {
		const char *name;
		struct record_addresses *list;
	} lists[] = {
	    {"From", &r->from},
	    {"Sender", &r->sender},
	    {"Reply-To", &r->reply_to},
	    {"To", &r->to},
	    {"Cc", &r->cc},
	};

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (text_ieq(name, lists[i].name))
			read_addresses(ctx, lists[i].list, raw);
}

/*
 * A field that the record holds in a form of its own. Structured fields are
 * read as they came: an encoded word in them must not become syntax, or a
 * sender could write a verdict into the trace.
 */
static void
read_known(struct context *ctx, const struct record_header *h, const char *raw)
{
	struct record *r = ctx->record;
	const char *name = h->name;

	if (text_ieq(name, "Subject")) {
		read_first(&r->subject, h->value);
		return;
	}
	read_lists(ctx, name, raw);
	char *plain = charset_clean(ctx->arena, raw, MAX_RAW_BYTES);
	plain += strspn(plain, " ");
	if (text_ieq(name, "Message-ID"))
		read_first(&r->message_id, headers_first_id(ctx->arena, plain));
	else if (text_ieq(name, "In-Reply-To"))
		read_first(&r->in_reply_to,
		    headers_first_id(ctx->arena, plain));
	else if (text_ieq(name, "References") && r->reference_count == 0)
		read_references(ctx, plain);
	else if (text_ieq(name, "Date") && r->date_at == 0)
		read_date(r, plain);
	else if (text_ieq(name, "Received"))
		read_received(ctx, plain);
	else if (text_ieq(name, "Authentication-Results") &&
		 strlen(plain) < LIMIT_HEADER_BYTES)
		authres_read(ctx->arena, r, plain);
}

/* The header's part of the content key: what a redelivery keeps. */
static void
add_to_key(struct context *ctx, const char *name, const char *value)
{
	static const char *const kept[] = {"Message-ID", "From", "Subject",
	    "Date"};

	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		if (!text_ieq(name, kept[i]))
			continue;
		sha256_add(ctx->key, kept[i], strlen(kept[i]) + 1);
		sha256_add(ctx->key, value, strlen(value) + 1);
	}
}

void
headers_read(struct context *ctx, GMimeHeaderList *list)
{
	struct record *r = ctx->record;
	int count = g_mime_header_list_get_count(list);
	size_t left = LIMIT_HEADERS_BYTES;

	for (int i = 0; i < count; i++) {
		GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(field);
		if (r->header_count == LIMIT_HEADER_COUNT || raw == NULL) {
			r->over_limit = r->over_limit || raw != NULL;
			continue;
		}
		char *value = headers_decode(ctx, raw);
		if (!context_take(ctx, &left, strlen(value) + 32))
			return;
		struct record_header *h = arena_push(ctx->arena, &r->headers,
		    &r->header_count, sizeof(*r->headers));
		h->name = charset_clean(ctx->arena,
		    g_mime_header_get_name(field), 200);
		h->value = value;
		add_to_key(ctx, h->name, value);
		read_known(ctx, h, raw);
	}
}
