/* lscpd.conf and the bank holidays: what is read, and what each mistake says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/io.h"
#include "base/limits.h"
#include "settings/settings.h"

#define PARTNERSHIP                                                         \
	"partnership { name = \"Fairbourne\" short = \"LSCP\" "             \
	"address = \"LSCP@partnership.example\" phone = \"020 7946 0396\" " \
	"concern = \"Call 999.\" aliases = {\"Old@partnership.example\"} }\n"
#define MAILBOX  "mailbox { url = \"maildir:inbox\" }\n"
#define OUTGOING "outgoing { url = \"maildir:/srv/out\" }\n"
#define TRUST    "trust { authserv-id = \"MX.partnership.example\" }\n"
#define HOLIDAYS                                                     \
	"{\"england-and-wales\": {\"events\": ["                     \
	"{\"date\": \"2026-12-25\"}, {\"date\": \"2026-04-03\"}, "   \
	"{\"date\": \"2026-12-25\"}]}, \"scotland\": {\"events\": [" \
	"{\"date\": \"2026-11-30\"}]}}"

struct fixture {
	char folder[40], conf[80];
	struct problems problems;
	struct settings *settings;
};

static void
write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[100];
	struct err err = {.code = 0};

	(void)snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	assert_int_equal(io_replace_file(path, text, strlen(text), &err), 0);
}

static int
load(struct fixture *f, const char *conf, const char *holidays)
{
	struct err err = {.code = 0};

	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/lscpd-conf-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->conf, sizeof(f->conf), "%s/lscpd.conf", f->folder);
	write_file(f, "lscpd.conf", conf);
	if (holidays != NULL)
		write_file(f, "bank-holidays.json", holidays);
	problems_init(&f->problems);
	f->settings = NULL;
	return settings_load(f->conf, &f->problems, &f->settings, &err);
}

static void
done(struct fixture *f)
{
	char command[100];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	assert_int_equal(system(command), 0);
	settings_free(f->settings);
	problems_done(&f->problems);
}

static void
has_defaults(void **state)
{
	struct fixture f;
	char path[100];

	(void)state;
	if (load(&f, PARTNERSHIP MAILBOX OUTGOING TRUST, HOLIDAYS) < 0)
		fail_msg("%s", buf_text(&f.problems.text));
	const struct settings *s = f.settings;
	assert_string_equal(s->file, f.conf);
	assert_string_equal(s->partnership.address, "lscp@partnership.example");
	assert_string_equal(s->partnership.timezone, "Europe/London");
	assert_string_equal(s->partnership.marking, "OFFICIAL");
	(void)snprintf(path, sizeof(path), "%s/inbox", f.folder);
	assert_string_equal(s->mailbox.server.path, path);
	assert_string_equal(s->outgoing.server.path, "/srv/out");
	(void)snprintf(path, sizeof(path), "%s/lscpd.db", f.folder);
	assert_string_equal(s->store_path, path);
	assert_int_equal(settings_poll_s(s), 600);
	assert_int_equal(s->mailbox.since_day, DAY_NONE);
	assert_string_equal(s->mailbox.folders.quarantine, "Quarantine");
	assert_int_equal(s->outgoing.mode, MODE_LIVE);
	assert_true(s->outgoing.null_sender);
	assert_int_equal(s->min_free_bytes, 200 << 20);
	assert_int_equal(s->limits.message_bytes, LIMIT_MESSAGE_BYTES);
	assert_int_equal(s->limits.answers_per_hour, 20);
	assert_int_equal(s->limits.answers_per_day, 60);
	assert_int_equal(s->limits.answers_per_day_others, 1);
	assert_int_equal(s->trust.profile, TRUST_RFC8601);
	assert_int_equal(s->trust.require, REQUIRE_DMARC);
	assert_string_equal(s->trust.authserv_id, "mx.partnership.example");
	assert_int_equal(s->digest.at_minute, 450);
	assert_int_equal(s->digest.to.count, 1);
	assert_string_equal(s->digest.to.items[0], "staff");
	assert_int_equal(s->training_target, 90);
	assert_int_equal(s->holidays.count, 2);
	assert_int_equal(s->holidays.days[0], date_parse_iso("2026-04-03"));
	assert_int_equal(s->holidays.days[1], date_parse_iso("2026-12-25"));
	assert_true(settings_is_own_address(s, "OLD@Partnership.Example"));
	assert_false(settings_is_own_address(s, "x@partnership.example"));
	assert_false(settings_holds(s, "reminder"));
	done(&f);
}

static void
takes_all_options(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(setenv("LSCPD_TEST", "expanded", 1), 0);
	if (load(&f,
		"partnership { name = \"A ${LSCPD_TEST} $5\" short = 'S' "
		"address = \"a@b.example\" phone = \"1\" concern = \"c\" "
		"timezone = \"Europe/Dublin\" }\n"
		"mailbox { url = \"maildir:in\" since = \"2026-01-01\" poll = "
		"08 idle = false timeout = 5\n folders { filed = \"Done\" } }\n"
		"outgoing { url = \"maildir:out\" mode = supervised hold = "
		"{\"request\", reminder} null-sender = no oauth2 = \"m365\" }\n"
		"oauth2 \"m365\" { token-url = \"https://login.example/t\" "
		"client-id = \"id\" client-secret-file = \"secret\" scope = "
		"\"s\" secret-expires = \"2027-11-01\" }\n"
		"store { path = \"/var/x.db\" min-free = \"1G\" }\n"
		"forms { path = \"f\" } templates { path = \"t\" }\n"
		"trust { profile = none require = dkim hops = 2 }\n"
		"digest { at = \"06:05\" to = {\"staff\", \"x@y.example\"} }\n"
		"limits { message = \"10M\" answers-per-hour = 0 }\n"
		"training { target = 85 }\n# the end",
		HOLIDAYS) < 0)
		fail_msg("%s", buf_text(&f.problems.text));
	const struct settings *s = f.settings;
	assert_string_equal(s->partnership.name, "A ${LSCPD_TEST} $5");
	assert_int_equal(settings_poll_s(s), 8);
	assert_false(s->mailbox.idle);
	assert_int_equal(s->mailbox.server.timeout_s, 5);
	assert_int_equal(s->mailbox.since_day, date_parse_iso("2026-01-01"));
	assert_string_equal(s->mailbox.folders.filed, "Done");
	assert_true(settings_holds(s, "reminder"));
	assert_true(settings_holds(s, "request"));
	assert_false(settings_holds(s, "receipt"));
	assert_false(s->outgoing.null_sender);
	assert_int_equal(s->oauth2_count, 1);
	assert_string_equal(s->oauth2[0].name, "m365");
	assert_int_equal(s->oauth2[0].secret_expires_day,
	    date_parse_iso("2027-11-01"));
	assert_int_equal(s->min_free_bytes, 1 << 30);
	assert_int_equal(s->trust.profile, TRUST_NONE);
	assert_int_equal(s->trust.require, REQUIRE_DKIM);
	assert_int_equal(s->trust.hops, 2);
	assert_int_equal(s->digest.at_minute, 365);
	assert_int_equal(s->digest.to.count, 2);
	assert_int_equal(s->limits.answers_per_hour, 0);
	assert_int_equal(s->training_target, 85);
	done(&f);
}

static const struct {
	const char *conf, *says;
} g_mistakes[] = {
    {MAILBOX OUTGOING TRUST,
	"lscpd.conf: section partnership must say what 'name' is"},
    {"partnership {\n name = \"\" }\n",
	"lscpd.conf:2: section partnership must say what 'name' is"},
    {PARTNERSHIP "\nmailbox { nrl = \"x\" }\n",
	"lscpd.conf:3: no such option 'nrl'; what can stand here: "
	"url, "},
    {PARTNERSHIP "mailbax { }\n", "what can stand here: partnership, "},
    {PARTNERSHIP "a { x = \"}\" }\nmailbox { b = c d += {\"e\",\n\"f\"}\n"
		 "poll = 0 }\n",
	"lscpd.conf:2: no such option 'a'"},
    {PARTNERSHIP "a { x = \"}\" }\nmailbox { b = c d += {\"e\",\n\"f\"}\n"
		 "poll = 0 }\n",
	"lscpd.conf:3: no such option 'd'"},
    {PARTNERSHIP "a { x = \"}\" }\nmailbox { b = c d += {\"e\",\n\"f\"}\n"
		 "poll = 0 }\n",
	"lscpd.conf:5: mailbox: poll: '0' is not a whole number"},
    {PARTNERSHIP "mailbox { url = \"maildir:x\"\ntrust { }\n",
	"or is a } missing before it?"},
    {PARTNERSHIP "mailbox { url = {\"a\"} }\n",
	"an option is written name = \"value\""},
    {PARTNERSHIP "mailbox { url = \"maildir:x\"\n",
	"the file ends inside section 'mailbox'"},
    {PARTNERSHIP "mailbox { url = \"maildir:x\n}\n", "lscpd.conf:"},
    {"partnership {\n\n address = \"lscp at x\" }\n",
	"lscpd.conf:3: partnership: address: 'lscp at x' is no "
	"address; write it like"},
    {"partnership { aliases = {\"a@b.example\", \"c\"} }\n",
	"lscpd.conf:1: partnership: aliases: 'c' is no address"},
    {"partnership {\n timezone = \"Europe/Atlantis\" }\n",
	"lscpd.conf:2: partnership: timezone: 'Europe/Atlantis' is no "
	"time zone"},
    {"partnership {\n timezone = \"../../etc/passwd\" }\n", "is no time zone"},
    {"mailbox {\n\n url = \"imaps://u@h.example:993/INBOX\" }\n",
	"lscpd.conf:3: mailbox: the user 'u' has no password"},
    {"mailbox { url = \"imaps://h.example\" }\n", "names no user"},
    {"mailbox { url = \"imap://u@h.example\" password-file = \"p\" }\n",
	"would go in clear"},
    {"mailbox { url = \"imaps://u@h.example\" starttls = true }\n",
	"take starttls out"},
    {"mailbox { url = \"imaps://u:secret@h.example\" }\n", "password"},
    {"mailbox { url = \"imaps://u@h.example\" password-file = \"p\" "
     "credential = \"c\" }\n",
	"keep one"},
    {"outgoing {\n url = \"smtps://u@h.example\" }\n",
	"lscpd.conf:2: outgoing: the user 'u' has no password; write "
	"password-file, credential or oauth2"},
    {"outgoing { url = \"smtp://h.example\" }\n",
	"what goes to h.example would go in clear; write starttls = true"},
    {"outgoing { url = \"smtp://127.0.0.1.evil.example\" }\n",
	"would go in clear"},
    {"outgoing { url = \"smtps://h.example\" starttls = true }\n",
	"smtps:// is TLS from the first byte"},
    {"outgoing { url = \"smtps://u:secret@h.example\" }\n",
	"no password belongs into it"},
    {"outgoing { url = \"smtps://h.example\" credential = \"x\" }\n",
	"whose password it is, is not said"},
    {"outgoing { url = \"smtps://u@h.example\" credential = \"x\" "
     "password-file = \"y\" }\n",
	"only one can count; keep one"},
    {"outgoing { url = \"smtps://u@h.example:66000\" }\n",
	"its port is no number from 1 to 65535"},
    {"outgoing { url = \"smtps://\" }\n", "its host is no name of a server"},
    {"oauth2 \"x\" { token-url = \"http://login.example/t\" }\n",
	"'http://login.example/t' is no address that tokens come from; "
	"write https://"},
    {"oauth2 \"x\" { token-url = \"https://login.example/t\" }\n",
	"\"x\" needs its client secret from one place"},
    {"oauth2 \"x\" { credential = \"c\" client-secret-file = \"f\" }\n",
	"\"x\" needs its client secret from one place"},
    {"mailbox { url = \"maildir:\" }\n", "use maildir:PATH"},
    {"mailbox { url = \"/srv/mail\" }\n", "use maildir:PATH"},
    {"mailbox { poll = soon }\n",
	"poll: 'soon' is not a whole number from 1 to 86400"},
    {"mailbox { poll = -1 }\n", "is not a whole number"},
    {"mailbox { poll = 99999999999999999999 }\n", "is not a whole number"},
    {"mailbox { since = \"31/01/2026\" }\n",
	"since: '31/01/2026' is no day; write it like 2026-01-31"},
    {"mailbox { idle = perhaps }\n", "is neither true nor false"},
    {"mailbox { folders { filed = \"a.b\" } }\n",
	"mailbox.folders: filed: 'a.b' is no name for a folder"},
    {"mailbox { folders { filed = Problems } }\n",
	"two folders are called 'Problems'"},
    {"mailbox { password-file = \"a\" credential = \"b\" url = "
     "\"maildir:x\" }\n",
	"keep one"},
    {"mailbox { oauth2 = \"x\" }\n", "there is no section oauth2 \"x\""},
    {"oauth2 \"x\" { scope = \"s\" }\n",
	"section oauth2 must say what 'token-url' is"},
    {"outgoing { mode = dry }\n",
	"mode: 'dry' is none of live, supervised, redirect"},
    {"outgoing { mode = redirect }\n", "needs to know where to"},
    {"outgoing { mode = redirect redirect = \"me\" }\n",
	"redirect: 'me' is no address"},
    {"outgoing { redirect = \"a@b.example\" }\n", "does nothing"},
    {"outgoing { mode = supervised }\n", "needs to know what waits"},
    {"outgoing { hold = {letter} }\n", "'letter' is no kind of mail"},
    {MAILBOX "outgoing { url = \"maildir:inbox\" }\n", "are the same folder"},
    {"store { min-free = \"200 MB\" }\n",
	"'200 MB' is no size; write it like 200M"},
    {"store { min-free = \"99999999G\" }\n", "is no size"},
    {"trust { profile = spf }\n", "'spf' is none of rfc8601, m365, none"},
    {"trust { profile = rfc8601 }\n", "write authserv-id = "},
    {"mailbox { url = \"imaps://x\" } trust { profile = none }\n",
	"profile = none believes every sender, so it is for Maildirs "
	"only"},
    {"trust { hops = 21 }\n", "from 0 to 20"},
    {"digest { at = \"7.30\" }\n", "write it like 07:30"},
    {"digest { at = \"24:00\" }\n", "write it like 07:30"},
    {"digest { to = {\"everybody\"} }\n", "neither an address nor a role"},
    {"limits { message = \"10K\" }\n", "64K at least"},
    {"training { target = 101 }\n", "from 0 to 100"},
    {"store { path = \"a\x01"
     "b\" }\n",
	"a control character"},
    {"store { path = \"\xff\" }\n", "is not UTF-8"},
};

static void
names_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_mistakes); i++) {
		struct fixture f;
		assert_int_equal(load(&f, g_mistakes[i].conf, HOLIDAYS),
		    ERR_CONFIG);
		if (strstr(buf_text(&f.problems.text), g_mistakes[i].says) ==
		    NULL)
			fail_msg("%s says: %s", g_mistakes[i].conf,
			    buf_text(&f.problems.text));
		done(&f);
	}
}

/* Which servers are taken, and where a clock that is set may be used. */
static void
takes_mail_servers(void **state)
{
	static const struct {
		const char *outgoing;
		bool is_local;
	} cases[] = {
	    {"url = \"smtps://lscp@partnership.example@mail.example:465\" "
	     "password-file = \"p\"",
		false},
	    {"url = \"smtp://u@mail.example\" starttls = yes credential = "
	     "\"c\"",
		false},
	    {"url = \"smtps://u@mail.example\" oauth2 = \"x\"", false},
	    {"url = \"smtp://localhost:2525\"", true},
	    {"url = \"smtp://127.0.0.1:2525\"", true},
	    {"url = \"smtp://[::1]:2525/\"", true},
	    {"url = \"SMTP://u%40b.example@127.9.9.9\" password-file = \"p\"",
		true},
	    {"url = \"maildir:out\"", true},
	};

	char conf[1000];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture f;
		(void)snprintf(conf, sizeof(conf),
		    PARTNERSHIP MAILBOX TRUST
		    "outgoing { %s }\noauth2 \"x\" { token-url = "
		    "\"http://localhost:1/t\" client-id = \"i\" "
		    "client-secret-file = \"s\" }\n",
		    cases[i].outgoing);
		if (load(&f, conf, HOLIDAYS) < 0)
			fail_msg("%s: %s", conf, buf_text(&f.problems.text));
		assert_int_equal(settings_is_local(f.settings),
		    cases[i].is_local);
		done(&f);
	}
}

/* All mistakes of meaning come at once. */
static void
names_all_of_them(void **state)
{
	struct fixture f;

	(void)state;
	assert_int_equal(load(&f,
			     PARTNERSHIP MAILBOX OUTGOING TRUST
			     "store { min-free = x }\ndigest { at = x }\n"
			     "training { target = x }\n",
			     HOLIDAYS),
	    ERR_CONFIG);
	assert_int_equal(f.problems.count, 3);
	assert_non_null(
	    strstr(buf_text(&f.problems.text), "lscpd.conf:5: store"));
	assert_non_null(
	    strstr(buf_text(&f.problems.text), "lscpd.conf:6: digest"));
	assert_non_null(
	    strstr(buf_text(&f.problems.text), "lscpd.conf:7: training"));
	done(&f);
}

/* However it is cut, a file is whole or refused; the last line's tail apart,
 * where nothing that was meant is lost. */
static void
refuses_every_cut(void **state)
{
	static const char whole[] =
	    PARTNERSHIP MAILBOX OUTGOING TRUST "training { target = 85 }";
	char cut[sizeof(whole)];

	(void)state;
	for (size_t n = 0; n + 1 < sizeof(whole); n += 3) {
		struct fixture f;
		memcpy(cut, whole, n);
		cut[n] = '\0';
		if (load(&f, cut, HOLIDAYS) == 0 &&
		    (cut[n - 1] != '\n' || strstr(cut, "trust") == NULL))
			fail_msg("taken: %s", cut);
		done(&f);
	}
}

static void
checks_holidays(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
	    {NULL, "bank-holidays.json: No such file or directory; name the "
		   "file of bank holidays"},
	    {"", "it must be JSON"},
	    {"{\n\"a\": }", "bank-holidays.json:2: "},
	    {"[]", "has no list of events under \"england-and-wales\""},
	    {"{\"england-and-wales\": {\"events\": []}}", "has no list"},
	    {"{\"england-and-wales\": {\"events\": [{\"date\": "
	     "\"25/12/2026\"}]}}",
		"event 1 of \"england-and-wales\" has the date '25/12/2026'; "
		"write it like 2026-12-25"},
	    {"{\"england-and-wales\": {\"events\": [{\"date\": 7}]}}",
		"has the date ''"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture f;
		assert_int_equal(load(&f, PARTNERSHIP MAILBOX OUTGOING TRUST,
				     cases[i].json),
		    ERR_CONFIG);
		if (strstr(buf_text(&f.problems.text), cases[i].says) == NULL)
			fail_msg("%s says: %s", cases[i].json,
			    buf_text(&f.problems.text));
		done(&f);
	}
}

static void
says_when_there_is_no_file(void **state)
{
	struct problems problems;
	struct settings *settings = NULL;
	struct err err = {.code = 0};

	(void)state;
	problems_init(&problems);
	assert_int_equal(settings_load("/nonexistent/lscpd.conf", &problems,
			     &settings, &err),
	    ERR_CONFIG);
	assert_string_equal(buf_text(&problems.text),
	    "/nonexistent/lscpd.conf: there is no such file; name one with "
	    "-c\n");
	assert_null(settings);
	problems_done(&problems);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_defaults),
	    cmocka_unit_test(takes_all_options),
	    cmocka_unit_test(names_mistakes),
	    cmocka_unit_test(takes_mail_servers),
	    cmocka_unit_test(names_all_of_them),
	    cmocka_unit_test(refuses_every_cut),
	    cmocka_unit_test(checks_holidays),
	    cmocka_unit_test(says_when_there_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
