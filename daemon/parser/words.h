/*
 * The words by which mail programs mark what is not the sender's own text, in
 * the languages in which we have met them. Tables end with NULL; all are
 * lower case.
 */
#ifndef LSCPD_PARSER_WORDS_H
#define LSCPD_PARSER_WORDS_H

#include <stdbool.h>

extern const char *const words_wrote[];         /* "wrote" in "On … wrote:" */
extern const char *const words_original[];      /* -----Original Message----- */
extern const char *const words_forwarded[];     /* --- Forwarded message --- */
extern const char *const words_begin_forward[]; /* Begin forwarded message: */
extern const char *const words_from[];          /* header labels in quotes */
extern const char *const words_labels[];        /* the others of them */
extern const char *const words_dated[];         /* of these: date and subject */
extern const char *const words_sent_from[];     /* Sent from my iPhone */
extern const char *const words_closing[];       /* Kind regards */
extern const char *const words_contact[];       /* Tel:, Email: in signatures */
extern const char *const words_forward_subject[];   /* Fwd: */
extern const char *const words_attribution_start[]; /* On, Le, Am */

/* Any case, in the Latin, Greek and Cyrillic letters. */
bool words_in(const char *const *table, const char *text);     /* equal */
bool words_start(const char *const *table, const char *text);  /* a prefix */
bool words_inside(const char *const *table, const char *text); /* anywhere */

#endif
