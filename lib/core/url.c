/* url.c - the address of a proxy, as people write it
 *
 *      [scheme "://"] [user [":" password] "@"] host [":" port] ["/"]
 *
 * RFC 3986 section 3.  What is behind https:// is read as well, though nothing
 * here speaks TLS: who has a TLS stack knows what to do with it.
 *
 * The parts are kept as strings one behind the other in one buffer, which is
 * wiped with the object.  The last "@" ends the userinfo, as in curl: people do
 * write passwords with an "@" in them, and a host cannot have one.
 */
#include <tunnel/url.h>

#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/authority.h"
#include "core/buf.h"

enum { URL_MAX = 8192, NONE = 0, HTTP_PORT = 80, HTTPS_PORT = 443 };

struct tunnel_url {
	struct tunnel_alloc a;
	struct tnl_buf text;    /* begins with a NUL, so no part is at NONE */
	size_t scheme, host, user, password;    /* offsets, or NONE */
	unsigned port;
};

struct tunnel_url *
tunnel_url_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_url *u;

	tnl_alloc_init(&own, a);
	u = tnl_get(&own, sizeof *u);
	if (u == NULL)
		return NULL;
	u->a = own;
	tnl_buf_init(&u->text, &u->a, (size_t)2 * URL_MAX);
	return u;
}

void
tunnel_url_free(struct tunnel_url *u)
{
	struct tunnel_alloc a;

	if (u == NULL)
		return;
	a = u->a;
	tnl_buf_free(&u->text);
	tnl_put(&a, u, sizeof *u);
}

/* Keep n characters as one part and say where. */
static int
keep(struct tunnel_url *u, const char *p, size_t n, size_t *at)
{
	int rv;

	*at = u->text.n;
	rv = tnl_buf_add(&u->text, p, n);
	return rv < 0 ? rv : tnl_buf_byte(&u->text, '\0');
}

/* The same, percent-decoded (RFC 3986 section 2.1); no control bytes. */
static int
keep_decoded(struct tunnel_url *u, const char *p, size_t n, size_t *at)
{
	int hi, lo, c, rv;
	size_t i;

	*at = u->text.n;
	for (i = 0; i < n; i++) {
		c = (uint8_t)p[i];
		if (c == '%') {
			if (n - i < 3)
				return TUNNEL_EURL;
			hi = tnl_hex((uint8_t)p[i + 1]);
			lo = tnl_hex((uint8_t)p[i + 2]);
			if (hi < 0 || lo < 0)
				return TUNNEL_EURL;
			c = hi << 4 | lo;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return TUNNEL_EURL;
		rv = tnl_buf_byte(&u->text, (uint8_t)c);
		if (rv < 0)
			return rv;
	}
	return tnl_buf_byte(&u->text, '\0');
}

/* The scheme, if there is one; *p moves behind it.  *port is the scheme's, or 0
 * when what follows is not for us to read. */
static int
parse_scheme(struct tunnel_url *u, const char **p, unsigned *port)
{
	const char *s = *p;
	size_t n = 0;
	int rv;

	while (tnl_is((uint8_t)s[n], TNL_ALPHA | TNL_DIGIT) || s[n] == '+' ||
	    s[n] == '-' || s[n] == '.')
		n++;
	*port = HTTP_PORT;
	if (n == 0 || strncmp(s + n, "://", 3) != 0)
		return keep(u, "http", 4, &u->scheme);
	*p = s + n + 3;
	rv = keep(u, s, n, &u->scheme);
	if (rv < 0)
		return rv;
	if (tnl_same_n(s, n, "http", 4))
		return 0;
	*port = tnl_same_n(s, n, "https", 5) ? HTTPS_PORT : 0;
	return TUNNEL_ESCHEME;
}

static int
parse_userinfo(struct tunnel_url *u, const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n);
	size_t un = colon != NULL ? (size_t)(colon - p) : n;
	int rv = keep_decoded(u, p, un, &u->user);

	if (rv < 0 || colon == NULL)
		return rv;
	return keep_decoded(u, colon + 1, n - un - 1, &u->password);
}

static int
parse_rest(struct tunnel_url *u, const char *p, unsigned port)
{
	const char *host, *at = NULL;
	size_t i, n = 0, hn;
	int rv;

	while (p[n] != '\0' && p[n] != '/' && p[n] != '?' && p[n] != '#')
		n++;
	/* A proxy has no path; one that is given is a mistake worth telling. */
	if (p[n] != '\0' && strcmp(p + n, "/") != 0)
		return TUNNEL_EURL;
	for (i = 0; i < n; i++)
		if (p[i] == '@')
			at = p + i;
	if (at != NULL) {
		rv = parse_userinfo(u, p, (size_t)(at - p));
		if (rv < 0)
			return rv;
		n -= (size_t)(at - p) + 1;
		p = at + 1;
	}
	if (!tnl_authority_split(p, n, &host, &hn, &u->port))
		return TUNNEL_EURL;
	if (u->port == 0)
		u->port = port;
	return keep(u, host, hn, &u->host);
}

int
tunnel_url_parse(struct tunnel_url *u, const char *text)
{
	unsigned port = 0;
	int rv, rest = 0;

	tnl_buf_clear(&u->text);
	u->scheme = u->host = u->user = u->password = NONE;
	u->port = 0;
	if (strlen(text) > URL_MAX)
		return TUNNEL_EURL;
	rv = tnl_buf_byte(&u->text, '\0');
	if (rv == 0)
		rv = parse_scheme(u, &text, &port);
	if (port != 0 && rv != TUNNEL_ENOMEM)
		rest = parse_rest(u, text, port);
	rv = rest < 0 ? rest : rv;
	if (rv < 0 && rv != TUNNEL_ESCHEME) {
		tnl_buf_clear(&u->text);
		u->scheme = NONE;
		u->host = u->user = u->password = NONE;
		u->port = 0;
	}
	return rv;
}

static const char *
part(const struct tunnel_url *u, size_t at)
{
	return at == NONE ? NULL : tnl_buf_text(&u->text, at);
}

const char *
tunnel_url_scheme(const struct tunnel_url *u)
{
	return part(u, u->scheme);
}

const char *
tunnel_url_host(const struct tunnel_url *u)
{
	return part(u, u->host);
}

unsigned
tunnel_url_port(const struct tunnel_url *u)
{
	return u->port;
}

const char *
tunnel_url_user(const struct tunnel_url *u)
{
	return part(u, u->user);
}

const char *
tunnel_url_password(const struct tunnel_url *u)
{
	return part(u, u->password);
}
