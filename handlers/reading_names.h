/*
 * What a message names: the form, round, agency and return of its thread, its
 * subject, its text and its files, and whether they name the same. Shared by
 * reading.c and reading_names.c, and by nobody else.
 */
#ifndef LSCPD_HANDLERS_READING_NAMES_H
#define LSCPD_HANDLERS_READING_NAMES_H

#include "handlers/handler.h"

enum {
	GUESSES = 8 /* forms that fit a file */
};

/* What one reference of ours stands for; strings are never NULL. */
struct named {
	const char *form; /* "" : it says nothing of a form */
	int version;      /* 0: today's */
	const char *round, *agency, *submission, *action;
};

/* Fills intake->reading.clash where they differ; the header is there. */
int reading_find_names(struct intake *intake, struct named *ret_named,
    struct err *err);
/* "Your email is part of our emails about OURS, but it says THEIRS." */
void reading_clash(struct intake *intake, const char *ours, const char *theirs);
/* The agency that is written must be the one that is named. */
int reading_join_agency(struct intake *intake, struct named *named,
    struct err *err);

#endif
