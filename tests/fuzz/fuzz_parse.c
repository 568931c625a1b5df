/*
 * Fuzz target: any bytes as a mail through the parser, its record through the
 * wire. What decodes must encode to the same bytes again.
 */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "parser/parse.h"
#include "wire/record.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	parse_init();
	return 0;
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
		return;
	if (record_decode(arena, once.data, once.len, &back, &err) != 0)
		abort();
	record_encode(&back, &again);
	if (again.len != once.len ||
	    memcmp(again.data, once.data, once.len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	CLEANUP(arena_cleanup)
	struct arena *arena = NULL;
	CLEANUP(io_close)
	int fd = -1;
	struct record record;
	struct err err = {0};

	arena = arena_new(LIMIT_ARENA_BYTES);
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || io_write_all(fd, data, bytes, &err) != 0)
		abort();
	if (parse_message(arena, fd, NULL, &record, &err) == 0)
		check_round_trip(arena, &record);
	return 0;
}
