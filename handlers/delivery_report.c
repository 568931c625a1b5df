/*
 * Delivery reports (RFC 3464, and what servers wrote before it): one about a
 * mail of ours marks its recipient when it failed, and staff are told. It is
 * ours by the Message-ID or the reply code in what was returned, never by its
 * words: reports are easily forged.
 */
#include <string.h>

#include "handlers/handler.h"

/* By one id or reply code. */
static int
find_by(struct desk *desk, const char *id, struct outbox *ret_mail,
    struct err *err)
{
	return id[0] == '<' ? outbox_find_message_id(desk->store, desk->arena,
				  id, ret_mail, err)
			    : outbox_find_token(desk->store, desk->arena, id,
				  ret_mail, err);
}

/* The mail of ours that it is about. 1, 0, or an error. */
static int
find_mail(const struct intake *intake, struct outbox *ret_mail, struct err *err)
{
	const struct record *record = intake->record;
	int found = 0;

	for (size_t i = 0; found == 0 && i < record->report.returned_id_count;
	     i++)
		found = find_by(intake->desk, record->report.returned_ids[i],
		    ret_mail, err);
	if (found == 0 && record->in_reply_to[0] != '\0')
		found =
		    find_by(intake->desk, record->in_reply_to, ret_mail, err);
	for (size_t i = 0; found == 0 && i < record->reference_count; i++)
		found =
		    find_by(intake->desk, record->references[i], ret_mail, err);
	return found;
}

/*
 * Did it fail, or is it only late, or did it arrive? A report without
 * recipients, of a server that says so in words alone, counts as failed.
 */
static bool
says_failed(const struct record_report *report)
{
	for (size_t i = 0; i < report->recipient_count; i++)
		if (strcmp(report->recipients[i].action, "failed") == 0)
			return true;
	return report->recipient_count == 0 && report->looks_bounce;
}

static int
find_person(struct desk *desk, const struct outbox *mail,
    struct contact *ret_contact, struct err *err)
{
	/* A redirected mail came back from somebody else. */
	if (strcmp(mail->recipient, mail->envelope_to) != 0)
		return 0;
	return contact_find(desk->store, desk->arena, mail->recipient,
	    ret_contact, err);
}

static int
mark(const struct intake *intake, const struct outbox *mail, struct err *err)
{
	struct desk *desk = intake->desk;
	struct contact contact;
	int found = find_person(desk, mail, &contact, err);

	if (found <= 0)
		return found;
	bool is_news = contact.bounced_at == 0;
	int failed = contact_set_bounced(desk->store, contact.id,
	    intake->received_at, err);
	if (failed < 0 || !is_news)
		return failed;
	return desk_audit(desk, &contact, "contact-bounced", mail->ref, err);
}

static int
take(struct intake *intake, struct err *err)
{
	const struct record_report *report = &intake->record->report;
	struct outbox mail;

	if (!report->is_dsn && !report->looks_bounce)
		return 0;
	int found = find_mail(intake, &mail, err);
	if (found < 0)
		return found;
	if (found == 0) {
		intake->outcome = (struct outcome){.outcome = "ignored",
		    .reason = "not ours",
		    .ref = ""};
		return 1;
	}
	int failed = says_failed(report) ? mark(intake, &mail, err) : 0;
	if (failed < 0)
		return failed;
	intake->outcome = (struct outcome){.outcome = "bounce",
	    .reason = "",
	    .ref = mail.ref};
	return 1;
}

const struct handler handler_delivery_report = {
    .name = "delivery-report",
    .summary = "a mail of ours did not arrive: its recipient is marked",
    .take = take,
};
