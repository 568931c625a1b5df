/*
 * Text as people write it: UTF-8 checking, folding for comparison, trimming,
 * and the escapes for each way out. Strings that came by mail are valid UTF-8
 * once they have left the parser; nothing here assumes it.
 */
#ifndef LSCPD_BASE_TEXT_H
#define LSCPD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

bool text_is_utf8(const char *text, size_t bytes);
/* Case-insensitive in ASCII only: for protocol words. */
bool text_ieq(const char *a, const char *b);
bool text_istarts(const char *text, const char *prefix);
/* First place of `needle` in `text`, ignoring ASCII case; NULL if none. */
const char *text_ifind(const char *text, const char *needle);
bool text_is_blank(const char *text);

/* A copy without white space at both ends (NBSP and zero-width included). */
char *text_trim(struct arena *arena, const char *text);
/* ASCII lower case; other bytes stay. */
char *text_lower(struct arena *arena, const char *text);

/*
 * The form in which keys, labels and choices are compared: NFKC, case folded,
 * smart quotes and dashes made plain, every run of white space and of
 * punctuation made one space, trimmed. "What’s  missing (score 0)：" and
 * "what's missing score 0" fold alike, and so does the apostrophe left out.
 */
char *text_fold(struct arena *arena, const char *text);
/* Text as it is stored: NFC, LF line ends, no control characters, trimmed. */
char *text_clean(struct arena *arena, const char *text);

/* The first words of `text` on one line, cut at a word with "..." behind it. */
char *text_first_words(struct arena *arena, const char *text, size_t max_chars);
/* Columns on a screen, wide characters counted as two. */
size_t text_width(const char *text);
/* Length of the longest prefix within `max_bytes` that cuts no character. */
size_t text_cut(const char *text, size_t max_bytes);

/*
 * Split at any character of `separators`, trim, drop what is empty. Returns a
 * NULL-terminated array in the arena.
 */
char **
text_split(struct arena *arena, const char *text, const char *separators);

/* Ways out. */
void text_escape_html(struct buf *out, const char *text);
/* For logs and terminals: control and invalid bytes as \xNN. */
void text_escape_control(struct buf *out, const char *text);
/* One CSV cell: quoted where needed, and a leading = + - @ TAB CR made text by
 * a ' in front (numbers stay as they are). */
void text_escape_csv(struct buf *out, const char *text);
/* A whole row of them, CR LF ended. */
void text_csv_row(struct buf *out, const char *const *cells, size_t count);

#endif
