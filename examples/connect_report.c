/* connect_report.c - what went wrong with a proxy, and what to do about it */
#include "connect_report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Fields whose values are nobody's business. */
static int
is_secret(const char *name, size_t n)
{
	static const char *const names[] = {
		"proxy-authorization", "authorization", "cookie",
		"set-cookie"
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == n &&
		    strncasecmp(names[i], name, n) == 0)
			return 1;
	return 0;
}

/* Which field given with -H is a secret only its owner knows. */
static int
is_given(const struct config *c, const char *name, size_t n)
{
	int i;

	for (i = 0; i < c->fields_n; i++)
		if (strlen(c->fields[i]) == n &&
		    strncasecmp(c->fields[i], name, n) == 0)
			return 1;
	return 0;
}

void
report_request(const struct config *c, const char *head, size_t n)
{
	const char *end, *colon;
	size_t len, name;

	for (; n > 2; head += len + 2, n -= len + 2) {
		end = memchr(head, '\r', n);
		if (end == NULL || end == head)
			break;
		len = (size_t)(end - head);
		colon = memchr(head, ':', len);
		name = colon != NULL ? (size_t)(colon - head) : 0;
		if (is_secret(head, name) || is_given(c, head, name))
			config_trace(c, "> %.*s: ***", (int)name, head);
		else
			config_trace(c, "> %.*s", (int)len, head);
	}
}

void
report_reply(const struct config *c, const struct tunnel_client *cl)
{
	const char *name, *value;
	int version = tunnel_client_version(cl);
	size_t i;

	if (tunnel_client_status(cl) == 0)
		return;
	config_trace(c, "< HTTP/%d.%d %d %s", version / 10, version % 10,
	    tunnel_client_status(cl), tunnel_client_reason(cl));
	for (i = 0; (name = tunnel_client_reply_at(cl, i, &value)) != NULL; i++)
		config_trace(c, "< %s: %s", name,
		    is_secret(name, strlen(name)) ? "***" : value);
}

/* Where a word is in n bytes, whatever its case; NULL when nowhere. */
static const char *
find(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (; n >= len; p++, n--)
		if (strncasecmp(p, word, len) == 0)
			return p;
	return NULL;
}

/* Without the white space around it, in brackets. */
static void
quote(const char *p, const char *end, char *out, size_t cap)
{
	static const char blank[] = " \t\r\n";

	while (p < end && memchr(blank, *p, sizeof blank - 1) != NULL)
		p++;
	while (p < end && memchr(blank, end[-1], sizeof blank - 1) != NULL)
		end--;
	if (p < end)
		(void)snprintf(out, cap, " (%.*s)",
		    end - p > 120 ? 120 : (int)(end - p), p);
}

/* The title of an HTML page, or else the first line of a text, or "". */
static void
summary(const struct tunnel_client *cl, char *out, size_t cap)
{
	size_t n;
	const char *p = tunnel_client_body(cl, &n), *end, *title;
	const char *type = tunnel_client_reply(cl, "content-type", 0);

	*out = '\0';
	if (n == 0)
		return;
	end = p + n;
	title = find(p, n, "<title");
	if (title != NULL)
		title = memchr(title, '>', (size_t)(end - title));
	if (title != NULL) {
		title++;
		p = find(title, (size_t)(end - title), "</title");
		quote(title, p != NULL ? p : end, out, cap);
	} else if (type != NULL &&
	    strncasecmp(type, "text/plain", 10) == 0) {
		title = memchr(p, '\n', n);
		quote(p, title != NULL ? title : end, out, cap);
	}
}

/* The schemes that a 407 offers, as "Basic, Digest". */
static int
offers(const struct tunnel_client *cl, char *out, size_t cap)
{
	const char *value;
	size_t i, n = 0;
	int basic = 0, w;

	*out = '\0';
	for (i = 0; (value = tunnel_client_reply(cl, "proxy-authenticate", i))
	    != NULL && n < cap; i++) {
		/* One field may offer several; in a realm it does no harm. */
		basic |= find(value, strlen(value), "basic") != NULL;
		w = snprintf(out + n, cap - n, "%s%.*s", i > 0 ? ", " : "",
		    (int)strcspn(value, " ,"), value);
		n += w > 0 ? (size_t)w : 0;
	}
	return basic;
}

static int
report_407(const struct config *c, const struct tunnel_client *cl)
{
	const char *name = c->proxy, *reason = tunnel_client_reason(cl);
	char list[120];
	int basic = offers(cl, list, sizeof list);

	if (c->user != NULL && basic)
		config_say(c, "the proxy %s rejected the credentials of '%s' "
		    "(407 %.100s): check user and password", name, c->user,
		    reason);
	else if (basic)
		config_say(c, "the proxy %s wants credentials (407 %.100s): "
		    "give them with -u USER", name, reason);
	else
		config_say(c, "the proxy %s wants credentials of a kind that "
		    "is not supported (407 %.100s; it offers: %s): ask its "
		    "administrator for Basic", name, reason,
		    *list != '\0' ? list : "nothing");
	return EXIT_AUTH;
}

static const char *
advice(int status)
{
	if (status == 403 || status == 405 || status == 501)
		return "it may allow tunnels to other ports (443) or hosts "
		    "only; ask its administrator";
	if (status == 400)
		return "it did not like the request; -v shows it";
	if (status >= 300 && status < 400)
		return "it may be a login page: open it in a browser first";
	if (status == 502 || status == 503 || status == 504)
		return "it could not reach the target; check host and port";
	return "-v shows the head of its reply";
}

static int
report_refusal(const struct config *c, const struct tunnel_client *cl)
{
	int status = tunnel_client_status(cl);
	const char *reason = tunnel_client_reason(cl);
	char said[160];

	if (status == 407)
		return report_407(c, cl);
	summary(cl, said, sizeof said);
	config_say(c, "the proxy %s refused a tunnel to %s port %u: "
	    "%d%s%.100s%s; %s", c->proxy, c->host, c->port, status,
	    *reason != '\0' ? " " : "", reason, said, advice(status));
	return EXIT_REFUSED;
}

/* Guess what speaks there from its first bytes. */
static const char *
speaks(const char *p, size_t n)
{
	if (n >= 4 && memcmp(p, "SSH-", 4) == 0)
		return "SSH";
	if (n >= 3 && (memcmp(p, "\x16\x03", 2) == 0 ||
	    memcmp(p, "\x15\x03", 2) == 0))
		return "TLS";
	if (n >= 4 && memcmp(p, "220 ", 4) == 0)
		return "SMTP or FTP";
	if (n >= 1 && (*p == '\x05' || *p == '\0'))
		return "SOCKS";
	return "something else";
}

int
report_failure(const struct config *c, const struct tunnel_client *cl,
    int error, const char *sent, size_t n)
{
	const char *name = c->proxy;

	switch (error) {
	case 0:
		return report_refusal(c, cl);
	case TUNNEL_ETIMEOUT:
		config_say(c, "the proxy %s gave no complete reply within "
		    "%.3g seconds: is it an HTTP proxy? (-t sets the time)",
		    name, (double)c->connect_ms / 1000);
		return EXIT_TIMEOUT;
	case TUNNEL_ENOTHTTP:
		config_say(c, "the proxy %s does not speak HTTP: that port "
		    "speaks %s; check host and port of the proxy", name,
		    speaks(sent, n));
		return EXIT_MALFORMED;
	case TUNNEL_EEOF:
	case TUNNEL_ERESET:
		config_say(c, "the proxy %s %s the connection without a "
		    "complete reply: is it an HTTP proxy, and may you use it?",
		    name, error == TUNNEL_EEOF ? "closed" : "reset");
		return EXIT_MALFORMED;
	case TUNNEL_EIO:
		config_say(c, "the connection to the proxy %s broke before it "
		    "replied; check the network, and try again", name);
		return EXIT_IO;
	}
	config_say(c, "the reply of the proxy %s cannot be used: %s; is it an "
	    "HTTP/1 proxy? Check host and port", name,
	    error == TUNNEL_EVERSION ? "it is not HTTP/1.x" :
	    tunnel_strerror(error));
	return EXIT_MALFORMED;
}
