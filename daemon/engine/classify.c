#include "engine/classify.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static const char *const g_words[] = {
    [CLASS_HUMAN] = "human",
    [CLASS_UNSURE] = "unsure",
    [CLASS_ROBOT] = "robot",
    [CLASS_LIST] = "list",
    [CLASS_BOUNCE] = "bounce",
    [CLASS_CALENDAR] = "calendar",
    [CLASS_READ_RECEIPT] = "read_receipt",
    [CLASS_OWN] = "own",
};

/* How the value of a header has to look for the sign to count. */
enum sign_match {
	ANY_VALUE,
	STARTS,
	CONTAINS,
	NOT_STARTS
};

struct sign {
	const char *header;
	enum sign_match match;
	const char *value;
	enum message_class class;
};

/*
 * The first that holds wins. X-Auto-Response-Suppress stands nowhere: it is
 * the wish not to be answered, and people's Outlook sets it too.
 */
static const struct sign g_signs[] = {
    {"X-LSCPD-Instance", ANY_VALUE, "", CLASS_ROBOT}, /* another clerk */
    {"Auto-Submitted", NOT_STARTS, "no", CLASS_ROBOT},
    {"X-Autoreply", ANY_VALUE, "", CLASS_ROBOT},
    {"X-Autorespond", ANY_VALUE, "", CLASS_ROBOT},
    {"X-AutoReply-From", ANY_VALUE, "", CLASS_ROBOT},
    {"X-Auto-Reply", ANY_VALUE, "", CLASS_ROBOT},
    {"X-Mail-Autoreply", ANY_VALUE, "", CLASS_ROBOT},
    {"X-Mail-Autorespond", ANY_VALUE, "", CLASS_ROBOT},
    {"X-FC-MachineGenerated", ANY_VALUE, "", CLASS_ROBOT},
    {"X-MS-Exchange-Generated-Message-Source", STARTS, "Mailbox Rules",
	CLASS_ROBOT},
    {"X-MS-Exchange-Inbox-Rules-Loop", ANY_VALUE, "", CLASS_ROBOT},
    {"X-POST-MessageClass", CONTAINS, "autoresponder", CLASS_ROBOT},
    {"Delivered-To", CONTAINS, "autoresponder", CLASS_ROBOT},
    {"Precedence", CONTAINS, "auto", CLASS_ROBOT},
    {"Feedback-ID", ANY_VALUE, "", CLASS_LIST},
    {"List-Id", ANY_VALUE, "", CLASS_LIST},
    {"List-Post", ANY_VALUE, "", CLASS_LIST},
    {"List-Unsubscribe", ANY_VALUE, "", CLASS_LIST},
    {"List-Help", ANY_VALUE, "", CLASS_LIST},
    {"Mailing-List", ANY_VALUE, "", CLASS_LIST},
    {"X-Mailing-List", ANY_VALUE, "", CLASS_LIST},
    {"X-Mailman-Version", ANY_VALUE, "", CLASS_LIST},
    {"X-BeenThere", ANY_VALUE, "", CLASS_LIST},
    {"X-MLServer", ANY_VALUE, "", CLASS_LIST},
    {"X-ML-Name", ANY_VALUE, "", CLASS_LIST},
    {"X-Loop", ANY_VALUE, "", CLASS_LIST},
    {"Precedence", STARTS, "list", CLASS_LIST},
    {"Precedence", STARTS, "bulk", CLASS_LIST},
    {"Precedence", STARTS, "junk", CLASS_LIST},
};

/* Local parts behind which nobody reads. */
static const char *const g_robot_locals[] = {"mailer-daemon", "postmaster",
    "post_master", "double-bounce", "noreply", "no-reply", "no_reply",
    "donotreply", "do-not-reply", "do_not_reply", "bounce", "bounces",
    "listserv", "majordomo", "mailerdaemon"};

/* Subjects that people rarely, and absence notices often, begin with. */
static const char *const g_absence_subjects[] = {"automatic reply", "autoreply",
    "auto reply", "auto-reply", "auto response", "auto-response",
    "automatic response", "out of office", "out-of-office", "out of the office",
    "abwesenheit", "automatische antwort", "absence",
    "r\xc3\xa9ponse automatique", "on annual leave", "on leave",
    "vacation reply", "vacation:"};

const char *classify_word(enum message_class class)
{
	return g_words[class];
}

static bool
sign_holds(const struct record_header *header, const struct sign *sign)
{
	const char *value = header->value;

	while (*value == ' ' || *value == '\t')
		value++;
	switch (sign->match) {
	case STARTS:
		return text_istarts(value, sign->value);
	case NOT_STARTS:
		return !text_istarts(value, sign->value);
	case CONTAINS:
		return text_ifind(value, sign->value) != NULL;
	case ANY_VALUE:
		break;
	}
	return true;
}

static const struct sign *
find_sign(const struct record *record)
{
	for (size_t i = 0; i < COUNT_OF(g_signs); i++)
		for (size_t h = 0; h < record->header_count; h++)
			if (text_ieq(record->headers[h].name,
				g_signs[i].header) &&
			    sign_holds(&record->headers[h], &g_signs[i]))
				return &g_signs[i];
	return NULL;
}

static bool
is_own(const struct record *record, const struct classify_self *self)
{
	const char *instance = record_header(record, "X-LSCPD-Instance");

	if (instance != NULL && text_ieq(instance, self->instance))
		return true;
	if (record->from.count != 1)
		return false;
	const char *from = record->from.items[0].addr;
	if (text_ieq(from, self->address))
		return true;
	for (size_t i = 0; self->aliases[i] != NULL; i++)
		if (text_ieq(from, self->aliases[i]))
			return true;
	return false;
}

/* RFC 5321 4.5.5: nobody who wants an answer sends with the null sender. */
static bool
has_null_sender(const struct record *record)
{
	const char *path = record_header(record, "Return-Path");

	return path != NULL && strspn(path, " \t") < strlen(path) &&
	       strncmp(path + strspn(path, " \t"), "<>", 2) == 0;
}

static bool
has_robot_address(const struct record *record)
{
	for (size_t f = 0; f < record->from.count; f++) {
		const char *addr = record->from.items[f].addr;
		for (size_t i = 0; i < COUNT_OF(g_robot_locals); i++) {
			size_t len = strlen(g_robot_locals[i]);
			if (text_istarts(addr, g_robot_locals[i]) &&
			    strchr("@+-=_.", addr[len]) != NULL)
				return true;
		}
	}
	return false;
}

static bool
has_absence_subject(const struct record *record)
{
	const char *subject = record->subject;

	subject += strspn(subject, " \t[");
	for (size_t i = 0; i < COUNT_OF(g_absence_subjects); i++)
		if (text_istarts(subject, g_absence_subjects[i]))
			return true;
	return false;
}

/* Another mail in an envelope, and not a word with it. */
static bool
is_mere_wrapper(const struct record *record)
{
	bool has_message = false;

	for (size_t i = 0; i < record->part_count; i++)
		has_message |= record->parts[i].verdict == PART_MESSAGE;
	for (size_t b = 0; b < record->body_count; b++)
		for (size_t s = 0; s < record->bodies[b].segment_count; s++)
			if (!text_is_blank(record->bodies[b].segments[s].text))
				return false;
	return has_message;
}

enum message_class
classify(const struct record *record, const struct classify_self *self)
{
	if (is_own(record, self))
		return CLASS_OWN;
	if (record->report.is_dsn)
		return CLASS_BOUNCE;
	if (record->report.is_mdn)
		return CLASS_READ_RECEIPT;
	if (record->report.is_feedback)
		return CLASS_ROBOT;
	if (record->calendar_method[0] != '\0')
		return CLASS_CALENDAR;
	if (record->report.looks_bounce)
		return CLASS_BOUNCE;
	const struct sign *sign = find_sign(record);
	if (sign != NULL)
		return sign->class;
	if (has_null_sender(record) || has_robot_address(record) ||
	    text_istarts(record->content_type, "multipart/report"))
		return CLASS_ROBOT;
	if (record->from.count == 0 || has_absence_subject(record) ||
	    is_mere_wrapper(record))
		return CLASS_UNSURE;
	return CLASS_HUMAN;
}
