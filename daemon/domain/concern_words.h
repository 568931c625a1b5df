/*
 * The words by which concern.h judges: data alone. A pattern is a row of
 * folded words; `a|b` is either, `@set` one of a set, `.` any word, `~3` up to
 * three words between.
 */
#ifndef LSCPD_DOMAIN_CONCERN_WORDS_H
#define LSCPD_DOMAIN_CONCERN_WORDS_H

enum concern_strength {
	CONCERN_WEAK,   /* not in a sentence with a word of the trade */
	CONCERN_STRONG, /* first-hand, whatever else the sentence says */
};

struct concern_set {
	const char *name, *words;
};

struct concern_pattern {
	enum concern_strength strength;
	const char *text;
};

/* Each ends with an item of NULL. */
extern const struct concern_set g_concern_sets[];
extern const struct concern_pattern g_concern_patterns[];
extern const char *const g_concern_ours[]; /* how our own lines begin */
/* Lists a|b|c: words of the trade; words before a match that make a rule of
 * it; those that do so for weak patterns alone. */
extern const char g_concern_trade[], g_concern_if[], g_concern_rule[];

#endif
