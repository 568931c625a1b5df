/*
 * XML parts of a package, as a stream of elements and text. Names come without
 * their namespace. Nothing outside the part is ever looked at: a document type
 * ends the reading, so there are no entities but the five of XML itself.
 */
#ifndef LSCPD_PARSER_XML_H
#define LSCPD_PARSER_XML_H

#include "parser/package.h"

struct xml_events {
	/* `attrs` for xml_attr(); valid during the call. */
	void (*start)(void *arg, const char *name, const char **attrs);
	void (*end)(void *arg, const char *name);
	void (*text)(void *arg, const char *text, size_t bytes);
	/* Asked after each element and text; true ends the reading, which is no
	 * fault. NULL: never. */
	bool (*enough)(const void *arg);
};

/*
 * Reads a whole part. ERR_NOT_FOUND without such a part; ERR_INPUT if the
 * package is stopped, by this or by a callback.
 */
int xml_read(struct package *p, const char *name,
    const struct xml_events *events, void *arg);

/* An attribute by its name without namespace; NULL. */
const char *xml_attr(const char **attrs, const char *name);
/* The same, of a namespace whose address holds that word. */
const char *
xml_attr_in(const char **attrs, const char *space, const char *name);
/* A count or a number from 1, `otherwise` if it is none; at most 2^31. */
uint32_t
xml_attr_number(const char **attrs, const char *name, uint32_t otherwise);
/* "1", "true" and the like; false if it is absent. */
bool xml_attr_true(const char **attrs, const char *name);

#endif
