#include "mail/words.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"
#include "mail/values.h"

enum {
	QUOTE_CHARS = 60,
	QUOTE_BYTES = 4096
};

const char *
words_when(struct arena *arena, int64_t at)
{
	int minute = date_minute_of(at);

	return arena_printf(arena, "%s at %02d:%02d",
	    words_day_short(arena, date_of(at)), minute / 60, minute % 60);
}

static const char *
day_in(struct arena *arena, int32_t day, enum date_style style)
{
	char words[40];

	if (day == DAY_NONE)
		return "";
	return arena_strdup(arena, date_words(day, style, words));
}

const char *
words_day(struct arena *arena, int32_t day)
{
	return day_in(arena, day, DATE_LONG);
}

const char *
words_day_short(struct arena *arena, int32_t day)
{
	return day_in(arena, day, DATE_NO_YEAR);
}

const char *
words_count(struct arena *arena, size_t count)
{
	char word[24];

	return arena_strdup(arena, values_number_word(count, word));
}

const char *
words_version(struct arena *arena, int version)
{
	static const char *const nth[] = {"first", "second", "third", "fourth",
	    "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};

	if (version >= 1 && version <= (int)COUNT_OF(nth))
		return arena_printf(arena, "%s version", nth[version - 1]);
	return arena_printf(arena, "version %d", version);
}

const char *
words_letter(struct arena *arena, size_t index)
{
	char text[16];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	for (index++; index > 0; index = (index - 1) / 26)
		text[--at] = (char)('A' + (index - 1) % 26);
	return arena_strdup(arena, text + at);
}

const char *
words_size(struct arena *arena, int64_t bytes)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = {{1000000000, "GB"}, {1000000, "MB"}, {1000, "KB"}};

	for (size_t i = 0; i < COUNT_OF(units); i++) {
		int64_t tenths = bytes / (units[i].unit / 10);
		if (bytes < units[i].unit)
			continue;
		if (tenths >= 100 || tenths % 10 == 0)
			return arena_printf(arena, "%lld %s",
			    (long long)tenths / 10, units[i].name);
		return arena_printf(arena, "%lld.%lld %s",
		    (long long)tenths / 10, (long long)tenths % 10,
		    units[i].name);
	}
	return arena_printf(arena, "%lld bytes", (long long)bytes);
}

const char *
words_list(struct arena *arena, const char *const *items, size_t count,
    const char *last)
{
	CLEANUP(buf_done)
	struct buf all;

	buf_init(&all, LIMIT_MAIL_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && i + 1 == count)
			buf_printf(&all, " %s ", last);
		else if (i > 0)
			buf_puts(&all, ", ");
		buf_puts(&all, items[i]);
	}
	return arena_strdup(arena, buf_text(&all));
}

const char *
words_quote(struct arena *arena, const char *text)
{
	return arena_printf(arena, "\"%s\"",
	    text_first_words(arena, text, QUOTE_CHARS));
}
