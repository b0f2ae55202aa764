/* socks.c - be asked for a tunnel by SOCKS version 5
 *
 *                  INVITED --> LOGIN
 *                     ^          |
 *           challenge |          v
 *     GREETING -----> WHO <------+
 *                     | accept
 *                     v
 *     REQUEST <--- ADMITTED
 *        v
 *     TARGET --- accept --> AGREED --> OPEN
 *
 *     GREETING, LOGIN, WHO, REQUEST, TARGET --- fail --> REFUSED --> ENDED
 *
 * RFC 1928 and RFC 1929.  GREETING, LOGIN and REQUEST read a message each, of
 * which every next byte says how many more there are, so that none behind it is
 * taken; WHO and TARGET ask; the others send.  Only one at a time, although the
 * client need not wait: what it says early stays with the caller.
 *
 * Nobody is asked to log in unless somebody wants it: some clients offer it who
 * then must ask a person.
 */
#include <tunnel/socks.h>

#include <assert.h>
#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/socks_message.h"

enum {
	REPLY_SIZE = 10,        /* RFC 1928 section 6, with an IPv4 address */
	IPV4 = 1
};

enum state {
	GREETING, INVITED, LOGIN, WHO, ADMITTED, REQUEST, TARGET, AGREED, OPEN,
	REFUSED, ENDED, FAILED
};

struct tunnel_socks {
	struct tunnel_alloc a;
	uint8_t in[TNL_SOCKS_MESSAGE_MAX + 1];  /* and a NUL behind it */
	size_t n;
	uint8_t reply[REPLY_SIZE];
	const uint8_t *out;             /* what is being sent */
	size_t left;
	const char *user, *password;    /* in it; NULL: not said */
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: there is no target */
	int offers_none, offers_login;  /* does the client */
	int state;
	int fault;
};

struct tunnel_socks *
tunnel_socks_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_socks *s;

	tnl_alloc_init(&own, a);
	s = tnl_get(&own, sizeof *s);
	if (s != NULL)
		s->a = own;
	return s;
}

void
tunnel_socks_free(struct tunnel_socks *s)
{
	struct tunnel_alloc a;

	if (s == NULL)
		return;
	a = s->a;
	tnl_wipe(s->in, sizeof s->in);
	tnl_put(&a, s, sizeof *s);
}

int
tunnel_socks_flags(const struct tunnel_socks *s)
{
	switch ((enum state)s->state) {
	case GREETING:
	case LOGIN:
	case REQUEST:
		return TUNNEL_IN;
	case WHO:
	case TARGET:
		return TUNNEL_ASK;
	case INVITED:
	case ADMITTED:
	case AGREED:
		return TUNNEL_OUT;
	case OPEN:
		return TUNNEL_OPEN;
	case REFUSED:
		return TUNNEL_REFUSED | TUNNEL_OUT;
	case ENDED:
		return TUNNEL_REFUSED | TUNNEL_DONE;
	case FAILED:
		break;
	}
	return s->fault;
}

/* The message has served, but for what WHO asks about. */
static void
go(struct tunnel_socks *s, enum state state)
{
	if (state != WHO) {
		tnl_wipe(s->in, sizeof s->in);
		s->user = s->password = NULL;
	}
	s->n = 0;
	s->state = (int)state;
}

static void
say(struct tunnel_socks *s, enum state state, const void *p, size_t n)
{
	s->out = p;
	s->left = n;
	go(s, state);
}

/* RFC 1928 section 6.  No client makes use of the address, and ours would tell
 * where we are. */
static void
answer(struct tunnel_socks *s, enum state state, int number)
{
	memset(s->reply, 0, sizeof s->reply);
	s->reply[0] = TNL_SOCKS_VERSION;
	s->reply[1] = (uint8_t)number;
	s->reply[3] = IPV4;
	say(s, state, s->reply, sizeof s->reply);
}

/* ---- decisions ------------------------------------------------------ */

int
tunnel_socks_challenge(struct tunnel_socks *s)
{
	static const uint8_t log_in[] = { TNL_SOCKS_VERSION, TNL_SOCKS_LOG_IN };

	if (s->state != WHO || s->user != NULL || !s->offers_login)
		return TUNNEL_ESTATE;
	say(s, INVITED, log_in, sizeof log_in);
	return tunnel_socks_flags(s);
}

int
tunnel_socks_accept(struct tunnel_socks *s)
{
	static const uint8_t come_in[] = { TNL_SOCKS_VERSION, TNL_SOCKS_NONE };
	static const uint8_t welcome[] = { TNL_SOCKS_LOGIN_VERSION, 0 };

	if (s->state == TARGET)
		answer(s, AGREED, 0);
	else if (s->state != WHO)
		return TUNNEL_ESTATE;
	else if (s->user != NULL)
		say(s, ADMITTED, welcome, sizeof welcome);
	else if (s->offers_none)
		say(s, ADMITTED, come_in, sizeof come_in);
	else
		return tunnel_socks_challenge(s);
	return tunnel_socks_flags(s);
}

int
tunnel_socks_fail(struct tunnel_socks *s, int error)
{
	static const uint8_t no_method[] = { TNL_SOCKS_VERSION, 0xff };
	static const uint8_t wrong[] = { TNL_SOCKS_LOGIN_VERSION, 1 };
	int f = tunnel_socks_flags(s);

	if (f != TUNNEL_IN && f != TUNNEL_ASK)
		return TUNNEL_ESTATE;
	if (tunnel_error_blame(error) == 0)
		return TUNNEL_EINVAL;
	s->fault = error;
	if (s->state == REQUEST || s->state == TARGET)
		answer(s, REFUSED, tunnel_error_socks(error));
	else if (s->state == LOGIN || s->user != NULL)
		say(s, REFUSED, wrong, sizeof wrong);
	else
		say(s, REFUSED, no_method, sizeof no_method);
	return tunnel_socks_flags(s);
}

/* ---- messages ------------------------------------------------------- */

/* Whoever speaks something else is told so in his own words, as far as these
 * are known. */
static void
greet_stranger(struct tunnel_socks *s)
{
	/* SOCKS4: request rejected or failed. */
	static const uint8_t four[] = { 0, 91, 0, 0, 0, 0, 0, 0 };
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n"
	    "Content-Type: text/plain\r\nContent-Length: 34\r\n"
	    "Connection: close\r\n\r\nthis port speaks SOCKS5, not HTTP\n";

	s->fault = TUNNEL_ENOTSOCKS;
	if (s->in[0] == 4)
		say(s, REFUSED, four, sizeof four);
	else if (tnl_is(s->in[0], TNL_ALPHA))
		say(s, REFUSED, http, sizeof http - 1);
	else
		go(s, ENDED);
}

static void
greeting(struct tunnel_socks *s)
{
	if (s->in[0] != TNL_SOCKS_VERSION) {
		greet_stranger(s);
		return;
	}
	s->offers_none = tnl_socks_offers(s->in, TNL_SOCKS_NONE);
	s->offers_login = tnl_socks_offers(s->in, TNL_SOCKS_LOG_IN);
	if (s->offers_none || s->offers_login)
		go(s, WHO);
	else
		(void)tunnel_socks_fail(s, TUNNEL_EAUTH);
}

static void
login(struct tunnel_socks *s)
{
	if (s->in[0] != TNL_SOCKS_LOGIN_VERSION)
		(void)tunnel_socks_fail(s, TUNNEL_ENOTSOCKS);
	else if (tnl_socks_split(s->in, &s->user, &s->password) < 0)
		(void)tunnel_socks_fail(s, TUNNEL_EAUTH);
	else
		go(s, WHO);
}

static void
request(struct tunnel_socks *s)
{
	int rv = TUNNEL_ENOTSOCKS;

	if (s->in[0] == TNL_SOCKS_VERSION)
		rv = tnl_socks_target(s->in, s->n, s->host, &s->port);
	if (rv < 0)
		(void)tunnel_socks_fail(s, rv);
	else
		go(s, TARGET);
}

static size_t
size(const struct tunnel_socks *s)
{
	return tnl_socks_size(s->state == GREETING ? TNL_SOCKS_GREETING :
	    s->state == LOGIN ? TNL_SOCKS_LOGIN : TNL_SOCKS_REQUEST, s->in,
	    s->n);
}

int
tunnel_socks_feed(struct tunnel_socks *s, const void *in, size_t n,
    size_t *used)
{
	size_t more;

	for (*used = 0; *used < n && tunnel_socks_flags(s) == TUNNEL_IN;
	    *used += more) {
		more = size(s) - s->n;
		if (more > n - *used)
			more = n - *used;
		assert(more > 0 && more <= sizeof s->in - 1 - s->n);
		memcpy(s->in + s->n, (const uint8_t *)in + *used, more);
		s->n += more;
		if (size(s) > s->n)
			continue;
		if (s->state == GREETING)
			greeting(s);
		else if (s->state == LOGIN)
			login(s);
		else
			request(s);
	}
	return tunnel_socks_flags(s);
}

int
tunnel_socks_eof(struct tunnel_socks *s)
{
	if (s->state < TARGET) {
		go(s, FAILED);
		s->fault = TUNNEL_EEOF;
	}
	return tunnel_socks_flags(s);
}

/* ---- replies -------------------------------------------------------- */

const void *
tunnel_socks_peek(const struct tunnel_socks *s, size_t *n)
{
	*n = s->left;
	return s->left > 0 ? s->out : NULL;
}

/* All that there was to say has left: in these states, and in no other, there
 * was something. */
static void
sent(struct tunnel_socks *s)
{
	if (s->state == INVITED)
		go(s, LOGIN);
	else if (s->state == ADMITTED)
		go(s, REQUEST);
	else if (s->state == AGREED)
		go(s, OPEN);
	else
		go(s, ENDED);
}

int
tunnel_socks_skip(struct tunnel_socks *s, size_t n)
{
	if (n > s->left)
		return TUNNEL_EINVAL;
	s->out += n;
	s->left -= n;
	if (n > 0 && s->left == 0)
		sent(s);
	return tunnel_socks_flags(s);
}

int
tunnel_socks_drain(struct tunnel_socks *s, void *out, size_t cap,
    size_t *got)
{
	*got = cap < s->left ? cap : s->left;
	if (*got > 0)
		memcpy(out, s->out, *got);
	return tunnel_socks_skip(s, *got);
}

/* ---- looking -------------------------------------------------------- */

const char *
tunnel_socks_user(const struct tunnel_socks *s)
{
	return s->user;
}

const char *
tunnel_socks_password(const struct tunnel_socks *s)
{
	return s->password;
}

const char *
tunnel_socks_host(const struct tunnel_socks *s)
{
	return s->port != 0 ? s->host : NULL;
}

unsigned
tunnel_socks_port(const struct tunnel_socks *s)
{
	return s->port;
}

int
tunnel_socks_fault(const struct tunnel_socks *s)
{
	return s->fault;
}
