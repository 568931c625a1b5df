/*
 * A message as a test writes it: a string in, a record out; and segments as a
 * string that reads well in a table: `N0|text\n` for new text of depth 0.
 */
#ifndef LSCPD_TESTS_PARSER_MAIL_H
#define LSCPD_TESTS_PARSER_MAIL_H

#include <sys/mman.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/io.h"
#include "base/limits.h"
#include "parser/parse.h"

/* The parser's answer to `bytes` of `text`; fails the test if it has none. */
static inline struct record
mail_parse_bytes(struct arena *arena, const char *text, size_t bytes)
{
	int fd CLEANUP(io_close)
	= memfd_create("mail", MFD_CLOEXEC);
	struct record record;
	struct err err = {.text = ""};

	assert_int_equal(io_write_all(fd, text, bytes, &err), 0);
	if (parse_message(arena, fd, NULL, &record, &err) != 0)
		fail_msg("not parsed: %s", err.text);
	return record;
}

static inline struct record
mail_parse(struct arena *arena, const char *text)
{
	return mail_parse_bytes(arena, text, strlen(text));
}

/* A text body of that type, with a From and a Subject. */
static inline struct record
mail_parse_body(struct arena *arena, const char *type, const char *body)
{
	return mail_parse(arena,
	    arena_printf(arena,
		"From: Amara Osei <amara@hospital.example>\n"
		"Subject: Re: return\nMIME-Version: 1.0\n"
		"Content-Type: %s; charset=utf-8\n\n%s",
		type, body));
}

/* Segments of a body behind each other. */
static inline const char *
mail_segments(struct arena *arena, const struct record_body *body)
{
	const char *all = "";

	for (size_t i = 0; i < body->segment_count; i++) {
		const struct record_segment *s = &body->segments[i];
		all = arena_printf(arena, "%s%c%u|%s", all, "NQFS"[s->whose],
		    s -> depth, s -> text);
	}
	return all;
}

static inline struct arena *
mail_arena(void)
{
	return arena_new(LIMIT_ARENA_BYTES);
}

#endif
