/* connect_report.c - what went wrong with a proxy, and what to do about it */
#include "connect_report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connect_doctor.h"
#include "connect_login.h"
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
		if (is_secret(head, name) || config_gave(c, head, name))
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

const char *
report_advice(int status)
{
	if (status == 401)
		return "a web server says so rather than a proxy: check host "
		    "and port of the proxy; if it is one that wants "
		    "credentials, --auth basic with -u sends them unasked";
	if (status == 403 || status == 451)
		return "it may allow tunnels to other ports (443) or hosts "
		    "only; ask its administrator";
	if (status == 404 || status == 405 || status == 501)
		return "it does not make tunnels, and may be a web server: "
		    "check host and port of the proxy";
	if (status == 400)
		return "it did not like the request; -v shows it";
	if (status == 511 || (status >= 300 && status < 400))
		return "a login page of this network may be in the way: open "
		    "any page in a browser first";
	if (status == 429)
		return "it has had too many requests from here; wait, and try "
		    "again";
	if (status >= 500 && status <= 504)
		return "it could not reach that; check host and port of the "
		    "target";
	return "ask its administrator; -v shows the head of its reply";
}

static int
report_refusal(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	int status = tunnel_client_status(cl);
	const char *reason = tunnel_client_reason(cl);
	char title[160], host[120], place[160] = "";

	if (status == 407 || tunnel_client_fault(cl) == TUNNEL_EAUTH)
		return login_report(c, h, cl);
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
	int rv = page_begins(cl, sent, n);

	if (rv <= 0)
		return rv;
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
	doctor_step(c, STEP_FAIL, "tunnel", "%s sent something too early",
	    h->name);
	config_say(c, "the proxy %s sent something as if from %s before that "
	    "was asked for anything: it cannot be used in a chain", h->name,
	    h->to);
	return EXIT_MALFORMED;
}

/* ---- no reply --------------------------------------------------------- */

const char *
report_hint(int error)
{
	switch (error) {
	case TUNNEL_ENOTHTTP:
		return "that port speaks something else than HTTP, such as TLS "
		    "(https://), SSH or SOCKS: check host and port of the "
		    "proxy";
	case TUNNEL_EEOF:
	case TUNNEL_ERESET:
		return "check host and port of the proxy; it may want TLS "
		    "(https://), or not let this machine in";
	case TUNNEL_ETIMEOUT:
		return "it may be waiting for the target, or be no HTTP proxy; "
		    "check both, or allow more time with -t";
	case TUNNEL_EIO:
		return "check the network, and try again";
	case TUNNEL_EPROOF:
		return "it may not be the one that you mean";
	}
	return "check host and port of the proxy, or tell its administrator";
}

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
report_silence(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error)
{
	const char *scheme = login_scheme(cl);
	double seconds = (double)c->connect_ms / 1000;

	if (error == TUNNEL_ETIMEOUT) {
		config_say(c, "the proxy %s asked for a login, and gave no "
		    "complete reply to that by %s within %.3g second%s: it "
		    "may be waiting for whoever checks it, or for %s; allow "
		    "more time with -t, or ask its administrator", h->name,
		    scheme, seconds, seconds == 1 ? "" : "s", h->to);
		return EXIT_TIMEOUT;
	}
	config_say(c, "the proxy %s asked for a login, and %s the connection "
	    "without a complete reply to that by %s: try again, or with "
	    "another scheme in --auth; else ask its administrator", h->name,
	    error == TUNNEL_EEOF ? "closed" : "reset", scheme);
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
		    "%.3g second%s: it may be waiting for %s, or be no HTTP "
		    "proxy; check both, or allow more time with -t", h->name,
		    (double)c->connect_ms / 1000, c->connect_ms == 1000 ? "" :
		    "s", h->to);
		return EXIT_TIMEOUT;
	case TUNNEL_ENOTHTTP:
		return report_foreign(c, h, sent, n);
	case TUNNEL_EEOF:
	case TUNNEL_ERESET:
		config_say(c, "the proxy %s %s the connection without a "
		    "complete reply: check host and port of the proxy; it may "
		    "want TLS (https://), or not let this machine in",
		    h->name, error == TUNNEL_EEOF ? "closed" : "reset");
		return EXIT_MALFORMED;
	case TUNNEL_EIO:
		config_say(c, "the connection to the proxy %s broke before it "
		    "replied; check the network, and try again", h->name);
		return EXIT_IO;
	}
	if (error == TUNNEL_EAUTH && login_lacks_ticket(c, h))
		return EXIT_AUTH;
	if (error == TUNNEL_EPROOF) {
		config_say(c, "the proxy %s did not prove that it knows the "
		    "password of '%s': it may not be the one that you mean",
		    h->name, h->user);
		return EXIT_AUTH;
	}
	config_say(c, "the reply of the proxy %s cannot be used: %s; check "
	    "host and port of the proxy, or tell its administrator", h->name,
	    error == TUNNEL_EVERSION ? "it is not HTTP/1.x" :
	    tunnel_strerror(error));
	return EXIT_MALFORMED;
}
