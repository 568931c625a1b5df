#include "settings/holidays.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/io.h"
#include "base/macros.h"

enum {
	HOLIDAYS_BYTES = 1024 * 1024,
	HOLIDAYS_COUNT = 2000
};

#define DIVISION "england-and-wales"

static int
compare_days(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t
drop_doubles(int32_t *days, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (kept == 0 || days[kept - 1] != days[i])
			days[kept++] = days[i];
	return kept;
}

static void
read_events(struct arena *arena, const char *path, const json_t *events,
    struct problems *problems, struct holidays *ret_holidays)
{
	size_t count = json_array_size(events), kept = 0;

	if (count == 0 || count > HOLIDAYS_COUNT) {
		problems_add(problems, path, 0,
		    "has no list of events under \"" DIVISION "\"; get the "
		    "file again from www.gov.uk/bank-holidays.json");
		return;
	}
	int32_t *days = arena_array(arena, count, sizeof(*days));
	for (size_t i = 0; i < count; i++) {
		const json_t *date =
		    json_object_get(json_array_get(events, i), "date");
		const char *text = json_string_value(date);
		int32_t day = text == NULL ? DAY_NONE : date_parse_iso(text);
		if (day == DAY_NONE)
			problems_add(problems, path, 0,
			    "event %zu of \"" DIVISION "\" has the date '%s'; "
			    "write it like 2026-12-25",
			    i + 1, text == NULL ? "" : text);
		else
			days[kept++] = day;
	}
	qsort(days, kept, sizeof(*days), compare_days);
	ret_holidays->days = days;
	ret_holidays->count = drop_doubles(days, kept);
}

void
holidays_load(struct arena *arena, const char *path, struct problems *problems,
    struct holidays *ret_holidays)
{
	CLEANUP(buf_done)
	struct buf text;
	struct err err = {.code = 0};
	json_error_t wrong;

	buf_init(&text, HOLIDAYS_BYTES);
	if (io_read_file(path, &text, &err) < 0) {
		problems_add_err(problems, path, &err,
		    "name the file of bank holidays");
		return;
	}
	json_t *all = json_loadb(buf_text(&text), text.len,
	    JSON_REJECT_DUPLICATES, &wrong);
	if (all == NULL)
		problems_add(problems, path, wrong.line,
		    "%s; it must be JSON as www.gov.uk/bank-holidays.json is",
		    wrong.text);
	else
		read_events(arena, path,
		    json_object_get(json_object_get(all, DIVISION), "events"),
		    problems, ret_holidays);
	json_decref(all);
}
