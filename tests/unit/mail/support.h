/*
 * What the tests of the room mail share: settings of an invented partnership,
 * and a folder of templates made on the spot.
 */
#ifndef TESTS_UNIT_MAIL_SUPPORT_H
#define TESTS_UNIT_MAIL_SUPPORT_H

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
#include "mail/mailer.h"

#define CONCERN \
	"Worried about a child now? Call the MASH on 020 7946 0660, or 999."
#define INSTANCE "0123456789abcdef"

enum {
	NOW_AT = 1771929720
}; /* Tuesday 24 February 2026, 10:42 */

static inline struct settings
make_settings(void)
{
	return (struct settings){
	    .partnership = {.name = "Fairbourne Safeguarding Children "
				    "Partnership",
		.short_name = "LSCP",
		.address = "lscp@partnership.example",
		.phone = "020 7946 0396",
		.concern = CONCERN,
		.marking = "OFFICIAL",
		.timezone = "Europe/London"},
	    .outgoing = {.mode = MODE_LIVE,
		.null_sender = true,
		.redirect = ""},
	};
}

static inline struct template_set *
load_shipped(const struct settings *settings)
{
	struct problems problems;
	struct err err = {.code = 0};
	struct template_set *set = NULL;
	json_t *common = mailer_common_sample(settings);

	problems_init(&problems);
	if (templates_load("config/templates", common, &problems, &set, &err) <
	    0)
		fail_msg("%s", buf_text(&problems.text));
	json_decref(common);
	problems_done(&problems);
	return set;
}

static inline void
write_file(const char *folder, const char *name, const char *text)
{
	char path[300];
	struct err err = {.code = 0};

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(io_replace_file(path, text, strlen(text), &err), 0);
}

static inline void
remove_folder(const char *folder)
{
	char command[300];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

#endif
