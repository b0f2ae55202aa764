/* cgi_environment.c - what a program is told
 *
 * Nothing of our own environment but where programs are, and what was asked for
 * on the command line.  A field of the request becomes HTTP_ and its name
 * (section 4.1.18), but not one that
 *
 *   - is there already, or was for the connection (RFC 9110 section 7.6.1);
 *   - is Proxy, whose variable many a program takes for its own settings;
 *   - holds credentials, unless the program is to check them;
 *   - has a name that another one could be mistaken for, as X_A for X-A.
 */
#include "cgi_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const ours[] = {
	"CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "PATH_INFO",
	"PATH_TRANSLATED", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST",
	"REMOTE_PORT", "REQUEST_METHOD", "REQUEST_URI", "SCRIPT_FILENAME",
	"SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
	"SERVER_SOFTWARE"
};

/* Field names that never become variables. */
static const char *const unsaid[] = {
	"connection", "content-length", "content-type", "expect", "keep-alive",
	"proxy", "proxy-authorization", "proxy-connection", "te", "trailer",
	"transfer-encoding", "upgrade"
};

struct list {
	char **v;
	size_t n, cap;
	int failed;
};

/* ---- a list of strings ---------------------------------------------- */

static void
append(struct list *l, char *s)
{
	char **more;

	if (s != NULL && l->cap - l->n < 2) {
		more = realloc(l->v, 2 * l->cap * sizeof *more);
		if (more != NULL) {
			l->v = more;
			l->cap *= 2;
		}
	}
	if (s == NULL || l->cap - l->n < 2) {
		free(s);
		l->failed = 1;
		return;
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

/* "a" + "b" + "c". */
static char *
join(const char *a, const char *b, const char *c)
{
	size_t n = strlen(a), m = strlen(b), k = strlen(c);
	char *s = malloc(n + m + k + 1);

	if (s != NULL) {
		memcpy(s, a, n);
		memcpy(s + n, b, m);
		memcpy(s + n + m, c, k + 1);
	}
	return s;
}

static void
add(struct list *l, const char *name, const char *value)
{
	if (value != NULL)
		append(l, join(name, "=", value));
}

static void
add_number(struct list *l, const char *name, unsigned value)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%u", value);
	add(l, name, text);
}

/* ---- the fields of the request -------------------------------------- */

/* HTTP_NAME, or "" for one that is not said. */
static void
variable(const struct cgi_asked *q, const char *name, char *out, size_t cap)
{
	size_t i, n = strlen(name);

	*out = '\0';
	for (i = 0; i < sizeof unsaid / sizeof unsaid[0]; i++)
		if (strcasecmp(name, unsaid[i]) == 0)
			return;
	if ((!q->authorization && strcasecmp(name, "authorization") == 0) ||
	    n + 6 > cap)
		return;
	for (i = 0; i < n; i++)
		if (!((name[i] >= '0' && name[i] <= '9') || name[i] == '-' ||
		    (name[i] >= 'a' && name[i] <= 'z') ||
		    (name[i] >= 'A' && name[i] <= 'Z')))
			return;
	(void)strcpy(out, "HTTP_");
	for (i = 0; i < n; i++)
		out[5 + i] = (char)(name[i] == '-' ? '_' : name[i] >= 'a' &&
		    name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
	out[5 + n] = '\0';
}

/* Fields of one name are one list (RFC 9110 section 5.3), but for cookies. */
static void
add_field(struct list *l, size_t from, const char *name, const char *value)
{
	size_t n = strlen(name), i;
	char *longer;

	for (i = from; i < l->n; i++)
		if (strncmp(l->v[i], name, n) == 0 && l->v[i][n] == '=') {
			longer = join(l->v[i], strcmp(name, "HTTP_COOKIE") ==
			    0 ? "; " : ", ", value);
			if (longer != NULL) {
				free(l->v[i]);
				l->v[i] = longer;
			} else {
				l->failed = 1;
			}
			return;
		}
	add(l, name, value);
}

/* The authority of an absolute target is the host that is asked for, whatever
 * Host says (RFC 9112 section 3.2.2). */
static const char *
host_of(const struct tunnel_server *s, const char *value, char *text,
    size_t cap)
{
	const char *target = tunnel_server_target(s);
	const char *from = strstr(target, "://");
	size_t n;

	if (*target == '/' || from == NULL)
		return value;
	from += 3;
	n = strcspn(from, "/?");
	if (n >= cap)
		return value;
	memcpy(text, from, n);
	text[n] = '\0';
	return text;
}

static void
add_fields(struct list *l, const struct cgi_asked *q,
    const struct tunnel_server *s)
{
	const char *name, *value;
	char text[256], host[TUNNEL_HOST_MAX + 16];
	size_t i, from = l->n;

	for (i = 0; (name = tunnel_server_request_at(s, i, &value)) != NULL;
	    i++) {
		variable(q, name, text, sizeof text);
		if (strcmp(text, "HTTP_HOST") == 0)
			value = host_of(s, value, host, sizeof host);
		if (*text != '\0')
			add_field(l, from, text, value);
	}
}

/* ---- the rest ------------------------------------------------------- */

/* The length of chunked content is not known; a program then reads to the
 * end. */
static void
add_content(struct list *l, const struct cgi_asked *q,
    const struct tunnel_server *s)
{
	if (!q->content)
		return;
	if (tunnel_server_request(s, "transfer-encoding", 0) == NULL)
		add(l, "CONTENT_LENGTH",
		    tunnel_server_request(s, "content-length", 0));
	add(l, "CONTENT_TYPE", tunnel_server_request(s, "content-type", 0));
}

static void
add_place(struct list *l, const struct cgi_asked *q)
{
	const struct cgi_place *p = q->place;
	char *script = join(p->path, "", "");
	const char *info = p->path + p->script_n;

	if (script == NULL) {
		l->failed = 1;
		return;
	}
	script[p->script_n] = '\0';
	add(l, "SCRIPT_NAME", script);
	free(script);
	add(l, "SCRIPT_FILENAME", p->file);
	add(l, "QUERY_STRING", p->query);
	if (*info == '\0')
		return;
	add(l, "PATH_INFO", info);
	append(l, join("PATH_TRANSLATED=", q->root, info));
}

static void
add_ends(struct list *l, const struct cgi_asked *q)
{
	unsigned port;
	const char *address = serve_peer(q->client, &port);
	const char *host = tunnel_forward_host(serve_forward(q->client));
	const char *local;

	add(l, "REMOTE_ADDR", address);
	add(l, "REMOTE_HOST", address);
	add_number(l, "REMOTE_PORT", port);
	local = serve_local(q->client, &port);
	add_number(l, "SERVER_PORT", port);
	if (host == NULL)
		host = local;
	/* An address of IPv6 in brackets (section 4.1.14). */
	append(l, strchr(host, ':') != NULL ?
	    join("SERVER_NAME=[", host, "]") :
	    join("SERVER_NAME=", host, ""));
}

int
environment_ours(const char *name, size_t n)
{
	size_t i;

	if (n >= 5 && strncmp(name, "HTTP_", 5) == 0)
		return 1;
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strlen(ours[i]) == n && strncmp(ours[i], name, n) == 0)
			return 1;
	return 0;
}

/* Is it among those that were asked for? */
static int
has(char *const *more, const char *name)
{
	size_t n = strlen(name);

	for (; *more != NULL; more++)
		if (strncmp(*more, name, n) == 0 && (*more)[n] == '=')
			return 1;
	return 0;
}

char **
environment_make(const struct cgi_asked *q)
{
	struct tunnel_server *s =
	    tunnel_forward_server(serve_forward(q->client));
	unsigned v = tunnel_version();
	struct list l;
	char text[48];
	size_t i;

	memset(&l, 0, sizeof l);
	l.cap = 32;
	l.v = calloc(l.cap, sizeof *l.v);
	if (l.v == NULL)
		return NULL;
	for (i = 0; q->more[i] != NULL; i++)
		append(&l, join(q->more[i], "", ""));
	if (!has(q->more, "PATH"))
		add(&l, "PATH", getenv("PATH"));
	add(&l, "GATEWAY_INTERFACE", "CGI/1.1");
	(void)snprintf(text, sizeof text, "libtunnel/%u.%u.%u", v >> 16,
	    v >> 8 & 255, v & 255);
	add(&l, "SERVER_SOFTWARE", text);
	(void)snprintf(text, sizeof text, "HTTP/%d.%d",
	    tunnel_server_version(s) / 10, tunnel_server_version(s) % 10);
	add(&l, "SERVER_PROTOCOL", text);
	add(&l, "REQUEST_METHOD", q->method);
	add(&l, "REQUEST_URI", tunnel_server_target(s));
	add_place(&l, q);
	add_ends(&l, q);
	add_content(&l, q, s);
	add_fields(&l, q, s);
	if (l.failed) {
		environment_free(l.v);
		return NULL;
	}
	return l.v;
}

void
environment_free(char **e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; e[i] != NULL; i++)
		free(e[i]);
	free(e);
}
