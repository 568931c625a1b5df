#include "parser/package.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "parser/table.h"

enum {
	CHUNK_BYTES = 32 * 1024,
	/* More than all that the limits let into it. */
	ARENA_BYTES = 64 * 1024 * 1024,
	MEGABYTE = 1024 * 1024,
};

bool
package_stopped(const struct package *p)
{
	return p->verdict != PART_READ;
}

void
package_stop(struct package *p, enum record_verdict verdict, const char *reason)
{
	if (package_stopped(p))
		return;
	p->verdict = verdict;
	p->reason = arena_strdup(p->ctx->arena, reason);
}

/* Two entries of one name: what is read would be a matter of taste. */
static void
check_entry(struct package *p, zip_uint64_t index)
{
	zip_stat_t stat;
	const char *name = zip_get_name(p->archive, index, ZIP_FL_ENC_RAW);

	if (name == NULL || strlen(name) > LIMIT_ENTRY_NAME_BYTES ||
	    zip_stat_index(p->archive, index, 0, &stat) != 0)
		package_stop(p, PART_UNREADABLE, "");
	else if (zip_name_locate(p->archive, name, ZIP_FL_ENC_RAW) !=
		 (zip_int64_t)index)
		package_stop(p, PART_UNREADABLE,
		    "it is damaged: it holds the same part twice.");
	else if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
		 stat.encryption_method != ZIP_EM_NONE)
		package_stop(p, PART_ENCRYPTED, "");
}

static void
check_entries(struct package *p)
{
	zip_int64_t count = zip_get_num_entries(p->archive, 0);

	if (count > LIMIT_ENTRIES) {
		package_stop(p, PART_TOO_LARGE,
		    arena_printf(p->arena, "it holds more than %d parts.",
			LIMIT_ENTRIES));
		return;
	}
	for (zip_int64_t i = 0; i < count && !package_stopped(p); i++)
		check_entry(p, (zip_uint64_t)i);
}

void
package_open(struct package *p, struct context *ctx, const struct buf *file)
{
	zip_error_t error;

	*p = (struct package){.ctx = ctx,
	    .arena = arena_new(ARENA_BYTES),
	    .verdict = PART_READ,
	    .reason = ""};
	zip_error_init(&error);
	zip_source_t *source =
	    zip_source_buffer_create(file->data, file->len, 0, &error);
	if (source != NULL)
		p->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (p->archive == NULL && source != NULL)
		zip_source_free(source);
	zip_error_fini(&error);
	if (p->archive == NULL)
		package_stop(p, PART_UNREADABLE, "");
	else
		check_entries(p);
}

void
package_done(struct package *p)
{
	if (p->archive != NULL)
		zip_discard(p->archive);
	arena_free(p->arena);
}

static zip_int64_t
locate(const struct package *p, const char *name)
{
	name += *name == '/';
	zip_int64_t index = zip_name_locate(p->archive, name, 0);
	return index >= 0 ? index
			  : zip_name_locate(p->archive, name, ZIP_FL_NOCASE);
}

bool
package_has(const struct package *p, const char *name)
{
	return locate(p, name) >= 0;
}

void
package_begin(struct package *p, struct table_maker *maker,
    enum record_table_kind kind, const char *name)
{
	if (p->begun++ < LIMIT_SHEETS) {
		table_begin(maker, p->ctx, kind, name);
		return;
	}
	table_begin(maker, p->ctx, kind, "");
	maker->full = true;
	p->reason = arena_printf(p->ctx->arena,
	    "it holds more than %d sheets or tables. We read the first %d.",
	    LIMIT_SHEETS, LIMIT_SHEETS);
}

void
package_add(struct package *p, struct table_maker *maker)
{
	struct record_table table;

	table_end(maker, &table);
	if (*p->reason == '\0')
		p->reason = maker->reason;
	if (table.row_count > 0)
		*(struct record_table *)arena_push(p->ctx->arena, &p->tables,
		    &p->table_count, sizeof(*p->tables)) = table;
}

void
package_keep_text(struct package *p, struct record_part *part,
    const struct buf *text)
{
	size_t keep =
	    text->over ? text_cut(text->data, text->len - 4) : text->len;

	if (keep > 0 && context_try(&p->ctx->text_left, keep))
		part->text = arena_strndup(p->ctx->arena, text->data, keep);
}

static void
stop_large(struct package *p, const char *what, int bytes)
{
	package_stop(p, PART_TOO_LARGE,
	    arena_printf(p->arena, "%s to more than %d MB.", what,
		bytes / MEGABYTE));
}

/* Counted here: what the file says of its own size may be a lie. */
static bool
within_limits(struct package *p, size_t bytes, size_t *entry_left)
{
	if (!context_try(entry_left, bytes))
		stop_large(p, "it unpacks", LIMIT_ENTRY_BYTES);
	else if (!context_try(&p->ctx->unpack_left, bytes))
		stop_large(p, "your files unpack", LIMIT_UNPACKED_BYTES);
	return !package_stopped(p);
}

static void
unpack(struct package *p, zip_file_t *entry, package_take_fn take, void *arg)
{
	char *chunk = arena_alloc(p->arena, CHUNK_BYTES);
	size_t left = LIMIT_ENTRY_BYTES;
	zip_int64_t n;

	do {
		n = zip_fread(entry, chunk, CHUNK_BYTES);
		if (n < 0)
			package_stop(p, PART_UNREADABLE, "");
	} while (n > 0 && within_limits(p, (size_t)n, &left) &&
		 take(arg, chunk, (size_t)n) && !package_stopped(p));
}

static bool
is_plain(zip_uint16_t method)
{
	return method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE;
}

int
package_read(struct package *p, const char *name, package_take_fn take,
    void *arg)
{
	zip_stat_t stat;

	if (package_stopped(p))
		return ERR_INPUT;
	zip_int64_t index = locate(p, name);
	if (index < 0)
		return ERR_NOT_FOUND;
	zip_file_t *entry = NULL;
	if (zip_stat_index(p->archive, (zip_uint64_t)index, 0, &stat) == 0 &&
	    is_plain(stat.comp_method))
		entry = zip_fopen_index(p->archive, (zip_uint64_t)index, 0);
	if (entry == NULL) {
		package_stop(p, PART_UNREADABLE, "");
		return ERR_INPUT;
	}
	unpack(p, entry, take, arg);
	(void)zip_fclose(entry); /* it was only read */
	return package_stopped(p) ? ERR_INPUT : 0;
}
