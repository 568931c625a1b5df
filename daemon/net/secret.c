#include "net/secret.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

void
secret_done(struct buf *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->cap);
	buf_done(secret);
}

static bool
is_credential(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t n = folder == NULL ? 0 : strlen(folder);

	return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

static int
check_mode(int fd, const char *path, struct err *err)
{
	struct stat st;
	/* An access list of systemd's shows as bits of the group. */
	mode_t others = is_credential(path) ? S_IRWXO : S_IRWXG | S_IRWXO;

	if (fstat(fd, &st) != 0)
		return err_system(err, "%.200s", path);
	if ((st.st_mode & others) != 0)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%.200s can be read by others; chmod 600 it", path);
	return 0;
}

static int
keep_first_line(struct buf *secret, const char *path, struct err *err)
{
	size_t n = strcspn(buf_text(secret), "\r\n");

	if (n == 0 || strlen(buf_text(secret)) != secret->len)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%.200s holds no line of text", path);
	secret->len = n;
	secret->data[n] = '\0';
	return 0;
}

int
secret_read(const char *path, struct buf *ret_secret, struct err *err)
{
	int fd CLEANUP(io_close)
	= open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "the secret in %.200s cannot be read: %s", path,
		    strerror(errno));
	int code = check_mode(fd, path, err);
	if (code != 0)
		return code;
	/* All of it at once: a buffer that grew would leave copies behind. */
	char text[SECRET_BYTES];
	ssize_t n = read(fd, text, sizeof(text));
	if (n < 0)
		code = err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "the secret in %.200s cannot be read: %s", path,
		    strerror(errno));
	buf_init(ret_secret, SECRET_BYTES + 1);
	if (code == 0)
		buf_add(ret_secret, text, (size_t)n);
	explicit_bzero(text, sizeof(text));
	if (code == 0)
		code = keep_first_line(ret_secret, path, err);
	if (code != 0)
		secret_done(ret_secret);
	return code;
}

int
secret_read_credential(const char *name, struct buf *ret_secret,
    struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	if (folder == NULL)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "credential \"%.100s\" comes from systemd, which did not "
		    "start this lscpd; use password-file",
		    name);
	if (strchr(name, '/') != NULL || snprintf(path, sizeof(path), "%s/%s",
					     folder, name) >= (int)sizeof(path))
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "\"%.100s\" is no name of a credential", name);
	return secret_read(path, ret_secret, err);
}
