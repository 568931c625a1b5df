/*
 * The values of a letter as the templates see them: the caller's, over what
 * every letter has, with what follows from them. Of every list X at the top
 * there are also X_count (3), X_words ("three"), X_capitals ("THREE"), X_one
 * (true where there is one), X_few (the first six) and X_many (true where that
 * is not all); of `form` there is `form_lines`. Inside the room mail only.
 */
#ifndef LSCPD_MAIL_VALUES_H
#define LSCPD_MAIL_VALUES_H

#include <jansson.h>

enum {
	VALUES_FEW = 6
};

/* A new object; both arguments are borrowed, `values` may be NULL. */
json_t *values_complete(const json_t *common, const json_t *values);
/* "two" …; the caller gives the room. */
const char *values_number_word(size_t number, char ret_word[static 24]);

/* For CLEANUP on a `json_t *`. */
void values_drop(json_t **value);

#endif
