/* connect_page.c - what a reply that is no tunnel is about
 *
 * All of it was written by others, who may mean ill: what is taken from it is
 * short, and whoever shows it makes it harmless.
 */
#include "connect_page.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	TITLE_MAX = 120, LOCATION_MAX = 100, WORDS_MAX = 40,
	CHUNK_LINE_MAX = 80
};

static const char blank[] = " \t\r\n";

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

static int
is_blank(char ch)
{
	return memchr(blank, ch, sizeof blank - 1) != NULL;
}

/* In brackets, without the white space around it, and with one blank for each
 * that is inside: pages have their titles over several lines. */
static void
quote(const char *p, const char *end, char *out, size_t cap)
{
	char text[TITLE_MAX + 1];
	size_t n = 0;

	for (; p < end && n < TITLE_MAX; p++)
		if (!is_blank(*p))
			text[n++] = *p;
		else if (n > 0 && text[n - 1] != ' ')
			text[n++] = ' ';
	if (n > 0 && text[n - 1] == ' ')
		n--;
	if (n > 0)
		(void)snprintf(out, cap, " (%.*s)", (int)n, text);
}

void
page_title_of(const char *page, size_t n, char *out, size_t cap)
{
	const char *end = page + n, *title = find(page, n, "<title"), *stop;

	*out = '\0';
	if (title != NULL)
		title = memchr(title, '>', (size_t)(end - title));
	if (title == NULL)
		return;
	title++;
	stop = find(title, (size_t)(end - title), "</title");
	quote(title, stop != NULL ? stop : end, out, cap);
}

/* Is this the media type of the reply? */
static int
is_type(const struct tunnel_client *cl, const char *type)
{
	const char *value = tunnel_client_reply(cl, "content-type", 0);

	return value != NULL && strncasecmp(value, type, strlen(type)) == 0;
}

/* Does it say no more than the reply's first line, as "403 Forbidden" does? */
static int
repeats(const struct tunnel_client *cl, const char *title)
{
	const char *reason = tunnel_client_reason(cl);
	char line[TITLE_MAX + 8];

	(void)snprintf(line, sizeof line, " (%d %s)",
	    tunnel_client_status(cl), reason);
	if (strcasecmp(title, line) == 0)
		return 1;
	(void)snprintf(line, sizeof line, " (%s)", reason);
	return strcasecmp(title, line) == 0;
}

/* What proxies say in fields: squid, whose own pages all have one title, and
 * who follows RFC 9209. */
static void
cause(const struct tunnel_client *cl, char *title, size_t cap)
{
	const char *p = tunnel_client_reply(cl, "x-squid-error", 0);

	if (p != NULL && (*title == '\0' || find(title, strlen(title),
	    "requested URL could not be retrieved") != NULL)) {
		quote(p, p + strcspn(p, " "), title, cap);
		return;
	}
	p = tunnel_client_reply(cl, "proxy-status", 0);
	if (*title == '\0' && p != NULL && (p = strstr(p, "error=")) != NULL)
		quote(p + 6, p + 6 + strcspn(p + 6, "; ,"), title, cap);
}

void
page_title(const struct tunnel_client *cl, char *out, size_t cap)
{
	size_t n;
	const char *p = tunnel_client_body(cl, &n), *end;

	page_title_of(p, n, out, cap);
	if (*out == '\0' && is_type(cl, "text/plain")) {
		end = memchr(p, '\n', n);
		quote(p, end != NULL ? end : p + n, out, cap);
	}
	if (repeats(cl, out))
		*out = '\0';
	cause(cl, out, cap);
}

int
page_is_html(const struct tunnel_client *cl)
{
	return is_type(cl, "text/html") || is_type(cl, "application/xhtml+xml");
}

/* What precedes the first chunk (RFC 9112 section 7.1): a size in hex, and an
 * extension up to the end of the line.  0 when it is not all there. */
static size_t
chunk_head(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);

	return end != NULL ? (size_t)(end - p) + 1 : 0;
}

/* A portal that takes every request for one of a browser says 200 and sends
 * its page, chunked or not.  RFC 9110 section 9.3.6 has no page there, so the
 * type alone proves nothing; together with how it begins it does. */
int
page_begins(const struct tunnel_client *cl, const char *p, size_t n)
{
	size_t used;

	if (!page_is_html(cl))
		return 0;
	if (n > 0 && isxdigit((unsigned char)*p) &&
	    tunnel_client_reply(cl, "transfer-encoding", 0) != NULL) {
		used = chunk_head(p, n);
		if (used == 0)
			return n < CHUNK_LINE_MAX ? -1 : 0;
		p += used;
		n -= used;
	}
	while (n > 0 && is_blank(*p)) {
		p++;
		n--;
	}
	if (n < 2)
		return n == 0 || *p == '<' ? -1 : 0;
	return *p == '<' && (p[1] == '!' || p[1] == '?' ||
	    isalpha((unsigned char)p[1]));
}

/* Of "scheme://user@host:port/path", the host and port; what is there besides
 * may be a secret of somebody's, or a novel. */
void
page_location(const struct tunnel_client *cl, char *out, size_t cap)
{
	const char *value = tunnel_client_reply(cl, "location", 0), *at;
	size_t n, i;

	*out = '\0';
	if (value == NULL)
		return;
	at = strstr(value, "//");
	/* A path of its own leads to the proxy itself. */
	if (at == NULL || strcspn(value, "/") != (size_t)(at - value))
		return;
	at += 2;
	n = strcspn(at, "/?#\\");
	for (i = 0; i < n; i++)
		if (at[i] == '@') {
			at += i + 1;
			n -= i + 1;
			i = (size_t)-1;
		}
	(void)snprintf(out, cap, "%.*s", n > LOCATION_MAX ? LOCATION_MAX :
	    (int)n, at);
}

/* nginx: "The plain HTTP request was sent to HTTPS port"; Apache: "You're
 * speaking plain HTTP to an SSL-enabled server port"; Go: "Client sent an HTTP
 * request to an HTTPS server". */
int
page_wants_tls(const struct tunnel_client *cl)
{
	size_t n;
	const char *p = tunnel_client_body(cl, &n);

	return find(p, n, "to HTTPS port") != NULL ||
	    find(p, n, "to an SSL-enabled") != NULL ||
	    find(p, n, "to an HTTPS server") != NULL;
}

/* Where the next member of a list begins, which is behind a comma that is not
 * in quotes; or its end. */
static const char *
next_member(const char *p)
{
	int quoted = 0;

	for (; *p != '\0' && (quoted || *p != ','); p++) {
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return p + strspn(p, " \t,");
}

/* RFC 9110 section 11.6.1 has commas between schemes, and between the
 * parameters of one, which have a '=' behind their name. */
void
page_schemes(const struct tunnel_client *cl, char *out, size_t cap)
{
	const char *p;
	size_t i, n, at = 0;
	int w;

	*out = '\0';
	for (i = 0; (p = tunnel_client_reply(cl, "proxy-authenticate", i)) !=
	    NULL; i++)
		for (p += strspn(p, " \t,"); *p != '\0'; p = next_member(p)) {
			n = strcspn(p, " \t,=\"");
			if (n == 0 || at >= cap ||
			    p[n + strspn(p + n, " \t")] == '=')
				continue;
			w = snprintf(out + at, cap - at, "%s%.*s", at > 0 ?
			    ", " : "", (int)n, p);
			at += w > 0 ? (size_t)w : 0;
		}
}

void
page_words(const char *p, size_t n, char *out, size_t cap)
{
	size_t len = 0;

	*out = '\0';
	while (len < n && len < WORDS_MAX && p[len] >= ' ' && p[len] <= '~')
		len++;
	quote(p, p + len, out, cap);
}

/* A line of words that a server greets with. */
static const char *
greeting(const char *p, size_t n)
{
	static const struct {
		const char *begins, *who;
	} known[] = {
		{ "SSH-", "SSH" }, { "+OK", "POP3" }, { "* OK", "IMAP" },
		{ "RFB ", "VNC" }, { "-ERR", "Redis or POP3" },
		{ "RTSP/", "RTSP" }, { "ICY ", "ICY" }, { "SIP/", "SIP" },
		{ "\xff\xfb", "Telnet" }, { "\xff\xfd", "Telnet" },
		{ "\x16\x03", "TLS" }, { "\x15\x03", "TLS" },
		{ "\x05", "SOCKS" }
	};
	size_t i, len;

	for (i = 0; i < sizeof known / sizeof known[0]; i++) {
		len = strlen(known[i].begins);
		if (n >= len && memcmp(p, known[i].begins, len) == 0)
			return known[i].who;
	}
	return NULL;
}

const char *
page_speaker(const char *p, size_t n)
{
	/* SETTINGS, the first frame of a server (RFC 9113 section 3.4). */
	if (n >= 5 && p[0] == '\0' && p[1] == '\0' && p[3] == '\x04')
		return "HTTP/2";
	if (n >= 4 && memcmp(p, "220", 3) == 0 && (p[3] == ' ' || p[3] == '-'))
		return find(p, n, "FTP") != NULL ? "FTP" :
		    find(p, n, "SMTP") != NULL ? "SMTP" : "SMTP or FTP";
	if (n >= 2 && p[0] == '\0' && p[1] >= '\x5a' && p[1] <= '\x5d')
		return "SOCKS";
	return greeting(p, n);
}
