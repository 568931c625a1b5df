/*
 * Fuzz targets, one for each reader of the parser; the program's name says
 * which: fuzz_message, fuzz_xlsx … Any bytes become a mail, the mail a record,
 * the record goes over the wire. What decodes must encode to the same bytes.
 *
 * Of files that are zips, bytes that do not begin with PK are the texts of
 * their parts, with a line %% between them: so that a change reaches the
 * reader, and is not stopped by a checksum.
 */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "parser/parse.h"
#include "wire/record.h"

enum {
	PARTS = 6,
	FILE_BYTES = 8 * 1024 * 1024,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"
#define OFFICE \
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATION(id, type, target)                                             \
	"<Relationship Id='" id "' Type='" OFFICE "/" type "' Target='" target \
	"'/>"
#define RELATIONS(list) \
	"<Relationships xmlns='" PACKAGE "'>" list "</Relationships>"

#define FILE_HEAD(name)                                      \
	"From: a@b.example\nSubject: x\n"                    \
	"Content-Type: application/octet-stream; name=" name \
	"\nContent-Disposition: attachment\n"                \
	"Content-Transfer-Encoding: binary\n\n"

static const struct reader {
	const char *name, *head; /* what stands before the file in the mail */

	struct {
		const char *name, *text; /* NULL: of the input */
	} parts[PARTS];
} g_readers[] = {
    {"message", "", {{NULL, NULL}}},
    {"csv", FILE_HEAD("a.csv"), {{NULL, NULL}}},
    {"json", FILE_HEAD("a.json"), {{NULL, NULL}}},
    {"html",
	"From: a@b.example\nSubject: x\n"
	"Content-Type: text/html; charset=utf-8\n\n",
	{{NULL, NULL}}},
    {"xlsx", FILE_HEAD("a.xlsx"),
	{{"_rels/.rels",
	     RELATIONS(RELATION("r", "officeDocument", "xl/workbook.xml"))},
	    {"xl/_rels/workbook.xml.rels",
		RELATIONS(RELATION("rId1", "worksheet", "sheet.xml")
			RELATION("t", "sharedStrings", "strings.xml")
			    RELATION("y", "styles", "styles.xml"))},
	    {"xl/workbook.xml", NULL}, {"xl/styles.xml", NULL},
	    {"xl/strings.xml", NULL}, {"xl/sheet.xml", NULL}}},
    {"ods", FILE_HEAD("a.ods"),
	{{"META-INF/manifest.xml", NULL}, {"content.xml", NULL}}},
    {"docx", FILE_HEAD("a.docx"),
	{{"_rels/.rels",
	     RELATIONS(RELATION("r", "officeDocument", "word/document.xml"))},
	    {"word/document.xml", NULL}}},
};

static const struct reader *g_reader;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *slash = strrchr((*argv)[0], '_');

	(void)argc;
	for (size_t i = 0; slash != NULL && i < COUNT_OF(g_readers); i++)
		if (strcmp(slash + 1, g_readers[i].name) == 0)
			g_reader = &g_readers[i];
	BUG_ON(g_reader == NULL);
	parse_init();
	return 0;
}

static void
add_part(zip_t *archive, const char *name, const void *text, size_t bytes)
{
	zip_source_t *source = zip_source_buffer(archive, text, bytes, 0);
	zip_int64_t index = zip_file_add(archive, name, source, 0);

	BUG_ON(index < 0);
	BUG_ON(zip_set_file_compression(archive, (zip_uint64_t)index,
		   ZIP_CM_STORE, 0) != 0);
}

static void
add_parts(zip_t *archive, const char *data, size_t bytes)
{
	const char *end = data + bytes;

	for (size_t i = 0; i < PARTS && g_reader->parts[i].name != NULL; i++) {
		const char *text = g_reader->parts[i].text;
		if (text != NULL) {
			add_part(archive, g_reader->parts[i].name, text,
			    strlen(text));
			continue;
		}
		const char *stop =
		    memmem(data, (size_t)(end - data), "\n%%\n", 4);
		if (stop == NULL)
			stop = end;
		add_part(archive, g_reader->parts[i].name, data,
		    (size_t)(stop - data));
		data = end - stop < 4 ? end : stop + 4;
	}
}

/* The parts as a zip behind the mail's header. */
static void
pack(struct buf *mail, const void *data, size_t bytes)
{
	zip_error_t error;
	char chunk[4096];
	zip_int64_t n;

	zip_error_init(&error);
	zip_source_t *file = zip_source_buffer_create(NULL, 0, 0, &error);
	BUG_ON(file == NULL);
	zip_t *archive = zip_open_from_source(file, ZIP_TRUNCATE, &error);
	BUG_ON(archive == NULL);
	zip_source_keep(file);
	add_parts(archive, data, bytes);
	BUG_ON(zip_close(archive) != 0);
	BUG_ON(zip_source_open(file) != 0);
	while ((n = zip_source_read(file, chunk, sizeof(chunk))) > 0)
		buf_add(mail, chunk, (size_t)n);
	(void)zip_source_close(file);
	zip_source_free(file);
	zip_error_fini(&error);
}

static void
check_round_trip(struct arena *arena, const struct record *record)
{
	CLEANUP(buf_done)
	struct buf once = {0}, again = {0};
	struct record back;
	struct err err = {0};

	buf_init(&once, LIMIT_RECORD_BYTES);
	buf_init(&again, LIMIT_RECORD_BYTES);
	record_encode(record, &once);
	if (once.over)
		abort();
	if (record_decode(arena, once.data, once.len, &back, &err) != 0)
		abort();
	record_encode(&back, &again);
	if (again.len != once.len ||
	    memcmp(again.data, once.data, once.len) != 0)
		abort();
	buf_done(&again);
}

static void
parse(const struct buf *mail)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = arena_new((size_t)2 * LIMIT_ARENA_BYTES);
	CLEANUP(io_close)
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct record record;
	struct err err = {0};

	if (fd < 0 || io_write_all(fd, buf_text(mail), mail->len, &err) != 0)
		abort();
	if (parse_message(arena, fd, NULL, &record, &err) == 0)
		check_round_trip(arena, &record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	CLEANUP(buf_done)
	struct buf mail = {0};

	buf_init(&mail, FILE_BYTES);
	buf_puts(&mail, g_reader->head);
	if (g_reader->parts[0].name == NULL ||
	    (bytes >= 2 && memcmp(data, "PK", 2) == 0))
		buf_add(&mail, data, bytes);
	else
		pack(&mail, data, bytes);
	parse(&mail);
	return 0;
}
