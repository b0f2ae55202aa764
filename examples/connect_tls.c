/* connect_tls.c - openssl(1) as the connection to an https:// proxy
 *
 * Whom it trusts and that the certificate names the proxy is its affair, as it
 * knows best; that it is asked to look is ours.
 */
#include "connect_tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_doctor.h"
#include "connect_way.h"

enum { ARGUMENTS = 24, MOMENT_MS = 3, PAUSE_MS = 100 };

/* An argument more; execve(2) wants them without const, and leaves them. */
static void
add(const char **argv, const char *word)
{
	while (*argv != NULL)
		argv++;
	*argv = word;
}

static int
is_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	    host[strspn(host, "0123456789.")] == '\0';
}

/* With -brief it tells when TLS stands; LibreSSL's does not know that. */
static void
fill(const struct config *c, const char **argv, int brief)
{
	const struct hop *hop = &c->hops[0];
	int address = is_address(hop->host);

	memset(argv, 0, ARGUMENTS * sizeof *argv);
	add(argv, "openssl");
	add(argv, "s_client");
	add(argv, "-quiet");
	if (brief)
		add(argv, "-brief");
	/* Without -verify, old ones look and go on all the same. */
	add(argv, "-verify");
	add(argv, "16");
	add(argv, "-verify_quiet");
	add(argv, "-verify_return_error");
	add(argv, address ? "-verify_ip" : "-verify_hostname");
	add(argv, hop->host);
	/* RFC 6066 section 3: no address is a name. */
	add(argv, address ? "-noservername" : "-servername");
	if (!address)
		add(argv, hop->host);
	if (c->cacert != NULL) {
		add(argv, "-CAfile");
		add(argv, c->cacert);
	}
	if (c->family != 0)
		add(argv, c->family == 4 ? "-4" : "-6");
	add(argv, "-connect");
	add(argv, hop->where);
}

/* execve(2)'s arguments are not const, though nothing changes them. */
union arguments {
	const char *word[ARGUMENTS];
	char *exec[ARGUMENTS];
};

static int
start(const struct config *c, struct helper *h, int brief)
{
	union arguments a;
	char line[900];
	size_t n = 0;
	int i, rv;

	fill(c, a.word, brief);
	for (i = 0; a.word[i] != NULL && n < sizeof line; i++)
		n += (size_t)snprintf(line + n, sizeof line - n, " %s",
		    a.word[i]);
	config_trace(c, "* running%s", line);
	rv = helper_start(h, a.exec, 1);
	if (rv == 0)
		return 0;
	doctor_step(c, STEP_FAIL, "TLS", "openssl: %s", strerror(rv));
	if (rv == ENOENT)
		config_say(c, "for the proxy https://%s the program openssl is "
		    "needed, and it is not installed; another one that speaks "
		    "TLS will do with --proxy-command", c->hops[0].where);
	else
		config_say(c, "openssl cannot be started: %s", strerror(rv));
	return EXIT_UNREACHABLE;
}

int
tls_start(const struct config *c, struct helper *h)
{
	return start(c, h, c->doctor != NULL);
}

/* ---- what it said ----------------------------------------------------- */

/* The i-th of the parts of a line between colons, from 0; *n bytes of it. */
static const char *
part(const char *line, size_t len, int i, size_t *n)
{
	const char *end = line + len, *colon;

	for (; i > 0; i--) {
		colon = memchr(line, ':', (size_t)(end - line));
		if (colon == NULL) {
			*n = 0;
			return end;
		}
		line = colon + 1;
	}
	colon = memchr(line, ':', (size_t)(end - line));
	*n = (size_t)((colon != NULL ? colon : end) - line);
	return line;
}

/* Where a word is in a line, or NULL. */
static const char *
find(const char *line, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (; n >= len; line++, n--)
		if (memcmp(line, word, len) == 0)
			return line;
	return NULL;
}

/* How much a line tells, and what: "verify error:num=18:WHAT",
 * "ID:error:CODE:LIBRARY:FUNCTION:WHAT:FILE:LINE:MORE", "read:errno=104", or
 * else as it is. */
static int
tells(const char *line, size_t n, char *out, size_t cap)
{
	const char *p;
	size_t len;

	p = find(line, n, "verify error:num=");
	if (p != NULL) {
		p = part(line, n, 2, &len);
		(void)snprintf(out, cap, "%.*s", (int)len, p);
		return 4;
	}
	if (find(line, n, ":error:") != NULL) {
		p = part(line, n, 5, &len);
		if (len == 10 && memcmp(p, "system lib", 10) == 0)
			p = part(line, n, 8, &len);
		(void)snprintf(out, cap, "%.*s", (int)len, p);
		return len > 0 ? 3 : 0;
	}
	p = find(line, n, ":errno=");
	if (p != NULL) {
		(void)snprintf(out, cap, "%s",
		    strerror((int)strtol(p + 7, NULL, 10)));
		return 2;
	}
	(void)snprintf(out, cap, "%.*s", (int)n, line);
	return n > 0 && strncmp(line, "depth=", 6) != 0;
}

void
tls_said(const struct helper *h, char *out, size_t cap)
{
	char line[300];
	size_t at, n;
	const char *end;
	int best = 0, much;

	*out = '\0';
	for (at = 0; at < h->said_n; at += n + 1) {
		end = memchr(h->said + at, '\n', h->said_n - at);
		n = end != NULL ? (size_t)(end - h->said) - at :
		    h->said_n - at;
		much = tells(h->said + at, n, line, sizeof line);
		if (much > best) {
			best = much;
			(void)snprintf(out, cap, "%s", line);
		}
	}
}

int
tls_failed(const struct config *c, const struct helper *h)
{
	const char *where = c->hops[0].where;
	char why[200], fate[60];

	helper_fate(h, fate, sizeof fate);
	tls_said(h, why, sizeof why);
	doctor_step(c, STEP_FAIL, "TLS", "%s", *why != '\0' ? why : fate);
	if (find(h->said, h->said_n, "verify error") != NULL)
		config_say(c, "the certificate of the proxy https://%s is not "
		    "accepted: %s; it must be signed by somebody whom openssl "
		    "trusts, or who is in the file of --cacert, and name the "
		    "proxy as -x does", where, why);
	else if (strcmp(why, "wrong version number") == 0)
		config_say(c, "the proxy https://%s does not speak TLS (%s): "
		    "try http://%s", where, why, where);
	else
		config_say(c, "the proxy https://%s was not reached: %s "
		    "(openssl %s); is it running, and is the address right?",
		    where, *why != '\0' ? why : "nobody says why", fate);
	return EXIT_UNREACHABLE;
}

/* ---- for the doctor ---------------------------------------------------- */

/* The version that it has agreed on: n bytes, or NULL as long as there is none.
 * What ends the line may still be to come. */
static const char *
version(const struct helper *h, size_t *n)
{
	static const char before[] = "Protocol version: ";
	const char *p = find(h->said, h->said_n, before), *end = NULL;

	if (p != NULL) {
		p += sizeof before - 1;
		end = memchr(p, '\n', h->said_n - (size_t)(p - h->said));
	}
	*n = end != NULL ? (size_t)(end - p) : 0;
	return end != NULL ? p : NULL;
}

void
tls_await(const struct config *c, struct helper *h, uint64_t deadline)
{
	struct pollfd p;
	const char *v;
	size_t n;

	/* Its messages end a little before it does. */
	while ((v = version(h, &n)) == NULL && !helper_over(h, MOMENT_MS) &&
	    net_now() < deadline && !caller_reads_no_more()) {
		p.fd = h->err;
		p.events = POLLIN;
		(void)poll(&p, 1, PAUSE_MS);
	}
	if (v != NULL) {
		doctor_step(c, STEP_OK, "TLS", "%.*s; the certificate is "
		    "trusted, and names the proxy", (int)n, v);
		/* What else it says of that is no trouble. */
		(void)helper_over(h, MOMENT_MS);
		way_trace(c, h);
		h->said_n = 0;
	} else if (net_now() >= deadline) {
		doctor_step(c, STEP_FAIL, "TLS", "no answer in time");
	} else if (find(h->said, h->said_n, "-brief") != NULL) {
		helper_end(h, 0);
		if (start(c, h, 0) == 0)
			helper_guard(h);
	}
}
