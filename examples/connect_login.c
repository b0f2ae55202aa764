/* connect_login.c - what is wrong with a login, and what to do about it
 *
 * Which schemes a proxy offers decides what may help: a user and a password, a
 * Kerberos ticket, another list with --auth, or its administrator.
 */
#include "connect_login.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connect_page.h"

/* Those that take a user and a password. */
static const char ours[] = "digest ntlm basic";

/* Has one list of names with commas between them, or blanks, a name of the
 * other?  Whatever the case. */
static int
shares(const char *list, const char *other)
{
	static const char gap[] = ", ";
	const char *p;
	size_t n, m;

	for (list += strspn(list, gap); *list != '\0';
	    list += strspn(list, gap)) {
		n = strcspn(list, gap);
		for (p = other + strspn(other, gap); *p != '\0';
		    p += strspn(p, gap)) {
			m = strcspn(p, gap);
			if (n == m && strncasecmp(list, p, n) == 0)
				return 1;
			p += m;
		}
		list += n;
	}
	return 0;
}

const char *
login_scheme(const struct tunnel_client *cl)
{
	static const char *const names[] = { "Digest", "NTLM", "Basic" };
	const char *scheme = tunnel_client_scheme(cl);
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(names[i], scheme) == 0)
			return names[i];
	return scheme;
}

int
login_lacks_ticket(const struct config *c, const struct hop *h)
{
	if (*h->service.why == '\0')
		return 0;
	config_say(c, "no login by " GSS_SCHEME " at the proxy %s: %s",
	    h->name, h->service.why);
	return 1;
}

/* There are no credentials of a kind that it offers: what to do. */
static void
report_none(const struct config *c, const struct hop *h, const char *first,
    const char *list)
{
	int ticket = shares(GSS_SCHEME, list) && !c->negotiate;

	if (h->user == NULL && shares(ours, list))
		config_say(c, "the proxy %s wants credentials (%s; it offers: "
		    "%s): give them with -u USER, and the password when asked "
		    "for it%s", h->name, first, list, ticket ?
		    "; or a Kerberos ticket with --auth negotiate" : "");
	else if (*list == '\0')
		config_say(c, "the proxy %s wants credentials (%s) and does "
		    "not say of which kind: --auth basic with -u sends them "
		    "unasked", h->name, first);
	else if (c->auth != NULL && shares(ours, list) &&
	    !shares(c->auth, list))
		config_say(c, "the proxy %s wants credentials of a kind that "
		    "is not in --auth (%s; it offers: %s): add one of those "
		    "that it offers to --auth", h->name, first, list);
	else if (ticket)
		config_say(c, "the proxy %s wants credentials (%s; it offers: "
		    "%s): --auth negotiate gives it a Kerberos ticket",
		    h->name, first, list);
	else
		config_say(c, "the proxy %s wants credentials of a kind that "
		    "is not supported (%s; it offers: %s): ask its "
		    "administrator for Digest, NTLM or Basic", h->name, first,
		    list);
}

int
login_report(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	int fault = tunnel_client_fault(cl);
	char list[120], first[120];

	if (login_lacks_ticket(c, h))
		return EXIT_AUTH;
	page_schemes(cl, list, sizeof list);
	(void)snprintf(first, sizeof first, "%d %.100s",
	    tunnel_client_status(cl), tunnel_client_reason(cl));
	if (config_gave(c, "proxy-authorization", 19))
		config_say(c, "the proxy %s rejected the Proxy-Authorization "
		    "that -H gave (%s; it offers: %s): check it, or use -u",
		    h->name, first, *list != '\0' ? list : "nothing");
	else if (fault == TUNNEL_ECUT)
		config_say(c, "the proxy %s wants %s credentials, which belong "
		    "to a connection, and closes it (%s): ask its "
		    "administrator for keep-alive, or for another scheme",
		    h->name, login_scheme(cl), first);
	else if (strcasecmp(tunnel_client_scheme(cl), GSS_SCHEME) == 0)
		config_say(c, "the proxy %s rejected the ticket for the "
		    "service HTTP at %s (%s): klist shows whose it is; ask its "
		    "administrator what its log says", h->name, h->host, first);
	else if (fault == TUNNEL_EAUTH && h->user != NULL)
		config_say(c, "the proxy %s rejected the credentials of '%s' "
		    "(%s): check user and password", h->name, h->user, first);
	else
		report_none(c, h, first, list);
	return EXIT_AUTH;
}

/* ---- with -L and -D --------------------------------------------------- */

int
login_complain(const struct config *c, const struct hop *h,
    const char *caller, const char *to, int status, int error)
{
	int given = h->user != NULL || c->negotiate;

	if (*h->service.why != '\0' && (status == 0 || status == 407) &&
	    (error == TUNNEL_EREFUSED || error == TUNNEL_EAUTH)) {
		config_say(c, "%s was not connected: no login by " GSS_SCHEME
		    " at the proxy %s: %s", caller, h->name, h->service.why);
		return 1;
	}
	/* A 401 is tinyproxy's word for it. */
	if (status != 407 && (status != 401 || h->user == NULL))
		return 0;
	config_say(c, "%s was not connected: the proxy %s %s for %s: %d; %s",
	    caller, h->name, error == TUNNEL_EOFFER || !given ?
	    "wants credentials" : error == TUNNEL_ECUT ?
	    "closes the connection that its login needs" :
	    "rejected the credentials", to, status, !given ?
	    "give them with -u USER" : error == TUNNEL_EOFFER ?
	    "none of those that it takes is supported, or in --auth" :
	    error == TUNNEL_ECUT ? "ask its administrator for keep-alive" :
	    c->negotiate ? "klist shows whose ticket it is" :
	    "check user and password");
	return 1;
}
