/*
 * lscpd: the clerk of a local safeguarding children partnership. Options,
 * wiring, and the exit statuses of sysexits.h.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/log.h"
#include "engine/engine.h"
#include "engine/online.h"
#include "engine/words.h"

struct options {
	const char *file;
	enum engine_mode mode;
	bool check, online, has_now;
	struct clock clock;
};

static const char g_usage[] =
    "usage: lscpd [-c FILE] [--once] [--check [--online]] [--now TIME]"
    " [--version]\n";
static const char g_no_clock[] =
    "--now is for trials: mailbox and outgoing must be Maildirs or on loopback";

static const struct option g_long[] = {
    {"once", no_argument, NULL, 'o'},
    {"check", no_argument, NULL, 'k'},
    {"online", no_argument, NULL, 'l'},
    {"now", required_argument, NULL, 'n'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* An exit status, or -1 to go on. */
static int
take_option(struct options *options, int option)
{
	int64_t now_at;

	switch (option) {
	case 'c':
		options->file = optarg;
		return -1;
	case 'o':
		options->mode = ENGINE_ONCE;
		return -1;
	case 'k':
		options->check = true;
		return -1;
	case 'l':
		options->online = true;
		return -1;
	case 'n':
		if (!instant_parse(optarg, &now_at)) {
			(void)fprintf(stderr, "lscpd: --now takes a time like "
					      "2026-03-02T07:30:00Z\n");
			return EX_USAGE;
		}
		clock_init_at(&options->clock, now_at);
		options->has_now = true;
		return -1;
	case 'v':
		(void)puts("lscpd " LSCPD_VERSION);
		return EX_OK;
	case 'h':
		(void)fputs(g_usage, stdout);
		return EX_OK;
	default:
		(void)fputs(g_usage, stderr);
		return EX_USAGE;
	}
}

static int
read_options(struct options *options, int argc, char **argv)
{
	int option;

	clock_init(&options->clock);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
	while ((option = getopt_long(argc, argv, "c:", g_long, NULL)) != -1) {
		int status = take_option(options, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc || (options->online && !options->check)) {
		(void)fputs(g_usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

static bool
is_fit_for_clock(const struct settings *settings, const struct options *options)
{
	return !options->has_now || settings_is_local(settings);
}

/* --- checking --------------------------------------------------------------- */

/* Settings as the daemon would read them, and what they name. */
static int
check(const struct settings *settings, struct problems *problems,
    const struct options *options)
{
	struct err err = {0};

	if (settings != NULL)
		(void)words_check(settings, problems, &err); /* counted */
	(void)fputs(buf_text(&problems->text), stdout);
	if (problems->count > 0 || settings == NULL)
		return EX_CONFIG;
	return options->online ? online_check(settings, &options->clock)
			       : EX_OK;
}

/* --- serving ---------------------------------------------------------------- */

static int
start(struct engine *engine, const struct settings *settings,
    const struct options *options, struct err *err)
{
	if (!date_set_zone(settings->partnership.timezone))
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "there is no time zone %s", settings->partnership.timezone);
	return engine_open(engine, settings, &options->clock, options->mode,
	    err);
}

/* Of a start that failed: said, and as an exit status. */
static int
give_up(int failed, const struct err *err)
{
	log_error("%s", err->text);
	if (failed == ERR_BUSY || failed == ERR_FULL)
		return EX_TEMPFAIL;
	return failed == ERR_CONFIG ? EX_CONFIG : EX_IOERR;
}

/* All of it anew after SIGHUP; NULL, and the reasons logged, if it's wrong. */
static struct settings *
read_anew(const struct options *options)
{
	struct problems problems CLEANUP(problems_done);
	struct settings *settings = NULL;
	struct err err = {0};

	problems_init(&problems);
	(void)settings_load(options->file, &problems, &settings, &err);
	if (settings != NULL)
		(void)words_check(settings, &problems, &err);
	if (settings != NULL && !is_fit_for_clock(settings, options))
		problems_add(&problems, options->file, 0, "%s", g_no_clock);
	if (settings != NULL && problems.count == 0)
		return settings;
	problems_log(&problems);
	log_error("SIGHUP: %zu problems; the old settings, forms and templates "
		  "stay in force",
	    problems.count);
	settings_free(settings);
	return NULL;
}

/*
 * Another engine takes over, with `*settings` as it was where the new ones
 * cannot be worked with (a database that cannot be opened). 0, or a failure
 * that leaves no engine.
 */
static int
take_over(struct engine *engine, struct settings **settings,
    struct settings *take_fresh, const struct options *options, struct err *err)
{
	engine_close(engine);
	if (start(engine, take_fresh, options, err) == 0) {
		settings_free(*settings);
		*settings = take_fresh;
		log_notice("SIGHUP: settings, forms, templates and holidays "
			   "were read anew");
		return 0;
	}
	log_error("SIGHUP: %s; the old settings, forms and templates stay in "
		  "force",
	    err->text);
	settings_free(take_fresh);
	return start(engine, *settings, options, err);
}

static int
serve(struct settings **settings, const struct options *options)
{
	struct engine engine;
	struct err err = {0};
	int status = EX_OK;
	int failed = start(&engine, *settings, options, &err);

	while (failed == 0 && (status = engine_run(&engine)) == ENGINE_HANGUP) {
		struct settings *fresh = read_anew(options);
		if (fresh == NULL)
			continue;
		engine_rest(&engine);
		if (engine.terminated) {
			settings_free(fresh);
			status = EX_OK;
			break;
		}
		failed = take_over(&engine, settings, fresh, options, &err);
	}
	if (failed < 0)
		return give_up(failed, &err);
	engine_close(&engine);
	return status;
}

/* --- the whole -------------------------------------------------------------- */

static int
run(struct settings **settings, struct problems *problems,
    const struct options *options)
{
	if (*settings != NULL && problems->count == 0 &&
	    !is_fit_for_clock(*settings, options)) {
		(void)fprintf(stderr, "lscpd: %s\n", g_no_clock);
		return EX_USAGE;
	}
	if (options->check)
		return check(*settings, problems, options);
	if (*settings != NULL && problems->count == 0)
		return serve(settings, options);
	(void)fputs(buf_text(&problems->text), stderr);
	return EX_CONFIG;
}

int
main(int argc, char **argv)
{
	struct options options = {.file = "/etc/lscpd/lscpd.conf"};
	struct problems problems CLEANUP(problems_done);
	struct settings *settings = NULL;
	struct err err = {0};

	log_open("lscpd", LOG_LEVEL_INFO);
	arena_keep_memory();
	problems_init(&problems);
	int status = read_options(&options, argc, argv);
	if (status >= 0)
		return status;
	if (settings_load(options.file, &problems, &settings, &err) < 0 &&
	    problems.count == 0)
		problems_add(&problems, options.file, 0, "%s", err.text);
	status = run(&settings, &problems, &options);
	settings_free(settings);
	return status;
}
