#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/lines.h"

struct line *
lines_push(struct context *ctx, struct lines *lines)
{
	if (!context_take(ctx, &ctx->lines_left, 1))
		return NULL;
	return arena_push(ctx->arena, &lines->items, &lines->count,
	    sizeof(*lines->items));
}

bool
lines_have_share_link(const char *text)
{
	static const char *const hosts[] = {"1drv.ms/", "onedrive.live.com/",
	    ".sharepoint.com/", "drive.google.com/", "docs.google.com/",
	    "dropbox.com/", "dropboxusercontent.com/", "db.tt/",
	    "onedrive.com/"};

	char url[512];

	while ((text = strstr(text, "://")) != NULL) {
		size_t len = strcspn(text, " \t\n<>\"'");
		size_t some = len < sizeof(url) ? len : sizeof(url) - 1;
		memcpy(url, text, some);
		url[some] = '\0';
		for (size_t i = 0; i < COUNT_OF(hosts); i++)
			if (text_ifind(url, hosts[i]) != NULL)
				return true;
		text += len;
	}
	return false;
}

/* Quote marks in front: `>`, `> >`, `>>`; moves `*text` behind them. */
static uint32_t
take_marks(const char **text, enum plain_format format)
{
	const char *p = *text;
	uint32_t depth = 0;

	for (;;) {
		const char *mark = p;
		if (format == PLAIN_FIXED && depth < 200)
			mark += strspn(mark, " ") <= 1 ? strspn(mark, " ") : 0;
		if (*mark != '>')
			break;
		p = mark + 1;
		depth++;
	}
	/* `>From ` is how mailboxes hide a line that begins with "From ". */
	if (depth == 1 && *text + 1 == p && strncmp(p, "From ", 5) == 0)
		depth = 0;
	else if (depth > 0 && *p == ' ')
		p++;
	else if (depth == 0 && format != PLAIN_FIXED && *p == ' ')
		p++; /* space-stuffed (RFC 3676 4.4) */
	*text = p;
	return depth;
}

static size_t
trimmed(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' ||
			      text[len - 1] == '\r'))
		len--;
	return len;
}

struct plain {
	struct context *ctx;
	enum plain_format format;
	struct lines *lines;
	struct buf text; /* of the line in the making */
	uint32_t depth, number;
	bool open; /* that line goes on (flowed) */
};

/* "-- " is never flowed (RFC 3676 4.3). */
static bool
is_signature_mark(const char *text, size_t len)
{
	return len == 3 && memcmp(text, "-- ", 3) == 0;
}

static void
end_line(struct plain *p)
{
	struct line *line = lines_push(p->ctx, p->lines);
	const char *text = buf_text(&p->text);

	if (line == NULL) {
		buf_clear(&p->text);
		return;
	}
	line->text =
	    arena_strndup(p->ctx->arena, text, trimmed(text, p->text.len));
	line->depth = p->depth;
	line->number = p->number;
	line->has_share_link = lines_have_share_link(line->text);
	buf_clear(&p->text);
	p->open = false;
}

/* A line of the source, terminated, without its line end. */
static void
put_line(struct plain *p, const char *text, uint32_t number)
{
	uint32_t depth = take_marks(&text, p->format);
	size_t len = strlen(text);
	bool mark = is_signature_mark(text, len);
	bool flows = p->format != PLAIN_FIXED && !mark && len > 0 &&
		     text[len - 1] == ' ';

	if (p->open &&
	    (mark || depth != p->depth || p->text.len + len > LIMIT_LINE_BYTES))
		end_line(p);
	if (!p->open) {
		p->depth = depth;
		p->number = number;
	}
	if (flows && p->format == PLAIN_FLOWED_DELSP)
		len--;
	buf_add(&p->text, text, len);
	p->open = true;
	if (!flows)
		end_line(p);
}

/* Where a line that is too long for us is cut. */
static size_t
piece_bytes(const char *text, size_t len)
{
	if (len <= LIMIT_LINE_BYTES)
		return len;
	return text_cut(text, LIMIT_LINE_BYTES);
}

static void
put_pieces(struct plain *p, const char *text, size_t len, uint32_t number)
{
	size_t done = 0;

	do {
		size_t n = piece_bytes(text + done, len - done);
		put_line(p, arena_strndup(p->ctx->arena, text + done, n),
		    number);
		done += n;
	} while (done < len);
}

void
lines_of_plain(struct context *ctx, const char *text, enum plain_format format,
    struct lines *ret_lines)
{
	struct plain p = {.ctx = ctx, .format = format, .lines = ret_lines};
	uint32_t number = 0;

	buf_init(&p.text, (size_t)LIMIT_LINE_BYTES * 2);
	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");
		put_pieces(&p, text, len, ++number);
		text += len;
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		text += *text != '\0';
	}
	if (p.open)
		end_line(&p);
	buf_done(&p.text);
}
