#include "settings/option.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/date.h"
#include "base/text.h"

/* One value on its way from words to the struct. */
struct value {
	const struct option_reader *reader;
	const struct option *option;
	const char *text;
	int line;
	void *target;
};

static void
    PRINTF(2, 3) complain(const struct value *v, const char *format, ...)
{
	char words[600];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	problems_add(v->reader->problems, v->reader->path, v->line,
	    "%s: %s: '%.200s' %s", v->option->section, v->option->name, v->text,
	    words);
}

const char *
option_path(const struct option_reader *reader, const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return arena_strdup(reader->arena, path);
	return arena_printf(reader->arena, "%s/%s", reader->folder, path);
}

static void
read_text(const struct value *v)
{
	*(const char **)v->target = v->text;
}

static void
read_address(const struct value *v)
{
	char *address = address_wire(v->reader->arena, v->text);

	if (*address != '\0' && !address_is_valid(address))
		complain(v, "is no address; write it like name@office.example");
	*(const char **)v->target = text_lower(v->reader->arena, address);
}

static void
read_path(const struct value *v)
{
	*(const char **)v->target = option_path(v->reader, v->text);
}

static void
read_zone(const struct value *v)
{
	char path[256];

	if (strstr(v->text, "..") != NULL ||
	    !isalpha((unsigned char)*v->text) ||
	    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", v->text) >=
		(int)sizeof(path) ||
	    (strcmp(v->text, "UTC") != 0 && access(path, R_OK) != 0))
		complain(v, "is no time zone that this system knows; write "
			    "it like Europe/London");
	*(const char **)v->target = v->text;
}

static void
read_folder(const struct value *v)
{
	if (*v->text == '\0' || strpbrk(v->text, "./\\%*\"") != NULL ||
	    text_ieq(v->text, "INBOX"))
		complain(v, "is no name for a folder; write one word without "
			    "dots and slashes, like Filed");
	*(const char **)v->target = v->text;
}

static void
read_bool(const struct value *v)
{
	static const char *const yes[] = {"true", "yes", "on"};
	static const char *const no[] = {"false", "no", "off"};

	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		if (text_ieq(v->text, yes[i]))
			*(bool *)v->target = true;
		if (text_ieq(v->text, yes[i]) || text_ieq(v->text, no[i]))
			return;
	}
	complain(v, "is neither true nor false");
}

/* Digits only: no sign, no octal, no overflow; -1 else. */
static int64_t
parse_digits(const char *text, size_t bytes)
{
	int64_t number = 0;

	if (bytes == 0 || bytes > 15)
		return -1;
	for (size_t i = 0; i < bytes; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

static void
read_int(const struct value *v)
{
	int64_t number = parse_digits(v->text, strlen(v->text));
	bool is_set = v->text != v->option->fallback; /* 0 may say "unset" */

	if (is_set && (number < v->option->min || number > v->option->max))
		complain(v, "is not a whole number from %d to %d",
		    v->option->min, v->option->max);
	else
		*(int *)v->target = (int)number;
}

static void
read_size(const struct value *v)
{
	static const char units[] = {'K', 'M', 'G'};
	size_t n = strlen(v->text);
	const char *unit =
	    n == 0 ? NULL
		   : memchr(units, toupper((unsigned char)v->text[n - 1]),
			 sizeof(units));
	int64_t number = parse_digits(v->text, unit == NULL ? n : n - 1);
	int shift = unit == NULL ? 0 : 10 * (int)(unit - units + 1);

	if (number < 0 || number > (INT64_MAX >> 20) >> shift)
		complain(v, "is no size; write it like 200M");
	else
		*(int64_t *)v->target = number << shift;
}

static void
read_day(const struct value *v)
{
	int32_t day = date_parse_iso(v->text);

	if (*v->text != '\0' && day == DAY_NONE)
		complain(v, "is no day; write it like 2026-01-31");
	*(int32_t *)v->target = day;
}

static void
read_time(const struct value *v)
{
	int64_t hour = parse_digits(v->text, 2);
	int64_t minute =
	    strlen(v->text) == 5 ? parse_digits(v->text + 3, 2) : -1;

	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    v->text[2] != ':')
		complain(v, "is no time of day; write it like 07:30");
	else
		*(int *)v->target = (int)(hour * 60 + minute);
}

static void
read_word(const struct value *v)
{
	const char *const *words = v->option->words;
	char all[200] = "";

	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], v->text) == 0) {
			*(int *)v->target = i;
			return;
		}
		size_t n = strlen(all);
		(void)snprintf(all + n, sizeof(all) - n, "%s%s",
		    i == 0 ? "" : ", ", words[i]);
	}
	complain(v, "is none of %s", all);
}

/* --- lists --------------------------------------------------------------- */

static bool
is_any_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, text) == 0)
			return true;
	return false;
}

static void
check_item(const struct value *v)
{
	static const char *const kinds[] = {"receipt", "problems", "template",
	    "request", "confirm", "reminder", "escalation", "sign-off",
	    "invite", "update", "cancel", "papers", "digest", "brief", "report",
	    "notice", NULL};
	static const char *const roles[] = {"staff", "lead", "deputy",
	    "executive", "governor", "data", "member", "scrutineer", NULL};

	if (v->option->kind == OPTION_KINDS) {
		if (!is_any_of(v->text, kinds))
			complain(v, "is no kind of mail; kinds are receipt, "
				    "problems, request, reminder and so on");
	} else if (!address_is_valid(v->text) &&
		   (v->option->kind == OPTION_ADDRESSES ||
		       !is_any_of(v->text, roles))) {
		complain(v,
		    v->option->kind == OPTION_PEOPLE
			? "is neither an address nor a role such as staff"
			: "is no address; write it like name@office.example");
	}
}

static void
read_list(struct value *v, cfg_opt_t *opt)
{
	struct settings_list *list = v->target;
	unsigned int count = cfg_opt_size(opt);
	struct arena *arena = v->reader->arena;

	list->items = arena_array(arena, count + 1, sizeof(*list->items));
	list->count = count;
	for (unsigned int i = 0; i < count; i++) {
		v->text = text_lower(arena,
		    address_wire(arena, conffile_text(arena, opt, i)));
		check_item(v);
		list->items[i] = v->text;
	}
	if (count > 0 || v->option->fallback == NULL ||
	    *v->option->fallback == '\0')
		return;
	list->items[0] = v->option->fallback;
	list->count = 1;
}

void
option_read(const struct option_reader *reader, const struct option *option,
    cfg_t *section, void *base)
{
	static void (*const read[])(const struct value *) = {
	    [OPTION_TEXT] = read_text,
	    [OPTION_ADDRESS] = read_address,
	    [OPTION_PATH] = read_path,
	    [OPTION_ZONE] = read_zone,
	    [OPTION_FOLDER] = read_folder,
	    [OPTION_BOOL] = read_bool,
	    [OPTION_INT] = read_int,
	    [OPTION_SIZE] = read_size,
	    [OPTION_DAY] = read_day,
	    [OPTION_TIME] = read_time,
	    [OPTION_WORD] = read_word,
	};
	cfg_opt_t *opt =
	    section == NULL ? NULL : cfg_getopt(section, option->name);
	struct value v = {.reader = reader,
	    .option = option,
	    .target = (char *)base + option->offset};
	bool set = opt != NULL && cfg_opt_size(opt) > 0;

	v.line = section == NULL ? 0 : conffile_line(section, opt);
	v.text = set ? conffile_text(reader->arena, opt, 0) : option->fallback;
	if (option->fallback == NULL && (!set || text_is_blank(v.text))) {
		problems_add(reader->problems, reader->path, v.line,
		    "section %s must say what '%s' is; write %s = \"…\"",
		    option->section, option->name, option->name);
		return;
	}
	if (option->kind >= OPTION_ADDRESSES)
		read_list(&v, opt);
	else
		read[option->kind](&v);
}
