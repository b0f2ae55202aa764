/* proxy_log.c - the access log: a line for each tunnel
 *
 *   text   time client user target address status outcome up down seconds
 *   json   the same, by name
 *
 * A request that is passed on has its method behind that.
 *
 * A line is one write, so lines of several threads, or programs, do not mix.
 * What peers have chosen cannot begin a new field or line: blanks and whatever
 * is not printable ASCII is written as %XX, or \u00XX.
 */
#include "proxy_log.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proxy_say.h"

enum { LINE = 2048, FIELD_MAX = 300 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int fd = -1, json, methods;

int
log_open(const char *path, int as_json, int with_methods)
{
	int fresh = -1;

	if (path != NULL)
		fresh = strcmp(path, "-") == 0 ? dup(1) :
		    open(path, O_WRONLY | O_APPEND | O_CREAT, 0640);
	if (path != NULL && fresh < 0) {
		say("cannot open the log %s: %s", path, strerror(errno));
		return -1;
	}
	if (fresh >= 0)
		(void)fcntl(fresh, F_SETFD, FD_CLOEXEC);
	(void)pthread_mutex_lock(&mutex);
	if (fd >= 0)
		(void)close(fd);
	fd = fresh;
	json = as_json;
	methods = with_methods;
	(void)pthread_mutex_unlock(&mutex);
	return 0;
}

void
log_close(void)
{
	(void)log_open(NULL, 0, 0);
}

int
log_check(const char *path)
{
	const char *slash;
	struct stat st;
	char dir[4096];
	int e = 0;

	if (path == NULL || strcmp(path, "-") == 0)
		return 0;
	slash = strrchr(path, '/');
	(void)snprintf(dir, sizeof dir, "%.*s.",
	    slash != NULL ? (int)(slash - path) + 1 : 0, path);
	if (stat(dir, &st) < 0)
		e = errno;
	else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		e = EISDIR;
	if (e == 0)
		return 0;
	say("cannot open the log %s: %s", path, strerror(e));
	return -1;
}

const char *
log_outcome(const struct tunnel_session *s)
{
	int error = tunnel_session_error(s);

	return error < 0 ? tunnel_error_token(error) : "ok";
}

/* ---- text that is safe ---------------------------------------------- */

struct text {
	char at[LINE];
	size_t n;
};

static void
put(struct text *t, const char *p, size_t n)
{
	if (n < sizeof t->at - t->n) {
		memcpy(t->at + t->n, p, n);
		t->n += n;
	}
}

static int
is_safe(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
}

static void
put_field(struct text *t, const char *value)
{
	char code[8];
	size_t i;

	if (!json && *value == '\0')
		put(t, "-", 1);
	for (i = 0; i < FIELD_MAX && value[i] != '\0'; i++) {
		if (is_safe((unsigned char)value[i]) ||
		    (json && value[i] == ' ')) {
			put(t, value + i, 1);
			continue;
		}
		(void)snprintf(code, sizeof code, json ? "\\u%04x" : "%%%02X",
		    (unsigned char)value[i]);
		put(t, code, strlen(code));
	}
}

static void
put_word(struct text *t, const char *name, const char *value)
{
	if (json) {
		put(t, t->n > 1 ? ",\"" : "\"", t->n > 1 ? 2 : 1);
		put(t, name, strlen(name));
		put(t, "\":\"", 3);
	} else if (t->n > 0) {
		put(t, " ", 1);
	}
	put_field(t, value);
	if (json)
		put(t, "\"", 1);
}

static void
put_number(struct text *t, const char *name, unsigned long long v,
    unsigned thousandths)
{
	char text[80];

	if (json)
		(void)snprintf(text, sizeof text, ",\"%s\":%llu", name, v);
	else
		(void)snprintf(text, sizeof text, " %llu", v);
	put(t, text, strlen(text));
	if (thousandths < 1000) {
		(void)snprintf(text, sizeof text, ".%03u", thousandths);
		put(t, text, strlen(text));
	}
}

static void
stamp(char *out, size_t cap)
{
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(out, cap, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		*out = '\0';
}

static void
compose(struct text *t, const struct tunnel_session *s)
{
	const struct tunnel_server *server = tunnel_session_server(s);
	uint64_t age = tunnel_session_age(s);
	char when[32];

	stamp(when, sizeof when);
	t->n = 0;
	if (json)
		put(t, "{", 1);
	put_word(t, "time", when);
	put_word(t, "client", tunnel_session_client(s));
	put_word(t, "user", tunnel_session_user(s));
	put_word(t, "target", tunnel_session_target(s));
	put_word(t, "address", tunnel_session_address(s));
	put_number(t, "status", (unsigned)tunnel_session_status(s), 1000);
	put_word(t, "outcome", log_outcome(s));
	put_number(t, "up", tunnel_session_bytes(s, TUNNEL_AB), 1000);
	put_number(t, "down", tunnel_session_bytes(s, TUNNEL_BA), 1000);
	put_number(t, "seconds", age / 1000, (unsigned)(age % 1000));
	if (methods && server != NULL &&
	    tunnel_server_host(server) == NULL &&
	    tunnel_server_method(server) != NULL)
		put_word(t, "method", tunnel_server_method(server));
	put(t, json ? "}\n" : "\n", json ? 2 : 1);
}

void
log_session(const struct tunnel_session *s)
{
	struct text t;
	ssize_t n;

	(void)pthread_mutex_lock(&mutex);
	if (fd >= 0) {
		compose(&t, s);
		/* A full disk must not stop the tunnels. */
		do
			n = write(fd, t.at, t.n);
		while (n < 0 && errno == EINTR);
	}
	(void)pthread_mutex_unlock(&mutex);
}
