#include "parser/parts.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/charset.h"
#include "parser/csvfile.h"
#include "parser/html.h"
#include "parser/jsonfile.h"
#include "parser/office.h"

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
    {".docx", KIND_WORD},
    {".docm", KIND_WORD},
    {".odt", KIND_WORD},
    {".xls", KIND_OLD_OFFICE},
    {".xlsb", KIND_OLD_OFFICE},
    {".doc", KIND_OLD_OFFICE},
    {".rtf", KIND_OLD_OFFICE},
    {".numbers", KIND_OLD_OFFICE},
    {".pages", KIND_OLD_OFFICE},
    {".gsheet", KIND_OLD_OFFICE},
    {".fods", KIND_OLD_OFFICE},
    {"winmail.dat", KIND_WINMAIL},
    {".rpmsg", KIND_LABELLED},
    {".pfile", KIND_LABELLED},
    {".ppdf", KIND_LABELLED},
    {".p7m", KIND_ENCRYPTED},
    {".pgp", KIND_ENCRYPTED},
    {".gpg", KIND_ENCRYPTED},
    {".switch", KIND_WRAPPED},
    {".p7s", KIND_SIGNATURE},
    {".ics", KIND_CALENDAR},
    {".json", KIND_JSON},
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
    {"application/json", KIND_JSON},
    {"application/xml", KIND_TEXT},
    {"application/vnd.ms-excel", KIND_OLD_OFFICE},
    {"application/msword", KIND_OLD_OFFICE},
    {"application/rtf", KIND_OLD_OFFICE},
    {"application/ms-tnef", KIND_WINMAIL},
    {"application/vnd.ms-tnef", KIND_WINMAIL},
    {"application/vnd.oasis.opendocument.spreadsheet", KIND_WORKBOOK},
    {"application/vnd.oasis.opendocument.text", KIND_WORD},
    {"application/x-microsoft-rpmsg-message", KIND_LABELLED},
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
	KIND_WORD},
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
	case KIND_JSON:
		return LIMIT_JSON_BYTES;
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
		part->verdict = PART_WRAPPED;
}

static void
judge_csv(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	if (leaf->content.over || ctx->record->table_count == BUDGET_TABLES)
		part->verdict = PART_TOO_LARGE;
	else if (leaf->is_cut)
		part->verdict = PART_UNREADABLE;
	else
		csvfile_read(ctx, part, &leaf->content, label);
}

/* A file that cannot be read stays as text, for whoever screens it. */
static void
judge_json(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	if (leaf->content.over || ctx->record->table_count == BUDGET_TABLES)
		part->verdict = PART_TOO_LARGE;
	else
		jsonfile_read(ctx, part, &leaf->content, label);
	if (part->verdict != PART_READ)
		judge_text(ctx, part, leaf, label);
}

static void
judge_calendar(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	part->verdict = PART_CALENDAR;
	judge_text(ctx, part, leaf, label);
}

/* --- by content ------------------------------------------------------------------- */

static bool
begins_with(const struct leaf *leaf, const char *magic, size_t bytes)
{
	return leaf->head_bytes >= bytes &&
	       memcmp(leaf->head, magic, bytes) == 0;
}

/* Bit 0 of the flags in a zip's first local header: encrypted. */
static bool
is_locked_zip(const struct leaf *leaf)
{
	return leaf->head_bytes >= 8 && (leaf->head[6] & 1) != 0;
}

/*
 * A workbook or Word file under whatever name; any other zip is evidence. Of
 * Word files no more is asked than that they can be kept.
 */
static void
judge_zip(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, enum part_kind kind)
{
	bool is_office = kind == KIND_WORKBOOK || kind == KIND_WORD;

	if (is_locked_zip(leaf)) {
		part->verdict = PART_ENCRYPTED;
	} else if (leaf->content.over) {
		part->verdict =
		    kind == KIND_WORKBOOK ? PART_TOO_LARGE : PART_KEPT;
	} else if (leaf->is_cut) {
		part->verdict = is_office ? PART_UNREADABLE : PART_KEPT;
	} else if (!office_read(ctx, part, &leaf->content)) {
		if (!is_office && part->verdict != PART_ENCRYPTED) {
			part->verdict = kind == KIND_OLD_OFFICE
					    ? PART_OLD_FORMAT
					    : PART_KEPT;
			part->reason = "";
		} else if (part->verdict == PART_KEPT) {
			part->verdict = PART_UNREADABLE;
		}
	}
}

/* The file system in a file of Office before 2007; in one of today's, what a
 * password or a label locks lies inside. */
static void
judge_compound(struct record_part *part, const struct leaf *leaf,
    enum part_kind kind)
{
	if (leaf->has_drm)
		part->verdict = PART_LABELLED;
	else if (leaf->has_package)
		part->verdict = PART_ENCRYPTED;
	else if (kind != KIND_OTHER)
		part->verdict = PART_OLD_FORMAT;
}

static void
judge_pdf(struct record_part *part, const struct leaf *leaf)
{
	if (leaf->has_encrypt)
		part->verdict = PART_ENCRYPTED;
}

/* What the first bytes say outranks name and type. False if they say
 * nothing. */
static bool
judge_magic(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, enum part_kind kind)
{
	if (begins_with(leaf, "PK\3\4", 4))
		judge_zip(ctx, part, leaf, kind);
	else if (begins_with(leaf, "\xd0\xcf\x11\xe0", 4))
		judge_compound(part, leaf, kind);
	else if (begins_with(leaf, "%PDF", 4))
		judge_pdf(part, leaf);
	else if (begins_with(leaf, "x\x9f>\"", 4))
		part->verdict = PART_WINMAIL;
	else if (begins_with(leaf, "\x76\xe8\x04\x60", 4))
		part->verdict = PART_LABELLED;
	else
		return false;
	return true;
}

/* --- by kind ---------------------------------------------------------------------- */

typedef void (*judge_fn)(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label);

static const struct {
	judge_fn judge; /* or NULL: the verdict alone */
	enum record_verdict verdict;
} g_judges[] = {
    [KIND_OTHER] = {NULL, PART_KEPT},
    [KIND_CSV] = {judge_csv, PART_KEPT},
    [KIND_TEXT] = {judge_text, PART_KEPT},
    [KIND_HTML] = {judge_html, PART_KEPT},
    [KIND_JSON] = {judge_json, PART_KEPT},
    [KIND_WORKBOOK] = {NULL, PART_UNREADABLE},
    [KIND_WORD] = {NULL, PART_UNREADABLE},
    [KIND_OLD_OFFICE] = {NULL, PART_OLD_FORMAT},
    [KIND_WINMAIL] = {NULL, PART_WINMAIL},
    [KIND_CALENDAR] = {judge_calendar, PART_CALENDAR},
    [KIND_ENCRYPTED] = {NULL, PART_ENCRYPTED},
    [KIND_LABELLED] = {NULL, PART_LABELLED},
    [KIND_WRAPPED] = {NULL, PART_WRAPPED},
    [KIND_SIGNATURE] = {NULL, PART_KEPT},
};

void
parts_judge(struct context *ctx, struct record_part *part,
    const struct leaf *leaf, const char *label)
{
	enum part_kind kind = parts_kind(part->type, part->name);
	bool office = kind == KIND_WORKBOOK || kind == KIND_WORD;

	part->macros = parts_says_macros(part->type, part->name) ||
		       (leaf->has_macros && office);
	part->verdict = PART_KEPT;
	if (judge_magic(ctx, part, leaf, kind))
		return;
	if (g_judges[kind].judge != NULL)
		g_judges[kind].judge(ctx, part, leaf, label);
	else if (kind == KIND_OLD_OFFICE && leaf->bytes == 0)
		part->verdict = PART_UNREADABLE;
	else
		part->verdict = g_judges[kind].verdict;
}
