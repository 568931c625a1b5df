#include "parser/parts.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/csvfile.h"
#include "parser/html.h"

/* A name's end says more than a type: senders' machines guess types. */
static const struct {
	const char *end;
	enum part_kind kind;
} g_names[] = {
    {".csv", KIND_CSV},
    {".tsv", KIND_CSV},
    {".xlsx", KIND_WORKBOOK},
    {".xlsm", KIND_WORKBOOK},
    {".xltx", KIND_WORKBOOK},
    {".xltm", KIND_WORKBOOK},
    {".ods", KIND_WORKBOOK},
    {".docx", KIND_WORKBOOK},
    {".docm", KIND_WORKBOOK},
    {".xls", KIND_OLD_OFFICE},
    {".xlsb", KIND_OLD_OFFICE},
    {".doc", KIND_OLD_OFFICE},
    {".rtf", KIND_OLD_OFFICE},
    {"winmail.dat", KIND_OLD_OFFICE},
    {".rpmsg", KIND_ENCRYPTED},
    {".p7m", KIND_ENCRYPTED},
    {".pgp", KIND_ENCRYPTED},
    {".gpg", KIND_ENCRYPTED},
    {".switch", KIND_ENCRYPTED},
    {".p7s", KIND_SIGNATURE},
    {".ics", KIND_CALENDAR},
    {".json", KIND_TEXT},
    {".txt", KIND_TEXT},
    {".md", KIND_TEXT},
    {".xml", KIND_TEXT},
    {".log", KIND_TEXT},
    {".htm", KIND_HTML},
    {".html", KIND_HTML},
};

static const struct {
	const char *type;
	enum part_kind kind;
} g_types[] = {
    {"text/csv", KIND_CSV},
    {"application/csv", KIND_CSV},
    {"text/comma-separated-values", KIND_CSV},
    {"text/tab-separated-values", KIND_CSV},
    {"text/calendar", KIND_CALENDAR},
    {"application/ics", KIND_CALENDAR},
    {"text/html", KIND_HTML},
    {"application/json", KIND_TEXT},
    {"application/xml", KIND_TEXT},
    {"application/vnd.ms-excel", KIND_OLD_OFFICE},
    {"application/msword", KIND_OLD_OFFICE},
    {"application/rtf", KIND_OLD_OFFICE},
    {"application/ms-tnef", KIND_OLD_OFFICE},
    {"application/vnd.ms-tnef", KIND_OLD_OFFICE},
    {"application/vnd.oasis.opendocument.spreadsheet", KIND_WORKBOOK},
    {"application/x-microsoft-rpmsg-message", KIND_ENCRYPTED},
    {"application/pkcs7-mime", KIND_ENCRYPTED},
    {"application/x-pkcs7-mime", KIND_ENCRYPTED},
    {"application/pgp-encrypted", KIND_ENCRYPTED},
    {"application/pkcs7-signature", KIND_SIGNATURE},
    {"application/x-pkcs7-signature", KIND_SIGNATURE},
    {"application/pgp-signature", KIND_SIGNATURE},
};

/* Types that start so, where neither table knows better. */
static const struct {
	const char *start;
	enum part_kind kind;
} g_families[] = {
    {"application/vnd.openxmlformats-officedocument.spreadsheetml",
	KIND_WORKBOOK},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml",
	KIND_WORKBOOK},
    {"application/vnd.ms-excel.sheet.macroenabled", KIND_WORKBOOK},
    {"application/vnd.ms-excel.sheet.binary", KIND_OLD_OFFICE},
    {"text/", KIND_TEXT},
    {"message/", KIND_TEXT},
};

static bool
ends_in(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && text_ieq(text + a - b, end);
}

enum part_kind
parts_kind(const char *type, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(g_names); i++)
		if (ends_in(name, g_names[i].end))
			return g_names[i].kind;
	for (size_t i = 0; i < COUNT_OF(g_types); i++)
		if (text_ieq(type, g_types[i].type))
			return g_types[i].kind;
	for (size_t i = 0; i < COUNT_OF(g_families); i++)
		if (text_istarts(type, g_families[i].start))
			return g_families[i].kind;
	return KIND_OTHER;
}

size_t
parts_keep_bytes(enum part_kind kind)
{
	switch (kind) {
	case KIND_CSV:
		return LIMIT_CSV_BYTES;
	case KIND_HTML:
		return LIMIT_HTML_BYTES;
	case KIND_TEXT:
	case KIND_CALENDAR:
		return PART_TEXT_BYTES;
	default:
		return 0;
	}
}

bool
parts_says_macros(const char *type, const char *name)
{
	static const char *const ends[] = {".xlsm", ".xltm", ".xlsb", ".docm",
	    ".dotm", ".pptm", ".xlam"};

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (ends_in(name, ends[i]))
			return true;
	return text_ifind(type, "macroenabled") != NULL;
}

static void
keep_text(struct context *ctx, struct record_part *part, const char *text,
    size_t bytes)
{
	if (context_try(&ctx->text_left, bytes))
		part->text = arena_strndup(ctx->arena, text, bytes);
	else
		part->verdict = PART_TOO_LARGE;
}

static void
judge_text(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	struct buf text CLEANUP(buf_done);

	buf_init(&text, PART_TEXT_BYTES);
	charset_decode(&text, label, ctx->fallback, buf_text(&leaf->content),
	    leaf->content.len);
	keep_text(ctx, part, buf_text(&text), text.len);
	if (leaf->content.over || text.over)
		part->verdict = PART_TOO_LARGE;
}

static void
judge_html(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	struct buf html CLEANUP(buf_done);
	struct buf text CLEANUP(buf_done);
	struct html_page page = {0};
	bool over = ctx->record->over_limit;

	buf_init(&html, LIMIT_HTML_BYTES);
	buf_init(&text, PART_TEXT_BYTES);
	charset_decode(&html, label, ctx->fallback, buf_text(&leaf->content),
	    leaf->content.len);
	if (leaf->content.over || html.over ||
	    !context_try(&ctx->body_left, html.len) ||
	    !html_read(ctx, buf_text(&html), html.len, &page) ||
	    ctx->record->over_limit != over)
		part->verdict = PART_TOO_LARGE;
	/* The limits of a file are not those of the message. */
	ctx->record->over_limit = over;
	for (size_t i = 0; i < page.lines.count; i++) {
		buf_puts(&text, page.lines.items[i].text);
		buf_putc(&text, '\n');
	}
	size_t keep =
	    text.over ? text_cut(buf_text(&text), text.len - 4) : text.len;
	keep_text(ctx, part, buf_text(&text), keep);
	/* The page that unlocks an encrypted mail elsewhere. */
	if (text_ifind(part->text, "encrypted message") != NULL ||
	    text_ifind(part->text, "egress secure") != NULL ||
	    text_ifind(part->text, "egress switch") != NULL)
		part->verdict = PART_ENCRYPTED;
}

static void
judge_csv(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	struct record *r = ctx->record;
	struct record_table table;

	if (leaf->content.over) {
		part->verdict = PART_TOO_LARGE;
	} else if (leaf->is_cut ||
		   !csvfile_read(ctx, &leaf->content, label, &table)) {
		part->verdict = PART_UNREADABLE;
	} else if (r->table_count == BUDGET_TABLES) {
		part->verdict = PART_TOO_LARGE;
	} else {
		part->verdict = PART_READ;
		table.part = (uint32_t)(part - r->parts);
		*(struct record_table *)arena_push(ctx->arena, &r->tables,
		    &r->table_count, sizeof(*r->tables)) = table;
	}
}

/* Bit 0 of the flags in a zip's first local header: encrypted. */
static bool
is_locked_zip(const struct leaf *leaf)
{
	return leaf->head_bytes >= 8 && memcmp(leaf->head, "PK\3\4", 4) == 0 &&
	       (leaf->head[6] & 1) != 0;
}

static bool
is_locked_pdf(const struct leaf *leaf)
{
	return leaf->has_encrypt && memcmp(leaf->head, "%PDF", 4) == 0;
}

static enum record_verdict
judge_office(enum part_kind kind, const struct leaf *leaf)
{
	if (leaf->bytes == 0 || leaf->is_cut)
		return PART_UNREADABLE;
	if (leaf->has_package || is_locked_zip(leaf))
		return PART_ENCRYPTED;
	if (memcmp(leaf->head, "\xd0\xcf\x11\xe0", 4) == 0)
		return PART_OLD_FORMAT;
	if (memcmp(leaf->head, "PK\3\4", 4) == 0)
		return PART_WORKBOOK;
	return kind == KIND_WORKBOOK ? PART_UNREADABLE : PART_OLD_FORMAT;
}

void
parts_judge(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	enum part_kind kind = parts_kind(part->type, part->name);

	part->macros = parts_says_macros(part->type, part->name) ||
		       (leaf->has_macros && kind == KIND_WORKBOOK);
	part->verdict = PART_KEPT;
	switch (kind) {
	case KIND_CSV:
		judge_csv(ctx, part, leaf, label);
		break;
	case KIND_TEXT:
		judge_text(ctx, part, leaf, label);
		break;
	case KIND_HTML:
		judge_html(ctx, part, leaf, label);
		break;
	case KIND_CALENDAR:
		part->verdict = PART_CALENDAR;
		judge_text(ctx, part, leaf, label);
		break;
	case KIND_WORKBOOK:
	case KIND_OLD_OFFICE:
		part->verdict = judge_office(kind, leaf);
		break;
	case KIND_ENCRYPTED:
		part->verdict = PART_ENCRYPTED;
		break;
	case KIND_SIGNATURE:
	case KIND_OTHER:
		if (is_locked_zip(leaf) || is_locked_pdf(leaf))
			part->verdict = PART_ENCRYPTED;
		break;
	}
}
