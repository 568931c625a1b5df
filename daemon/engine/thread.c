#include "engine/thread.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

enum {
	TOKEN_CHARS = 9,   /* XXXX-XXXX */
	TOKENS_TRIED = 10, /* of one message */
};

static const char g_marker[] = "reply code";

/* A request to the person's own agency: whoever got it passes it on. */
static bool
is_of_agency(const struct contact *contact, const struct outbox *mail)
{
	const char *slash = strchr(mail->ref, '/');

	if (slash == NULL || strcmp(mail->kind, "request") != 0)
		return false;
	for (size_t i = 0; i < contact->agency_count; i++)
		if (text_ieq(contact->agencies[i].code, slash + 1))
			return true;
	return false;
}

/* Was this mail sent to the person who writes now, or meant for them too? */
static bool
is_theirs(const struct intake *intake, const struct outbox *mail)
{
	if (text_ieq(mail->recipient, intake->from))
		return true;
	return intake->contact != NULL &&
	       (mail->contact == intake->contact->id ||
		   is_of_agency(intake->contact, mail));
}

/* 1 where the thread is found. */
static int
accept(struct intake *intake, const struct outbox *mail, struct err *err)
{
	struct thread *thread = &intake->thread;

	if (!is_theirs(intake, mail))
		return 0;
	int found = outbox_text(intake->desk->store, intake->desk->arena,
	    mail->id, &thread->text, err);
	if (found <= 0)
		return found;
	thread->mail = *mail;
	thread->found = true;
	return 1;
}

static int
try_message_id(struct intake *intake, const char *id, struct err *err)
{
	struct outbox mail;

	if (id[0] == '\0')
		return 0;
	int found = outbox_find_message_id(intake->desk->store,
	    intake->desk->arena, id, &mail, err);
	return found <= 0 ? found : accept(intake, &mail, err);
}

/* The code behind "Reply code:", or NULL. */
static const char *
token_at(struct arena *arena, const char *text)
{
	char token[TOKEN_CHARS + 1];

	while (*text != '\0' && !isalnum((unsigned char)*text)) {
		if (*text == '\n')
			return NULL;
		text++;
	}
	for (int i = 0; i < TOKEN_CHARS; i++) {
		bool dash = i == 4;
		if (dash ? text[i] != '-' : !isalnum((unsigned char)text[i]))
			return NULL;
		token[i] = (char)toupper((unsigned char)text[i]);
	}
	token[TOKEN_CHARS] = '\0';
	return arena_strdup(arena, token);
}

static int
try_codes_in(struct intake *intake, const char *text, int *tried,
    struct err *err)
{
	while (*tried < TOKENS_TRIED &&
	       (text = text_ifind(text, g_marker)) != NULL) {
		struct outbox mail;
		text += strlen(g_marker);
		const char *token = token_at(intake->desk->arena, text);
		if (token == NULL)
			continue;
		(*tried)++;
		int found = outbox_find_token(intake->desk->store,
		    intake->desk->arena, token, &mail, err);
		if (found > 0)
			found = accept(intake, &mail, err);
		if (found != 0)
			return found;
	}
	return 0;
}

static int
try_codes(struct intake *intake, struct err *err)
{
	const struct record *record = intake->record;
	int tried = 0;

	for (size_t b = 0; b < record->body_count; b++) {
		const struct record_body *body = &record->bodies[b];
		for (size_t s = 0; s < body->segment_count; s++) {
			const struct record_segment *segment =
			    &body->segments[s];
			if (segment->whose == WHOSE_FORWARDED)
				continue;
			int found =
			    try_codes_in(intake, segment->text, &tried, err);
			if (found != 0)
				return found;
		}
	}
	return 0;
}

int
thread_find(struct intake *intake, struct err *err)
{
	const struct record *record = intake->record;

	intake->thread.text = "";
	int found = try_message_id(intake, record->in_reply_to, err);
	if (found == 0)
		found = try_codes(intake, err);
	for (size_t i = record->reference_count; found == 0 && i-- > 0;)
		found = try_message_id(intake, record->references[i], err);
	return found < 0 ? found : 0;
}
