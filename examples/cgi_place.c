/* cgi_place.c - which program a request is for
 *
 *      /tools/search.cgi/books/1%20x?q=a
 *      `------.--------'`----.-----' `-.-'
 *        SCRIPT_NAME     PATH_INFO   QUERY_STRING
 *
 * RFC 3875 section 3.3.  The path is decoded once and as a whole, before
 * anything is made of it, so that nothing can hide in an escape: what could be
 * a step upwards, another separator or the end of a C string is refused
 * wherever it stands, and not resolved.  The file system has the last word: a
 * link that leads out of the directory leads nowhere.
 */
#define _XOPEN_SOURCE 700         /* realpath */

#include "cgi_place.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode n bytes: 0, or a status. */
static int
decode(const char *in, size_t n, char *out)
{
	size_t i;
	int hi, lo, v;

	for (i = 0; i < n; i++) {
		v = (unsigned char)in[i];
		if (in[i] == '%') {
			hi = n - i > 2 ? digit(in[i + 1]) : -1;
			lo = n - i > 2 ? digit(in[i + 2]) : -1;
			if (hi < 0 || lo < 0)
				return 400;
			v = hi * 16 + lo;
			i += 2;
			if (v == '/')
				return 404;
		}
		if (v < 0x20 || v == 0x7f)
			return 400;
		*out++ = (char)v;
	}
	*out = '\0';
	return 0;
}

/* Is there a segment "." or ".."?  Clients resolve these before they ask
 * (RFC 3986 section 5.2.4); who does not wants something else. */
static int
steps(const char *path)
{
	const char *p = path, *end;
	size_t n;

	while ((p = strchr(p, '/')) != NULL) {
		p++;
		end = strchr(p, '/');
		n = end != NULL ? (size_t)(end - p) : strlen(p);
		if ((n == 1 || n == 2) && strncmp(p, "..", n) == 0)
			return 1;
	}
	return 0;
}

/* 0, or the status for errno. */
static int
status_of(int e)
{
	return e == EACCES ? 403 : e == ENOMEM ? -1 :
	    e == ENAMETOOLONG ? 414 : 404;
}

/* Does the name lead to a place below the directory?  0, or the status that
 * says no; without memory, nobody can tell. */
static int
stay_below(const char *directory, const char *file)
{
	char *real = realpath(file, NULL);
	size_t n = strlen(directory);
	int rv = 403;

	if (real == NULL)
		return errno == ENOMEM ? -1 : rv;
	if (strncmp(real, directory, n) == 0 &&
	    (real[n] == '/' || directory[n - 1] == '/'))
		rv = 0;
	free(real);
	return rv;
}

/* A file that was found: 0, or the status to refuse it with. */
static int
judge(const char *directory, const struct cgi_place *p)
{
	const char *name = strrchr(p->file, '/') + 1;
	int rv;

	/* Non-parsed headers (section 5) would have to speak HTTP. */
	if (strncmp(name, "nph-", 4) == 0)
		return 403;
	rv = stay_below(directory, p->file);
	return rv != 0 ? rv : access(p->file, X_OK) < 0 ? 403 : 0;
}

/* Go down the path as long as there are directories. */
static int
walk(const char *directory, struct cgi_place *p)
{
	size_t base = strlen(directory), at = 0, n;
	struct stat st;

	memcpy(p->file, directory, base);
	while (p->path[at] == '/') {
		n = strcspn(p->path + at + 1, "/");
		/* What begins with a dot is hidden, also from us. */
		if (n == 0 || p->path[at + 1] == '.')
			return 404;
		at += 1 + n;
		memcpy(p->file + base, p->path, at);
		p->file[base + at] = '\0';
		if (stat(p->file, &st) < 0)
			return status_of(errno);
		if (S_ISREG(st.st_mode)) {
			p->script_n = at;
			return judge(directory, p);
		}
		if (!S_ISDIR(st.st_mode))
			return 403;
	}
	return 404;
}

int
place_find(const char *directory, const char *target, struct cgi_place *p)
{
	size_t n = strcspn(target, "?");
	int rv;

	memset(p, 0, sizeof *p);
	p->path = malloc(n + 1);
	p->file = malloc(strlen(directory) + n + 1);
	p->query = malloc(strlen(target + n) + 1);
	if (p->path == NULL || p->file == NULL || p->query == NULL)
		return -1;
	(void)strcpy(p->query, target[n] == '?' ? target + n + 1 : "");
	rv = decode(target, n, p->path);
	if (rv == 0 && (p->path[0] != '/' || steps(p->path)))
		rv = 400;
	return rv != 0 ? rv : walk(directory, p);
}

void
place_free(struct cgi_place *p)
{
	free(p->path);
	free(p->file);
	free(p->query);
	memset(p, 0, sizeof *p);
}
