/*
 * lscpd: the clerk of a local safeguarding children partnership. Options,
 * wiring, and the exit statuses of sysexits.h.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "engine/engine.h"

struct options {
	const char *file;
	enum engine_mode mode;
	bool check, has_now;
	struct clock clock;
};

static const char g_usage[] =
    "usage: lscpd [-c FILE] [--once] [--check] [--now TIME] [--version]\n";

static const struct option g_long[] = {
    {"once", no_argument, NULL, 'o'},
    {"check", no_argument, NULL, 'k'},
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
	if (optind < argc) {
		(void)fputs(g_usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

/* Forms and templates as the daemon would read them; counts what is wrong. */
static size_t
check_words(const struct settings *settings)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct problems problems CLEANUP(problems_done);
	struct form_faults faults = {0};
	struct template_set *set = NULL;
	struct forms forms;
	struct err err = {0};

	problems_init(&problems);
	if (forms_load(arena, settings->forms_path, &faults, &forms, &err) <
		0 &&
	    faults.count == 0)
		problems_add_err(&problems, settings->forms_path, &err,
		    "name a folder of forms");
	for (size_t i = 0; i < faults.count; i++)
		(void)printf("%s\n", faults.items[i]);
	json_t *common = mailer_common_sample(settings);
	if (templates_load(settings->templates_path, common, &problems, &set,
		&err) < 0 &&
	    problems.count == 0)
		problems_add(&problems, settings->templates_path, 0, "%s",
		    err.text);
	json_decref(common);
	templates_free(set);
	(void)fputs(buf_text(&problems.text), stdout);
	return faults.count + problems.count;
}

static int
run(const struct settings *settings, const struct options *options)
{
	struct engine engine;
	struct err err = {0};

	if (!date_set_zone(settings->partnership.timezone))
		return EX_CONFIG;
	if (options->check)
		return check_words(settings) == 0 ? EX_OK : EX_CONFIG;
	int failed = engine_open(&engine, settings, &options->clock,
	    options->mode, &err);
	if (failed < 0) {
		log_error("%s", err.text);
		if (failed == ERR_BUSY || failed == ERR_FULL)
			return EX_TEMPFAIL;
		return failed == ERR_CONFIG ? EX_CONFIG : EX_IOERR;
	}
	int status = engine_run(&engine);
	engine_close(&engine);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options = {.file = "/etc/lscpd/lscpd.conf"};
	struct problems problems CLEANUP(problems_done);
	struct settings *settings = NULL;
	struct err err = {0};

	log_open("lscpd", LOG_LEVEL_INFO);
	problems_init(&problems);
	int status = read_options(&options, argc, argv);
	if (status >= 0)
		return status;
	if (settings_load(options.file, &problems, &settings, &err) < 0) {
		(void)fputs(buf_text(&problems.text),
		    options.check ? stdout : stderr);
		if (problems.count == 0)
			log_error("%s", err.text);
		if (options.check && settings != NULL)
			(void)check_words(settings); /* it is 78 anyway */
		settings_free(settings);
		return EX_CONFIG;
	}
	if (options.has_now && !settings_is_local(settings)) {
		(void)fprintf(stderr, "lscpd: --now is for trials: mailbox and "
				      "outgoing must be Maildirs or on "
				      "loopback\n");
		status = EX_USAGE;
	} else {
		status = run(settings, &options);
	}
	settings_free(settings);
	return status;
}
