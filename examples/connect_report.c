/* connect_report.c - what went wrong with a proxy, and what to do about it */
#include "connect_report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connect_page.h"

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

/* ---- refusals --------------------------------------------------------- */

/* Is there such a word, whatever its case? */
static int
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; *text != '\0'; text++)
		if (strncasecmp(text, word, n) == 0)
			return 1;
	return 0;
}

enum { LOGIN = 1, TICKET = 2 };

/* The schemes that a 407 offers, as "Basic, Digest"; are there those of ours
 * that need a user and a password, or a ticket? */
static int
offers(const struct tunnel_client *cl, char *out, size_t cap)
{
	const char *value;
	size_t i, n = 0;
	int ours = 0, w;

	*out = '\0';
	for (i = 0; (value = tunnel_client_reply(cl, "proxy-authenticate", i))
	    != NULL && n < cap; i++) {
		/* One field may offer several; in a realm it does no harm. */
		ours |= has_word(value, "basic") || has_word(value, "digest") ||
		    has_word(value, "ntlm") ? LOGIN : 0;
		ours |= has_word(value, GSS_SCHEME) ? TICKET : 0;
		w = snprintf(out + n, cap - n, "%s%.*s", i > 0 ? ", " : "",
		    (int)strcspn(value, " ,"), value);
		n += w > 0 ? (size_t)w : 0;
	}
	return ours;
}

/* Negotiate could not go on: why.  1 when it is so. */
static int
report_ticket(const struct config *c, const struct hop *h)
{
	if (*h->service.why == '\0')
		return 0;
	config_say(c, "no login by " GSS_SCHEME " at the proxy %s: %s",
	    h->name, h->service.why);
	return 1;
}

/* Negotiate went on, to no good end. */
static int
report_rejected(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	if (strcasecmp(tunnel_client_scheme(cl), GSS_SCHEME) != 0)
		return 0;
	config_say(c, "the proxy %s rejected the ticket for the service HTTP "
	    "at %s (407 %.100s): klist shows whose it is; ask its "
	    "administrator what its log says", h->name, h->host,
	    tunnel_client_reason(cl));
	return 1;
}

static int
report_407(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	const char *reason = tunnel_client_reason(cl);
	int fault = tunnel_client_fault(cl);
	char list[120];
	int ours = offers(cl, list, sizeof list);

	if (report_ticket(c, h) || (fault != TUNNEL_ECUT &&
	    report_rejected(c, h, cl)))
		return EXIT_AUTH;
	if (fault == TUNNEL_ECUT)
		config_say(c, "the proxy %s wants %s credentials, which belong "
		    "to a connection, and closes it (407 %.100s): ask its "
		    "administrator for keep-alive, or for another scheme",
		    h->name, tunnel_client_scheme(cl), reason);
	else if (fault == TUNNEL_EAUTH && h->user != NULL)
		config_say(c, "the proxy %s rejected the credentials of '%s' "
		    "(407 %.100s): check user and password", h->name, h->user,
		    reason);
	else if (ours & LOGIN && h->user == NULL)
		config_say(c, "the proxy %s wants credentials (407 %.100s; it "
		    "offers: %s): give them with -u USER%s", h->name, reason,
		    list, ours & TICKET && !c->negotiate ? ", or with --auth "
		    "negotiate" : "");
	else if (ours & TICKET && !c->negotiate)
		config_say(c, "the proxy %s wants credentials (407 %.100s; it "
		    "offers: %s): --auth negotiate gives it a Kerberos ticket",
		    h->name, reason, list);
	else
		config_say(c, "the proxy %s wants credentials of a kind that "
		    "is not supported%s (407 %.100s; it offers: %s): ask its "
		    "administrator for Digest, NTLM or Basic", h->name,
		    c->auth != NULL ? " or not in --auth" : "", reason,
		    *list != '\0' ? list : "nothing");
	return EXIT_AUTH;
}

const char *
report_advice(int status)
{
	if (status == 403 || status == 405 || status == 501)
		return "it may allow tunnels to other ports (443) or hosts "
		    "only; ask its administrator";
	if (status == 400)
		return "it did not like the request; -v shows it";
	if (status == 407)
		return "check user and password";
	if (status == 511)
		return "this network has a login page: open any page in a "
		    "browser first";
	if (status >= 300 && status < 400)
		return "it may be a login page: open it in a browser first";
	if (status == 429)
		return "it has had too many requests from here; wait, and try "
		    "again";
	if (status == 502 || status == 503 || status == 504)
		return "it could not reach that; check host and port";
	return "-v shows the head of its reply";
}

static int
report_refusal(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	int status = tunnel_client_status(cl);
	const char *reason = tunnel_client_reason(cl);
	char title[160], host[120], place[160] = "";

	if (status == 407)
		return report_407(c, h, cl);
	page_title(cl, title, sizeof title);
	page_location(cl, host, sizeof host);
	if (status >= 300 && status < 400 && *host != '\0')
		(void)snprintf(place, sizeof place, ", and points to %s",
		    host);
	config_say(c, "the proxy %s refused a tunnel to %s: %d%s%.100s%s%s; "
	    "%s", h->name, h->to, status, *reason != '\0' ? " " : "", reason,
	    title, place, page_wants_tls(cl) ? "it speaks TLS: name it as "
	    "https://" : report_advice(status));
	return EXIT_REFUSED;
}

int
report_is_page(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, const char *sent, size_t n)
{
	char title[160];

	if (!page_begins(cl, sent, n))
		return 0;
	page_title_of(sent, n, title, sizeof title);
	config_say(c, "the proxy %s said %d and sent a web page%s instead of "
	    "opening a tunnel to %s: a login page of the network may be in its "
	    "place; open any page in a browser first", h->name,
	    tunnel_client_status(cl), title, h->to);
	return 1;
}

int
report_early(const struct config *c, const struct hop *h)
{
	config_say(c, "the proxy %s sent something as if from %s before that "
	    "was asked for anything: it cannot be used in a chain", h->name,
	    h->to);
	return EXIT_MALFORMED;
}

/* ---- no reply --------------------------------------------------------- */

static int
report_foreign(const struct config *c, const struct hop *h, const char *sent,
    size_t n)
{
	const char *who = page_speaker(sent, n);
	char words[80];

	page_words(sent, n, words, sizeof words);
	if (who == NULL)
		config_say(c, "the proxy %s does not speak HTTP%s: check host "
		    "and port of the proxy", h->name, words);
	else if (strcmp(who, "TLS") == 0 || strcmp(who, "HTTP/2") == 0)
		config_say(c, "the proxy %s does not speak plain HTTP/1: that "
		    "port speaks %s; name it as https://, or check the port",
		    h->name, who);
	else
		config_say(c, "the proxy %s is none: that port speaks %s, not "
		    "HTTP; check host and port of the proxy", h->name, who);
	return EXIT_MALFORMED;
}

int
report_failure(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error, const char *sent, size_t n)
{
	switch (error) {
	case 0:
		return report_refusal(c, h, cl);
	case TUNNEL_ETIMEOUT:
		config_say(c, "the proxy %s gave no complete reply within "
		    "%.3g seconds: is it an HTTP proxy? (-t sets the time)",
		    h->name, (double)c->connect_ms / 1000);
		return EXIT_TIMEOUT;
	case TUNNEL_ENOTHTTP:
		return report_foreign(c, h, sent, n);
	case TUNNEL_EEOF:
	case TUNNEL_ERESET:
		config_say(c, "the proxy %s %s the connection without a "
		    "complete reply: is it an HTTP proxy, and may you use it?",
		    h->name, error == TUNNEL_EEOF ? "closed" : "reset");
		return EXIT_MALFORMED;
	case TUNNEL_EIO:
		config_say(c, "the connection to the proxy %s broke before it "
		    "replied; check the network, and try again", h->name);
		return EXIT_IO;
	}
	if (error == TUNNEL_EAUTH && report_ticket(c, h))
		return EXIT_AUTH;
	if (error == TUNNEL_EPROOF) {
		config_say(c, "the proxy %s did not prove that it knows the "
		    "password of '%s': it may not be the one that you mean",
		    h->name, h->user);
		return EXIT_AUTH;
	}
	config_say(c, "the reply of the proxy %s cannot be used: %s; is it an "
	    "HTTP/1 proxy? Check host and port", h->name,
	    error == TUNNEL_EVERSION ? "it is not HTTP/1.x" :
	    tunnel_strerror(error));
	return EXIT_MALFORMED;
}
