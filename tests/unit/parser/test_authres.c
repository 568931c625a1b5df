/* Authentication-Results: what counts, and what only looks as if it did. */
#include "mail.h"

static const struct {
	const char *name, *value, *want;
} g_cases[] = {
    {"RFC 8601",
	"mx.example; dkim=pass reason=\"good\" header.d=hospital.example; "
	"spf=pass smtp.mailfrom=a@hospital.example; dmarc=pass "
	"header.from=Hospital.example",
	"mx.example[dkim=pass reason=good header.d=hospital.example]"
	"[spf=pass smtp.mailfrom=a@hospital.example]"
	"[dmarc=pass header.from=hospital.example]"},
    {"Exchange Online",
	"spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=a.example; dkim=pass "
	"(signature was verified) header.d=a.example;dmarc=pass action=none "
	"header.from=a.example;compauth=pass reason=100",
	"[spf=pass smtp.mailfrom=a.example][dkim=pass header.d=a.example]"
	"[dmarc=pass action=none header.from=a.example]"
	"[compauth=pass reason=100]"},
    {"Exchange Online, older",
	"spf=pass smtp.mailfrom=a.example; tenant.example; dkim=none (message "
	"not signed) header.d=none;tenant.example; dmarc=pass action=none "
	"header.from=a.example;",
	"[spf=pass smtp.mailfrom=a.example][dkim=none header.d=none]"
	"[dmarc=pass action=none header.from=a.example]"},
    {"a version", "mx.example 1; dmarc=fail", "mx.example[dmarc=fail]"},
    {"nothing", "mx.example; none", "mx.example"},
    {"pass in a reason",
	"mx.example; dmarc=fail reason=\"x; dmarc=pass header.from=b.example\"",
	"mx.example[dmarc=fail reason=x; dmarc=pass header.from=b.example]"},
    {"pass in a comment", "mx.example; dmarc=fail (a; dmarc=pass; (b)) x.y=z",
	"mx.example[dmarc=fail x.y=z]"},
    {"an escaped quote",
	"mx.example; spf=fail reason=\"a\\\"; dmarc=pass x=\\\"b\"",
	"mx.example[spf=fail reason=a\"; dmarc=pass x=\"b]"},
    {"an open quote", "mx.example; spf=none reason=\"a; dmarc=pass",
	"mx.example"},
    {"an open comment", "mx.example; dmarc=pass (a; spf=pass", "mx.example"},
    {"a quoted result", "mx.example; dmarc=\"pass\"", "mx.example"},
    {"a comment in front", "(c) mx.example (d); (e) dmarc (f) = (g) pass",
	"mx.example[dmarc=pass]"},
    {"an equals sign in a value",
	"mx.example; spf=pass smtp.mailfrom=a+b=c@x.example",
	"mx.example[spf=pass smtp.mailfrom=a+b=c@x.example]"},
    {"a method's version", "mx.example; DKIM/1=Pass header.i=@a.example",
	"mx.example[dkim=pass header.i=@a.example]"},
    /* An encoded word is no syntax: it would let a sender write a verdict. */
    {"an encoded word",
	"mx.example; spf=fail smtp.mailfrom="
	"=?utf-8?Q?=3B_dmarc=3Dpass_header.from=3Db.example?=",
	"mx.example[spf=fail smtp.mailfrom=]"},
};

static const char *
show(struct arena *arena, const struct record_authres *a)
{
	const char *all = a->authserv_id;

	for (size_t i = 0; i < a->method_count; i++) {
		const struct record_method *m = &a->methods[i];
		all =
		    arena_printf(arena, "%s[%s=%s", all, m->method, m->result);
		for (size_t k = 0; k < m->property_count; k++)
			all = arena_printf(arena, "%s %s%s%s=%s", all,
			    m->properties[k].ptype,
			    *m->properties[k].ptype == '\0' ? "" : ".",
			    m->properties[k].property, m->properties[k].value);
		all = arena_printf(arena, "%s]", all);
	}
	return all;
}

static void
values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(g_cases); i++) {
		struct arena *arena CLEANUP(arena_cleanup)
		= mail_arena();
		struct record r = mail_parse(arena,
		    arena_printf(arena, "Authentication-Results: %s\n\nx\n",
			g_cases[i].value));
		assert_int_equal(r.authres_count, 1);
		const char *got = show(arena, &r.authres[0]);
		if (strcmp(got, g_cases[i].want) != 0)
			fail_msg("%s: %s", g_cases[i].name, got);
	}
}

static void
places(void **state)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= mail_arena();
	struct record r = mail_parse(arena,
	    "Authentication-Results: a; spf=pass\nReceived: from x by y; z\n"
	    "Received: from x by y; z\nAuthentication-Results: b; spf=fail\n"
	    "\nx\n");

	(void)state;
	assert_int_equal(r.authres_count, 2);
	assert_int_equal(r.authres[0].received_above, 0);
	assert_int_equal(r.authres[1].received_above, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values),
	    cmocka_unit_test(places),
	};

	parse_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
