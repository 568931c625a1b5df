/*
 * The mailer: from a letter's values to a row of the outbox. It renders text
 * and HTML from the templates, adds what every letter has (partnership, phone,
 * concern line, reference, reply code), composes the bytes, and inserts the
 * row inside the transaction that its caller has open, so that nothing is told
 * before it is committed. The only way by which mail leaves; called by
 * engine, handlers and ctl.
 *
 * Every letter has these values without the caller giving them (a caller's
 * value of the same name wins):
 *   partnership.name .short .address .phone .concern .marking
 *   hello          how to greet: the first name, or the whole where that would
 *                  be wrong; "" where there is no name
 *   ref            letter.ref as words, "none" if none; refs: as a list
 *   version        "" ; a receipt gives "first version"
 *   reply_code     XXXX-XXXX, "" in a mail that cannot be answered
 *   form_lines     of a value `form` (the text block): its lines, as a list
 *   today          "Tuesday 24 February 2026"
 * Of every list X also X_count, X_words, X_capitals, X_one, X_few, X_many (see
 * mail/values.h). What each letter takes besides: config/templates/samples.json.
 */
#ifndef LSCPD_MAIL_MAILER_H
#define LSCPD_MAIL_MAILER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mail/compose.h"
#include "mail/template.h"
#include "settings/settings.h"

struct store;

/* All borrowed; the owner sets `now_at` once a turn. */
struct mailer {
	struct store *store;
	const struct settings *settings;
	const struct template_set *templates;
	const char *instance; /* 16 hex digits */
	int64_t now_at;
};

/* What a letter or number of a mail stands for (table outbox_item). */
struct letter_item {
	const char *label; /* "A", "B", "1", "2" */
	const char *kind;  /* answer, action, request, message */
	const char *ref;   /* R-000123, A-0001, S11-2026/LGT, a message's id */
	const char *tbl, *row, *field; /* of an answer; else "" */
};

/* Does it count against the recipient's budget of answers? Answers that
 * stored nothing do (contract 8). */
enum letter_budget {
	LETTER_FREE,
	LETTER_COUNTED
};

/* Strings may be NULL for "". */
struct letter {
	const char
	    *kind; /* a word of contract 8: receipt, problems, notice … */
	const char *topic;     /* the template's name; NULL: as kind */
	const char *ref;       /* R-000123, S11-2026/LGT; several with ; */
	const char *recipient; /* address; the true one, mailer redirects */
	const char *name;      /* the recipient's, for To and greeting */
	const char *hello;     /* greeting where `name` will not do */
	int64_t contact;       /* row of the register, 0 if none */
	/* Of the mail that is answered, with brackets; NULL where we begin. */
	const char *in_reply_to, *references;
	int64_t answers; /* message row that it answers, 0 if none */
	enum compose_origin origin;
	enum letter_budget counts;
	const struct compose_file *files;
	size_t file_count;
	const struct letter_item *items;
	size_t item_count;
};

/*
 * Queue one letter; `values` is borrowed and unchanged. The row is `held`
 * where the mode is supervised and holds the kind, else `queued`. Errors:
 * ERR_CONFIG a value is missing (operator), ERR_INPUT an address that is none,
 * ERR_LIMIT too large, and those of the database. The transaction is the
 * caller's: nothing was written when this fails before the insert.
 */
int mailer_queue(struct mailer *mailer, const struct letter *letter,
    const json_t *values, int64_t *ret_outbox, struct err *err);

/*
 * A person sent the same again: queue the mail of outbox row `first` once
 * more, as a mail of its own in the new thread: same kind, reference, words,
 * files and items, new Message-ID and reply code. Of `letter` only recipient,
 * name, contact, in_reply_to, references, answers and counts are read.
 */
int mailer_resend(struct mailer *mailer, int64_t first,
    const struct letter *letter, int64_t *ret_outbox, struct err *err);

/*
 * Render without queuing, as it would read: `round open --dry-run`, previews,
 * tests. Text is filled and has a reply code of Xs.
 */
int mailer_preview(struct mailer *mailer, const struct letter *letter,
    const json_t *values, struct compose_mail *ret_mail, struct arena *arena,
    struct err *err);

/* The values that every letter has, as an example; a new reference. */
json_t *mailer_common_sample(const struct settings *settings);

#endif
