/* common_private.c - files that are nobody else's business
 *
 * Whose they are is asked of the open file, so that it is that one and no other
 * that is read.
 */
#include "common_private.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_secret.h"

enum { FILE_MAX = 262144 };

/* Fill the buffer, which has room for one byte more than there may be: 0 or an
 * errno. */
static int
fill(struct private_file *f, int fd)
{
	ssize_t r;

	while (f->n <= FILE_MAX) {
		r = read(fd, f->text + f->n, FILE_MAX + 1 - f->n);
		if (r == 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return errno;
		f->n += r > 0 ? (size_t)r : 0;
	}
	return EFBIG;
}

static int
read_all(struct private_file *f, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	f->shown = (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0;
	f->text = malloc(FILE_MAX + 2);
	return f->text != NULL ? fill(f, fd) : ENOMEM;
}

void
private_read(struct private_file *f, const char *path)
{
	int fd;

	/* It may wait, for a pipe's writer or for a file server. */
	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	memset(f, 0, sizeof *f);
	f->error = fd < 0 ? errno : read_all(f, fd);
	if (f->error != 0)
		private_drop(f);
	else
		f->text[f->n] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

void
private_drop(struct private_file *f)
{
	if (f->text != NULL)
		secret_wipe(f->text, f->n);
	free(f->text);
	f->text = NULL;
	f->n = 0;
}
