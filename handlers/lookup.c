#include "handlers/lookup.h"

#include <string.h>

#include "base/text.h"
#include "store/action.h"
#include "store/register.h"

/* What a look-up of the store came to: several is 2. */
static const char *
answer(struct lookup *lookup, int found, const char *value,
    const char *const reasons[2], const char **ret_reason)
{
	if (found == 1)
		return value;
	*ret_reason = reasons[found == 2];
	if (found < 0)
		lookup->failure.code = (enum err_code)found;
	return NULL;
}

static const char *
find_agency(void *ctx, struct arena *arena, const char *text,
    const char **ret_reason)
{
	static const char *const reasons[2] = {"we know no agency of that "
					       "name.",
	    "we know more than one agency of that name. Please use its code."};
	struct lookup *lookup = ctx;
	struct agency agency = {0};
	int found = agency_find(lookup->desk->store, arena, text, &agency,
	    &lookup->failure);

	return answer(lookup, found, agency.code, reasons, ret_reason);
}

static const char *
find_contact(void *ctx, struct arena *arena, const char *text,
    const char **ret_reason)
{
	static const char *const reasons[2] = {"we know nobody of that name or "
					       "address.",
	    "we know more than one person of that name. Please use the email "
	    "address."};
	struct lookup *lookup = ctx;
	struct store *store = lookup->desk->store;
	struct contact contact = {0};
	int found;

	if (strchr(text, '@') != NULL) {
		found = contact_find(store, arena, text, &contact,
		    &lookup->failure);
		if (found == 1 && contact.left)
			found = 0;
	} else {
		found = contact_find_name(store, arena, text, &contact,
		    &lookup->failure);
	}
	return answer(lookup, found, contact.email, reasons, ret_reason);
}

static const char *
find_group(void *ctx, struct arena *arena, const char *text,
    const char **ret_reason)
{
	static const char *const reasons[2] = {"we know no group of that name.",
	    "we know more than one group of that name. Please use its code."};
	struct lookup *lookup = ctx;
	struct group group = {0};
	int found = group_find(lookup->desk->store, arena, text, &group,
	    &lookup->failure);

	return answer(lookup, found, group.code, reasons, ret_reason);
}

static const char *
find_action(void *ctx, struct arena *arena, const char *text,
    const char **ret_reason)
{
	static const char *const reasons[2] =
	    {"we know no action with that number.",
		"we know no action with that number."};
	struct lookup *lookup = ctx;
	struct action action = {0};
	int found = action_find(lookup->desk->store, arena, text, &action,
	    &lookup->failure);

	return answer(lookup, found, action.ref, reasons, ret_reason);
}

void
lookup_init(struct lookup *lookup, struct desk *desk)
{
	*lookup = (struct lookup){
	    .desk = desk,
	    .form = {.ctx = lookup,
		.agency = find_agency,
		.contact = find_contact,
		.group = find_group,
		.action = find_action},
	};
}

int
lookup_result(const struct lookup *lookup, struct err *err)
{
	if (lookup->failure.code == 0)
		return 0;
	*err = lookup->failure;
	return (int)lookup->failure.code;
}
