/*
 * replay READER FILE...: each file through the fuzz target of that reader,
 * once, without a fuzzer. One line a file, for run_tests.py.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/macros.h"

enum {
	NAME_BYTES = 64,
	FILE_BYTES = 4 * 1024 * 1024,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void
replay(const char *path, uint8_t *data)
{
	int fd CLEANUP(io_close)
	= open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, data, FILE_BYTES);

	BUG_ON(n < 0);
	(void)LLVMFuzzerTestOneInput(data, (size_t)n);
	printf("ok %s\n", path);
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	char name[NAME_BYTES];
	char *target[] = {name, NULL}, **targets = target;
	uint8_t *data = malloc(FILE_BYTES);
	int count = 1;

	BUG_ON(argc < 2 || data == NULL);
	(void)snprintf(name, sizeof(name), "fuzz_%s", argv[1]);
	(void)LLVMFuzzerInitialize(&count, &targets);
	for (int i = 2; i < argc; i++)
		replay(argv[i], data);
	free(data);
	return 0;
}
