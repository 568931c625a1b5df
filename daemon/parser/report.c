#include "parser/report.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "parser/bounce.h"
#include "parser/headers.h"

enum {
	MAX_RECIPIENTS = 500,
	MAX_RETURNED = 100,
	CODE_BYTES = 9
};

void
report_type(struct context *ctx, const char *type)
{
	struct record_report *r = &ctx->record->report;

	r->is_dsn = text_ieq(type, "delivery-status");
	r->is_mdn = text_ieq(type, "disposition-notification");
	r->is_feedback = text_ieq(type, "feedback-report");
}

/* `rfc822; <User@Example>` as an address in lower case; "" if it is none. */
static const char *
clean_address(struct arena *arena, const char *text)
{
	const char *semicolon = strchr(text, ';');
	char *addr;

	if (semicolon != NULL)
		text = semicolon + 1;
	addr = text_lower(arena, text_trim(arena, text));
	/* A comment or a second address behind it is not of it. */
	addr += strspn(addr, "<\"' ");
	addr[strcspn(addr, ">\"' ,")] = '\0';
	return addr;
}

void
report_push(struct context *ctx, const char *addr, const char *action,
    const char *status)
{
	struct record_report *r = &ctx->record->report;

	addr = clean_address(ctx->arena, addr);
	if (strchr(addr, '@') == NULL || strlen(addr) > 320 ||
	    r->recipient_count == MAX_RECIPIENTS)
		return;
	for (size_t i = 0; i < r->recipient_count; i++) {
		if (strcmp(r->recipients[i].addr, addr) != 0)
			continue;
		if (*r->recipients[i].status == '\0')
			r->recipients[i].status = status;
		return;
	}
	struct record_recipient *p = arena_push(ctx->arena, &r->recipients,
	    &r->recipient_count, sizeof(*r->recipients));
	p->addr = addr;
	p->action = action;
	p->status = status;
}

/* The fields of one group (a recipient) of a delivery-status part. */
struct group {
	const char *final, *original, *action, *status;
};

static void
end_group(struct context *ctx, struct group *g)
{
	struct arena *arena = ctx->arena;
	const char *addr = g->final == NULL ? g->original : g->final;

	/* Some gateways put a name of their own into Final-Recipient. */
	if (addr != NULL && g->original != NULL && strchr(addr, '@') == NULL)
		addr = g->original;
	if (addr != NULL && !ctx->record->report.is_mdn) {
		const char *status = g->status == NULL ? "" : g->status;
		const char *action = g->action == NULL ? "" : g->action;
		status += strspn(status, " \t");
		action += strspn(action, " \t");
		report_push(ctx, addr,
		    text_lower(arena, arena_strndup(arena, action,
					  strspn(action, "abcdefghijklmnopqrs"
							 "tuvwxyzABCDEFGHIJ"
							 "KLMNOPQRSTUVWXYZ"))),
		    arena_strndup(arena, status,
			strspn(status, "0123456789.")));
	}
	*g = (struct group){0};
}

static void push_id(struct context *ctx, const char *id);

static void
take_field(struct context *ctx, struct group *g, const char *line)
{
	struct record_report *r = &ctx->record->report;

	const struct {
		const char *name;
		const char **value;
	} fields[] = {
	    {"Final-Recipient:", &g->final},
	    {"Original-Recipient:", &g->original},
	    {"X-Actual-Recipient:", &g->original},
	    {"Action:", &g->action},
	    {"Status:", &g->status},
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (text_istarts(line, fields[i].name) &&
		    *fields[i].value == NULL)
			*fields[i].value = line + strlen(fields[i].name);
	if (text_istarts(line, "Disposition:"))
		r->is_mdn = true;
	if (text_istarts(line, "Feedback-Type:"))
		r->is_feedback = true;
	if (text_istarts(line, "Original-Message-ID:"))
		push_id(ctx, headers_first_id(ctx->arena, line));
}

/* The next line, unfolded, in the arena; NULL at the end. */
static char *
next_field(struct arena *arena, const char **text)
{
	const char *p = *text;
	size_t len = strcspn(p, "\n");
	char *line;

	if (*p == '\0')
		return NULL;
	line = arena_strndup(arena, p, len);
	p += len + (p[len] != '\0');
	while ((*p == ' ' || *p == '\t') && *line != '\0') {
		len = strcspn(p, "\n");
		if (strlen(line) + len > 4096)
			break;
		line = arena_printf(arena, "%s %.*s", line, (int)len, p);
		p += len + (p[len] != '\0');
	}
	*text = p;
	line[strcspn(line, "\r")] = '\0';
	return line;
}

void
report_fields(struct context *ctx, const char *text)
{
	struct group g = {0};
	size_t lines = 0;
	char *line;

	while (
	    (line = next_field(ctx->arena, &text)) != NULL && ++lines < 20000) {
		/* A new recipient begins even where the blank line is missing. */
		bool next =
		    text_istarts(line, "Final-Recipient:") && g.final != NULL;
		if (*line == '\0' || next)
			end_group(ctx, &g);
		take_field(ctx, &g, line);
	}
	end_group(ctx, &g);
}

static void
push_id(struct context *ctx, const char *id)
{
	struct record_report *r = &ctx->record->report;

	if (*id == '\0' || r->returned_id_count == MAX_RETURNED)
		return;
	for (size_t i = 0; i < r->returned_id_count; i++)
		if (strcmp(r->returned_ids[i], id) == 0)
			return;
	*(const char **)arena_push(ctx->arena, &r->returned_ids,
	    &r->returned_id_count, sizeof(*r->returned_ids)) = id;
}

/* XXXX-XXXX of capitals and digits. */
static bool
is_code(const char *text)
{
	for (size_t i = 0; i < CODE_BYTES; i++) {
		unsigned char c = (unsigned char)text[i];
		if (i == 4 ? c != '-' : !isupper(c) && !isdigit(c))
			return false;
	}
	return !isalnum((unsigned char)text[CODE_BYTES]);
}

void
report_part(struct context *ctx, const char *type, const char *text)
{
	struct record_report *r = &ctx->record->report;

	/* Whatever its report-type says, or fails to say. */
	if (text_ieq(ctx->record->content_type, "multipart/report")) {
		r->is_dsn = r->is_dsn || text_ifind(type, "-status") != NULL;
		r->is_mdn = r->is_mdn || text_ifind(type, "-notif") != NULL;
		r->is_feedback =
		    r->is_feedback || text_ifind(type, "feedback") != NULL;
	}
	report_fields(ctx, text);
}

static void
find_codes(struct context *ctx, const char *text)
{
	while ((text = text_ifind(text, "reply code:")) != NULL) {
		text += strlen("reply code:");
		text += strspn(text, " \t\r\n>*");
		if (is_code(text))
			push_id(ctx,
			    arena_strndup(ctx->arena, text, CODE_BYTES));
	}
}

static void
find_ids(struct context *ctx, const char *text)
{
	for (; *text != '\0'; text += strcspn(text, "\n")) {
		text += strspn(text, "\n \t>|");
		if (!text_istarts(text, "Message-ID:") &&
		    !text_istarts(text, "Original-Message-ID:"))
			continue;
		/* The id may stand on a folded line of its own. */
		const char *p = strchr(text, ':') + 1;
		p += strspn(p, " \t\r\n>");
		size_t len = strcspn(p, "\n");
		if (text[strcspn(text, "<\n")] == '<')
			push_id(ctx, headers_first_id(ctx->arena,
					 arena_strndup(ctx->arena, text,
					     strcspn(text, "\n"))));
		else
			push_id(ctx, headers_first_id(ctx->arena,
					 arena_strndup(ctx->arena, p, len)));
	}
}

static void
find_returned(struct context *ctx, const char *text)
{
	find_ids(ctx, text);
	find_codes(ctx, text);
}

/* All segments of a body behind each other. */
static const char *
body_text(struct context *ctx, const struct record_body *body)
{
	size_t bytes = 0;
	char *text, *p;

	for (size_t i = 0; i < body->segment_count; i++)
		bytes += strlen(body->segments[i].text);
	p = text = arena_alloc(ctx->arena, bytes + 1);
	for (size_t i = 0; i < body->segment_count; i++)
		p = stpcpy(p, body->segments[i].text);
	return text;
}

void
report_finish(struct context *ctx)
{
	struct record *r = ctx->record;
	struct record_report *report = &r->report;
	const char *texts[3] = {"", "", ""};
	size_t count = 0;

	if (!bounce_is_possible(ctx))
		return;
	for (size_t i = 0; i < r->body_count && count < COUNT_OF(texts); i++)
		texts[count++] = body_text(ctx, &r->bodies[i]);
	for (size_t i = 0; i < count; i++)
		if (report->recipient_count == 0 && !report->is_mdn &&
		    !report->is_feedback)
			bounce_read(ctx, texts[i]);
	/* Some wrap the whole report into a message of theirs. */
	if (report->recipient_count == 0 && !report->is_mdn &&
	    !report->is_feedback &&
	    text_ifind(buf_text(ctx->returned), "Final-Recipient:") != NULL)
		report_fields(ctx, buf_text(ctx->returned));
	if (!report->is_dsn && !report->is_mdn && !report->is_feedback)
		report->looks_bounce = bounce_judge(ctx, texts[0]);
	if (!report->is_dsn && !report->is_mdn && !report->is_feedback &&
	    !report->looks_bounce) {
		report->recipient_count = 0;
		return;
	}
	find_returned(ctx, buf_text(ctx->returned));
	for (size_t i = 0; i < count; i++)
		find_returned(ctx, texts[i]);
}
