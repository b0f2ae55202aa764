/* common_account.c - a credentials file
 *
 *      # comment
 *      USER:PASSWORD
 *      PROXYHOST[:PORT] USER:PASSWORD
 *      * USER:PASSWORD
 *
 * The first line that fits counts.  One that names no proxy, or "*", fits those
 * that are known to want this user, and the first on the way; so that what is
 * meant for one proxy is not shown to another.  A bare USER:PASSWORD whose
 * password has a blank in it is still one, unless what is before the blank
 * could be a host.
 */
#include "common_account.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <tunnel.h>

/* Read "host" or "host:port", port being 0 without one: 1 or 0. */
static int
read_place(const char *p, size_t n, char *host, unsigned *port)
{
	char text[TUNNEL_HOST_MAX + 16];
	size_t len;

	if (n >= TUNNEL_HOST_MAX + 8)
		return 0;
	if (tunnel_authority_parse(p, n, host, TUNNEL_HOST_MAX, port) == 0)
		return 1;
	len = (size_t)snprintf(text, sizeof text, *p != '[' &&
	    memchr(p, ':', n) != NULL ? "[%.*s]:1" : "%.*s:1", (int)n, p);
	if (tunnel_authority_parse(text, len, host, TUNNEL_HOST_MAX, port) < 0)
		return 0;
	*port = 0;
	return 1;
}

/* Does the line begin with who it is for?  *used are the bytes of that.  1 when
 * it fits, 0 when not. */
static int
fits(const struct account *a, const char *p, size_t n, size_t *used)
{
	size_t word = strcspn(p, " \t\n"), blank;
	char host[TUNNEL_HOST_MAX];
	unsigned port;
	int star;

	*used = 0;
	if (word >= n)
		return a->bare || a->user != NULL;
	blank = strspn(p + word, " \t");
	star = word == 1 && *p == '*';
	if (memchr(p + word, ':', n - word) == NULL ||
	    (!star && !read_place(p, word, host, &port)))
		return a->bare || a->user != NULL;
	*used = word + blank;
	if (star)
		return a->bare || a->user != NULL;
	return strcasecmp(host, a->host) == 0 && (port == 0 || port == a->port);
}

/* One line, without its end: 1 found, 0 not, -1 it is none. */
static int
look(struct account *a, const char *p, size_t n)
{
	const char *colon;
	size_t used;
	int fit = fits(a, p, n, &used);

	p += used;
	n -= used;
	colon = memchr(p, ':', n);
	if (colon == NULL || memchr(p, '\0', n) != NULL)
		return -1;
	if (!fit || a->found_user != NULL || (a->user != NULL &&
	    (strlen(a->user) != (size_t)(colon - p) ||
	    memcmp(a->user, p, strlen(a->user)) != 0)))
		return 0;
	a->found_user = p;
	a->user_n = (size_t)(colon - p);
	a->found_password = colon + 1;
	a->password_n = n - a->user_n - 1;
	return 1;
}

int
account_in_file(struct account *a, const char *text, size_t n)
{
	const char *end = text + n, *p, *stop;
	int line = 0, found = 0, rv;

	for (p = text; p < end; p = stop + 1) {
		line++;
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		n = (size_t)(stop - p);
		if (n > 0 && p[n - 1] == '\r')
			n--;
		while (n > 0 && (*p == ' ' || *p == '\t')) {
			p++;
			n--;
		}
		if (n == 0 || *p == '#')
			continue;
		rv = look(a, p, n);
		if (rv < 0)
			return -line;
		found |= rv;
	}
	return found;
}

int
account_file(struct private_file *f, const char *path, char *why, size_t cap)
{
	struct account a;
	int rv;

	private_read(f, path);
	if (f->error != 0) {
		(void)snprintf(why, cap, "the credentials file %s cannot be "
		    "read: %s", path, strerror(f->error));
		return -1;
	}
	if (f->shown) {
		(void)snprintf(why, cap, "the credentials file %s is not used, "
		    "as others can get at it: chmod 600 %s", path, path);
		return -1;
	}
	memset(&a, 0, sizeof a);
	a.host = "";
	rv = account_in_file(&a, f->text, f->n);
	if (rv >= 0)
		return 0;
	(void)snprintf(why, cap, "line %d of the credentials file %s is "
	    "neither USER:PASSWORD nor PROXYHOST[:PORT] USER:PASSWORD", -rv,
	    path);
	return -1;
}
