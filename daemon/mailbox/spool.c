#include "mailbox/spool.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

struct spool {
	int fd;
	int in_memory;
	struct sha256 *sha;
};

enum {
	PATH_BYTES = 4096
};

/* A file without a name; where the file system has none, with a short one. */
static int
open_file(const char *folder, struct err *err)
{
	char path[PATH_BYTES];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR)
		return err_system(err, "a copy in %s", folder);
	int len = snprintf(path, sizeof(path), "%s/spool.XXXXXX", folder);
	fd = len < (int)sizeof(path) ? mkostemp(path, O_CLOEXEC) : -1;
	if (fd < 0)
		return err_system(err, "a copy in %s", folder);
	(void)unlink(path); /* it was made a moment ago; else it stays */
	return fd;
}

int
spool_new(const char *folder, uint64_t expected_bytes, struct spool **ret_spool,
    struct err *err)
{
	int in_memory = expected_bytes <= SPOOL_MEMORY_BYTES;
	int fd = in_memory
		     ? memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING)
		     : open_file(folder, err);

	if (fd < 0)
		return in_memory ? err_system(err, "memory for a copy") : fd;
	struct spool *spool = calloc(1, sizeof(*spool));
	BUG_ON(spool == NULL);
	*spool = (struct spool){fd, in_memory, sha256_new()};
	*ret_spool = spool;
	return 0;
}

int
spool_add(struct spool *spool, const void *data, size_t bytes, struct err *err)
{
	sha256_add(spool->sha, data, bytes);
	return io_write_all(spool->fd, data, bytes, err);
}

void
spool_digest_more(struct spool *spool, const char *text)
{
	sha256_add(spool->sha, text, strlen(text));
}

size_t
spool_header_bytes(const char *data, size_t bytes)
{
	for (size_t i = 0; i + 1 < bytes; i++) {
		if (data[i] != '\n')
			continue;
		if (data[i + 1] == '\n')
			return i + 2;
		if (i + 2 < bytes && data[i + 1] == '\r' && data[i + 2] == '\n')
			return i + 3;
	}
	return bytes;
}

/* The same file, for reading only, from its beginning. */
static int
reopen(struct spool *spool, struct err *err)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", spool->fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_system(err, "open a copy again");
}

int
spool_finish(struct spool *spool, int *ret_fd,
    char ret_sha256[static SHA256_HEX_BYTES], struct err *err)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = -1;

	if (spool->in_memory && fcntl(spool->fd, F_ADD_SEALS, seals) != 0)
		fd = err_system(err, "seal a copy");
	else
		fd = reopen(spool, err);
	if (fd >= 0) {
		*ret_fd = fd;
		sha256_hex(spool->sha, ret_sha256);
		spool->sha = NULL;
	}
	spool_cleanup(&spool);
	FAULT("mailbox-spooled");
	return fd < 0 ? fd : 0;
}

void
spool_cleanup(struct spool **spool)
{
	char unused[SHA256_HEX_BYTES];

	if (*spool == NULL)
		return;
	if ((*spool)->sha != NULL)
		sha256_hex((*spool)->sha, unused); /* frees it */
	io_close(&(*spool)->fd);
	free(*spool);
	*spool = NULL;
}
