/*
 * lscpctl: options, the table of verbs, opening what a verb needs, and exit
 * statuses.
 */
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/verbs.h"
#include "engine/bell.h"
#include "forms/judge.h"

/* --- help for verbs --------------------------------------------------------------- */

const char *
ctl_option(const struct ctl *ctl, const char *name)
{
	for (size_t i = 0; i < ctl->option_count; i++)
		if (strcmp(ctl->options[i].name, name) == 0)
			return ctl->options[i].value;
	return NULL;
}

int
ctl_status(int code)
{
	switch (code) {
	case ERR_NOT_FOUND:
		return CTL_NOT_FOUND;
	case ERR_INPUT:
	case ERR_LIMIT:
		return CTL_REFUSED;
	case ERR_BUSY:
	case ERR_FULL:
		return CTL_BUSY;
	case ERR_CONFIG:
		return EX_CONFIG;
	case ERR_DATABASE:
		return EX_IOERR;
	default:
		return EX_IOERR;
	}
}

int
ctl_say(int status, const char *format, ...)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(1 << 20);
	struct buf out CLEANUP(buf_done);
	va_list args;

	buf_init(&out, 1 << 16);
	va_start(args, format);
	text_escape_control(&out, arena_vprintf(arena, format, args));
	va_end(args);
	(void)fprintf(stderr, "lscpctl: %s\n", buf_text(&out));
	return status;
}

int
ctl_day(struct ctl *ctl, const char *text, int32_t *ret_day)
{
	const char *reason = "";
	int32_t day = judge_day(ctl->arena, text, &reason);

	if (day == DAY_NONE)
		return ctl_say(CTL_USAGE, "%s: %s", text, reason);
	*ret_day = day;
	return CTL_OK;
}

int
ctl_word(const char *option, const char *word, const char *const *known)
{
	struct buf all CLEANUP(buf_done);

	buf_init(&all, 1 << 12);
	for (size_t i = 0; known[i] != NULL; i++) {
		if (word == NULL || text_ieq(word, known[i]))
			return CTL_OK;
		buf_printf(&all, "%s%s", i == 0 ? "" : ", ", known[i]);
	}
	return ctl_say(CTL_USAGE, "--%s %s: it is one of %s", option, word,
	    buf_text(&all));
}

const char *
ctl_folder(const struct ctl *ctl)
{
	const char *path = ctl->settings->store_path;
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "."
			     : arena_strndup(ctl->arena, path,
				   slash == path ? 1 : (size_t)(slash - path));
}

/* --- reading the command line ------------------------------------------------------- */

static void
print_usage(FILE *out, const char *noun)
{
	(void)fputs("usage: lscpctl [-c FILE] [--json] [--now TIME] NOUN VERB …"
		    "\n\n",
	    out);
	for (size_t i = 0; i < g_verb_count; i++) {
		const struct verb *v = &g_verbs[i];
		if (noun == NULL || strcmp(v->noun, noun) == 0)
			(void)fprintf(out, "  %s%s%s%s%s%s\n", v->noun,
			    v->verb[0] == '\0' ? "" : " ", v->verb,
			    v->needs == NEEDS_WRITE ? " [--dry-run]" : "",
			    v->usage[0] == '\0' ? "" : " ", v->usage);
	}
}

/* No such thing: what there is instead, of this noun or of all. */
static int
no_verb(const char *noun, const char *verb)
{
	const char *known = NULL;

	for (size_t i = 0; i < g_verb_count; i++)
		if (strcmp(g_verbs[i].noun, noun) == 0)
			known = noun;
	print_usage(stderr, known);
	if (verb == NULL)
		return ctl_say(CTL_USAGE,
		    known == NULL ? "there is no %s" : "%s needs a verb", noun);
	return ctl_say(CTL_USAGE, "there is no %s %s", noun, verb);
}

static const struct verb *
find_verb(const char *noun, const char *verb)
{
	for (size_t i = 0; i < g_verb_count; i++)
		if (strcmp(g_verbs[i].noun, noun) == 0 &&
		    (g_verbs[i].verb[0] == '\0' ||
			(verb != NULL && strcmp(g_verbs[i].verb, verb) == 0)))
			return &g_verbs[i];
	return NULL;
}

/* Does the verb take this option: 0 no, 1 a flag, 2 with a value. */
static int
takes_option(struct ctl *ctl, const struct verb *verb, const char *name)
{
	char **known = text_split(ctl->arena, verb->options, " ");

	for (; *known != NULL; known++) {
		size_t len = strcspn(*known, "=");
		if (strlen(name) == len && strncmp(*known, name, len) == 0)
			return (*known)[len] == '=' ? 2 : 1;
	}
	return 0;
}

static const char *
option_name(const char *arg)
{
	if (strcmp(arg, "-o") == 0)
		return "o";
	return strncmp(arg, "--", 2) == 0 && arg[2] != '\0' ? arg + 2 : NULL;
}

/* What may stand anywhere: --json, --dry-run, --now TIME. */
static int
take_common(struct ctl *ctl, const char *name, const char *value, int *ret_used)
{
	int64_t now_at;

	*ret_used = 1;
	if (strcmp(name, "json") == 0) {
		ctl->json = true;
	} else if (strcmp(name, "dry-run") == 0) {
		ctl->dry_run = true;
	} else if (strcmp(name, "now") == 0) {
		if (value == NULL || !instant_parse(value, &now_at))
			return ctl_say(CTL_USAGE,
			    "--now takes a time like 2026-03-02T07:30:00Z");
		clock_init_at(&ctl->clock, now_at);
		*ret_used = 2;
	} else {
		*ret_used = 0;
	}
	return CTL_OK;
}

static int
take_words(struct ctl *ctl, const struct verb *verb, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		const char *name = option_name(words[i]);
		const char *value = i + 1 < count ? words[i + 1] : NULL;
		int used = 0;
		if (name == NULL) {
			if (ctl->arg_count == verb->max_args ||
			    ctl->arg_count == CTL_ARGS)
				return ctl_say(CTL_USAGE, "too much: %s",
				    words[i]);
			ctl->args[ctl->arg_count++] = words[i];
			continue;
		}
		int status = take_common(ctl, name, value, &used);
		if (status != CTL_OK)
			return status;
		if (used > 0) {
			i += used - 1;
			continue;
		}
		int kind = takes_option(ctl, verb, name);
		if (kind == 0 || (kind == 2 && value == NULL) ||
		    ctl->option_count == CTL_OPTIONS)
			return ctl_say(CTL_USAGE, "%s: usage: %s %s %s",
			    words[i], verb->noun, verb->verb, verb->usage);
		ctl->options[ctl->option_count++] =
		    (struct ctl_option){name, kind == 2 ? value : ""};
		i += kind == 2;
	}
	if (ctl->dry_run && verb->needs != NEEDS_WRITE)
		return ctl_say(CTL_USAGE,
		    "--dry-run is for verbs that change something");
	if (ctl->arg_count < verb->min_args)
		return ctl_say(CTL_USAGE, "usage: %s %s %s", verb->noun,
		    verb->verb, verb->usage);
	return CTL_OK;
}

/* --- opening --------------------------------------------------------------------------- */

static int
open_settings(struct ctl *ctl, const char *file)
{
	struct problems problems CLEANUP(problems_done);
	struct err err = {0};

	problems_init(&problems);
	if (settings_load(file, &problems, &ctl->settings, &err) < 0) {
		(void)fputs(buf_text(&problems.text), stderr);
		return problems.count > 0 ? EX_CONFIG
					  : ctl_say(EX_CONFIG, "%s", err.text);
	}
	if (!date_set_zone(ctl->settings->partnership.timezone))
		return ctl_say(EX_CONFIG, "the time zone is unknown");
	return CTL_OK;
}

static int
open_words(struct ctl *ctl, struct err *err)
{
	struct problems problems CLEANUP(problems_done);
	struct form_faults faults = {0};
	int failed = forms_load(ctl->arena, ctl->settings->forms_path, &faults,
	    &ctl->forms, err);

	problems_init(&problems);
	for (size_t i = 0; i < faults.count; i++)
		(void)fprintf(stderr, "%s\n", faults.items[i]);
	if (faults.count > 0)
		err->text[0] = '\0'; /* it was the first of these lines */
	if (failed < 0)
		return failed;
	json_t *common = mailer_common_sample(ctl->settings);
	failed = templates_load(ctl->settings->templates_path, common,
	    &problems, &ctl->templates, err);
	json_decref(common);
	(void)fputs(buf_text(&problems.text), stderr);
	return failed;
}

static int
open_store(struct ctl *ctl, enum ctl_needs needs, struct err *err)
{
	const char *instance = "";
	int failed = store_open(ctl->settings->store_path,
	    needs == NEEDS_READ ? STORE_READ : STORE_WRITE, &ctl->store, err);

	if (failed >= 0)
		failed = meta_find(ctl->store, ctl->arena, "instance",
		    &instance, err);
	ctl->mailer.instance = instance;
	return failed;
}

static int
open_all(struct ctl *ctl, enum ctl_needs needs, struct err *err)
{
	int failed = needs == NEEDS_SETTINGS ? 0 : open_words(ctl, err);

	if (failed >= 0 && needs >= NEEDS_READ)
		failed = open_store(ctl, needs, err);
	if (failed < 0)
		return failed;
	compose_init();
	int64_t now_at = clock_now(&ctl->clock);
	ctl->mailer.store = ctl->store;
	ctl->mailer.settings = ctl->settings;
	ctl->mailer.templates = ctl->templates;
	ctl->mailer.now_at = now_at;
	ctl->desk = (struct desk){
	    .store = ctl->store,
	    .settings = ctl->settings,
	    .forms = &ctl->forms,
	    .mailer = &ctl->mailer,
	    .holidays = ctl->settings->holidays,
	    .now_at = now_at,
	    .today_day = date_of(now_at),
	    .arena = ctl->arena,
	    .actor = "staff",
	};
	return 0;
}

/* --- running --------------------------------------------------------------------------- */

/* One transaction; a dry run is the real run, undone. */
static int
run_writing(struct ctl *ctl, const struct verb *verb, struct err *err)
{
	int failed = store_begin(ctl->store, err);

	if (failed < 0)
		return ctl_status(failed);
	int status = verb->run(ctl, err);
	if (status != CTL_OK || ctl->dry_run) {
		store_rollback(ctl->store);
		return status;
	}
	failed = store_commit(ctl->store, err);
	if (failed < 0) {
		store_rollback(ctl->store);
		return ctl_status(failed);
	}
	bell_ring(ctl_folder(ctl));
	return CTL_OK;
}

static int
run(struct ctl *ctl, const struct verb *verb)
{
	struct err err = {0};
	int failed = open_all(ctl, verb->needs, &err);
	int status;

	if (failed == ERR_DATABASE && verb->run == verify_run)
		status = CTL_NOT_FOUND; /* that it is not sound is the answer */
	else if (failed < 0)
		status = ctl_status(failed);
	else if (verb->needs == NEEDS_WRITE)
		status = run_writing(ctl, verb, &err);
	else
		status = verb->run(ctl, &err);
	if (status != CTL_OK && err.text[0] != '\0')
		(void)ctl_say(status, "%s", err.text);
	return status;
}

static int
read_line(struct ctl *ctl, int argc, char **argv, const char *file)
{
	if (optind >= argc) {
		print_usage(stderr, NULL);
		return CTL_USAGE;
	}
	const char *noun = argv[optind++];
	const char *word = optind < argc ? argv[optind] : NULL;
	const struct verb *verb = find_verb(noun, word);
	if (verb == NULL)
		return no_verb(noun, word);
	optind += verb->verb[0] != '\0';
	int status = take_words(ctl, verb, argv + optind, argc - optind);
	if (status == CTL_OK)
		status = open_settings(ctl, file);
	return status == CTL_OK ? run(ctl, verb) : status;
}

static const struct option g_long[] = {
    {"json", no_argument, NULL, 'j'},
    {"now", required_argument, NULL, 'n'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Options before the noun: an exit status, or -1 to go on. */
static int
take_option(struct ctl *ctl, int option, const char **ret_file)
{
	int used;

	switch (option) {
	case 'c':
		*ret_file = optarg;
		return -1;
	case 'j':
		ctl->json = true;
		return -1;
	case 'n':
		return take_common(ctl, "now", optarg, &used) == CTL_OK
			   ? -1
			   : CTL_USAGE;
	case 'v':
		(void)puts("lscpctl " LSCPD_VERSION);
		return CTL_OK;
	case 'h':
		print_usage(stdout, NULL);
		return CTL_OK;
	default:
		print_usage(stderr, NULL);
		return CTL_USAGE;
	}
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {.arena = arena_new(LIMIT_ARENA_BYTES)};
	const char *file = "/etc/lscpd/lscpd.conf";
	int option, status = -1;

	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* for the width of tables */
	log_open("lscpctl", LOG_LEVEL_WARNING);
	clock_init(&ctl.clock);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
	while (status < 0 &&
	       (option = getopt_long(argc, argv, "+c:", g_long, NULL)) != -1)
		status = take_option(&ctl, option, &file);
	if (status < 0)
		status = read_line(&ctl, argc, argv, file);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == CTL_OK)
		status = ctl_say(EX_IOERR, "what was asked for could not be "
					   "written");
	templates_free(ctl.templates);
	store_close(ctl.store);
	settings_free(ctl.settings);
	arena_free(ctl.arena);
	return status;
}
