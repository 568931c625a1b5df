#include "mail/mailer.h"

#include <sys/random.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "mail/clean.h"
#include "mail/fill.h"
#include "mail/values.h"
#include "mail/words.h"
#include "store/outbox.h"

enum {
	TOKEN_CHARS = 8,
	CODE_BYTES = TOKEN_CHARS + 2, /* XXXX-XXXX */
	TOKEN_TRIES = 100,
	FILLED_BYTES = 2 * TEMPLATE_OUTPUT_BYTES,
	DRAFT_ARENA_BYTES = 64 * 1024 * 1024,
};

/* Neither look-alikes (0 O, 1 I L, 5 S, U V) nor what reads as a word. */
static const char g_alphabet[] = "2346789ABCDEFGHJKMNPQRTVWXYZ";

/* A letter on its way: what is fixed before it is a row. */
struct draft {
	struct arena *arena;
	const struct letter *letter;
	char token[TOKEN_CHARS + 1], code[CODE_BYTES];
	struct compose_mail mail;
};

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static void
fill_random(void *bytes, size_t count)
{
	ssize_t got = getrandom(bytes, count, 0);

	/* Up to 256 bytes come whole and uninterrupted, see getrandom(2). */
	BUG_ON(got < 0 || (size_t)got != count);
}

/* Every character equally likely: bytes beyond a multiple are thrown away. */
static void
make_token(struct draft *draft)
{
	const unsigned letters = sizeof(g_alphabet) - 1;
	size_t n = 0;

	while (n < TOKEN_CHARS) {
		unsigned char bytes[TOKEN_CHARS];
		fill_random(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes) && n < TOKEN_CHARS; i++)
			if (bytes[i] < 256 / letters * letters)
				draft->token[n++] =
				    g_alphabet[bytes[i] % letters];
	}
	draft->token[n] = '\0';
	(void)snprintf(draft->code, sizeof(draft->code), "%.4s-%.4s",
	    draft->token, draft->token + 4);
}

static int
make_unique_token(struct mailer *mailer, struct draft *draft, struct err *err)
{
	for (int i = 0; i < TOKEN_TRIES; i++) {
		struct outbox taken;
		make_token(draft);
		int rc = outbox_find_token(mailer->store, draft->arena,
		    draft->token, &taken, err);
		if (rc <= 0)
			return rc;
	}
	return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
	    "no reply code is free; the random numbers are not random");
}

static const char *
make_message_id(struct mailer *mailer, struct draft *draft)
{
	unsigned char random[12];
	char hex[2 * sizeof(random) + 1];

	fill_random(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", random[i]);
	return arena_printf(draft->arena, "<%s.%s@%s>", hex, mailer->instance,
	    address_domain(mailer->settings->partnership.address));
}

/* --- values ------------------------------------------------------------- */

/* Strings of jansson must be UTF-8; what comes from a register is, but this
 * is no place to fail. */
static void
set_text(json_t *object, const char *name, const char *text)
{
	CLEANUP(buf_done)
	struct buf clean;

	buf_init(&clean, TEMPLATE_OUTPUT_BYTES);
	clean_line(&clean, text);
	BUG_ON(json_object_set_new(object, name,
		   json_string(buf_text(&clean))) != 0);
}

static json_t *
partnership_values(const struct settings_partnership *p)
{
	json_t *object = json_object();

	BUG_ON(object == NULL);
	set_text(object, "name", p->name);
	set_text(object, "short", p->short_name);
	set_text(object, "address", p->address);
	set_text(object, "phone", p->phone);
	set_text(object, "concern", p->concern);
	set_text(object, "marking", p->marking);
	return object;
}

/* "Amara" of "Amara Singh"; whole names where the first word is a title. */
static const char *
greeting(struct arena *arena, const struct letter *letter)
{
	static const char *const titles[] = {"Dr", "Mr", "Mrs", "Ms", "Miss",
	    "Mx", "Prof", "Professor", "Rev", "Revd", "Sir", "Dame", "Lady",
	    "Lord", "Cllr", "DC", "DS", "DI", "DCI", "DSI", "PC", "Sgt", "Insp",
	    "Supt", "The"};
	const char *name = text_trim(arena, or_empty(letter->name));
	size_t first = strcspn(name, " ");

	if (letter->hello != NULL)
		return letter->hello;
	if (strchr(name, ',') != NULL || strchr(name, '@') != NULL)
		return name; /* "Singh, Amara": not ours to turn around */
	for (size_t i = 0; i < COUNT_OF(titles); i++) {
		size_t n = strlen(titles[i]);
		if (text_istarts(name, titles[i]) &&
		    (n == first || (n + 1 == first && name[n] == '.')))
			return name;
	}
	return arena_strndup(arena, name, first);
}

static json_t *
ref_list(struct arena *arena, const char *ref)
{
	char **refs = text_split(arena, ref, ";");
	json_t *list = json_array();

	BUG_ON(list == NULL);
	for (size_t i = 0; refs[i] != NULL; i++)
		BUG_ON(json_array_append_new(list, json_string(refs[i])) != 0);
	return list;
}

/* "A-0112, A-0119"; a mail about nothing of ours says so. */
static const char *
ref_words(struct arena *arena, const char *ref)
{
	CLEANUP(buf_done)
	struct buf words;
	char **refs = text_split(arena, ref, ";");

	buf_init(&words, TEMPLATE_OUTPUT_BYTES);
	for (size_t i = 0; refs[i] != NULL; i++)
		buf_printf(&words, "%s%s", i > 0 ? ", " : "", refs[i]);
	return words.len == 0 ? "none" : arena_strdup(arena, buf_text(&words));
}

static json_t *
common_values(const struct settings *settings, struct draft *draft,
    int64_t now_at)
{
	json_t *common = json_object();
	const char *ref = or_empty(draft->letter->ref);
	json_t *refs = ref_list(draft->arena, ref);

	BUG_ON(common == NULL);
	BUG_ON(json_object_set_new(common, "partnership",
		   partnership_values(&settings->partnership)) != 0);
	set_text(common, "hello", greeting(draft->arena, draft->letter));
	set_text(common, "ref", ref_words(draft->arena, ref));
	set_text(common, "version", "");
	set_text(common, "reply_code", draft->code);
	set_text(common, "today", words_day(draft->arena, date_of(now_at)));
	BUG_ON(json_object_set_new(common, "refs", refs) != 0);
	return common;
}

json_t *
mailer_common_sample(const struct settings *settings)
{
	static const struct letter letter = {.ref = "R-000123",
	    .name = "Amara Singh"};
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new(DRAFT_ARENA_BYTES);
	struct draft draft = {.arena = arena,
	    .letter = &letter,
	    .code = "XXXX-XXXX"};

	return common_values(settings, &draft, 0);
}

/* --- rendering ---------------------------------------------------------- */

static const char *
topic_of(const struct letter *letter)
{
	return letter->topic == NULL ? letter->kind : letter->topic;
}

/* `[LSCP R-000123] …`; `[LSCP] …` without a reference or with several. */
static const char *
tag_subject(struct mailer *mailer, struct draft *draft, const char *subject)
{
	const char *tag = or_empty(draft->letter->ref);

	if (strcmp(draft->letter->kind, "digest") == 0)
		tag = "digest";
	if (strchr(tag, ';') != NULL)
		tag = "";
	return arena_printf(draft->arena, "[%s%s%s] %s",
	    mailer->settings->partnership.short_name, *tag == '\0' ? "" : " ",
	    tag, clean_header(draft->arena, subject, LIMIT_SUBJECT_CHARS));
}

static int
render_part(struct mailer *mailer, struct draft *draft, enum template_part part,
    const json_t *values, const char **ret_text, struct err *err)
{
	CLEANUP(buf_done)
	struct buf raw, filled;

	buf_init(&raw, TEMPLATE_OUTPUT_BYTES);
	buf_init(&filled, FILLED_BYTES);
	int rc = template_render(mailer->templates, topic_of(draft->letter),
	    part, values, &raw, err);
	if (rc < 0)
		return rc;
	if (part == TEMPLATE_TEXT)
		fill_text(&filled, buf_text(&raw));
	*ret_text = arena_strdup(draft->arena,
	    part == TEMPLATE_TEXT ? buf_text(&filled) : buf_text(&raw));
	return 0;
}

static int
render_all(struct mailer *mailer, struct draft *draft, const json_t *values,
    struct err *err)
{
	CLEANUP(values_drop)
	json_t *common = common_values(mailer->settings, draft, mailer->now_at);
	CLEANUP(values_drop)
	json_t *all = values_complete(common, values);
	struct compose_mail *mail = &draft->mail;
	const char *subject = "";
	int rc =
	    render_part(mailer, draft, TEMPLATE_SUBJECT, all, &subject, err);

	if (rc == 0)
		rc = render_part(mailer, draft, TEMPLATE_TEXT, all, &mail->text,
		    err);
	if (rc == 0)
		rc = render_part(mailer, draft, TEMPLATE_HTML, all, &mail->html,
		    err);
	if (rc == 0)
		mail->subject = tag_subject(mailer, draft, subject);
	return rc;
}

/* --- redirection -------------------------------------------------------- */

static const char *
text_banner(struct arena *arena, const char *recipient)
{
	return arena_printf(arena,
	    "For %s\nAll our emails come to this address for now.\n\n",
	    recipient);
}

static const char *
html_banner(struct arena *arena, const char *recipient)
{
	CLEANUP(buf_done)
	struct buf safe;

	buf_init(&safe, 4096);
	text_escape_html(&safe, recipient);
	return arena_printf(arena,
	    "<p style=\"margin:8px;font-family:Arial,sans-serif\">For %s<br>"
	    "All our emails come to this address for now.</p>",
	    buf_text(&safe));
}

/* Behind `<body …>`, or in front of all where there is none. */
static size_t
body_start(const char *html)
{
	const char *body = text_ifind(html, "<body");
	const char *end = body == NULL ? NULL : strchr(body, '>');

	return end == NULL ? 0 : (size_t)(end + 1 - html);
}

static void
add_banners(struct draft *draft, const char *recipient)
{
	struct compose_mail *mail = &draft->mail;
	size_t at = body_start(mail->html);

	mail->text = arena_printf(draft->arena, "%s%s",
	    text_banner(draft->arena, recipient), mail->text);
	mail->html = arena_printf(draft->arena, "%.*s%s%s", (int)at, mail->html,
	    html_banner(draft->arena, recipient), mail->html + at);
}

/* All places of `from` become `to`. */
static const char *
replace_all(struct arena *arena, const char *text, const char *from,
    const char *to)
{
	CLEANUP(buf_done)
	struct buf out;
	const char *found;

	buf_init(&out, LIMIT_MAIL_BYTES);
	while ((found = strstr(text, from)) != NULL) {
		buf_add(&out, text, (size_t)(found - text));
		buf_puts(&out, to);
		text = found + strlen(from);
	}
	buf_puts(&out, text);
	return arena_strdup(arena, buf_text(&out));
}

static void
remove_banners(struct draft *draft, const char *recipient)
{
	struct compose_mail *mail = &draft->mail;
	const char *banner = text_banner(draft->arena, recipient);

	if (strncmp(mail->text, banner, strlen(banner)) == 0)
		mail->text += strlen(banner);
	mail->html = replace_all(draft->arena, mail->html,
	    html_banner(draft->arena, recipient), "");
}

/* --- the row ------------------------------------------------------------ */

static void
address_draft(struct mailer *mailer, struct draft *draft)
{
	const struct settings *s = mailer->settings;
	const struct letter *letter = draft->letter;
	struct compose_mail *mail = &draft->mail;
	const char *recipient = text_lower(draft->arena, letter->recipient);

	mail->from_name = s->partnership.name;
	mail->from_address = s->partnership.address;
	mail->to_name = or_empty(letter->name);
	mail->to_address = recipient;
	mail->original_to = "";
	if (s->outgoing.mode == MODE_REDIRECT) {
		mail->to_name = "";
		mail->to_address = s->outgoing.redirect;
		mail->original_to = recipient;
		add_banners(draft, recipient);
	}
	mail->date_at = mailer->now_at;
	mail->message_id = make_message_id(mailer, draft);
	mail->in_reply_to = or_empty(letter->in_reply_to);
	mail->references = arena_printf(draft->arena, "%s %s",
	    or_empty(letter->references), mail->in_reply_to);
	mail->kind = letter->kind;
	mail->ref = or_empty(letter->ref);
	mail->instance = mailer->instance;
	mail->origin = letter->origin;
	mail->files = letter->files;
	mail->file_count = letter->file_count;
}

static struct outbox_items
copy_items(const struct draft *draft)
{
	const struct letter *letter = draft->letter;
	struct outbox_items items = {NULL, letter->item_count};

	items.items =
	    arena_array(draft->arena, items.count + 1, sizeof(*items.items));
	for (size_t i = 0; i < items.count; i++) {
		const struct letter_item *item = &letter->items[i];
		items.items[i] = (struct outbox_item){item->label, item->kind,
		    item->ref, or_empty(item->tbl), or_empty(item->row),
		    or_empty(item->field)};
	}
	return items;
}

static struct outbox
make_row(struct mailer *mailer, const struct draft *draft)
{
	const struct settings *s = mailer->settings;
	const struct compose_mail *mail = &draft->mail;
	const struct letter *letter = draft->letter;
	bool empty_sender =
	    letter->origin == ORIGIN_ANSWER && s->outgoing.null_sender;
	/* A mail that cannot be answered does not show its code. */
	bool answerable = strstr(mail->text, draft->code) != NULL;

	return (struct outbox){
	    .kind = letter->kind,
	    .topic = topic_of(letter),
	    .ref = mail->ref,
	    .contact = letter->contact,
	    .recipient = text_lower(draft->arena, letter->recipient),
	    .envelope_to = mail->to_address,
	    .envelope_from = empty_sender ? "" : s->partnership.address,
	    .subject = mail->subject,
	    .message_id = mail->message_id,
	    .in_reply_to = mail->in_reply_to,
	    .token = answerable ? draft->token : "",
	    .answers = letter->answers,
	    .counts = letter->counts == LETTER_COUNTED,
	    .state = settings_holds(s, letter->kind) ? "held" : "queued",
	    .queued_at = mailer->now_at,
	    .next_at = mailer->now_at,
	    .last_error = "",
	};
}

static int
insert_draft(struct mailer *mailer, struct draft *draft,
    const struct outbox_items *items, int64_t *ret_outbox, struct err *err)
{
	CLEANUP(buf_done)
	struct buf mime;

	buf_init(&mime, LIMIT_MAIL_BYTES);
	int rc = compose_write(&draft->mail, &mime, err);
	if (rc < 0)
		return rc;
	struct outbox row = make_row(mailer, draft);
	struct outbox_body body = {draft->mail.text, mime.data, mime.len};
	return outbox_add(mailer->store, &row, &body, items, ret_outbox, err);
}

int
mailer_queue(struct mailer *mailer, const struct letter *letter,
    const json_t *values, int64_t *ret_outbox, struct err *err)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new(DRAFT_ARENA_BYTES);
	struct draft draft = {.arena = arena, .letter = letter};

	int rc = compose_check_address(letter->recipient, err);
	if (rc == 0)
		rc = make_unique_token(mailer, &draft, err);
	if (rc == 0)
		rc = render_all(mailer, &draft, values, err);
	if (rc < 0)
		return rc;
	address_draft(mailer, &draft);
	struct outbox_items items = copy_items(&draft);
	return insert_draft(mailer, &draft, &items, ret_outbox, err);
}

int
mailer_preview(struct mailer *mailer, const struct letter *letter,
    const json_t *values, struct compose_mail *ret_mail, struct arena *arena,
    struct err *err)
{
	struct draft draft = {.arena = arena,
	    .letter = letter,
	    .code = "XXXX-XXXX"};

	int rc = render_all(mailer, &draft, values, err);
	if (rc < 0)
		return rc;
	address_draft(mailer, &draft);
	*ret_mail = draft.mail;
	return 0;
}

/* --- once more ---------------------------------------------------------- */

/* The first mail's words and files, under the new code. */
static int
take_over(struct mailer *mailer, struct draft *draft,
    const struct outbox *first, struct err *err)
{
	CLEANUP(buf_done)
	struct buf mime;
	struct compose_mail *mail = &draft->mail;
	const char *text = "";

	buf_init(&mime, LIMIT_MAIL_BYTES);
	int rc = outbox_read_mime(mailer->store, first->id, &mime, err);
	if (rc >= 0)
		rc = outbox_text(mailer->store, draft->arena, first->id, &text,
		    err);
	if (rc >= 0)
		rc = compose_read(draft->arena, mime.data, mime.len, mail, err);
	if (rc < 0)
		return rc;
	mail->text = text;
	remove_banners(draft, first->recipient);
	if (*first->token != '\0') {
		const char *code = arena_printf(draft->arena, "%.4s-%.4s",
		    first->token, first->token + 4);
		mail->text =
		    replace_all(draft->arena, mail->text, code, draft->code);
		mail->html =
		    replace_all(draft->arena, mail->html, code, draft->code);
	}
	mail->subject = first->subject;
	return 0;
}

int
mailer_resend(struct mailer *mailer, int64_t first_id,
    const struct letter *letter, int64_t *ret_outbox, struct err *err)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new(DRAFT_ARENA_BYTES);
	struct letter again = *letter;
	struct draft draft = {.arena = arena, .letter = &again};
	struct outbox first;
	struct outbox_items items;

	int rc = compose_check_address(letter->recipient, err);
	if (rc < 0)
		return rc;
	rc = outbox_find(mailer->store, arena, first_id, &first, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "there is no mail %lld in the outbox", (long long)first_id);
	rc = outbox_list_items(mailer->store, arena, first_id, &items, err);
	if (rc >= 0)
		rc = make_unique_token(mailer, &draft, err);
	if (rc >= 0)
		rc = take_over(mailer, &draft, &first, err);
	if (rc < 0)
		return rc;
	again.kind = first.kind;
	again.topic = first.topic;
	again.ref = first.ref;
	again.origin = ORIGIN_ANSWER;
	again.files = draft.mail.files;
	again.file_count = draft.mail.file_count;
	address_draft(mailer, &draft);
	return insert_draft(mailer, &draft, &items, ret_outbox, err);
}
