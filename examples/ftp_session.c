/* ftp_session.c - a conversation with an FTP server, over sockets
 *
 * A talk knows what to say; this says it by the control connection, has the
 * data connection opened, and keeps time.  Whatever waits for the server has a
 * deadline; what waits for our own client has its own elsewhere.
 *
 * Data goes to the address that the control connection has reached, and only
 * there (RFC 2577, section 3): names are judged once, and no reply can point
 * elsewhere.
 */
#include "ftp_session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ftp_data.h"

enum { ADDRESS_MAX = 80 };

struct ftp_session {
	struct ftp_world world;
	tunnel_call_fn moved;
	void *ud;
	struct ftp_talk talk;
	struct ftp_reply reply;
	struct ftp_data data;
	struct tunnel_dial *dial;
	int fd;
	struct tunnel_fd *stream;
	struct tunnel_watch *watch;
	struct tunnel_timer *timer;
	char address[ADDRESS_MAX];
	uint64_t since;         /* the server's turn began, or it did a thing */
	uint64_t bytes;         /* that had passed then */
	size_t sent;            /* of the command */
	int wants;
	int finished;           /* we have sent all */
	int later;              /* moved is to be called */
	int error;
	size_t at, n;
	char in[512];
};

static void
fail(struct ftp_session *s, int error)
{
	if (s->error == 0)
		s->error = error;
}

/* ---- time ----------------------------------------------------------- */

/* Is it the server's turn? */
static int
awaits(const struct ftp_session *s)
{
	int flags = ftp_talk_flags(&s->talk);

	if (s->error != 0 || flags & (FTP_FOUND | FTP_DIAL | FTP_DONE))
		return 0;
	if (!(flags & FTP_FLOW))
		return 1;
	return s->data.wants != 0 || s->finished || s->data.error != 0 ||
	    (s->data.ended && !(flags & FTP_SURE));
}

static void
arm(struct ftp_session *s)
{
	uint64_t now = tunnel_loop_now(s->world.loop);

	if (s->data.bytes != s->bytes) {
		s->bytes = s->data.bytes;
		s->since = now;
	}
	(void)tunnel_timer_set(s->timer, s->later ? 0 :
	    awaits(s) && s->world.wait_ms > 0 ?
	    s->since + s->world.wait_ms : UINT64_MAX);
}

/* The server's turn begins. */
static void
mark(struct ftp_session *s)
{
	s->since = tunnel_loop_now(s->world.loop);
}

static void
on_timer(void *ud)
{
	struct ftp_session *s = ud;

	if (!s->later)
		fail(s, TUNNEL_ETIMEOUT);
	s->later = 0;
	arm(s);
	s->moved(s->ud);
}

/* ---- the control connection ----------------------------------------- */

/* What a call of the stream has to say; 1: it can go on. */
static int
heed(struct ftp_session *s, int rv)
{
	if (rv < 0)
		fail(s, rv);
	else if (rv & TUNNEL_DONE)
		fail(s, TUNNEL_EEOF);
	s->wants |= rv > 0 ? rv & (TUNNEL_IN | TUNNEL_OUT) : 0;
	return rv == 0;
}

/* 1 when there is nothing left to be said. */
static int
speak(struct ftp_session *s)
{
	const char *p = s->talk.command;
	size_t n = strlen(p), put;
	int more = 1;

	if (n == 0)
		return 1;
	while (s->sent < n && more) {
		put = 0;
		more = heed(s, tunnel_fd_io()->write(s->stream, p + s->sent,
		    n - s->sent, &put));
		s->sent += put;
	}
	if (s->sent < n)
		return 0;
	s->sent = 0;
	ftp_talk_said(&s->talk);
	mark(s);
	return 1;
}

/* 1 when reply is one. */
static int
hear(struct ftp_session *s)
{
	size_t got, used;
	int rv = 0, more = 1;

	for (;;) {
		rv = ftp_reply_feed(&s->reply, s->in + s->at, s->n - s->at,
		    &used);
		s->at += used;
		if (rv < 0)
			ftp_talk_garbled(&s->talk);
		if (rv != 0 || !more)
			return rv > 0;
		got = 0;
		more = heed(s, tunnel_fd_io()->read(s->stream, s->in,
		    sizeof s->in, &got));
		s->at = 0;
		s->n = got;
	}
}

/* As far as it goes; nobody is told. */
static void
converse(struct ftp_session *s)
{
	int before, rv = 0;

	s->wants = 0;
	while (s->stream != NULL && s->error == 0 && speak(s) &&
	    ftp_talk_awaits(&s->talk) && hear(s)) {
		before = ftp_talk_flags(&s->talk);
		rv = ftp_talk_reply(&s->talk, &s->reply);
		ftp_reply_begin(&s->reply);
		if (rv != before)
			mark(s);
		if (rv & FTP_DIAL) {
			ftp_data_close(&s->data, 0);
			rv = ftp_data_dial(&s->data, s->address,
			    s->talk.port, s->world.dial_ms);
			if (rv < 0)
				fail(s, rv);
		}
	}
	if (s->watch != NULL)
		(void)tunnel_watch_wants(s->watch, s->wants);
	arm(s);
}

static void
on_ready(void *ud, int ready)
{
	struct ftp_session *s = ud;

	(void)ready;
	converse(s);
	s->moved(s->ud);
}

static void
on_data(void *ud)
{
	struct ftp_session *s = ud;

	if (s->data.connected)
		(void)ftp_talk_connected(&s->talk);
	else if (s->data.error != 0)
		fail(s, s->data.error);
	/* Of a reply the control connection's own watch tells. */
	if (!(ftp_talk_flags(&s->talk) & FTP_FLOW))
		converse(s);
	s->moved(s->ud);
}

/* ---- birth and death ------------------------------------------------ */

/* "192.0.2.1:21" or "[2001:db8::1]:21" without what is not the address. */
static void
keep_address(struct ftp_session *s, const char *peer)
{
	const char *end = strrchr(peer, ':');
	size_t n = end != NULL ? (size_t)(end - peer) : 0;

	if (n >= 2 && *peer == '[') {
		peer++;
		n -= 2;
	}
	if (n < sizeof s->address) {
		memcpy(s->address, peer, n);
		s->address[n] = '\0';
	}
}

static void
dialled(void *ud, struct tunnel_dial *dial, int result, int fd)
{
	struct ftp_session *s = ud;

	s->fd = fd;
	if (result == 0) {
		keep_address(s, tunnel_dial_peer(dial));
		s->stream = tunnel_fd_new(NULL, fd, fd);
		s->watch = tunnel_watch_new(s->world.loop, fd, on_ready, s);
		if (s->stream == NULL || s->watch == NULL)
			result = TUNNEL_ENOMEM;
	}
	if (result < 0)
		fail(s, result);
	mark(s);
	converse(s);
	s->moved(s->ud);
}

static int
judge(void *ud, const char *host, const void *addr, size_t n, unsigned port)
{
	const struct ftp_session *s = ud;

	return tunnel_policy_judge(s->world.policy, host, addr, n, port);
}

struct ftp_session *
ftp_session_new(const struct ftp_world *w, tunnel_call_fn moved, void *ud)
{
	struct ftp_session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->world = *w;
	s->moved = moved;
	s->ud = ud;
	s->fd = -1;
	ftp_data_begin(&s->data, w->loop, on_data, s);
	s->timer = tunnel_timer_new(w->loop, on_timer, s);
	s->dial = tunnel_dial_new(NULL, w->loop, w->resolver);
	if (s->timer == NULL || s->dial == NULL) {
		ftp_session_free(s);
		return NULL;
	}
	return s;
}

int
ftp_session_start(struct ftp_session *s, const char *host, unsigned port)
{
	ftp_talk_start(&s->talk);
	(void)tunnel_dial_timeout(s->dial, s->world.dial_ms);
	if (s->world.policy != NULL)
		(void)tunnel_dial_judge(s->dial, judge, s);
	return tunnel_dial_start(s->dial, host, port, dialled, s);
}

/* What was being sent did not come to its end, and its server is to know. */
void
ftp_session_free(struct ftp_session *s)
{
	static const char quit[] = "QUIT\r\n";
	int flags;
	size_t put;

	if (s == NULL)
		return;
	flags = ftp_talk_flags(&s->talk);
	ftp_data_close(&s->data, s->talk.verb == FTP_PUT && !s->finished);
	if (s->stream != NULL && s->error == 0 &&
	    (flags & (FTP_SURE | FTP_DONE | FTP_FOUND)))
		(void)tunnel_fd_io()->write(s->stream, quit, sizeof quit - 1,
		    &put);
	tunnel_watch_free(s->watch);
	tunnel_fd_free(s->stream);
	tunnel_timer_free(s->timer);
	tunnel_dial_free(s->dial);
	if (s->fd >= 0)
		(void)close(s->fd);
	ftp_talk_said(&s->talk);
	free(s);
}

/* ---- what is asked of it -------------------------------------------- */

struct ftp_talk *
ftp_session_talk(struct ftp_session *s)
{
	return &s->talk;
}

int
ftp_session_flags(const struct ftp_session *s)
{
	return ftp_talk_flags(&s->talk);
}

int
ftp_session_error(const struct ftp_session *s)
{
	int flags = ftp_talk_flags(&s->talk);

	/* It may yet say why it took no more, or that another connection is to
	 * be used. */
	if (s->error == 0 && flags & FTP_FLOW &&
	    (s->talk.verb != FTP_PUT || flags & FTP_SURE))
		return s->data.error;
	return s->error;
}

void
ftp_session_fetch(struct ftp_session *s, long long from)
{
	(void)ftp_talk_fetch(&s->talk, from);
	converse(s);
}

const char *
ftp_session_peek(struct ftp_session *s, size_t *n)
{
	const char *p = ftp_data_peek(&s->data, n);

	arm(s);
	return p;
}

void
ftp_session_skip(struct ftp_session *s, size_t n)
{
	ftp_data_skip(&s->data, n);
}

void
ftp_session_later(struct ftp_session *s)
{
	s->later = 1;
	arm(s);
}

int
ftp_session_ended(const struct ftp_session *s)
{
	return s->data.ended && (ftp_talk_flags(&s->talk) & FTP_SURE) != 0;
}

size_t
ftp_session_put(struct ftp_session *s, const void *in, size_t n)
{
	size_t put = ftp_data_put(&s->data, in, n);

	arm(s);
	return put;
}

void
ftp_session_finish(struct ftp_session *s)
{
	ftp_data_shut(&s->data);
	s->finished = 1;
	mark(s);
	arm(s);
}
