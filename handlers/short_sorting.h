/*
 * The short answers of one mail, sorted by what they ask for. Shared by the
 * files short_*.c, and by nobody else.
 */
#ifndef LSCPD_HANDLERS_SHORT_SORTING_H
#define LSCPD_HANDLERS_SHORT_SORTING_H

#include "handlers/handler.h"
#include "handlers/short_deeds.h"
#include "handlers/short_words.h"

/* What can be said of an action. */
#define SHORT_CAN_SAY                                                        \
	"on track, at risk, stuck, done, not me, or need until with a date " \
	"and why"

/* Entries for a form, in the order of the lines. */
struct short_entries {
	struct form_entry *items;
	size_t count;
};

/* A line and what it is about; where it comes back, why. */
struct short_item {
	const struct short_line *line;
	struct target target;
	const char *reason; /* a sentence's end: "we could not tell …" */
};

struct short_items {
	struct short_item *items;
	size_t count;
};

struct short_sorting {
	struct intake *intake;
	struct outbox_items items; /* of the mail that is answered */
	struct short_lines lines;
	struct short_entries answers, updates;
	const char *submission; /* whose answers they are; "" */
	struct short_items calls, not_mes, untils, returned;
	bool withdraws;
	const char **prose; /* lines that are none of ours */
	size_t prose_count;
	size_t leading_count; /* of prose, in front of all answers */
};

/* 1 where anything in the mail is a short answer, 0, or an error. */
int short_sort(struct intake *intake, struct short_sorting *ret_sorting,
    struct err *err);

/* Does the mail that is answered number actions? */
bool short_lists_actions(const struct short_sorting *sorting);

/* Add an entry; the same place twice makes a fault of both. */
void short_add_entry(struct arena *arena, struct short_entries *entries,
    const struct form_entry *entry);
/* One of an update; nothing where `text` is "". */
void short_add_update(struct short_sorting *sorting, const char *ref,
    const char *field, const char *text);

/* "2 nearly there", in quotes, cut where it is long. */
const char *short_shown(struct arena *arena, const struct short_item *item);

/* Nothing of the mail can be kept: send the lines back, with the words that
 * can be used. Fills the outcome. */
int short_send_back(struct short_sorting *sorting, struct err *err);

#endif
