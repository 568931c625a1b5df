#include "engine/trust.h"

#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/text.h"

/* What one method's counted results say about the From domain. */
enum verdict {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_CLASH
};

struct evidence {
	enum verdict dmarc, dkim, spf;
	bool submitted; /* auth=pass of our own server */
};

static bool
ends_with(const char *text, const char *tail)
{
	size_t len = strlen(text), tail_len = strlen(tail);

	return len >= tail_len && text_ieq(text + len - tail_len, tail);
}

/* Is `domain` the same as `of`, or a parent of it? */
static bool
is_aligned(const char *domain, const char *of)
{
	size_t len = strlen(domain), of_len = strlen(of);

	if (text_ieq(domain, of))
		return true;
	return strchr(domain, '.') != NULL && of_len > len + 1 &&
	       of[of_len - len - 1] == '.' && ends_with(of, domain);
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? address : at + 1;
}

static const char *
property(const struct record_method *method, const char *ptype,
    const char *name)
{
	for (size_t i = 0; i < method->property_count; i++) {
		const struct record_property *p = &method->properties[i];
		if (text_ieq(p->ptype, ptype) && text_ieq(p->property, name))
			return p->value;
	}
	return "";
}

/* Results that contradict each other prove nothing, and hide something. */
static void
add_verdict(enum verdict *verdict, const char *result)
{
	enum verdict now = strcmp(result, "pass") == 0   ? VERDICT_PASS
			   : strcmp(result, "fail") == 0 ? VERDICT_FAIL
							 : VERDICT_NONE;

	if (*verdict == VERDICT_NONE)
		*verdict = now;
	else if (now != VERDICT_NONE && now != *verdict)
		*verdict = VERDICT_CLASH;
}

static void
weigh_dmarc(struct evidence *evidence, const struct record_method *method,
    const char *domain)
{
	if (text_ieq(property(method, "header", "from"), domain))
		add_verdict(&evidence->dmarc, method->result);
}

static void
weigh_dkim(struct evidence *evidence, const struct record_method *method,
    const char *domain)
{
	if (is_aligned(property(method, "header", "d"), domain))
		add_verdict(&evidence->dkim, method->result);
}

static void
weigh_spf(struct evidence *evidence, const struct record_method *method,
    const char *domain)
{
	const char *from = property(method, "smtp", "mailfrom");

	if (is_aligned(domain_of(from), domain))
		add_verdict(&evidence->spf, method->result);
}

static void
weigh_auth(struct evidence *evidence, const struct record_method *method,
    const char *domain)
{
	(void)domain; /* our own server knows its users */
	evidence->submitted |= strcmp(method->result, "pass") == 0;
}

static const struct {
	const char *method;
	void (*weigh)(struct evidence *evidence,
	    const struct record_method *method, const char *domain);
} g_methods[] = {
    {"dmarc", weigh_dmarc},
    {"dkim", weigh_dkim},
    {"spf", weigh_spf},
    {"auth", weigh_auth},
};

static void
weigh(struct evidence *evidence, const struct record_authres *results,
    const char *domain)
{
	for (size_t i = 0; i < results->method_count; i++)
		for (size_t m = 0; m < COUNT_OF(g_methods); m++)
			if (strcmp(results->methods[i].method,
				g_methods[m].method) == 0)
				g_methods[m].weigh(evidence,
				    &results->methods[i], domain);
}

static bool
is_exchange_online(const struct record_received *received)
{
	return ends_with(received->by, ".prod.outlook.com") ||
	       ends_with(received->by, ".protection.outlook.com");
}

/* All Received above the results, and the next below, are Exchange Online's. */
static bool
stands_in_exchange(const struct record *record, uint32_t above)
{
	if (above >= record->received_count)
		return false;
	for (uint32_t i = 0; i <= above; i++)
		if (!is_exchange_online(&record->received[i]))
			return false;
	return true;
}

static void
collect_rfc8601(struct evidence *evidence, const struct record *record,
    const struct settings_trust *trust, const char *domain)
{
	for (size_t i = 0; i < record->authres_count; i++) {
		const struct record_authres *results = &record->authres[i];
		if (results->received_above <= (uint32_t)trust->hops &&
		    results->authserv_id[0] != '\0' &&
		    text_ieq(results->authserv_id, trust->authserv_id))
			weigh(evidence, results, domain);
	}
}

/*
 * Exchange strips what outsiders bring along as X-MS-Exchange-Organization-*
 * and writes its own results above them; mail inside the tenant has none.
 */
static void
collect_m365(struct evidence *evidence, const struct record *record,
    const char *domain)
{
	const struct record_authres *top = NULL;

	for (size_t i = 0; i < record->authres_count; i++) {
		const struct record_authres *results = &record->authres[i];
		if (results->authserv_id[0] != '\0' ||
		    !stands_in_exchange(record, results->received_above))
			continue;
		if (top == NULL)
			top = results;
		if (results->received_above == top->received_above)
			weigh(evidence, results, domain);
	}
	const char *as =
	    record_header(record, "X-MS-Exchange-Organization-AuthAs");
	bool inside =
	    record->received_count == 0 || stands_in_exchange(record, 0);
	if (top == NULL && inside && as != NULL && text_ieq(as, "Internal"))
		evidence->submitted = true;
}

static enum proof
judge(const struct evidence *e, enum verdict weaker)
{
	if (e->dmarc == VERDICT_CLASH || weaker == VERDICT_CLASH)
		return PROOF_FAILED;
	/* auth=pass stands for dmarc=pass: it may not contradict another. */
	if (e->submitted && e->dmarc == VERDICT_FAIL)
		return PROOF_FAILED;
	if (e->submitted || e->dmarc == VERDICT_PASS)
		return PROOF_PASSED;
	if (e->dmarc == VERDICT_FAIL)
		return PROOF_FAILED;
	if (weaker == VERDICT_PASS)
		return PROOF_PASSED;
	return weaker == VERDICT_FAIL ? PROOF_FAILED : PROOF_MISSING;
}

/* Does the display name hold an address that is not the sender's own? */
static bool
is_disguised(const char *name, const char *address)
{
	static const char ends[] = " \t\r\n<>()[]\"',;:";
	size_t len = strlen(address);

	for (const char *at = strchr(name, '@'); at != NULL;
	     at = strchr(at + 1, '@')) {
		const char *start = at;
		while (start > name && strchr(ends, start[-1]) == NULL)
			start--;
		if (strcspn(start, ends) != len ||
		    strncasecmp(start, address, len) != 0)
			return true;
	}
	return false;
}

/* RFC 5322 allows many authors; a return has one. */
static bool
has_one_plain_author(const struct record *record)
{
	return record->from.count == 1 && !record->from.group &&
	       strchr(record->from.items[0].addr, '@') != NULL &&
	       !is_disguised(record->from.items[0].name,
		   record->from.items[0].addr);
}

enum proof
trust_proof(const struct record *record, const struct settings_trust *trust,
    const char *exception)
{
	struct evidence e = {0};

	if (!has_one_plain_author(record))
		return PROOF_MISSING;
	if (strcmp(exception, "confirm") == 0)
		return PROOF_MISSING;
	if (trust->profile == TRUST_NONE)
		return PROOF_PASSED;

	const char *domain = domain_of(record->from.items[0].addr);
	if (trust->profile == TRUST_M365)
		collect_m365(&e, record, domain);
	else
		collect_rfc8601(&e, record, trust, domain);

	bool dkim = trust->require == REQUIRE_DKIM;
	if (exception[0] != '\0')
		dkim = strcmp(exception, "dkim") == 0;
	if (strcmp(exception, "spf") == 0)
		return judge(&e, e.spf);
	return judge(&e, dkim ? e.dkim : VERDICT_NONE);
}
