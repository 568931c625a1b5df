#include "parser/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum {
	SEPARATOR = '|'
};

struct reading {
	struct package *package;
	XML_Parser parser;
	const struct xml_events *events;
	void *arg;
	unsigned depth;
	size_t quiet_bytes; /* fed since anything was recognised */
	bool enough;
};

static const char *
local_name(const char *name)
{
	const char *bar = strrchr(name, SEPARATOR);

	return bar == NULL ? name : bar + 1;
}

static void
stop(struct reading *r, enum record_verdict verdict, const char *reason)
{
	package_stop(r->package, verdict, reason);
	(void)XML_StopParser(r->parser, XML_FALSE);
}

/* A callback may have stopped the package, or has seen enough. */
static void
look_up(struct reading *r)
{
	r->quiet_bytes = 0;
	r->enough = r->enough ||
		    (r->events->enough != NULL && r->events->enough(r->arg));
	if (r->enough || package_stopped(r->package))
		(void)XML_StopParser(r->parser, XML_FALSE);
}

static bool
is_over(const struct reading *r)
{
	return r->enough || package_stopped(r->package);
}

static void XMLCALL
on_start(void *data, const char *name, const char **attrs)
{
	struct reading *r = data;

	if (is_over(r))
		return;
	if (++r->depth > LIMIT_XML_DEPTH) {
		stop(r, PART_UNREADABLE,
		    "it is built in a way that no ordinary file is.");
		return;
	}
	if (r->events->start != NULL)
		r->events->start(r->arg, local_name(name), attrs);
	look_up(r);
}

static void XMLCALL
on_end(void *data, const char *name)
{
	struct reading *r = data;

	if (is_over(r))
		return;
	r->depth--;
	if (r->events->end != NULL)
		r->events->end(r->arg, local_name(name));
	look_up(r);
}

static void XMLCALL
on_text(void *data, const char *text, int bytes)
{
	struct reading *r = data;

	if (is_over(r))
		return;
	if (r->events->text != NULL)
		r->events->text(r->arg, text, (size_t)bytes);
	look_up(r);
}

static void XMLCALL
on_comment(void *data, const char *text)
{
	(void)text;
	look_up(data);
}

static void XMLCALL
on_doctype(void *data, const char *name, const char *sysid, const char *pubid,
    int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	stop(data, PART_UNREADABLE,
	    "it is built in a way that no ordinary file is.");
}

/* Expat looks at an unfinished tag again with each piece: a tag without an end
 * would take time that grows with its square. */
static bool
feed(struct reading *r, const char *data, size_t bytes, int is_final)
{
	r->quiet_bytes += bytes;
	if (r->quiet_bytes > LIMIT_XML_TOKEN_BYTES) {
		stop(r, PART_UNREADABLE,
		    "it is built in a way that no ordinary file is.");
		return false;
	}
	if (XML_Parse(r->parser, data, (int)bytes, is_final) != XML_STATUS_OK &&
	    !is_over(r))
		package_stop(r->package, PART_UNREADABLE, "");
	return !is_over(r);
}

static bool
take(void *arg, const char *data, size_t bytes)
{
	return feed(arg, data, bytes, 0);
}

int
xml_read(struct package *p, const char *name, const struct xml_events *events,
    void *arg)
{
	struct reading r = {.package = p, .events = events, .arg = arg};

	r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	BUG_ON(r.parser == NULL);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetCommentHandler(r.parser, on_comment);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	int code = package_read(p, name, take, &r);
	if (code == 0 && !is_over(&r))
		(void)feed(&r, "", 0, 1);
	XML_ParserFree(r.parser);
	return code == 0 && package_stopped(p) ? ERR_INPUT : code;
}

const char *
xml_attr(const char **attrs, const char *name)
{
	return xml_attr_in(attrs, "", name);
}

const char *
xml_attr_in(const char **attrs, const char *space, const char *name)
{
	for (; *attrs != NULL; attrs += 2)
		if (strcmp(local_name(attrs[0]), name) == 0 &&
		    strstr(attrs[0], space) != NULL)
			return attrs[1];
	return NULL;
}

uint32_t
xml_attr_number(const char **attrs, const char *name, uint32_t otherwise)
{
	const char *text = xml_attr(attrs, name);
	unsigned long value = text == NULL ? 0 : strtoul(text, NULL, 10);

	return value == 0 || value > INT32_MAX ? otherwise : (uint32_t)value;
}

bool
xml_attr_true(const char **attrs, const char *name)
{
	const char *text = xml_attr(attrs, name);

	return text != NULL && (*text == '1' || *text == 't');
}
