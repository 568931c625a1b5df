/*
 * lscpctl: what staff with a host use. A noun and a verb name a row of the
 * table in verbs.c; each noun has a file of its own. It works on the database,
 * whether or not the daemon runs, and rings the daemon's bell after a change.
 */
#ifndef LSCPD_CTL_CTL_H
#define LSCPD_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <sysexits.h>

#include "base/clock.h"
#include "handlers/handler.h"
#include "store/view.h"

enum {
	CTL_OK = 0,
	CTL_NOT_FOUND = 1, /* or not sound */
	CTL_USAGE = EX_USAGE,
	CTL_REFUSED = EX_DATAERR,
	CTL_BUSY = EX_TEMPFAIL,

	CTL_ARGS = 8,
	CTL_OPTIONS = 12,
};

/* What a verb needs opened before it runs. */
enum ctl_needs {
	NEEDS_SETTINGS, /* not even the forms and templates: one may be wrong */
	NEEDS_WORDS,    /* settings, forms and templates */
	NEEDS_READ,
	NEEDS_WRITE, /* in one transaction; undone by --dry-run or failure */
	NEEDS_FILE,  /* the database, writable, without a transaction */
};

struct ctl_option {
	const char *name, *value; /* value "" for a flag */
};

struct ctl {
	struct settings *settings;
	struct desk desk;
	struct forms forms;
	struct template_set *templates;
	struct mailer mailer;
	struct clock clock;
	struct store *store; /* NULL before NEEDS_READ */
	struct arena *arena;
	bool json, dry_run;
	const char *args[CTL_ARGS];
	size_t arg_count;
	struct ctl_option options[CTL_OPTIONS];
	size_t option_count;
};

struct verb {
	const char *noun, *verb; /* verb "" where the noun stands alone */
	const char *usage;       /* arguments and options, for --help */
	size_t min_args, max_args;
	const char *options; /* " name= flag ": with = where it takes a value */
	enum ctl_needs needs;
	/* An exit status; what failed by itself is in `err`. */
	int (*run)(struct ctl *ctl, struct err *err);
};

extern const struct verb g_verbs[];
extern const size_t g_verb_count;

/* NULL where it was not given. */
const char *ctl_option(const struct ctl *ctl, const char *name);
/* The exit status that an error means. */
int ctl_status(int code);
/* Say on stderr why not, and return `status`. */
int ctl_say(int status, const char *format, ...) PRINTF(2, 3);
/* Is it one of these words (a NULL at their end)? CTL_OK, or CTL_USAGE said
 * with all of them. NULL is any. */
int ctl_word(const char *option, const char *word, const char *const *known);
/* A day as people write it (option or argument); CTL_USAGE said otherwise. */
int ctl_day(struct ctl *ctl, const char *text, int32_t *ret_day);
/* The folder of the database, for bell and locks. */
const char *ctl_folder(const struct ctl *ctl);

/* --- printing (print.c) -------------------------------------------------------- */

/* The rows of a view as a table, or as a JSON array with --json. Returns the
 * number of rows or an error. */
int print_view(struct ctl *ctl, const struct view_query *query,
    const char *const *columns, struct err *err);
/* The first row of a view as an object; NULL where there is none. */
int view_object(struct ctl *ctl, const struct view_query *query,
    json_t **ret_object, struct err *err);
/* All rows as an array of objects. */
int view_array(struct ctl *ctl, const struct view_query *query,
    json_t **ret_array, struct err *err);
/* An object as `name: value` lines and tables of its lists, or as JSON. Takes
 * the object. */
void print_object(struct ctl *ctl, json_t *take_object);
/* A list of objects as a table, or as JSON. Takes the list. */
void print_list(struct ctl *ctl, json_t *take_list);
/* One line on stdout; what came by mail is made harmless. */
void print_line(const char *format, ...) PRINTF(1, 2);

#endif
