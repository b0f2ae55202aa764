/* target.c - what a request is for, by its request-target
 *
 *      absolute-form   scheme "://" [userinfo "@"] host [":" port] [path]
 *      origin-form     path, and Host says whose
 *      asterisk-form   "*", with OPTIONS alone
 *
 * RFC 9112 section 3.2.  An absolute target is the whole truth, and Host beside
 * it is not looked at (section 3.2.2), so nobody behind us can be made to read
 * another host than the one our rules have seen.  For the same reason there is
 * no userinfo in http (RFC 9110 section 4.2.4), and no fragment anywhere: what
 * one reader takes for the end of the path another takes for a part of it.
 */
#include "core/target.h"

#include <assert.h>
#include <string.h>

#include "core/ascii.h"
#include "core/authority.h"
#include "core/field.h"

enum { USERINFO_MAX = 8192, ROOTED_MAX = 1 << 30 };

static const struct known {
	const char *scheme;
	unsigned port;
	int http;
} known[] = {
	{ "http", 80, 1 }, { "https", 443, 1 }, { "ws", 80, 1 },
	{ "wss", 443, 1 }, { "ftp", 21, 0 },
};

enum { KNOWN = sizeof known / sizeof known[0] };

void
tnl_target_init(struct tnl_target *t, const struct tunnel_alloc *a)
{
	memset(t, 0, sizeof *t);
	tnl_buf_init(&t->userinfo, a, USERINFO_MAX);
	tnl_buf_init(&t->rooted, a, ROOTED_MAX);
	t->path = "";
}

void
tnl_target_clear(struct tnl_target *t)
{
	t->scheme[0] = t->host[0] = '\0';
	t->port = 0;
	t->authority = NULL;
	t->authority_n = 0;
	t->path = "";
	tnl_buf_free(&t->userinfo);
	tnl_buf_free(&t->rooted);
}

/* host [":" port], with the port of the scheme where there is none. */
static int
read_authority(struct tnl_target *t, const char *p, size_t n)
{
	const char *host;
	size_t hn, i;

	if (!tnl_authority_split(p, n, &host, &hn, &t->port))
		return TUNNEL_ETARGET;
	assert(hn < sizeof t->host);
	memcpy(t->host, host, hn);
	t->host[hn] = '\0';
	t->authority = p;
	t->authority_n = n;
	for (i = 0; i < KNOWN && t->port == 0; i++)
		if (strcmp(known[i].scheme, t->scheme) == 0 ||
		    (i == 0 && t->scheme[0] == '\0'))
			t->port = known[i].port;
	return 0;
}

static int
read_userinfo(struct tnl_target *t, const char *p, size_t n)
{
	size_t i;
	int rv;

	for (i = 0; i < KNOWN; i++)
		if (known[i].http && strcmp(known[i].scheme, t->scheme) == 0)
			return TUNNEL_ETARGET;
	rv = tnl_buf_add(&t->userinfo, p, n);
	if (rv == 0)
		rv = tnl_buf_byte(&t->userinfo, '\0');
	return rv == TUNNEL_EHEAD ? TUNNEL_ETARGET : rv;
}

/* scheme "://": how long that is, or 0. */
static size_t
read_scheme(struct tnl_target *t, const char *p)
{
	size_t n = 0;

	if (!tnl_is((uint8_t)p[0], TNL_ALPHA))
		return 0;
	while (tnl_is((uint8_t)p[n], TNL_ALPHA | TNL_DIGIT) || p[n] == '+' ||
	    p[n] == '-' || p[n] == '.') {
		if (n == sizeof t->scheme - 1)
			return 0;
		t->scheme[n] = (char)tnl_lower((uint8_t)p[n]);
		n++;
	}
	t->scheme[n] = '\0';
	return strncmp(p + n, "://", 3) == 0 ? n + 3 : 0;
}

/* An empty path is "/", and with OPTIONS "*" (RFC 9112 section 3.2.4). */
static int
read_path(struct tnl_target *t, const char *path, int options)
{
	int rv;

	t->path = *path != '\0' ? path : options ? "*" : "/";
	if (*path != '?')
		return 0;
	rv = tnl_buf_byte(&t->rooted, '/');
	if (rv == 0)
		rv = tnl_buf_add(&t->rooted, path, strlen(path) + 1);
	if (rv == 0)
		t->path = tnl_buf_text(&t->rooted, 0);
	return rv;
}

static int
read_absolute(struct tnl_target *t, const char *p, int options)
{
	size_t n = read_scheme(t, p), i;
	int rv;

	if (n == 0)
		return TUNNEL_ETARGET;
	p += n;
	for (n = 0; p[n] != '\0' && p[n] != '/' && p[n] != '?'; n++)
		continue;
	rv = read_path(t, p + n, options);
	if (rv < 0)
		return rv;
	/* The last "@", as in url: a host cannot have one. */
	for (i = n; i > 0 && p[i - 1] != '@'; i--)
		continue;
	if (i > 0) {
		rv = read_userinfo(t, p, i - 1);
		if (rv < 0)
			return rv;
	}
	return read_authority(t, p + i, n - i);
}

int
tnl_target_read(struct tnl_target *t, const struct tnl_head *h)
{
	const char *target = tnl_head_target(h), *host;
	int options = strcmp(tnl_head_method(h), "OPTIONS") == 0;

	if (strchr(target, '#') != NULL)
		return TUNNEL_ETARGET;
	if (target[0] != '/' && strcmp(target, "*") != 0)
		return read_absolute(t, target, options);
	if (target[0] == '*' && !options)
		return TUNNEL_ETARGET;
	t->path = target;
	host = tnl_field_get(h, "host", 0);
	return host == NULL || *host == '\0' ? 0 :
	    read_authority(t, host, strlen(host));
}
