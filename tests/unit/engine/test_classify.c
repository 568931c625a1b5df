/* What kind of sender: headers decide, never the subject alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/classify.h"

static const char *const g_aliases[] = {"old@partnership.example", NULL};
static const struct classify_self g_self = {"0123456789abcdef",
    "lscp@partnership.example", g_aliases};

static enum message_class
class_of(const char *name, const char *value, const char *from)
{
	struct record_header header = {name, value};
	struct record_address address = {"", from};
	struct record record = {
	    .headers = &header,
	    .header_count = 1,
	    .from = {&address, 1, false},
	    .subject = strcmp(name, "Subject") == 0 ? value : "A return",
	    .calendar_method = "",
	    .content_type = "",
	};

	return classify(&record, &g_self);
}

static void
test_headers(void **state)
{
	static const struct {
		const char *name, *value, *from;
		enum message_class class;
	} cases[] = {
	    {"X-Nothing", "", "a@b.example", CLASS_HUMAN},
	    {"Auto-Submitted", "no", "a@b.example", CLASS_HUMAN},
	    {"auto-submitted", " auto-replied", "a@b.example", CLASS_ROBOT},
	    {"Auto-Submitted", "auto-generated; x=1", "a@b.example",
		CLASS_ROBOT},
	    /* A wish not to be answered is no proof of a robot. */
	    {"X-Auto-Response-Suppress", "All", "a@b.example", CLASS_HUMAN},
	    {"Precedence", "bulk", "a@b.example", CLASS_LIST},
	    {"Precedence", "auto_reply", "a@b.example", CLASS_ROBOT},
	    {"List-Id", "<x.example>", "a@b.example", CLASS_LIST},
	    {"Return-Path", "<>", "a@b.example", CLASS_ROBOT},
	    {"Return-Path", "<a@b.example>", "a@b.example", CLASS_HUMAN},
	    {"X-Nothing", "", "MAILER-DAEMON@b.example", CLASS_ROBOT},
	    {"X-Nothing", "", "no-reply@b.example", CLASS_ROBOT},
	    {"X-Nothing", "", "noreplying@b.example", CLASS_HUMAN},
	    {"Subject", "Out of office: back Monday", "a@b.example",
		CLASS_UNSURE},
	    {"Subject", "Re: Out of office cover", "a@b.example", CLASS_HUMAN},
	    {"X-LSCPD-Instance", "0123456789ABCDEF", "a@b.example", CLASS_OWN},
	    {"X-LSCPD-Instance", "fedcba9876543210", "a@b.example",
		CLASS_ROBOT},
	    {"X-Nothing", "", "LSCP@partnership.example", CLASS_OWN},
	    {"X-Nothing", "", "old@partnership.example", CLASS_OWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(classify_word(class_of(cases[i].name,
					cases[i].value, cases[i].from)),
		    classify_word(cases[i].class));
}

static void
test_structure(void **state)
{
	struct record_address from = {"", "a@b.example"};
	struct record_part part = {.verdict = PART_MESSAGE};
	struct record record = {.from = {&from, 1, false},
	    .subject = "",
	    .calendar_method = "",
	    .content_type = ""};

	(void)state;
	record.report.looks_bounce = true;
	assert_int_equal(classify(&record, &g_self), CLASS_BOUNCE);
	record.calendar_method = "REPLY";
	assert_int_equal(classify(&record, &g_self), CLASS_CALENDAR);
	record.report.is_feedback = true;
	assert_int_equal(classify(&record, &g_self), CLASS_ROBOT);
	record.report.is_mdn = true;
	assert_int_equal(classify(&record, &g_self), CLASS_READ_RECEIPT);
	record.report.is_dsn = true;
	assert_int_equal(classify(&record, &g_self), CLASS_BOUNCE);
	record = (struct record){.from = {&from, 1, false},
	    .subject = "",
	    .calendar_method = "",
	    .content_type = "multipart/report"};
	assert_int_equal(classify(&record, &g_self), CLASS_ROBOT);
	record.content_type = "multipart/mixed";
	assert_int_equal(classify(&record, &g_self), CLASS_HUMAN);
	record.parts = &part;
	record.part_count = 1;
	assert_int_equal(classify(&record, &g_self), CLASS_UNSURE);
	record = (struct record){.subject = "",
	    .calendar_method = "",
	    .content_type = ""};
	assert_int_equal(classify(&record, &g_self), CLASS_UNSURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_structure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
