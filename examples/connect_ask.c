/* connect_ask.c - ask the proxies on the way for a tunnel
 *
 *      prepare all --> negotiate with the first --> with the second --> ...
 *
 * Each is asked for a tunnel to the next, the last for one to the target, all
 * over the one connection to the first.
 */
#include "connect_ask.h"

#include <sys/socket.h>

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_doctor.h"
#include "connect_page.h"
#include "connect_report.h"
#include "connect_symptom.h"
#include "connect_way.h"

enum {
	BODY_MS = 1000,         /* for the body of a refusal */
	ANSWER_MS = 3000,       /* and of one that will be answered */
	PAGE_MS = 500,          /* for a page that should not be there */
	PIECE_MS = 20           /* and for more of it */
};

enum { FIRST_MAX = 4096 };      /* of such a page is looked at */

/* ---- the requests ----------------------------------------------------- */

/* Blanks at the end of a field are no part of its value. */
static void
trim(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
}

/* The fields given with -H, and a User-Agent unless one is among them. */
static int
add_fields(struct config *c, struct tunnel_client *cl)
{
	unsigned v = tunnel_version();
	char agent[64], *colon;
	int i, rv = 0, own = 0;

	for (i = 0; rv == 0 && i < c->fields_n; i++) {
		colon = strchr(c->fields[i], ':');
		*colon = '\0';
		own |= strcasecmp(c->fields[i], "User-Agent") == 0;
		trim(colon + 1);
		rv = tunnel_client_field(cl, c->fields[i],
		    colon + 1 + strspn(colon + 1, " \t"));
		if (rv == TUNNEL_EINVAL)
			config_say(c, "the field '%s' given with -H cannot be "
			    "sent: its name is no HTTP token or one of those "
			    "sent anyway, or its value has control characters",
			    c->fields[i]);
		/* Whole again, to be wiped to its end. */
		*colon = ':';
	}
	(void)snprintf(agent, sizeof agent, "tunnel-connect/%u.%u.%u",
	    v >> 16, v >> 8 & 255, v & 255);
	return rv == 0 && !own ? tunnel_client_field(cl, "User-Agent", agent) :
	    rv;
}

/* The one place where credentials go into a request. */
static int
add_credentials(const struct config *c, struct hop *h,
    struct tunnel_client *cl)
{
	int rv = 0;

	if (h->user != NULL)
		rv = strchr(h->user, ':') != NULL ? TUNNEL_EINVAL :
		    tunnel_client_credentials(cl, h->user, h->password);
	if (rv == 0 && c->negotiate)
		rv = tunnel_client_token(cl, GSS_SCHEME, gss_token,
		    &h->service);
	if (rv == 0 && c->auth != NULL)
		rv = tunnel_client_schemes(cl, c->auth);
	if (rv == TUNNEL_EINVAL)
		config_say(c, "the credentials for the proxy %s cannot be "
		    "sent: no colon in the user's name and no control "
		    "characters, please", h->name);
	return rv;
}

/* What the i-th proxy is asked for: 0 or an exit status. */
static int
prepare(struct ask *a, struct config *c, int i)
{
	struct hop *h = &c->hops[i];
	int last = i + 1 == c->hops_n, rv;

	a->client[i] = tunnel_client_new(NULL);
	if (a->client[i] == NULL)
		return config_no_memory(c);
	rv = tunnel_client_target(a->client[i], last ? c->host : h[1].host,
	    last ? c->port : h[1].port);
	if (rv == 0)
		rv = add_credentials(c, h, a->client[i]);
	if (rv == 0)
		rv = add_fields(c, a->client[i]);
	if (rv == 0)
		return 0;
	if (rv != TUNNEL_EINVAL)
		config_say(c, "%s", tunnel_strerror(rv));
	return rv == TUNNEL_ENOMEM ? EXIT_IO : EXIT_USAGE;
}

int
ask_prepare(struct ask *a, struct config *c)
{
	int i, status = 0;

	memset(a, 0, offsetof(struct ask, early));
	for (i = 0; i < c->hops_n && status == 0; i++)
		status = prepare(a, c, i);
	config_forget(c);
	return status;
}

void
ask_free(struct ask *a)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++) {
		tunnel_client_free(a->client[i]);
		a->client[i] = NULL;
	}
}

/* ---- the conversation ------------------------------------------------- */

/* Wait for the proxy; a reader of standard output who goes away shows at once,
 * too. */
static void
wait_for(int fd, int wants, uint64_t deadline)
{
	struct pollfd p[2];

	p[0].fd = fd;
	p[0].events = (short)((wants & TUNNEL_IN ? POLLIN : 0) |
	    (wants & TUNNEL_OUT ? POLLOUT : 0));
	p[1].fd = 1;
	p[1].events = 0;
	(void)poll(p, 2, net_wait(deadline, net_now()));
}

/* Step until the proxy has decided, or nobody waits for that any more: the
 * flags or an error.  A refusal's body is nice to have for the message, so some
 * time is given to it, but not all; a page that does not end is then taken for
 * the end of the connection. */
static int
negotiate(struct tunnel_client *cl, struct tunnel_link *l, int fd)
{
	uint64_t patience = UINT64_MAX, at;
	int f;

	for (;;) {
		f = tunnel_link_step(l, net_now());
		if (f < 0 || f & (TUNNEL_OPEN | TUNNEL_DONE))
			return f;
		if (f & TUNNEL_REFUSED && patience == UINT64_MAX)
			patience = net_now() + (tunnel_client_fault(cl) == 0 ?
			    ANSWER_MS : BODY_MS);
		if (net_now() >= patience)
			return tunnel_client_eof(cl);
		if (caller_reads_no_more())
			return f;
		at = tunnel_link_deadline(l);
		wait_for(fd, tunnel_link_wants(l), at < patience ? at :
		    patience);
	}
}

/* There is no tunnel: say why; the exit status. */
static int
fail(const struct ask *a, const struct config *c, int i, struct helper *h,
    int error, const char *sent, size_t n)
{
	const struct hop *hop = &c->hops[i];
	int status;

	if ((error == TUNNEL_EEOF || error == TUNNEL_ERESET ||
	    error == TUNNEL_EIO) && hop == c->hops &&
	    way_failed(c, h, WAY_SOON_MS, &status))
		return status;
	symptom_failed(c, hop, a->client[i], error, sent, n);
	if (a->asked[i] && (error == TUNNEL_EEOF || error == TUNNEL_ERESET ||
	    error == TUNNEL_ETIMEOUT))
		return report_silence(c, hop, a->client[i], error);
	return report_failure(c, hop, a->client[i], error, sent, n);
}

/* A reply says yes, and that a web page is coming: does one?  It is worth a
 * moment of waiting.  What was not read with the reply stays in the socket, so
 * that it can still become the tunnel's. */
static int
is_page(const struct config *c, const struct hop *hop,
    const struct tunnel_client *cl, const char *sent, size_t n, int fd)
{
	uint64_t end = net_now() + PAGE_MS;
	char first[FIRST_MAX];
	struct pollfd p;
	ssize_t r;
	int rv;

	if (n > sizeof first / 2)
		n = sizeof first / 2;
	if (n > 0)
		memcpy(first, sent, n);
	p.fd = fd;
	p.events = POLLIN;
	do {
		r = recv(fd, first + n, sizeof first - n,
		    MSG_PEEK | MSG_DONTWAIT);
		rv = report_is_page(c, hop, cl, first, n + (r > 0 ?
		    (size_t)r : 0));
		if (rv >= 0 || r == 0)
			break;
		/* There may be something that is too short to tell. */
		(void)poll(&p, r < 0, PIECE_MS);
	} while (net_now() < end);
	if (rv <= 0)
		return 0;
	doctor_step(c, STEP_FAIL, "tunnel", "%s replied %d, and with a web "
	    "page", hop->name, tunnel_client_status(cl));
	return 1;
}

/* Ask, and answer what the proxy asks in turn, as far as this connection goes:
 * the flags or an error. */
static int
converse(struct ask *a, const struct config *c, int i, struct tunnel_link *l,
    int fd)
{
	struct tunnel_client *cl = a->client[i];
	const char *head;
	size_t n;
	int f = tunnel_client_renew(cl);

	do {
		if (f >= 0)
			f = tunnel_client_start(cl);
		if (f < 0)
			return f;
		head = tunnel_client_peek(cl, &n);
		report_request(c, head, n);
		f = negotiate(cl, l, fd);
		report_reply(c, cl);
		a->asked[i] |= tunnel_client_status(cl) == 407;
		if (f >= 0 && f & (TUNNEL_RETRY | TUNNEL_RECONNECT))
			symptom_asked(c, &c->hops[i], cl, f);
	} while (f >= 0 && f & TUNNEL_RETRY);
	return f;
}

/* Ask one: 0 when its tunnel is open, ASK_AGAIN when it wants credentials and
 * closes, else an exit status. */
static int
ask_one(struct ask *a, const struct config *c, int i, struct tunnel_link *l,
    struct helper *h, int fd)
{
	const struct tunnel_client *cl = a->client[i];
	const struct hop *hop = &c->hops[i];
	const char *surplus;
	size_t n;
	int f = converse(a, c, i, l, fd);

	if (f >= 0 && f & TUNNEL_RECONNECT)
		return ASK_AGAIN;
	if (f >= 0 && !(f & (TUNNEL_OPEN | TUNNEL_REFUSED | TUNNEL_DONE)))
		return caller_gave_up(c);
	surplus = tunnel_link_surplus(l, &n);
	/* A refusal whose body does not come to an end is a refusal. */
	if (f < 0 && tunnel_client_status(cl) == 0)
		return fail(a, c, i, h, f, surplus, n);
	if (!(tunnel_client_flags(cl) & TUNNEL_OPEN))
		return fail(a, c, i, h, 0, surplus, n);
	if (page_is_html(cl) && is_page(c, hop, cl, surplus, n, fd))
		return EXIT_REFUSED;
	symptom_opened(c, hop, cl);
	if (n > 0 && i + 1 < c->hops_n)
		return report_early(c, hop);
	a->early_n = n;
	if (n > 0)
		memcpy(a->early, surplus, n);
	return 0;
}

int
ask_all(struct ask *a, const struct config *c, int fd, struct helper *h,
    uint64_t deadline)
{
	struct tunnel_link *l;
	uint64_t now;
	int i, status = 0;

	for (i = 0; i < c->hops_n && status == 0; i++) {
		l = tunnel_link_client(NULL, a->client[i], ASK_CHUNK);
		if (l == NULL)
			return config_no_memory(c);
		(void)tunnel_link_fd(l, fd);
		now = net_now();
		if (deadline != UINT64_MAX)
			(void)tunnel_link_timeout(l, deadline > now ?
			    deadline - now : 1);
		status = ask_one(a, c, i, l, h, fd);
		tunnel_link_free(l);
	}
	return status;
}
