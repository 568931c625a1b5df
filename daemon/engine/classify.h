/*
 * What kind of sender wrote a message: a person, a robot, a list, a mail
 * server's report, a calendar, or this clerk itself. Decided by headers and
 * structure (RFC 3834, RFC 3464, RFC 2919, RFC 8098), never by the subject's
 * words alone: those make a message unsure at most.
 */
#ifndef LSCPD_ENGINE_CLASSIFY_H
#define LSCPD_ENGINE_CLASSIFY_H

#include "wire/record.h"

enum message_class {
	CLASS_HUMAN,
	CLASS_UNSURE, /* may be a robot: no answer, no effect, a person looks */
	CLASS_ROBOT,
	CLASS_LIST,
	CLASS_BOUNCE,
	CLASS_CALENDAR,
	CLASS_READ_RECEIPT,
	CLASS_OWN,
};

struct classify_self {
	const char *instance;       /* 16 hex digits */
	const char *address;        /* of the partnership, lower case */
	const char *const *aliases; /* NULL-terminated, lower case */
};

/* The words of the contract: human, unsure, robot … */
const char *classify_word(enum message_class class);

enum message_class
classify(const struct record *record, const struct classify_self *self);

#endif
