#include "settings/settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/server_url.h"
#include "base/text.h"
#include "settings/check.h"
#include "settings/holidays.h"
#include "settings/option.h"
#include "settings/shared.h"

enum {
	LEAST_MESSAGE_BYTES = 64 * 1024,
	SETTINGS_BYTES = 8 * 1024 * 1024,
	OPTIONS_MOST = 30, /* of one section */
	SECRET_WARNING_DAYS = 60,
	POLL_S = 600,        /* of a Maildir, whose folders tell what comes */
	SERVER_POLL_S = 300, /* at most, between two looks at a server */
};

/* The owner of all strings stands behind what others see. */
struct owned {
	struct settings settings;
	struct arena *arena;
};

static const char *const g_modes[] = {"live", "supervised", "redirect", NULL};
static const char *const g_profiles[] = {"rfc8601", "m365", "none", NULL};
static const char *const g_requires[] = {"dmarc", "dkim", NULL};

/* NOLINTBEGIN(bugprone-macro-parentheses): names of members */
#define AT(member) offsetof(struct settings, member)

#define SERVER(section, member)                                                \
	{section, "url", OPTION_TEXT, AT(member.url), NULL, 0, 0, NULL},       \
	    {section, "password-file", OPTION_PATH, AT(member.password_file),  \
		"", 0, 0, NULL},                                               \
	    {section, "credential", OPTION_TEXT, AT(member.credential), "", 0, \
		0, NULL},                                                      \
	    {section, "oauth2", OPTION_TEXT, AT(member.oauth2), "", 0, 0,      \
		NULL},                                                         \
	    {section, "ca-file", OPTION_PATH, AT(member.ca_file), "", 0, 0,    \
		NULL},                                                         \
	    {section, "proxy", OPTION_TEXT, AT(member.proxy), "", 0, 0, NULL}, \
	    {section, "starttls", OPTION_BOOL, AT(member.starttls), "false",   \
		0, 0, NULL},                                                   \
	{                                                                      \
		section, "timeout", OPTION_INT, AT(member.timeout_s), "60", 1, \
		    3600, NULL                                                 \
	}

#define TEXT(section, name, member, fallback)                                \
	{                                                                    \
		section, name, OPTION_TEXT, AT(member), fallback, 0, 0, NULL \
	}
#define FOLDER(name, member, fallback)                               \
	{                                                            \
		"mailbox.folders", name, OPTION_FOLDER,              \
		    AT(mailbox.folders.member), fallback, 0, 0, NULL \
	}
#define COUNT(section, name, member, fallback, min, max)                   \
	{                                                                  \
		section, name, OPTION_INT, AT(member), fallback, min, max, \
		    NULL                                                   \
	}
#define KIND(section, name, kind, member, fallback)                   \
	{                                                             \
		section, name, kind, AT(member), fallback, 0, 0, NULL \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct option g_options[] = {
    TEXT("partnership", "name", partnership.name, NULL),
    TEXT("partnership", "short", partnership.short_name, NULL),
    KIND("partnership", "address", OPTION_ADDRESS, partnership.address, NULL),
    KIND("partnership", "aliases", OPTION_ADDRESSES, partnership.aliases, ""),
    TEXT("partnership", "phone", partnership.phone, NULL),
    KIND("partnership", "timezone", OPTION_ZONE, partnership.timezone,
	"Europe/London"),
    TEXT("partnership", "marking", partnership.marking, "OFFICIAL"),
    TEXT("partnership", "concern", partnership.concern, NULL),
    SERVER("mailbox", mailbox.server),
    KIND("mailbox", "since", OPTION_DAY, mailbox.since_day, ""),
    COUNT("mailbox", "poll", mailbox.poll_s, "0", 1, 86400),
    KIND("mailbox", "idle", OPTION_BOOL, mailbox.idle, "true"),
    FOLDER("filed", filed, "Filed"),
    FOLDER("problems", problems, "Problems"),
    FOLDER("attention", attention, "Attention"),
    FOLDER("ignored", ignored, "Ignored"),
    FOLDER("quarantine", quarantine, "Quarantine"),
    SERVER("outgoing", outgoing.server),
    {"outgoing", "mode", OPTION_WORD, AT(outgoing.mode), "live", 0, 0, g_modes},
    KIND("outgoing", "hold", OPTION_KINDS, outgoing.hold, ""),
    KIND("outgoing", "redirect", OPTION_ADDRESS, outgoing.redirect, ""),
    KIND("outgoing", "null-sender", OPTION_BOOL, outgoing.null_sender, "true"),
    KIND("store", "path", OPTION_PATH, store_path, "lscpd.db"),
    KIND("store", "min-free", OPTION_SIZE, min_free_bytes, "200M"),
    KIND("forms", "path", OPTION_PATH, forms_path, ""),
    KIND("templates", "path", OPTION_PATH, templates_path, ""),
    KIND("holidays", "file", OPTION_PATH, holidays_file, ""),
    {"trust", "profile", OPTION_WORD, AT(trust.profile), "rfc8601", 0, 0,
	g_profiles},
    {"trust", "require", OPTION_WORD, AT(trust.require), "dmarc", 0, 0,
	g_requires},
    TEXT("trust", "authserv-id", trust.authserv_id, ""),
    COUNT("trust", "hops", trust.hops, "0", 0, 20),
    KIND("digest", "at", OPTION_TIME, digest.at_minute, "07:30"),
    KIND("digest", "to", OPTION_PEOPLE, digest.to, "staff"),
    KIND("limits", "message", OPTION_SIZE, limits.message_bytes, "100M"),
    COUNT("limits", "answers-per-hour", limits.answers_per_hour, "20", 0, 1000),
    COUNT("limits", "answers-per-day", limits.answers_per_day, "60", 0, 10000),
    COUNT("limits", "answers-per-day-others", limits.answers_per_day_others,
	"1", 0, 100),
    COUNT("training", "target", training_target, "90", 0, 100),
};

#undef AT
/* NOLINTNEXTLINE(bugprone-macro-parentheses) */
#define AT(member) offsetof(struct settings_oauth2, member)
static const struct option g_oauth2_options[] = {
    TEXT("oauth2", "token-url", token_url, NULL),
    TEXT("oauth2", "client-id", client_id, NULL),
    KIND("oauth2", "client-secret-file", OPTION_PATH, client_secret_file, ""),
    TEXT("oauth2", "credential", credential, ""),
    TEXT("oauth2", "scope", scope, ""),
    KIND("oauth2", "ca-file", OPTION_PATH, ca_file, ""),
    KIND("oauth2", "secret-expires", OPTION_DAY, secret_expires_day, ""),
};
#undef AT

static const char *const g_sections[] = {"partnership", "mailbox", "outgoing",
    "store", "forms", "templates", "holidays", "trust", "digest", "limits",
    "training"};

/* --- libconfuse's tables ------------------------------------------------- */

static cfg_opt_t
confuse_option(const struct option *option)
{
	cfg_opt_t list =
	    (cfg_opt_t)CFG_STR_LIST(option->name, NULL, CFGF_NODEFAULT);
	cfg_opt_t one = (cfg_opt_t)CFG_STR(option->name, NULL, CFGF_NODEFAULT);
	cfg_opt_t opt = option->kind >= OPTION_ADDRESSES ? list : one;

	opt.validcb = conffile_note;
	return opt;
}

/* Those of one section, ended; `extra` may be NULL. */
static cfg_opt_t *
section_options(struct arena *arena, const struct option *options, size_t count,
    const char *section, const cfg_opt_t *extra)
{
	cfg_opt_t *all = arena_array(arena, OPTIONS_MOST, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].section, section) == 0)
			all[n++] = confuse_option(&options[i]);
	if (extra != NULL)
		all[n++] = *extra;
	all[n] = (cfg_opt_t)CFG_END();
	return all;
}

static cfg_opt_t *
root_options(struct arena *arena)
{
	size_t count = COUNT_OF(g_options), n = 0;
	cfg_opt_t *root =
	    arena_array(arena, COUNT_OF(g_sections) + 3, sizeof(*root));
	cfg_opt_t *folder_options =
	    section_options(arena, g_options, count, "mailbox.folders", NULL);
	cfg_opt_t folders =
	    (cfg_opt_t)CFG_SEC("folders", folder_options, CFGF_NODEFAULT);

	root[n++] =
	    (cfg_opt_t)CFG_BOOL(CONFFILE_SENTINEL, cfg_false, CFGF_NONE);
	for (size_t i = 0; i < COUNT_OF(g_sections); i++) {
		const char *name = g_sections[i];
		cfg_opt_t *inside = section_options(arena, g_options, count,
		    name, strcmp(name, "mailbox") == 0 ? &folders : NULL);
		root[n++] = (cfg_opt_t)CFG_SEC(name, inside, CFGF_NODEFAULT);
	}
	cfg_opt_t *oauth2 = section_options(arena, g_oauth2_options,
	    COUNT_OF(g_oauth2_options), "oauth2", NULL);
	root[n++] = (cfg_opt_t)CFG_SEC("oauth2", oauth2,
	    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	root[n] = (cfg_opt_t)CFG_END();
	return root;
}

static void
read_oauth2(const struct option_reader *reader, cfg_t *cfg, struct settings *s)
{
	size_t count = cfg_size(cfg, "oauth2");
	struct settings_oauth2 *all =
	    arena_array(reader->arena, count + 1, sizeof(*all));

	for (size_t i = 0; i < count; i++) {
		cfg_t *section = cfg_getnsec(cfg, "oauth2", (unsigned int)i);
		all[i].name = arena_strdup(reader->arena, cfg_title(section));
		for (size_t o = 0; o < COUNT_OF(g_oauth2_options); o++)
			option_read(reader, &g_oauth2_options[o], section,
			    &all[i]);
	}
	s->oauth2 = all;
	s->oauth2_count = count;
}

/* --- what must fit together ---------------------------------------------- */

static void
check_oauth2(const struct checker *c, const char *section, const char *name)
{
	if (name == NULL || *name == '\0')
		return;
	for (size_t i = 0; i < c->settings->oauth2_count; i++)
		if (strcmp(c->settings->oauth2[i].name, name) == 0)
			return;
	check_complain(c, section, "oauth2",
	    "there is no section oauth2 \"%.100s\"; write it", name);
}

static void
check_outgoing(const struct checker *c)
{
	struct settings *s = c->settings;
	struct settings_outgoing *out = &s->outgoing;

	check_server(c, "outgoing", &out->server);
	check_oauth2(c, "outgoing", out->server.oauth2);
	if (out->mode == MODE_REDIRECT && *out->redirect == '\0')
		check_complain(c, "outgoing", "mode",
		    "mode = redirect needs to know where to; write "
		    "redirect = \"name@office.example\"");
	if (out->mode != MODE_REDIRECT && *out->redirect != '\0')
		check_complain(c, "outgoing", "redirect",
		    "redirect does nothing in this mode; write "
		    "mode = redirect, or take it out");
	if (out->mode == MODE_SUPERVISED && out->hold.count == 0)
		check_complain(c, "outgoing", "mode",
		    "mode = supervised needs to know what waits; write "
		    "hold = {\"request\", \"reminder\", \"escalation\"}");
	if (out->server.path != NULL && *out->server.path != '\0' &&
	    strcmp(out->server.path, s->mailbox.server.path) == 0)
		check_complain(c, "outgoing", "url",
		    "mailbox and outgoing are the same folder; name two");
}

static void
check_trust(const struct checker *c)
{
	const struct settings *s = c->settings;
	const char *url = s->mailbox.server.url;

	if (s->trust.profile == TRUST_RFC8601 && *s->trust.authserv_id == '\0')
		check_complain(c, "trust", "authserv-id",
		    "profile = rfc8601 needs the name of your mail server in "
		    "its Authentication-Results; write authserv-id = "
		    "\"mx.office.example\"");
	if (s->trust.profile == TRUST_NONE && url != NULL &&
	    !text_istarts(url, "maildir:"))
		check_complain(c, "trust", "profile",
		    "profile = none believes every sender, so it is for "
		    "Maildirs only; use rfc8601 or m365");
}

static void
check_folders(const struct checker *c)
{
	const struct settings_folders *f = &c->settings->mailbox.folders;
	const char *const names[] = {f->filed, f->problems, f->attention,
	    f->ignored, f->quarantine};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t j = 0; j < i; j++)
			if (names[i] != NULL && names[j] != NULL &&
			    text_ieq(names[i], names[j]))
				check_complain(c, "mailbox.folders", "",
				    "two folders are called '%.60s'; give "
				    "each its own name",
				    names[i]);
}

/* What came with lscpd, unless an administrator has or names something else. */
static void
use_installed(const struct checker *c)
{
	struct settings *s = c->settings;

	const struct {
		const char **path, *beside, *installed;
	} all[] = {
	    {&s->forms_path, "forms", "forms"},
	    {&s->templates_path, "templates", "templates"},
	    {&s->holidays_file, "bank-holidays.json",
		"holidays/bank-holidays.json"},
	};

	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (**all[i].path == '\0')
			*all[i].path = shared_path(c->reader, all[i].beside,
			    all[i].installed);
}

/* However well a server seems to tell of new mail, it is asked that often. */
static void
bound_poll(struct settings_mailbox *mailbox)
{
	if (mailbox->server.path[0] == '\0' && mailbox->poll_s > SERVER_POLL_S)
		mailbox->poll_s = SERVER_POLL_S;
}

static void
check_all(const struct checker *c)
{
	struct settings *s = c->settings;

	check_server(c, "mailbox", &s->mailbox.server);
	check_oauth2(c, "mailbox", s->mailbox.server.oauth2);
	bound_poll(&s->mailbox);
	check_folders(c);
	check_outgoing(c);
	check_oauth2_sections(c);
	check_trust(c);
	if (s->limits.message_bytes < LEAST_MESSAGE_BYTES ||
	    s->limits.message_bytes > INT64_C(10) * LIMIT_MESSAGE_BYTES)
		check_complain(c, "limits", "message",
		    "a message must be allowed 64K at least, 1000M at most");
	s->trust.authserv_id =
	    text_lower(c->reader->arena, s->trust.authserv_id);
	use_installed(c);
	holidays_load(c->reader->arena, s->holidays_file, c->reader->problems,
	    &s->holidays);
}

/* What is wrong or not set, so that it can be looked at nevertheless. */
static void
fill_gaps(struct settings *settings)
{
	for (size_t i = 0; i < COUNT_OF(g_options); i++) {
		const char **text =
		    (void *)((char *)settings + g_options[i].offset);
		if (g_options[i].kind <= OPTION_FOLDER && *text == NULL)
			*text = "";
	}
}

/* --- the whole ------------------------------------------------------------ */

static bool
find_folder(struct arena *arena, const char *path, struct settings *s)
{
	char *real = realpath(path, NULL);

	if (real == NULL)
		return false;
	s->file = arena_strdup(arena, real);
	s->folder =
	    arena_strndup(arena, real, (size_t)(strrchr(real, '/') - real));
	free(real);
	return true;
}

/* False where there is nothing to look at. */
static bool
read_all(struct owned *owned, const char *path, struct problems *problems)
{
	struct settings *s = &owned->settings;
	struct option_reader reader = {owned->arena, path, s->folder, problems};
	cfg_t *cfg = conffile_parse(path, root_options(owned->arena), problems);

	if (cfg == NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(g_options); i++)
		option_read(&reader, &g_options[i],
		    check_find_section(cfg, g_options[i].section), s);
	read_oauth2(&reader, cfg, s);
	struct checker checker = {&reader, cfg, s};
	check_all(&checker);
	conffile_free(cfg);
	fill_gaps(s);
	return true;
}

int
settings_load(const char *path, struct problems *problems,
    struct settings **ret_settings, struct err *err)
{
	struct arena *arena = arena_new(SETTINGS_BYTES);
	struct owned *owned = arena_alloc(arena, sizeof(*owned));
	size_t before = problems->count;
	bool is_read = false;

	owned->arena = arena;
	if (find_folder(arena, path, &owned->settings))
		is_read = read_all(owned, path, problems);
	else
		problems_add(problems, path, 0,
		    "there is no such file; name one with -c");
	if (is_read)
		*ret_settings = &owned->settings;
	else
		arena_free(arena);
	if (problems->count > before)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%.200s: %zu problems", path, problems->count - before);
	return 0;
}

void
settings_free(struct settings *settings)
{
	/* `settings` is the first member of what settings_load() made. */
	if (settings != NULL)
		arena_free(((struct owned *)settings)->arena);
}

bool
settings_is_own_address(const struct settings *settings, const char *address)
{
	if (text_ieq(settings->partnership.address, address))
		return true;
	for (size_t i = 0; i < settings->partnership.aliases.count; i++)
		if (text_ieq(settings->partnership.aliases.items[i], address))
			return true;
	return false;
}

static bool
is_here(const struct settings_server *server)
{
	struct server_url url;
	struct err err;

	return server->path[0] != '\0' ||
	       (server_url_parse(server->url, &url, &err) == 0 &&
		   server_url_is_loopback(&url));
}

bool
settings_is_local(const struct settings *settings)
{
	return is_here(&settings->mailbox.server) &&
	       is_here(&settings->outgoing.server);
}

int
settings_poll_s(const struct settings *settings)
{
	int written_s = settings->mailbox.poll_s;

	if (written_s > 0)
		return written_s;
	return settings->mailbox.server.path[0] == '\0' ? SERVER_POLL_S
							: POLL_S;
}

bool
settings_holds(const struct settings *settings, const char *kind)
{
	if (settings->outgoing.mode != MODE_SUPERVISED)
		return false;
	for (size_t i = 0; i < settings->outgoing.hold.count; i++)
		if (strcmp(settings->outgoing.hold.items[i], kind) == 0)
			return true;
	return false;
}

const char *
settings_secret_warning(const struct settings_oauth2 *one, struct arena *arena,
    int32_t today)
{
	char day[DATE_TEXT_BYTES];

	if (one->secret_expires_day == DAY_NONE ||
	    one->secret_expires_day - today > SECRET_WARNING_DAYS)
		return NULL;
	date_format_iso(one->secret_expires_day, day);
	return arena_printf(arena,
	    "the client secret of oauth2 \"%s\" %s on %s: make a new one, and "
	    "set secret-expires to its day",
	    one->name, one->secret_expires_day < today ? "ended" : "ends", day);
}
