#include "forms/workbook_file.h"

#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"

static const char SHEETS[] = "xl/worksheets/sheet";
static const char FIXED[] = " customHeight=\"1\"";

enum {
	SHEET_NAME_CHARS = 31,
	MADE = 0x21 /* 1 January 1980, as the library dates its parts */
};

const char *
workbook_sheet_name(struct arena *arena, const char *text)
{
	char *name = arena_strdup(arena, text);
	size_t bytes = 0;

	for (char *p = name; *p != '\0'; p++)
		if (strchr("[]:*?/\\'", *p) != NULL)
			*p = ' ';
	for (size_t chars = 0; name[bytes] != '\0' && chars < SHEET_NAME_CHARS;
	     chars++)
		do
			bytes++;
		while ((name[bytes] & 0xC0) == 0x80);
	name[bytes] = '\0';
	name = text_trim(arena, name);
	return *name == '\0' ? "Form" : name;
}

static void
close_archive(zip_t **archive)
{
	if (*archive != NULL)
		zip_discard(*archive);
}

static int
failed_zip(zip_t *archive, struct err *err)
{
	return err_set(err, ERR_SYSTEM, BLAME_OPERATOR,
	    "a workbook cannot be written: %s", zip_strerror(archive));
}

/* In place. */
static zip_uint64_t
drop_heights(char *text, zip_uint64_t bytes)
{
	char *to = text, *end = text + bytes;

	for (char *from = text; from < end;) {
		char *next = memmem(from, (size_t)(end - from), FIXED,
		    sizeof(FIXED) - 1);
		size_t keep = (size_t)((next == NULL ? end : next) - from);
		memmove(to, from, keep);
		to += keep;
		from += keep + (next == NULL ? 0 : sizeof(FIXED) - 1);
	}
	return (zip_uint64_t)(to - text);
}

static char *
read_part(zip_t *archive, zip_uint64_t index, zip_uint64_t *ret_bytes)
{
	zip_stat_t stat;
	zip_file_t *file = zip_fopen_index(archive, index, 0);
	char *text = NULL;

	if (file == NULL || zip_stat_index(archive, index, 0, &stat) != 0 ||
	    stat.size > LIMIT_MAIL_BYTES ||
	    (text = malloc(stat.size + 1)) == NULL ||
	    zip_fread(file, text, stat.size) != (zip_int64_t)stat.size) {
		free(text);
		text = NULL;
	} else {
		*ret_bytes = stat.size;
	}
	if (file != NULL)
		(void)zip_fclose(file);
	return text;
}

static int
rewrite(zip_t *archive, zip_uint64_t index, struct err *err)
{
	zip_uint64_t bytes = 0;
	char *text = read_part(archive, index, &bytes);

	if (text == NULL)
		return failed_zip(archive, err);
	/* The source frees the text. */
	zip_source_t *source =
	    zip_source_buffer(archive, text, drop_heights(text, bytes), 1);
	if (source == NULL) {
		free(text);
		return failed_zip(archive, err);
	}
	if (zip_file_replace(archive, index, source, 0) != 0) {
		zip_source_free(source);
		return failed_zip(archive, err);
	}
	(void)zip_file_set_dostime(archive, index, 0, MADE, 0);
	return 0;
}

static int
rewrite_sheets(zip_t *archive, struct err *err)
{
	zip_int64_t count = zip_get_num_entries(archive, 0);
	int failed = 0;

	for (zip_uint64_t i = 0; failed >= 0 && (zip_int64_t)i < count; i++) {
		const char *name = zip_get_name(archive, i, 0);
		if (name != NULL && strncmp(name, SHEETS, strlen(SHEETS)) == 0)
			failed = rewrite(archive, i, err);
	}
	return failed;
}

static int
read_out(zip_source_t *source, struct buf *out, struct err *err)
{
	char chunk[65536];
	zip_int64_t bytes = -1;

	if (zip_source_open(source) == 0)
		while (
		    (bytes = zip_source_read(source, chunk, sizeof(chunk))) > 0)
			buf_add(out, chunk, (size_t)bytes);
	if (bytes < 0)
		return err_set(err, ERR_SYSTEM, BLAME_OPERATOR,
		    "a workbook cannot be read back");
	(void)zip_source_close(source);
	if (out->over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "a workbook is longer than %zu bytes", out->max);
	return 0;
}

static int
let_grow(int fd, struct buf *out, struct err *err)
{
	CLEANUP(buf_done)
	struct buf made;
	zip_error_t fault;

	buf_init(&made, LIMIT_MAIL_BYTES);
	int failed = io_read_all(fd, &made, err);
	if (failed < 0)
		return failed;
	zip_error_init(&fault);
	zip_source_t *source =
	    zip_source_buffer_create(made.data, made.len, 0, &fault);
	zip_t *archive CLEANUP(close_archive)
	= source == NULL ? NULL : zip_open_from_source(source, 0, &fault);
	if (archive == NULL) {
		zip_source_free(source);
		return err_set(err, ERR_SYSTEM, BLAME_OPERATOR,
		    "a workbook cannot be read back: %s",
		    zip_error_strerror(&fault));
	}
	zip_source_keep(source);
	failed = rewrite_sheets(archive, err);
	if (failed >= 0 && zip_close(archive) != 0)
		failed = failed_zip(archive, err);
	else if (failed >= 0)
		archive = NULL;
	if (failed >= 0)
		failed = read_out(source, out, err);
	zip_source_free(source);
	return failed;
}

static int
write_file(const struct workbook_file *file, const char *path, struct err *err)
{
	struct workbook_styles styles;
	lxw_workbook *book = workbook_new(path);

	if (book == NULL)
		return err_set(err, ERR_SYSTEM, BLAME_OPERATOR,
		    "a workbook cannot be made: out of memory");
	workbook_styles_init(&styles, book);
	file->write(file->ctx, &styles);
	lxw_error failed = workbook_close(book);
	if (failed != LXW_NO_ERROR)
		return err_set(err, ERR_FULL, BLAME_OPERATOR,
		    "a workbook cannot be written (is the folder for temporary "
		    "files full?): %s",
		    lxw_strerror(failed));
	return 0;
}

int
workbook_file_make(const struct workbook_file *file, struct buf *out,
    struct err *err)
{
	int fd CLEANUP(io_close)
	= memfd_create("workbook", MFD_CLOEXEC);
	char path[64];

	if (fd < 0)
		return err_system(err, "memfd_create");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int failed = write_file(file, path, err);
	return failed < 0 ? failed : let_grow(fd, out, err);
}
