#include "parser/visible.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/marks.h"
#include "parser/words.h"

enum {
	SIGNATURE_LINES = 14,  /* behind "Kind regards" */
	SIGNATURE_BYTES = 120, /* of one of its lines */
};

/* The judge goes down the lines once; this is what it knows at a line. */
struct judge {
	struct context *ctx;
	struct lines *lines;
	/* Everything from here on is an older mail; 0 levels: not yet. */
	uint32_t rest_depth;
	enum record_whose rest;
	bool in_signature;
	bool rest_is_fresh; /* opened by markup: its header block may follow */
	bool has_new;       /* something of the sender's own came before */
};

static struct line *
line_at(const struct judge *j, size_t i)
{
	return i < j->lines->count ? &j->lines->items[i] : NULL;
}

/* The next line that is not blank, at or behind `i`; NULL at the end. */
static struct line *
next_filled(const struct judge *j, size_t i)
{
	for (; i < j->lines->count; i++)
		if (!text_is_blank(j->lines->items[i].text))
			return &j->lines->items[i];
	return NULL;
}

/*
 * What is behind the opening lines of an older mail (a header block, "On …
 * wrote:"): if it has quote marks, these alone tell; else all that follows is
 * that mail.
 */
static void
open_rest(struct judge *j, size_t behind, enum record_whose whose)
{
	const struct line *next = next_filled(j, behind);

	if (next != NULL && next->depth > 0 && j->rest_depth == 0)
		return;
	j->rest = whose;
	if (!j->rest_is_fresh)
		j->rest_depth++;
	j->rest_is_fresh = false;
}

static void
set_lines(struct judge *j, size_t from, size_t count, enum record_whose whose)
{
	for (size_t i = from; i < from + count; i++) {
		struct line *line = &j->lines->items[i];
		line->whose = whose;
		if (line->depth == 0)
			line->depth = j->rest_depth == 0 ? 1 : j->rest_depth;
	}
}

/*
 * Is this a tail that a mail program broke off a quoted line? It follows a
 * long quoted line without a gap, is short, goes on in lower case, and more of
 * the quote follows at once.
 */
static bool
is_broken_tail(const struct judge *j, size_t i)
{
	const struct line *line = line_at(j, i);
	const struct line *next = line_at(j, i + 1);

	if (i == 0 || next == NULL || next->depth == 0)
		return false;
	const struct line *last = line_at(j, i - 1);
	return last->depth > 0 && strlen(last->text) >= 68 &&
	       strlen(line->text) <= 30 &&
	       islower((unsigned char)*line->text) &&
	       strchr(line->text, ':') == NULL;
}

/* Does the run of new lines behind `i` look like what follows a greeting? */
static bool
is_closing(const struct judge *j, size_t i)
{
	size_t filled = 0;

	/* "Thank you." may be all that somebody has to say. */
	if (!j->has_new || !marks_closing(line_at(j, i)->text))
		return false;
	for (i++; i < j->lines->count; i++) {
		const struct line *line = line_at(j, i);
		if (line->depth > 0 || line->mark != MARK_NONE ||
		    marks_opening(j->lines, i).kind != MARKS_NONE)
			break;
		if (text_is_blank(line->text))
			continue;
		if (++filled > SIGNATURE_LINES ||
		    strlen(line->text) > SIGNATURE_BYTES ||
		    marks_answer(line->text))
			return false;
	}
	return filled > 0;
}

static enum record_whose
judge_new_line(struct judge *j, size_t i)
{
	const struct line *line = line_at(j, i);

	if (j->in_signature || line->mark == MARK_SIGNATURE)
		return WHOSE_SIGNATURE;
	if (line->mark == MARK_QUOTED)
		return WHOSE_QUOTED;
	if (marks_signature(line->text) || marks_list_footer(j->lines, i) ||
	    is_closing(j, i)) {
		j->in_signature = true;
		return WHOSE_SIGNATURE;
	}
	if (marks_sent_from(line->text))
		return WHOSE_SIGNATURE;
	return is_broken_tail(j, i) ? WHOSE_QUOTED : WHOSE_NEW;
}

/* An opening of an older mail at `i`: its lines are set; how many they are. */
static size_t
take_opening(struct judge *j, size_t i)
{
	const struct line *line = line_at(j, i);
	struct marks_opening o = marks_opening(j->lines, i);
	enum record_whose whose =
	    o.kind == MARKS_FORWARD ||
		    (o.kind == MARKS_HEADERS && j->ctx->is_forward &&
			j->rest_depth == 0)
		? WHOSE_FORWARDED
		: WHOSE_QUOTED;

	if (o.kind == MARKS_NONE && line->mark == MARK_REST_QUOTED &&
	    j->rest_depth == 0) {
		j->rest = j->ctx->is_forward ? WHOSE_FORWARDED : WHOSE_QUOTED;
		j->rest_depth = 1;
		j->rest_is_fresh = true;
		return 0;
	}
	if (o.kind == MARKS_NONE || line->depth > 0)
		return 0;
	if (j->rest_depth > 0 && j->rest == WHOSE_FORWARDED)
		whose = WHOSE_FORWARDED;
	j->in_signature = false;
	open_rest(j, i + o.lines, whose);
	set_lines(j, i, o.lines, whose);
	return o.lines;
}

static void
judge_line(struct judge *j, size_t i)
{
	struct line *line = line_at(j, i);

	if (j->rest_depth > 0) {
		j->rest_is_fresh =
		    j->rest_is_fresh && text_is_blank(line->text);
		line->whose = j->rest;
		line->depth += j->rest_depth;
	} else if (line->depth > 0) {
		line->whose = WHOSE_QUOTED;
		j->in_signature = false;
	} else if (text_is_blank(line->text) && i > 0 &&
		   line->mark == MARK_NONE) {
		line->whose = line_at(j, i - 1)->whose;
		line->depth = line_at(j, i - 1)->depth;
	} else {
		line->whose = judge_new_line(j, i);
		line->depth = line->whose == WHOSE_QUOTED ? 1 : 0;
		if (line->depth > 0 && i > 0 && line_at(j, i - 1)->depth > 0)
			line->depth = line_at(j, i - 1)->depth;
		j->has_new = j->has_new || (line->whose == WHOSE_NEW &&
					       !text_is_blank(line->text));
	}
}

void
visible_judge(struct context *ctx, struct lines *lines)
{
	struct judge j = {.ctx = ctx, .lines = lines};

	marks_prepare(lines);
	for (size_t i = 0; i < lines->count;) {
		size_t taken = take_opening(&j, i);
		if (taken == 0) {
			judge_line(&j, i);
			taken = 1;
		}
		i += taken;
	}
}

/* One segment's text: its lines, LF ended. */
static const char *
join(struct context *ctx, const struct line *lines, size_t count, size_t bytes)
{
	char *text = arena_alloc(ctx->arena, bytes + 1), *p = text;

	for (size_t i = 0; i < count; i++) {
		p = stpcpy(p, lines[i].text);
		*p++ = '\n';
	}
	return text;
}

/* Lines from `first` on that are alike, as far as `max_bytes` go. */
static size_t
count_alike(const struct lines *lines, size_t first, size_t max_bytes,
    size_t *ret_bytes)
{
	const struct line *a = &lines->items[first];
	size_t bytes = 0, i;

	for (i = first; i < lines->count; i++) {
		const struct line *b = &lines->items[i];
		size_t more = strlen(b->text) + 1;
		if (b->whose != a->whose || b->depth != a->depth ||
		    bytes + more > max_bytes)
			break;
		bytes += more;
	}
	*ret_bytes = bytes;
	return i - first;
}

void
visible_segments(struct context *ctx, const struct lines *lines,
    struct record_body *ret_body)
{
	size_t left = LIMIT_TEXT_BYTES, bytes;

	for (size_t i = 0, n; i < lines->count; i += n) {
		const struct line *first = &lines->items[i];
		n = count_alike(lines, i, left, &bytes);
		if (n == 0 || !context_take(ctx, &ctx->segments_left, 1) ||
		    !context_take(ctx, &ctx->text_left, bytes)) {
			ctx->record->over_limit = true;
			return;
		}
		left -= bytes;
		struct record_segment *s =
		    arena_push(ctx->arena, &ret_body->segments,
			&ret_body->segment_count, sizeof(*ret_body->segments));
		s->whose = first->whose;
		s->depth = first->depth;
		s->line = first->number;
		s->text = join(ctx, first, n, bytes);
	}
}
