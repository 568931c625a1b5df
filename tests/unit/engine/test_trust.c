/* Whose word counts: only our own server's, and all of it together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/trust.h"

#define SERVER "mx.partnership.example"
#define EXO    "lo1pr01mb1.eurprd01.prod.outlook.com"

/* One result: method, word, and one property. */
struct result {
	const char *server;
	uint32_t above;
	const char *method, *word, *ptype, *property, *value;
};

struct scene {
	struct record_property properties[4];
	struct record_method methods[4];
	struct record_authres authres[4];
	struct record_address from[2];
	struct record_received received[3];
	struct record_header header;
	struct record record;
};

static void
scene_make(struct scene *s, const struct result *results, size_t count)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < count; i++) {
		s->properties[i] = (struct record_property){results[i].ptype,
		    results[i].property, results[i].value};
		s->methods[i] = (struct record_method){results[i].method,
		    results[i].word, &s->properties[i], 1};
		s->authres[i] = (struct record_authres){results[i].server,
		    results[i].above, &s->methods[i], 1};
	}
	s->from[0] = (struct record_address){"Amara Singh", "a@nhs.example"};
	for (size_t i = 0; i < COUNT_OF(s->received); i++)
		s->received[i] = (struct record_received){"", SERVER};
	s->record = (struct record){
	    .from = {s->from, 1, false},
	    .authres = s->authres,
	    .authres_count = count,
	    .received = s->received,
	    .received_count = COUNT_OF(s->received),
	    .headers = &s->header,
	};
}

static const struct settings_trust g_dmarc = {TRUST_RFC8601, REQUIRE_DMARC,
    SERVER, 0};
static const struct settings_trust g_dkim = {TRUST_RFC8601, REQUIRE_DKIM,
    SERVER, 0};
static const struct settings_trust g_m365 = {TRUST_M365, REQUIRE_DMARC, "", 0};

#define DMARC(word, domain)                                        \
	{                                                          \
		SERVER, 0, "dmarc", word, "header", "from", domain \
	}
#define DKIM(word, domain)                                     \
	{                                                      \
		SERVER, 0, "dkim", word, "header", "d", domain \
	}

static void
test_rfc8601(void **state)
{
	static const struct {
		const struct settings_trust *trust;
		const char *exception;
		struct result results[2];
		size_t count;
		enum proof proof;
	} cases[] = {
	    {&g_dmarc, "", {DMARC("pass", "nhs.example")}, 1, PROOF_PASSED},
	    {&g_dmarc, "", {DMARC("pass", "evil.example")}, 1, PROOF_MISSING},
	    {&g_dmarc, "", {DMARC("fail", "nhs.example")}, 1, PROOF_FAILED},
	    {&g_dmarc, "", {DMARC("none", "nhs.example")}, 1, PROOF_MISSING},
	    {&g_dmarc, "", {DMARC("temperror", "nhs.example")}, 1,
		PROOF_MISSING},
	    /* Another server's word, or one from below the first hop. */
	    {&g_dmarc, "",
		{{"mx.evil.example", 0, "dmarc", "pass", "header", "from",
		    "nhs.example"}},
		1, PROOF_MISSING},
	    {&g_dmarc, "",
		{{SERVER, 1, "dmarc", "pass", "header", "from", "nhs.example"}},
		1, PROOF_MISSING},
	    {&g_dmarc, "",
		{{"MX.Partnership.Example", 0, "dmarc", "pass", "header",
		    "from", "nhs.example"}},
		1, PROOF_PASSED},
	    /* Contradictions are a fail. */
	    {&g_dmarc, "",
		{DMARC("pass", "nhs.example"), DMARC("fail", "nhs.example")}, 2,
		PROOF_FAILED},
	    {&g_dmarc, "", {DKIM("pass", "nhs.example")}, 1, PROOF_MISSING},
	    {&g_dkim, "", {DKIM("pass", "nhs.example")}, 1, PROOF_PASSED},
	    {&g_dkim, "", {DKIM("pass", "example")}, 1, PROOF_MISSING},
	    {&g_dkim, "", {DKIM("pass", "hs.example")}, 1, PROOF_MISSING},
	    {&g_dkim, "",
		{DMARC("fail", "nhs.example"), DKIM("pass", "nhs.example")}, 2,
		PROOF_FAILED},
	    {&g_dmarc, "dkim", {DKIM("pass", "nhs.example")}, 1, PROOF_PASSED},
	    {&g_dkim, "dmarc", {DKIM("pass", "nhs.example")}, 1, PROOF_MISSING},
	    {&g_dmarc, "spf",
		{{SERVER, 0, "spf", "pass", "smtp", "mailfrom",
		    "bounce@nhs.example"}},
		1, PROOF_PASSED},
	    {&g_dmarc, "spf",
		{{SERVER, 0, "spf", "pass", "smtp", "mailfrom",
		    "bounce@evil.example"}},
		1, PROOF_MISSING},
	    {&g_dmarc, "confirm", {DMARC("pass", "nhs.example")}, 1,
		PROOF_MISSING},
	    {&g_dmarc, "",
		{{SERVER, 0, "auth", "pass", "smtp", "auth", "amara"}}, 1,
		PROOF_PASSED},
	    {&g_dmarc, "",
		{{SERVER, 0, "auth", "pass", "smtp", "auth", "amara"},
		    DMARC("fail", "nhs.example")},
		2, PROOF_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct scene s;
		scene_make(&s, cases[i].results, cases[i].count);
		assert_int_equal(trust_proof(&s.record, cases[i].trust,
				     cases[i].exception),
		    cases[i].proof);
	}
}

static void
test_authors(void **state)
{
	static const struct result pass[] = {DMARC("pass", "nhs.example")};
	struct scene s;

	(void)state;
	scene_make(&s, pass, 1);
	s.from[0].name = "boss@council.example";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
	s.from[0].name = "a@nhs.example";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_PASSED);
	s.from[0].name = "Amara (A@NHS.example)";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_PASSED);
	s.from[0].name = "a@nhs.example, boss@council.example";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
	s.from[0].name = "aa@nhs.example";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
	s.from[0].name = "a@nhs.example.evil.example";
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
	s.from[0].name = "";
	s.record.from.group = true;
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
	s.record.from.group = false;
	s.from[1] = (struct record_address){"", "b@nhs.example"};
	s.record.from.count = 2;
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
}

static void
test_m365(void **state)
{
	static const struct result pass[] = {
	    {"", 1, "dmarc", "pass", "header", "from", "nhs.example"}};
	static const struct result lower[] = {{"", 0, "dmarc", "fail", "header",
						  "from", "nhs.example"},
	    {"", 1, "dmarc", "pass", "header", "from", "nhs.example"}};
	struct scene s;

	(void)state;
	scene_make(&s, pass, 1);
	for (size_t i = 0; i < COUNT_OF(s.received); i++)
		s.received[i].by = EXO;
	assert_int_equal(trust_proof(&s.record, &g_m365, ""), PROOF_PASSED);
	s.received[0].by = "mx.evil.example";
	assert_int_equal(trust_proof(&s.record, &g_m365, ""), PROOF_MISSING);

	scene_make(&s, lower, 2); /* the sender's own stands below */
	for (size_t i = 0; i < COUNT_OF(s.received); i++)
		s.received[i].by = EXO;
	assert_int_equal(trust_proof(&s.record, &g_m365, ""), PROOF_FAILED);

	scene_make(&s, NULL, 0);
	s.header = (struct record_header){"X-MS-Exchange-Organization-AuthAs",
	    "Internal"};
	s.record.header_count = 1;
	assert_int_equal(trust_proof(&s.record, &g_m365, ""), PROOF_MISSING);
	s.received[0].by = EXO;
	assert_int_equal(trust_proof(&s.record, &g_m365, ""), PROOF_PASSED);
	assert_int_equal(trust_proof(&s.record, &g_dmarc, ""), PROOF_MISSING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc8601),
	    cmocka_unit_test(test_authors),
	    cmocka_unit_test(test_m365),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
