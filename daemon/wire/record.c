#include "wire/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/*
 * One description of each structure serves both directions, so that writer
 * and reader cannot drift apart: a codec either appends what it is shown, or
 * overwrites it with what it reads. Numbers are little-endian; a string is its
 * length, its bytes and a NUL, so that the reader can point at it in place.
 */
enum {
	RECORD_VERSION = 2
};

/* Bounds that only concern the wire; the parser stays far below them. */
enum {
	MAX_METHODS = 64,
	MAX_PROPERTIES = 64,
	MAX_SEGMENTS = 65536,
	MAX_TABLES = 4096,
	MAX_MARKS = LIMIT_CELLS + LIMIT_COLUMNS,
	MAX_RECIPIENTS = 1000,
	MAX_RETURNED = 200,
	MAX_TEXT = LIMIT_TEXT_BYTES + 4096,
};

struct codec {
	struct buf *out;     /* writing */
	struct arena *arena; /* reading */
	unsigned char *pos, *end;
	size_t cells, rows; /* of all tables, while reading */
	const char *fault;  /* the first thing that was wrong */
};

static void
fail(struct codec *c, const char *what)
{
	if (c->fault == NULL)
		c->fault = what;
	c->pos = c->end;
}

static void
number(struct codec *c, uint64_t *value, size_t bytes)
{
	unsigned char raw[8];

	if (c->out != NULL) {
		for (size_t i = 0; i < bytes; i++)
			raw[i] = (unsigned char)(*value >> (8 * i));
		buf_add(c->out, raw, bytes);
		return;
	}
	*value = 0;
	if ((size_t)(c->end - c->pos) < bytes) {
		fail(c, "it is cut short");
		return;
	}
	for (size_t i = 0; i < bytes; i++)
		*value |= (uint64_t)c->pos[i] << (8 * i);
	c->pos += bytes;
}

static void
u64(struct codec *c, uint64_t *value)
{
	number(c, value, 8);
}

static void
u32(struct codec *c, uint32_t *value)
{
	uint64_t wide = *value;

	number(c, &wide, 4);
	*value = (uint32_t)wide;
}

static void
i64(struct codec *c, int64_t *value)
{
	uint64_t wide = (uint64_t)*value;

	number(c, &wide, 8);
	*value = (int64_t)wide;
}

static unsigned
choice(struct codec *c, unsigned value, unsigned max)
{
	uint64_t wide = value;

	number(c, &wide, 1);
	if (wide > max) {
		fail(c, "a value is not one of its choices");
		wide = 0;
	}
	return (unsigned)wide;
}

static void
flag(struct codec *c, bool *value)
{
	*value = choice(c, *value, 1) != 0;
}

static const char *
read_string(struct codec *c, size_t len, size_t max)
{
	const char *text = (const char *)c->pos;

	if (len > max) {
		fail(c, "a text is too long");
		return "";
	}
	if ((size_t)(c->end - c->pos) < len + 1) {
		fail(c, "it is cut short");
		return "";
	}
	if (text[len] != '\0' || memchr(text, '\0', len) != NULL ||
	    !text_is_utf8(text, len)) {
		fail(c, "a text is not UTF-8");
		return "";
	}
	c->pos += len + 1;
	return text;
}

static void
string(struct codec *c, const char **text, size_t max)
{
	uint64_t len = c->out == NULL ? 0 : strlen(*text);

	number(c, &len, 4);
	if (c->out != NULL)
		buf_add(c->out, *text, (size_t)len + 1);
	else
		*text = read_string(c, (size_t)len, max);
}

static void
digest(struct codec *c, char hex[static SHA256_HEX_BYTES])
{
	const char *text = hex;

	string(c, &text, SHA256_HEX_BYTES - 1);
	if (c->out != NULL)
		return;
	size_t len = strlen(text);
	if (strspn(text, "0123456789abcdef") != len ||
	    (len != 0 && len != SHA256_HEX_BYTES - 1))
		fail(c, "a digest is not hexadecimal");
	else
		memcpy(hex, text, len + 1);
}

/*
 * Length of an array; when reading, makes room for it. `min_bytes` is what the
 * shortest item takes on the wire, so that a count cannot ask for much more
 * memory than it sent bytes.
 */
struct shape {
	size_t item_bytes, min_bytes, max;
};

static void
array(struct codec *c, void *items, size_t *count, struct shape shape)
{
	void **room = items;
	uint64_t wide = *count;

	number(c, &wide, 4);
	if (c->out != NULL)
		return;
	*room = NULL;
	*count = 0;
	if (wide > shape.max) {
		fail(c, "a list is too long");
		return;
	}
	if (wide > (size_t)(c->end - c->pos) / shape.min_bytes) {
		fail(c, "it is cut short");
		return;
	}
	*count = (size_t)wide;
	*room = arena_array(c->arena, *count, shape.item_bytes);
}

#define ARRAY(c, items, count, min, most) \
	array((c), &(items), &(count),    \
	    (struct shape){sizeof(*(items)), (min), (most)})

static void
addresses(struct codec *c, struct record_addresses *list)
{
	ARRAY(c, list->items, list->count, 10, LIMIT_ADDRESSES);
	for (size_t i = 0; i < list->count; i++) {
		string(c, &list->items[i].name, LIMIT_HEADER_BYTES);
		string(c, &list->items[i].addr, LIMIT_HEADER_BYTES);
	}
	flag(c, &list->group);
}

static void
method(struct codec *c, struct record_method *m)
{
	string(c, &m->method, LIMIT_HEADER_BYTES);
	string(c, &m->result, LIMIT_HEADER_BYTES);
	ARRAY(c, m->properties, m->property_count, 15, MAX_PROPERTIES);
	for (size_t i = 0; i < m->property_count; i++) {
		string(c, &m->properties[i].ptype, LIMIT_HEADER_BYTES);
		string(c, &m->properties[i].property, LIMIT_HEADER_BYTES);
		string(c, &m->properties[i].value, LIMIT_HEADER_BYTES);
	}
}

static void
authres(struct codec *c, struct record_authres *a)
{
	string(c, &a->authserv_id, LIMIT_HEADER_BYTES);
	u32(c, &a->received_above);
	ARRAY(c, a->methods, a->method_count, 14, MAX_METHODS);
	for (size_t i = 0; i < a->method_count; i++)
		method(c, &a->methods[i]);
}

static void
strings(struct codec *c, const char ***items, size_t *count, size_t max)
{
	ARRAY(c, *items, *count, 5, max);
	for (size_t i = 0; i < *count; i++)
		string(c, &(*items)[i], LIMIT_HEADER_BYTES);
}

static void
headers(struct codec *c, struct record *r)
{
	ARRAY(c, r->headers, r->header_count, 10, LIMIT_HEADER_COUNT);
	for (size_t i = 0; i < r->header_count; i++) {
		string(c, &r->headers[i].name, LIMIT_HEADER_BYTES);
		string(c, &r->headers[i].value, LIMIT_HEADER_BYTES);
	}
	addresses(c, &r->from);
	addresses(c, &r->sender);
	addresses(c, &r->reply_to);
	addresses(c, &r->to);
	addresses(c, &r->cc);
	string(c, &r->subject, LIMIT_HEADER_BYTES);
	string(c, &r->message_id, LIMIT_HEADER_BYTES);
	string(c, &r->in_reply_to, LIMIT_HEADER_BYTES);
	strings(c, &r->references, &r->reference_count, LIMIT_REFERENCES);
	i64(c, &r->date_at);
	ARRAY(c, r->authres, r->authres_count, 13, LIMIT_HEADER_COUNT);
	for (size_t i = 0; i < r->authres_count; i++)
		authres(c, &r->authres[i]);
	ARRAY(c, r->received, r->received_count, 10, LIMIT_HEADER_COUNT);
	for (size_t i = 0; i < r->received_count; i++) {
		string(c, &r->received[i].from, LIMIT_HEADER_BYTES);
		string(c, &r->received[i].by, LIMIT_HEADER_BYTES);
	}
}

static void
body(struct codec *c, struct record_body *b)
{
	b->kind = (enum record_body_kind)choice(c, b->kind, BODY_HTML);
	ARRAY(c, b->segments, b->segment_count, 14, MAX_SEGMENTS);
	for (size_t i = 0; i < b->segment_count; i++) {
		struct record_segment *s = &b->segments[i];
		s->whose =
		    (enum record_whose)choice(c, s->whose, WHOSE_SIGNATURE);
		u32(c, &s->depth);
		u32(c, &s->line);
		string(c, &s->text, MAX_TEXT);
	}
}

static void
row(struct codec *c, struct record_row *r)
{
	u32(c, &r->line);
	ARRAY(c, r->cells, r->cell_count, 5, LIMIT_COLUMNS);
	for (size_t i = 0; i < r->cell_count; i++)
		string(c, &r->cells[i], LIMIT_CELL_BYTES);
	flag(c, &r->hidden);
	c->cells += r->cell_count;
	if (c->cells > LIMIT_CELLS)
		fail(c, "there are too many cells");
}

static bool
is_before(const struct record_mark *a, const struct record_mark *b)
{
	return a->line < b->line ||
	       (a->line == b->line && a->column < b->column);
}

static void
marks(struct codec *c, struct record_table *t)
{
	ARRAY(c, t->marks, t->mark_count, 9, MAX_MARKS);
	for (size_t i = 0; i < t->mark_count; i++) {
		struct record_mark *m = &t->marks[i];
		u32(c, &m->line);
		u32(c, &m->column);
		m->kinds = choice(c, m->kinds, MARK_ALL);
		if (m->column >= LIMIT_COLUMNS)
			fail(c, "a mark lies nowhere");
		else if (i > 0 && !is_before(m - 1, m))
			fail(c, "marks are not in order");
	}
}

static void
table(struct codec *c, struct record_table *t)
{
	t->kind = (enum record_table_kind)choice(c, t->kind, TABLE_JSON);
	t->whose = (enum record_whose)choice(c, t->whose, WHOSE_SIGNATURE);
	u32(c, &t->part);
	string(c, &t->name, LIMIT_HEADER_BYTES);
	ARRAY(c, t->rows, t->row_count, 9, LIMIT_ROWS);
	for (size_t i = 0; i < t->row_count; i++)
		row(c, &t->rows[i]);
	marks(c, t);
	flag(c, &t->hidden);
	flag(c, &t->cut);
}

static void
part(struct codec *c, struct record_part *p)
{
	string(c, &p->name, LIMIT_HEADER_BYTES);
	string(c, &p->type, LIMIT_HEADER_BYTES);
	string(c, &p->encoding, LIMIT_HEADER_BYTES);
	u64(c, &p->offset);
	u64(c, &p->raw_bytes);
	u64(c, &p->bytes);
	digest(c, p->sha256);
	flag(c, &p->is_inline);
	flag(c, &p->macros);
	p->verdict = (enum record_verdict)choice(c, p->verdict, PART_TOO_LARGE);
	string(c, &p->reason, LIMIT_HEADER_BYTES);
	string(c, &p->text, MAX_TEXT);
	if (p->offset > INT64_MAX || p->raw_bytes > INT64_MAX ||
	    p->bytes > INT64_MAX)
		fail(c, "a part lies nowhere");
}

static void
report(struct codec *c, struct record_report *r)
{
	flag(c, &r->is_dsn);
	flag(c, &r->is_mdn);
	flag(c, &r->is_feedback);
	flag(c, &r->looks_bounce);
	ARRAY(c, r->recipients, r->recipient_count, 15, MAX_RECIPIENTS);
	for (size_t i = 0; i < r->recipient_count; i++) {
		string(c, &r->recipients[i].addr, LIMIT_HEADER_BYTES);
		string(c, &r->recipients[i].action, LIMIT_HEADER_BYTES);
		string(c, &r->recipients[i].status, LIMIT_HEADER_BYTES);
	}
	strings(c, &r->returned_ids, &r->returned_id_count, MAX_RETURNED);
}

static void
flags(struct codec *c, struct record *r)
{
	flag(c, &r->has_calendar);
	flag(c, &r->is_signed);
	flag(c, &r->is_encrypted);
	flag(c, &r->is_cut);
	flag(c, &r->over_limit);
	flag(c, &r->has_share_link);
}

static void
tables(struct codec *c, struct record *r)
{
	ARRAY(c, r->tables, r->table_count, 21, MAX_TABLES);
	for (size_t i = 0; i < r->table_count; i++) {
		table(c, &r->tables[i]);
		if (r->tables[i].part != UINT32_MAX &&
		    r->tables[i].part >= r->part_count)
			fail(c, "a table belongs to no part");
	}
}

static void
record(struct codec *c, struct record *r)
{
	uint32_t version = RECORD_VERSION;

	u32(c, &version);
	if (version != RECORD_VERSION) {
		fail(c, "it is of another version");
		return;
	}
	headers(c, r);
	ARRAY(c, r->bodies, r->body_count, 5, LIMIT_PARTS);
	for (size_t i = 0; i < r->body_count; i++)
		body(c, &r->bodies[i]);
	ARRAY(c, r->parts, r->part_count, 56, LIMIT_PARTS);
	for (size_t i = 0; i < r->part_count; i++)
		part(c, &r->parts[i]);
	tables(c, r);
	report(c, &r->report);
	string(c, &r->calendar_method, LIMIT_HEADER_BYTES);
	string(c, &r->content_type, LIMIT_HEADER_BYTES);
	digest(c, r->content_key);
	flags(c, r);
}

const char *
record_header(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (text_ieq(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

static int
compare_marks(const void *a, const void *b)
{
	const struct record_mark *x = a, *y = b;

	return is_before(x, y) ? -1 : is_before(y, x);
}

static unsigned
marks_at(const struct record_table *t, uint32_t line, size_t column)
{
	struct record_mark key = {.line = line, .column = (uint32_t)column};
	const struct record_mark *found = NULL;

	if (t->mark_count > 0)
		found = bsearch(&key, t->marks, t->mark_count, sizeof(key),
		    compare_marks);
	return found == NULL ? 0 : found->kinds;
}

unsigned
record_cell_marks(const struct record_table *t, const struct record_row *r,
    size_t column)
{
	return marks_at(t, r->line, column) | marks_at(t, 0, column) |
	       (r->hidden ? MARK_HIDDEN : 0U);
}

void
record_column_name(size_t column, char ret_name[static COLUMN_NAME_BYTES])
{
	char letters[COLUMN_NAME_BYTES];
	size_t count = 0;

	for (size_t n = column + 1; n > 0 && count < sizeof(letters) - 1;
	     n = (n - 1) / 26)
		letters[count++] = (char)('A' + (n - 1) % 26);
	for (size_t i = 0; i < count; i++)
		ret_name[i] = letters[count - 1 - i];
	ret_name[count] = '\0';
}

void
record_encode(const struct record *r, struct buf *out)
{
	struct codec c = {.out = out};
	struct record shown = *r; /* a writing codec changes nothing in it */

	record(&c, &shown);
}

int
record_decode(struct arena *arena, const void *data, size_t bytes,
    struct record *ret_record, struct err *err)
{
	struct record r = {0};

	if (bytes > LIMIT_RECORD_BYTES)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the parser's record is longer than %d bytes",
		    LIMIT_RECORD_BYTES);
	unsigned char *copy = arena_alloc(arena, bytes + 1);
	if (bytes > 0)
		memcpy(copy, data, bytes);
	struct codec c = {.arena = arena, .pos = copy, .end = copy + bytes};
	record(&c, &r);
	if (c.fault == NULL && c.pos != c.end)
		c.fault = "something follows its end";
	if (c.fault != NULL)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the parser's record cannot be read: %s", c.fault);
	*ret_record = r;
	return 0;
}
