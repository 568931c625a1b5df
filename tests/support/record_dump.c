/*
 * record_dump FILE...: what the parser makes of raw messages, one JSON object
 * a line. The record goes through its bytes and back on the way, so the wire
 * is looked at, too. record_dump -r FILE...: records that a parser answered.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "parser/parse.h"
#include "wire/record.h"

static void
put_text(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
put_field(const char *name, const char *value)
{
	printf(", \"%s\": ", name);
	put_text(value);
}

static void
put_bool(const char *name, bool value)
{
	printf(", \"%s\": %s", name, value ? "true" : "false");
}

static const char *
comma(size_t i)
{
	return i == 0 ? "" : ", ";
}

static void
put_addresses(const char *name, const struct record_addresses *list)
{
	printf(", \"%s\": [", name);
	for (size_t i = 0; i < list->count; i++) {
		printf("%s[", comma(i));
		put_text(list->items[i].name);
		printf(", ");
		put_text(list->items[i].addr);
		printf("]");
	}
	printf("]");
	if (list->group)
		printf(", \"%s_group\": true", name);
}

static void
put_strings(const char *name, const char **items, size_t count)
{
	printf(", \"%s\": [", name);
	for (size_t i = 0; i < count; i++) {
		printf("%s", comma(i));
		put_text(items[i]);
	}
	printf("]");
}

static void
put_authres(const struct record *r)
{
	printf(", \"authres\": [");
	for (size_t i = 0; i < r->authres_count; i++) {
		const struct record_authres *a = &r->authres[i];
		printf("%s{\"above\": %u", comma(i), a->received_above);
		put_field("id", a->authserv_id);
		printf(", \"methods\": [");
		for (size_t k = 0; k < a->method_count; k++) {
			const struct record_method *m = &a->methods[k];
			printf("%s{\"n\": %zu", comma(k), m->property_count);
			put_field("method", m->method);
			put_field("result", m->result);
			for (size_t l = 0; l < m->property_count; l++) {
				char key[512];
				(void)snprintf(key, sizeof(key),
				    "%zu %.200s.%.200s", l,
				    m->properties[l].ptype,
				    m->properties[l].property);
				printf(", ");
				put_text(key);
				printf(": ");
				put_text(m->properties[l].value);
			}
			printf("}");
		}
		printf("]}");
	}
	printf("]");
}

static void
put_bodies(const struct record *r)
{
	printf(", \"bodies\": [");
	for (size_t i = 0; i < r->body_count; i++) {
		const struct record_body *b = &r->bodies[i];
		printf("%s{\"kind\": \"%s\", \"segments\": [", comma(i),
		    b->kind == BODY_HTML ? "html" : "plain");
		for (size_t k = 0; k < b->segment_count; k++) {
			const struct record_segment *s = &b->segments[k];
			printf("%s[\"%c\", %u, %u, ", comma(k),
			    "NQFS"[s->whose], s -> depth, s -> line);
			put_text(s->text);
			printf("]");
		}
		printf("]}");
	}
	printf("]");
}

static void
put_marks(const struct record_table *t)
{
	char column[COLUMN_NAME_BYTES];

	printf(", \"marks\": {");
	for (size_t i = 0; i < t->mark_count; i++) {
		record_column_name(t->marks[i].column, column);
		printf("%s\"%s%u\": %u", comma(i), column, t->marks[i].line,
		    t->marks[i].kinds);
	}
	printf("}, \"hidden_rows\": [");
	for (size_t i = 0, n = 0; i < t->row_count; i++)
		if (t->rows[i].hidden)
			printf("%s%u", comma(n++), t->rows[i].line);
	printf("]");
}

static void
put_tables(const struct record *r)
{
	printf(", \"tables\": [");
	for (size_t i = 0; i < r->table_count; i++) {
		const struct record_table *t = &r->tables[i];
		printf("%s{\"kind\": %d, \"whose\": \"%c\", \"part\": %d, "
		       "\"cut\": %d, \"hidden\": %d",
		    comma(i), (int)t->kind, "NQFS"[t->whose], (int)t -> part,
		    t -> cut, t -> hidden);
		put_field("name", t->name);
		put_marks(t);
		printf(", \"rows\": [");
		for (size_t k = 0; k < t->row_count; k++) {
			printf("%s[%u", comma(k), t->rows[k].line);
			for (size_t l = 0; l < t->rows[k].cell_count; l++) {
				printf(", ");
				put_text(t->rows[k].cells[l]);
			}
			printf("]");
		}
		printf("]}");
	}
	printf("]");
}

static void
put_parts(const struct record *r)
{
	static const char *const verdicts[] = {
	    [PART_KEPT] = "kept",
	    [PART_READ] = "read",
	    [PART_UNREADABLE] = "unreadable",
	    [PART_ENCRYPTED] = "encrypted",
	    [PART_LABELLED] = "labelled",
	    [PART_WRAPPED] = "wrapped",
	    [PART_OLD_FORMAT] = "old format",
	    [PART_WINMAIL] = "winmail",
	    [PART_CALENDAR] = "calendar",
	    [PART_MESSAGE] = "message",
	    [PART_TOO_LARGE] = "too large",
	};

	printf(", \"parts\": [");
	for (size_t i = 0; i < r->part_count; i++) {
		const struct record_part *p = &r->parts[i];
		printf("%s{\"offset\": %llu, \"raw\": %llu, \"bytes\": %llu",
		    comma(i), (unsigned long long)p->offset,
		    (unsigned long long)p->raw_bytes,
		    (unsigned long long)p->bytes);
		put_field("name", p->name);
		put_field("type", p->type);
		put_field("encoding", p->encoding);
		put_field("sha256", p->sha256);
		put_field("verdict", verdicts[p->verdict]);
		put_field("reason", p->reason);
		put_bool("inline", p->is_inline);
		put_bool("macros", p->macros);
		put_field("text", p->text);
		printf("}");
	}
	printf("]");
}

static void
put_report(const struct record_report *p)
{
	printf(", \"recipients\": [");
	for (size_t i = 0; i < p->recipient_count; i++) {
		printf("%s[", comma(i));
		put_text(p->recipients[i].addr);
		printf(", ");
		put_text(p->recipients[i].action);
		printf(", ");
		put_text(p->recipients[i].status);
		printf("]");
	}
	printf("]");
	put_bool("is_dsn", p->is_dsn);
	put_bool("is_mdn", p->is_mdn);
	put_bool("is_feedback", p->is_feedback);
	put_bool("looks_bounce", p->looks_bounce);
	put_strings("returned_ids", p->returned_ids, p->returned_id_count);
}

static void
put_headers(const struct record *r)
{
	printf(", \"headers\": [");
	for (size_t i = 0; i < r->header_count; i++) {
		printf("%s[", comma(i));
		put_text(r->headers[i].name);
		printf(", ");
		put_text(r->headers[i].value);
		printf("]");
	}
	printf("]");
	put_addresses("from", &r->from);
	put_addresses("sender", &r->sender);
	put_addresses("reply_to", &r->reply_to);
	put_addresses("to", &r->to);
	put_addresses("cc", &r->cc);
	put_field("subject", r->subject);
	put_field("message_id", r->message_id);
	put_field("in_reply_to", r->in_reply_to);
	put_strings("references", r->references, r->reference_count);
	printf(", \"date\": %lld, \"received\": [", (long long)r->date_at);
	for (size_t i = 0; i < r->received_count; i++) {
		printf("%s[", comma(i));
		put_text(r->received[i].from);
		printf(", ");
		put_text(r->received[i].by);
		printf("]");
	}
	printf("]");
}

static void
put_record(const struct record *r)
{
	put_headers(r);
	put_authres(r);
	put_bodies(r);
	put_tables(r);
	put_parts(r);
	put_report(&r->report);
	put_field("calendar_method", r->calendar_method);
	put_field("content_type", r->content_type);
	put_field("content_key", r->content_key);
	put_bool("has_calendar", r->has_calendar);
	put_bool("is_signed", r->is_signed);
	put_bool("is_encrypted", r->is_encrypted);
	put_bool("is_cut", r->is_cut);
	put_bool("over_limit", r->over_limit);
	put_bool("has_share_link", r->has_share_link);
}

static int
dump(const char *path)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct arena *again CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	int fd CLEANUP(io_close)
	= open(path, O_RDONLY | O_CLOEXEC);
	struct buf bytes CLEANUP(buf_done);
	struct record record;
	struct err err = {0};
	int64_t start = clock_mono_ms();

	buf_init(&bytes, LIMIT_RECORD_BYTES);
	int failed = parse_message(arena, fd, NULL, &record, &err);
	int64_t ms = clock_mono_ms() - start;
	if (failed == 0) {
		record_encode(&record, &bytes);
		failed = record_decode(again, buf_text(&bytes), bytes.len,
		    &record, &err);
	}
	printf("{\"ms\": %lld, \"arena\": %zu, \"record\": %zu", (long long)ms,
	    arena_used(arena), bytes.len);
	put_field("file", path);
	put_field("error", err.text);
	if (failed == 0)
		put_record(&record);
	printf("}\n");
	return failed;
}

static int
dump_record(const char *path)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	int fd CLEANUP(io_close)
	= open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = arena_alloc(arena, LIMIT_RECORD_BYTES);
	struct record record;
	struct err err = {0};

	ssize_t n = read(fd, bytes, LIMIT_RECORD_BYTES);
	if (n < 0 || record_decode(arena, bytes, (size_t)n, &record, &err) != 0)
		return 1;
	printf("{\"record\": %zd", n);
	put_record(&record);
	printf("}\n");
	return 0;
}

int
main(int argc, char **argv)
{
	bool records = argc > 1 && strcmp(argv[1], "-r") == 0;
	int failed = 0;

	parse_init();
	for (int i = records ? 2 : 1; i < argc; i++)
		if ((records ? dump_record(argv[i]) : dump(argv[i])) != 0)
			failed = 1;
	return failed;
}
